"""
The daily report: figures of one area for one civil day, 00:00 to 24:00, or for the days of its period.

County, city and province are counted from the same rows, so they agree by construction. A stock is
yesterday's plus what came less what went. Over a period a flow is the sum of its days, a stock that at its end. What no
row can tell is None, never zero.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from sizao.engines import daily_figures as engine
from sizao.engines.daily_figures import Moves, Scheme
from sizao.records import journal
from sizao.records.models import Area, DailyReport, Event, FactKeeping, Outbreak
from sizao.response import outbreaks
from sizao.response.reports import daily_rows
from sizao.response.reports.daily_rows import COUNTY, REPORTING_DIGITS, Span
from sizao.response.tasks.report_periods import Period, Periods
from sizao.response.tasks.reporting import REPORTING_LEVELS, due_of_area, last_ended_day
from sizao.terms import Figure, TestResult

# Known only where an authority says that it enters every outcome of its cases (`reports.case_facts`).
OUTCOMES = (
    Figure.DISCHARGED, Figure.DIED, Figure.RELEASED, Figure.PRESENT, Figure.DISCHARGED_TOTAL, Figure.DIED_TOTAL,
)  # fmt: skip
SEVERITY = (Figure.SEVERE,)
# No row says where an infection came from: whether it was imported is not known here.
NO_ROW_TELLS = (Figure.NEW_IMPORTED,)
# Unknown as long as nobody has said that the facts of cases are entered.
NOT_RECORDED = (*OUTCOMES, *SEVERITY, *NO_ROW_TELLS)
COUNTED = tuple(figure for figure in Figure if figure not in NOT_RECORDED)
# What must be nothing for the report to say "nothing happened".
HAPPENED = (Figure.NEW_CONFIRMED, Figure.NEW_ASYMPTOMATIC, Figure.NEW_POSITIVE, Figure.CONTACTS_NEW)
LATE_CHANGES_DAYS = 14  # how far back the loop looks for reports whose rows now tell something else

Figures = dict[str, int | None]
TESTS = Scheme(
    flows={
        Figure.TESTS_RECORDED: lambda _, now: now != engine.NOWHERE,
        Figure.TESTS_POSITIVE: lambda _, now: now == TestResult.POSITIVE,
    },
    stocks={},
)


FLOWS = frozenset(
    {*engine.CASES.flows, *engine.CONTACTS.flows, *TESTS.flows, *NO_ROW_TELLS}
)  # the others stand at the end of a day


@dataclass(frozen=True, slots=True)
class Day:
    """A civil day as a span of moments: from its 00:00 until, and without, its 24:00."""

    date: date
    start_at: datetime
    end_at: datetime

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment falls on this day."""
        return self.start_at <= moment < self.end_at


def day_of(day: date) -> Day:
    """Give the span of a civil day in the zone of the jurisdiction."""
    zone = timezone.get_current_timezone()
    start, end = (datetime.combine(one, time(), tzinfo=zone) for one in (day, day + timedelta(days=1)))
    return Day(day, start, end)


