"""The dispatcher's page: who waits for a vehicle, the late first, what is on the road, and what does not agree."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from sizao.adapters.spreadsheets import Sheet
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.access import NotYours
from sizao.records.models import (
    IsolationRoom,
    Person,
    Place,
    TransferLeg,
    TransferRequest,
    TransferTrip,
    TransferVehicle,
)
from sizao.response import transport
from sizao.response.isolation import occupancy
from sizao.response.transport import clocks, queue
from sizao.response.transport.requests import BY_RULE, goes_home, open_at
from sizao.response.transport.returning import left_room
from sizao.terms import NeedKind, PlaceKind, Right, RoomStatus, TransferKind, TransferState, TripState, VehicleState
from sizao.web import refusals, shell, spreadsheet

PAGE_ROWS = 50
MOST_TRIPS = 60
MOST_PLACES = 200
OPEN_TRIPS = (TripState.PLANNED, TripState.UNDER_WAY, TripState.TO_DISINFECT)


class NothingChosen(SizaoError):
    code = "transfers.chosen.unreadable"
    message = "Choose at least one row first, and say what is to become of it."


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Answer: who waits to be carried, who is late, what is on the road, and what has to be looked at?"""
    chosen = shell.chosen(request)
    access.require(request.user, Right.SITUATION_READ)
    waiting = open_at(chosen.outbreak, chosen.area_code, chosen.as_of).select_related("to_place", "from_place")
    page = number(request.GET.get("page", "")) or 1
    rows = list(waiting[(page - 1) * PAGE_ROWS : page * PAGE_ROWS + 1])
    timed = clocks.timed(list(waiting), chosen.as_of)
    odd = queue.waiting(chosen.outbreak, chosen.area_code, chosen.as_of)
    shown = {
        "rows": [_line(one, chosen.as_of) for one in rows[:PAGE_ROWS]],
        "page_after": page + 1 if len(rows) > PAGE_ROWS else 0,
        "page_before": page - 1,
        "n_waiting": len(timed),
        "n_asked": sum(one.request.state == TransferState.ASKED for one in timed),
        "n_bulk": sum(_is_for_many(one.request) for one in timed),
        "n_late": sum(one.is_late for one in timed),
        "trips": _trips(chosen),
        "odd": odd[:PAGE_ROWS],
        "n_odd": odd.count(),
        "kept": clocks.kept(_ever(chosen)),
        "late": [one for one in _ever(chosen) if one.is_late][:PAGE_ROWS],
        "vehicles": _free_vehicles(request),
        "places": Place.objects.filter(
            kind=PlaceKind.HOSPITAL, area_code__startswith=chosen.outbreak.area_code
        ).order_by("area_code", "name")[:MOST_PLACES],
        "kinds": list(TransferKind),
        "at_care": _at_care(chosen),
    }
    return render(request, "web/transfers.html", shown | common(request, "transfers"))


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Approve, refuse, cancel, or say where somebody goes; or approve all that may be approved together."""
    chosen, given = shell.chosen(request), request.POST
    access.require(request.user, Right.TRANSFER_APPROVE)
    facts = {"by": request.user, "now": chosen.moment}
    if given.get("act") == "approve_many":
        return _approve_many(request)

    def found() -> TransferRequest:
        return fetch(request, number(given.get("transfer", "")))

    acts: dict[str, Callable[[], object]] = {
        "approve": lambda: transport.approve(request=found(), consent=given.get("reason", ""), **facts),
        "refuse": lambda: transport.refuse(request=found(), reason=given.get("reason", ""), **facts),
        "cancel": lambda: transport.cancel(request=found(), reason=given.get("reason", ""), **facts),
        "destination": lambda: transport.say_destination(
            request=found(), place=_place(given.get("place", "")), **facts
        ),
    }
    return done(request, acts.get(given.get("act", "")), gettext("Done in your name."), reverse("transfers"))


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask by hand for a transfer of a person, by their number."""
    chosen, given = shell.chosen(request), request.POST
    access.require(request.user, Right.TRANSFER_ASK)

    def asked() -> object:
        person = Person.objects.filter(number=given.get("number", "").strip()).first()
        kind = given.get("kind", "")
        if person is None or kind not in set(TransferKind):
            raise NotYours(what="person", area=request.user.area_code)
        place = _place(given["place"]) if given.get("place") else None
        return transport.ask(
            outbreak=chosen.outbreak, person=person, kind=TransferKind(kind), reason=given.get("reason", ""),
            to_place=place, by=request.user, now=chosen.moment,
        )  # fmt: skip

    return done(request, asked, gettext("Asked for in your name."), reverse("transfers"))


