"""From a row of a scorecard to the page of what it counts, where that page is not named by the row's number."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from sizao.records import access
from sizao.records.models import DailyReport, TransferLeg, TransferRequest
from sizao.terms import Right


@require_GET
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    """Lead to the report of an area of its day, or to the unit that owes it."""
    rows = DailyReport.objects.select_related("outbreak")
    found = access.row(rows, what="report", to=Right.REPORT_READ, by=request.user, pk=report_id)
    if found.unit_id is not None:
        return redirect(f"{reverse('report_unit', args=[found.unit_id])}?{urlencode({'day': found.date})}")
    about = {"outbreak": found.outbreak.slug, "day": found.date}
    return redirect(f"{reverse('report_area', args=[found.area_code])}?{urlencode(about)}")


@require_GET
def transfer(request: HttpRequest, request_id: int) -> HttpResponse:
    """Lead to the trip on which somebody was or will be carried, else to the board on which the request waits."""
    rows = TransferRequest.objects.select_related("outbreak")
    found = access.row(rows, what="transfer", to=Right.SITUATION_READ, by=request.user, pk=request_id)
    leg = TransferLeg.objects.filter(request=found).order_by("-pk").first()
    address = reverse("transfers_trip", args=[leg.trip_id]) if leg else reverse("transfers")
    return redirect(f"{address}?{urlencode({'outbreak': found.outbreak.slug})}")
