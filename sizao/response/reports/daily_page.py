"""One area's report of one day: its versions, each figure beside yesterday with the causes, and what does not agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sizao.records.models import DailyReport, Outbreak
from sizao.response import outbreaks
from sizao.response.reports import daily, daily_acts, daily_changes, daily_levels, deadlines
from sizao.response.reports.daily_changes import Because
from sizao.response.reports.daily_levels import LevelDifference
from sizao.response.reports.deadlines import Deadline
from sizao.response.tasks.levels.standing import Rhythms
from sizao.response.tasks.reporting import owes
from sizao.terms import Figure, ReportState


@dataclass(frozen=True, slots=True)
class Version:
    """One version: the row, where it stood, and the figures that differ from the version before, as (then, now)."""

    report: DailyReport
    state: ReportState
    changed: tuple[tuple[Figure, int | None, int | None], ...]


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure: yesterday's, the reported one, its causes, and what the rows tell now where that differs."""

    figure: Figure
    yesterday: int | None
    reported: int | None
    causes: tuple[Because, ...]
    now: int | None
    differs: bool


@dataclass(frozen=True, slots=True)
class AreaPage:
    """What the page of one area and day shows; `report` is the standing version, None while none is drafted."""

    report: DailyReport | None
    state: ReportState | None
    versions: tuple[Version, ...]
    lines: tuple[FigureLine, ...]
    levels: tuple[LevelDifference, ...] | None
    deadline: Deadline
    signature_holds: bool | None
    is_owed: bool = True  # the rhythm of the area's level may leave this day out

    @property
    def n_differ(self) -> int:
        return sum(line.differs for line in self.lines)


def one_area(outbreak: Outbreak, area_code: str, day: date, *, as_of: datetime) -> AreaPage:
    """Read the page of one area and day as it stood at a moment; the rows are counted as known then."""
    rows = DailyReport.objects.filter(outbreak=outbreak, area_code=area_code).of_areas()
    known = rows.filter(drafted_at__lte=as_of).select_related("submitted_by", "outbreak", "unit")
    of_day = list(known.filter(date=day).order_by("version"))
    yesterday = known.filter(date=day - timedelta(days=1)).standing_at(as_of).first()
    standing = of_day[-1] if of_day else None
    levels = daily_levels.disagreements(outbreak, area_code, day, as_of=as_of) if standing else None
    rhythm = Rhythms(outbreak, as_of).of(area_code, day)
    return AreaPage(
        report=standing,
        state=standing.state_at(as_of) if standing else None,
        versions=_versions(of_day, as_of),
        lines=_lines(outbreak, area_code, day, standing, yesterday, as_of),
        levels=None if levels is None else tuple(levels),
        deadline=deadlines.of_area(outbreaks.rules_at(outbreak, as_of), day, rhythm),
        signature_holds=daily_acts.signature_holds(standing) if standing else None,
        is_owed=owes(rhythm, day),
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


def _lines(  # noqa: PLR0913
    outbreak: Outbreak, area_code: str, day: date, report: DailyReport | None, yesterday: DailyReport | None,
    as_of: datetime,
) -> tuple[FigureLine, ...]:  # fmt: skip
    changes, now = daily_changes.explained(outbreak, area_code, yesterday, daily.day_of(day), as_of=as_of)
    causes = {one.figure: one.causes for one in changes}
    was = yesterday.figures if yesterday else {}
    reported = report.figures if report else now
    return tuple(
        FigureLine(
            figure=figure,
            yesterday=was.get(figure),
            reported=reported.get(figure),
            causes=causes.get(figure, ()),
            now=now.get(figure),
            differs=figure in reported and reported[figure] != now.get(figure),
        )
        for figure in Figure
    )
