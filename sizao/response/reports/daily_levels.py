"""
Whether the sums of levels agree.

Every level is counted from the same rows, so its figure is the sum of the level below as long as both count the same
moment. Where it is not, the difference is listed with its cause.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sizao.records.models import Area, DailyReport, Outbreak
from sizao.response.reports import daily
from sizao.response.reports.daily_rows import REPORTING_DIGITS
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


def disagreements(outbreak: Outbreak, area_code: str, day: date, *, as_of: datetime) -> list[LevelDifference] | None:
    """
    Compare an area's report with the sum of those directly below it; None where it has no report or nobody below.

    A figure that is unknown on either side is not compared. Nothing is counted again: each report says what of its
    figures is known to its own level only, and of which moment it is.
    """
    places = [digits for digits in REPORTING_DIGITS if digits > len(area_code)]
    if not places:
        return None
    versions = DailyReport.objects.filter(outbreak=outbreak, date=day).of_areas().filter(drafted_at__lte=as_of)
    parent = versions.filter(area_code=area_code).standing_at(as_of).first()
    codes = set(_codes(area_code, places[0]))
    if parent is None or not codes:
        return None
    rows = [one for one in versions.filter(area_code__startswith=area_code) if one.area_code in codes]
    standing = [one for one in rows if one.corrected_at is None or one.corrected_at > as_of]
    first = {one.area_code: one for one in rows if one.drafted_at <= parent.drafted_at and _then(one, parent)}
    found = []
    for figure in Figure:
        if figure in NOT_SUMMED:
            continue
        one = _compare(figure, parent, standing, first, n_missing=len(codes) - len(standing))
        if one is not None:
            found.append(one)
    return found


def _codes(area_code: str, digits: int) -> Iterable[str]:
    level = daily.REPORTING_LEVELS[REPORTING_DIGITS.index(digits)]
    return Area.objects.within(area_code).filter(level=level).values_list("code", flat=True)


def _then(one: DailyReport, parent: DailyReport) -> bool:
    """Tell whether a version stood when the report above was counted."""
    return one.corrected_at is None or one.corrected_at > parent.drafted_at


def _compare(
    figure: Figure, parent: DailyReport, standing: Sequence[DailyReport], then: Mapping[str, DailyReport], *,
    n_missing: int,
) -> LevelDifference | None:  # fmt: skip
    total = parent.figures.get(figure)
    values = [one.figures.get(figure) for one in standing]
    known = [value for value in values if value is not None]
    if total is None or len(known) < len(values):
        return None
    rest = total - sum(known)
    if rest == 0:
        return None
    causes: list[tuple[LevelCause, int]] = []
    own = parent.own.get(figure, 0)
    newer = sum(_since(figure, one, then.get(one.area_code)) for one in standing)
    for cause, share in ((LevelCause.WITHOUT_AREA, own), (LevelCause.VERSION, -newer)):
        if share:
            causes.append((cause, share))
            rest -= share
    if rest:
        causes.append((_left(figure, n_missing), rest))
    return LevelDifference(figure, total, sum(known), tuple(causes))


def _since(figure: Figure, one: DailyReport, then: DailyReport | None) -> int:
    """Say by how much an area's figure was corrected after the report above was counted."""
    return 0 if then is None else (one.figures.get(figure) or 0) - (then.figures.get(figure) or 0)


def _left(figure: Figure, n_missing: int) -> LevelCause:
    if n_missing:
        return LevelCause.MISSING
    return LevelCause.MOVED if figure in MOVED else LevelCause.COUNTED_LATER
