"""
Rooms for people: a proposal is accepted, changed for another room or refused by a named person, or lapses by rule.

A placement is open until the person arrives in the room (`stays.arrive` closes it) or it comes to nothing. The database
gives one person one open placement, one household a room, and no room more people than beds.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import (
    Account,
    IsolationOrder,
    IsolationRoom,
    Outbreak,
    Person,
    Place,
    RoomPlacement,
    Stay,
    TransferRequest,
)
from sizao.records.models.room_placement import OPEN_PLACEMENTS
from sizao.records.models.transfer import OPEN_TRANSFERS
from sizao.response.isolation.sites import USABLE
from sizao.terms import PLACEMENT_MOVES, OrderState, PlacementState, Right, SiteState, StayKind, TransferKind, Words

OPEN_ORDERS = (OrderState.PROPOSED, OrderState.ISSUED)
_ARRIVED = (StayKind.ROOM, StayKind.BED)


class PlacementCannotMove(SizaoError):
    code = "placement.cannot_move"
    message = "The room of {number} is {was}, so it cannot become {state}. From here it may become: {allowed}."


class PlacementReasonMissing(SizaoError):
    code = "placement.reason_missing"
    message = "Give the reason in a few words: it is kept beside the room that was proposed."


class AlreadyPlaced(SizaoError):
    code = "placement.already_placed"
    message = "{number} has a room proposed or kept already: {room}. Change that one, or refuse it first."


class RoomKept(SizaoError):
    code = "placement.room_kept"
    message = "{room} was given to somebody else a moment ago. Choose another room."


class RoomWithoutBed(SizaoError):
    code = "placement.room_without_bed"
    message = "{room} has no bed left: it has {beds}. Choose another room."


class RoomCannotTake(SizaoError):
    code = "placement.room_cannot_take"
    message = "{room} cannot take anybody: the site is “{state}”{reason}. Choose another room."


class OrderOver(SizaoError):
    code = "placement.order_over"
    message = "The order of {number} is {state}, so no room is kept for it."


class SameRoom(SizaoError):
    code = "placement.same_room"
    message = "{room} is the room that {number} has already. Nothing was changed."


# --- Deciding ----------------------------------------------------------------------------------


@transaction.atomic
def accept(*, placement: RoomPlacement, by: Account, now: datetime) -> RoomPlacement:
    """
    Keep a proposed room for its person, in one's own name.

    Raise PlacementCannotMove, RoomCannotTake, OrderOver, or the door's refusal.
    """
    accepted, refused = accept_many(placements=[placement], by=by, now=now)
    if refused:
        raise refused[0]
    return accepted[0]


@transaction.atomic
def accept_many(
    *, placements: Iterable[RoomPlacement], by: Account, now: datetime
) -> tuple[list[RoomPlacement], list[SizaoError]]:
    """
    Keep, in one's own name, those of many proposed rooms that `accept` would keep.

    Return those kept, and why each of the others was refused. Raise the door's refusal where the right itself lacks.
    """
    access.require(by, Right.ROOM_ALLOCATE)
    kept, refused = [], []
    for one in _locked([placement.pk for placement in placements]):
        try:
            _allow(one, PlacementState.ACCEPTED, by)
            _stands(one)
        except SizaoError as refusal:
            refused.append(refusal)
            continue
        kept.append(one)
    write_all(kept, state=PlacementState.ACCEPTED, decided_at=now, decided_by=by)
    _written("room.accepted", kept, by=by, now=now)
    return kept, refused


@transaction.atomic
def change(*, placement: RoomPlacement, room: IsolationRoom, reason: str, by: Account, now: datetime) -> RoomPlacement:
    """
    Give a person another room than the one proposed or kept, with the reason; the new one is kept in one's own name.

    Any room that the database allows may be chosen, whether an engine would propose it or not. The placement before
    stays on record (`instead_of`). Raise PlacementReasonMissing, PlacementCannotMove, SameRoom, RoomCannotTake,
    RoomKept, RoomWithoutBed, OrderOver, or the door's refusal.
    """
    reason = _given(reason)
    room = _room(room)
    held([placement.person_id], [placement.room_id, room.pk])
    was = _locked([placement.pk])[0]
    _allow(was, PlacementState.CHANGED, by)
    access.require(by, Right.ROOM_ALLOCATE, area_code=room.site.area_code)
    if room.pk == was.room_id:
        raise SameRoom(room=name_of(room), number=was.person.number)
    _takes(room)
    _order_stands(was.order, was.person)
    was.state, was.ended_at = PlacementState.CHANGED, now
    was.save(update_fields=["state", "ended_at"])
    fresh = _kept(was.person, was.order, room, by=by, now=now)
    fresh.outbreak_id, fresh.allocation_id, fresh.party = was.outbreak_id, was.allocation_id, was.party
    fresh.due_at, fresh.change_reason, fresh.instead_of = was.due_at, reason, was
    save(fresh)
    _written("room.changed", [fresh], by=by, now=now)
    return fresh


@transaction.atomic
def keep(
    *, order: IsolationOrder, room: IsolationRoom, reason: str, by: Account, now: datetime,
    due_at: datetime | None = None,
) -> RoomPlacement:  # fmt: skip
    """
    Keep a room for somebody for whom none was proposed, with the reason: somebody at the door, or a shortage.

    Raise AlreadyPlaced, and what `change` raises.
    """
    reason = _given(reason)
    room = _room(room)
    access.require(by, Right.ROOM_ALLOCATE, area_code=order.area_code)
    access.require(by, Right.ROOM_ALLOCATE, area_code=room.site.area_code)
    held([order.person_id], [room.pk])
    order = IsolationOrder.objects.select_related("person").get(pk=order.pk)
    _takes(room)
    _order_stands(order, order.person)
    fresh = _kept(order.person, order, room, by=by, now=now)
    fresh.outbreak_id, fresh.due_at, fresh.change_reason = order.outbreak_id, due_at, reason
    save(fresh)
    _written("room.accepted", [fresh], by=by, now=now)
    return fresh


@transaction.atomic
def refuse(*, placement: RoomPlacement, reason: str, by: Account, now: datetime) -> RoomPlacement:
    """
    Not take a proposed room, or no longer keep an accepted one, with the reason; the person waits again.

    Raise PlacementReasonMissing, PlacementCannotMove, or the door's refusal.
    """
    reason = _given(reason)
    one = _locked([placement.pk])[0]
    state = PlacementState.LAPSED if one.state == PlacementState.ACCEPTED else PlacementState.REFUSED
    _allow(one, state, by)
    one.state, one.ended_at, one.change_reason, one.decided_by, one.decided_at = state, now, reason, by, now
    one.save(update_fields=["state", "ended_at", "change_reason", "decided_by", "decided_at"])
    _written("room.refused", [one], by=by, now=now)
    return one


# --- By rule -----------------------------------------------------------------------------------


@transaction.atomic
def lapse(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Let go the rooms of people whose order ended or was declined, or who are in a hospital bed. Return how many.

    A room that is kept for a way back from care is not let go while that way is open.
    """
    open_ones = RoomPlacement.objects.filter(outbreak=outbreak, state__in=OPEN_PLACEMENTS)
    in_bed = Stay.objects.current(now).filter(kind=StayKind.BED).values("person")
    coming_back = TransferRequest.objects.filter(
        placement=OuterRef("pk"), kind=TransferKind.CARE, state__in=OPEN_TRANSFERS
    )
    in_care = Q(person__in=in_bed) & ~Exists(coming_back)
    over = open_ones.filter(Q(order__isnull=False) & ~Q(order__state__in=OPEN_ORDERS) | in_care)
    gone = list(over.order_by("pk").select_for_update(of=["self"]))
    write_all(gone, state=PlacementState.LAPSED, ended_at=now)
    _written("room.lapsed", gone, by=None, now=now)
    return len(gone)


