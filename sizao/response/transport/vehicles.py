"""Vehicles for closed transport: registered by hand or from a list, taken out of service and put back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Place, TransferLeg, TransferTrip, TransferVehicle
from sizao.terms import LEVEL_OF_DIGITS, PlaceKind, Right, TransferVehicleKind, TripState, VehicleState, Words

MOST_SEATS = 80
COUNTY = 6
LONGEST_PLATE, LONGEST_BASE = 20, 200


class VehiclesRefused(SizaoError):
    code = "transport.vehicles.unreadable"
    message = (
        "{count} cells of the list cannot be taken; the first stands in row {row}, {field}: {reason}. "
        "Correct them and send the list again; nothing was kept."
    )


class VehicleReasonMissing(SizaoError):
    code = "transport.vehicle_reason_missing"
    message = "Say in a few words why {plate} is out of service: the dispatcher plans without it."


class VehicleBusy(SizaoError):
    code = "transport.vehicle_busy"
    message = "{plate} is on a trip or has trips planned. Cancel these trips first, or give them to another vehicle."


class VehicleInService(SizaoError):
    code = "transport.vehicle_in_service"
    message = "{plate} is in service already. Nothing was changed."


@dataclass(frozen=True, slots=True)
class VehicleEntry:
    """
    One vehicle as it is told: text of a form or a list, read and checked here.

    `latitude` and `longitude` say where its base lies; seats are those for people carried, not for the crew.
    """

    plate: str
    kind: str
    area_code: str
    seats: str
    base: str = ""
    negative_pressure: str = ""
    cab_separated: str = ""
    stretcher_places: str = ""
    wheelchair_places: str = ""
    latitude: str = ""
    longitude: str = ""


YES, NO = frozenset({"1", "yes", "y", "true", "是", "有", "on"}), frozenset({"", "0", "no", "n", "false", "否", "无"})


@transaction.atomic
def register_vehicles(
    *, entries: Sequence[VehicleEntry], by: Account, now: datetime, source: str = "", dry_run: bool = False,
    generated: bool = False,
) -> list[TransferVehicle]:  # fmt: skip
    """
    Register vehicles, all or none; one whose plate is known is brought up to date. Return them in their order.

    All but buses hold one household at a time, by the ledger itself; people of a bus do too unless they are released.
    Raise VehiclesRefused with every cell at fault (`errors`: row from 1, field, reason), or the door's refusal.
    """
    access.require(by, Right.TRANSFER_DISPATCH)
    errors = _faults(entries, by)
    if errors:
        first = errors[0]
        raise VehiclesRefused(count=len(errors), **first, errors=errors)
    if dry_run:
        return []
    known = {
        one.plate: one
        for one in TransferVehicle.objects.select_for_update(of=["self"])
        .select_related("place")
        .filter(plate__in=[_plate(one) for one in entries])
    }
    vehicles = [_kept(one, known.get(_plate(one)), now=now, generated=generated) for one in entries]
    journal.write_many(
        [journal.line("vehicle.registered", one, by=by, at=now, plate=one.plate, source=source) for one in vehicles]
    )
    return vehicles


def _kept(entry: VehicleEntry, known: TransferVehicle | None, *, now: datetime, generated: bool) -> TransferVehicle:
    vehicle = known or TransferVehicle(
        plate=_plate(entry), registered_at=now, source_key=f"vehicle:{_plate(entry)}", is_generated=generated
    )
    vehicle.kind, vehicle.area_code = TransferVehicleKind(entry.kind), entry.area_code
    vehicle.seats = int(entry.seats)
    vehicle.stretcher_places = _count(entry.stretcher_places)
    vehicle.wheelchair_places = _count(entry.wheelchair_places)
    vehicle.negative_pressure = _flag(entry.negative_pressure) or vehicle.kind == TransferVehicleKind.NEGATIVE_PRESSURE
    vehicle.cab_separated = bool(_flag(entry.cab_separated))
    place = vehicle.place if known else Place(kind=PlaceKind.VEHICLE, source_key=f"vehicle:{_plate(entry)}")
    place.name = f"{_plate(entry)} {entry.base}".strip()[:LONGEST_BASE]
    place.area_code, place.capacity = entry.area_code, vehicle.seats + vehicle.stretcher_places
    place.single_household = vehicle.kind != TransferVehicleKind.BUS
    place.latitude, place.longitude = _degrees(entry.latitude), _degrees(entry.longitude)
    place.save()
    vehicle.place = place
    vehicle.save()
    return vehicle


@transaction.atomic
def take_out(*, vehicle: TransferVehicle, reason: str, by: Account, now: datetime) -> TransferVehicle:
    """Take a vehicle out of service, with the reason. Raise VehicleReasonMissing, VehicleBusy or the door's refusal."""
    vehicle = _locked(vehicle, by)
    if not reason.strip():
        raise VehicleReasonMissing(plate=vehicle.plate)
    if TransferTrip.objects.filter(vehicle=vehicle, state__in=(TripState.PLANNED, TripState.UNDER_WAY)).exists():
        raise VehicleBusy(plate=vehicle.plate)
    vehicle.state, vehicle.out_of_service_reason = VehicleState.OUT_OF_SERVICE, reason.strip()[:200]
    vehicle.save(update_fields=["state", "out_of_service_reason"])
    journal.write("vehicle.taken_out", vehicle, by=by, at=now, plate=vehicle.plate)
    return vehicle


