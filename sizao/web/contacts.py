"""Contacts: how many of each kind, where they and their control stand, and orders that wait."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sizao.records import access, keyset
from sizao.response.reports.four_clears import four_clears
from sizao.response.reports.queues import orders_waiting
from sizao.terms import Concern, Right, Whereabouts
from sizao.web import shell

KINDS = (Concern.CLOSE, Concern.SECONDARY, Concern.GENERAL)


@require_GET
def contacts(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.PERSON_LIST)
    found = four_clears(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    # Who died is hardly ever a contact still: that column stands only where it counts somebody.
    died = any(concern in KINDS and at == Whereabouts.DIED for concern, at, _ in found.cells)
    shown_places = [place for place in Whereabouts if died or place != Whereabouts.DIED]
    of_kind = {one.concern: one.people for one in found.groups}
    places = {
        kind: [
            (place, sum(count for (concern, at, _), count in found.cells.items() if (concern, at) == (kind, place)))
            for place in shown_places
        ]
        for kind in KINDS
    }
    shown = {
        "kinds": [(kind, of_kind[kind], places[kind]) for kind in KINDS],
        "places": shown_places,
        "n_contacts": sum(of_kind[kind] for kind in KINDS),
        "n_clear": found.n_clear,
        "n_areas": len(found.areas),
        "n_orders": keyset.count_capped(orders_waiting(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)),
        "may_issue": access.may(request.user, Right.ORDER_ISSUE),
    }
    return render(request, "web/contacts.html", shown)
