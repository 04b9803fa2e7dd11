"""Why each person was proposed their room, or why there is none; and which need lacks how many rooms."""

from collections.abc import Iterator

import numpy as np

from sizao.engines.planning.reach import Bools
from sizao.engines.planning.rooms_flow import NOWHERE
from sizao.engines.planning.rooms_inputs import Rooms, RoomShortage, RoomSites
from sizao.engines.planning.rooms_kinds import Floors
from sizao.engines.planning.rooms_parties import ACCESSIBLE, CARER_BED, FAMILY, Groups, attributes
from sizao.engines.planning.rooms_solving import Solved, mixed_people
from sizao.engines.sampling.pooled_test import Floats, Ints
from sizao.terms import RoomNeed, RoomReason

BITS = {RoomNeed.ACCESSIBLE: ACCESSIBLE, RoomNeed.FAMILY: FAMILY, RoomNeed.CARER_BED: CARER_BED}


def explain(solved: Solved, sites: RoomSites, rooms: Rooms, alone: "set[int]") -> dict[int, tuple[RoomReason, ...]]:
    """Tell by person of each group why this room; `alone` are people who cannot be alone (rows)."""
    floors = Floors.of(rooms)
    groups, room = solved.groups, solved.room
    mixed = mixed_people(groups, floors, room)
    crowd = _clusters_by_floor(groups, rooms, floors, room)
    spread = _sites_by_party(groups, rooms, room)
    nearest = _nearest_hours(groups, sites, rooms, solved)
    told: dict[int, tuple[RoomReason, ...]] = {}
    for rank, people in enumerate(groups.rows):
        if room[rank] == NOWHERE:
            lacks = RoomReason.ALL_TAKEN if _any_fits(groups, rank, sites, rooms) else RoomReason.NO_SUCH_ROOM
            told.update(dict.fromkeys(people, (lacks,)))
            continue
        way = solved.way[rank, rooms.site[room[rank]]]
        said = [
            _who(people, alone),
            *([RoomReason.NEED_MET] if groups.needs[rank] else []),
            RoomReason.NEAREST if way <= nearest[rank] + 1e-9 else RoomReason.NEARER_FULL,
            *_in_time(float(groups.due_hours[rank]), float(way)),
            *_household(spread[int(groups.party[rank])], len(people), int((groups.party == groups.party[rank]).sum())),
        ]
        if groups.cluster[rank] >= 0:
            apart = len(crowd[int(floors.of_room[room[rank]])]) == 1 and not mixed[rank]
            said.append(RoomReason.CLUSTER_APART if apart else RoomReason.CLUSTER_MIXED)
        told.update(dict.fromkeys(people, tuple(said)))
    return told


def _who(people: tuple[int, ...], alone: set[int]) -> RoomReason:
    if len(people) == 1:
        return RoomReason.ALONE
    return RoomReason.WITH_CARER if alone & set(people) else RoomReason.HOUSEHOLD


def _in_time(due: float, way: float) -> Iterator[RoomReason]:
    if np.isfinite(due):
        yield RoomReason.IN_TIME if way <= due else RoomReason.LATE


def _household(sites: int, people: int, groups: int) -> Iterator[RoomReason]:
    if groups > 1:
        yield RoomReason.HOUSEHOLD_TOGETHER if sites == 1 else RoomReason.HOUSEHOLD_SPLIT


def _sites_by_party(groups: Groups, rooms: Rooms, room: Ints) -> dict[int, int]:
    found: dict[int, set[int]] = {}
    for rank in np.flatnonzero(room != NOWHERE).tolist():
        found.setdefault(int(groups.party[rank]), set()).add(int(rooms.site[room[rank]]))
    return {party: len(sites) for party, sites in found.items()}


def _clusters_by_floor(groups: Groups, rooms: Rooms, floors: Floors, room: Ints) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for rank in np.flatnonzero((room != NOWHERE) & (groups.cluster >= 0)).tolist():
        found.setdefault(int(floors.of_room[room[rank]]), set()).add(int(groups.cluster[rank]))
    for row in np.flatnonzero((rooms.people > 0) & (rooms.cluster >= 0)).tolist():
        found.setdefault(int(floors.of_room[row]), set()).add(int(rooms.cluster[row]))
    return found


def _fitting(needs: int, size: int, sites: RoomSites, rooms: Rooms, *, staff: bool) -> Bools:
    has = attributes(rooms.accessible, rooms.family, rooms.carer_bed)
    found: Bools = ((has & needs) == needs) & (rooms.beds >= size) & (sites.staff[rooms.site] == staff)
    found &= rooms.people == 0
    return found


def _any_fits(groups: Groups, rank: int, sites: RoomSites, rooms: Rooms) -> bool:
    fitting = _fitting(int(groups.needs[rank]), int(groups.size[rank]), sites, rooms, staff=bool(groups.staff[rank]))
    return bool(fitting.any())


def _nearest_hours(groups: Groups, sites: RoomSites, rooms: Rooms, solved: Solved) -> Floats:
    """Give the hours to the nearest site that has a free room that fits, by group; infinite without any."""
    nearest = np.full(len(groups), np.inf)
    asks, of_group = np.unique(np.column_stack((groups.needs, groups.size, groups.staff)), axis=0, return_inverse=True)
    for ask, (needs, size, staff) in enumerate(asks.tolist()):
        fitting = np.unique(rooms.site[_fitting(needs, size, sites, rooms, staff=bool(staff))])
        rows = np.flatnonzero(of_group.reshape(-1) == ask)
        if len(fitting):
            nearest[rows] = solved.way[np.ix_(rows, fitting)].min(axis=1)
    return nearest


def shortages(solved: Solved, sites: RoomSites, rooms: Rooms) -> tuple[RoomShortage, ...]:
    """Name each set of needs for which rooms are short, by how many, and how many people are left for it."""
    groups = solved.groups
    left = np.flatnonzero(solved.room == NOWHERE)
    keys = np.column_stack((groups.staff, groups.needs, groups.size))[left]
    found = []
    for staff, needs, size in np.unique(keys, axis=0).tolist():
        theirs = left[(keys == (staff, needs, size)).all(axis=1)]
        as_much = ((groups.needs & needs) == needs) & (groups.size >= size) & (groups.staff == staff)
        given = int(_fitting(needs, size, sites, rooms, staff=bool(staff)).sum())
        named = tuple(need for need, bit in BITS.items() if needs & bit)
        people = int(groups.size[theirs].sum())
        found.append(RoomShortage(named, size, bool(staff), int(as_much.sum()), given, len(theirs), people))
    return tuple(found)
