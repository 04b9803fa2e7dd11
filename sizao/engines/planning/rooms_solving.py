"""Groups to kinds of rooms, floors to clusters, and groups anew: the best found of a few rounds, beside its bound."""

from collections import Counter
from dataclasses import dataclass
from itertools import count

import numpy as np

from sizao.engines.planning.reach import Bools
from sizao.engines.planning.rooms_bound import bound
from sizao.engines.planning.rooms_flow import NOWHERE, GroupArrays, KindArrays, arcs, at_sites, send, widen
from sizao.engines.planning.rooms_inputs import RoomCosts, Rooms, RoomSites, RoomTravel
from sizao.engines.planning.rooms_kinds import NOBODYS, Floors, group_arrays, kinds_of, labels
from sizao.engines.planning.rooms_looking import Alike, alike, asks, nearest
from sizao.engines.planning.rooms_parties import Groups, attributes
from sizao.engines.planning.rooms_picking import pick
from sizao.engines.planning.rooms_together import put_together
from sizao.engines.sampling.pooled_test import Floats, Ints

# Farther sites are added as long as anybody would be better off there at the prices found, so many times at most.
WIDENINGS = 8
# Looking farther ends where it could save less than this share.
ENOUGH = 5e-4
# Times that floors are given to clusters, each time by where the groups went.
LABELLINGS, WORTH_LABELS = 2, 0.05
# Times that households which came apart are charged for a second site, and all is sent anew; a second changed little.
GATHERINGS = 1


@dataclass(frozen=True, slots=True)
class Solved:
    """
    The room of each group (-1: none), hours of the way by group and site, the cost of all and what it cannot be below.

    `can` says whether any free room fits the group at all.
    """

    groups: Groups
    room: Ints
    way: Floats
    value: float
    bound: float
    can: Bools

    def left(self) -> Ints:
        """List the groups without a room though some rooms would fit them."""
        return np.flatnonzero((self.room == NOWHERE) & self.can)

    def people_left(self) -> int:
        """Count the people without a room."""
        return int(self.groups.size[self.room == NOWHERE].sum())


def solve(groups: Groups, sites: RoomSites, rooms: Rooms, costs: RoomCosts, travel: RoomTravel) -> Solved:
    """Find a room for each group that any free room fits."""
    floors = Floors.of(rooms)
    arrays, way = group_arrays(groups, sites, costs, travel)
    plain, plain_of_room = kinds_of(rooms, sites, floors, np.full(len(floors.site), NOBODYS))
    if not len(groups) or not len(plain.site):
        return Solved(groups, np.full(len(groups), NOWHERE), way, 0.0, 0.0, np.zeros(len(groups), np.bool_))
    free = np.zeros((len(floors.site), len(plain.site)), np.int64)
    np.add.at(free, (floors.of_room[rooms.people == 0], plain_of_room[rooms.people == 0]), 1)
    ask = alike(arrays, groups)
    near = nearest(arrays, plain, ask)
    can: Bools = np.asarray(near.any(axis=1), np.bool_)
    arrays = arrays._replace(left=np.where(can, arrays.left, 0.0))
    sent = _sent(arrays, plain, near, ask)
    # Rooms without a price: each household at its best site. Little, but it is above nothing wherever ways are long.
    known = max(sent.dual, household_bound(groups, arrays, plain, np.zeros(len(plain.site)), costs.split))
    known, gathered = max(known, household_bound(groups, arrays, plain, sent.price, costs.split)), arrays
    best = _placed(groups, arrays, plain, plain_of_room, sent.kind, rooms, floors, costs, way)
    for _ in range(GATHERINGS if costs.split > 0 else 0):
        gathered = _gathered(groups, gathered, plain, near, sent, costs.split)
        sent = _sent(gathered, plain, near, None)
        known = max(known, household_bound(groups, arrays, plain, sent.price, costs.split))
        found = _placed(groups, arrays, plain, plain_of_room, sent.kind, rooms, floors, costs, way)
        best = min((best, found), key=lambda one: (one.people_left(), one.value))
    # A weight that only tells like from like is not worth a second search.
    for _ in range(LABELLINGS if (groups.cluster >= 0).any() and costs.mixed >= WORTH_LABELS else 0):
        label = labels(floors, free.sum(axis=1), _clusters(groups, rooms, best.room))
        labelled, of_room = kinds_of(rooms, sites, floors, label)
        sent = _sent(arrays, labelled, near, ask)
        known = max(known, bound(arrays, plain, rooms=free, theirs=floors.theirs, prices=sent.least))
        found = _placed(groups, arrays, labelled, of_room, sent.kind, rooms, floors, costs, way)
        best = min((best, found), key=lambda one: (one.people_left(), one.value))
    return Solved(groups, best.room, way, best.value, min(known, best.value), can)


