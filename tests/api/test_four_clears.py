"""The four clears in the API: one answer for an area and a moment, and the names behind its figures."""

import pytest

from sizao.records.models import Contact
from sizao.terms import ContactKind, ContactState, Role
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "outbreaks/hebei/four-clears"


@pytest.fixture
def contact(within):
    return Contact.objects.create(
        outbreak=within, person=factories.person(name="王小明"), kind=ContactKind.CLOSE, state=ContactState.FOUND,
        area_code=factories.VILLAGE, found_at=factories.NOW, source="test", source_key="c",
    )  # fmt: skip


class TestTheAnswer:
    def test_puts_everybody_in_a_cell_and_leaves_nobody_unexplained(self, contact, machine):
        answer = machine(Role.SUPERVISOR).get(ADDRESS).json()
        assert (answer["people"], answer["unexplained"]) == (1, 0)
        assert answer["cells"] == [{"concern": "close", "place": "unknown", "control": "none", "people": 1}]
        close = next(one for one in answer["groups"] if one["concern"] == "close")
        assert (close["rows"], close["people"], close["not_counted"]) == (1, 1, [])
        assert {one["unclear"]: one["people"] for one in answer["unclear"]}["no_place"] == 1

    def test_is_of_the_moment_asked_for(self, contact, machine):
        assert machine(Role.SUPERVISOR).get(ADDRESS, day="2021-01-09").json()["people"] == 0

    def test_is_not_of_another_area(self, contact, machine):
        assert machine(Role.SUPERVISOR).get(ADDRESS, area="1302").status_code == 404


class TestTheNames:
    def test_are_given_to_who_may_and_paged(self, contact, machine):
        commander = machine(Role.COMMANDER)
        (one,) = commander.get(f"{ADDRESS}/people", unclear="no_place").json()
        assert (one["number"], one["name"], one["masked"]) == (contact.person.number, "王小明", False)
        assert commander.get(f"{ADDRESS}/people", behind=one["id"]).json() == []
        assert commander.get(f"{ADDRESS}/people", place="home").json() == []

    def test_are_not_given_to_who_only_looks_on(self, contact, machine):
        assert machine(Role.SUPERVISOR).get(f"{ADDRESS}/people").status_code == 403
