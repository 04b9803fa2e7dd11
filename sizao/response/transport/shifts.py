"""Crews: who is with a vehicle, from when to when. No vehicle has two shifts at once, and no driver either."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, CrewShift, TransferTrip, TransferVehicle
from sizao.terms import Right, TripState, VehicleState

LONGEST_SHIFT = timedelta(hours=24)


class ShiftUnreadable(SizaoError):
    code = "transport.shift.unreadable"
    message = "A shift ends after it starts and lasts at most 24 hours. Check the two times."


class ShiftTwice(SizaoError):
    code = "transport.shift_twice"
    message = "{what} has a shift in these hours already, from {since:%Y-%m-%d %H:%M}. End that one first."


class NoDriver(SizaoError):
    code = "transport.no_driver"
    message = (
        "{name} holds no right to carry people, or belongs to another area. Choose an account of a crew of your area."
    )


class ShiftHasTrips(SizaoError):
    code = "transport.shift_has_trips"
    message = "{count} trips of this shift are not over. Cancel them or give them to another vehicle first."


class ShiftOutOfService(SizaoError):
    code = "transport.shift_out_of_service"
    message = "{plate} is out of service. Put it back into service first, or choose another vehicle."


@transaction.atomic
def start_shift(
    *, vehicle: TransferVehicle, starts_at: datetime, ends_at: datetime, by: Account, now: datetime,
    driver: Account | None = None, crew: str = "",
) -> CrewShift:  # fmt: skip
    """
    Say who is with a vehicle for some hours; the driver's account sees the trips of the vehicle in them.

    `crew` names who goes along. Raise ShiftUnreadable, ShiftTwice, NoDriver, ShiftOutOfService or the door's refusal.
    """
    access.require(by, Right.TRANSFER_DISPATCH, area_code=vehicle.area_code)
    vehicle = TransferVehicle.objects.select_for_update().get(pk=vehicle.pk)
    if not timedelta() < ends_at - starts_at <= LONGEST_SHIFT:
        raise ShiftUnreadable
    if vehicle.state == VehicleState.OUT_OF_SERVICE:
        raise ShiftOutOfService(plate=vehicle.plate)
    held = _overlapping(starts_at, ends_at).filter(vehicle=vehicle).order_by("starts_at").first()
    if held:
        raise ShiftTwice(what=vehicle.plate, since=held.starts_at)
    _require_driver(driver, starts_at, ends_at, by)
    shift = CrewShift(
        vehicle=vehicle,
        driver=driver,
        crew=crew.strip()[:200] or None,
        starts_at=starts_at,
        ends_at=ends_at,
        recorded_at=now,
        recorded_by=by.username,
        source_key=f"shift:{vehicle.pk}:{starts_at.isoformat()}:{now.isoformat()}",
    )
    # Whoever enters another shift of this vehicle waits for its row; the database holds the line besides.
    shift.save(force_insert=True)
    journal.write("shift.started", shift, by=by, at=now, plate=vehicle.plate)
    return shift


@transaction.atomic
def end_shift(*, shift: CrewShift, at: datetime, by: Account, now: datetime) -> CrewShift:
    """Let a shift end earlier than planned. Raise ShiftUnreadable, ShiftHasTrips, or the door's refusal."""
    access.require(by, Right.TRANSFER_DISPATCH, area_code=shift.vehicle.area_code)
    shift = CrewShift.objects.select_for_update().get(pk=shift.pk)
    if not shift.starts_at < at <= shift.ends_at:
        raise ShiftUnreadable
    open_trips = TransferTrip.objects.filter(shift=shift, state__in=(TripState.PLANNED, TripState.UNDER_WAY)).count()
    if open_trips:
        raise ShiftHasTrips(count=open_trips)
    shift.ends_at = at
    shift.save(update_fields=["ends_at"])
    journal.write("shift.ended", shift, by=by, at=now)
    return shift


def of_vehicle(vehicle: TransferVehicle, at: datetime) -> CrewShift | None:
    """Give the shift of a vehicle at a moment; None where nobody is on it."""
    return CrewShift.objects.filter(vehicle=vehicle, starts_at__lte=at, ends_at__gt=at).first()


def drivers(by: Account) -> QuerySet[Account]:
    """Give the accounts of a dispatcher's area that may carry people."""
    roles = [role for role, rights in access.ROLE_RIGHTS.items() if Right.TRANSFER_CARRY in rights]
    mine = Account.objects.filter(is_active=True, role__in=roles, area_code__startswith=by.area_code)
    return mine.order_by("area_code", "username")


def _require_driver(driver: Account | None, starts_at: datetime, ends_at: datetime, by: Account) -> None:
    if driver is None:
        return
    # Whoever starts two shifts of one driver at once waits here.
    driver = Account.objects.select_for_update().get(pk=driver.pk)
    if not access.may(driver, Right.TRANSFER_CARRY) or not driver.area_code.startswith(by.area_code):
        raise NoDriver(name=driver.display_name)
    held = _overlapping(starts_at, ends_at).filter(driver=driver).order_by("starts_at").first()
    if held:
        raise ShiftTwice(what=driver.display_name, since=held.starts_at)


def _overlapping(starts_at: datetime, ends_at: datetime) -> QuerySet[CrewShift]:
    return CrewShift.objects.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
