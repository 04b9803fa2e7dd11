"""What the coordinator of rooms looks at: sites with their figures, what is proposed and kept, what would fit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import inf

import numpy as np
from django.db import connection
from django.db.models import Count, F, QuerySet

from sizao.engines.planning.routes import great_circle_km
from sizao.records.models import Account, IsolationRoom, IsolationSite, Outbreak, RoomPlacement, Stay
from sizao.response.isolation import occupancy, placements, sites, waiting
from sizao.response.isolation.occupancy import Occupancy, Standing
from sizao.response.isolation.waiting import Waiter
from sizao.terms import RoomStatus, SiteState

# Rooms all of whose people have their last day today or had it: free tomorrow, once disinfected. Who is inside without
# an order that stands is no promise of a free room.
_EMPTY_TOMORROW = """
SELECT site_id, count(*) FROM (
    SELECT r.site_id, s.place_id, bool_and(coalesce(o.last_date <= %(day)s, false)) AS empties
    FROM records_stay s JOIN records_isolationroom r ON r.place_id = s.place_id
    LEFT JOIN LATERAL (
        SELECT max(ends_date) AS last_date FROM records_isolationorder
        WHERE person_id = s.person_id AND kind = 'central' AND state = 'issued'
    ) o ON true
    WHERE r.site_id = ANY(%(sites)s) AND s.period @> %(at)s AND s.recorded_at <= %(at)s
    GROUP BY r.site_id, s.place_id
) AS rooms WHERE empties GROUP BY site_id
"""


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site with its rooms by status; who should have arrived; rooms that will be empty tomorrow."""

    site: IsolationSite
    occupancy: Occupancy
    late: int
    tomorrow: int

    @property
    def is_usable(self) -> bool:
        return self.site.state in sites.USABLE


@dataclass(frozen=True, slots=True)
class Board:
    """All sites of an area, and the sums over those that may take people."""

    lines: tuple[SiteLine, ...]
    total: Occupancy
    late: int
    tomorrow: int

    @property
    def full(self) -> int:
        return sum(one.is_usable and one.occupancy.is_full for one in self.lines)


def board(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> Board:
    """Say how each site of an area stands at a moment: in use first, then by area and name."""
    found = list(sites.within(area_code, as_of))
    keys = [one.pk for one in found]
    rooms = occupancy.by_site(keys, as_of=as_of)
    late = Counter(late_at(outbreak, area_code, as_of).values_list("site", flat=True))
    empty = _empty_tomorrow(keys, outbreak.day_of(as_of), as_of)
    lines = [SiteLine(one, rooms[one.pk], late[one.pk], empty[one.pk]) for one in found]
    lines.sort(key=lambda one: (_RANK[SiteState(one.site.state)], one.site.area_code, one.site.place.name))
    usable = [one for one in lines if one.is_usable]
    total = sum((one.occupancy for one in usable), Occupancy())
    return Board(tuple(lines), total, sum(one.late for one in usable), sum(one.tomorrow for one in usable))


_RANK = {SiteState.IN_USE: 0, SiteState.READY: 1, SiteState.RESERVE: 2, SiteState.CLOSED: 3}


def _empty_tomorrow(keys: Sequence[int], day: date, as_of: datetime) -> Counter[int]:
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY_TOMORROW, {"sites": list(keys), "day": day, "at": as_of})
        return Counter(dict(cursor.fetchall()))


# --- Placements --------------------------------------------------------------------------------


def proposed_at(outbreak: Outbreak, area_code: str, as_of: datetime) -> QuerySet[RoomPlacement]:
    """Give the rooms that were proposed and not yet decided on at a moment."""
    return placements.standing(outbreak, area_code, as_of).exclude(decided_at__lte=as_of)


def kept_at(outbreak: Outbreak, area_code: str, as_of: datetime) -> QuerySet[RoomPlacement]:
    """Give the rooms that were kept at a moment for people who had not arrived."""
    return placements.standing(outbreak, area_code, as_of).filter(decided_at__lte=as_of)