@transaction.atomic
def put_back(*, vehicle: TransferVehicle, by: Account, now: datetime) -> TransferVehicle:
    """Put a vehicle back into service. Raise VehicleInService or the door's refusal."""
    vehicle = _locked(vehicle, by)
    if vehicle.state != VehicleState.OUT_OF_SERVICE:
        raise VehicleInService(plate=vehicle.plate)
    waits = TransferTrip.objects.filter(vehicle=vehicle, state=TripState.TO_DISINFECT).exists()
    vehicle.state = VehicleState.TO_DISINFECT if waits else VehicleState.FREE
    vehicle.out_of_service_reason = ""
    vehicle.save(update_fields=["state", "out_of_service_reason"])
    journal.write("vehicle.put_back", vehicle, by=by, at=now, plate=vehicle.plate)
    return vehicle


def people_in(vehicles: Sequence[TransferVehicle]) -> Mapping[int, int]:
    """Say how many people were told to be in each vehicle and not yet out of it."""
    counts: dict[int, int] = {}
    inside = TransferLeg.objects.filter(trip__vehicle__in=vehicles, boarded_at__isnull=False, ended_at=None)
    for pk in inside.values_list("trip__vehicle_id", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    return counts


def _locked(vehicle: TransferVehicle, by: Account) -> TransferVehicle:
    access.require(by, Right.TRANSFER_DISPATCH, area_code=vehicle.area_code)
    return TransferVehicle.objects.select_for_update().get(pk=vehicle.pk)


# --- Reading what was told ---------------------------------------------------------------------


def _faults(entries: Sequence[VehicleEntry], by: Account) -> list[dict[str, object]]:
    plates = [_plate(one) for one in entries]
    seen: dict[str, int] = {}
    elsewhere = _elsewhere(plates, by)
    errors = []
    for row, (one, plate) in enumerate(zip(entries, plates, strict=True), start=1):
        told = _cells(one, by)
        if plate in seen:
            told.append(("plate", f"it stands in row {seen[plate]} already"))
        elif plate in elsewhere:
            told.append(("plate", "a vehicle of another area has it"))
        seen.setdefault(plate, row)
        errors += [{"row": row, "field": field, "reason": reason} for field, reason in told]
    return errors


def _elsewhere(plates: Sequence[str], by: Account) -> frozenset[str]:
    known = TransferVehicle.objects.filter(plate__in=plates).exclude(area_code__startswith=by.area_code)
    return frozenset(known.values_list("plate", flat=True))


def _cells(one: VehicleEntry, by: Account) -> list[tuple[str, str]]:
    checks = (
        ("plate", 0 < len(_plate(one)) <= LONGEST_PLATE, f"a plate has 1 to {LONGEST_PLATE} characters"),
        ("kind", one.kind in set(TransferVehicleKind), f"one of {Words(TransferVehicleKind).label('en')} is needed"),
        ("area_code", _is_mine(one.area_code, by), "it is no county or finer area of yours (6, 9 or 12 digits)"),
        ("seats", _whole(one.seats, least=1), f"a whole number from 1 to {MOST_SEATS} is needed"),
        ("stretcher_places", not one.stretcher_places or _whole(one.stretcher_places), "a whole number is needed"),
        ("wheelchair_places", not one.wheelchair_places or _whole(one.wheelchair_places), "a whole number is needed"),
        ("negative_pressure", _flag(one.negative_pressure) is not None, "yes or no is needed"),
        ("cab_separated", _flag(one.cab_separated) is not None, "yes or no is needed"),
        ("latitude", _on_earth(one.latitude, 90), "degrees from -90 to 90 are needed"),
        ("longitude", _on_earth(one.longitude, 180), "degrees from -180 to 180 are needed"),
        ("longitude", bool(one.latitude) == bool(one.longitude), "latitude and longitude go together"),
    )
    return [(field, reason) for field, is_right, reason in checks if not is_right]


def _plate(one: VehicleEntry) -> str:
    return one.plate.strip().upper()


def _is_mine(code: str, by: Account) -> bool:
    return code in _codes(code) and code.startswith(by.area_code)


def _codes(code: str) -> tuple[str, ...]:
    is_code = code.isascii() and code.isdigit() and len(code) in LEVEL_OF_DIGITS and len(code) >= COUNTY
    return (code,) if is_code else ()


def _whole(text: str, *, least: int = 0) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4 and least <= int(text) <= MOST_SEATS  # noqa: PLR2004


def _count(text: str) -> int:
    return int(text) if text else 0


def _flag(text: str) -> bool | None:
    given = text.strip().lower()
    return True if given in YES else False if given in NO else None


def _on_earth(text: str, most: float) -> bool:
    try:
        return not text or -most <= float(text) <= most
    except ValueError:
        return False


def _degrees(text: str) -> float | None:
    return float(text) if text else None