def close_by_arrival(person: Person, kind: StayKind, place: Place | None, *, by: Account | None, now: datetime) -> None:
    """Close the open placement of a held person who arrived: as arrived in its room, as lapsed elsewhere."""
    if kind not in _ARRIVED:
        return
    one = RoomPlacement.objects.filter(person=person, state__in=OPEN_PLACEMENTS).select_related("room").first()
    if one is None:
        return
    there = place is not None and one.room.place_id == place.pk
    one.state, one.ended_at = PlacementState.ARRIVED if there else PlacementState.LAPSED, now
    one.save(update_fields=["state", "ended_at"])
    _written("room.arrived" if there else "room.lapsed", [one], by=by, now=now)


# --- Reading -----------------------------------------------------------------------------------


def standing(outbreak: Outbreak, area_code: str, as_of: datetime) -> QuerySet[RoomPlacement]:
    """Give the placements of people of an area that were open at a moment."""
    found = RoomPlacement.objects.filter(
        outbreak=outbreak, proposed_at__lte=as_of, order__area_code__startswith=area_code
    )
    return found.filter(Q(ended_at=None) | Q(ended_at__gt=as_of))


def is_kept_at(placement: RoomPlacement, as_of: datetime) -> bool:
    """Tell whether a placement that stood at a moment had been accepted by then."""
    return placement.decided_at is not None and placement.decided_at <= as_of


