"""Contacts: the four clears of each area, where somebody is still to be found, and orders that wait."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sizao.records import access, keyset
from sizao.response.reports.clears import clears
from sizao.response.reports.queues import orders_waiting
from sizao.terms import Clear, Right
from sizao.web import shell


@require_GET
def contacts(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.PERSON_LIST)
    found = clears(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    totals = [sum(area.lacking[place][-1] for area in found) for place in range(len(Clear))]
    shown = {
        "areas": sorted(found, key=lambda area: (area.is_clear, -area.contacts)),
        "clears": [(clear, area_total) for clear, area_total in zip(Clear, totals, strict=True)],
        "n_contacts": sum(area.contacts for area in found),
        "n_clear": sum(area.is_clear for area in found),
        "n_orders": keyset.count_capped(orders_waiting(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)),
        "may_issue": access.may(request.user, Right.ORDER_ISSUE),
    }
    return render(request, "web/contacts.html", shown)