class DayFigures(Mapping[str, Figures]):
    """
    The figures of one day by area code; an area that is missing has nothing: ask for it with `of`.

    `own` says what of an area's figures no area below it can count, by area and figure.
    """

    def __init__(self, day: date, found: dict[str, Figures], own: dict[str, dict[str, int]], kept: "Kept") -> None:
        self.day, self.own, self._found, self._kept = day, own, found, kept

    def __getitem__(self, area_code: str) -> Figures:
        return self._found[area_code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def of(self, area_code: str) -> Figures:
        """Give the figures of an area, zeros where nothing is recorded."""
        return self._found.get(area_code) or self._kept.blank(area_code, self.day)


def over(days: Sequence[DayFigures], area_code: str) -> Figures:
    """Sum up the figures of an area over the days of a period; one day is told as it is."""
    if len(days) == 1:
        return days[0].of(area_code)
    return engine.over([one.of(area_code) for one in days], FLOWS)


def own_over(days: Sequence[DayFigures], area_code: str) -> dict[str, int]:
    """Sum up in the same way what of them no area below can count; what is nothing is left out."""
    told = [one.own.get(area_code, {}) for one in days]
    names = {name for one in told for name in one}
    summed = engine.over([{name: one.get(name, 0) for name in sorted(names)} for one in told], FLOWS)
    return {name: n for name, n in summed.items() if n}


@dataclass(frozen=True, slots=True)
class Kept:
    """For which areas somebody enters outcomes and severity, and since when."""

    rows: tuple[tuple[str, date, bool], ...]

    def blank(self, area_code: str, day: date) -> Figures:
        """Give zeros, with None for what nobody enters for this area on this day."""
        kept = [severity for code, first, severity in self.rows if area_code.startswith(code) and first <= day]
        known = {*COUNTED, *(OUTCOMES if kept else ()), *(SEVERITY if any(kept) else ())}
        return {str(figure): 0 if figure in known else None for figure in Figure}


def figures(outbreak: Outbreak, day: Day, *, as_of: datetime | None = None) -> DayFigures:
    """
    Count all figures of a day for every area that has any, by area code.

    `as_of` leaves out what became known later; without it, all that is known now counts. `Figure.WITHOUT_COUNTY` says
    how many cases are counted at a higher level only, because their county is not known.
    """
    return by_day(outbreak, day.date, day.date, as_of=as_of)[0]


def by_day(
    outbreak: Outbreak, first: date, last: date, *, as_of: datetime | None = None, within: str = ""
) -> list[DayFigures]:
    """
    Count the figures of each day from first to last, in one pass over the rows.

    With `within` only the figures of that area and of those inside it are whole.
    """
    span = Span(first, last, as_of, within)
    counted: list[dict[str, Figures]] = [defaultdict(dict) for _ in range(span.n_days)]
    own: list[dict[str, dict[str, int]]] = [defaultdict(dict) for _ in range(span.n_days)]
    for scheme, moves in _sources(outbreak, span):
        _put(counted, *engine.tally(scheme, moves, n_days=span.n_days, digits=REPORTING_DIGITS), scheme)
        for size in REPORTING_DIGITS:
            only_here = [one for one in moves if len(one.area_code) == size != COUNTY]
            if only_here:
                _put(own, *engine.tally(scheme, only_here, n_days=span.n_days, digits=[size]), scheme)
    kept = keeping(outbreak, as_of)
    return [
        DayFigures(
            day,
            {code: _completed(found, kept.blank(code, day)) for code, found in by_area.items()},
            {code: _mended(found) for code, found in alone.items()},
            kept,
        )
        for day, by_area, alone in zip(_days(first, last), counted, own, strict=True)
    ]


def _sources(outbreak: Outbreak, span: Span) -> Iterator[tuple[Scheme, Sequence[Moves]]]:
    cases = daily_rows.case_moves(outbreak, span)
    yield engine.CASES, cases.cases
    yield engine.ONSET, cases.onset
    yield engine.SEVERITY, cases.severity
    yield engine.WITHOUT_COUNTY, cases.without_county()
    yield engine.CONTACTS, daily_rows.contact_moves(outbreak, span)
    yield TESTS, daily_rows.test_moves(outbreak, span)


def _put(by_day_: list[dict], codes: Sequence[str], counted: "engine.np.ndarray", scheme: Scheme) -> None:
    names = [str(figure) for figure in scheme.figures]
    for found, areas in zip(by_day_, counted.tolist(), strict=True):
        for code, row in zip(codes, areas, strict=True):
            found[code].update(zip(names, row, strict=True))


def _mended(found: dict[str, int]) -> dict[str, int]:
    # What was counted is those whose onset is known; the report tells those of whom it is not.
    known = found.pop(Figure.ONSET_UNKNOWN, 0)
    found[str(Figure.ONSET_UNKNOWN)] = found.get(Figure.CONFIRMED, 0) - known
    return {str(figure): n for figure, n in found.items() if n}


def _completed(found: dict[str, int], blank: Figures) -> Figures:
    mended = _mended(found)
    return {figure: None if at_first is None else mended.get(figure, 0) for figure, at_first in blank.items()}


def keeping(outbreak: Outbreak, as_of: datetime | None) -> Kept:
    """Say for which areas outcomes are entered, as it was known at a moment."""
    rows = FactKeeping.objects.filter(outbreak=outbreak)
    if as_of is not None:
        rows = rows.filter(recorded_at__lte=as_of)
    told = rows.values_list("area_code", "first_date", "severity_too", "withdrawn_at")
    standing = (one for one in told if one[3] is None or (as_of is not None and one[3] > as_of))
    return Kept(tuple((code, first, severity) for code, first, severity, _ in standing))


def zeros() -> Figures:
    """Give the figures of an area in which nothing is recorded and nobody enters outcomes."""
    return {str(figure): None if figure in NOT_RECORDED else 0 for figure in Figure}


def is_zero(found: Mapping[str, int | None]) -> bool:
    """Tell whether nothing happened by these figures."""
    return not any(found.get(figure) for figure in HAPPENED)


# --- Drafting ----------------------------------------------------------------------------------


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Draft the report of each area for each period that is over, that it owes and that lacks one; return how many.

    With which days a period ends its level's rhythm says: at routine with the last of each week. It begins after the
    report before, so that each day stands in one. When something is drafted, submitted reports of the last days are
    counted again; where rows now tell something else, the report is marked, never changed: its reporter is asked for a
    correction.
    """
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    last = last_ended_day(outbreak, now)
    periods = Periods(outbreak, now)
    lacking = _lacking(outbreak, _days(outbreak.first_date, last), reporting_areas(outbreak), periods)
    if not lacking:
        return 0
    again = max(outbreak.first_date, max(lacking) - timedelta(days=LATE_CHANGES_DAYS))
    told = _submitted(outbreak, again, last)
    firsts = [period.first_date for owed in lacking.values() for period in owed.values()]
    first = min(*firsts, *(one.first_date for one in told), again)
    counted = {one.day: one for one in by_day(outbreak, first, last, as_of=now)}
    drafted = sum(_draft(outbreak, lacking[day], counted, periods, now) for day in sorted(lacking))
    _mark_what_differs(told, counted, now)
    return drafted


def _lacking(
    outbreak: Outbreak, days: Sequence[date], codes: Sequence[str], periods: Periods
) -> dict[date, dict[str, Period]]:
    """Say for each day which areas owe a report that ends with it and have no draft, and of which period."""
    drafts = DailyReport.objects.filter(outbreak=outbreak).of_areas().standing()
    n_drafts = dict(drafts.values_list("date").annotate(Count("id")))
    # Most days have them all, which needs no look at each area.
    unfinished = [day for day in days if n_drafts.get(day, 0) < len(codes)]
    periods.read(unfinished)
    found = {
        day: {
            code: periods.ending(code, day)
            for code in codes
            if periods.held(code, day) is None and periods.owes(code, day)
        }
        for day in unfinished
    }
    return {day: missing for day, missing in found.items() if missing}


def _days(first: date, last: date) -> list[date]:
    return Period(first, last).days()


def reporting_areas(outbreak: Outbreak) -> list[str]:
    """List the codes of the areas that report: province, cities and counties of the outbreak."""
    areas = Area.objects.within(outbreak.area_code).filter(level__in=REPORTING_LEVELS)
    return list(areas.order_by("code").values_list("code", flat=True))


def drafted_at(outbreak: Outbreak, first: date, last: date, *, now: datetime) -> list[DayFigures] | None:
    """
    Give the figures of days from the reports that were drafted at this very moment, as `by_day` would count them again.

    What only an area's own level can tell is left out. None where a report of one of the days is older or lacks, or
    holds other days with it.
    """
    days, codes = _days(first, last), reporting_areas(outbreak)
    rows = DailyReport.objects.filter(outbreak=outbreak, date__in=days, version=1, drafted_at=now).of_areas()
    rows = rows.filter(first_date=F("date"))
    found: dict[date, dict[str, Figures]] = {day: {} for day in days}
    for day, code, told in rows.values_list("date", "area_code", "figures"):
        found[day][code] = told
    if not codes or any(len(by_area) < len(codes) for by_area in found.values()):
        return None
    kept = keeping(outbreak, now)
    return [DayFigures(day, by_area, {}, kept) for day, by_area in found.items()]


def _draft(
    outbreak: Outbreak, owed: Mapping[str, Period], counted: Mapping[date, DayFigures], periods: Periods, now: datetime
) -> int:
    rules = outbreaks.rules_at(outbreak, now)
    drafts = [
        draft_of(
            outbreak, code, [counted[day] for day in period.days()], now=now,
            due_at=due_of_area(rules, period.last_date, periods.rhythm(code, period.last_date))[0],
        )
        for code, period in owed.items()
    ]  # fmt: skip
    DailyReport.objects.bulk_create(drafts, batch_size=500)
    journal.write_many([_line("report.drafted", one, now) for one in drafts])
    return len(drafts)


def _line(verb: str, report: DailyReport, now: datetime) -> Event:
    return journal.line(verb, report, by=None, at=now, **said_of(report))


def said_of(report: DailyReport) -> dict[str, str]:
    """Say for the journal which days a report holds: the last, and the first where it is another."""
    first = {} if report.first_date == report.date else {"first_date": str(report.first_date)}
    return {"date": str(report.date), **first}


def draft_of(
    outbreak: Outbreak, code: str, days: Sequence[DayFigures], *, now: datetime, due_at: datetime | None,
    version: int = 1, reason: str = "",
) -> DailyReport:  # fmt: skip
    """Compose a version of an area's report from what was counted on the days of its period; nothing is written."""
    first, last = days[0].day, days[-1].day
    key = f"report:{outbreak.pk}:{code}:{last}"
    found = over(days, code)
    return DailyReport(
        outbreak=outbreak,
        area_code=code,
        first_date=first,
        date=last,
        version=version,
        figures=found,
        own=own_over(days, code),
        is_zero=is_zero(found),
        drafted_at=now,
        due_at=due_at,
        correction_reason=reason,
        source_key=key if version == 1 else f"{key}:{version}",
    )


def _submitted(outbreak: Outbreak, first: date, last: date) -> list[DailyReport]:
    """List the submitted reports that end within some days and are not known to differ."""
    rows = DailyReport.objects.filter(
        outbreak=outbreak, date__gte=first, date__lte=last, submitted_at__isnull=False, differs_at__isnull=True
    )
    told = rows.of_areas().standing()
    return list(told.only("id", "area_code", "first_date", "date", "figures", "outbreak_id"))


def _mark_what_differs(told: Iterable[DailyReport], counted: Mapping[date, DayFigures], now: datetime) -> None:
    differing = [
        one
        for one in told
        if differences(one.figures, over([counted[day] for day in _days(one.first_date, one.date)], one.area_code))
    ]
    for one in differing:
        one.differs_at = now
    DailyReport.objects.bulk_update(differing, ["differs_at"], batch_size=500)
    journal.write_many([_line("report.differs", one, now) for one in differing])


def differences(
    then: Mapping[str, int | None], now: Mapping[str, int | None]
) -> dict[str, tuple[int | None, int | None]]:
    """Give the figures that differ, each as (then, now); a figure that an older version did not have is left out."""
    return {name: (then[name], now.get(name)) for name in then if then[name] != now.get(name)}
