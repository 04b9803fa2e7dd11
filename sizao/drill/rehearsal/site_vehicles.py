"""
How people are carried in a drill whose isolation goes through its stage: approved, planned, driven as planned.

A crew tells of a trip once it is over by the plan; what it tells bears the planned moments. Vehicles are made up.
"""

from collections import defaultdict
from datetime import datetime, time

import numpy as np

from sizao.drill.rehearsal import lodging
from sizao.drill.rehearsal.office import Office, each
from sizao.drill.rehearsal.site_officers import go_through_the_stage
from sizao.engines.simulation import queues
from sizao.errors import SizaoError
from sizao.records.models import CrewShift, Place, TransferLeg, TransferRequest, TransferTrip, TransferVehicle
from sizao.response import register, transport
from sizao.response.transport import ActSent, VehicleEntry
from sizao.response.transport.desk import MOST_AT_ONCE
from sizao.terms import (
    AREA_DIGITS,
    AreaLevel,
    PlaceKind,
    Role,
    StayKind,
    TransferKind,
    TransferState,
    TransferVehicleKind,
    TripActKind,
    TripState,
)

CONSENT = "演练：本人口头同意，脚本登记"
SEATS, SEATS_OF_A_BUS = 4, 30
COUNTY = AREA_DIGITS[AreaLevel.COUNTY]
SHIFT_BEGINS = time(8)
TO_HOSPITAL = (TransferKind.CASE, TransferKind.FEVER, TransferKind.CARE)


def man_vehicles(office: Office, now: datetime) -> int:
    """Register the vehicles of the drill once, and put a crew on each every morning."""
    if not go_through_the_stage(office.rehearsal):
        return 0
    by = office.staff[Role.DISPATCHER]
    if not TransferVehicle.objects.exists():
        entries = [_vehicle(office, number) for number in range(1, office.rehearsal.means.vehicles + 1)]
        transport.register_vehicles(entries=entries, by=by, now=now, source=CONSENT, generated=True)
    starts_at = office.asking.life.moment(office.asking.life.day_of(now), SHIFT_BEGINS)
    ends_at = _ends(office, now)
    on_shift = CrewShift.objects.filter(starts_at=starts_at).values("vehicle")
    return each(
        office,
        TransferVehicle.objects.exclude(pk__in=on_shift),
        lambda one: transport.start_shift(
            vehicle=one, starts_at=starts_at, ends_at=ends_at, by=by, now=now, crew="演练车组"
        ),
    )


def _ends(office: Office, now: datetime) -> datetime:
    """Say when the shift of a day ends: at its last working hour, so that each trip is told of on its day."""
    life = office.asking.life
    return life.moment(life.day_of(now), time(office.rehearsal.habits.hours[-1]))


def _vehicle(office: Office, number: int) -> VehicleEntry:
    """One in five is a bus for those who are free to go; the others carry one household, cases included."""
    is_bus = number % 5 == 0
    kind = TransferVehicleKind.BUS if is_bus else TransferVehicleKind.NEGATIVE_PRESSURE
    return VehicleEntry(
        plate=f"演练{number:03}", kind=str(kind),
        area_code=office.rehearsal.residents[0].code[:COUNTY], seats=str(SEATS_OF_A_BUS if is_bus else SEATS),
        cab_separated="1", stretcher_places="0" if is_bus else "1",
    )  # fmt: skip


def send_vehicles(office: Office, now: datetime) -> int:
    """Say who goes to which bed, approve what was asked, and plan the trips of the rest of the shift."""
    if not go_through_the_stage(office.rehearsal):
        return 0
    by = office.staff[Role.DISPATCHER]
    _give_beds(office, now)
    asked = TransferRequest.objects.filter(outbreak=office.outbreak, state=TransferState.ASKED)
    asked = asked.exclude(to_place=None, kind__in=(TransferKind.CONTACT, *TO_HOSPITAL))
    done = each(office, asked, lambda one: transport.approve(request=one, by=by, now=now, consent=CONSENT))
    if (ends_at := _ends(office, now)) <= now:
        return done
    try:
        plan = transport.plan_shift(outbreak=office.outbreak, starts_at=now, ends_at=ends_at, by=by, now=now)
    except (transport.NobodyWaits, transport.NoCrewOnShift):
        return done
    _, refused = transport.accept_plan(plan=plan, by=by, now=now)
    for refusal in refused:
        office.asking.note(refusal)
    return done