@require_POST
def back(request: HttpRequest) -> HttpResponse:
    """Ask that somebody be carried back from care: to the room they left, to another one, or home."""
    chosen, given = shell.chosen(request), request.POST
    access.require(request.user, Right.TRANSFER_ASK)

    def asked() -> object:
        went = fetch(request, number(given.get("transfer", "")), to=Right.TRANSFER_ASK)
        room = IsolationRoom.objects.filter(pk=number(given.get("room", "")) or 0).first()
        return transport.bring_back(
            request=went, room=room, reason=given.get("reason", ""), by=request.user, now=chosen.moment
        )

    return done(request, asked, gettext("Asked for in your name."), reverse("transfers"))


@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """Say what came of something that did not agree."""
    chosen, given = shell.chosen(request), request.POST
    access.require(request.user, Right.TRANSFER_DISPATCH)

    def settled() -> object:
        return transport.settle_oddity(
            outbreak=chosen.outbreak, number=number(given.get("oddity", "")) or 0, outcome=given.get("outcome", ""),
            by=request.user, now=chosen.moment,
        )  # fmt: skip

    return done(request, settled, gettext("Settled in your name."), reverse("transfers"))


@require_GET
def export(request: HttpRequest) -> FileResponse:
    """Write all transfers of the area with each moment, by number and without names, to a workbook."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.TRANSFER_DISPATCH)
    language = get_language() or "zh"
    rows = [_exported(one, language) for one in _ever(chosen)]
    heads = [
        gettext("Number"), gettext("Kind"), gettext("State"), gettext("From"), gettext("Where to"), gettext("Due by"),
        gettext("Asked"), gettext("Approved"), gettext("Planned"), gettext("Set out"), gettext("Boarded"),
        gettext("Arrived"), gettext("Minutes late"), gettext("Late step"),
    ]  # fmt: skip
    journal.write("transfers.exported", chosen.outbreak, by=request.user, at=request.now, rows=len(rows))
    return spreadsheet.send("sizao-transfers.xlsx", [Sheet(gettext("Transfers"), heads, lambda: rows)])


# --- Shared by the pages of transport ----------------------------------------------------------


def done(request: HttpRequest, verb: Callable[[], object] | None, said: str, back: str) -> HttpResponse:
    """Do an act and go back: with a word of what was done, or with the refusal."""
    try:
        if verb is None:
            raise NothingChosen
        verb()
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    else:
        messages.success(request, said)
    return redirect(f"{back}?{shell.chosen(request).query}")


def common(request: HttpRequest, here: str) -> dict[str, object]:
    """Give what stands on every page of transport."""
    rights = {"ask": Right.TRANSFER_ASK, "approve": Right.TRANSFER_APPROVE, "dispatch": Right.TRANSFER_DISPATCH}
    rights["carry"] = Right.TRANSFER_CARRY
    return {"here": here} | {f"may_{name}": access.may(request.user, right) for name, right in rights.items()}


def fetch(request: HttpRequest, pk: int | None, *, to: Right = Right.TRANSFER_APPROVE) -> TransferRequest:
    """Fetch a request through the door."""
    mine = TransferRequest.objects.filter(outbreak=shell.chosen(request).outbreak)
    return access.row(mine, what="transfer", to=to, by=request.user, pk=pk or 0)


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 — of a bigint


def moment_of(text: str) -> datetime | None:
    """Read a moment as a form gives it, in the time of the place; None for what is none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return timezone.make_aware(read) if read.tzinfo is None else read


# --- What the board shows ----------------------------------------------------------------------


def _line(one: TransferRequest, as_of: datetime) -> dict[str, object]:
    is_late = one.due_at is not None and one.due_at < as_of
    return {
        "request": one,
        "kind": TransferKind(one.kind),
        "state": TransferState(one.state),
        "needs": [NeedKind(need) for need in one.needs],
        "is_late": is_late,
        "wants_place": one.to_place is None and not goes_home(one),
        "gives": one.basis[0]["gives"] if one.basis else "",
    }


