"""What a machine reads: as of a moment, in pages, through the mask."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.records.models import CaseChange, Event, SharedExposure, Stay, Task
from sizao.terms import CaseStatus, EventKind, Role, StayKind, TaskKind
from tests import factories
from tests.factories import NOW, VILLAGE

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(within, noise):
    found = factories.case(of=factories.person(name="王小明"), within=within, onset_date=date(2021, 1, 8))
    note(found, CaseStatus.POSITIVE, NOW)
    note(found, CaseStatus.CONFIRMED, NOW + timedelta(days=2))
    return found


def note(case, status, at):
    CaseChange.objects.create(case=case, status=status, at=at, by="sizao", source_key=f"{case.pk}:{status}")


class TestCases:
    def test_are_listed_with_the_status_of_the_day(self, machine, case):
        mine = machine()
        early = mine.get("outbreaks/hebei/cases", day="2021-01-10").json()["rows"]
        late = mine.get("outbreaks/hebei/cases", day="2021-01-12").json()["rows"]
        assert [row["status"] for row in early + late] == ["positive", "confirmed"]

    def test_are_not_listed_before_they_were_known(self, machine, case):
        assert machine().get("outbreaks/hebei/cases", day="2021-01-09").json()["rows"] == []

    def test_are_found_by_the_status_of_the_day(self, machine, case):
        mine = machine()
        assert mine.get("outbreaks/hebei/cases", day="2021-01-10", status="confirmed").json()["rows"] == []
        assert len(mine.get("outbreaks/hebei/cases", status="confirmed").json()["rows"]) == 1

    def test_come_in_pages_that_meet_without_a_gap(self, machine, within):
        for hours in range(5):
            factories.case(within=within, opened_at=NOW + timedelta(hours=hours))
        mine, seen, after = machine(), [], {}
        while True:
            page = mine.get("outbreaks/hebei/cases", size=2, **after).json()
            seen += [row["number"] for row in page["rows"]]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert len(seen) == len(set(seen)) == 5

    def test_an_onset_is_not_known_before_the_investigation(self, machine, case):
        case.investigated_at = NOW + timedelta(days=1)
        case.save()
        mine = machine()
        early, late = (
            mine.get(f"outbreaks/hebei/cases/{case.number}", day=day).json() for day in ("2021-01-10", "2021-01-11")
        )
        assert (early["onset_date"], late["onset_date"]) == (None, "2021-01-08")
        assert [one["status"] for one in early["course"]] == ["positive"]

    def test_reading_one_is_journalled_once_as_a_reading_of_the_person(self, machine, case):
        mine = machine()
        mine.get(f"outbreaks/hebei/cases/{case.number}", purpose="call back")
        line = Event.objects.get(verb="person.read")
        assert (line.person_id, line.actor) == (case.person_id, mine.account.username)
        assert line.facts["purpose"] == "call back"

    def test_of_a_neighbour_are_as_if_there_were_none(self, machine, case):
        stranger = machine(area_code="130581")
        assert stranger.get("outbreaks/hebei/cases").json()["rows"] == []
        not_yours = stranger.get(f"outbreaks/hebei/cases/{case.number}")
        none_such = stranger.get("outbreaks/hebei/cases/C-none")
        assert (not_yours.status_code, not_yours.content) == (none_such.status_code, none_such.content)
        assert not Event.objects.filter(verb="person.read").exists()


class TestPeople:
    def test_are_read_whole_at_home_and_masked_where_they_only_stay(self, machine, case):
        Stay.objects.create(
            person=case.person,
            kind=StayKind.ROOM,
            area_code="130581",
            period=(NOW, None),
            party=-case.person_id,
            recorded_at=NOW,
            source_key="stay:1",
        )
        path = f"outbreaks/hebei/people/{case.person.number}"
        at_home, as_guest = (machine(area_code=code).get(path).json() for code in ("130109", "130581"))
        assert (at_home["who"]["name"], as_guest["who"]["name"]) == ("王小明", "王**")
        assert as_guest["who"]["masked"]
        assert as_guest["stays"][0]["ended_at"] is None

    def test_are_found_by_exact_name(self, machine, case):
        rows = machine().get("outbreaks/hebei/people", search="王小明").json()["rows"]
        assert [row["number"] for row in rows] == [case.person.number]

    def test_unknown_numbers_are_refused(self, machine, within):
        assert machine().get("outbreaks/hebei/people/P-none").status_code == 404


class TestOthers:
    def test_outbreaks_are_those_of_the_jurisdiction(self, machine, within, noise):
        assert [row["slug"] for row in machine().get("outbreaks").json()] == ["hebei"]

    def test_areas_come_by_code(self, machine, within):
        factories.area(VILLAGE)
        rows = machine().get("areas", within="130109").json()["rows"]
        assert [row["code"] for row in rows] == ["130109", VILLAGE]

    def test_exposures_are_the_latest_ranking_by_then(self, machine, within):
        place = factories.place()
        for day, rank in ((10, 1), (12, 1)):
            SharedExposure.objects.create(
                outbreak=within, as_of=date(2021, 1, day), rank=rank, place=place, kind=EventKind.GATHERING,
                first_date=date(2020, 12, 28), last_date=date(2020, 12, 28), observed=day, expected=0.5,
                p_value=1e-9, q_value=1e-7, people=[1],
            )  # fmt: skip
        body = machine().get("outbreaks/hebei/exposures", day="2021-01-11").json()
        assert (body["ranked_on"], body["rows"][0]["observed"]) == ("2021-01-10", 10)
        assert "people" not in body["rows"][0]

    def test_tasks_stand_as_they_did(self, machine, within):
        task = task_in(within, due_at=NOW + timedelta(hours=2))
        mine = machine()
        early = mine.get("outbreaks/hebei/tasks", as_of=(NOW + timedelta(hours=1)).isoformat()).json()["rows"]
        late = mine.get("outbreaks/hebei/tasks", as_of=(NOW + timedelta(hours=3)).isoformat()).json()["rows"]
        assert [row["is_late"] for row in early + late] == [False, True]
        assert early[0]["id"] == task.pk

    def test_editions_and_rules_of_a_day(self, machine, within):
        mine = machine()
        assert mine.get("protocol/editions").json()[0]["id"] == "edition-7"
        rules = mine.get("protocol/rules", day="2021-01-10", section="contacts.close.central_days").json()
        assert (rules["edition"], rules["values"][0]["value"]) == ("edition-7", 14)

    def test_rules_of_an_outbreak(self, machine, within):
        rules = machine().get("outbreaks/hebei/rules", day="2021-01-10", section="zones").json()
        assert rules["edition"] == "edition-7"

    def test_a_rule_that_is_none_is_refused(self, machine):
        answer = machine().get("protocol/rules", day="2021-01-10", section="nothing.such")
        assert answer.json()["code"] == "protocol.no_such_rule"

    def test_a_day_without_an_edition_is_refused(self, machine):
        assert machine().get("protocol/rules", day="2019-01-10").json()["code"] == "protocol.none_in_force"


def task_in(within, **facts):
    defaults = {
        "outbreak": within,
        "kind": TaskKind.FULL_REPORT,
        "role": Role.INVESTIGATOR,
        "area_code": "130109",
        "subject_kind": "case",
        "subject_id": 1,
        "subject_label": "C-1",
        "asked_at": datetime(2021, 1, 10, 12, 0, tzinfo=UTC),
        "source_key": "task:1",
    }
    return Task.objects.create(**defaults | facts)