def _give_beds(office: Office, now: datetime) -> None:
    """Choose the hospital for those who wait, while it has beds: the severely ill first, then who waits longest."""
    open_ones = TransferRequest.objects.filter(
        outbreak=office.outbreak, kind__in=TO_HOSPITAL, state__in=(TransferState.ASKED, TransferState.APPROVED)
    )
    waiting = list(open_ones.filter(to_place=None).select_related("person").order_by("asked_at", "pk"))
    hospital = _hospital(office, now)
    on_way = TransferRequest.objects.filter(
        outbreak=office.outbreak, to_place=hospital,
        state__in=(TransferState.ASKED, TransferState.APPROVED, TransferState.PLANNED, TransferState.ON_WAY),
    )  # fmt: skip
    free = office.rehearsal.means.beds - lodging.taken(StayKind.BED, now) - on_way.count()
    urgency = np.array([0 if office.asking.is_severe(one.person, now) else 1 for one in waiting], np.int64)
    queue = queues.arriving(np.arange(len(waiting)), 0, urgency=urgency)
    served, _ = queues.serve(queues.nobody(), queue, max(free, 0))
    by = office.staff[Role.DISPATCHER]
    for one in sorted(served.who.tolist()):
        try:
            transport.say_destination(request=waiting[one], place=hospital, by=by, now=now)
        except SizaoError as refusal:
            office.asking.note(refusal)


def _hospital(office: Office, now: datetime) -> Place:
    key = f"drill:{office.outbreak.slug}:hospital"
    seat = office.rehearsal.seat
    entry = register.PlaceEntry(key, PlaceKind.HOSPITAL, "演练定点医院", office.outbreak.area_code)
    place = register.register_places([entry], by=None, now=now)[key]
    if seat and place.latitude is None:
        place.longitude, place.latitude = seat.longitude, seat.latitude
        place.save(update_fields=["longitude", "latitude"])
    return place


def tell_of_trips(office: Office, now: datetime) -> int:
    """Tell, for each trip that is over by its plan, what was done and when."""
    if not go_through_the_stage(office.rehearsal):
        return 0
    under = (TripState.PLANNED, TripState.UNDER_WAY, TripState.TO_DISINFECT)
    over = TransferTrip.objects.filter(outbreak=office.outbreak, state__in=under, planned_end_at__lte=now)
    trips = list(over.order_by("planned_start_at", "pk"))
    legs: dict[int, list[TransferLeg]] = defaultdict(list)
    for leg in (
        TransferLeg.objects.filter(trip__in=trips, taken_off_at=None).select_related("request__person").order_by("pk")
    ):
        legs[leg.trip_id].append(leg)
    acts = [act for trip in trips for act in _acts(trip, legs[trip.pk])]
    told = []
    for start in range(0, len(acts), MOST_AT_ONCE):
        told += transport.record_acts(
            outbreak=office.outbreak, acts=acts[start : start + MOST_AT_ONCE], by=office.staff[Role.DISPATCHER], now=now
        )
    return len(told)


def _acts(trip: TransferTrip, legs: list[TransferLeg]) -> list[ActSent]:
    found = [ActSent(f"trip:{trip.pk}:out", trip.pk, TripActKind.SET_OUT, trip.planned_start_at)]
    for leg in legs:
        found += [
            ActSent(
                f"leg:{leg.pk}:boarded", trip.pk, TripActKind.BOARDED, leg.planned_pick_up_at, leg=leg.pk,
                identity_checked=True, symptoms=(),
            ),
            ActSent(
                f"leg:{leg.pk}:over", trip.pk, TripActKind.HANDED_OVER, leg.planned_arrival_at, leg=leg.pk,
                receiver="演练接收人员",
            ),
        ]  # fmt: skip
    done = trip.planned_end_at
    return [
        *found,
        ActSent(f"trip:{trip.pk}:clean", trip.pk, TripActKind.DISINFECTED, done),
        ActSent(f"trip:{trip.pk}:back", trip.pk, TripActKind.RETURNED, done),
    ]