@dataclass(frozen=True, slots=True)
class Sent:
    """The kind of room of each group (-1: none), prices of kinds, each group's least cost at these, and the bound."""

    kind: Ints
    price: Floats
    least: Floats
    dual: float


def _sent(groups: GroupArrays, kinds: KindArrays, near: Bools, ask: Alike | None) -> Sent:
    """
    Send groups to kinds of rooms, looking farther as long as it pays, or not at all without `ask`.

    `near` is widened in place. By duality, what groups cost at least less the prices of all rooms is a lower bound.
    """
    for times in count():
        start, to, cost = arcs(near, groups, kinds)
        arc, price = send(start, to, cost, groups.left, kinds.room)
        kind = np.where(arc == NOWHERE, NOWHERE, to[arc] if len(to) else NOWHERE)
        least = np.where(arc == NOWHERE, groups.left, (cost[arc] if len(to) else 0) + price[kind])
        before = least.sum()
        if ask is None or not widen(near, groups, kinds, price, ask, least):
            break
        may_save = before - least.sum()
        if not _may_place_more(groups, kinds, kind, may_save) and (
            times + 1 >= WIDENINGS or may_save < ENOUGH * before
        ):
            break
    return Sent(kind, price, least, float(least.sum() - price @ kinds.room))


def _may_place_more(groups: GroupArrays, kinds: KindArrays, kind: Ints, may_save: float) -> bool:
    """
    Tell whether anybody left could have a room by looking farther: rooms are free, and enough could be saved.

    What is saved by placing one person is what leaving them counts less some ways; `may_save` is, by duality, the most
    that any sites could save. Half is more than all ways of a chain of moves.
    """
    left = groups.left[(kind == NOWHERE) & (groups.left > 0)]
    free = kinds.room.sum() > (kind != NOWHERE).sum()
    return bool(len(left) and free and may_save >= left.min() / 2)


def _dearer(groups: GroupArrays, kinds: KindArrays, price: Floats) -> Floats:
    """Give what the cheapest fitting room at each site costs beside the way, by what is asked for; inf without any."""
    ask = asks(groups)
    dearer = np.full((int(ask.max()) + 1, groups.travel.shape[1]), np.inf)
    for one, row in enumerate(np.unique(ask, return_index=True)[1].tolist()):
        needs = groups.needs[row]
        fitting = ((kinds.has & needs) == needs) & (kinds.beds >= groups.size[row]) & (kinds.staff == groups.staff[row])
        each = price[fitting] + groups.waste[needs, kinds.has[fitting]]
        np.minimum.at(dearer[one], kinds.site[fitting], each)
    return dearer


def household_bound(groups: Groups, arrays: GroupArrays, kinds: KindArrays, price: Floats, split: float) -> float:
    """
    Prove a bound that knows what splitting a household costs; it holds for any prices of rooms without labels.

    Rooms are priced in by Lagrange multipliers. At these prices a household either is at one site (some perhaps left)
    and pays what that comes to at the best site, or is at two or more and pays each one's best and a further site.
    """
    each = arrays.travel + _dearer(arrays, kinds, price)[asks(arrays)]
    np.minimum(each, arrays.left[:, None], out=each)
    household = np.unique(groups.party, return_inverse=True)[1].reshape(-1)
    order = np.argsort(household, kind="stable")
    begins = np.searchsorted(household[order], np.arange(int(household.max()) + 1))
    together = np.add.reduceat(each[order], begins, axis=0).min(axis=1)
    apart = np.bincount(household, each.min(axis=1)) + split
    return float(np.minimum(together, apart).sum() - price @ kinds.room)


