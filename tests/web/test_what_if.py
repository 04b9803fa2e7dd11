"""The pages of “What if”: the form with the situation of the day, the waiting, and the answer with what came."""

import io
import json
import re
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook

from sizao.cli.answer_question import BAND
from sizao.engines.simulation.comparing import BY_DAY, OUTCOMES
from sizao.records.models import Area, CaseChange, Event, WhatIf
from sizao.response.reports import what_if
from sizao.terms import CaseStatus, Role
from sizao.web import what_if_sentences
from tests import factories
from tests.web.conftest import MORNING, at

pytestmark = pytest.mark.django_db
LATE = date(2021, 1, 18)


class TestTheForm:
    def test_shows_the_situation_and_what_it_rests_on(self, client_of, growing):
        page = client_of(Role.COMMANDER).get(at("/what-ifs/ask/", LATE)).content.decode()
        assert "153 cases found so far" in page
        assert "Quarantine and its tests follow Edition 7" in page
        assert "藁城区 (40,000)" in page
        assert 'name="lever" value="rounds" checked' in page
        assert re.search(r'name="today-quarantine_days" value="14"', page)

    def test_asks_in_the_name_of_who_is_signed_in(self, client_of, growing):
        answer = post(
            client_of(Role.COMMANDER), lever=["rounds", "lift"], **{"own-name": "Ours", "own-trace_days": "3"}
        )
        made = WhatIf.objects.get()
        assert answer.status_code == 302
        assert answer["Location"].startswith(f"/what-ifs/{made.pk}/")
        assert [one["lever"] for one in made.policies] == ["today", "rounds", "lift", "own"]
        assert made.policies[-1]["values"] == {"trace_days": 3}
        assert made.policies[-1]["name"] == "Ours"
        assert made.date == LATE
        assert Event.objects.filter(verb="what_if.asked").count() == 1

    def test_takes_what_an_officer_knows_better(self, client_of, growing):
        facts = {"today-testing": "35", "today-traced_venue": "10", "today-beds": "120", "today-close_at": ""}
        post(client_of(Role.COMMANDER), lever=["lift"], **facts)
        today = WhatIf.objects.get().settings["today"]
        assert today["testing"] == 0.35
        assert today["traced"] == [1.0, 0.8, 0.8, 0.1, 0.3]
        assert today["beds"] == 120
        assert "close_at" not in today

    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            ({"today-trace_days": "many"}, "Write a whole number from 0 to 7"),
            ({"own-beds": "-3"}, "Write a whole number from 0 to 1000000"),
            ({"lever": ["fly"]}, "none of the measures that can be compared"),
            ({"lever": []}, "Choose two policies or more"),
            ({"variant": "omega"}, "none of the measures that can be compared"),
            ({"days": "400"}, "Write a whole number from 14 to 90"),
            ({"over_by": "2021-03-20"}, "is no day from 2021-01-19"),
            ({"over_by": "soon"}, "is no day from 2021-01-19"),
        ],
    )
    def test_says_what_cannot_be_read(self, client_of, growing, facts, said):
        page = post(client_of(Role.COMMANDER), **({"lever": ["lift"]} | facts))
        assert page.status_code == 200
        assert said in page.content.decode()
        assert not WhatIf.objects.exists()

    def test_refuses_an_area_without_cases(self, client_of, growing):
        answer = client_of(area_code="130581").get(at("/what-ifs/ask/", LATE))
        assert answer.status_code == 409
        assert "there is no situation to start from" in answer.content.decode()


