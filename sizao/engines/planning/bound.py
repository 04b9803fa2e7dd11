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
# As long as no layout is known, prices aim so far above the best bound.
HOPE = 1.02


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


def climb(arcs: Arcs, people: Ints, costs: SiteCosts, *, steps: int = STEPS, begin: Floats | None = None) -> Bound:
    """
    Raise the bound step by step over the arcs given, from prices to `begin` with; every step's bound holds, the best is
    kept.

    Arcs left out would have to be checked (`holds`): a bound over fewer arcs than are allowed is none.
    """
    by_site = arcs.by_site(len(costs.most))
    weights = people.astype(np.float64)
    prices = _first_prices(arcs, people, costs) if begin is None else begin
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
        prices = best_prices + step * (HOPE * best - value + (HOPE - 1) * best) / far * lacking
        np.maximum(prices, 0.0, out=prices)
    return Bound(best, best_prices, mean_opened, mean_tables)


def holds(arcs: Arcs, people: Ints, costs: SiteCosts, prices: Floats) -> float:
    """Give the bound that these prices prove over all arcs given."""
    by_site = arcs.by_site(len(costs.most))
    n_sites = len(costs.most)
    gain = _answer(by_site.start, by_site.village, by_site.cost, prices, people.astype(np.float64), costs.site,
                   costs.table, costs.table_people, costs.most, _in_order(by_site.start),
                   np.zeros(len(people)), np.zeros(n_sites), np.zeros(n_sites))  # fmt: skip
    return float(prices @ people - gain)


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