def _gathered(
    groups: Groups, arrays: GroupArrays, kinds: KindArrays, near: Bools, sent: Sent, split: float
) -> GroupArrays:
    """
    Charge households that came apart for all sites but one: where they cost least together at the prices found.

    Each group is charged what a further site counts, so that nobody is left for want of a site to go to.
    """
    site = np.where(sent.kind == NOWHERE, NOWHERE, kinds.site[sent.kind])
    placed = np.flatnonzero(site != NOWHERE)
    pairs = np.unique(np.column_stack((groups.party[placed], site[placed])), axis=0)
    parties, counts = np.unique(pairs[:, 0], return_counts=True)
    apart = np.flatnonzero(np.isin(groups.party, parties[counts > 1]))
    if not len(apart):
        return arrays
    each = at_sites(apart, near, arrays, kinds, sent.price)
    household = np.unique(groups.party[apart], return_inverse=True)[1].reshape(-1)
    together = np.zeros((int(household.max()) + 1, near.shape[1]))
    np.add.at(together, household, each)
    best = together.argmin(axis=1)
    can = np.isfinite(together[np.arange(len(best)), best])[household]
    travel = arrays.travel.copy()
    travel[apart[can]] += split
    travel[apart[can], best[household][can]] -= split
    return arrays._replace(travel=travel)


def _placed(
    groups: Groups, arrays: GroupArrays, kinds: KindArrays, of_room: Ints, kind: Ints, rooms: Rooms, floors: Floors,
    costs: RoomCosts, way: Floats,
) -> Solved:  # fmt: skip
    kind = put_together(groups, arrays, kinds, kind, costs.split)
    room = pick(groups, kind, of_room, floors.of_room)
    value = cost(groups, arrays, rooms, floors, room, costs)
    return Solved(groups, room, way, value, 0.0, np.ones(len(groups), np.bool_))


def cost(groups: Groups, arrays: GroupArrays, rooms: Rooms, floors: Floors, room: Ints, costs: RoomCosts) -> float:
    """Add up an allocation: ways, waste and lateness, who is left, households at several sites, mixed floors."""
    placed = np.flatnonzero(room != NOWHERE)
    has = attributes(rooms.accessible, rooms.family, rooms.carer_bed)
    site = rooms.site[room[placed]]
    total = arrays.travel[placed, site].sum() + arrays.waste[groups.needs[placed], has[room[placed]]].sum()
    total += arrays.left[room == NOWHERE].sum()
    pairs = np.unique(np.column_stack((groups.party[placed], site)), axis=0)
    total += costs.split * (len(pairs) - len(np.unique(pairs[:, 0])))
    return float(total + costs.mixed * mixed_people(groups, floors, room).sum())


def mixed_people(groups: Groups, floors: Floors, room: Ints) -> Ints:
    """Count by group the people on a floor that is another cluster's: theirs who live there, else the largest's."""
    here = np.flatnonzero((room != NOWHERE) & (groups.cluster >= 0))
    counts: dict[int, Counter[int]] = {}
    for one in here.tolist():
        counts.setdefault(int(floors.of_room[room[one]]), Counter())[int(groups.cluster[one])] += int(groups.size[one])
    whose = floors.theirs.copy()
    for floor, of_cluster in counts.items():
        if whose[floor] == NOBODYS:
            whose[floor] = min(of_cluster, key=lambda cluster: (-of_cluster[cluster], cluster))
    mixed = np.zeros(len(groups), np.int64)
    mixed[here] = np.where(whose[floors.of_room[room[here]]] != groups.cluster[here], groups.size[here], 0)
    return mixed


def _clusters(groups: Groups, rooms: Rooms, room: Ints) -> dict[int, Counter[int]]:
    """Count by site the rooms that each cluster has."""
    found: dict[int, Counter[int]] = {}
    for one in np.flatnonzero((room != NOWHERE) & (groups.cluster >= 0)).tolist():
        found.setdefault(int(rooms.site[room[one]]), Counter())[int(groups.cluster[one])] += 1
    return found
