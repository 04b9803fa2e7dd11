"""
Groups of people to kinds of rooms at least cost: shortest augmenting paths over kinds of rooms, and prices that prove it.

A transportation problem with few destinations (Ahuja, Magnanti and Orlin 1993, Network Flows, section 9.7): groups are
put in one by one, and whoever is in the way moves on along the cheapest chain of moves. Prices of rooms stay such
that nobody could be cheaper elsewhere, so the answer is optimal for the arcs given, whatever the order.
"""

import heapq
from typing import NamedTuple

import numpy as np
from numba import njit

from sizao.engines.planning.reach import Bools
from sizao.engines.sampling.pooled_test import Floats, Ints

NOWHERE = -1
# Two sums of hours nearer than this are the same.
ALIKE = 1e-9


class GroupArrays(NamedTuple):
    """
    What the search knows of groups: `travel` in hours of all its people (groups, sites), `left` the cost of no room.

    `waste` is by needs and attributes, of shape (8, 8); `mixed` by person on a floor of another cluster.
    """

    travel: Floats
    size: Ints
    needs: Ints
    cluster: Ints
    staff: Bools
    left: Floats
    waste: Floats
    mixed: float


class KindArrays(NamedTuple):
    """Kinds of free rooms, alike in all that costs: site, attributes, beds, whose floor it is (-1: nobody's), staff."""

    site: Ints
    has: Ints
    beds: Ints
    label: Ints
    staff: Bools
    room: Ints


@njit(cache=True)  # type: ignore[untyped-decorator]
def send(start: Ints, to: Ints, cost: Floats, left: Floats, room: Ints) -> tuple[Ints, Floats]:
    """
    Send each group along one of its arcs, or leave it at the cost `left`; give the arc of each and prices by kind.

    Arcs of group g stand from `start[g]` to before `start[g + 1]`; `to` is a kind of room, of which there are `room`.
    -1 stands for a group that is left.
    """
    n, m = len(left), len(room)
    arc, price = np.full(n, NOWHERE, np.int64), np.zeros(m)
    first = np.zeros(m + 1, np.int64)
    first[1:] = np.cumsum(room)
    inside, where, count = np.full(first[m], NOWHERE, np.int64), np.full(n, NOWHERE, np.int64), np.zeros(m, np.int64)
    away, settled = np.full(m, np.inf), np.zeros(m, np.bool_)
    mover, by_arc = np.full(m, NOWHERE, np.int64), np.full(m, NOWHERE, np.int64)
    for new in range(n):
        away[:] = np.inf
        settled[:] = False
        best, end, dropped = left[new], NOWHERE, new
        heap = [(np.inf, NOWHERE)]
        for a in range(start[new], start[new + 1]):
            kind = to[a]
            if cost[a] + price[kind] < away[kind]:
                away[kind], mover[kind], by_arc[kind] = cost[a] + price[kind], new, a
                heapq.heappush(heap, (away[kind], kind))
        while True:
            here, kind = heapq.heappop(heap)
            if here >= best or kind == NOWHERE:
                break
            if settled[kind] or here > away[kind]:
                continue
            settled[kind] = True
            if count[kind] < room[kind]:
                best, end, dropped = here, kind, NOWHERE
                break
            for slot in range(first[kind], first[kind] + room[kind]):
                one = inside[slot]
                gone = here - cost[arc[one]] - price[kind]
                if gone + left[one] < best - ALIKE:
                    best, end, dropped = gone + left[one], NOWHERE, one
                for a in range(start[one], start[one + 1]):
                    other = to[a]
                    there = gone + cost[a] + price[other]
                    if there < away[other] - ALIKE and not settled[other] and there < best:
                        away[other], mover[other], by_arc[other] = there, one, a
                        heapq.heappush(heap, (there, other))
        for kind in range(m):
            if settled[kind] and away[kind] < best:
                price[kind] += best - away[kind]
        # Move everybody along the chain, from its end back to who came new.
        if dropped == new:
            continue
        if end != NOWHERE:
            free = first[end] + count[end]
            count[end] += 1
        else:
            free, end = where[dropped], to[arc[dropped]]
            arc[dropped] = where[dropped] = NOWHERE
        while True:
            one = mover[end]
            was, gave = where[one], arc[one]
            inside[free], where[one], arc[one] = one, free, by_arc[end]
            if one == new:
                break
            free, end = was, to[gave]
    return arc, price


@njit(cache=True)  # type: ignore[untyped-decorator]
def fits(g: int, k: int, groups: "GroupArrays", kinds: "KindArrays") -> bool:
    """Tell whether the room has what the group needs."""
    lacking = groups.needs[g] & ~kinds.has[k]
    return lacking == 0 and kinds.beds[k] >= groups.size[g] and groups.staff[g] == kinds.staff[k]


@njit(cache=True)  # type: ignore[untyped-decorator]
def hours(g: int, k: int, groups: "GroupArrays", kinds: "KindArrays") -> float:
    """Add up what the group costs in a room of this kind."""
    total: float = groups.travel[g, kinds.site[k]] + groups.waste[groups.needs[g], kinds.has[k]]
    if kinds.label[k] >= 0 and groups.cluster[g] >= 0 and kinds.label[k] != groups.cluster[g]:
        total += groups.mixed * groups.size[g]
    return total


@njit(cache=True)  # type: ignore[untyped-decorator]
def arcs(near: Bools, groups: "GroupArrays", kinds: "KindArrays") -> tuple[Ints, Ints, Floats]:
    """List all kinds of rooms that fit at the sites that each group looks at: where its arcs start, kinds, costs."""
    n, m = len(groups.size), len(kinds.site)
    start = np.zeros(n + 1, np.int64)
    for g in range(n):
        start[g + 1] = start[g]
        for k in range(m):
            if near[g, kinds.site[k]] and fits(g, k, groups, kinds):
                start[g + 1] += 1
    to, cost = np.empty(start[n], np.int64), np.empty(start[n])
    for g in range(n):
        a = start[g]
        for k in range(m):
            if near[g, kinds.site[k]] and fits(g, k, groups, kinds):
                to[a], cost[a] = k, hours(g, k, groups, kinds)
                a += 1
    return start, to, cost


@njit(cache=True)  # type: ignore[untyped-decorator]
def cheapest(groups: "GroupArrays", kinds: "KindArrays", price: Floats) -> tuple[Floats, Ints]:
    """Give what each group costs at least at these prices over all kinds of rooms, and the site of it (-1: left)."""
    n, m = len(groups.size), len(kinds.site)
    least, site = groups.left.copy(), np.full(n, NOWHERE, np.int64)
    for g in range(n):
        for k in range(m):
            if fits(g, k, groups, kinds):
                total = hours(g, k, groups, kinds) + price[k]
                if total < least[g]:
                    least[g], site[g] = total, kinds.site[k]
    return least, site