def name_of(room: IsolationRoom) -> str:
    """Name a room as people do: site, building, number."""
    return str(room.place.name)


# --- Within ------------------------------------------------------------------------------------


def held(people: Iterable[int], rooms: Iterable[int]) -> None:
    """
    Lock people, then the places of rooms, each in order of their keys.

    All that puts people into rooms locks in this one order (a stay's trigger locks its place, too), so that two at once
    wait for each other and never for ever.
    """
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    spots = Place.objects.select_for_update(no_key=True, of=["self"]).filter(isolation_room__in=list(rooms))
    list(spots.order_by("pk").values_list("pk"))


def write_all(held_ones: Sequence[RoomPlacement], **facts: Any) -> None:
    """Write the same to many locked placements in one statement, and to their objects."""
    for one in held_ones:
        for name, fact in facts.items():
            setattr(one, name, fact)
    RoomPlacement.objects.filter(pk__in=[one.pk for one in held_ones]).update(**facts)


def save(fresh: RoomPlacement) -> None:
    """Write a new placement; what the database does not allow becomes a sentence."""
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError as clash:
        raise refusal_of(clash, fresh) from clash


def refusal_of(clash: IntegrityError, fresh: RoomPlacement) -> Exception:
    """Say in words which line of the database a placement would have crossed; the clash itself where it is another."""
    said = str(clash)
    room = name_of(fresh.room)
    if "placement_one_open_per_person" in said:
        open_one = RoomPlacement.objects.filter(person=fresh.person_id, state__in=OPEN_PLACEMENTS)
        other = open_one.select_related("room__place").first()
        return AlreadyPlaced(number=fresh.person.number, room=name_of(other.room) if other else room)
    if "placement_one_household_per_single_room" in said or "placement_beside_strangers" in said:
        return RoomKept(room=room)
    if "placement_within_beds" in said:
        return RoomWithoutBed(room=room, beds=fresh.room.beds)
    return clash


def _kept(person: Person, order: IsolationOrder | None, room: IsolationRoom, **act: Any) -> RoomPlacement:
    by, now = act["by"], act["now"]
    return RoomPlacement(
        person=person,
        order=order,
        room=room,
        site=room.site,
        state=PlacementState.ACCEPTED,
        party=person.household_id or -person.pk,
        single_room=room.place.single_household,
        proposed_at=now,
        decided_at=now,
        decided_by=by,
        source_key=f"placement:{person.pk}:{room.pk}:{now.isoformat()}",
    )


def _locked(keys: Sequence[int]) -> list[RoomPlacement]:
    found = RoomPlacement.objects.select_for_update(of=["self"]).filter(pk__in=keys).order_by("pk")
    return list(found.select_related("person", "order", "room__place", "site__place"))


def _allow(one: RoomPlacement, state: PlacementState, by: Account) -> None:
    access.require(by, Right.ROOM_ALLOCATE, area_code=one.order.area_code if one.order else one.site.area_code)
    if state != PlacementState.CHANGED:
        access.require(by, Right.ROOM_ALLOCATE, area_code=one.site.area_code)
    was = PlacementState(one.state)
    if state not in PLACEMENT_MOVES[was]:
        allowed = Words(sorted(PLACEMENT_MOVES[was]))
        raise PlacementCannotMove(number=one.person.number, was=was, state=state, allowed=allowed)


def _stands(one: RoomPlacement) -> None:
    _takes(one.room)
    _order_stands(one.order, one.person)


def _takes(room: IsolationRoom) -> None:
    if room.site.state not in USABLE or room.out_of_service_reason:
        reason = f", {room.out_of_service_reason}" if room.out_of_service_reason else ""
        raise RoomCannotTake(room=name_of(room), state=SiteState(room.site.state), reason=reason)


def _order_stands(order: IsolationOrder | None, person: Person) -> None:
    if order is not None and order.state not in OPEN_ORDERS:
        raise OrderOver(number=person.number, state=OrderState(order.state))


def _room(room: IsolationRoom) -> IsolationRoom:
    return IsolationRoom.objects.select_related("place", "site__place").get(pk=room.pk)


def _given(reason: str) -> str:
    if not reason.strip():
        raise PlacementReasonMissing
    return reason.strip()[:300]


def _written(verb: str, placements: Sequence[RoomPlacement], *, by: Account | None, now: datetime) -> None:
    journal.write_many(
        [journal.line(verb, one, by=by, at=now, site=one.site_id, room=one.room_id) for one in placements]
    )
