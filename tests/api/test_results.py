"""Results for other systems: the latest of each person asked for, and what was released since a place in the feed."""

from datetime import timedelta

import pytest

from sizao.records.models import Event
from sizao.terms import OutbreakKind, Role
from tests.response.pools_world import LATER, NEGATIVE, Pools
from tests.response.testing_world import COUNTY, id_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return Pools(kind=OutbreakKind.REPLAY)


@pytest.fixture
def address(world):
    return f"outbreaks/{world.outbreak.slug}/results"


class TestResults:
    def test_are_told_in_the_order_asked_with_a_purpose(self, world, address, machine):
        world.release(NEGATIVE, world.pool(1, 2))
        world.positive_pool(4, 5)
        hospital = machine(Role.DUTY_OFFICER, COUNTY)
        asked = {"id_numbers": [id_number(4), id_number(1), "130109199901019999"], "purpose": "入院"}
        found = hospital.post(address, asked).json()["results"]
        assert [(one["known"], one["told"]) for one in found] == [
            (True, "come_back"), (True, "negative"), (False, None),
        ]  # fmt: skip
        assert (found[1]["round"], found[1]["single"], found[1]["later_swab_at"]) == ("R001", False, None)
        line = Event.objects.get(verb="results.told")
        assert (line.actor, line.facts["purpose"]) == (hospital.account.username, "入院")

    def test_are_for_who_may_tell_them(self, world, address, machine):
        asked = {"id_numbers": ["x"], "purpose": "x"}
        for role in (Role.LAB_REVIEWER, Role.SAMPLER, Role.GRID_WORKER, Role.INVESTIGATOR):
            assert machine(role, COUNTY).post(address, asked).status_code == 403
        narrow = machine(Role.DUTY_OFFICER, COUNTY, rights={"situation.read"})
        assert narrow.post(address, asked).status_code == 403

    @pytest.mark.parametrize(
        "asked",
        [{"id_numbers": [], "purpose": "x"}, {"id_numbers": ["x"]}, {"id_numbers": ["x"] * 501, "purpose": "x"}],
    )
    def test_are_asked_for_in_measure_and_for_something(self, world, address, machine, asked):
        assert machine(Role.DUTY_OFFICER, COUNTY).post(address, asked).status_code == 422

    def test_need_more_than_spaces_as_a_purpose(self, world, address, machine):
        asked = {"id_numbers": ["x"], "purpose": "  "}
        answer = machine(Role.DUTY_OFFICER, COUNTY).post(address, asked)
        assert (answer.status_code, answer.json()["code"]) == (422, "results.purpose.unreadable")


class TestReleased:
    def test_goes_on_from_a_place_in_the_feed(self, world, address, machine):
        first, second = world.pool(1, 2), world.pool(4)
        world.release(NEGATIVE, first)
        world.release(NEGATIVE, second, now=LATER + timedelta(hours=1))
        hospital = machine(Role.TESTING_COORDINATOR, COUNTY)
        page = hospital.get(f"{address}/released", size=1).json()
        assert [(one["tube"], one["result"], one["entries"]) for one in page["tubes"]] == [(first, "negative", [1, 2])]
        page = hospital.get(f"{address}/released", after=page["next"]).json()
        assert [one["tube"] for one in page["tubes"]] == [second]
        assert hospital.get(f"{address}/released", after=page["next"]).json() == {"tubes": [], "next": page["next"]}

    def test_says_which_places_there_are_not(self, world, address, machine):
        answer = machine(Role.DUTY_OFFICER, COUNTY).get(f"{address}/released", after="x")
        assert (answer.status_code, answer.json()["code"]) == (422, "results.cursor.unreadable")

    def test_is_for_who_may_tell_results(self, world, address, machine):
        assert machine(Role.LAB_REVIEWER, COUNTY).get(f"{address}/released").status_code == 403
