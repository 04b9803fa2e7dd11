"""
What a crew sees: the trips of its vehicle on this shift, door by door.

Of a person it sees what carrying them takes: name, door, telephone, needs. Each reading is journalled; after the shift
there is nothing to read any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from sizao.records import access, journal
from sizao.records.models import Account, CrewShift, Outbreak, TransferLeg, TransferTrip, TransferVehicle
from sizao.terms import NeedKind, Right, TransferKind, TripState

OPEN = (TripState.PLANNED, TripState.UNDER_WAY, TripState.TO_DISINFECT)
BEFORE_SHIFT = timedelta(hours=1)  # from then on the crew may read its list


@dataclass(frozen=True, slots=True)
class Door:
    """One person of a trip, as their crew needs them."""

    leg: int
    rank: int
    name: str
    phone: str
    door: str
    kind: TransferKind
    needs: tuple[NeedKind, ...]
    to: str
    planned_pick_up_at: datetime
    due_at: datetime | None
    at_door_at: datetime | None
    boarded_at: datetime | None
    not_boarded_at: datetime | None
    arrived_at: datetime | None
    handed_over_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CrewTrip:
    """One trip as its crew sees it."""

    trip: int
    state: TripState
    planned_start_at: datetime
    planned_end_at: datetime
    set_out_at: datetime | None
    disinfected_at: datetime | None
    doors: tuple[Door, ...]


@dataclass(frozen=True, slots=True)
class CrewList:
    """The trips of one vehicle on one shift; the phone forgets them at `until`."""

    vehicle: str
    shift: int
    starts_at: datetime
    until: datetime
    trips: tuple[CrewTrip, ...]


def shifts_of(by: Account, now: datetime, vehicle: TransferVehicle | None = None) -> Sequence[CrewShift]:
    """Give the shifts that an account drives now or within an hour; for a dispatcher those of a vehicle."""
    access.require(by, Right.TRANSFER_CARRY)
    near = CrewShift.objects.filter(starts_at__lte=now + BEFORE_SHIFT, ends_at__gt=now).select_related("vehicle__place")
    mine = Q(driver=by)
    if vehicle is not None and access.may(by, Right.TRANSFER_DISPATCH):
        access.require(by, Right.TRANSFER_DISPATCH, area_code=vehicle.area_code)
        mine = Q(vehicle=vehicle)
    return list(near.filter(mine).order_by("starts_at", "pk"))


@transaction.atomic
def read_list(
    *, outbreak: Outbreak, by: Account, now: datetime, vehicle: TransferVehicle | None = None
) -> CrewList | None:
    """
    Give an account the trips of its shift with the people on them; None where it has no shift.

    Each person read is a line in the journal. Raise the door's refusal.
    """
    shifts = shifts_of(by, now, vehicle)
    if not shifts:
        return None
    shift = shifts[0]
    trips = list(
        TransferTrip.objects.filter(outbreak=outbreak, shift=shift, made_at__lte=now)
        .filter(Q(state__in=OPEN) | Q(planned_start_at__gte=shift.starts_at))
        .exclude(state=TripState.CANCELLED)
        .order_by("planned_start_at", "pk")
    )
    legs = TransferLeg.objects.filter(trip__in=trips, taken_off_at=None).select_related(
        "request__person__household__place", "request__to_place", "request__from_place"
    )
    of: dict[int, list[TransferLeg]] = {trip.pk: [] for trip in trips}
    for leg in legs.order_by("rank", "pk"):
        of[leg.trip_id].append(leg)
    # Who is out of the vehicle already is nothing that the crew needs to know any more.
    read = [leg for trip in trips for leg in of[trip.pk] if leg.ended_at is None]
    journal.write_many(
        [
            journal.line(
                "person.read", leg.request.person, by=by, at=now, right=str(Right.TRANSFER_CARRY), trip=leg.trip_id
            )
            for leg in read
        ]
    )
    return CrewList(
        vehicle=shift.vehicle.plate,
        shift=shift.pk,
        starts_at=shift.starts_at,
        until=shift.ends_at,
        trips=tuple(_trip(trip, of[trip.pk]) for trip in trips),
    )


def _trip(trip: TransferTrip, legs: Sequence[TransferLeg]) -> CrewTrip:
    return CrewTrip(
        trip=trip.pk,
        state=TripState(trip.state),
        planned_start_at=trip.planned_start_at,
        planned_end_at=trip.planned_end_at,
        set_out_at=trip.set_out_at,
        disinfected_at=trip.disinfected_at,
        doors=tuple(_door(leg) for leg in legs),
    )


def _door(leg: TransferLeg) -> Door:
    request, person = leg.request, leg.request.person
    is_over = leg.ended_at is not None
    return Door(
        leg=leg.pk,
        rank=leg.rank,
        name=access.mask_name(person.name) or "" if is_over else person.name or person.number,
        phone="" if is_over else person.phone or "",
        door="" if is_over else _door_of(leg),
        kind=TransferKind(request.kind),
        needs=tuple(NeedKind(one) for one in request.needs),
        to=request.to_place.name if request.to_place else "" if is_over else person.address or "",
        planned_pick_up_at=leg.planned_pick_up_at,
        due_at=request.due_at,
        at_door_at=leg.at_door_at,
        boarded_at=leg.boarded_at,
        not_boarded_at=leg.not_boarded_at,
        arrived_at=leg.arrived_at,
        handed_over_at=leg.handed_over_at,
        ended_at=leg.ended_at,
    )


def _door_of(leg: TransferLeg) -> str:
    """Say where to knock: the place where they are, or the address of their home."""
    request = leg.request
    if request.from_place is not None and request.from_place.kind != "home":
        return str(request.from_place.name)
    return request.person.address or (request.from_place.name if request.from_place else "")
