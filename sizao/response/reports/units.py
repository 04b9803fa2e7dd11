"""Units with the duty to report, below the county or beside it: who they are, and what they state of their day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, DailyReport, Outbreak, ReportingUnit
from sizao.response.reports import daily_acts, deadlines
from sizao.terms import Right, UnitFigure, UnitKind

LARGEST = 10_000_000  # a figure of one unit beyond it is a slip of the pen


class NoSuchArea(SizaoError):
    code = "reporting_unit.no_such_area"
    message = "{name}: there is no area with the code {area}. Load the division tree, or correct the code."


class BadRhythm(SizaoError):
    code = "reporting_unit.rhythm"
    message = (
        "{name}: it reports every {every_days} days, {due_hour} hours after the day. Give 1 to 31 days, 0 to 72 hours."
    )


class BasisMissing(SizaoError):
    code = "reporting_unit.basis_missing"
    message = "{name}: name the notice that gives it the duty to report."


class NotOwed(SizaoError):
    code = "unit_report.not_owed"
    message = "{unit} owes no report about {date}. It reports every {every_days} days from {first}."


class DayNotOver(SizaoError):
    code = "unit_report.day_not_over"
    message = "{date} is not over. A report is about a whole day: state it from 00:00 of the next."


class NotAFigure(SizaoError):
    code = "unit_report.not_a_figure"
    message = "{unit}: {figure} is {given}. Give a whole number, zero or more, and every figure: zero is a statement."


class StatedAlready(SizaoError):
    code = "unit_report.stated"
    message = "{unit} has stated its figures for {date}, version {version}. Correct them, with the reason."


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is to report: `due_hour` counts hours after the end of the day, `basis` names the notice."""

    area_code: str
    name: str
    kind: UnitKind
    due_hour: int
    first_date: date
    basis: str
    every_days: int = 1
    source_key: str = ""


@transaction.atomic
def add(*, duties: Sequence[Duty], by: Account, now: datetime) -> list[ReportingUnit]:
    """
    Give units the duty to report, all or none; one that is there already (same area, kind and name) is passed over.

    Raise NoSuchArea, BadRhythm, BasisMissing or the door's refusal.
    """
    keys = {one.source_key or f"unit:{one.area_code}:{one.kind}:{one.name}": one for one in duties}
    there = set(ReportingUnit.objects.filter(source_key__in=keys).values_list("source_key", flat=True))
    known = set(Area.objects.filter(code__in={one.area_code for one in duties}).values_list("code", flat=True))
    fresh = []
    for key, one in keys.items():
        access.require(by, Right.REPORT_APPROVE, area_code=one.area_code)
        _check(one, known)
        if key not in there:
            fresh.append(_unit(one, key, by, now))
    ReportingUnit.objects.bulk_create(fresh, batch_size=500)
    journal.write_many([journal.line("reporting_unit.added", one, by=by, at=now, name=one.name) for one in fresh])
    return fresh


def _check(one: Duty, known: set[str]) -> None:
    if one.area_code not in known:
        raise NoSuchArea(name=one.name, area=one.area_code)
    if not (1 <= one.every_days <= 31 and 0 <= one.due_hour <= 72):
        raise BadRhythm(name=one.name, every_days=one.every_days, due_hour=one.due_hour)
    if not one.basis.strip():
        raise BasisMissing(name=one.name)


def _unit(one: Duty, key: str, by: Account, now: datetime) -> ReportingUnit:
    return ReportingUnit(
        area_code=one.area_code, name=one.name, kind=one.kind, every_days=one.every_days, due_hour=one.due_hour,
        first_date=one.first_date, basis=one.basis.strip()[:300], added_at=now, added_by=by.username, source_key=key,
    )  # fmt: skip


@transaction.atomic
def end(*, unit: ReportingUnit, last_date: date, by: Account, now: datetime) -> ReportingUnit:
    """End a unit's duty with the report about a day; what it reported stays."""
    access.require(by, Right.REPORT_APPROVE, area_code=unit.area_code)
    unit = ReportingUnit.objects.select_for_update().get(pk=unit.pk)
    unit.last_date = last_date
    unit.save(update_fields=["last_date"])
    journal.write("reporting_unit.ended", unit, by=by, at=now, last_date=str(last_date))
    return unit


@transaction.atomic
def state(  # noqa: PLR0913 — a statement has these parts
    *, unit: ReportingUnit, day: date, figures: Mapping[str, int | None], by: Account, now: datetime,
    outbreak: Outbreak | None = None,
) -> DailyReport:  # fmt: skip
    """
    State a unit's figures of the period that ends with a day, submitted in one's own name; all zero is a zero report.

    The same figures sent again change nothing; others for the same day are refused with StatedAlready. Raise NotOwed,
    DayNotOver, NotAFigure or the door's refusal.
    """
    access.require(by, Right.REPORT_SUBMIT, area_code=unit.area_code)
    unit = ReportingUnit.objects.select_for_update().get(pk=unit.pk)
    stated = checked(unit, figures)
    if timezone.localtime(now).date() <= day:
        raise DayNotOver(date=day)
    if not unit.owes(day):
        raise NotOwed(unit=unit.name, date=day, every_days=unit.every_days, first=unit.first_date)
    there = DailyReport.objects.filter(unit=unit, date=day).standing().first()
    if there is not None:
        if there.figures == stated and there.returned_at is None:
            return there
        raise StatedAlready(unit=unit.name, date=day, version=there.version)
    report = DailyReport.objects.create(
        outbreak=outbreak, unit=unit, area_code=unit.area_code, first_date=unit.first_of(day), date=day, figures=stated,
        is_zero=not any(stated.values()), drafted_at=now, due_at=deadlines.of_unit(unit, day).due_at,
        source_key=f"report:unit:{unit.pk}:{day}",
    )  # fmt: skip
    return daily_acts.submit(report=report, by=by, now=now)


def checked(unit: ReportingUnit, figures: Mapping[str, object]) -> dict[str, int]:
    """Give the figures of a unit in full; raise NotAFigure for one that is missing, unknown or no count."""
    for name in figures:
        if name not in set(UnitFigure):
            raise NotAFigure(unit=unit.name, figure=name, given=figures[name])
    stated: dict[str, int] = {}
    for figure in UnitFigure:
        given = figures.get(figure)
        if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= LARGEST:
            raise NotAFigure(unit=unit.name, figure=figure, given="—" if given is None else given)
        stated[str(figure)] = given
    return stated


def last_owed(unit: ReportingUnit, today: date) -> date | None:
    """Say the latest day that is over of which a unit owes a report; None before its first."""
    over = today - timedelta(days=1)
    day = min(over, unit.last_date) if unit.last_date else over
    if day < unit.first_date:
        return None
    if unit.owes(day):
        return day
    return day - timedelta(days=(day - unit.first_date).days % unit.every_days)
