"""What a vehicle may carry: seats, who rides with whom, negative pressure, a crew, and a clean vehicle."""

from collections.abc import Sequence
from datetime import datetime

from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records.models import CrewShift, TransferRequest, TransferTrip, TransferVehicle
from sizao.response.transport.requests import AS_A_CASE
from sizao.terms import NeedKind, TransferKind, TransferState, TransferVehicleKind, TripState, VehicleState

PREFERRED = "transport.case_vehicle"
OPEN_TRIPS = (TripState.PLANNED, TripState.UNDER_WAY, TripState.TO_DISINFECT)


class NobodyToCarry(SizaoError):
    code = "transport.nobody_to_carry"
    message = "A trip needs at least one approved request. Choose who is to be carried."


class NotApproved(SizaoError):
    code = "transport.not_approved"
    message = "Transfer {transfer} is {state}, so it cannot go on a trip. Have it approved first, or leave it out."


class VehicleFull(SizaoError):
    code = "transport.vehicle_full"
    message = "{plate} has {seats} seats, {lying} places to lie and {chairs} for wheelchairs; this would take more."


class OneHousehold(SizaoError):
    code = "transport.one_household"
    message = (
        "{plate} would carry people of different households together, which is refused but for people released. "
        "Make a trip for each household."
    )


class WantsNegativePressure(SizaoError):
    code = "transport.wants_negative_pressure"
    message = (
        "Transfer {transfer} is carried as a case, for which {rule} stands in the rules, and {plate} has no negative "
        "pressure. Choose another vehicle, or write down why this one."
    )


class CabNotSeparated(SizaoError):
    code = "transport.cab_not_separated"
    message = "The cab of {plate} is not separated, so it may carry nobody as a case. Choose another vehicle."


class NoCrew(SizaoError):
    code = "transport.no_crew"
    message = (
        "No crew is with {plate} from {start:%m-%d %H:%M} to {end:%H:%M}. Enter a shift first, or change the times."
    )


class TripsOverlap(SizaoError):
    code = "transport.trips_overlap"
    message = "{plate} has another trip planned until {until:%m-%d %H:%M}. Start after it, or choose another vehicle."


class VehicleUnfit(SizaoError):
    code = "transport.vehicle_unfit"
    message = "{plate} is out of service: {reason}. Choose another vehicle."


class TripUnreadable(SizaoError):
    code = "transport.trip.unreadable"
    message = "A trip ends after it starts, and takes less than a day. Check the two times."


def check_people(vehicle: TransferVehicle, requests: Sequence[TransferRequest], rules: Rules, *, overrule: str) -> None:
    """
    Refuse people whom a vehicle may not carry together, or not at all.

    `overrule` says why a case goes without negative pressure, where the edition only prefers it. Raise NobodyToCarry,
    NotApproved, VehicleFull, OneHousehold, WantsNegativePressure, CabNotSeparated.
    """
    if not requests:
        raise NobodyToCarry
    for one in requests:
        if one.state not in (TransferState.APPROVED, TransferState.PLANNED):
            raise NotApproved(transfer=one.number, state=TransferState(one.state))
    _check_seats(vehicle, requests)
    _check_parties(vehicle, requests)
    for one in requests:
        if one.kind in AS_A_CASE:
            _check_case(vehicle, one, rules, overrule)


def check_times(
    vehicle: TransferVehicle, start: datetime, end: datetime, *, but: TransferTrip | None = None
) -> CrewShift:
    """Give the shift in which a trip lies. Raise TripUnreadable, VehicleUnfit, NoCrew or TripsOverlap."""
    if not start < end or (end - start).days:
        raise TripUnreadable
    if vehicle.state == VehicleState.OUT_OF_SERVICE:
        raise VehicleUnfit(plate=vehicle.plate, reason=vehicle.out_of_service_reason)
    shift = CrewShift.objects.filter(vehicle=vehicle, starts_at__lte=start, ends_at__gt=start).first()
    if shift is None:
        raise NoCrew(plate=vehicle.plate, start=start, end=end)
    others = TransferTrip.objects.filter(
        vehicle=vehicle, state__in=OPEN_TRIPS, planned_start_at__lt=end, planned_end_at__gt=start
    )
    other = others.exclude(pk=but.pk if but else None).order_by("planned_end_at").last()
    if other is not None:
        raise TripsOverlap(plate=vehicle.plate, until=other.planned_end_at)
    return shift


def _check_seats(vehicle: TransferVehicle, requests: Sequence[TransferRequest]) -> None:
    lying = sum(NeedKind.STRETCHER in one.needs for one in requests)
    chairs = sum(NeedKind.WHEELCHAIR in one.needs and NeedKind.STRETCHER not in one.needs for one in requests)
    sitting = len(requests) - lying - chairs
    fits = lying <= vehicle.stretcher_places and chairs <= vehicle.wheelchair_places and sitting <= vehicle.seats
    if not fits:
        raise VehicleFull(
            plate=vehicle.plate, seats=vehicle.seats, lying=vehicle.stretcher_places, chairs=vehicle.wheelchair_places
        )


def _check_parties(vehicle: TransferVehicle, requests: Sequence[TransferRequest]) -> None:
    strangers = len({one.party for one in requests}) > 1
    released = all(one.kind == TransferKind.HOME for one in requests)
    if strangers and not (released and vehicle.kind == TransferVehicleKind.BUS):
        raise OneHousehold(plate=vehicle.plate)


def _check_case(vehicle: TransferVehicle, one: TransferRequest, rules: Rules, overrule: str) -> None:
    if not vehicle.cab_separated:
        raise CabNotSeparated(plate=vehicle.plate)
    wanted = rules.value(PREFERRED)
    asks = wanted.value is not None and "negative_pressure" in wanted.text
    if asks and not vehicle.negative_pressure and not (overrule.strip() and "preferred" in wanted.text):
        raise WantsNegativePressure(transfer=one.number, rule=wanted.text, plate=vehicle.plate)
