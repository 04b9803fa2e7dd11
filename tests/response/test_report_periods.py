"""A report holds its period: no day is lost when the rhythm changes, none is told twice, and levels still agree."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import DatabaseError, transaction

from sizao.records.models import DailyReport, LevelDecision, Task
from sizao.response import outbreaks
from sizao.response.reports import daily, daily_acts, daily_changes, daily_levels, daily_page, owing, submitted, units
from sizao.response.reports.daily_rows import Span
from sizao.response.tasks import reporting
from sizao.response.tasks.report_periods import Period, Periods
from sizao.terms import (
    CASE_MOVES,
    CaseStatus,
    Figure,
    LevelCause,
    LevelReach,
    ResponseLevel,
    Role,
    Standing,
    UnitFigure,
    UnitKind,
)
from tests import factories
from tests.response.test_daily_reports import case_of, contact_of, random_walk

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")
MONDAY = date(2021, 1, 4)
SUNDAY = date(2021, 1, 10)
COUNTY, SISTER, OTHER = "130109", "130104", "130581"
AREAS = ("13", "1301", "1305", COUNTY, SISTER, OTHER)
EMERGENCY, ALERT, ROUTINE = ResponseLevel.EMERGENCY, ResponseLevel.ALERT, ResponseLevel.ROUTINE


def day(n):
    return MONDAY + timedelta(days=n)


def hour(n, clock=9):
    return datetime.combine(day(n), time(clock), tzinfo=CHINA)


class TestPeriod:
    def test_at_routine_is_the_week(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        assert drafted(outbreak, hour(14)) == [(day(0), day(6)), (day(7), day(13))]

    def test_of_the_first_report_after_a_switch_begins_after_the_last_that_stands(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        decided(outbreak, EMERGENCY, hour(9))  # a Wednesday
        decided(outbreak, ROUTINE, hour(11))  # the Friday of the same week
        assert drafted(outbreak, hour(14)) == [
            (day(0), day(6)), (day(7), day(9)), (day(10), day(10)), (day(11), day(13)),
        ]  # fmt: skip

    def test_ends_with_the_last_day_of_the_outbreak_too(self, areas):
        ended = factories.outbreak(first_date=MONDAY, last_date=day(9))
        decided(ended, ROUTINE, hour(0))
        assert drafted(ended, hour(20)) == [(day(0), day(6)), (day(7), day(9))]

    def test_holds_the_flows_of_its_days_and_the_stock_at_its_end(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        case_of(outbreak, (hour(0), "confirmed"), area_code=COUNTY)
        case_of(outbreak, (hour(2), "confirmed"), (hour(4), "discarded"), area_code=COUNTY)
        contact_of(outbreak, (hour(1), "found"), (hour(6), "placed"), area_code=COUNTY)
        daily.advance(outbreak=outbreak, now=hour(7))
        report = DailyReport.objects.get(area_code=COUNTY)
        shown = (Figure.NEW_CONFIRMED, Figure.CONFIRMED_DISCARDED, Figure.CONFIRMED, Figure.CONTACTS_NEW)
        assert [report.figures[figure] for figure in shown] == [2, 1, 1, 1]
        assert (report.figures[Figure.CONTACTS_OBSERVED], report.is_zero) == (1, False)

    def test_is_zero_when_nothing_happened_on_any_of_its_days(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        case_of(outbreak, (hour(2), "confirmed"), area_code=COUNTY)
        daily.advance(outbreak=outbreak, now=hour(14))
        zero = DailyReport.objects.filter(area_code=COUNTY).order_by("date").values_list("date", "is_zero")
        assert list(zero) == [(day(6), False), (day(13), True)]

    def test_of_a_day_that_is_not_told_by_itself_is_that_of_the_report_to_come(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        periods = Periods(outbreak, hour(2))
        assert periods.holding(COUNTY, day(1)) == Period(day(0), day(6))
        assert not periods.owes(COUNTY, day(1))

    @pytest.mark.parametrize("seed", range(12))
    def test_each_day_stands_in_one_report_whatever_was_decided(self, areas, seed):
        dice = np.random.default_rng(seed)
        n_days = int(dice.integers(10, 30))
        outbreak = factories.outbreak(first_date=day(int(dice.integers(0, 7))), last_date=day(n_days))
        generate(outbreak, dice, n_days)
        for n in range(n_days + 2):
            for code in AREAS:
                if dice.random() < 0.12:
                    reach = LevelReach.BELOW if dice.random() < 0.3 else LevelReach.HERE
                    level = dice.choice([EMERGENCY, ALERT, ROUTINE])
                    # Now and then somebody decides on a day that is over.
                    decided(outbreak, level, hour(n - int(dice.choice([0, 0, 3]))), code, reach, at=hour(n))
            if n == n_days + 1 or dice.random() < 0.7:  # the loop does not run every day
                daily.advance(outbreak=outbreak, now=hour(n, 10))
        days = Period(outbreak.first_date, day(n_days)).days()
        counted = daily.by_day(outbreak, days[0], days[-1])
        for code in AREAS:
            told = list(DailyReport.objects.standing().filter(area_code=code).order_by("date"))
            assert [one for report in told for one in Period(report.first_date, report.date).days()] == days
            for figure in daily.FLOWS - set(daily.NOT_RECORDED):
                assert sum(one.figures[figure] for one in told) == sum(one.of(code)[figure] for one in counted)

    def test_of_another_that_stands_is_refused_by_the_database(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        daily.advance(outbreak=outbreak, now=hour(7))
        report = DailyReport.objects.get(area_code=COUNTY)
        report.pk, report.first_date, report.date, report.source_key = None, day(3), day(3), "again"
        with pytest.raises(DatabaseError, match="holds_a_day_once"), transaction.atomic():
            report.save(force_insert=True)


class TestWhoOwes:
    def test_a_day_within_a_report_that_stands_is_not_owed_again(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        daily.advance(outbreak=outbreak, now=hour(7))
        decided(outbreak, EMERGENCY, hour(3), at=hour(8))  # in force from a day that is told already
        assert drafted(outbreak, hour(9)) == [(day(0), day(6)), (day(7), day(7)), (day(8), day(8))]
        assert [one.area_code for one in owing.owed(COUNTY, day(4), as_of=hour(9), outbreak=outbreak)] == []

    def test_a_weekly_report_that_is_missing_is_seen_at_every_level_above(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        daily.advance(outbreak=outbreak, now=hour(7, 1))
        for level in ("13", "1301", COUNTY):
            found = {one.area_code: one for one in owing.owed(level, SUNDAY, as_of=hour(7, 13), outbreak=outbreak)}
            assert (found[COUNTY].standing, found[COUNTY].first_date) == (Standing.MISSING, MONDAY)
            told = owing.overview(level, SUNDAY, as_of=hour(7, 13), outbreak=outbreak, most_named=9, most_owing=9)
            assert (COUNTY, MONDAY) in {(one.area_code, one.first_date) for one in told.named[Standing.MISSING]}
            assert MONDAY in {one.first_date for one in told.dues}

    def test_the_task_names_the_period_and_is_done_with_the_report(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        daily.advance(outbreak=outbreak, now=hour(7, 1))
        Task.objects.bulk_create(reporting.lacking(outbreak, outbreaks.rules_at(outbreak, hour(7)), hour(7)))
        task = Task.objects.get(area_code=COUNTY)
        assert task.subject_label.endswith(f" {MONDAY}–{SUNDAY}")
        assert task not in reporting.settled(outbreak, hour(7, 2))
        submit(DailyReport.objects.get(area_code=COUNTY), hour(7, 3))
        assert task in reporting.settled(outbreak, hour(7, 4))

    def test_a_unit_states_the_days_since_its_report_before(self, outbreak):
        duty = units.Duty(COUNTY, "第一医院", UnitKind.FEVER_CLINIC, 8, MONDAY, "通知", every_days=7)
        commander = factories.account(role=Role.COMMANDER, area_code=COUNTY)
        [unit] = units.add(duties=[duty], by=commander, now=hour(0))
        by, stated = factories.account(role=Role.REPORTER, area_code=COUNTY), {str(one): 1 for one in UnitFigure}
        for last in (MONDAY, day(7)):
            units.state(unit=unit, day=last, figures=stated, by=by, now=hour(20))
        unit = units.end(unit=unit, last_date=day(10), by=commander, now=hour(8))
        units.state(unit=unit, day=day(10), figures=stated, by=by, now=hour(20))  # with its last day a period ends
        told = DailyReport.objects.filter(unit=unit).order_by("date").values_list("first_date", "date")
        assert list(told) == [(MONDAY, MONDAY), (day(1), day(7)), (day(8), day(10))]
        assert units.last_owed(unit, day(20)) == day(10)
        firsts = [one.first_date for n in (7, 10) for one in owing.owed(COUNTY, day(n), as_of=hour(20), outbreak=None)]
        assert firsts == [day(1), day(8)]


class TestCorrections:
    def test_of_a_day_within_mark_the_report_that_holds_it(self, outbreak):
        report = week_submitted(outbreak)
        case_of(outbreak, (hour(1), "confirmed"), area_code=COUNTY)  # entered late, about the Tuesday
        daily.advance(outbreak=outbreak, now=hour(14))
        report.refresh_from_db()
        assert report.differs_at == hour(14)

    def test_make_a_version_of_the_same_period(self, outbreak):
        report = week_submitted(outbreak)
        case_of(outbreak, (hour(1), "confirmed"), area_code=COUNTY)
        by = report.submitted_by
        new = daily_acts.correct(report=report, reason="补录", by=by, now=hour(8))
        assert (new.first_date, new.date, new.version) == (MONDAY, SUNDAY, 2)
        assert (report.figures[Figure.NEW_CONFIRMED], new.figures[Figure.NEW_CONFIRMED]) == (0, 1)

    def test_the_period_is_signed_and_sealed(self, outbreak):
        report = week_submitted(outbreak)
        assert daily_acts.signature_holds(report) is True
        report.first_date = day(1)
        assert daily_acts.signature_holds(report) is False
        with pytest.raises(DatabaseError, match="make a new version"), transaction.atomic():
            report.save(update_fields=["first_date"])

    def test_of_a_draft_are_counted_over_its_period(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        daily.advance(outbreak=outbreak, now=hour(7, 1))
        case_of(outbreak, (hour(1), "confirmed"), area_code=COUNTY)
        by = factories.account(role=Role.REPORTER, area_code=COUNTY)
        counted = daily_acts.recount(report=DailyReport.objects.get(area_code=COUNTY), by=by, now=hour(8))
        assert counted.figures[Figure.NEW_CONFIRMED] == 1


class TestPage:
    def test_compares_with_the_period_before(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        case_of(outbreak, (hour(1), "confirmed"), area_code=COUNTY)
        new = [case_of(outbreak, (hour(7 + n), "confirmed"), area_code=COUNTY) for n in range(2)]
        daily.advance(outbreak=outbreak, now=hour(14))
        page = daily_page.one_area(outbreak, COUNTY, day(13), as_of=hour(14))
        assert (page.period, page.before) == (Period(day(7), day(13)), Period(MONDAY, SUNDAY))
        line = next(one for one in page.lines if one.figure == Figure.CONFIRMED)
        assert (line.before, line.reported, line.differs) == (1, 3, False)
        [because] = line.causes
        assert (str(because.cause), because.change, because.numbers) == ("new", 2, tuple(one.number for one in new))

    def test_of_a_day_within_leads_to_the_report_that_holds_it(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        case_of(outbreak, (hour(1), "confirmed"), area_code=COUNTY)
        daily.advance(outbreak=outbreak, now=hour(7))
        page = daily_page.one_area(outbreak, COUNTY, day(1), as_of=hour(7))
        assert (page.is_owed, page.period, page.stands_in) == (False, Period(day(1), day(1)), Period(MONDAY, SUNDAY))
        rows = {one.area_code: one for one in submitted.reports(outbreak, "13", day(1), as_of=hour(7))}
        assert (rows[COUNTY].period, rows[COUNTY].stands_in) == (page.period, page.stands_in)
        assert rows["13"].period == Period(day(1), day(1))

    def test_before_it_is_drafted_tells_the_days_until_then(self, outbreak):
        decided(outbreak, ROUTINE, hour(0))
        case_of(outbreak, (hour(1), "confirmed"), area_code=COUNTY)
        [row] = submitted.reports(outbreak, COUNTY, SUNDAY, as_of=hour(6), figures=[Figure.NEW_CONFIRMED])
        assert (row.figures, row.period, row.row) == ((1,), Period(MONDAY, SUNDAY), None)

    @pytest.mark.parametrize("seed", range(3))
    def test_causes_add_up_to_the_change_of_a_period(self, outbreak, seed):
        dice = np.random.default_rng(seed)
        generate(outbreak, dice, 14)
        last = counted(outbreak, 7, 13)
        for area in ("13", "1301", COUNTY):
            told, _ = daily_changes.explained(outbreak, area, None, Span(day(7), day(13), hour(40)))
            for one in told:
                causes = sum(because.change for because in one.causes)
                assert causes == (one.difference if one.figure in daily_changes.STOCKS else one.now)
                assert one.now == last(area)[one.figure]


class TestSumsOfLevels:
    def test_of_a_weekly_report_are_over_the_daily_ones_below(self, outbreak):
        decided(outbreak, ROUTINE, hour(0), "1301")
        confirmed(outbreak, COUNTY, 1, 3)
        confirmed(outbreak, SISTER, 6)
        daily.advance(outbreak=outbreak, now=hour(7))
        sums = daily_levels.disagreements(outbreak, "1301", SUNDAY, as_of=hour(7))
        assert (sums.period, sums.n_same, sums.others, sums.differences) == (Period(MONDAY, SUNDAY), 2, (), ())

    def test_list_the_share_of_who_reports_another_period(self, outbreak):
        decided(outbreak, ROUTINE, hour(0), COUNTY)
        confirmed(outbreak, COUNTY, 1, 2)
        confirmed(outbreak, SISTER, 2)
        for n in (3, 7):  # while the week runs, and when it is told
            daily.advance(outbreak=outbreak, now=hour(n))
            sums = daily_levels.disagreements(outbreak, "1301", day(2), as_of=hour(n))
            assert [(one.area_code, one.period) for one in sums.others] == [(COUNTY, Period(MONDAY, SUNDAY))]
            told = {one.figure: (one.total, one.below, one.causes) for one in sums.differences}
            assert told[Figure.NEW_CONFIRMED] == (2, 1, ((LevelCause.OTHER_PERIOD, 1),))
            assert told[Figure.CONFIRMED] == (3, 1, ((LevelCause.OTHER_PERIOD, 2),))

    def test_tell_a_missing_report_from_one_of_another_period(self, outbreak):
        decided(outbreak, ROUTINE, hour(0), COUNTY)
        confirmed(outbreak, COUNTY, 2)
        confirmed(outbreak, SISTER, 2)
        daily.advance(outbreak=outbreak, now=hour(3))
        DailyReport.objects.filter(area_code=SISTER, date=day(2)).delete()
        sums = daily_levels.disagreements(outbreak, "1301", day(2), as_of=hour(3))
        told = {one.figure: one.causes for one in sums.differences}
        assert told[Figure.NEW_CONFIRMED] == ((LevelCause.OTHER_PERIOD, 1), (LevelCause.MISSING, 1))

    @pytest.mark.parametrize("seed", range(6))
    def test_of_any_rhythms_are_equal_or_the_difference_is_listed(self, areas, seed):
        dice = np.random.default_rng(100 + seed)
        outbreak = factories.outbreak(first_date=MONDAY, last_date=day(20))
        generate(outbreak, dice, 20)
        for n in range(22):
            for code in AREAS:
                if dice.random() < 0.15:
                    decided(outbreak, dice.choice([EMERGENCY, ROUTINE]), hour(n), code)
            daily.advance(outbreak=outbreak, now=hour(n, 10))
        for report in DailyReport.objects.filter(area_code__in=["13", "1301", "1305"]):
            sums = daily_levels.disagreements(outbreak, report.area_code, report.date, as_of=hour(30))
            listed = {one.figure: one for one in sums.differences}
            whole = counted(outbreak, *((one - MONDAY).days for one in (report.first_date, report.date)))
            below = [
                code for code in AREAS if len(code) == len(report.area_code) + 2 and code.startswith(report.area_code)
            ]
            assert len(below) == sums.n_same + len(sums.others)
            for figure in daily.COUNTED:
                if figure in (*daily_levels.MOVED, *daily_levels.NOT_SUMMED):
                    continue
                total = sum(whole(code)[figure] for code in below)
                assert report.figures[figure] == total
                if figure in listed:
                    assert {cause for cause, _ in listed[figure].causes} == {LevelCause.OTHER_PERIOD}
                    assert listed[figure].below + sum(share for _, share in listed[figure].causes) == total


# --- Fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def areas(db):
    for code in AREAS:
        factories.area(code, code)


@pytest.fixture
def outbreak(areas):
    return factories.outbreak(first_date=MONDAY)


def decided(outbreak, level, starts_at, area_code=COUNTY, reach=LevelReach.HERE, at=None):
    return LevelDecision.objects.create(
        outbreak=outbreak, area_code=area_code, level=level, was=ROUTINE, ordered_by=area_code, reach=reach,
        decided_at=at or starts_at, starts_at=starts_at, legal_basis="预案", text="x",
        source_key=f"level:{level}:{area_code}:{at}:{starts_at}",
        decided_by=factories.account(role=Role.COMMANDER, area_code=area_code),
        expected_until=None if level == ROUTINE else date(2021, 3, 1),
    )  # fmt: skip


def drafted(outbreak, now, area_code=COUNTY):
    daily.advance(outbreak=outbreak, now=now)
    rows = DailyReport.objects.filter(outbreak=outbreak, area_code=area_code).order_by("date")
    return list(rows.values_list("first_date", "date"))


def submit(report, now):
    return daily_acts.submit(report=report, by=factories.account(role=Role.REPORTER, area_code=COUNTY), now=now)


def week_submitted(outbreak):
    decided(outbreak, ROUTINE, hour(0))
    daily.advance(outbreak=outbreak, now=hour(7, 1))
    return submit(DailyReport.objects.get(area_code=COUNTY), hour(7, 3))


def confirmed(outbreak, area_code, *days):
    for n in days:
        case_of(outbreak, (hour(n), "confirmed"), area_code=area_code)


def generate(outbreak, dice, n_days):
    shift = hour(0) - datetime(2021, 1, 2, 4, 0, tzinfo=CHINA)
    for _ in range(25):
        later = shift + timedelta(days=int(dice.integers(0, n_days - 4)))
        walk = [(moment + later, status) for moment, status in random_walk(dice, CASE_MOVES, CaseStatus.POSITIVE)]
        case_of(outbreak, *walk, area_code=str(dice.choice([COUNTY, SISTER, OTHER])))


def counted(outbreak, first, last):
    days = daily.by_day(outbreak, day(first), day(last))
    return lambda code: daily.over(days, code)
