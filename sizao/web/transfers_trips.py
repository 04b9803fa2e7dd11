"""One trip: its people, each act of its crew, and what a dispatcher may still change; and a trip made by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.records import access
from sizao.records.models import TransferLeg, TransferTrip, TransferVehicle, TripAct
from sizao.response import transport
from sizao.response.transport.feasible import TripUnreadable
from sizao.terms import NotBoarded, Right, TransferKind, TripActKind, TripState
from sizao.web import shell, transfers

DISINFECTION = timedelta(minutes=30)
LONGEST_MINUTES = 24 * 60


@require_GET
def one(request: HttpRequest, trip_id: int) -> HttpResponse:
    """Answer: who is on this trip, where does it stand, and what did its crew tell?"""
    chosen, found = shell.chosen(request), fetch(request, trip_id, to=Right.SITUATION_READ)
    legs = TransferLeg.objects.filter(trip=found, trip__made_at__lte=chosen.as_of)
    others = TransferTrip.objects.filter(
        outbreak=chosen.outbreak, area_code__startswith=request.user.area_code, state=TripState.PLANNED
    ).exclude(pk=found.pk)
    acts = TripAct.objects.filter(trip=found, recorded_at__lte=chosen.as_of).select_related("leg__request")
    shown = {
        "trip": found,
        "state": TripState(found.state),
        "legs": [
            (
                leg,
                TransferKind(leg.request.kind),
                NotBoarded(leg.not_boarded_reason) if leg.not_boarded_reason else None,
            )
            for leg in legs.select_related("request__to_place").order_by("rank", "pk")
        ],
        "acts": [(act, TripActKind(act.kind)) for act in acts.order_by("happened_at", "pk")],
        "odd": found.oddities.filter(settled_at=None),
        "others": others.select_related("vehicle").order_by("planned_start_at"),
        "may_change": access.may(request.user, Right.TRANSFER_DISPATCH) and found.state == TripState.PLANNED,
    }
    return render(request, "web/transfers_trip.html", shown | transfers.common(request, "transfers"))


@require_POST
def change(request: HttpRequest, trip_id: int) -> HttpResponse:
    """Put somebody on another trip, take them off, or cancel the trip; each with a reason."""
    chosen, given = shell.chosen(request), request.POST
    found = fetch(request, trip_id, to=Right.TRANSFER_DISPATCH)
    facts = {"reason": given.get("reason", ""), "by": request.user, "now": chosen.moment}

    def asked() -> object:
        return transfers.fetch(request, transfers.number(given.get("transfer", "")), to=Right.TRANSFER_DISPATCH)

    def other() -> TransferTrip:
        return fetch(request, transfers.number(given.get("trip", "")) or 0, to=Right.TRANSFER_DISPATCH)

    acts: dict[str, Callable[[], object]] = {
        "move": lambda: transport.move_to(request=asked(), trip=other(), overrule=given.get("overrule", ""), **facts),
        "take_off": lambda: transport.take_off(request=asked(), **facts),
        "cancel": lambda: transport.cancel_trip(trip=found, **facts),
    }
    back = reverse("transfers_trip", args=[found.pk])
    return transfers.done(request, acts.get(given.get("act", "")), gettext("Changed in your name."), back)


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a trip by hand: these requests, this vehicle, from then on, for so many minutes."""
    chosen, given = shell.chosen(request), request.POST
    access.require(request.user, Right.TRANSFER_DISPATCH)

    def made() -> object:
        start, minutes = transfers.moment_of(given.get("start", "")), transfers.number(given.get("minutes", ""))
        vehicle = access.row(
            TransferVehicle.objects.all(), what="vehicle", to=Right.TRANSFER_DISPATCH, by=request.user,
            pk=transfers.number(given.get("vehicle", "")) or 0,
        )  # fmt: skip
        if start is None or not minutes or minutes > LONGEST_MINUTES:
            raise TripUnreadable
        wanted = [
            transfers.fetch(request, transfers.number(pk), to=Right.TRANSFER_DISPATCH)
            for pk in given.getlist("transfer")
        ]
        end = start + timedelta(minutes=minutes)
        return transport.make_trip(
            outbreak=chosen.outbreak, vehicle=vehicle, rides=_rides(wanted, start, end), start=start, end=end,
            overrule=given.get("overrule", ""), by=request.user, now=chosen.moment,
        )  # fmt: skip

    return transfers.done(request, made, gettext("The trip stands; its crew sees it."), reverse("transfers"))


def fetch(request: HttpRequest, trip_id: int, *, to: Right) -> TransferTrip:
    """Fetch a trip through the door."""
    mine = TransferTrip.objects.filter(outbreak=shell.chosen(request).outbreak).select_related("vehicle", "shift")
    return access.row(mine, what="trip", to=to, by=request.user, pk=trip_id)


def _rides(wanted: list, start: datetime, end: datetime) -> list[transport.Ride]:
    """Spread doors over the first half of a trip and hand-overs over the second; the crew tells the real moments."""
    half = (end - DISINFECTION - start) / 2 if end - start > DISINFECTION else (end - start) / 2
    step = half / max(1, len(wanted))
    return [transport.Ride(one, start + step * (n + 1), start + half + step * (n + 1)) for n, one in enumerate(wanted)]
