"""The four clears on the screen: figures for who looks on, names for who may, masks for others."""

import pytest

from sizao.records.models import Event
from sizao.terms import Role
from tests import factories
from tests.web.conftest import DAY, MORNING, at
from tests.web.test_people import known_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(outbreak):
    found = known_contact(outbreak)
    found.person.name = "王小明"
    found.person.name_index = "x"
    found.person.save()
    return found


class TestTheFigures:
    def test_lead_to_the_people_of_a_cell(self, contact, client_of):
        commander = client_of(Role.COMMANDER)
        page = commander.get(at("/four-clears/"))
        assert page.context["found"].people == 1
        assert page.context["found"].unexplained == 0
        address = "/four-clears/people/"
        assert f"{address}?outbreak=here&amp;day={DAY}&amp;area=13&amp;place=unknown&amp;control=none" in (
            page.content.decode()
        )
        named = commander.get(at(address, area="13", place="unknown", control="none"))
        assert [one.number for one in named.context["people"]] == [contact.person.number]
        assert "王小明" in named.content.decode()

    def test_lead_down_area_by_area(self, contact, client_of):
        page = client_of(Role.COMMANDER).get(at("/four-clears/", area="130109"))
        assert page.context["found"].people == 1
        assert page.context["wider"] == "1301"

    def test_are_for_who_looks_on_and_names_are_not(self, contact, client_of):
        factories.case(within=contact.outbreak, opened_at=MORNING)
        supervisor = client_of(Role.SUPERVISOR)
        page = supervisor.get(at("/four-clears/"))
        assert page.status_code == 200
        assert "/four-clears/people/?" not in page.content.decode()
        assert "not investigated" in page.content.decode()
        assert "lack=investigation" not in page.content.decode()  # it would refuse them
        assert supervisor.get(at("/four-clears/people/")).status_code == 403
        assert supervisor.get(at("/four-clears/export/")).status_code == 403

    def test_are_not_given_for_another_jurisdiction(self, contact, client_of):
        assert client_of(Role.COMMANDER, "130102").get(at("/four-clears/", area="130109")).status_code == 404

    def test_refuse_what_they_do_not_count(self, contact, client_of):
        answer = client_of(Role.COMMANDER).get(at("/four-clears/people/", place="moon"))
        assert answer.status_code == 400
        assert "moon" in answer.content.decode()

    def test_are_taken_away_with_a_line_in_the_journal(self, contact, client_of):
        answer = client_of(Role.DUTY_OFFICER).get(at("/four-clears/export/", concern="close"))
        assert b"".join(answer.streaming_content).startswith(b"PK")
        assert Event.objects.get(verb="people.exported").facts["rows"] == 1
