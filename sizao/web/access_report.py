"""What a resident may know: who looked at their data, when, why, what came of it, and how to object."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from sizao.records import access
from sizao.response.reports.lines import area_names
from sizao.response.tracing.access_report import access_report
from sizao.terms import REVIEW_DAYS, Right
from sizao.web import shell

MOST_READINGS = 200  # on one page; all of them are counted


@require_GET
def report(request: HttpRequest, number: str) -> HttpResponse:
    """Show and print the account for the person at the desk; that it was given is journalled."""
    shell.chosen(request)
    found = access.person(number, to=Right.PERSON_ACCOUNT, by=request.user, now=request.now)
    told = access_report(found, to=request.user, now=request.now)
    shown = {
        "person": found,
        "identity": access.identity(found, to=request.user),
        "told": told,
        "looked": told.looked[:MOST_READINGS],
        "areas": area_names(one.by_area_code for one in told.looked),
        "rights": {right: right.label(get_language() or "zh") for right in Right},
        "review_days": REVIEW_DAYS,
    }
    return render(request, "web/access_report.html", shown)
