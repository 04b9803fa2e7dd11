"""Who lives inside a zone: by its area, by the places under its own, or by coordinates inside its outline."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from sizao.engines.outlines import inside, outline
from sizao.records.models import Person, Place, Zone

_BELOW = """
WITH RECURSIVE below AS (
    SELECT id FROM records_place WHERE id = %s
    UNION ALL SELECT p.id FROM records_place p JOIN below b ON p.parent_id = b.id
) SELECT id FROM below
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What an outlined part of an area holds: places and people inside, and people who cannot be placed."""

    places: tuple[int, ...]
    people: int
    without_coordinates: int


def _places_below(place_id: int) -> list[int]:
    """List a place and all its parts."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [place_id])
        return [row[0] for row in cursor.fetchall()]


def places_inside(boundary: object, area_code: str) -> list[int]:
    """List the places of an area whose coordinates lie inside an outline."""
    corners = outline(boundary)
    (west, south), (east, north) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    rows = list(
        Place.objects.filter(
            area_code__startswith=area_code, longitude__range=(west, east), latitude__range=(south, north)
        ).values_list("pk", "longitude", "latitude")
    )
    found = inside(corners, [row[1] for row in rows], [row[2] for row in rows])
    return [row[0] for row, is_in in zip(rows, found, strict=True) if is_in]


def home_places(zone: Zone) -> list[int] | None:
    """List the places whose homes are inside a zone; None where its whole area is."""
    if zone.place_id is not None:
        return _places_below(zone.place_id)
    return places_inside(zone.boundary, zone.area_code) if zone.boundary is not None else None


def residents(zone: Zone) -> Q:
    """Give the condition on people that says: lives inside this zone."""
    places = home_places(zone)
    return Q(area_code__startswith=zone.area_code) if places is None else Q(household__place__in=places)


def drawn(boundary: object, area_code: str) -> Drawn:
    """Say who of an area lies inside an outline, and how many of its people have no coordinates."""
    places = places_inside(boundary, area_code)
    people = Person.objects.filter(area_code__startswith=area_code)
    unknown = people.filter(Q(household__place__isnull=True) | Q(household__place__latitude__isnull=True)).count()
    return Drawn(tuple(places), Person.objects.filter(household__place__in=places).count(), unknown)
