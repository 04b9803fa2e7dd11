"""Trips: made by hand or out of a plan, changed with a reason, cancelled while nobody has set out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Outbreak, TransferLeg, TransferRequest, TransferTrip, TransferVehicle
from sizao.response import outbreaks
from sizao.response.transport import feasible, standing
from sizao.response.transport.requests import LONGEST_REASON, given, hold
from sizao.terms import Right, TransferState, TripState


class TripUnderWay(SizaoError):
    code = "transport.trip_under_way"
    message = "Trip {trip} of {plate} has set out or is over, so it stays as it is. Plan another trip for who is left."


class AlreadyPlanned(SizaoError):
    code = "transport.already_planned"
    message = "Transfer {transfer} is on another trip already. Look again: another dispatcher has just planned it."


class NotOnTrip(SizaoError):
    code = "transport.not_on_trip"
    message = "Transfer {transfer} is on no trip that could be changed. Look again: it may be on the way."


class OtherOutbreak(SizaoError):
    code = "transport.other_outbreak"
    message = "These transfers and this trip belong to different outbreaks. Choose those of one."


@dataclass(frozen=True, slots=True)
class Ride:
    """One person of a trip to be: the request, when they are picked up and when they arrive."""

    request: TransferRequest
    pick_up_at: datetime
    arrival_at: datetime


@transaction.atomic
def make_trip(
    *, outbreak: Outbreak, vehicle: TransferVehicle, rides: Sequence[Ride], start: datetime, end: datetime,
    by: Account, now: datetime, overrule: str = "",
) -> TransferTrip:  # fmt: skip
    """
    Send a vehicle on a trip: out at `start`, door by door in the order of the rides, disinfected at `end`.

    `overrule` says why cases go in a vehicle that the edition does not prefer; it is kept. Raise what
    `feasible.check_people` and `feasible.check_times` raise, AlreadyPlanned, or the door's refusal.
    """
    hold(outbreak.pk)
    vehicle = _vehicle(vehicle, by)
    requests = _requests([one.request for one in rides], outbreak, by)
    rules = outbreaks.rules_at(outbreak, now, area_code=vehicle.area_code)
    feasible.check_people(vehicle, requests, rules, overrule=overrule)
    shift = feasible.check_times(vehicle, start, end)
    trip = TransferTrip.objects.create(
        outbreak=outbreak,
        vehicle=vehicle,
        shift=shift,
        area_code=vehicle.area_code,
        planned_start_at=start,
        planned_end_at=end,
        made_at=now,
        made_by=by,
        overrule_reason=overrule.strip()[:200],
        source_key=f"trip:{vehicle.pk}:{start.isoformat()}:{now.isoformat()}:{requests[0].pk}",
    )
    _put_on(trip, rides, reason="")
    journal.write(
        "trip.made", trip, by=by, at=now, plate=vehicle.plate, transfers=[one.number for one in requests],
        overruled=bool(overrule.strip()),
    )  # fmt: skip
    return trip


@transaction.atomic
def move_to(
    *, request: TransferRequest, trip: TransferTrip, reason: str, by: Account, now: datetime, overrule: str = ""
) -> TransferLeg:
    """
    Put a request on another trip that has not set out, with the reason, which is kept.

    Raise TripUnderWay, NotOnTrip, what `feasible.check_people` raises, TransferReasonMissing or the door's refusal.
    """
    hold(trip.outbreak_id)
    reason = given(reason)
    trip = _planned(trip, by)
    [request] = _requests([request], trip.outbreak, by)
    together = [leg.request for leg in trip.legs.filter(ended_at=None).select_related("request")]
    rules = outbreaks.rules_at(trip.outbreak, now, area_code=trip.area_code)
    overrule = overrule or trip.overrule_reason
    feasible.check_people(trip.vehicle, [*together, request], rules, overrule=overrule)
    left = _take_off(request, reason, now)
    if overrule != trip.overrule_reason:
        trip.overrule_reason = overrule.strip()[:200]
        trip.save(update_fields=["overrule_reason"])
    middle = trip.planned_start_at + (trip.planned_end_at - trip.planned_start_at) / 2
    [leg] = _put_on(trip, [Ride(request, trip.planned_start_at, middle)], reason=reason)
    standing.work_out(left, by=by, now=now)
    journal.write("transfer.moved", request, by=by, at=now, trip=trip.pk)
    return leg


@transaction.atomic
def take_off(*, request: TransferRequest, reason: str, by: Account, now: datetime) -> TransferRequest:
    """Take a request off its trip, with the reason; it waits for a vehicle again. Raise NotOnTrip and as `move_to`."""
    hold(request.outbreak_id)
    reason = given(reason)
    access.require(by, Right.TRANSFER_DISPATCH, area_code=request.area_code)
    left = _take_off(request, reason, now)
    if not left:
        raise NotOnTrip(transfer=request.number)
    standing.work_out(left, by=by, now=now)
    journal.write("transfer.taken_off", request, by=by, at=now)
    return TransferRequest.objects.get(pk=request.pk)


@transaction.atomic
def cancel_trip(*, trip: TransferTrip, reason: str, by: Account, now: datetime) -> TransferTrip:
    """Cancel a trip that has not set out, with the reason; its people wait again. Raise what `move_to` raises."""
    hold(trip.outbreak_id)
    reason = given(reason)
    trip = _planned(trip, by)
    trip.legs.filter(ended_at=None).update(taken_off_at=now, ended_at=now, reason=reason)
    trip.cancelled_at, trip.cancel_reason = now, reason[:200]
    trip.save(update_fields=["cancelled_at", "cancel_reason"])
    standing.work_out([trip.pk], by=by, now=now)
    journal.write("trip.cancelled", trip, by=by, at=now, plate=trip.vehicle.plate)
    return TransferTrip.objects.get(pk=trip.pk)


def _vehicle(vehicle: TransferVehicle, by: Account) -> TransferVehicle:
    access.require(by, Right.TRANSFER_DISPATCH, area_code=vehicle.area_code)
    return TransferVehicle.objects.select_for_update(of=["self"]).select_related("place").get(pk=vehicle.pk)


def _requests(wanted: Sequence[TransferRequest], outbreak: Outbreak, by: Account) -> list[TransferRequest]:
    held = TransferRequest.objects.select_for_update(of=["self"]).filter(pk__in=[one.pk for one in wanted])
    found = {one.pk: one for one in held.order_by("pk")}
    requests = [found[one.pk] for one in wanted]
    if any(one.outbreak_id != outbreak.pk for one in requests):
        raise OtherOutbreak
    for one in requests:
        access.require(by, Right.TRANSFER_DISPATCH, area_code=one.area_code)
    return requests


def _planned(trip: TransferTrip, by: Account) -> TransferTrip:
    held = TransferTrip.objects.select_for_update(of=["self"]).select_related("vehicle__place", "outbreak")
    trip = held.get(pk=trip.pk)
    access.require(by, Right.TRANSFER_DISPATCH, area_code=trip.area_code)
    if trip.state != TripState.PLANNED:
        raise TripUnderWay(trip=trip.pk, plate=trip.vehicle.plate)
    return trip


def _put_on(trip: TransferTrip, rides: Sequence[Ride], *, reason: str) -> list[TransferLeg]:
    rank = TransferLeg.objects.filter(trip=trip).count()
    legs = [
        TransferLeg(
            trip=trip,
            request=ride.request,
            rank=rank + n,
            planned_pick_up_at=ride.pick_up_at,
            planned_arrival_at=ride.arrival_at,
            reason=reason[:LONGEST_REASON],
        )
        for n, ride in enumerate(rides, start=1)
    ]
    try:
        with transaction.atomic():
            TransferLeg.objects.bulk_create(legs)
    except IntegrityError as clash:
        if "leg_one_open_per_request" not in str(clash):
            raise
        held = TransferLeg.objects.filter(request__in=[one.request for one in rides], ended_at=None).first()
        raise AlreadyPlanned(transfer=held.request.number if held else "") from clash
    TransferRequest.objects.filter(pk__in=[one.request.pk for one in rides]).update(state=TransferState.PLANNED)
    return legs


def _take_off(request: TransferRequest, reason: str, now: datetime) -> list[int]:
    """End the leg of a request on a trip that has not set out; name that trip."""
    legs = TransferLeg.objects.filter(request=request, ended_at=None).select_related("trip__vehicle")
    left = []
    for leg in legs:
        if leg.trip.state != TripState.PLANNED:
            raise TripUnderWay(trip=leg.trip_id, plate=leg.trip.vehicle.plate)
        leg.taken_off_at = leg.ended_at = now
        leg.reason = reason[:LONGEST_REASON]
        leg.save(update_fields=["taken_off_at", "ended_at", "reason"])
        left.append(leg.trip_id)
    return left
