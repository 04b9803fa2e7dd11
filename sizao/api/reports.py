"""Daily reports: counted from rows, zero included, submitted by somebody."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, act_at, outbreak
from sizao.api.shapes import answers
from sizao.records import access
from sizao.records.models import DailyReport
from sizao.response.reports import daily_acts
from sizao.terms import Right

router = Router(tags=["reports"])


class ReportOut(Schema):
    """The figures of one area for one day; a figure that is not known is null, and zero is a statement."""

    id: int
    area_code: str
    date: date
    figures: dict[str, Any]
    is_zero: bool
    drafted_at: datetime
    submitted_at: datetime | None
    submitted_by: str | None


@router.get("/outbreaks/{slug}/daily-reports", response=answers(list[ReportOut]))
def list_reports(request: HttpRequest, slug: str, asked: Query[AskedList], on: date | None = None) -> Any:
    """List the daily reports of one day for the areas of the jurisdiction; without `on`, of the latest day known."""
    within = outbreak(request, slug, to=Right.REPORT_READ)
    as_of = asked.moment(request)
    area_code = asked.area_code(account(request), Right.REPORT_READ)
    known = DailyReport.objects.filter(outbreak=within, area_code__startswith=area_code, drafted_at__lte=as_of)
    day = on or known.order_by("-date").values_list("date", flat=True).first()
    rows = known.filter(date=day).select_related("submitted_by").order_by("area_code")
    return [_report(row, as_of) for row in rows]


@router.post("/daily-reports/{number}/submit", response=answers(ReportOut))
def submit(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Submit a drafted report in the name of the token's account; zero is then a statement somebody made."""
    rows = DailyReport.objects.select_related("submitted_by")
    found = access.row(rows, what="report", to=Right.REPORT_SUBMIT, by=account(request), pk=number)
    at = act_at(request, found.outbreak, asked)
    return _report(daily_acts.submit(report=found, by=account(request), now=at), at)


def _report(row: DailyReport, as_of: datetime) -> ReportOut:
    submitted = row.submitted_at is not None and row.submitted_at <= as_of
    return ReportOut(
        id=row.pk,
        area_code=row.area_code,
        date=row.date,
        figures=row.figures,
        is_zero=row.is_zero,
        drafted_at=row.drafted_at,
        submitted_at=row.submitted_at if submitted else None,
        submitted_by=row.submitted_by.username if submitted and row.submitted_by else None,
    )
