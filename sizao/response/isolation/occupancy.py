"""Which rooms of sites are free, kept, occupied or out of service at a moment: from the ledger, never stored."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from sizao.records.models import IsolationRoom, IsolationSite, Outbreak
from sizao.terms import RoomStatus

# One row a room: who is in it, for whom it is kept, when the last ones left. An outbreak gives the chain of
# transmission that its people belong to.
_ROOMS = """
WITH room AS (
    SELECT id, site_id, place_id, beds, out_of_service_reason, disinfected_at, is_generated
    FROM records_isolationroom WHERE site_id = ANY(%(sites)s)
), inside AS (
    SELECT s.place_id, count(*) AS people, min(s.party) AS party, min(c.index_case_id) AS cluster
    FROM records_stay s JOIN room ON room.place_id = s.place_id
    LEFT JOIN records_contact c ON c.person_id = s.person_id AND c.outbreak_id = %(outbreak)s
    WHERE s.period @> %(at)s AND s.recorded_at <= %(at)s GROUP BY s.place_id
), gone AS (
    SELECT s.place_id, max(upper(s.period)) AS left_at
    FROM records_stay s JOIN room ON room.place_id = s.place_id
    WHERE upper(s.period) <= %(at)s GROUP BY s.place_id
), kept AS (
    SELECT p.room_id, count(*) AS people, min(p.party) AS party, min(c.index_case_id) AS cluster,
        bool_or(p.decided_at <= %(at)s) AS accepted
    FROM records_roomplacement p JOIN room ON room.id = p.room_id
    LEFT JOIN records_contact c ON c.person_id = p.person_id AND c.outbreak_id = %(outbreak)s
    WHERE p.proposed_at <= %(at)s AND (p.ended_at IS NULL OR p.ended_at > %(at)s) GROUP BY p.room_id
), told AS (
    SELECT room.id, room.site_id, room.beds, room.is_generated, coalesce(inside.people, 0) AS inside,
        coalesce(inside.people, 0) + coalesce(kept.people, 0) AS people,
        coalesce(inside.party, kept.party, 0) AS party, coalesce(inside.cluster, kept.cluster, -1) AS cluster,
        CASE
            WHEN inside.people > 0 THEN 'occupied'
            WHEN room.out_of_service_reason <> '' THEN 'out_of_service'
            WHEN kept.people > 0 THEN CASE WHEN kept.accepted THEN 'kept' ELSE 'proposed' END
            WHEN gone.left_at > coalesce(room.disinfected_at, '-infinity') THEN 'to_disinfect'
            ELSE 'free'
        END AS status
    FROM room LEFT JOIN inside ON inside.place_id = room.place_id LEFT JOIN gone ON gone.place_id = room.place_id
    LEFT JOIN kept ON kept.room_id = room.id
)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A room's status, how many are inside, how many are inside or have it kept; whose party and cluster they are."""

    status: RoomStatus
    inside: int
    people: int
    party: int
    cluster: int


@dataclass(slots=True)
class Occupancy:
    """The rooms of a site, or of several, by status; the people inside; how many of the rooms were made up."""

    by_status: dict[RoomStatus, int] = field(default_factory=lambda: dict.fromkeys(RoomStatus, 0))
    people: int = 0
    beds: int = 0
    generated: int = 0

    @property
    def rooms(self) -> int:
        return sum(self.by_status.values())

    @property
    def free(self) -> int:
        return self.by_status[RoomStatus.FREE]

    @property
    def is_full(self) -> bool:
        """Tell whether there are rooms and none is free."""
        return self.rooms > 0 and self.free == 0

    def __add__(self, other: "Occupancy") -> "Occupancy":
        by_status = {status: self.by_status[status] + other.by_status[status] for status in RoomStatus}
        return Occupancy(
            by_status, self.people + other.people, self.beds + other.beds, self.generated + other.generated
        )


def by_site(sites: Iterable[int], *, as_of: datetime) -> dict[int, Occupancy]:
    """Count the rooms of each of many sites (primary keys) by status; a site without rooms has none of any."""
    keys = list(sites)
    found = {key: Occupancy() for key in keys}
    counting = (
        "SELECT site_id, status, count(*), sum(inside), sum(beds), count(*) FILTER (WHERE is_generated)"
        " FROM told GROUP BY 1, 2"
    )
    for site, status, count, people, beds, generated in _asked(counting, keys, None, as_of):
        one = found[site]
        one.by_status[RoomStatus(status)] = count
        one.people += int(people)
        one.beds += int(beds)
        one.generated += generated
    return found


def of_rooms(sites: Iterable[int], *, as_of: datetime, outbreak: Outbreak | None = None) -> dict[int, Standing]:
    """Say of each room (by primary key) of sites how it stands. Clusters are of the outbreak, -1 where unknown."""
    asked = _asked("SELECT id, status, inside, people, party, cluster FROM told", list(sites), outbreak, as_of)
    return {row[0]: Standing(RoomStatus(row[1]), *row[2:]) for row in asked}


def standing_as(
    statuses: Iterable[RoomStatus], sites: Iterable[int], *, as_of: datetime
) -> list[tuple[int, RoomStatus]]:
    """List the rooms (primary keys) of sites that stand in one of some statuses, site by site, floor by floor."""
    ordered = """
        SELECT told.id, told.status FROM told JOIN records_isolationroom room USING (id)
        JOIN records_isolationsite site ON site.id = room.site_id WHERE told.status = ANY(%(statuses)s)
        ORDER BY site.area_code, site.id, room.building, room.floor, room.number, room.id"""
    asked = _asked(ordered, list(sites), None, as_of, statuses=[str(one) for one in statuses])
    return [(key, RoomStatus(status)) for key, status in asked]


def rooms_of(site: IsolationSite, *, as_of: datetime) -> list[tuple[IsolationRoom, Standing]]:
    """List the rooms of a site with how each stands, by building, floor and number."""
    standing = of_rooms([site.pk], as_of=as_of)
    found = IsolationRoom.objects.filter(pk__in=standing).select_related("place")
    return [(one, standing[one.pk]) for one in found.order_by("building", "floor", "number")]


def _asked(
    question: str, sites: list[int], outbreak: Outbreak | None, as_of: datetime, **facts: object
) -> list[tuple[Any, ...]]:
    known = {"sites": sites, "at": as_of, "outbreak": outbreak and outbreak.pk}
    with connection.cursor() as cursor:
        cursor.execute(_ROOMS + question, known | facts)
        return cursor.fetchall()
