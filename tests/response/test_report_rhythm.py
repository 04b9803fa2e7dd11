"""Which days an area reports and by when: by the edition, and by the rhythm of its response level where one stands."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from sizao.records.models import DailyReport, LevelDecision, ReportingUnit, Task
from sizao.response import outbreaks
from sizao.response.oversight import measures
from sizao.response.reports import daily, daily_page, deadlines, owing, submitted, units
from sizao.response.tasks import reporting
from sizao.response.tasks.levels.standing import Rhythm, Rhythms
from sizao.terms import ResponseLevel, Role, Standing, UnitFigure, UnitKind
from tests import factories

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")
FIRST = date(2021, 1, 4)  # a Monday
SUNDAY, MONDAY = date(2021, 1, 10), date(2021, 1, 11)
NOW = datetime(2021, 1, 12, 14, tzinfo=CHINA)
COUNTY = "130109"


def hour(day, clock):
    return datetime.combine(day, time(clock), tzinfo=CHINA)


class TestRhythm:
    def test_is_the_levels_of_that_day(self, within):
        decided(within, ResponseLevel.EMERGENCY, hour(FIRST, 8))
        decided(within, ResponseLevel.ROUTINE, hour(date(2021, 1, 7), 8))
        rhythms = Rhythms(within, NOW)
        assert rhythms.of(COUNTY, FIRST - timedelta(days=1)) is None
        assert rhythms.of(COUNTY, FIRST) == Rhythm(ResponseLevel.EMERGENCY, 1, 9)
        assert rhythms.of(COUNTY, SUNDAY) == Rhythm(ResponseLevel.ROUTINE, 7, 12)

    def test_is_none_where_nobody_decided(self, within):
        decided(within, ResponseLevel.EMERGENCY, hour(FIRST, 8), area_code="130581")
        assert Rhythms(within, NOW).of(COUNTY, FIRST) is None

    def test_is_not_known_before_it_was_decided(self, within):
        decided(within, ResponseLevel.EMERGENCY, hour(SUNDAY, 8))
        assert Rhythms(within, hour(SUNDAY, 7)).of(COUNTY, SUNDAY) is None


class TestDeadline:
    def test_is_the_hour_of_the_level_and_else_the_editions(self, within):
        rules = outbreaks.rules_at(within, NOW)
        by_edition = deadlines.of_area(rules, FIRST, None)
        assert by_edition.due_at == hour(FIRST + timedelta(days=2), 0)
        decided(within, ResponseLevel.EMERGENCY, hour(FIRST, 8))
        by_level = deadlines.of_area(rules, FIRST, Rhythms(within, NOW).of(COUNTY, FIRST))
        assert (by_level.due_at, by_level.said_by) == (hour(FIRST + timedelta(days=1), 9), ResponseLevel.EMERGENCY)

    def test_is_kept_with_the_report_and_measured_by_it(self, within):
        decided(within, ResponseLevel.EMERGENCY, hour(FIRST, 8))
        daily.advance(outbreak=within, now=NOW)
        kept = dict(DailyReport.objects.filter(date=FIRST).values_list("area_code", "due_at"))
        assert kept == {"13": hour(FIRST + timedelta(days=2), 0), COUNTY: hour(FIRST + timedelta(days=1), 9)}
        assert "r.due_at" in measures.RECORDS[measures.Clocked.REPORT].rows

    def test_of_a_unit_is_kept_too(self, within):
        unit = ReportingUnit.objects.create(
            area_code=COUNTY, name="第一医院", kind=UnitKind.FEVER_CLINIC, due_hour=8, first_date=FIRST, basis="通知",
            added_at=NOW, added_by="x", source_key="unit:1",
        )  # fmt: skip
        by = factories.account(role=Role.REPORTER, area_code=COUNTY)
        stated = {str(one): 0 for one in UnitFigure}
        report = units.state(unit=unit, day=FIRST, figures=stated, by=by, now=NOW)
        assert report.due_at == hour(FIRST + timedelta(days=1), 8)


class TestWhoOwes:
    def test_is_asked_of_each_day_by_the_edition(self, within):
        assert owed(within, MONDAY) == {"13", COUNTY}
        assert first_asked(within) == {"13": str(FIRST), COUNTY: str(FIRST)}

    def test_is_asked_of_the_last_day_of_the_week_at_routine(self, within):
        decided(within, ResponseLevel.ROUTINE, hour(FIRST, 8))
        assert owed(within, MONDAY) == {"13"}
        assert owed(within, SUNDAY) == {"13", COUNTY}
        assert first_asked(within) == {"13": str(FIRST), COUNTY: f"{FIRST}–{SUNDAY}"}

    def test_of_a_day_left_out_nothing_is_drafted_and_nothing_is_missing(self, within):
        decided(within, ResponseLevel.ROUTINE, hour(FIRST, 8))
        assert daily.advance(outbreak=within, now=NOW) == 8 + 1  # each day of the province, the county's Sunday
        assert list(DailyReport.objects.filter(area_code=COUNTY).values_list("date", flat=True)) == [SUNDAY]
        assert daily.advance(outbreak=within, now=NOW) == 0
        assert owed(within, MONDAY) == {"13"}
        rows = {one.area_code: one for one in submitted.reports(within, "13", MONDAY, as_of=NOW)}
        assert {code: (one.row is not None, one.is_owed) for code, one in rows.items()} == {
            "13": (True, True), COUNTY: (False, False),
        }  # fmt: skip
        assert not daily_page.one_area(within, COUNTY, MONDAY, as_of=NOW).is_owed

    def test_of_a_day_that_is_owed_by_a_later_decision_is_drafted_then(self, within):
        decided(within, ResponseLevel.ROUTINE, hour(FIRST, 8))
        daily.advance(outbreak=within, now=hour(MONDAY, 1))
        decided(within, ResponseLevel.EMERGENCY, hour(MONDAY, 9))
        daily.advance(outbreak=within, now=NOW)
        drafted = DailyReport.objects.filter(area_code=COUNTY).order_by("date")
        assert list(drafted.values_list("date", flat=True)) == [SUNDAY, MONDAY]

    def test_is_missing_from_the_hour_of_the_level(self, within):
        decided(within, ResponseLevel.EMERGENCY, hour(FIRST, 8))
        for clock, standing in ((8, Standing.WAITING), (10, Standing.MISSING)):
            found = owing.owed(COUNTY, SUNDAY, as_of=hour(MONDAY, clock), outbreak=within)
            assert [one.standing for one in found] == [standing]


def owed(within, day):
    return {one.area_code for one in owing.owed("13", day, as_of=NOW, outbreak=within)}


def first_asked(within):
    tasks = reporting.lacking(within, outbreaks.rules_at(within, NOW), NOW)
    Task.objects.bulk_create(tasks)
    return {one.area_code: one.subject_label.rpartition(" ")[2] for one in tasks}


def decided(within, level, at, area_code=COUNTY):
    return LevelDecision.objects.create(
        outbreak=within, area_code=area_code, level=level, was=ResponseLevel.ROUTINE, ordered_by=area_code,
        decided_at=at, starts_at=at, legal_basis="预案", text="x", source_key=f"level:{level}:{area_code}:{at}",
        decided_by=factories.account(role=Role.COMMANDER, area_code=area_code),
        expected_until=None if level == ResponseLevel.ROUTINE else date(2021, 3, 1),
    )  # fmt: skip


@pytest.fixture
def within(db):
    for code in ("13", COUNTY):
        factories.area(code)
    return factories.outbreak(first_date=FIRST)
