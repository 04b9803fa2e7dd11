"""
A layout made cheaper step by step: a table or a whole site is given up, or another site opens instead.

Who stood there goes to sites near by that have room, at the least extra walk. A step that saves hours is kept,
any other is taken back. Sites are tried in a fixed order, so the same layout is made cheaper in the same way.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sizao.engines.planning.bound import SiteCosts
from sizao.engines.planning.reach import Arcs
from sizao.engines.sampling.pooled_test import Floats, Ints

# A pass over all sites that saves less than this share is the last one.
PASSES, HARDLY = 6, 2e-4
# Sites near one that closes, each tried with another table; tables tried at a site that opens.
WIDER, FIRST_TABLES = 8, 3
SAVES = 1e-6


class _Ways(NamedTuple):
    """
    Arcs by village from `start` on, and by site from `of_site` on in `order`; the most people of each site.
    """

    start: Ints
    village: Ints
    site: Ints
    cost: Floats
    of_site: Ints
    order: Ints
    most: Ints


class _Costs(NamedTuple):
    """Hours of a site and of a table, and how many people a table serves."""

    site: float
    table: float
    people: int


class _Standing(NamedTuple):
    """
    People by arc and by site; the moves made since the last step that was kept (from arc, to arc, people); and, while
    one is looked for, what it costs to move somebody from an arc to another.
    """

    amounts: Ints
    load: Ints
    moves: Ints
    extra: Floats
    leaving: Ints
    coming: Ints


def improved(arcs: Arcs, people: Ints, costs: SiteCosts) -> Ints:
    """
    Give people by arc of a layout that costs no more than the one given; `arcs` stand in order of village.

    Everybody who has a place keeps one, and no site takes more than its most.
    """
    n_sites, n_villages = len(costs.most), int(arcs.village.max(initial=-1)) + 1
    order = np.lexsort((np.arange(len(arcs)), arcs.cost, arcs.site))
    ways = _Ways(
        start=np.searchsorted(arcs.village, np.arange(n_villages + 1)), village=arcs.village, site=arcs.site,
        cost=arcs.cost, of_site=np.searchsorted(arcs.site[order], np.arange(n_sites + 1)), order=order,
        most=costs.most.astype(np.int64),
    )  # fmt: skip
    amounts = people.astype(np.int64)
    widest = int(np.diff(ways.start).max(initial=0)) * int(np.diff(ways.of_site).max(initial=0))
    now = _Standing(
        amounts=amounts, load=np.bincount(arcs.site, amounts, n_sites).astype(np.int64),
        moves=np.zeros((4 * widest + 1, 3), np.int64), extra=np.zeros(widest),
        leaving=np.zeros(widest, np.int64), coming=np.zeros(widest, np.int64),
    )  # fmt: skip
    _improve(ways, _Costs(float(costs.site), float(costs.table), int(costs.table_people)), now)
    return amounts


@njit(nogil=True, cache=True)
def _improve(ways, costs, now):  # type: ignore[no-untyped-def]
    whole = (now.amounts * ways.cost).sum()
    for j in range(len(ways.most)):
        whole += _hours_of(costs, now.load[j])
    for _ in range(PASSES):
        saved = 0.0
        for j in np.argsort(now.load, kind="mergesort"):
            saved -= _give_up(ways, costs, now, j, 0)[0]
        for k in range(len(ways.most)):
            if now.load[k] == 0 and ways.most[k] > 0:
                saved -= _open_instead(ways, costs, now, k)
        whole -= saved
        if saved < HARDLY * whole:
            break


# --- Steps -------------------------------------------------------------------------------------


@njit(nogil=True, cache=True)
def _give_up(ways, costs, now, j, n_moves):  # type: ignore[no-untyped-def]
    """
    Give up the last table of a site, or all of it, whichever saves most.

    Give the hours that it costs, below zero or zero, and how many moves are noted.
    """
    if now.load[j] <= 0:
        return 0.0, n_moves
    last = now.load[j] - (_tables(costs, now.load[j]) - 1) * costs.people
    best, best_people, best_wider = -SAVES, 0, -1
    tried = _could_widen(ways, costs, now, j)
    for turn in range(-2, len(tried)):
        # Its last table; all of it; all of it, and another site gets one more table.
        people = last if turn == -2 else now.load[j]
        wider = tried[turn] if turn >= 0 else -1
        told, upto = _send_away(ways, costs, now, j, people, wider, n_moves)
        _take_back(ways, now, n_moves, upto)
        if told < best:
            best, best_people, best_wider = told, people, wider
    if best_people == 0:
        return 0.0, n_moves
    return _send_away(ways, costs, now, j, best_people, best_wider, n_moves)


@njit(nogil=True, cache=True)
def _open_instead(ways, costs, now, k):  # type: ignore[no-untyped-def]
    """Open a closed site if that saves hours, sites beside it that are given up for it included; give what it costs."""
    for n_tables in range(1, FIRST_TABLES + 1):
        if (n_tables - 1) * costs.people >= ways.most[k]:
            break
        told, n_moves = _fill(ways, costs, now, k, min(ways.most[k], n_tables * costs.people))
        for one in range(n_moves):
            more, n_moves = _give_up(ways, costs, now, ways.site[now.moves[one, 0]], n_moves)
            told += more
        if told < -SAVES:
            return told
        _take_back(ways, now, 0, n_moves)
    return 0.0


@njit(nogil=True, cache=True)
def _send_away(ways, costs, now, j, people, wider, n_moves):  # type: ignore[no-untyped-def]
    """
    Send so many people of a site to tables that have room, and to a new table of the site `wider` (-1: of none).

    Give the hours that it costs, infinite when there is no room for all, and how many moves are noted.
    """
    told = 0.0
    n = _ways_out(ways, costs, now, j, wider)
    for place in np.argsort(now.extra[:n], kind="mergesort"):
        a, b = now.leaving[place], now.coming[place]
        take = min(now.amounts[a], _room(ways, costs, now, ways.site[b], wider), people)
        if take > 0 and n_moves < len(now.moves):
            told += _move(ways, costs, now, a, b, take, n_moves)
            n_moves += 1
            people -= take
            if people == 0:
                return told, n_moves
    return np.inf, n_moves


@njit(nogil=True, cache=True)
def _fill(ways, costs, now, k, most):  # type: ignore[no-untyped-def]
    """Fill a closed site with whom it saves the longest walks; give the hours that it costs, and how many moves."""
    told, n_moves = 0.0, 0
    n = _ways_in(ways, now, k)
    for place in np.argsort(now.extra[:n], kind="mergesort"):
        a, b = now.leaving[place], now.coming[place]
        take = min(now.amounts[a], most - now.load[k])
        if take > 0 and n_moves < len(now.moves):
            told += _move(ways, costs, now, a, b, take, n_moves)
            n_moves += 1
    return told, n_moves


# --- What could be done ------------------------------------------------------------------------


@njit(nogil=True, cache=True)
def _ways_out(ways, costs, now, j, wider):  # type: ignore[no-untyped-def]
    """Note each way from an arc of a site to one of an open site with room; give how many there are."""
    n = 0
    for place in range(ways.of_site[j], ways.of_site[j + 1]):
        a = ways.order[place]
        if now.amounts[a] == 0:
            continue
        for b in range(ways.start[ways.village[a]], ways.start[ways.village[a] + 1]):
            k = ways.site[b]
            if k != j and now.load[k] > 0 and _room(ways, costs, now, k, wider) > 0:
                now.extra[n], now.leaving[n], now.coming[n] = ways.cost[b] - ways.cost[a], a, b
                n += 1
    return n


@njit(nogil=True, cache=True)
def _ways_in(ways, now, k):  # type: ignore[no-untyped-def]
    """Note each way that leads from a longer walk to a site; give how many there are."""
    n = 0
    for place in range(ways.of_site[k], ways.of_site[k + 1]):
        b = ways.order[place]
        for a in range(ways.start[ways.village[b]], ways.start[ways.village[b] + 1]):
            if now.amounts[a] > 0 and ways.cost[b] < ways.cost[a]:
                now.extra[n], now.leaving[n], now.coming[n] = ways.cost[b] - ways.cost[a], a, b
                n += 1
    return n


@njit(nogil=True, cache=True)
def _could_widen(ways, costs, now, j):  # type: ignore[no-untyped-def]
    """List open sites to which people of a site could go if they had another table."""
    found = np.full(WIDER, -1, np.int64)
    n = 0
    for place in range(ways.of_site[j], ways.of_site[j + 1]):
        a = ways.order[place]
        if now.amounts[a] == 0:
            continue
        for b in range(ways.start[ways.village[a]], ways.start[ways.village[a] + 1]):
            k = ways.site[b]
            widens = k != j and now.load[k] > 0 and _tables(costs, now.load[k]) * costs.people < ways.most[k]
            if widens and n < WIDER and not (found[:n] == k).any():
                found[n] = k
                n += 1
    return found[:n]


# --- Moving people -----------------------------------------------------------------------------


@njit(nogil=True, cache=True)
def _tables(costs, load):  # type: ignore[no-untyped-def]
    return -(-load // costs.people)


@njit(nogil=True, cache=True)
def _hours_of(costs, load):  # type: ignore[no-untyped-def]
    return costs.site + costs.table * _tables(costs, load) if load > 0 else 0.0


@njit(nogil=True, cache=True)
def _room(ways, costs, now, k, wider):  # type: ignore[no-untyped-def]
    there = ways.most[k] if k == wider else min(ways.most[k], costs.people * _tables(costs, now.load[k]))
    return there - now.load[k]


@njit(nogil=True, cache=True)
def _move(ways, costs, now, a, b, people, n_moves):  # type: ignore[no-untyped-def]
    """Send people along another arc and note it; give the hours that it costs."""
    j, k = ways.site[a], ways.site[b]
    before = _hours_of(costs, now.load[j]) + _hours_of(costs, now.load[k])
    now.amounts[a] -= people
    now.amounts[b] += people
    now.load[j] -= people
    now.load[k] += people
    now.moves[n_moves, 0], now.moves[n_moves, 1], now.moves[n_moves, 2] = a, b, people
    after = _hours_of(costs, now.load[j]) + _hours_of(costs, now.load[k])
    return people * (ways.cost[b] - ways.cost[a]) + after - before


@njit(nogil=True, cache=True)
def _take_back(ways, now, n_kept, n_moves):  # type: ignore[no-untyped-def]
    """Undo the moves noted after the first so many, the latest first."""
    for place in range(n_moves - 1, n_kept - 1, -1):
        a, b, people = now.moves[place, 0], now.moves[place, 1], now.moves[place, 2]
        now.amounts[a] += people
        now.amounts[b] -= people
        now.load[ways.site[a]] += people
        now.load[ways.site[b]] -= people
