"""Transfers: who waits to be carried, decided on by number; what crews of other systems tell of their trips."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, Moment, account, act_at, outbreak
from sizao.api.isolation_sites import NoSuchRoom
from sizao.api.shapes import PageOf, answers, page
from sizao.records import access, keyset
from sizao.records.models import IsolationRoom, Person, Place, TransferLeg, TransferRequest, TransferTrip
from sizao.response import transport
from sizao.response.testing.incoming import LONGEST_KEY
from sizao.response.transport.desk import MOST_AT_ONCE
from sizao.response.transport.returning import left_room
from sizao.terms import (
    CrewAnswer,
    NotBoarded,
    Right,
    Symptom,
    TransferKind,
    TransferOddityKind,
    TransferState,
    TripActKind,
    TripState,
)

router = Router(tags=["transport"])


class TransferOut(Schema):
    """A request for a transfer, without who it is: by its number, from where to where, by when and by which value."""

    number: str
    kind: TransferKind
    state: TransferState
    area_code: str
    from_area_code: str
    to_area_code: str
    to_place: str | None
    asked_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    basis: list[dict[str, Any]]


class TransferIn(Schema):
    """A request by hand: the person's number, why they are carried, and the number of the place if not home."""

    person: str = Field(min_length=1, max_length=40)
    kind: TransferKind
    reason: str = Field(min_length=1, max_length=300)
    to_place: int | None = Field(None, ge=1, le=2**62)


class Consent(Schema):
    """How somebody without an issued order agreed, and to whom; empty where an order stands."""

    consent: str = Field("", max_length=300)


class TransferReason(Schema):
    """Why a request is refused."""

    reason: str = Field(max_length=300)


class AtCareOut(TransferOut):
    """The way that brought somebody to care, where they still are; the room they left, where they came from one."""

    left_room: int | None
    left_room_name: str | None


class BackIn(Schema):
    """Who allowed the way back; `room` is another room than the one they left."""

    reason: str = Field(min_length=1, max_length=300)
    room: int | None = Field(None, ge=1, le=2**62)


class LegOut(Schema):
    """One person of a trip: the request, when planned and when it was."""

    transfer: str
    planned_pick_up_at: datetime
    planned_arrival_at: datetime
    at_door_at: datetime | None
    boarded_at: datetime | None
    not_boarded_at: datetime | None
    arrived_at: datetime | None


class TripOut(Schema):
    """A trip of a vehicle with its legs."""

    id: int
    plate: str
    state: TripState
    planned_start_at: datetime
    planned_end_at: datetime
    set_out_at: datetime | None
    disinfected_at: datetime | None
    returned_at: datetime | None
    legs: list[LegOut]


class TripActIn(Schema):
    """One act of a crew, under a key of the device's own; `leg` for what was done with one person."""

    source_key: str = Field(min_length=1, max_length=LONGEST_KEY)
    trip: int = Field(ge=1, le=2**62)
    kind: TripActKind
    happened_at: Moment
    leg: int | None = Field(None, ge=1, le=2**62)
    identity_checked: bool = False
    temperature_c: float | None = None
    symptoms: list[Symptom] | None = None
    reason: NotBoarded | None = None
    receiver: str = Field("", max_length=60)
    note: str = Field("", max_length=200)


class TripActsIn(Schema):
    """What waits on a device: up to 200 acts; `sent_at` is its clock now, by which the moments are set right."""

    sent_at: Moment | None = None
    acts: list[TripActIn] = Field(min_length=1, max_length=MOST_AT_ONCE)


class TripActOut(Schema):
    """What became of an act. `queued` is kept too; `refused` is not, and `why` says what to correct."""

    source_key: str
    answer: CrewAnswer
    oddities: list[TransferOddityKind]
    why: str


class TripActsOut(Schema):
    """What became of each act, in their order."""

    acts: list[TripActOut]


@router.get("/outbreaks/{slug}/transfers", response=answers(PageOf[TransferOut]))
def list_transfers(request: HttpRequest, slug: str, asked: Query[AskedList], state: TransferState | None = None) -> Any:
    """List requests for transfers that had been made by the moment asked for, newest first."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    known = TransferRequest.objects.filter(
        outbreak=within, area_code__startswith=area_code, asked_at__lte=asked.moment(request)
    )
    if state:
        known = known.filter(state=state)
    rows = known.select_related("to_place")
    return page(keyset.page(rows, moment="asked_at", older_than=asked.key(), size=asked.size), _transfer)


@router.post("/outbreaks/{slug}/transfers", response=answers(TransferOut))
def ask_transfer(request: HttpRequest, slug: str, asked: Query[Asked], given: TransferIn) -> Any:
    """Ask that somebody be carried, in the name of the token's account."""
    by = account(request)
    within = outbreak(request, slug, to=Right.TRANSFER_ASK)
    person = Person.objects.filter(number=given.person).first()
    place = Place.objects.filter(pk=given.to_place).first() if given.to_place else None
    if person is None or (given.to_place and place is None):
        raise access.NotYours(what="person", area=by.area_code)
    made = transport.ask(
        outbreak=within, person=person, kind=given.kind, reason=given.reason, to_place=place, by=by,
        now=act_at(request, within, asked),
    )  # fmt: skip
    return _transfer(made)


