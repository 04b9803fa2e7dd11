"""
Groups of people to kinds of rooms at least cost: shortest augmenting paths, and prices that prove it.

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
# Sites that a group looks at more, each time that farther ones would be better.
WIDER = 6


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


@njit(cache=True)
def send(  # noqa: C901 - one loop; compiled functions that share this much state would hide it
    start: Ints, to: Ints, cost: Floats, left: Floats, room: Ints
) -> tuple[Ints, Floats]:
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
    by_arc = np.full(m, NOWHERE, np.int64)
    owner = np.empty(len(to), np.int64)
    for g in range(n):
        owner[start[g] : start[g + 1]] = g
    # By kind: its cheapest move to each other kind, kept until somebody comes or goes.
    ways = [(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int64), NOWHERE) for _ in range(m)]
    stale, seen = np.ones(m, np.bool_), np.full(m, NOWHERE, np.int64)
    touched, n_touched = np.empty(m, np.int64), 0
    for new in range(n):
        for rank in range(n_touched):
            away[touched[rank]], settled[touched[rank]] = np.inf, False
        n_touched = 0
        best, end, dropped = left[new], NOWHERE, new
        heap = [(np.inf, NOWHERE)]
        for a in range(start[new], start[new + 1]):
            kind = to[a]
            if cost[a] + price[kind] < min(away[kind], best):
                if away[kind] == np.inf:
                    touched[n_touched] = kind
                    n_touched += 1
                away[kind], by_arc[kind] = cost[a] + price[kind], a
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
            if stale[kind]:
                ways[kind] = _ways_out(inside[first[kind] : first[kind + 1]], arc, start, to, cost, left, seen)
                stale[kind] = False
            others, dearer, along, first_to_leave = ways[kind]
            base = here - price[kind]
            if first_to_leave != NOWHERE:
                gone = base - cost[arc[first_to_leave]] + left[first_to_leave]
                if gone < best - ALIKE:
                    best, end, dropped = gone, NOWHERE, first_to_leave
            for rank in range(len(others)):
                other = others[rank]
                there = base + dearer[rank] + price[other]
                if there < away[other] - ALIKE and there < best and not settled[other]:
                    if away[other] == np.inf:
                        touched[n_touched] = other
                        n_touched += 1
                    away[other], by_arc[other] = there, along[rank]
                    heapq.heappush(heap, (there, other))
        for rank in range(n_touched):
            kind = touched[rank]
            if settled[kind] and away[kind] < best:
                price[kind] += best - away[kind]
        if dropped == new:
            continue
        # Move everybody along the chain, from its end back to who came new.
        if end != NOWHERE:
            free = first[end] + count[end]
            count[end] += 1
        else:
            free, end = where[dropped], to[arc[dropped]]
            arc[dropped] = where[dropped] = NOWHERE
        while True:
            one = owner[by_arc[end]]
            was, gave = where[one], arc[one]
            inside[free], where[one], arc[one] = one, free, by_arc[end]
            stale[end] = True
            if one == new:
                break
            free, end = was, to[gave]
    return arc, price


@njit(cache=True)
def _ways_out(
    people: Ints, arc: Ints, start: Ints, to: Ints, cost: Floats, left: Floats, seen: Ints
) -> tuple[Ints, Floats, Ints, int]:
    """
    List the kinds that those in a full kind of rooms could go to: kind, what the cheapest move costs, its arc.

    Also give who would cost least if left without a room. `seen` is room to work in, -1 all over.
    """
    most = 0
    for one in people:
        most += start[one + 1] - start[one]
    others, dearer, along = np.empty(most, np.int64), np.empty(most), np.empty(most, np.int64)
    n, leaves, least = 0, NOWHERE, np.inf
    for one in people:
        now = cost[arc[one]]
        if left[one] - now < least:
            least, leaves = left[one] - now, one
        for a in range(start[one], start[one + 1]):
            kind = to[a]
            if a == arc[one]:
                continue
            rank = seen[kind]
            if rank == NOWHERE:
                rank, seen[kind] = n, n
                others[n], dearer[n], along[n] = kind, np.inf, NOWHERE
                n += 1
            if cost[a] - now < dearer[rank]:
                dearer[rank], along[rank] = cost[a] - now, a
    seen[others[:n]] = NOWHERE
    return others[:n].copy(), dearer[:n].copy(), along[:n].copy(), leaves


@njit(cache=True)
def fits(g: int, k: int, groups: "GroupArrays", kinds: "KindArrays") -> bool:
    """Tell whether the room has what the group needs."""
    lacking = groups.needs[g] & ~kinds.has[k]
    found: bool = lacking == 0 and kinds.beds[k] >= groups.size[g] and groups.staff[g] == kinds.staff[k]
    return found


@njit(cache=True)
def hours(g: int, k: int, groups: "GroupArrays", kinds: "KindArrays") -> float:
    """Add up what the group costs in a room of this kind."""
    total: float = groups.travel[g, kinds.site[k]] + groups.waste[groups.needs[g], kinds.has[k]]
    if kinds.label[k] >= 0 and groups.cluster[g] >= 0 and kinds.label[k] != groups.cluster[g]:
        total += groups.mixed * groups.size[g]
    return total


@njit(cache=True)
def arcs(  # noqa: C901 - two loops over the same, to count and to fill
    near: Bools, groups: GroupArrays, kinds: KindArrays
) -> tuple[Ints, Ints, Floats]:
    """
    List all kinds of rooms that fit at the sites that each group looks at: where its arcs start, kinds, costs.

    Kinds stand in order of their site.
    """
    n, n_sites = near.shape
    begins = np.searchsorted(kinds.site, np.arange(n_sites + 1))
    start, most = np.zeros(n + 1, np.int64), 0
    for g in range(n):
        for site in range(n_sites):
            if near[g, site]:
                most += begins[site + 1] - begins[site]
    to, cost, a = np.empty(most, np.int64), np.empty(most), 0
    for g in range(n):
        for site in range(n_sites):
            if near[g, site]:
                for k in range(begins[site], begins[site + 1]):
                    if fits(g, k, groups, kinds):
                        to[a], cost[a] = k, hours(g, k, groups, kinds)
                        a += 1
        start[g + 1] = a
    return start, to[:a].copy(), cost[:a].copy()


@njit(cache=True)
def crowding(travel: Floats, room: Ints, steps: int) -> Floats:
    """
    Guess the hours that a place at each site is worth: raised where more would come than there are rooms.

    Only a guess of where to look first; nothing is proved with it. `travel` has the shape (groups, sites).
    """
    n, n_sites = travel.shape
    price, step = np.zeros(n_sites), 0.0
    coming = np.zeros(n_sites)
    for g in range(n):
        step += travel[g].min() / n
    for rank in range(steps):
        coming[:] = 0
        for g in range(n):
            best, chosen = np.inf, 0
            for site in range(n_sites):
                if travel[g, site] + price[site] < best:
                    best, chosen = travel[g, site] + price[site], site
            coming[chosen] += 1
        pace = 0.5 * step / (1 + 0.15 * rank)
        for site in range(n_sites):
            over = (coming[site] - room[site]) / max(room[site], 1)
            price[site] = max(0.0, price[site] + pace * min(max(over, -2.0), 2.0))
    return price


@njit(cache=True)
def widen(  # noqa: C901 - one loop; see send
    near: Bools, groups: GroupArrays, kinds: KindArrays, price: Floats, like: tuple[Ints, Ints, Ints], least: Floats
) -> int:
    """
    Mark further sites at which a group would cost less than `least` at these prices; return how many were marked.

    At most WIDER a group, the best of them; where groups are alike, in turn the best that hold them all. `like` says
    what each asks for, its rank among those alike, and how many they are. `least` is lowered in place to the least over
    all sites.
    """
    ask, turn, many = like
    rooms = np.zeros(near.shape[1], np.int64)
    for k in range(len(kinds.site)):
        rooms[kinds.site[k]] += kinds.room[k]
    n, n_sites, m = len(groups.size), near.shape[1], len(kinds.site)
    strange = np.full((ask.max() + 1, n_sites), np.inf)
    done = np.zeros(ask.max() + 1, np.bool_)
    for g in range(n):
        if done[ask[g]]:
            continue
        done[ask[g]] = True
        for k in range(m):
            if fits(g, k, groups, kinds):
                extra = price[k] + groups.waste[groups.needs[g], kinds.has[k]]
                if kinds.label[k] >= 0:
                    extra += groups.mixed * groups.size[g]
                strange[ask[g], kinds.site[k]] = min(strange[ask[g], kinds.site[k]], extra)
    order = np.argsort(kinds.label)
    by_label = kinds.label[order]
    marked, total = 0, np.empty(n_sites)
    for g in range(n):
        for site in range(n_sites):
            total[site] = groups.travel[g, site] + strange[ask[g], site]
        # Whoever belongs to no cluster known is a stranger nowhere: all kinds are looked at.
        for place in range(np.searchsorted(by_label, groups.cluster[g]), m):
            k = order[place]
            if groups.cluster[g] >= 0 and kinds.label[k] != groups.cluster[g]:
                break
            if fits(g, k, groups, kinds):
                total[kinds.site[k]] = min(total[kinds.site[k]], hours(g, k, groups, kinds) + price[k])
        better = np.flatnonzero(total < least[g] - ALIKE)
        if not len(better):
            continue
        best = better[np.argsort(total[better])]
        least[g] = total[best[0]]
        span, held = 0, 0
        while span < len(best) and (span < WIDER or held < many[g]):
            held += rooms[best[span]]
            span += 1
        for rank in range(min(WIDER, span)):
            site = best[(turn[g] * WIDER + rank) % span if span > WIDER else rank]
            marked += not near[g, site]
            near[g, site] = True
    return marked


@njit(cache=True)
def at_sites(rows: Ints, near: Bools, groups: GroupArrays, kinds: KindArrays, price: Floats) -> Floats:
    """Give what each of these groups costs at least at each site it looks at, prices included; inf elsewhere."""
    least = np.full((len(rows), near.shape[1]), np.inf)
    for rank in range(len(rows)):
        g = rows[rank]
        for k in range(len(kinds.site)):
            if near[g, kinds.site[k]] and fits(g, k, groups, kinds):
                least[rank, kinds.site[k]] = min(least[rank, kinds.site[k]], hours(g, k, groups, kinds) + price[k])
    return least
