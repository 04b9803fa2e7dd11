"""The daily reports of an area that end with one day: the figures as drafted, and who has submitted by a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sizao.records.models import Area, DailyReport, Outbreak
from sizao.response.reports import daily
from sizao.response.tasks.report_periods import Period, Periods
from sizao.terms import Figure, ReportState


@dataclass(frozen=True, slots=True)
class AreaReport:
    """
    One area's report; `row` is None where its figures are only counted: no report is drafted. Unknown is None.

    `period` is what the figures are of. An area that owes nothing with this day shows those of the day alone;
    `stands_in` then is the period of the report in which the day stands, or will.
    """

    area_code: str
    name: str
    level: str
    figures: tuple[int | None, ...]
    is_zero: bool
    row: int | None
    submitted_at: datetime | None
    submitted_by: str  # the account; `records.officers` says who stood behind it then
    period: Period
    stands_in: Period
    state: ReportState | None = None
    version: int = 1
    differs: bool = False
    is_owed: bool = True  # the rhythm of its level may leave the day to a later report

    @property
    def can_submit(self) -> bool:
        return self.row is not None and self.submitted_at is None


def reports(
    outbreak: Outbreak, area_code: str, day: date, *, as_of: datetime, figures: Iterable[Figure] = tuple(Figure)
) -> list[AreaReport]:
    """
    Give the reports of an area and of all within it that report, by code.

    Drafted reports are read; where an area has no draft by `as_of`, its figures are counted now.
    """
    asked = tuple(figures)
    areas = Area.objects.within(area_code).filter(level__in=daily.REPORTING_LEVELS).order_by("code")
    drafted = {
        one.area_code: one
        for one in DailyReport.objects.filter(outbreak=outbreak, date=day, area_code__startswith=area_code)
        .of_areas()
        .standing_at(as_of)
        .select_related("submitted_by")
    }
    periods = Periods(outbreak, as_of, within=area_code)
    owed = {area.code for area in areas if periods.owes(area.code, day)}
    asked_of = {code: periods.ending(code, day) for code in owed}
    lacking = [asked_of.get(area.code, Period(day, day)).first_date for area in areas if area.code not in drafted]
    counted = daily.by_day(outbreak, min(lacking), day, as_of=as_of) if lacking else []
    found = []
    for area in areas:
        period = asked_of.get(area.code, Period(day, day))
        stands_in = period if area.code in owed else periods.holding(area.code, day)
        if area.code in drafted:
            found.append(_drafted(area, drafted[area.code], asked, as_of, period))
        else:
            days = counted[-period.n_days :]
            found.append(_counted(area, days, asked, stands_in, is_owed=area.code in owed))
    return found


def _drafted(
    area: Area, one: DailyReport, asked: tuple[Figure, ...], as_of: datetime, period: Period
) -> AreaReport:  # fmt: skip
    submitted = one.submitted_at is not None and one.submitted_at <= as_of
    return AreaReport(
        area_code=area.code,
        name=area.name,
        level=area.level,
        figures=tuple(one.figures.get(figure) for figure in asked),
        is_zero=one.is_zero,
        row=one.pk,
        submitted_at=one.submitted_at if submitted else None,
        submitted_by=one.submitted_by.username if submitted and one.submitted_by else "",
        period=period,
        stands_in=period,
        state=one.state_at(as_of),
        version=one.version,
        differs=one.differs_at is not None and one.differs_at <= as_of,
    )


def _counted(
    area: Area, days: list[daily.DayFigures], asked: tuple[Figure, ...], stands_in: Period, *, is_owed: bool
) -> AreaReport:
    found = daily.over(days, area.code)
    return AreaReport(
        area_code=area.code,
        name=area.name,
        level=area.level,
        figures=tuple(found[figure] for figure in asked),
        is_zero=daily.is_zero(found),
        row=None,
        submitted_at=None,
        submitted_by="",
        period=Period(days[0].day, days[-1].day),
        stands_in=stands_in,
        is_owed=is_owed,
    )


def latest_ended(outbreak: Outbreak, day: date) -> date:
    """Say the latest day whose report can be due on a day: the day before, but not before the outbreak began."""
    return max(outbreak.first_date, day - timedelta(days=1))
