"""The journal: every change and reading, for supervisors, without names."""

import pytest

from sizao.records import journal
from sizao.terms import Role
from tests.web.conftest import MORNING, at
from tests.web.test_people import known_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(outbreak, noise):
    case = known_case(outbreak, name="王小明")
    journal.write("case.opened", case, by=None, at=MORNING, protocol="edition-7")
    journal.write("case.elsewhere", noise, by=None, at=MORNING)


class TestTheJournal:
    def test_shows_what_was_done_in_the_outbreak(self, written, client_of):
        page = client_of(Role.SUPERVISOR).get(at("/journal/")).content.decode()
        assert "case.opened" in page
        assert "edition-7" in page
        assert "case.elsewhere" not in page
        assert "王小明" not in page

    def test_shows_each_reading_of_a_person(self, written, client_of):
        client_of().get(at("/people/HB-1/"))
        assert "person.read" in client_of(Role.SUPERVISOR).get(at("/journal/", part="other")).content.decode()

    def test_is_narrowed_by_verb(self, written, client_of):
        page = client_of(Role.SUPERVISOR).get(at("/journal/", verb="order.")).content.decode()
        assert "case.opened" not in page

    def test_is_not_for_every_role(self, written, client_of):
        assert client_of(Role.DUTY_OFFICER).get(at("/journal/")).status_code == 403
