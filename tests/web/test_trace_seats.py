"""Seats on the screen: asked by the form, told with their why, filtered by what they say; and the form that says it."""

import pyarrow as pa
import pytest

from sizao.records.models import Event, Trace
from sizao.response import tracing as stage
from sizao.terms import Role, TraceQuestion
from tests import factories
from tests.web import tracing
from tests.web.conftest import DAY, MORNING, at
from tests.web.tracing import COUNTY, ELSEWHERE, REASON, VENUE

pytestmark = pytest.mark.django_db
COACH = "冀A-12345 2021-01-08"
SEATS = {"P-CASE": 5, "P-NEAR": 7, "P-EDGE": 2, "P-FAR": 20, "P-NOBODY": None}


@pytest.fixture(autouse=True)
def a_folder_of_its_own(settings, tmp_path):
    settings.PRESENCES_DIR = tmp_path


@pytest.fixture
def case(outbreak):
    factories.area(ELSEWHERE, "南宫市")
    tracing.places()
    made = tracing.case(outbreak)
    for number in ("P-NEAR", "P-FAR"):
        factories.person(number=number, name="王小明", registered_at=MORNING)
    n = len(SEATS)
    rows = pa.table(
        {
            "number": list(SEATS), "place": [COACH] * n, "start": [tracing.at(8, 1)] * n, "end": [tracing.at(9, 1)] * n,
            "vehicle_kind": ["coach_aired"] * n, "carriage": ["1"] * n, "row": pa.array(SEATS.values(), pa.int64()),
        }
    )  # fmt: skip
    stage.receive(outbreak=outbreak, source="客运", source_key="one", rows=rows, by=None, now=MORNING)
    return made


def read(answer):
    assert answer.status_code == 200, answer.content.decode()[-600:]
    return answer.content.decode()


def ask(somebody, **facts):
    given = {"question": "seats", "case": "HB-1", "reason": REASON, "purpose": "find_contacts"} | facts
    return read(somebody.post(at("/traces/ask/"), given, follow=True))


class TestAnswer:
    def test_counts_by_seat_and_says_why(self, case, client_of):
        shown = ask(client_of(Role.DATA_OFFICER))
        assert "<b>4</b> people shared a vehicle with HB-1" in shown
        assert "Within the seats of the rule <b>2</b>" in shown
        assert "Row 7, 2 rows behind the case." in shown
        assert "Row 2, 3 rows before the case." in shown
        assert "Aired coach: the same row, 3 rows before and 3 behind, and crew there" in shown

    def test_shows_first_who_sat_near_and_others_on_demand(self, case, client_of):
        somebody = client_of(Role.DATA_OFFICER)
        assert "P-FAR" not in ask(somebody)
        trace = Trace.objects.get()
        apart = read(somebody.get(at(f"/traces/{trace.pk}/", layer="vehicle", seating="apart")))
        assert "Row 20, 15 rows behind the case. The rule does not reach so far." in apart
        assert "P-NEAR" not in apart
        unknown = read(somebody.get(at(f"/traces/{trace.pk}/", layer="vehicle", seating="unknown")))
        assert "Too little is told to decide." in unknown
        everybody = read(somebody.get(at(f"/traces/{trace.pk}/", layer="vehicle", seating="all")))
        assert everybody.count('class="seat"') == 4
        assert somebody.get(at(f"/traces/{trace.pk}/", layer="vehicle", seating="lap")).status_code == 400

    def test_explains_one_line_by_its_ride(self, case, client_of):
        somebody = client_of(Role.DATA_OFFICER)
        ask(somebody)
        match = Trace.objects.get().matches.get(person__number="P-NEAR")
        shown = read(somebody.get(at(f"/traces/{match.trace_id}/matches/{match.pk}/")))
        assert COACH in shown
        assert "Row 7, 2 rows behind the case." in shown

    def test_of_one_vehicle_is_another_question(self, case, client_of):
        assert "<b>0</b> people shared a vehicle" in ask(client_of(Role.DATA_OFFICER), vehicle="G1")


class TestForm:
    def test_says_what_is_asked_before_it_is(self, case, client_of):
        shown = read(client_of(Role.DATA_OFFICER).get(at("/traces/ask/", case="HB-1", question="seats")))
        assert "who was in a vehicle with <b>HB-1</b>" in shown
        assert "from <b>2021-01-06 00:00</b>" in shown
        assert "It stands until <b>2021-01-24</b>" in shown
        assert "what is known of <b>5</b> people (5 presences" in shown

    def test_gives_that_part_alone_and_asks_nothing(self, case, client_of):
        part = read(client_of(Role.DATA_OFFICER).get(at("/traces/ask/", case="HB-1", part="said")))
        assert "<html" not in part
        assert "who was with <b>HB-1</b> for at least 10 minutes" in part
        assert not Trace.objects.exists()
        assert not Event.objects.filter(verb__startswith="trace.").exists()

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"case": "HB-9"}, "There is no case HB-9"),
            ({"case": "HB-1", "question": "hotspots", "purpose": "find_source"}, "say nothing of where a case caught"),
            ({"case": "HB-1", "question": "who"}, "is no question of a trace"),
            ({}, "Name the case"),
        ],
    )
    def test_says_why_it_could_not_be_asked(self, case, client_of, given, said):
        assert said in read(client_of(Role.DATA_OFFICER).get(at("/traces/ask/", part="said", **given)))

    def test_says_nothing_of_a_case_elsewhere(self, case, client_of):
        shown = read(client_of(Role.DATA_OFFICER, ELSEWHERE).get(at("/traces/ask/", part="said", case="HB-1")))
        assert "There is no case HB-1 in your jurisdiction" in shown


class TestPast:
    def test_says_what_has_come_since(self, case, client_of):
        trace, somebody = tracing.asked(case, question=TraceQuestion.COMPANIONS), client_of(Role.DATA_OFFICER)
        assert "came after the chosen day" not in read(somebody.get(at(f"/traces/{trace.pk}/")))
        tomorrow = MORNING.replace(day=DAY.day + 1)
        rows = [(who, VENUE, tracing.at(18), tracing.at(19)) for who in ("P-CASE", "P-NEAR")]
        tracing.present(case.outbreak, rows, key="late", now=tomorrow)
        for path in (f"/traces/{trace.pk}/", f"/traces/{trace.pk}/matches/{trace.matches.first().pk}/"):
            assert "1 delivery (场所码) came after the chosen day" in read(somebody.get(at(path)))


class TestLists:
    def test_are_not_made_of_places(self, case, client_of):
        trace = tracing.asked(case, question=TraceQuestion.HOTSPOTS)
        answer = client_of(Role.DATA_OFFICER, COUNTY).get(at(f"/traces/{trace.pk}/lists/"))
        assert answer.status_code == 404
        assert "names places and only counts people" in answer.content.decode()
