"""Who owes a report and has not sent it; the units with that duty; and a unit's own statement, made on a phone."""

from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import DailyReport, Outbreak, ReportingUnit
from sizao.response.reports import daily_acts, owing, units
from sizao.terms import Right, Standing, UnitFigure, UnitKind
from sizao.web import refusals, shell
from sizao.web.daily_reports_one import moment_of
from sizao.web.order_acts import word
from sizao.web.orders import read_day

MOST_NAMED = 60
PAGE_UNITS = 100
MOST_OWING, MOST_DUES = 4, 4


class NotANumber(SizaoError):
    code = "reports.figure.unreadable"
    message = "“{given}” is no count. Write a whole number; zero is a statement too."


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Answer: who has not reported yet, by name, and who late?"""
    access.require(request.user, Right.REPORT_READ, area_code=request.GET.get("area") or None)
    outbreak, as_of = _now_at(request)
    area_code = request.GET.get("area") or request.user.area_code
    day = read_day(request.GET.get("date", "")) or timezone.localtime(as_of).date() - timedelta(days=1)
    found = owing.overview(area_code, day, as_of=as_of, outbreak=outbreak, most_named=MOST_NAMED, most_owing=MOST_OWING)
    shown = {
        "date": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "area_code": area_code,
        "n_owed": found.n_owed,
        "n_in": found.n_in,
        "counts": found.counts.items(),
        "below": found.parts,
        "standings": list(Standing),
        "troubled": [(kind, named, found.counts[kind] - len(named)) for kind, named in found.named.items() if named],
        "dues": [
            (one.first_date, one.due_at, one.said_by, one.names, one.count - len(one.names))
            for one in found.dues[:MOST_DUES]
        ],
        "has_outbreak": outbreak is not None,
        "may_approve": access.may(request.user, Right.REPORT_APPROVE),
    }
    return render(request, "web/reports_overview.html", shown)


def _now_at(request: HttpRequest) -> tuple[Outbreak | None, datetime]:
    if not access.outbreaks(request.user).exists():
        return None, request.now
    chosen = shell.chosen(request)
    return chosen.outbreak, chosen.as_of


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Answer: which units report to us, and how do they stand; give another the duty."""
    access.require(request.user, Right.REPORT_READ)
    if request.method == "POST":
        _add(request)
        return redirect(request.get_full_path())
    as_of = _now_at(request)[1]
    today = timezone.localtime(as_of).date()
    mine = ReportingUnit.objects.filter(area_code__startswith=request.user.area_code)
    start = shell.rows_before(request)
    rows = list(mine.order_by("area_code", "name", "pk")[start : start + PAGE_UNITS + 1])
    latest = {unit.pk: units.last_owed(unit, today) for unit in rows}
    reports = DailyReport.objects.filter(unit__in=latest).standing_at(as_of).filter(submitted_at__isnull=False)
    stated = {(unit, day) for unit, day in reports.values_list("unit_id", "date")}
    shown = {
        "rows": [
            (unit, day and unit.first_of(day), day, (unit.pk, day) in stated)
            for unit in rows[:PAGE_UNITS]
            for day in [latest[unit.pk]]
        ],
        "n_units": mine.count() if start or len(rows) > PAGE_UNITS else len(rows),
        "next": start + PAGE_UNITS if len(rows) > PAGE_UNITS else None,
        "kinds": list(UnitKind),
        "may_add": access.may(request.user, Right.REPORT_APPROVE),
        "today": today,
    }
    return render(request, "web/reports_units.html", shown)


def _add(request: HttpRequest) -> None:
    given = request.POST
    try:
        duty = units.Duty(
            area_code=given.get("area_code", "").strip(),
            name=given.get("name", "").strip()[:100],
            kind=word(UnitKind, given.get("kind", "")),
            due_hour=_count(given.get("due_hour", "")),
            every_days=_count(given.get("every_days", "")),
            first_date=read_day(given.get("first_date", "")) or timezone.localtime(request.now).date(),
            basis=given.get("basis", ""),
        )
        units.add(duties=[duty], by=request.user, now=moment_of(request))
        messages.success(request, gettext("{name} reports from now on.").format(name=duty.name))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Answer: what does this unit state of the day; zero in one press."""
    rows = ReportingUnit.objects.all()
    unit = access.row(rows, what="unit", to=Right.REPORT_SUBMIT, by=request.user, pk=unit_id)
    outbreak, as_of = _now_at(request)
    day = read_day(request.GET.get("date", "")) or units.last_owed(unit, timezone.localtime(as_of).date())
    if request.method == "POST" and day is not None:
        _state(request, unit, day, outbreak)
        return redirect(request.get_full_path())
    of_unit = DailyReport.objects.filter(unit=unit, drafted_at__lte=as_of).select_related("submitted_by")
    versions = list(of_unit.filter(date=day).order_by("version")) if day else []
    standing = versions[-1] if versions else None
    figures = standing.figures if standing else {}
    shown = {
        "unit": unit,
        "date": day,
        "first": day and (standing.first_date if standing else unit.first_of(day)),
        "figures": [(figure, figures.get(figure)) for figure in UnitFigure],
        "report": standing,
        "state": standing.state_at(as_of) if standing else None,
        "versions": [(one, one.state_at(as_of)) for one in versions],
        "signature_holds": daily_acts.signature_holds(standing) if standing else None,
    }
    return render(request, "web/reports_unit.html", shown)


def _state(request: HttpRequest, unit: ReportingUnit, day: date, outbreak: Outbreak | None) -> None:
    given = request.POST
    try:
        zero = given.get("zero") == "yes"
        figures = {str(one): 0 if zero else _count(given.get(str(one), "")) for one in UnitFigure}
        standing = DailyReport.objects.filter(unit=unit, date=day).standing().first()
        if standing is None:
            mine = outbreak if outbreak and unit.area_code.startswith(outbreak.area_code) else None
            units.state(unit=unit, day=day, figures=figures, by=request.user, now=moment_of(request), outbreak=mine)
        else:
            reason = given.get("reason", "")
            checked = units.checked(unit, figures)
            daily_acts.correct(
                report=standing, figures=checked, reason=reason, by=request.user, now=moment_of(request)
            )  # fmt: skip
        messages.success(request, gettext("Submitted in your name."))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))


def _count(given: str) -> int:
    text = given.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 8):
        raise NotANumber(given=text[:20])
    return int(text)