class TestTheAnswer:
    def test_waits_and_tells_how_far_it_is(self, client_of, question):
        client = client_of()
        page = client.get(at(f"/what-ifs/{question.pk}/", LATE)).content.decode()
        assert "This is being worked out" in page
        assert f"/what-ifs/{question.pk}/progress/" in page
        what_if.take(by=None, now=MORNING)
        what_if.tell(question=question, done=7, by=None, now=MORNING)
        told = client.get(at(f"/what-ifs/{question.pk}/progress/", LATE)).json()
        assert told == {"state": "running", "said": "Being worked out", "done": 7, "runs": 20}

    def test_says_each_policy_in_a_sentence_and_in_a_row(self, client_of, answered):
        page = client_of().get(at(f"/what-ifs/{answered.pk}/", LATE)).content.decode()
        assert "With today&#x27;s measures nobody is infected after 2021-02-08 in 40 % of runs" in page
        assert "best does “Trace and keep contacts no more” with 90 %" in page
        assert "120 (60–240) infections not found yet or to come" in page
        assert "2.00 (1.50–3.00) times the infections of today&#x27;s measures" in page
        assert "Model results" in page
        assert "Vehicles, at most" in page
        assert "Without a bed" not in page
        drawn = json.loads(re.search(r'id="drawing" type="application/json">(.*?)</script>', page, re.DOTALL)[1])
        assert drawn["days"][0] == "2021-01-19"
        assert [one["name"] for one in drawn["policies"]] == [
            "Keep today's measures",
            "Trace and keep contacts no more",
        ]
        assert re.findall(r"<script(?![^>]*(src=|application/json))", page) == []

    def test_lays_what_came_beside_it(self, client_of, answered, outbreak):
        for day in (19, 20):
            case(outbreak, date(2021, 1, day))
        page = client_of().get(at(f"/what-ifs/{answered.pk}/", date(2021, 1, 20))).content.decode()
        assert "In the 2 days since, 2 cases were found" in page
        assert "four runs of five had 2 to 8, the middle one 4" in page

    def test_is_among_the_questions_of_its_day_and_later(self, client_of, answered):
        client = client_of()
        address = f"/what-ifs/{answered.pk}/"
        assert address in client.get(at("/what-ifs/", LATE)).content.decode()
        assert address not in client.get(at("/what-ifs/", LATE - timedelta(days=1))).content.decode()

    def test_says_why_there_is_none(self, client_of, question):
        what_if.give_up(question=question, reason="The policy 0 cannot be.", by=None, now=MORNING)
        page = client_of().get(at(f"/what-ifs/{question.pk}/", LATE)).content.decode()
        assert "The policy 0 cannot be." in page
        assert "what-if-wait.js" not in page

    def test_gives_all_numbers_as_a_workbook(self, client_of, answered):
        answer = client_of().get(at(f"/what-ifs/{answered.pk}/export/", LATE))
        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
        assert book.sheet_names == ["Outcomes", "Day by day", "Origin"]
        rows = book.get_sheet_by_index(0).to_python()
        assert rows[1][0] == "Keep today's measures"
        assert rows[1][1:4] == [120, 60, 240]
        assert len(book.get_sheet_by_index(1).to_python()) == 1 + 2 * 30 * (len(BY_DAY) + 1)
        origin = book.get_sheet_by_index(2).to_python()
        assert any("never enter a report" in str(row[1]) for row in origin)

    def test_has_no_workbook_before(self, client_of, question):
        assert client_of().get(at(f"/what-ifs/{question.pk}/export/", LATE)).status_code == 409

    def test_is_not_for_another_area(self, client_of, answered):
        assert client_of(area_code="130581").get(at(f"/what-ifs/{answered.pk}/", LATE)).status_code == 404


class TestSentences:
    def test_claim_no_difference_that_is_not_there(self):
        assert "Not clearly more or fewer" in what_if_sentences._beside([1.1, 0.9, 1.3])
        assert "0.50 (0.40–0.60) times" in what_if_sentences._beside([0.5, 0.4, 0.6])


@pytest.fixture
def growing(outbreak):
    Area.objects.filter(code="130109").update(population=40_000)
    for day in range(1, 18):
        for _ in range(day):
            case(outbreak, date(2021, 1, 1) + timedelta(days=day))
    return outbreak


@pytest.fixture
def question(client_of, growing):
    post(client_of(Role.COMMANDER), lever=["lift"], runs="10", days="30", over_by="2021-02-08")
    return WhatIf.objects.get()


@pytest.fixture
def answered(question):
    what_if.answer(question=question, found=answer(), by=None, now=MORNING)
    return WhatIf.objects.get()


def answer():
    """An answer as `sizao answer` hands it in; the numbers are made up."""
    days = [[float(n) for n in range(30)]] * len(BAND)
    by_day = dict.fromkeys(BY_DAY, days) | {
        "found_so_far": [[one * (n + 1) for n in range(30)] for one in (1.0, 2.0, 4.0)]
    }
    outcomes = {name: [4, 2, 8] for name in OUTCOMES} | {"no_bed": [0, 0, 0], "size": [120, 60, 240]}
    today = {"outcomes": outcomes, "zero": [0.4, 0.2, 0.6], "ratio": None, "stopped": 0.0, "by_day": by_day}
    lift = {**today, "zero": [0.9, 0.6, 1.0], "ratio": [2.0, 1.5, 3.0], "stopped": 0.1}
    return {"policies": [today, lift], "people": 40_000, "unseen": [1, 2, 3], "mixing": [0.5, 1, 2],
            "reached": [0.4, 4.0], "stop_at": 30_000}  # fmt: skip


def case(outbreak, day):
    moment = MORNING.replace(day=day.day, month=day.month)
    made = factories.case(within=outbreak, opened_at=moment, onset_date=day, investigated_at=moment)
    CaseChange.objects.create(
        case=made, status=CaseStatus.CONFIRMED, at=moment, by="x", source_key=f"t:{made.pk}:confirmed"
    )


def post(client, **facts):
    given = {"variant": "ancestral", "days": "45", "runs": "20", "over_by": ""} | facts
    return client.post(at("/what-ifs/ask/", LATE), given)
