"""
Risk areas as the public may see them on a day: what was announced, until when, and what was lifted.

Nothing here points at a person: a household, or an outline around few people, is told by its village with a count.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sizao.records.models import Area, Outbreak, Zone, ZoneChange
from sizao.terms import ZoneAct, ZoneLevel, ZoneUnit

# An area of fewer people than this is told by its village.
FEWEST_PEOPLE = 10
NARROW = frozenset({ZoneUnit.HOUSEHOLD, ZoneUnit.FLOOR})
_RANK = {ZoneLevel.HIGH: 0, ZoneLevel.MEDIUM: 1, ZoneLevel.LOW: 2}


@dataclass(frozen=True, slots=True)
class PublicArea:
    """
    One announced area on a day, or the narrow ones of a village together (`n` of them).

    `geometry` is GeoJSON, or None where no outline was drawn; `point` the place of its name, longitude first.
    """

    name: str
    area_code: str
    unit: ZoneUnit
    level: ZoneLevel
    since: date
    until: date | None
    lifted: date | None
    text_zh: str
    text_en: str
    geometry: dict[str, Any] | None
    point: tuple[float, float] | None
    n: int = 1


def public_areas(outbreak: Outbreak, *, as_of: datetime) -> list[PublicArea]:
    """List what was announced by a moment, standing areas first, then what was lifted, latest first."""
    announced = Zone.objects.filter(outbreak=outbreak, published_at__lte=as_of).select_related("place")
    zones = {zone.pk: zone for zone in announced}
    changes = ZoneChange.objects.filter(zone__in=zones, at__lte=as_of).order_by("zone_id", "at", "id")
    shown = [_area(zones[pk], list(history), outbreak) for pk, history in groupby(changes, key=lambda one: one.zone_id)]
    plain = [area for area, is_narrow in shown if not is_narrow]
    narrow = _by_village(area for area, is_narrow in shown if is_narrow)
    return sorted([*plain, *narrow], key=_order)


def _order(area: PublicArea) -> tuple[bool, int, int, str, str]:
    over = -area.lifted.toordinal() if area.lifted else 0
    return area.lifted is not None, over, _RANK[area.level], area.area_code, area.name


def _area(zone: Zone, history: list[ZoneChange], outbreak: Outbreak) -> tuple[PublicArea, bool]:
    latest = history[-1]
    content = next((one.content for one in reversed(history) if one.content), {})
    texts = next((one.content for one in reversed(history) if one.content.get("text_zh")), {})
    lifted = outbreak.day_of(latest.at) if latest.act == ZoneAct.LIFTED else None
    until = content.get("expected_until")
    people = content.get("population")
    is_narrow = zone.unit in NARROW or (
        (zone.place_id is not None or zone.boundary is not None) and (people is None or people < FEWEST_PEOPLE)
    )
    place = zone.place
    area = PublicArea(
        name=zone.name,
        area_code=zone.area_code,
        unit=ZoneUnit(zone.unit),
        level=ZoneLevel(latest.level),
        since=outbreak.day_of(zone.published_at),
        until=date.fromisoformat(until) if until else None,
        lifted=lifted,
        text_zh=texts.get("text_zh", ""),
        text_en=texts.get("text_en", ""),
        geometry=content.get("boundary"),
        point=(place.longitude, place.latitude) if place is not None and place.latitude is not None else None,
    )
    return area, is_narrow


def _by_village(areas: Iterable[PublicArea]) -> list[PublicArea]:
    """Tell narrow areas by their village: how many, since the first day, without name, text or outline."""
    groups: dict[tuple[str, ZoneLevel, date | None], list[PublicArea]] = defaultdict(list)
    for area in areas:
        groups[area.area_code, area.level, area.lifted].append(area)
    names = dict(Area.objects.filter(code__in={code for code, _, _ in groups}).values_list("code", "short_name"))
    return [
        replace(
            mine[0],
            name=names.get(code, code),
            unit=ZoneUnit.VILLAGE,
            since=min(area.since for area in mine),
            until=max((area.until for area in mine if area.until), default=None),
            text_zh="",
            text_en="",
            geometry=None,
            point=None,
            n=len(mine),
        )  # fmt: skip
        for (code, _, _), mine in groups.items()
    ]


def geojson(areas: Iterable[PublicArea]) -> dict[str, Any]:
    """Write areas as a GeoJSON collection; an area without an outline or a point has no geometry."""
    return {"type": "FeatureCollection", "features": [_feature(area) for area in areas]}


def _feature(area: PublicArea) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": list(area.point)} if area.point else None
    return {
        "type": "Feature",
        "geometry": area.geometry or point,
        "properties": {
            "name": area.name,
            "area_code": area.area_code,
            "unit": str(area.unit),
            "level": str(area.level),
            "since": area.since.isoformat(),
            "expected_until": area.until.isoformat() if area.until else None,
            "lifted": area.lifted.isoformat() if area.lifted else None,
            "areas": area.n,
        },
    }
