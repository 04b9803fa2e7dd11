"""
The daily report is asked of every area that must report, also when there is nothing to tell.

By when is said here alone: by the rhythm of the area's response level where one was decided, else by the edition. Of
which days a report is says `report_periods`.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from sizao.protocol import Rules, basis, period_end
from sizao.records.models import Area, DailyReport, Outbreak, Task
from sizao.response.tasks.closing import closed, still_open
from sizao.response.tasks.levels.standing import Rhythm
from sizao.response.tasks.report_periods import Period, Periods, last_day
from sizao.terms import AreaLevel, Role, TaskEnd, TaskKind

REPORTING_LEVELS = (AreaLevel.PROVINCE, AreaLevel.CITY, AreaLevel.COUNTY)
ZERO_REPORT = "report.daily_zero_report"
INTERVAL = "bulletin.interval_days"


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:
    """
    Ask each area for its oldest report that is due, one task at a time.

    An area that is behind is told so once, with the day since when, not once for each day.
    """
    asked_for = rules.value(ZERO_REPORT)
    if asked_for.value is not True or rules.awaits_confirmation(asked_for):
        return []
    last = last_ended_day(outbreak, now)
    asked = set(still_open(outbreak, TaskKind.DAILY_REPORT).values_list("area_code", flat=True))
    periods, returned = Periods(outbreak, now), _returned(outbreak, last)
    first = _first_missing(outbreak, last, periods)
    areas = Area.objects.within(outbreak.area_code).filter(level__in=REPORTING_LEVELS).exclude(code__in=asked)
    return [
        _task(
            outbreak, area, periods.ending(area.code, day), rules, periods.rhythm(area.code, day),
            returned.get((area.code, day)),
        )
        for area in areas.order_by("code")
        if (day := first.get(area.code) or _first_owed(outbreak, area.code, last, periods, set())) <= last
    ]  # fmt: skip


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of areas that have submitted all reports up to the last day that is over."""
    last = last_ended_day(outbreak, now)
    periods = Periods(outbreak, now)
    first = _first_missing(outbreak, last, periods)
    tasks = still_open(outbreak, TaskKind.DAILY_REPORT)
    return [
        closed(task, TaskEnd.FACT_ARRIVED, now)
        for task in tasks
        if (first.get(task.area_code) or _first_owed(outbreak, task.area_code, last, periods, set())) > last
    ]


def last_ended_day(outbreak: Outbreak, now: datetime) -> date:
    """
    Say the last day of an outbreak that is over at a moment; a report covers a whole day, never a part.

    No report is due for days after the outbreak's own last day.
    """
    over = outbreak.day_of(now) - timedelta(days=1)
    last = last_day(outbreak, now)
    return over if last is None else min(over, last)


def due_of_area(rules: Rules, day: date, rhythm: Rhythm | None) -> tuple[datetime | None, list[dict[str, Any]]]:
    """
    Say by when province, city and county report a period that ends with a day, by which value; None where none says.

    The rhythm of the level decides where a level was decided; else the bulletin of the next day, which rests on it.
    """
    if rhythm is not None:
        return rhythm.due_at(day), []
    if not rules.says(INTERVAL):
        return None, []
    interval = rules.need(INTERVAL)
    total = period_end(day, interval)
    return total.ends_at(timezone.get_current_timezone()), [basis.entry(interval, total, gives="due_at")]


def _first_missing(outbreak: Outbreak, last: date, periods: Periods) -> dict[str, date]:
    """For areas that have submitted something: the day with which the first period ends that they have not."""
    submitted: dict[str, set[date]] = {}
    reports = DailyReport.objects.filter(outbreak=outbreak, submitted_at__isnull=False, date__lte=last)
    # A report that was returned is owed again.
    standing = reports.of_areas().standing().filter(returned_at__isnull=True)
    for code, start, end in standing.values_list("area_code", "first_date", "date"):
        # Thousands hold one day: they are told without working it out.
        submitted.setdefault(code, set()).update((end,) if start == end else Period(start, end).days())
    return {code: _first_owed(outbreak, code, last, periods, done) for code, done in submitted.items()}


def _returned(outbreak: Outbreak, last: date) -> dict[tuple[str, date], int]:
    """Give the version of each report that was returned and not corrected since: it is asked for once more."""
    rows = DailyReport.objects.filter(outbreak=outbreak, returned_at__isnull=False, date__lte=last)
    return {(code, day): n for code, day, n in rows.of_areas().standing().values_list("area_code", "date", "version")}


def _first_owed(outbreak: Outbreak, code: str, last: date, periods: Periods, done: set[date]) -> date:
    """Give the first day of which a report is owed and lacks; the day after the last where none is."""
    days = (outbreak.first_date + timedelta(days=n) for n in range((last - outbreak.first_date).days + 1))
    lacking = (day for day in days if day not in done and periods.owes(code, day))
    return next(lacking, max(last, outbreak.first_date - timedelta(days=1)) + timedelta(days=1))


def _task(  # noqa: PLR0913
    outbreak: Outbreak, area: Area, period: Period, rules: Rules, rhythm: Rhythm | None, returned: int | None
) -> Task:
    day = period.last_date
    due_at, cited = due_of_area(rules, day, rhythm)
    over_at = datetime.combine(day + timedelta(days=1), time(), tzinfo=timezone.get_current_timezone())
    return Task(
        outbreak=outbreak,
        kind=TaskKind.DAILY_REPORT,
        role=Role.REPORTER,
        area_code=area.code,
        subject_kind="report",
        subject_id=int(area.code),
        subject_label=f"{area.short_name} {period}",
        basis=cited,
        asked_at=over_at,
        due_at=due_at,
        source_key=f"task:{TaskKind.DAILY_REPORT}:{outbreak.pk}:{area.code}:{day}{f':{returned}' if returned else ''}",
    )
