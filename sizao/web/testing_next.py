"""Which scope and which next round: proposed street by street, with what it rests on; a named person plans it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sizao.records import access
from sizao.response.reports.lines import area_names
from sizao.response.testing import next_round
from sizao.terms import Right
from sizao.web import shell

MOST_STREETS = 400


@require_GET
def proposed(request: HttpRequest) -> HttpResponse:
    """Answer: which streets are tested again, when, and why?"""
    chosen = shell.chosen(request)
    access.require(request.user, Right.SITUATION_READ)
    known = {name: request.GET.get(name) == "1" for name in ("source_known", "chain_known")}
    told = next_round.propose(
        chosen.outbreak, request.user, as_of=chosen.as_of,
        source_unknown=not known["source_known"], chain_known=known["chain_known"],
    )  # fmt: skip
    streets = sorted(told.streets, key=lambda one: (not one.in_scope, one.next_date is None, one.next_date, one.code))
    names = area_names([one.code for one in streets[:MOST_STREETS]])
    shown = known | {
        "told": told,
        "streets": [(names.get(one.code, one.code), one) for one in streets[:MOST_STREETS]],
        "n_more": max(0, len(streets) - MOST_STREETS),
        "n_inside": sum(one.in_scope for one in streets),
        "may_plan": access.may(request.user, Right.TESTING_PLAN),
        "codes": " ".join(one.code for one in streets if one.in_scope),
    }
    return render(request, "web/testing_next.html", shown)
