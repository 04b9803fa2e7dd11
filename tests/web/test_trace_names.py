"""Who the people of a trace are: uploaded, refused cell by cell, or taken in; and what residents are told."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sizao.records.models import Event, Person
from sizao.terms import Role
from tests import factories
from tests.web import tracing
from tests.web.conftest import MORNING, at
from tests.web.tracing import COUNTY, ELSEWHERE, VENUE

pytestmark = pytest.mark.django_db
PHONE, OTHER_PHONE = "13000000001", "13000000002"


@pytest.fixture(autouse=True)
def a_folder_of_its_own(settings, tmp_path):
    settings.PRESENCES_DIR = tmp_path


@pytest.fixture
def trace(outbreak):
    """Somebody of whom only a telephone was told, at the banquet with the case."""
    factories.area(ELSEWHERE, "南宫市")
    tracing.places()
    case = tracing.case(outbreak)
    rows = [("P-CASE", VENUE, tracing.at(18), tracing.at(20))]
    tracing.present(outbreak, rows, key="case", now=MORNING)
    tracing.present(
        outbreak, [(PHONE, VENUE, tracing.at(18), tracing.at(19))], key="phone", now=MORNING, known_by="phone"
    )
    return tracing.asked(case)


def upload(somebody, trace, text):
    file = SimpleUploadedFile("who.csv", text.encode())
    return somebody.post(at(f"/traces/{trace.pk}/names/"), {"people": file}, follow=True).content.decode()


class TestNames:
    def test_are_taken_in_and_the_match_is_somebody(self, trace, client_of):
        officer = client_of(Role.DATA_OFFICER)
        shown = upload(officer, trace, f"姓名,手机号,居住地代码\n王小明,{PHONE},{COUNTY}\n")
        assert "1 person was named. 1 is new in the register." in shown
        assert "王小明" in shown
        assert trace.matches.get().person == Person.objects.get(name_index__isnull=False, area_code=COUNTY)

    def test_are_refused_cell_by_cell_and_nothing_is_kept(self, trace, client_of):
        before = Person.objects.count()
        text = f"姓名,手机号,居住地代码\n王小明,{PHONE},{COUNTY}\n\n,{OTHER_PHONE},999999\n"
        shown = upload(client_of(Role.DATA_OFFICER), trace, text)
        assert "To be corrected" in shown
        assert '<td class="number" data-label="Line">4</td>' in shown
        assert "999999" in shown
        assert "the code of the county, township or village" in shown
        assert Person.objects.count() == before
        assert trace.matches.get().person is None

    def test_of_people_whom_the_trace_did_not_find_are_skipped_and_counted(self, trace, client_of):
        text = f"姓名,手机号,居住地代码\n李四,{OTHER_PHONE},{COUNTY}\n王小明,{PHONE},{COUNTY}\n"
        shown = upload(client_of(Role.DATA_OFFICER), trace, text)
        assert "1 person was named." in shown
        assert "1 row is about nobody whom this trace found and was skipped" in shown
        assert "Line: 2." in shown
        assert Person.objects.filter(phone_index__isnull=False).count() == 1

    @pytest.mark.parametrize(("text", "said"), [("手机号\n1\n", "column name"), ("", "nothing in it")])
    def test_of_a_file_that_is_none_are_refused_in_one_sentence(self, trace, client_of, text, said):
        assert said in upload(client_of(Role.DATA_OFFICER), trace, text)

    def test_need_a_file_and_the_trace_of_one_s_own(self, trace, client_of):
        officer = client_of(Role.DATA_OFFICER)
        assert "No file was chosen" in officer.post(at(f"/traces/{trace.pk}/names/"), {}).content.decode()
        stranger = client_of(Role.DATA_OFFICER, ELSEWHERE)
        assert stranger.get(at(f"/traces/{trace.pk}/names/")).status_code == 404


class TestAccount:
    @pytest.fixture
    def neighbour(self, trace):
        somebody = factories.person(number="P-NEAR", name="王小明", registered_at=MORNING)
        rows = [("P-NEAR", VENUE, tracing.at(18), tracing.at(20))]
        tracing.present(trace.outbreak, rows, key="near", now=MORNING)
        trace.closed_at = MORNING
        trace.save()
        tracing.asked(trace.case)
        return somebody

    def test_tells_who_asked_why_and_what_came_of_it(self, neighbour, client_of):
        shown = client_of(Role.DUTY_OFFICER).get(at("/people/P-NEAR/access/")).content.decode()
        assert "<b>1</b> trace over presence records returned this person." in shown
        assert "T0002" in shown
        assert "Find contacts" in shown
        assert "HB-1" not in shown
        assert "How to object" in shown
        assert Event.objects.filter(verb="person.account_given", person_id=neighbour.pk).count() == 1

    def test_says_so_where_nobody_looked(self, neighbour, client_of):
        factories.person(number="P-ALONE")
        shown = client_of(Role.DUTY_OFFICER).get(at("/people/P-ALONE/access/")).content.decode()
        assert "No trace has returned this person." in shown

    def test_is_for_the_desk_and_its_area(self, neighbour, client_of):
        address = at("/people/P-NEAR/access/")
        assert client_of(Role.DATA_OFFICER).get(address).status_code == 403
        assert client_of(Role.DUTY_OFFICER, ELSEWHERE).get(address).status_code == 404
