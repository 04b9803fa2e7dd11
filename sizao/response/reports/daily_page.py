"""
One area's report of a period, often of one day: its versions, each figure beside the report before with the causes, and
what does not agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sizao.records.models import DailyReport, Outbreak
from sizao.response import outbreaks
from sizao.response.reports import daily, daily_acts, daily_changes, daily_levels, deadlines
from sizao.response.reports.daily_changes import Because
from sizao.response.reports.daily_levels import Sums
from sizao.response.reports.daily_rows import Span
from sizao.response.reports.deadlines import Deadline
from sizao.response.tasks.report_periods import Period, Periods
from sizao.terms import Figure, ReportState


@dataclass(frozen=True, slots=True)
class Version:
    """One version: the row, where it stood, and the figures that differ from the version before, as (then, now)."""

    report: DailyReport
    state: ReportState
    changed: tuple[tuple[Figure, int | None, int | None], ...]


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure: that of the report before, the reported one, its causes, and what rows tell now where it differs."""

    figure: Figure
    before: int | None
    reported: int | None
    causes: tuple[Because, ...]
    now: int | None
    differs: bool


@dataclass(frozen=True, slots=True)
class AreaPage:
    """
    What the page of one area and day shows; `report` is the standing version, None while none is drafted.

    `period` is what the figures are of: that of the report that ends with the day, else the day alone. `stands_in` is
    the period of the report that holds the day, or will. `before` is the period of the report before, None without one.
    """

    report: DailyReport | None
    state: ReportState | None
    versions: tuple[Version, ...]
    lines: tuple[FigureLine, ...]
    levels: Sums | None
    deadline: Deadline
    signature_holds: bool | None
    period: Period
    stands_in: Period
    before: Period | None
    is_owed: bool = True  # the rhythm of the area's level may leave this day to a later report

    @property
    def n_differ(self) -> int:
        return sum(line.differs for line in self.lines)


def one_area(outbreak: Outbreak, area_code: str, day: date, *, as_of: datetime) -> AreaPage:
    """Read the page of one area and day as it stood at a moment; the rows are counted as known then."""
    rows = DailyReport.objects.filter(outbreak=outbreak, area_code=area_code).of_areas()
    known = rows.filter(drafted_at__lte=as_of).select_related("submitted_by", "outbreak", "unit")
    of_day = list(known.filter(date=day).order_by("version"))
    standing = of_day[-1] if of_day else None
    periods = Periods(outbreak, as_of, within=area_code)
    is_owed = periods.owes(area_code, day)
    period = periods.ending(area_code, day) if is_owed else Period(day, day)
    before = known.filter(date=period.first_date - timedelta(days=1)).standing_at(as_of).first()
    rules, rhythm = outbreaks.rules_at(outbreak, as_of), periods.rhythm(area_code, day)
    return AreaPage(
        report=standing,
        state=standing.state_at(as_of) if standing else None,
        versions=_versions(of_day, as_of),
        lines=_lines(outbreak, area_code, Span(period.first_date, day, as_of), standing, before),
        levels=daily_levels.disagreements(outbreak, area_code, day, as_of=as_of) if standing else None,
        deadline=deadlines.of_area(rules, day, rhythm),
        signature_holds=daily_acts.signature_holds(standing) if standing else None,
        period=period,
        stands_in=periods.holding(area_code, day),
        before=Period(before.first_date, before.date) if before else None,
        is_owed=is_owed,
    )


def _versions(of_day: list[DailyReport], as_of: datetime) -> tuple[Version, ...]:
    told, before = [], None
    for one in of_day:
        changed = _changed(before.figures, one.figures) if before else ()
        told.append(Version(one, one.state_at(as_of), changed))
        before = one
    return tuple(told)


def _changed(
    then: Mapping[str, int | None], now: Mapping[str, int | None]
) -> tuple[tuple[Figure, int | None, int | None], ...]:
    return tuple(
        (Figure(name), *pair)  # type: ignore[call-arg]
        for name, pair in daily.differences(then, now).items()
        if name in set(Figure)
    )


def _lines(
    outbreak: Outbreak, area_code: str, span: Span, report: DailyReport | None, before: DailyReport | None
) -> tuple[FigureLine, ...]:
    changes, now = daily_changes.explained(outbreak, area_code, before, span)
    causes = {one.figure: one.causes for one in changes}
    was = before.figures if before else {}
    reported = report.figures if report else now
    return tuple(
        FigureLine(
            figure=figure,
            before=was.get(figure),
            reported=reported.get(figure),
            causes=causes.get(figure, ()),
            now=now.get(figure),
            differs=figure in reported and reported[figure] != now.get(figure),
        )
        for figure in Figure
    )