@router.get("/outbreaks/{slug}/transfers/at-care", response=answers(PageOf[AtCareOut]))
def list_at_care(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """List the ways that brought people to care, where they still were at the moment asked for; the latest first."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    rows = transport.at_care(within, area_code, as_of=asked.moment(request))
    return page(keyset.page(rows, moment="ended_at", older_than=asked.key(), size=asked.size), _at_care)


@router.post("/transfers/{number}/back", response=answers(TransferOut))
def bring_back(request: HttpRequest, number: str, asked: Query[Asked], given: BackIn) -> Any:
    """Ask that somebody be carried back from care: to the room they left, to another one, or home."""
    found = _found(request, number, to=Right.TRANSFER_ASK)
    room = IsolationRoom.objects.filter(pk=given.room).first() if given.room else None
    if given.room and room is None:
        raise NoSuchRoom(number=given.room)
    at = act_at(request, found.outbreak, asked)
    return _transfer(transport.bring_back(request=found, room=room, reason=given.reason, by=account(request), now=at))


@router.post("/transfers/{number}/approve", response=answers(TransferOut))
def approve_transfer(request: HttpRequest, number: str, asked: Query[Asked], given: Consent) -> Any:
    """Approve a request in the name of the token's account."""
    found = _found(request, number)
    at = act_at(request, found.outbreak, asked)
    return _transfer(transport.approve(request=found, consent=given.consent, by=account(request), now=at))


@router.post("/transfers/{number}/refuse", response=answers(TransferOut))
def refuse_transfer(request: HttpRequest, number: str, asked: Query[Asked], why: TransferReason) -> Any:
    """Refuse a request, with the reason."""
    found = _found(request, number)
    at = act_at(request, found.outbreak, asked)
    return _transfer(transport.refuse(request=found, reason=why.reason, by=account(request), now=at))


@router.get("/outbreaks/{slug}/trips", response=answers(PageOf[TripOut]))
def list_trips(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """List trips that had been made by the moment asked for, newest first, with their legs."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    known = TransferTrip.objects.filter(
        outbreak=within, area_code__startswith=area_code, made_at__lte=asked.moment(request)
    )
    rows = known.select_related("vehicle").prefetch_related("legs__request")
    return page(keyset.page(rows, moment="made_at", older_than=asked.key(), size=asked.size), _trip)


@router.post("/outbreaks/{slug}/trip-acts", response=answers(TripActsOut))
def send_trip_acts(request: HttpRequest, slug: str, asked: Query[Asked], given: TripActsIn) -> Any:
    """Record what crews did, door by door; sent again it changes nothing."""
    within = outbreak(request, slug, to=Right.TRANSFER_CARRY)
    acts = [_act(one) for one in given.acts]
    told = transport.record_acts(
        outbreak=within, acts=acts, by=account(request), now=act_at(request, within, asked), sent_at=given.sent_at
    )
    return {
        "acts": [
            TripActOut(source_key=one.source_key, answer=one.answer, oddities=list(one.oddities), why=one.why)
            for one in told
        ]
    }


def _found(request: HttpRequest, number: str, *, to: Right = Right.TRANSFER_APPROVE) -> TransferRequest:
    rows = TransferRequest.objects.select_related("outbreak")
    by = account(request)
    found: TransferRequest = access.row(rows, what="transfer", to=to, by=by, number=number)
    return found


def _act(one: TripActIn) -> transport.ActSent:
    return transport.ActSent(
        source_key=one.source_key,
        trip=one.trip,
        kind=one.kind,
        happened_at=one.happened_at,
        leg=one.leg,
        identity_checked=one.identity_checked,
        temperature_c=one.temperature_c,
        symptoms=None if one.symptoms is None else tuple(one.symptoms),
        reason=one.reason,
        receiver=one.receiver,
        note=one.note,
    )


def _transfer(row: TransferRequest) -> TransferOut:
    return TransferOut(
        number=row.number,
        kind=TransferKind(row.kind),  # type: ignore[call-arg]
        state=TransferState(row.state),  # type: ignore[call-arg]
        area_code=row.area_code,
        from_area_code=row.from_area_code,
        to_area_code=row.to_area_code,
        to_place=row.to_place.name if row.to_place else None,
        asked_at=row.asked_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
        basis=row.basis,
    )


def _at_care(row: TransferRequest) -> AtCareOut:
    room = left_room(row)
    return AtCareOut(
        **_transfer(row).dict(), left_room=room.pk if room else None,
        left_room_name=f"{room.site.place.name} {room.number}" if room else None,
    )  # fmt: skip


def _trip(row: TransferTrip) -> TripOut:
    return TripOut(
        id=row.pk,
        plate=row.vehicle.plate,
        state=TripState(row.state),  # type: ignore[call-arg]
        planned_start_at=row.planned_start_at,
        planned_end_at=row.planned_end_at,
        set_out_at=row.set_out_at,
        disinfected_at=row.disinfected_at,
        returned_at=row.returned_at,
        legs=[_leg(leg) for leg in sorted(row.legs.all(), key=lambda leg: (leg.rank, leg.pk))],
    )


def _leg(leg: TransferLeg) -> LegOut:
    return LegOut(
        transfer=leg.request.number,
        planned_pick_up_at=leg.planned_pick_up_at,
        planned_arrival_at=leg.planned_arrival_at,
        at_door_at=leg.at_door_at,
        boarded_at=leg.boarded_at,
        not_boarded_at=leg.not_boarded_at,
        arrived_at=leg.arrived_at,
    )
