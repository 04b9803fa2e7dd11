"""Rooms alike in all that costs are one kind; and whose floor each floor is, so that clusters stay apart."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from sizao.engines.planning.rooms_flow import GroupArrays, KindArrays
from sizao.engines.planning.rooms_inputs import RoomCosts, Rooms, RoomSites, RoomTravel
from sizao.engines.planning.rooms_parties import Groups, attributes
from sizao.engines.planning.routes import great_circle_km
from sizao.engines.sampling.pooled_test import Floats, Ints

NOBODYS = -1
DAY_HOURS = 24.0


@dataclass(frozen=True, slots=True)
class Floors:
    """Floors of all sites: the floor of each room, the site of each floor, whose it is by those who live there."""

    of_room: Ints
    site: Ints
    theirs: Ints

    @classmethod
    def of(cls, rooms: Rooms) -> "Floors":
        """Number the floors; one with people is the cluster's of which most are there, NOBODYS without any known."""
        keys = np.stack((rooms.site, rooms.building, rooms.floor), axis=1)
        found, of_room = np.unique(keys, axis=0, return_inverse=True)
        of_room = of_room.reshape(-1).astype(np.int64)
        theirs = np.full(len(found), NOBODYS, np.int64)
        there = np.flatnonzero((rooms.people > 0) & (rooms.cluster >= 0))
        counts: dict[int, Counter[int]] = {}
        for room in there.tolist():
            counts.setdefault(int(of_room[room]), Counter())[int(rooms.cluster[room])] += int(rooms.people[room])
        for floor, of_cluster in counts.items():
            theirs[floor] = _largest(of_cluster)
        return cls(of_room, found[:, 0].astype(np.int64), theirs)


def kinds_of(rooms: Rooms, sites: RoomSites, floors: Floors, label: Ints) -> tuple[KindArrays, Ints]:
    """Put free rooms that are alike together; also give the kind of each room (-1: not free)."""
    free = np.flatnonzero(rooms.people == 0)
    has = attributes(rooms.accessible, rooms.family, rooms.carer_bed)
    keys = np.stack((rooms.site, has, rooms.beds, label[floors.of_room]), axis=1)[free].reshape(len(free), 4)
    found, kind, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    of_room = np.full(len(rooms), -1, np.int64)
    of_room[free] = kind.reshape(-1)
    site, having, beds, whose = (np.ascontiguousarray(found[:, column]).astype(np.int64) for column in range(4))
    return KindArrays(site, having, beds, whose, sites.staff[site], counts.astype(np.int64)), of_room


def group_arrays(groups: Groups, sites: RoomSites, costs: RoomCosts, travel: RoomTravel) -> tuple[GroupArrays, Floats]:
    """Work out what each group costs at each site, and without a room; also the plain hours of the way."""
    way = way_hours(groups, sites, travel)
    slack = np.maximum(groups.due_hours, 0)[:, None]
    weighted = groups.size[:, None] * (way + costs.late * np.maximum(way - slack, 0))
    left = costs.left * groups.size * (1 + 1 / (1 + np.maximum(groups.due_hours, 0) / DAY_HOURS))
    bits = np.arange(8)
    waste = costs.wasted * np.array(
        [[int(has & ~needs).bit_count() for has in bits.tolist()] for needs in bits.tolist()]
    )
    arrays = GroupArrays(
        weighted, groups.size, groups.needs, groups.cluster, groups.staff, left, waste.astype(np.float64), costs.mixed
    )
    return arrays, way


def way_hours(groups: Groups, sites: RoomSites, travel: RoomTravel) -> Floats:
    """Estimate the hours from each group to each site: by the great circle, else by county."""
    hours = great_circle_km(groups.at, sites.at) * travel.detour / travel.kmh
    by_county = np.where(groups.area[:, None] == sites.area, travel.own_county_hours, travel.other_county_hours)
    return np.where(np.isnan(hours), by_county, hours)


def labels(floors: Floors, room_counts: Ints, site_clusters: dict[int, Counter[int]]) -> Ints:
    """
    Give each floor to a cluster, site by site: the largest cluster first takes the smallest floor that holds it.

    `room_counts` are free rooms by floor, `site_clusters` how many rooms of each site each cluster takes. Floors with
    people stay whose they are; floors to spare go to the largest clusters again.
    """
    label = floors.theirs.copy()
    by_site: dict[int, list[int]] = {}
    for floor in range(len(label)):
        by_site.setdefault(int(floors.site[floor]), []).append(floor)
    for site, counts in site_clusters.items():
        waiting = Counter(counts)
        for floor in by_site[site]:
            if label[floor] in waiting:
                waiting[int(label[floor])] -= int(room_counts[floor])
        empty = [floor for floor in by_site[site] if label[floor] == NOBODYS and room_counts[floor]]
        while empty:
            cluster = _largest(waiting)
            needed = waiting[cluster]
            floor = min(empty, key=lambda one: _fit(int(room_counts[one]), needed, one))
            label[floor] = cluster
            waiting[cluster] -= int(room_counts[floor])
            empty.remove(floor)
    return label


def _fit(rooms: int, needed: int, floor: int) -> tuple[bool, int, int]:
    return (rooms < needed, rooms if rooms >= needed else -rooms, floor)


def _largest(counts: Counter[int]) -> int:
    return min(counts, key=lambda cluster: (-counts[cluster], cluster))
