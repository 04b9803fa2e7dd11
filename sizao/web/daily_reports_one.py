"""One area's report of a day, the acts on it, and the queue of who approves."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Area, DailyReport
from sizao.response.reports import daily_acts
from sizao.response.reports.daily_page import one_area
from sizao.response.reports.lines import area_names
from sizao.terms import Figure, ReportState, Right
from sizao.web import daily_reports, refusals, shell

MOST_NUMBERS = 12
MOST_ROWS = 200  # approved with one press
PAGE_ROWS = 100


@require_GET
def one(request: HttpRequest, area_code: str) -> HttpResponse:
    """Answer: what does this area report, why is it not as in the report before, and does it still hold?"""
    access.require(request.user, Right.REPORT_READ, area_code=area_code)
    chosen = shell.chosen(request)
    area = Area.objects.filter(code=area_code).first()
    if area is None or not area_code.startswith(chosen.outbreak.area_code):
        raise access.NotYours(what="area", area=request.user.area_code)
    day = daily_reports.day_of(request, chosen)
    page = one_area(chosen.outbreak, area_code, day, as_of=chosen.as_of)
    told = [line for line in page.lines if line.reported or line.before or line.causes or line.differs]
    unknown = [line.figure for line in page.lines if line.reported is None]
    shown = {
        "date": day,
        "area": area,
        "page": page,
        "told": told,
        "unknown": unknown,
        "n_zero": len(page.lines) - len(told) - len(unknown),
        "may_keep": access.may(request.user, Right.REPORT_SUBMIT) and Figure.PRESENT in unknown,
        "names_people": access.may(request.user, Right.PERSON_LIST),
        "most": f":{MOST_NUMBERS}",
        "may_submit": _may(request, page.state, Right.REPORT_SUBMIT, {ReportState.DRAFTED}),
        "may_correct": _may(request, page.state, Right.REPORT_SUBMIT, _CORRECTED_FROM),
        "may_judge": page.report is not None and page.state == ReportState.SUBMITTED
        and daily_reports.to_approve(request, chosen).filter(pk=page.report.pk).exists()
        and access.may(request.user, Right.REPORT_APPROVE),
    }  # fmt: skip
    return render(request, "web/reports_one.html", shown)


_CORRECTED_FROM = {ReportState.SUBMITTED, ReportState.APPROVED, ReportState.RETURNED}


def _may(request: HttpRequest, state: ReportState | None, right: Right, states: set[ReportState]) -> bool:
    return state in states and access.may(request.user, right)


@require_GET
def approvals(request: HttpRequest) -> HttpResponse:
    """Answer: which reports wait for my approval, the oldest first?"""
    access.require(request.user, Right.REPORT_APPROVE)
    chosen = shell.chosen(request) if access.outbreaks(request.user).exists() else None
    waiting = daily_reports.to_approve(request, chosen).select_related("unit", "submitted_by")
    rows = list(waiting.order_by("date", "area_code", "pk")[: PAGE_ROWS + 1])
    more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS]
    names = area_names({row.area_code for row in rows if row.unit is None})
    shown = {
        "rows": [(row, row.unit.name if row.unit else names.get(row.area_code, row.area_code)) for row in rows],
        "n_waiting": waiting.order_by().count() if more else len(rows),
        "more": more,
    }
    return render(request, "web/reports_approvals.html", shown)


@require_POST
def approve(request: HttpRequest) -> HttpResponse:
    """Approve the reports that were marked, all or none."""
    access.require(request.user, Right.REPORT_APPROVE)
    marked = [int(given) for given in request.POST.getlist("report") if given.isascii() and given.isdigit()]
    rows = DailyReport.objects.filter(pk__in=marked[:MOST_ROWS], area_code__startswith=request.user.area_code)
    done = _tried(
        request,
        lambda now: daily_acts.approve_many(reports=list(rows.order_by("pk")), by=request.user, now=now),
    )
    if done is not None:
        messages.success(request, gettext("Approved: {n}.").format(n=len(done)))
    return redirect(_back(request, reverse("reports_approvals")))


@require_POST
def submit(request: HttpRequest, report_id: int) -> HttpResponse:
    """Submit a draft in one's own name."""
    report = _fetch(request, report_id, Right.REPORT_SUBMIT)
    if _tried(request, lambda now: daily_acts.submit(report=report, by=request.user, now=now)):
        messages.success(request, gettext("Submitted in your name."))
    if request.POST.get("from") == "area":
        return redirect(_page_of(request, report))
    return redirect(f"{_back(request, reverse('reports'))}&date={report.date}")


@require_POST
def recount(request: HttpRequest, report_id: int) -> HttpResponse:
    """Count a draft again."""
    report = _fetch(request, report_id, Right.REPORT_SUBMIT)
    if _tried(request, lambda now: daily_acts.recount(report=report, by=request.user, now=now)):
        messages.success(request, gettext("Counted again."))
    return redirect(_page_of(request, report))


@require_POST
def correct(request: HttpRequest, report_id: int) -> HttpResponse:
    """Correct a submitted report: a new version from the rows as they stand, with the reason."""
    report = _fetch(request, report_id, Right.REPORT_SUBMIT)
    reason = request.POST.get("reason", "")
    if _tried(request, lambda now: daily_acts.correct(report=report, reason=reason, by=request.user, now=now)):
        messages.success(request, gettext("Corrected in your name; the version before is kept."))
    return redirect(_page_of(request, report))


@require_POST
def send_back(request: HttpRequest, report_id: int) -> HttpResponse:
    """Return a report with the reason."""
    report = _fetch(request, report_id, Right.REPORT_APPROVE)
    reason = request.POST.get("reason", "")
    if _tried(request, lambda now: daily_acts.send_back(report=report, reason=reason, by=request.user, now=now)):
        messages.success(request, gettext("Returned with your reason."))
    return redirect(_back(request, reverse("reports_approvals")))


def _fetch(request: HttpRequest, report_id: int, right: Right) -> DailyReport:
    rows = DailyReport.objects.select_related("unit")
    found: DailyReport = access.row(rows, what="report", to=right, by=request.user, pk=report_id)
    return found


def _tried(request: HttpRequest, act: Callable[[datetime], Any]) -> Any:
    """Act at the moment that this screen's acts bear; a refusal is told above the page."""
    try:
        return act(moment_of(request))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
        return None


def moment_of(request: HttpRequest) -> datetime:
    """Say the moment an act bears: of the chosen outbreak, now where there is none."""
    return shell.chosen(request).moment if access.outbreaks(request.user).exists() else request.now


def _back(request: HttpRequest, address: str) -> str:
    query = shell.chosen(request).query if access.outbreaks(request.user).exists() else ""
    return f"{address}?{query}"


def _page_of(request: HttpRequest, report: DailyReport) -> str:
    if report.unit is not None:
        return _back(request, reverse("report_unit", args=[report.unit.pk]))
    return f"{_back(request, reverse('report_area', args=[report.area_code]))}&date={report.date}"
