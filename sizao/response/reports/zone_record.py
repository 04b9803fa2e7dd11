"""One zone with all that was known of it at a moment: how it stood, why, what happened, what was official there."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sizao.errors import SizaoError
from sizao.records.models import OfficialArea, Zone, ZoneChange
from sizao.response.reports.known_cases import COUNTY_DIGITS
from sizao.response.reports.standing_zones import StandingZone, standing_at
from sizao.terms import ZoneAct, ZoneLevel


class ZoneNotKnownYet(SizaoError):
    code = "zone.not_known_yet.not_found"
    message = "{name} was first proposed on {first}. Choose that day or a later one."


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a zone's history, its reasons as they were stored."""

    at: datetime
    act: ZoneAct
    level: ZoneLevel
    may_lift_date: date | None
    by: str
    reasons: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    """
    A zone at a moment.

    `basis` are the values of the protocol that its latest change followed. `official_here` are the listed
    areas that are, hold or lie in the zone; `official_nearby` the others of its county.
    """

    zone: StandingZone
    reasons: tuple[dict[str, Any], ...]
    basis: tuple[dict[str, Any], ...]
    history: tuple[Entry, ...]
    official_here: tuple[OfficialArea, ...]
    official_nearby: tuple[OfficialArea, ...]
    decline_reason: str


def zone_record(zone: Zone, *, as_of: datetime) -> ZoneRecord:
    """Read a zone as it was known at `as_of`; raise ZoneNotKnownYet before it was first proposed."""
    changes = list(ZoneChange.objects.filter(zone=zone, at__lte=as_of).order_by("at", "id"))
    if not changes:
        raise ZoneNotKnownYet(name=zone.name, first=zone.outbreak.day_of(zone.proposed_at))
    day = zone.outbreak.day_of(as_of)
    here, nearby = _official(zone, day)
    return ZoneRecord(
        zone=standing_at(zone, changes, day=day, outbreak=zone.outbreak),
        reasons=_last_reasons(changes),
        basis=tuple(zone.basis),
        history=tuple(_entry(change) for change in reversed(changes)),
        official_here=here,
        official_nearby=nearby,
        decline_reason=zone.decline_reason if zone.declined_at and zone.declined_at <= as_of else "",
    )


def _last_reasons(changes: list[ZoneChange]) -> tuple[dict[str, Any], ...]:
    """Say why it stands as it does: the reasons of its latest entry that gave any."""
    return next((tuple(change.reasons) for change in reversed(changes) if change.reasons), ())


def _entry(change: ZoneChange) -> Entry:
    return Entry(
        at=change.at,
        act=ZoneAct(change.act),
        level=ZoneLevel(change.level),
        may_lift_date=change.may_lift_date,
        by=change.by,
        reasons=tuple(change.reasons),
    )


def _official(zone: Zone, day: date) -> tuple[tuple[OfficialArea, ...], tuple[OfficialArea, ...]]:
    county = zone.area_code[:COUNTY_DIGITS]
    listed = OfficialArea.objects.filter(outbreak=zone.outbreak, area_code__startswith=county, first_date__lte=day)
    here: list[OfficialArea] = []
    nearby: list[OfficialArea] = []
    for area in listed.order_by("first_date", "name"):
        same = area.area_code.startswith(zone.area_code) or zone.area_code.startswith(area.area_code)
        # A compound stands under the area that holds it; whether it lies in the zone cannot be known.
        exact = area.area_code == zone.area_code or area.unit in ("county", "street", "village")
        (here if same and exact else nearby).append(area)
    return tuple(here), tuple(nearby)
