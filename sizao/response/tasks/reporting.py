"""The daily report is asked of every area that must report, also when there is nothing to tell."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from sizao.protocol import Rules, basis, period_end
from sizao.records.models import Area, DailyReport, Outbreak, Task
from sizao.response.tasks.closing import closed, still_open
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
    first, returned = _first_missing(outbreak, last), _returned(outbreak, last)
    areas = Area.objects.within(outbreak.area_code).filter(level__in=REPORTING_LEVELS).exclude(code__in=asked)
    return [
        _task(outbreak, area, day, rules, returned.get((area.code, day)))
        for area in areas.order_by("code")
        if (day := first.get(area.code, outbreak.first_date)) <= last
    ]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of areas that have submitted all reports up to the last day that is over."""
    last = last_ended_day(outbreak, now)
    first = _first_missing(outbreak, last)
    tasks = still_open(outbreak, TaskKind.DAILY_REPORT)
    return [
        closed(task, TaskEnd.FACT_ARRIVED, now)
        for task in tasks
        if first.get(task.area_code, outbreak.first_date) > last
    ]


def last_ended_day(outbreak: Outbreak, now: datetime) -> date:
    """
    Say the last day of an outbreak that is over at a moment; a report covers a whole day, never a part.

    No report is due for days after the outbreak's own last day.
    """
    over = outbreak.day_of(now) - timedelta(days=1)
    ends = [outbreak.last_date, outbreak.closed_at and outbreak.day_of(outbreak.closed_at)]
    return min([over, *(day for day in ends if day is not None)])


def _first_missing(outbreak: Outbreak, last: date) -> dict[str, date]:
    """For areas that have submitted something: the first day that they have not."""
    submitted: dict[str, set[date]] = {}
    reports = DailyReport.objects.filter(outbreak=outbreak, submitted_at__isnull=False, date__lte=last)
    # A report that was returned is owed again.
    standing = reports.of_areas().standing().filter(returned_at__isnull=True)
    for code, day in standing.values_list("area_code", "date"):
        submitted.setdefault(code, set()).add(day)
    days = [outbreak.first_date + timedelta(days=n) for n in range((last - outbreak.first_date).days + 2)]
    return {code: next(day for day in days if day not in done) for code, done in submitted.items()}


def _returned(outbreak: Outbreak, last: date) -> dict[tuple[str, date], int]:
    """Give the version of each report that was returned and not corrected since: it is asked for once more."""
    rows = DailyReport.objects.filter(outbreak=outbreak, returned_at__isnull=False, date__lte=last)
    return {(code, day): n for code, day, n in rows.of_areas().standing().values_list("area_code", "date", "version")}


def _task(outbreak: Outbreak, area: Area, day: date, rules: Rules, returned: int | None) -> Task:
    due_at, cited = None, []
    if rules.says(INTERVAL):
        # The bulletin of the next day rests on it.
        total = period_end(day, rules.need(INTERVAL))
        due_at = total.ends_at(timezone.get_current_timezone())
        cited = [basis.entry(rules.need(INTERVAL), total, gives="due_at")]
    over_at = datetime.combine(day + timedelta(days=1), time(), tzinfo=timezone.get_current_timezone())
    return Task(
        outbreak=outbreak,
        kind=TaskKind.DAILY_REPORT,
        role=Role.REPORTER,
        area_code=area.code,
        subject_kind="report",
        subject_id=int(area.code),
        subject_label=f"{area.short_name} {day}",
        basis=cited,
        asked_at=over_at,
        due_at=due_at,
        source_key=f"task:{TaskKind.DAILY_REPORT}:{outbreak.pk}:{area.code}:{day}{f':{returned}' if returned else ''}",
    )
