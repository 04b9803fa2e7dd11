"""Whom a trace found, by where they live: shown to who asked, found by who lives there, taken away with a mark."""

import io
import zipfile
from datetime import timedelta

import pytest

from sizao.records.models import Event, Person
from sizao.terms import Role
from tests import factories
from tests.web import tracing
from tests.web.conftest import DAY, MORNING, at
from tests.web.tracing import COUNTY, ELSEWHERE, FAR, VENUE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_folder_of_its_own(settings, tmp_path):
    settings.PRESENCES_DIR = tmp_path


@pytest.fixture
def trace(outbreak):
    """Found: two people of the case's county, one of another, one of another province, two tokens."""
    for code, name in ((ELSEWHERE, "南宫市"), (FAR, "东城区")):
        factories.area(code, name)
    tracing.places()
    case = tracing.case(outbreak)
    homes = {"P-A": tracing.COUNTY, "P-B": "130109110212", "P-C": ELSEWHERE, "P-D": FAR}
    names = {"P-A": "王小明", "P-B": "李四", "P-C": "欧阳无双", "P-D": "赵钱孙"}
    for number, home in homes.items():
        factories.person(number=number, name=names[number], area_code=home, registered_at=MORNING, phone="13000000000")
    there = ["P-CASE", *homes, "T-1", "T-2"]
    rows = [(one, VENUE, tracing.at(18), tracing.at(20)) for one in there]
    tracing.present(outbreak, rows, key="first", now=MORNING)
    return tracing.asked(case)


def text_of(answer):
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


class TestLists:
    def test_sort_people_by_county_others_provinces_apart(self, trace, client_of):
        shown = client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/lists/")).content.decode()
        assert "<b>6</b> people: in 2 counties of this province and 1 of others." in shown
        assert "Nobody knows where 2 of them live." in shown
        assert shown.index("In this province") < shown.index("藁城区") < shown.index("In other provinces")
        assert shown.index("In other provinces") < shown.index("东城区") < shown.index("Home not known")

    def test_say_what_was_known_on_the_chosen_day(self, trace, client_of):
        answer = client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/lists/", DAY - timedelta(days=1)))
        assert answer.status_code == 404

    def test_hold_nobody_by_name_whom_the_register_learnt_later(self, trace, client_of):
        late = factories.person(number="P-LATE", area_code=ELSEWHERE, registered_at=MORNING + timedelta(days=2))
        trace.matches.filter(token=trace.matches.filter(person=None).first().token).update(
            person=late, area_code=ELSEWHERE
        )
        officer = client_of(Role.DATA_OFFICER)
        then = officer.get(at(f"/traces/{trace.pk}/lists/")).context["read"]
        later = officer.get(at(f"/traces/{trace.pk}/lists/", DAY + timedelta(days=2))).context["read"]
        told = [{one.area_code: one.people for one in read.inside} for read in (then, later)]
        assert (told[0][ELSEWHERE], told[1][ELSEWHERE]) == (1, 2)
        assert (then.nowhere.people, later.nowhere.people) == (2, 1)
        assert "The register knows 4; 2 are a token only" in officer.get(at(f"/traces/{trace.pk}/")).content.decode()
        unknown = text_of(officer.get(at(f"/traces/{trace.pk}/lists/export/", area="unknown")))
        assert "P-LATE" not in unknown

    def test_are_not_there_for_another_county(self, trace, client_of):
        stranger = client_of(Role.DATA_OFFICER, ELSEWHERE)
        assert stranger.get(at(f"/traces/{trace.pk}/lists/")).status_code == 404
        assert stranger.get(at(f"/traces/{trace.pk}/lists/export/", area=ELSEWHERE)).status_code == 404


class TestExport:
    def test_gives_one_county_with_a_mark_on_each_row_and_a_line_in_the_journal(self, trace, client_of):
        officer = client_of(Role.DATA_OFFICER)
        told = text_of(officer.get(at(f"/traces/{trace.pk}/lists/export/", area=COUNTY)))
        assert "王小明" in told
        assert "李四" in told
        assert "欧阳无双" not in told
        line = Event.objects.get(verb="trace.exported")
        held = {"rows": 2, "people": 2, "named": 2, "masked": 0, "tokens": 0}
        assert line.facts == {"number": trace.number, "area": COUNTY, "as_of": line.facts["as_of"]} | held
        taken = Event.objects.filter(verb="person.read", facts__right="person.export")
        assert {one.person_id for one in taken} == set(
            Person.objects.filter(number__in=["P-A", "P-B"]).values_list("pk", flat=True)
        )
        assert told.count(f"{line.actor} · ") >= 1
        assert tracing.REASON in told

    def test_masks_people_outside_the_reader_s_jurisdiction(self, trace, client_of):
        told = text_of(
            client_of(Role.DATA_OFFICER, COUNTY).get(at(f"/traces/{trace.pk}/lists/export/", area=ELSEWHERE))
        )
        assert "欧***" in told
        assert "欧阳无双" not in told
        assert "13000000000" not in told
        assert "masked" in told
        line = Event.objects.get(verb="trace.exported")
        assert (line.facts["named"], line.facts["masked"]) == (0, 1)
        assert not Event.objects.filter(verb="person.read").exists()

    def test_gives_tokens_whose_home_nobody_knows_apart(self, trace, client_of):
        told = text_of(client_of(Role.DATA_OFFICER).get(at(f"/traces/{trace.pk}/lists/export/", area="unknown")))
        tokens = set(trace.matches.filter(person=None).values_list("token", flat=True))
        assert len(tokens) == 2
        assert all(token in told for token in tokens)
        assert "P-A" not in told

    def test_refuses_a_list_that_is_none(self, trace, client_of):
        officer = client_of(Role.DATA_OFFICER)
        for area in ("", "13", "440106", "x"):
            assert officer.get(at(f"/traces/{trace.pk}/lists/export/", area=area)).status_code == 400

    def test_is_for_who_may_take_people_away(self, trace, client_of):
        answer = client_of(Role.INVESTIGATOR).get(at(f"/traces/{trace.pk}/lists/export/", area=COUNTY))
        assert answer.status_code == 403


class TestFoundForMyArea:
    def test_shows_a_county_its_own_people_and_not_the_case(self, trace, client_of):
        officer = client_of(Role.DATA_OFFICER, ELSEWHERE)
        shown = officer.get(at("/traces/here/")).content.decode()
        assert "欧阳无双" in shown
        assert "王" not in shown
        assert "HB-1" not in shown
        assert "喜宴厅" not in shown
        assert "Found for my area 1" in officer.get(at("/traces/")).content.decode()

    def test_holds_nobody_whom_one_s_own_traces_found(self, trace, client_of):
        assert "P-A" not in client_of(Role.DATA_OFFICER, COUNTY).get(at("/traces/here/")).content.decode()

    def test_holds_nobody_before_the_trace_was_asked(self, trace, client_of):
        before = at("/traces/here/", DAY - timedelta(days=1))
        assert "P-C" not in client_of(Role.DATA_OFFICER, ELSEWHERE).get(before).content.decode()

    def test_is_for_who_may_ask(self, trace, client_of):
        assert client_of(Role.AREA_OFFICER, ELSEWHERE).get(at("/traces/here/")).status_code == 403
