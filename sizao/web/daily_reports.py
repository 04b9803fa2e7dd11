"""The daily report: each area's figures of a day, or of the period that ends with it; printed, or as a workbook."""

from datetime import date

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from sizao.adapters.spreadsheets import Sheet
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import DailyReport
from sizao.response.reports.submitted import latest_ended, reports
from sizao.response.tasks.report_periods import Period
from sizao.terms import Figure, ReportState, Right
from sizao.web import officers, shell, spreadsheet

# What fits an office screen and a sheet of paper; the workbook and an area's own page hold all.
ON_SCREEN = (
    Figure.NEW_CONFIRMED, Figure.CONVERTED, Figure.NEW_ASYMPTOMATIC, Figure.NEW_POSITIVE, Figure.CONFIRMED,
    Figure.ASYMPTOMATIC, Figure.POSITIVE_WAITING, Figure.CONTACTS_NEW, Figure.CONTACTS_OBSERVED,
    Figure.TESTS_RECORDED, Figure.WITHOUT_COUNTY,
)  # fmt: skip


class NotADay(SizaoError):
    code = "reports.day.unreadable"
    message = "“{given}” is not a day that a report can be about. Choose one from {first} to {last}."


@require_GET
def daily_reports(request: HttpRequest) -> HttpResponse:
    """Answer: what do the areas report of this day, and what waits for me?"""
    access.require(request.user, Right.REPORT_READ)
    if not access.outbreaks(request.user).exists():
        return redirect("reports_overview")  # in routine times only units report
    chosen = shell.chosen(request)
    day = day_of(request, chosen)
    found = reports(chosen.outbreak, chosen.area_code, day, as_of=chosen.as_of, figures=ON_SCREEN)
    drafted = [one for one in found if one.row is not None]
    officers.learn(request, (one.submitted_by for one in found))
    alike = {one.period for one in found}
    shown = {
        "date": day,
        # Where all report the same days together, the page is called by them.
        "period": alike.pop() if len(alike) == 1 else Period(day, day),
        "has_periods": any(not one.period.is_day for one in found),
        "reports": found,
        "figures": ON_SCREEN,
        "n_areas": sum(one.is_owed or one.submitted_at is not None for one in found),
        "n_submitted": sum(one.submitted_at is not None for one in found),
        "missing": [one for one in drafted if one.submitted_at is None and one.is_owed],
        "returned": [one for one in drafted if one.state == ReportState.RETURNED],
        "differing": [one for one in drafted if one.differs],
        "n_to_approve": n_to_approve(request, chosen),
        "is_drafted": bool(drafted),
        "is_today": day == chosen.day,
        "may_submit": access.may(request.user, Right.REPORT_SUBMIT),
        "may_approve": access.may(request.user, Right.REPORT_APPROVE),
        "may_classify": access.may(request.user, Right.CASE_CLASSIFY),
        "now": request.now,
    }
    return render(request, "web/reports.html", shown)


@require_GET
def daily_reports_export(request: HttpRequest) -> FileResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.REPORT_READ)
    day, language = day_of(request, chosen), get_language() or "zh"
    found = reports(chosen.outbreak, chosen.area_code, day, as_of=chosen.as_of)
    heads = [
        gettext("Code"),
        gettext("Area"),
        gettext("From"),
        gettext("Until"),
        *(figure.label(language) for figure in Figure),
        gettext("Submitted by"),
    ]
    officers.learn(request, (one.submitted_by for one in found))
    rows = [
        (
            one.area_code,
            one.name,
            one.period.first_date,
            one.period.last_date,
            *one.figures,
            officers.said(request, one.submitted_by, one.submitted_at),
        )
        for one in found
    ]
    return spreadsheet.send(f"sizao-report-{day}.xlsx", [Sheet(f"{gettext('Daily report')} {day}", heads, rows)])


def n_to_approve(request: HttpRequest, chosen: shell.Chosen) -> int:
    """Count what waits for this reader's approval; 0 for who may not approve."""
    if not access.may(request.user, Right.REPORT_APPROVE):
        return 0
    return to_approve(request, chosen).count()


def to_approve(request: HttpRequest, chosen: shell.Chosen | None):  # noqa: ANN201 — a query set
    """Give what waits for this reader's approval: of the levels below, of units, and of the highest level itself."""
    mine = request.user.area_code
    rows = DailyReport.objects.waiting_for_approval().filter(area_code__startswith=mine)
    rows = rows.exclude(submitted_by=request.user)
    own = rows.filter(unit__isnull=False)
    if chosen is None:
        return own
    waiting = rows.filter(outbreak=chosen.outbreak, submitted_at__lte=chosen.as_of)
    below = waiting if chosen.outbreak.area_code == mine else waiting.exclude(area_code=mine)
    return below | own


def day_of(request: HttpRequest, chosen: shell.Chosen) -> date:
    """Which day the report is about: the one asked for, else the last that was over."""
    given = request.GET.get("date")
    if not given:
        return latest_ended(chosen.outbreak, chosen.day)
    try:
        day = date.fromisoformat(given)
    except ValueError as fault:
        raise NotADay(given=given[:40], first=chosen.first_date, last=chosen.day) from fault
    if not chosen.first_date <= day <= chosen.day:
        raise NotADay(given=day, first=chosen.first_date, last=chosen.day)
    return day