def late_at(outbreak: Outbreak, area_code: str, as_of: datetime) -> QuerySet[RoomPlacement]:
    """Give the rooms kept for people who should have arrived by then."""
    return kept_at(outbreak, area_code, as_of).filter(due_at__lt=as_of)


def by_site(found: QuerySet[RoomPlacement]) -> list[tuple[int, str, int]]:
    """Count placements by site: its key, its name, how many; the most first."""
    counted = found.values("site", name=F("site__place__name")).annotate(n=Count("pk")).order_by("-n", "site")
    return [(row["site"], row["name"], row["n"]) for row in counted]


def shown(found: QuerySet[RoomPlacement]) -> QuerySet[RoomPlacement]:
    """Fetch what a row of a placement shows, by site, due time and room."""
    related = found.select_related("person", "room__place", "site__place", "order", "decided_by", "instead_of__room")
    return related.order_by(
        "site", F("due_at").asc(nulls_last=True), "room__building", "room__floor", "room__number", "pk"
    )


def people_in(site: IsolationSite, *, as_of: datetime) -> dict[int, list[Stay]]:
    """Give who is in each room (by the key of its place) of a site at a moment."""
    found: dict[int, list[Stay]] = {}
    inside = Stay.objects.current(as_of).filter(place__isolation_room__site=site, recorded_at__lte=as_of)
    for one in inside.select_related("person").order_by("place", "person"):
        found.setdefault(one.place_id, []).append(one)
    return found


# --- What would fit ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fitting:
    """A free room that meets what a person needs, and how far it is in a straight line; None where not known."""

    room: IsolationRoom
    km: float | None


def fitting(waiter: Waiter, by: Account, *, as_of: datetime, most: int = 20, but: int | None = None) -> list[Fitting]:
    """List free rooms of the account's sites that meet a person's needs, nearest first, without the room `but`."""
    usable = list(sites.within(by.area_code, as_of).filter(state__in=sites.USABLE))
    standing = occupancy.of_rooms([one.pk for one in usable], as_of=as_of)
    ways = {one.pk: _km(waiter, one) for one in usable}
    free = [key for key, one in standing.items() if _open_to(waiter, one)]
    found = IsolationRoom.objects.filter(pk__in=free).select_related("place", "site__place")
    if waiter.accessible:
        found = found.filter(is_accessible=True)
    if waiter.family or waiter.is_child:
        found = found.filter(is_family=True)
    if waiter.carer_bed:
        found = found.filter(has_carer_bed=True)
    # A room of their own household is open to them as long as a bed is left.
    rows = [
        Fitting(one, ways[one.site_id]) for one in found if one.pk != but and standing[one.pk].people < one.beds
    ]  # fmt: skip
    rows.sort(
        key=lambda one: (inf if one.km is None else one.km, _spare(one.room, waiter), one.room.site_id, one.room.pk)
    )
    return rows[:most]


def _open_to(waiter: Waiter, one: Standing) -> bool:
    own = one.party == waiter.party and one.status in (RoomStatus.OCCUPIED, RoomStatus.KEPT, RoomStatus.PROPOSED)
    return one.status == RoomStatus.FREE or own


def _spare(room: IsolationRoom, waiter: Waiter) -> int:
    """Count what a room has that this person does not need; others may."""
    return (room.is_accessible and not waiter.accessible) + (room.is_family and not waiter.family) + room.has_carer_bed


def _km(waiter: Waiter, site: IsolationSite) -> float | None:
    if waiter.longitude is None or site.place.longitude is None:
        return None
    here = np.array([[waiter.longitude, waiter.latitude]])
    there = np.array([[site.place.longitude, site.place.latitude]])
    return float(great_circle_km(here, there)[0, 0])


def waiter_of(placement: RoomPlacement, *, as_of: datetime) -> Waiter | None:
    """Say what decides about the room of somebody who has one; None for a placement without an order."""
    order = placement.order
    if order is None:
        return None
    order.found_at = order.contact.found_at if order.contact else order.proposed_at
    return waiting.waiters([order], placement.outbreak, as_of=as_of)[0]
