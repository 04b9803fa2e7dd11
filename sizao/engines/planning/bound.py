"""
How little a layout of sites can cost at the least: a Lagrangian bound, and prices that show the way.

Each village gets a price for having its people served. Given prices, sites no longer depend on each other: a site
opens as many tables as its best people pay for. What prices sum to, less what sites gain, is a bound for every layout
(Geoffrion 1974, Math Program Study 2:82; for capacitated sites Cornuéjols, Sridharan and Thizy 1991, Eur J Oper Res
50:280). Prices climb by the volume algorithm (Barahona and Anbil 2000, Math Program 87:385), which also tells how
much of a site the relaxed answer uses.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from sizao.engines.planning.reach import Arcs
from sizao.engines.sampling.pooled_test import Floats, Ints

STEPS = 400
FIRST_STEP = 0.1
# The volume algorithm: share of the newest answer, and when a step is lengthened or shortened.
NEWEST_SHARE = 0.1
LONGER, SHORTER, PATIENCE = 1.1, 0.66, 12
# Walks noted by site, on the average, when a bound is proved.
GAINED = 100
# As long as no layout is known, prices aim so far above the best bound.
HOPE = 1.04


@dataclass(frozen=True, slots=True)
class SiteCosts:
    """
    What opening sites costs: `site` and `table` in hours, `table_people` a table serves, `most` people of each site.
    """

    site: float
    table: float
    table_people: int
    most: Ints


@dataclass(frozen=True, slots=True)
class Bound:
    """
    The bound in hours, the prices in hours a person by village, and the relaxed answer: share open, tables by site.
    """

    value: float
    prices: Floats
    opened: Floats
    tables: Floats


def climb(arcs: Arcs, people: Ints, costs: SiteCosts, *, steps: int = STEPS, begin: Bound | None = None) -> Bound:
    """
    Raise the bound step by step over the arcs given; the best is kept. `begin` is a bound over fewer arcs.

    A bound over fewer arcs than are allowed is none: what its prices prove over all of them says `proved`.
    """
    by_site = arcs.by_site(len(costs.most))
    weights = people.astype(np.float64)
    prices = _first_prices(arcs, people, costs) if begin is None else begin.prices
    order = _in_order(by_site.start)
    n_sites = len(costs.most)
    served, opened, tables = np.zeros(len(people)), np.zeros(n_sites), np.zeros(n_sites)
    best, best_prices = -np.inf, prices
    step, waited = FIRST_STEP, 0
    mean_served: Floats | None = None
    mean_opened, mean_tables = np.zeros(n_sites), np.zeros(n_sites)
    dearest = _dearest(arcs, people, costs)
    for _ in range(steps):
        gain = _answer(by_site.start, by_site.village, by_site.cost, prices, weights, costs.site, costs.table,
                       costs.table_people, costs.most, order, served, opened, tables)  # fmt: skip
        value = float(prices @ weights) - gain
        if mean_served is None:
            mean_served = served.copy()
            mean_opened, mean_tables = opened.copy(), tables.copy()
        else:
            mean_served += NEWEST_SHARE * (served - mean_served)
            mean_opened += NEWEST_SHARE * (opened - mean_opened)
            mean_tables += NEWEST_SHARE * (tables - mean_tables)
        if value > best:
            if value > best + 1e-4 * abs(best) and ((weights - served) @ (weights - mean_served)) > 0:
                step *= LONGER
            best, best_prices, waited = value, prices.copy(), 0
        else:
            waited += 1
            if waited >= PATIENCE:
                step, waited = step * SHORTER, 0
        lacking = (weights - mean_served) / weights
        far = float((lacking**2 * weights).sum())
        if far <= 1e-12 * weights.sum() or best > dearest:
            break  # it is reached; or no layout has room for all, and prices would climb for ever
        goal = HOPE * best if begin is None else max(HOPE * best, begin.value)
        prices = best_prices + step * (goal - value) / far * lacking
        np.maximum(prices, 0.0, out=prices)
    return Bound(best, best_prices, mean_opened, mean_tables)


def proved(
    villages: Floats, people: Ints, sites: Floats, costs: SiteCosts, prices: Floats, *, hours_per_metre: float,
    metres: float | None,
) -> tuple[float, Arcs]:  # fmt: skip
    """
    Give the bound that these prices prove over all walks that are allowed, and the walks by which sites gain.

    Positions have the shape (rows, 2). Each site looks at every village from which a walk could pay.
    """
    farthest = np.inf if metres is None else float(metres)
    if hours_per_metre > 0:
        farthest = min(farthest, float(prices.max(initial=0.0)) / hours_per_metre)
    order = np.argsort(villages[:, 0], kind="stable")
    gain, n, village, site = _gains(
        villages[order], people[order].astype(np.float64), prices[order], sites, hours_per_metre, farthest,
        costs.site, costs.table, costs.table_people, costs.most, GAINED * len(sites),
    )  # fmt: skip
    village, site = order[village[:n]], site[:n]
    away = np.hypot(*(villages[village] - sites[site]).T)
    return float(prices @ people - gain), Arcs(village, site, away, away * hours_per_metre)


def _dearest(arcs: Arcs, people: Ints, costs: SiteCosts) -> float:
    """Give what no layout can cost: every table open, everybody on the longest walk."""
    tables = int((-(-costs.most // costs.table_people)).sum())
    walks = float(arcs.cost.max(initial=0.0)) * int(people.sum())
    return walks + costs.site * len(costs.most) + costs.table * tables


def _first_prices(arcs: Arcs, people: Ints, costs: SiteCosts) -> Floats:
    """Begin with the nearest site, a full table and its part of a full site."""
    nearest = np.full(len(people), np.inf)
    np.minimum.at(nearest, arcs.village, arcs.cost)
    full = np.maximum(costs.most, 1).mean()
    began: Floats = np.where(np.isfinite(nearest), nearest, 0.0) + costs.table / costs.table_people + costs.site / full
    return began


def _in_order(start: Ints) -> Ints:
    return np.arange(int(start[-1]), dtype=np.int64)


@njit(nogil=True, cache=True)
def _answer(  # type: ignore[no-untyped-def]  # noqa: C901 — one pass of a compiled loop
    start, village, cost, prices, weights, site_cost, table_cost, table_people, most, order, served, opened, tables
):
    """Let each site serve the people who pay best; fill what each village gets and each site opens; sum the gains."""
    served[:] = 0.0
    total = 0.0
    for j in range(len(most)):
        opened[j], tables[j] = 0.0, 0.0
        first, last = start[j], start[j + 1]
        # Prices move little between two steps, so the order of the last step is nearly sorted.
        for a in range(first + 1, last):
            arc = order[a]
            pays = prices[village[arc]] - cost[arc]
            b = a - 1
            while b >= first and prices[village[order[b]]] - cost[order[b]] < pays:
                order[b + 1] = order[b]
                b -= 1
            order[b + 1] = arc
        left = float(most[j])
        gain, at_table, of_table, n_tables = -site_cost, 0.0, 0.0, 0
        kept_a, kept_part = first, 0.0
        a, part, full = first, 0.0, False
        while a < last and left > 0 and not full:
            arc = order[a]
            pays = prices[village[arc]] - cost[arc]
            if pays <= 0:
                break
            take = min(weights[village[arc]] - part, left, table_people - of_table)
            at_table += pays * take
            of_table += take
            part += take
            left -= take
            if part >= weights[village[arc]]:
                a += 1
                part = 0.0
            if of_table >= table_people:
                if at_table > table_cost:
                    gain += at_table - table_cost
                    n_tables += 1
                    kept_a, kept_part = a, part
                    at_table, of_table = 0.0, 0.0
                else:
                    full = True
                    at_table = 0.0
        if at_table > table_cost:
            gain += at_table - table_cost
            n_tables += 1
            kept_a, kept_part = a, part
        if gain > 0:
            total += gain
            opened[j], tables[j] = 1.0, n_tables
            for b in range(first, kept_a):
                served[village[order[b]]] += weights[village[order[b]]]
            if kept_part > 0:
                served[village[order[kept_a]]] += kept_part
    return total


@njit(nogil=True, cache=True)
def _gains(  # type: ignore[no-untyped-def]
    villages, weights, prices, sites, hours_per_metre, farthest, site_cost, table_cost, table_people, most, most_noted
):
    """Sum what each site gains from those who pay best there, and note who they are; villages go from west to east."""
    pays, taken, row = np.zeros(len(weights) + 1), np.zeros(len(weights) + 1), np.zeros(len(weights) + 1, np.int64)
    village, site = np.zeros(most_noted, np.int64), np.zeros(most_noted, np.int64)
    total, noted = 0.0, 0
    for j in range(len(most)):
        n = _best_payers(villages, weights, prices, sites[j], hours_per_metre, farthest, most[j], pays, taken, row)
        gain = _gain(pays, taken, n, most[j], site_cost, table_cost, table_people)
        total += gain
        for place in range(min(n, most_noted - noted) if gain > 0 else 0):
            village[noted], site[noted] = row[place], j
            noted += 1
    return total, noted, village, site


@njit(nogil=True, cache=True)
def _best_payers(villages, weights, prices, site, hours_per_metre, farthest, most, pays, taken, row):  # type: ignore[no-untyped-def]
    """Put those who pay best for a place at a site in order, until all its places are taken; give how many villages."""
    n, held = 0, 0.0
    first = np.searchsorted(villages[:, 0], site[0] - farthest)
    last = np.searchsorted(villages[:, 0], site[0] + farthest, side="right")
    for i in range(first, last if most > 0 else first):
        worst = pays[n - 1] if held >= most else 0.0
        if prices[i] <= worst or weights[i] <= 0:
            continue
        away = np.hypot(villages[i, 0] - site[0], villages[i, 1] - site[1])
        pay = prices[i] - away * hours_per_metre
        if pay <= worst or away > farthest:
            continue
        place = n
        while place > 0 and pays[place - 1] < pay:
            pays[place], taken[place], row[place] = pays[place - 1], taken[place - 1], row[place - 1]
            place -= 1
        pays[place], taken[place], row[place] = pay, weights[i], i
        n, held = n + 1, held + weights[i]
        while held - taken[n - 1] >= most:
            n, held = n - 1, held - taken[n - 1]
    return n


@njit(nogil=True, cache=True)
def _gain(pays, taken, n, most, site_cost, table_cost, table_people):  # type: ignore[no-untyped-def]
    """Give what a site gains that opens tables as long as those who pay best pay for them; 0 where it stays closed."""
    gain, left, a, part = -site_cost, float(most), 0, 0.0
    while left > 0 and a < n:
        of_table, at_table = 0.0, 0.0
        while a < n and of_table < table_people and left > 0:
            take = min(taken[a] - part, left, table_people - of_table)
            at_table += pays[a] * take
            of_table, left, part = of_table + take, left - take, part + take
            if part >= taken[a]:
                a, part = a + 1, 0.0
        if at_table <= table_cost:
            break
        gain += at_table - table_cost
    return max(gain, 0.0)
