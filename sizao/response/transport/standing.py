"""
Where trips, their people and their vehicle stand: worked out anew from all acts that crews told of them.

The same acts give the same state in whatever order they came. What does not agree waits for a person; what no longer
disagrees is settled by rule.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sizao.records import journal
from sizao.records.models import (
    Account,
    TransferLeg,
    TransferOddity,
    TransferRequest,
    TransferTrip,
    TransferVehicle,
    TripAct,
)
from sizao.records.models.transfer import OPEN_TRANSFERS
from sizao.response import outbreaks
from sizao.response.transport import carrying
from sizao.terms import TransferKind, TransferOddityKind, TransferState, TripActKind, TripState, VehicleState

# Trips of a vehicle, and of its people, that may touch each other in time.
NEAR = timedelta(hours=48)
LEG_FIELDS = (
    "at_door_at", "boarded_at", "not_boarded_at", "not_boarded_reason", "arrived_at", "handed_over_at", "receiver",
    "ended_at",
)  # fmt: skip
TRIP_FIELDS = ("state", "set_out_at", "disinfected_at", "returned_at")
# Noted when they came, not worked out.
BY_ARRIVAL = (TransferOddityKind.UNKNOWN_TRIP, TransferOddityKind.CLOCK)
BEGINNING = (TripActKind.SET_OUT, TripActKind.AT_DOOR, TripActKind.BOARDED)


@dataclass(slots=True)
class World:
    """The trips that may touch each other, with their legs, acts and what is odd about them."""

    trips: dict[int, TransferTrip]
    legs: dict[int, list[TransferLeg]] = field(default_factory=lambda: defaultdict(list))
    acts: dict[int, list[TripAct]] = field(default_factory=lambda: defaultdict(list))
    odd: dict[str, TransferOddity] = field(default_factory=dict)

    def note(self, kind: TransferOddityKind, trip: TransferTrip, leg: TransferLeg | None, **facts: object) -> None:
        """Note what does not agree, once."""
        key = f"{kind}:trip:{trip.pk}:{leg.pk if leg else 0}"
        self.odd[key] = TransferOddity(
            outbreak_id=trip.outbreak_id, trip=trip, leg=leg, kind=kind, area_code=trip.area_code, facts=facts,
            source_key=key,
        )  # fmt: skip

    def all_legs(self) -> list[TransferLeg]:
        return [leg for legs in self.legs.values() for leg in legs]


def work_out(trip_ids: Iterable[int], *, by: Account | None, now: datetime) -> None:
    """Bring trips up to date with all that was told of them. Who calls holds the transfers of the outbreak."""
    world = _gather(set(trip_ids))
    if not world.trips:
        return
    before = {leg.pk: (leg.boarded_at, leg.arrived_at) for leg in world.all_legs()}
    for trip in world.trips.values():
        for leg in world.legs[trip.pk]:
            _leg(leg, trip, world)
    for trip in world.trips.values():
        _trip(trip, world, now)
    _undisinfected(world)
    for leg, kind, facts in carrying.lay(world.all_legs(), now=now):
        world.note(kind, world.trips[leg.trip_id], leg, **facts)
    TransferLeg.objects.bulk_update(world.all_legs(), LEG_FIELDS, batch_size=500)
    TransferTrip.objects.bulk_update(world.trips.values(), TRIP_FIELDS, batch_size=500)
    _requests(world, now)
    _vehicles(world)
    _settle(world, by=by, now=now)
    _tell(world, before, by=by, now=now)


# --- Which trips -------------------------------------------------------------------------------


def _gather(wanted: set[int]) -> World:
    """
    Widen trips to all that share a vehicle or a person with one of them within two days.

    A trip at rest is looked at and not looked beyond: nothing that is told of others changes it.
    """
    trips: dict[int, TransferTrip] = {}
    fresh = wanted
    while fresh:
        found = TransferTrip.objects.filter(pk__in=fresh).select_related("vehicle__place", "outbreak")
        added = {one.pk: one for one in found.order_by("pk")}
        trips |= added
        near = set()
        for trip in _moving(added, wanted):
            people = TransferLeg.objects.filter(trip=trip).values("request__person_id")
            span = (trip.planned_start_at - NEAR, trip.planned_start_at + NEAR)
            close = TransferTrip.objects.filter(planned_start_at__range=span)
            near |= set(close.filter(vehicle=trip.vehicle_id).values_list("pk", flat=True))
            near |= set(close.filter(legs__request__person__in=people).values_list("pk", flat=True))
        fresh = near - trips.keys()
    world = World(dict(sorted(trips.items())))
    legs = TransferLeg.objects.filter(trip__in=trips).select_related(
        "request__person__household__place", "request__to_place__isolation_room", "request__placement"
    )
    for leg in legs.order_by("pk"):
        leg.trip = world.trips[leg.trip_id]
        world.legs[leg.trip_id].append(leg)
    for act in TripAct.objects.filter(trip__in=trips).order_by("happened_at", "source_key"):
        world.acts[act.trip_id].append(act)
    return world


def _moving(trips: dict[int, TransferTrip], wanted: set[int]) -> list[TransferTrip]:
    """Give those of trips that are not at rest: asked about, not over, or with something odd about them."""
    odd = set(TransferOddity.objects.filter(trip__in=trips, settled_at=None).values_list("trip", flat=True))
    rest = (TripState.CLOSED, TripState.CANCELLED)
    return [one for pk, one in trips.items() if pk in wanted or pk in odd or one.state not in rest]


# --- One person of a trip ----------------------------------------------------------------------


def _leg(leg: TransferLeg, trip: TransferTrip, world: World) -> None:
    acts = [one for one in world.acts[trip.pk] if one.leg_id == leg.pk]
    of = {kind: [one for one in acts if one.kind == kind] for kind in TripActKind}
    refused = of[TripActKind.NOT_BOARDED][-1] if of[TripActKind.NOT_BOARDED] else None
    # Of boarding and not boarding the later word holds; said for one moment, they boarded.
    boarded = [one for one in of[TripActKind.BOARDED] if refused is None or one.happened_at >= refused.happened_at]
    there = sorted((*of[TripActKind.ARRIVED], *of[TripActKind.HANDED_OVER]), key=lambda one: one.happened_at)
    leg.at_door_at = _first(of[TripActKind.AT_DOOR])
    leg.boarded_at = _first(boarded)
    is_out = refused is not None and leg.boarded_at is None
    leg.not_boarded_at = refused.happened_at if is_out and refused else None
    leg.not_boarded_reason = refused.reason if is_out and refused else ""
    leg.arrived_at = _arrived(leg, trip, there, world)
    taken = of[TripActKind.HANDED_OVER][-1] if of[TripActKind.HANDED_OVER] else None
    leg.handed_over_at, leg.receiver = (taken.happened_at, taken.receiver) if taken else (None, "")
    leg.ended_at = leg.arrived_at or leg.not_boarded_at or (None if leg.boarded_at else leg.taken_off_at)
    if leg.boarded_at and (leg.taken_off_at or leg.request.state in (TransferState.CANCELLED, TransferState.REFUSED)):
        world.note(TransferOddityKind.CANCELLED, trip, leg)


def _arrived(leg: TransferLeg, trip: TransferTrip, there: Sequence[TripAct], world: World) -> datetime | None:
    if not there:
        return None
    if leg.not_boarded_at is not None:
        world.note(TransferOddityKind.NOT_BOARDED, trip, leg, arrived_at=there[0].happened_at.isoformat())
        return None
    if leg.boarded_at is None:
        world.note(TransferOddityKind.BOARDING_UNKNOWN, trip, leg, arrived_at=there[0].happened_at.isoformat())
        return there[0].happened_at
    after = [one for one in there if one.happened_at >= leg.boarded_at]
    if not after:
        world.note(TransferOddityKind.ARRIVED_BEFORE, trip, leg, arrived_at=there[-1].happened_at.isoformat())
        return None
    return after[0].happened_at


def _first(acts: Sequence[TripAct]) -> datetime | None:
    return acts[0].happened_at if acts else None


# --- The trip and its vehicle ------------------------------------------------------------------


def _trip(trip: TransferTrip, world: World, now: datetime) -> None:
    acts = world.acts[trip.pk]
    of = {kind: [one.happened_at for one in acts if one.kind == kind] for kind in TripActKind}
    trip.set_out_at = min(of[TripActKind.SET_OUT], default=None)
    trip.disinfected_at = max(of[TripActKind.DISINFECTED], default=None)
    trip.returned_at = max(of[TripActKind.RETURNED], default=None)
    if not acts:
        over = trip.cancelled_at or _all_taken_off(world.legs[trip.pk])
        trip.state = TripState.CANCELLED if over else TripState.PLANNED
    elif any(leg.ended_at is None for leg in world.legs[trip.pk]):
        trip.state = TripState.UNDER_WAY
    else:
        trip.state = _after(trip, world, now)


def _all_taken_off(legs: Sequence[TransferLeg]) -> bool:
    return bool(legs) and all(leg.taken_off_at for leg in legs)


def _after(trip: TransferTrip, world: World, now: datetime) -> TripState:
    """Say where a trip stands whose people are all out: nobody else gets in before it is disinfected."""
    rules = outbreaks.rules_at(trip.outbreak, now, area_code=trip.area_code)
    out_at = max((leg.ended_at for leg in world.legs[trip.pk] if leg.ended_at), default=None)
    was_used = any(leg.boarded_at or leg.arrived_at for leg in world.legs[trip.pk])
    if not was_used or rules.transport.disinfect_after_each_trip is False:
        return TripState.CLOSED if trip.returned_at or trip.disinfected_at else TripState.UNDER_WAY
    is_clean = trip.disinfected_at is not None and (out_at is None or trip.disinfected_at >= out_at)
    return TripState.CLOSED if is_clean else TripState.TO_DISINFECT


def _undisinfected(world: World) -> None:
    """Note each trip that began while the one before it of the same vehicle was not disinfected."""
    by_vehicle: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for trip in world.trips.values():
        began_at = min((one.happened_at for one in world.acts[trip.pk] if one.kind in BEGINNING), default=None)
        if began_at is not None:
            by_vehicle[trip.vehicle_id].append((began_at, trip.pk))
    for begun in by_vehicle.values():
        begun.sort()
        for (_, former_pk), (began_at, pk) in zip(begun, begun[1:], strict=False):
            former, trip = world.trips[former_pk], world.trips[pk]
            used = any(leg.boarded_at and leg.boarded_at < began_at for leg in world.legs[former_pk])
            if used and (former.disinfected_at is None or former.disinfected_at > began_at):
                world.note(TransferOddityKind.NOT_DISINFECTED, trip, None, before=former_pk)


def _vehicles(world: World) -> None:
    for vehicle in {trip.vehicle_id: trip.vehicle for trip in world.trips.values()}.values():
        mine = TransferTrip.objects.filter(vehicle=vehicle)
        states = set(mine.values_list("state", flat=True).distinct())
        latest = mine.exclude(disinfected_at=None).order_by("-disinfected_at").values_list("disinfected_at", flat=True)
        if vehicle.state != VehicleState.OUT_OF_SERVICE:
            vehicle.state = (
                VehicleState.ON_TRIP if TripState.UNDER_WAY in states
                else VehicleState.TO_DISINFECT if TripState.TO_DISINFECT in states
                else VehicleState.FREE
            )  # fmt: skip
        vehicle.disinfected_at = latest.first() or vehicle.disinfected_at
        TransferVehicle.objects.filter(pk=vehicle.pk).update(state=vehicle.state, disinfected_at=vehicle.disinfected_at)


# --- Requests ----------------------------------------------------------------------------------


def _requests(world: World, now: datetime) -> None:
    ids = {leg.request_id for leg in world.all_legs()}
    legs: dict[int, list[TransferLeg]] = defaultdict(list)
    for leg in TransferLeg.objects.filter(request__in=ids).order_by("pk"):
        legs[leg.request_id].append(leg)
    changed = []
    for request in TransferRequest.objects.filter(pk__in=ids).order_by("pk"):
        state, ended_at = _state(request, legs[request.pk])
        if (state, ended_at) != (request.state, request.ended_at):
            request.state, request.ended_at = state, ended_at
            changed.append(request)
    busy = _busy(changed)
    # Those that end first: one open transfer a person, at every moment of the writing too.
    for request in sorted(changed, key=lambda one: one.state in OPEN_TRANSFERS):
        if request.state in OPEN_TRANSFERS and request.person_id in busy:
            request.state, request.ended_at = TransferState.CANCELLED, now
        request.save(update_fields=["state", "ended_at"])


def _busy(changed: Sequence[TransferRequest]) -> set[int]:
    others = TransferRequest.objects.filter(
        person__in=[one.person_id for one in changed], state__in=OPEN_TRANSFERS
    ).exclude(pk__in=[one.pk for one in changed])
    return set(others.values_list("person_id", flat=True))


def _state(request: TransferRequest, legs: Sequence[TransferLeg]) -> tuple[str, datetime | None]:
    if request.state in (TransferState.CANCELLED, TransferState.REFUSED):
        return request.state, request.ended_at
    arrived = [leg.arrived_at for leg in legs if leg.arrived_at]
    if arrived:
        return TransferState.DONE, min(arrived)
    if any(leg.boarded_at for leg in legs):
        return TransferState.ON_WAY, None
    if any(leg.ended_at is None for leg in legs):
        return TransferState.PLANNED, None
    return TransferState.APPROVED if request.approved_at else TransferState.ASKED, None


# --- What does not agree, and what is told ------------------------------------------------------


def _settle(world: World, *, by: Account | None, now: datetime) -> None:
    noted = {
        one.source_key: one for one in TransferOddity.objects.filter(trip__in=world.trips).exclude(kind__in=BY_ARRIVAL)
    }
    fresh = [one for key, one in world.odd.items() if key not in noted]
    for one in fresh:
        one.recorded_at, one.recorded_by = now, journal.actor_name(by)
    TransferOddity.objects.bulk_create(fresh)
    over = [one.pk for key, one in noted.items() if key not in world.odd and one.settled_at is None]
    TransferOddity.objects.filter(pk__in=over).update(settled_at=now, settled_by=journal.SYSTEM)
    # What a person settled stays settled; what was settled by rule and is wrong again waits again.
    again = [one.pk for key, one in noted.items() if key in world.odd and one.settled_by == journal.SYSTEM]
    TransferOddity.objects.filter(pk__in=again).update(settled_at=None, settled_by="")


def _tell(
    world: World, before: dict[int, tuple[datetime | None, datetime | None]], *, by: Account | None, now: datetime
) -> None:
    lines = []
    for leg in world.all_legs():
        boarded_at, arrived_at = before[leg.pk]
        told = {"trip": leg.trip_id, "kind": str(TransferKind(leg.request.kind))}
        if leg.boarded_at != boarded_at:
            lines.append(journal.line("transfer.boarded", leg.request, by=by, at=now, **told))
        if leg.arrived_at != arrived_at:
            lines.append(journal.line("transfer.arrived", leg.request, by=by, at=now, **told))
    journal.write_many(lines)
