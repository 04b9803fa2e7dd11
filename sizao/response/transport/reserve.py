"""The reserve of buses and drivers, county by county, against what the edition asks for."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from sizao.protocol import Rules, basis
from sizao.records.models import Account, Area, TransferVehicle
from sizao.response.transport import shifts
from sizao.terms import AREA_DIGITS, AreaLevel, TransferVehicleKind, VehicleState

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]
BUSES, DRIVERS_FROM, DRIVERS_TO = (
    "transport.buses_per_county_at_least", "transport.drivers_per_bus_from", "transport.drivers_per_bus_to",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CountyReserve:
    """
    What one county has: vehicles by kind, how many are out of service, accounts of drivers.

    `buses_short` and `drivers_short` are None where the edition sets no number, or it waits for confirmation.
    """

    area_code: str
    name: str
    by_kind: Mapping[str, int]
    buses: int
    out_of_service: int
    drivers: int
    buses_short: int | None
    drivers_short: int | None


@dataclass(frozen=True, slots=True)
class Reserve:
    """The reserve of a jurisdiction and the values it was judged by."""

    counties: tuple[CountyReserve, ...]
    basis: tuple[dict[str, Any], ...]
    unset: tuple[str, ...]  # keys without a value that may decide


def reserve(*, rules: Rules, by: Account, area_code: str, as_of: datetime) -> Reserve:
    """
    Count vehicles and drivers of each county of an area, and say who falls short of the edition's numbers.

    Counties without any vehicle are listed too, as far as the register of areas knows them. Drivers are accounts that
    may carry people. A bus out of service does not count towards the reserve.
    """
    wanted = {key: _value(rules, key) for key in (BUSES, DRIVERS_FROM, DRIVERS_TO)}
    counties = Area.objects.filter(level=AreaLevel.COUNTY, code__startswith=area_code)
    names = dict(counties.values_list("code", "short_name"))
    counts = _counts(area_code, as_of)
    crews: dict[str, int] = defaultdict(int)
    for code in shifts.drivers(by).filter(area_code__startswith=area_code).values_list("area_code", flat=True):
        crews[code[:COUNTY]] += 1
    codes = sorted(set(names) | set(counts) | {code for code in crews if len(code) == COUNTY})
    found = tuple(_county(code, names.get(code, code), counts.get(code, {}), crews[code], wanted) for code in codes)
    told = tuple(basis.entry(rules.value(key), gives="reserve") for key in wanted if rules.says(key))
    return Reserve(found, told, tuple(key for key, value in wanted.items() if value is None))


def _value(rules: Rules, key: str) -> int | None:
    value = rules.value(key)
    return None if value.value is None or rules.awaits_confirmation(value) else value.whole


def _counts(area_code: str, as_of: datetime) -> dict[str, dict[tuple[str, bool], int]]:
    counts: dict[str, dict[tuple[str, bool], int]] = defaultdict(lambda: defaultdict(int))
    known = TransferVehicle.objects.filter(area_code__startswith=area_code, registered_at__lte=as_of)
    for code, kind, state, n in known.values_list("area_code", "kind", "state").annotate(n=Count("pk")):
        counts[code[:COUNTY]][kind, state == VehicleState.OUT_OF_SERVICE] += n
    return counts


def _county(
    code: str, name: str, counts: Mapping[tuple[str, bool], int], drivers: int, wanted: Mapping[str, int | None]
) -> CountyReserve:
    by_kind = {str(kind): sum(n for (one, _), n in counts.items() if one == kind) for kind in TransferVehicleKind}
    buses = counts.get((str(TransferVehicleKind.BUS), False), 0)
    asked, per_bus = wanted[BUSES], wanted[DRIVERS_FROM]
    return CountyReserve(
        area_code=code,
        name=name,
        by_kind=by_kind,
        buses=buses,
        out_of_service=sum(n for (_, is_out), n in counts.items() if is_out),
        drivers=drivers,
        buses_short=None if asked is None else max(0, asked - buses),
        drivers_short=None if asked is None or per_bus is None else max(0, asked * per_bus - drivers),
    )