def _at_care(chosen: shell.Chosen) -> list[dict[str, object]]:
    """Give who is at care, each with the rooms that they may go back to: the one they left first."""
    found = list(transport.at_care(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)[:PAGE_ROWS])
    left = [left_room(one) for one in found]
    sites = {room.site_id for room in left if room is not None}
    free = dict(occupancy.standing_as([RoomStatus.FREE], sites, as_of=chosen.as_of))
    rooms = list(IsolationRoom.objects.filter(pk__in=free).select_related("site__place").order_by("number", "pk"))
    return [
        {"request": one, "left": room, "rooms": [other for other in rooms if room and other.site_id == room.site_id]}
        for one, room in zip(found, left, strict=True)
    ]


def _is_for_many(one: TransferRequest) -> bool:
    is_asked = one.state == TransferState.ASKED and one.kind == TransferKind.CONTACT
    return bool(is_asked and one.source_key.startswith(BY_RULE))


def _trips(chosen: shell.Chosen) -> list[dict[str, object]]:
    found = TransferTrip.objects.filter(
        outbreak=chosen.outbreak,
        area_code__startswith=chosen.area_code,
        state__in=OPEN_TRIPS,
        made_at__lte=chosen.as_of,
    )
    trips = found.select_related("vehicle", "shift__driver").order_by("planned_start_at", "pk")[:MOST_TRIPS]
    return [{"trip": one, "state": TripState(one.state), **_counts(one)} for one in trips]


def _counts(trip: TransferTrip) -> dict[str, int]:
    legs = list(TransferLeg.objects.filter(trip=trip, taken_off_at=None))
    return {
        "n_people": len(legs),
        "n_aboard": sum(leg.boarded_at is not None and leg.ended_at is None for leg in legs),
        "n_arrived": sum(leg.arrived_at is not None for leg in legs),
    }


def _ever(chosen: shell.Chosen) -> Sequence[clocks.Timed]:
    asked = TransferRequest.objects.filter(
        outbreak=chosen.outbreak, area_code__startswith=chosen.area_code, asked_at__lte=chosen.as_of
    )
    over = (TransferState.REFUSED, TransferState.CANCELLED)
    return clocks.timed(list(asked.exclude(state__in=over).select_related("to_place").order_by("pk")), chosen.as_of)


def _free_vehicles(request: HttpRequest) -> Sequence[TransferVehicle]:
    mine = TransferVehicle.objects.filter(area_code__startswith=request.user.area_code)
    return mine.exclude(state=VehicleState.OUT_OF_SERVICE).order_by("plate")


def _place(text: str) -> Place:
    found = Place.objects.filter(pk=number(text) or 0).first()
    if found is None:
        raise NothingChosen
    return found


def _approve_many(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    asked = open_at(chosen.outbreak, request.user.area_code, chosen.as_of).filter(state=TransferState.ASKED)
    wanted = [one for one in asked if _is_for_many(one)]
    approved, refused = transport.approve_many(requests=wanted, by=request.user, now=chosen.moment)
    messages.success(
        request,
        ngettext("{n} transfer was approved in your name.", "{n} transfers were approved in your name.",
                 len(approved)).format(n=len(approved)),
    )  # fmt: skip
    for sentence in dict.fromkeys(refusals.sentence(one) for one in refused[:5]):
        messages.warning(request, sentence)
    return redirect(f"{reverse('transfers')}?{chosen.query}")


def _exported(one: clocks.Timed, language: str) -> list[object]:
    request, steps = one.request, one.steps
    moments = (
        request.due_at, steps.asked_at, steps.approved_at, steps.planned_at, steps.set_out_at, steps.boarded_at,
        steps.arrived_at,
    )  # fmt: skip
    return [
        request.number,
        TransferKind(request.kind).label(language),
        TransferState(request.state).label(language),
        request.from_area_code,
        request.to_place.name if request.to_place else "",
        *(timezone.localtime(moment) if moment else None for moment in moments),
        round(one.late_by.total_seconds() / 60) if one.is_late and one.late_by else None,
        one.step.label(language) if one.step else "",
    ]
