"""
What a level above sees: who owes, who is in, late, zero, returned or missing by name; and whether the sums agree.

Every level is counted from the same rows, so its figure is the sum of the level below as long as both count the same
moment. Where it is not, the difference is listed with its cause.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sizao.records.models import Area, DailyReport, Outbreak, ReportingUnit
from sizao.response import outbreaks
from sizao.response.reports import daily, deadlines
from sizao.response.reports.daily_rows import REPORTING_DIGITS
from sizao.response.tasks.levels.standing import Rhythms
from sizao.response.tasks.reporting import owes
from sizao.terms import Figure, LevelCause, ReportState, Standing

MOVED = (Figure.MOVED_IN, Figure.MOVED_OUT)
# Sums of these say nothing: cases without a county are known above the county only.
NOT_SUMMED = (Figure.WITHOUT_COUNTY,)
# What says how a report stands; a province has thousands a day.
STATED = (
    "area_code", "unit_id", "date", "version", "is_zero", "drafted_at", "submitted_at", "approved_at", "returned_at",
    "corrected_at",
)  # fmt: skip


# --- Who has reported --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owed:
    """One report that is owed about a day, by an area or a unit, and how it stands."""

    area_code: str
    name: str
    unit: int | None
    standing: Standing
    due_at: datetime | None
    said_by: deadlines.SaidBy
    report: DailyReport | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What is owed of a part of the jurisdiction about one day, counted by how it stands."""

    area_code: str
    name: str
    counts: Mapping[Standing, int]

    @property
    def n_owed(self) -> int:
        return sum(self.counts.values())

    @property
    def n_in(self) -> int:
        return sum(self.counts.get(one, 0) for one in (Standing.IN, Standing.ZERO, Standing.LATE))


def owed(area_code: str, day: date, *, as_of: datetime, outbreak: Outbreak | None) -> list[Owed]:
    """
    List every report owed about a day within an area, by code: of province, city and county where there is an
    outbreak, and of the units with the duty to report, in routine times too.
    """
    found = [*_of_areas(outbreak, area_code, day, as_of)] if outbreak else []
    return sorted([*found, *_of_units(area_code, day, as_of)], key=lambda one: (one.area_code, one.unit or 0))


def _of_areas(outbreak: Outbreak, area_code: str, day: date, as_of: datetime) -> Iterable[Owed]:
    code = max(outbreak.area_code, area_code, key=len)
    areas = Area.objects.within(code).filter(level__in=daily.REPORTING_LEVELS)
    rules, rhythms = outbreaks.rules_at(outbreak, as_of), Rhythms(outbreak, as_of)
    reports = _standing(DailyReport.objects.filter(outbreak=outbreak).of_areas(), code, day, as_of)
    by_code = {one.area_code: one for one in reports}
    for area in areas:
        rhythm = rhythms.of(area.code, day)
        handed = by_code.get(area.code)
        # One that was handed in without being owed is shown all the same; a draft that nobody owes is not.
        if owes(rhythm, day) or (handed and handed.state_at(as_of) != ReportState.DRAFTED):
            deadline = deadlines.of_area(rules, day, rhythm)
            yield _owed(area.code, area.name, None, by_code.get(area.code), deadline, as_of)


def _of_units(area_code: str, day: date, as_of: datetime) -> Iterable[Owed]:
    units = ReportingUnit.objects.filter(area_code__startswith=area_code, first_date__lte=day, added_at__lte=as_of)
    due: dict[tuple[int, str], deadlines.Deadline] = {}
    reports = _standing(DailyReport.objects.filter(unit__isnull=False), area_code, day, as_of)
    by_unit = {one.unit_id: one for one in reports}
    for unit in units:
        if unit.owes(day):
            key = unit.due_hour, unit.basis
            deadline = due[key] = due.get(key) or deadlines.of_unit(unit, day)
            yield _owed(unit.area_code, unit.name, unit.pk, by_unit.get(unit.pk), deadline, as_of)


def _standing(rows, area_code: str, day: date, as_of: datetime) -> Iterable[DailyReport]:  # noqa: ANN001
    found = rows.filter(date=day, area_code__startswith=area_code).standing_at(as_of)
    return found.only(*STATED)


def _owed(  # noqa: PLR0913
    code: str, name: str, unit: int | None, report: DailyReport | None, deadline: deadlines.Deadline, as_of: datetime
) -> Owed:
    standing = _how(report, deadline, as_of)
    return Owed(code, name, unit, standing, deadline.due_at, deadline.said_by, report)


def _how(report: DailyReport | None, deadline: deadlines.Deadline, as_of: datetime) -> Standing:
    state = report.state_at(as_of) if report else ReportState.DRAFTED
    if report is None or state == ReportState.DRAFTED:
        return Standing.MISSING if deadline.late(None, as_of) else Standing.WAITING
    if state == ReportState.RETURNED:
        return Standing.RETURNED
    # A correction of a report that was in time is not late.
    if report.version == 1 and deadline.late(report.submitted_at, as_of):
        return Standing.LATE
    return Standing.ZERO if report.is_zero else Standing.IN


def overview(found: Sequence[Owed], area_code: str) -> list[Overview]:
    """Count what is owed by the areas directly below an area, and by what belongs to the area itself, first."""
    size = next((digits for digits in (*REPORTING_DIGITS, 9, 12) if digits > len(area_code)), 12)
    groups: dict[str, dict[Standing, int]] = {}
    for one in found:
        counts = groups.setdefault(one.area_code[:size], dict.fromkeys(Standing, 0))
        counts[one.standing] += 1
    names = dict(Area.objects.filter(code__in=groups).values_list("code", "name"))
    return [Overview(code, names.get(code, code), groups[code]) for code in sorted(groups)]


# --- Whether the sums agree --------------------------------------------------------------------


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
