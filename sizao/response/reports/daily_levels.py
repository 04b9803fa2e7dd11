"""
Whether the sums of levels agree.

Every level is counted from the same rows, so its figure is the sum of the level below as long as both count the same
days and the same moment. Where it is not, the difference is listed with its cause.

A sum is over the days of the report above. An area below counts with its reports that make up these very days: with
one, or with seven daily ones beside a weekly one above. Where its reports are of other days (weekly below, daily
above), its share is counted from the rows of these days, and said to be so.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sizao.engines import daily_figures as engine
from sizao.records.models import Area, DailyReport, Outbreak
from sizao.response.reports import daily
from sizao.response.reports.daily_rows import REPORTING_DIGITS
from sizao.response.tasks.report_periods import Period, Periods
from sizao.terms import Figure, LevelCause

MOVED = (Figure.MOVED_IN, Figure.MOVED_OUT)
# Sums of these say nothing: cases without a county are known above the county only.
NOT_SUMMED = (Figure.WITHOUT_COUNTY,)


@dataclass(frozen=True, slots=True)
class LevelDifference:
    """A figure of an area that is not the sum of the areas below, and why; the causes add up to the difference."""

    figure: Figure
    total: int
    below: int
    causes: tuple[tuple[LevelCause, int], ...]


@dataclass(frozen=True, slots=True)
class OtherPeriod:
    """An area below whose report of these days is of other days too."""

    area_code: str
    name: str
    period: Period


@dataclass(frozen=True, slots=True)
class Sums:
    """A report beside the sum of the reports directly below it, over which days, and what differs."""

    period: Period
    n_same: int  # areas whose reports make up these very days
    others: tuple[OtherPeriod, ...]
    differences: tuple[LevelDifference, ...]


@dataclass(frozen=True, slots=True)
class _Below:
    """What stands of areas below: figures by their reports, as they were when the report above was counted."""

    now: daily.Figures
    then: daily.Figures | None  # None where they had no report then


def disagreements(outbreak: Outbreak, area_code: str, day: date, *, as_of: datetime) -> Sums | None:
    """
    Compare an area's report with the sum of those directly below it; None where it has no report or nobody below.

    A figure that is unknown on either side is not compared. Nothing is counted again but for areas whose reports are of
    other days: each report says what of its figures is known to its own level only, and of which moment it is.
    """
    places = [digits for digits in REPORTING_DIGITS if digits > len(area_code)]
    if not places:
        return None
    versions = DailyReport.objects.filter(outbreak=outbreak).of_areas().filter(drafted_at__lte=as_of)
    parent = versions.filter(area_code=area_code, date=day).standing_at(as_of).first()
    level = daily.REPORTING_LEVELS[REPORTING_DIGITS.index(places[0])]
    names = dict(Area.objects.within(area_code).filter(level=level).order_by("code").values_list("code", "name"))
    if parent is None or not names:
        return None
    period = Period(parent.first_date, parent.date)
    rows: dict[str, list[DailyReport]] = defaultdict(list)
    inside = versions.filter(area_code__startswith=area_code).holding(period.first_date, period.last_date)
    for one in inside.order_by("date", "version"):
        if one.area_code in names:
            rows[one.area_code].append(one)
    periods = Periods(outbreak, as_of, within=area_code)
    same = {code: found for code in names if (found := _below(rows[code], period, parent.drafted_at, as_of))}
    # Who owes a report that ends with this day and has none is missing; who does not, tells it with other days.
    others = [
        OtherPeriod(code, name, periods.holding(code, day))
        for code, name in names.items()
        if code not in same and _is_of_others(rows[code], period, periods, code)
    ]
    counted = _counted(outbreak, parent, others) if others else []
    n_missing = len(names) - len(same) - len(others)
    told = (_compare(one, parent, list(same.values()), counted, n_missing=n_missing) for one in Figure)
    return Sums(period, len(same), tuple(others), tuple(one for one in told if one is not None))


def _below(rows: Sequence[DailyReport], period: Period, then: datetime, as_of: datetime) -> _Below | None:
    """Sum up the reports of an area over a period; None where they do not make it up."""
    standing = [one for one in rows if _stood(one, as_of)]
    if [day for one in standing for day in Period(one.first_date, one.date).days()] != period.days():
        return None
    before = [one for one in rows if one.drafted_at <= then and _stood(one, then)]
    return _Below(_summed(standing), _summed(before) if len(before) == len(standing) else None)


def _stood(one: DailyReport, at: datetime) -> bool:
    return one.corrected_at is None or one.corrected_at > at


def _summed(reports: Sequence[DailyReport]) -> daily.Figures:
    return engine.over([one.figures for one in reports], daily.FLOWS)


def _is_of_others(rows: Sequence[DailyReport], period: Period, periods: Periods, code: str) -> bool:
    crosses = any(one.first_date < period.first_date or one.date > period.last_date for one in rows)
    return crosses or not periods.owes(code, period.last_date)


def _counted(outbreak: Outbreak, parent: DailyReport, others: Sequence[OtherPeriod]) -> list[daily.Figures]:
    days = daily.by_day(outbreak, parent.first_date, parent.date, as_of=parent.drafted_at, within=parent.area_code)
    return [daily.over(days, one.area_code) for one in others]


def _compare(
    figure: Figure, parent: DailyReport, below: Sequence[_Below], counted: Sequence[daily.Figures], *, n_missing: int
) -> LevelDifference | None:
    if figure in NOT_SUMMED:
        return None
    total = parent.figures.get(figure)
    known = [value for one in below if (value := one.now.get(figure)) is not None]
    elsewhere = [value for one in counted if (value := one.get(figure)) is not None]
    if total is None or len(known) < len(below) or len(elsewhere) < len(counted):
        return None
    rest = total - sum(known)
    if rest == 0 and not any(elsewhere):
        return None
    causes: list[tuple[LevelCause, int]] = []
    shares = (
        (LevelCause.WITHOUT_AREA, parent.own.get(figure, 0)),
        (LevelCause.OTHER_PERIOD, sum(elsewhere)),
        (LevelCause.VERSION, -sum(_since(figure, one) for one in below)),
    )
    for cause, share in shares:
        if share:
            causes.append((cause, share))
            rest -= share
    if rest:
        causes.append((_left(figure, n_missing), rest))
    return LevelDifference(figure, total, sum(known), tuple(causes))


def _since(figure: Figure, one: _Below) -> int:
    """Say by how much areas' figures were corrected after the report above was counted."""
    return 0 if one.then is None else (one.now.get(figure) or 0) - (one.then.get(figure) or 0)


def _left(figure: Figure, n_missing: int) -> LevelCause:
    if n_missing:
        return LevelCause.MISSING
    return LevelCause.MOVED if figure in MOVED else LevelCause.COUNTED_LATER
