"""The daily report: each area's figures of a day on screen, printed or as a workbook; submitted by a reporter."""

from datetime import date

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.adapters.spreadsheets import Sheet
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import DailyReport
from sizao.response.reports import daily_acts
from sizao.response.reports.submitted import latest_ended, reports
from sizao.terms import Figure, Right
from sizao.web import refusals, shell, spreadsheet

# What fits an office screen and a sheet of paper; the workbook holds all.
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
    chosen = shell.chosen(request)
    access.require(request.user, Right.REPORT_READ)
    day = _day(request, chosen)
    found = reports(chosen.outbreak, chosen.area_code, day, as_of=chosen.as_of, figures=ON_SCREEN)
    drafted = [one for one in found if one.row is not None]
    shown = {
        "date": day,
        "reports": found,
        "figures": ON_SCREEN,
        "n_areas": len(found),
        "n_submitted": sum(one.submitted_at is not None for one in found),
        "missing": [one for one in drafted if one.submitted_at is None],
        "is_drafted": bool(drafted),
        "is_today": day == chosen.day,
        "may_submit": access.may(request.user, Right.REPORT_SUBMIT),
        "now": request.now,
    }
    return render(request, "web/reports.html", shown)


@require_GET
def daily_reports_export(request: HttpRequest) -> FileResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.REPORT_READ)
    day, language = _day(request, chosen), get_language() or "zh"
    found = reports(chosen.outbreak, chosen.area_code, day, as_of=chosen.as_of)
    heads = [gettext("Code"), gettext("Area"), *(figure.label(language) for figure in Figure), gettext("Submitted by")]
    rows = [(one.area_code, one.name, *one.figures, one.submitted_by) for one in found]
    return spreadsheet.send(f"sizao-report-{day}.xlsx", [Sheet(f"{gettext('Daily report')} {day}", heads, rows)])


@require_POST
def daily_report_submit(request: HttpRequest, report_id: int) -> HttpResponse:
    chosen = shell.chosen(request)
    report = access.row(
        DailyReport.objects.all(), what="report", to=Right.REPORT_SUBMIT, by=request.user, pk=report_id
    )  # fmt: skip
    try:
        daily_acts.submit(report=report, by=request.user, now=chosen.moment)
        messages.success(request, gettext("Submitted in your name."))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return redirect(f"{reverse('reports')}?{chosen.query}&date={report.date}")


def _day(request: HttpRequest, chosen: shell.Chosen) -> date:
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
