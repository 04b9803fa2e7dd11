"""
Loads into vehicles one after the other: a construction, and a local search that takes out and puts back.

A solution is the order of loads of each vehicle. The construction puts in the most urgent first, each where it costs
least. The search takes out loads that lie near one another in place and time, or a whole stretch of one vehicle, and
puts them back where they cost least, looking past the best place now and then (ruin and recreate with blinks:
Schrimpf et al. 2000; Christiaens and Vanden Berghe 2020). Such steps contain the moves of one load to another place,
of two that change places, of stretches, and chains in which one pushes out another. A worse answer is kept with a
chance that falls over the steps (annealing). Chance comes from the generator given; time is counted in steps.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sizao.engines.planning.reach import Bools
from sizao.engines.sampling.pooled_test import Floats, Ints

NONE = -1


class Work(NamedTuple):
    """
    Loads and vehicles as arrays.

    By load: first door, last hand-over, minutes from coming to the first door to the last hand-over (`busy`), on the
    road among them (`rides`), earliest coming; `due` of shape (loads, most) with the minute of the vehicle's coming at
    the first door after which each person is late (inf: never), `weight` alike; `left`: cost of leaving it. By
    vehicle: place, base, minutes of begin and end. `fits` has the shape (loads, vehicles).
    """

    door: Ints
    last: Ints
    busy: Floats
    rides: Floats
    earliest: Floats
    due: Floats
    weight: Floats
    left: Floats
    fits: Bools
    at: Ints
    base: Ints
    begins: Floats
    ends: Floats
    minutes: Floats
    clean: float
    driven: float


@njit(cache=True)
def late_minutes(work: Work, load: int, comes: float) -> float:
    """Add up the weighted minutes late of a load whose vehicle comes to its first door at `comes`."""
    total = 0.0
    for rank in range(work.due.shape[1]):
        over = comes - work.due[load, rank]
        if over > 0:
            total += work.weight[load, rank] * over
    return total


@njit(cache=True)
def route_cost(work: Work, vehicle: int, route: Ints, n: int, extra: int, place: int) -> float:
    """
    Add up what a vehicle's loads cost, `extra` put in before position `place` (-1: none); inf past its shift.
    """
    at, clock, total = work.at[vehicle], work.begins[vehicle], 0.0
    for step in range(n + 1):
        for half in range(2):
            if half == 0:
                if extra == NONE or step != place:
                    continue
                load = extra
            else:
                if step == n:
                    continue
                load = route[step]
            road = work.minutes[at, work.door[load]]
            comes = max(clock + road, work.earliest[load])
            total += late_minutes(work, load, comes) + work.driven * (road + work.rides[load])
            clock, at = comes + work.busy[load] + work.clean, work.last[load]
    home = work.minutes[at, work.base[vehicle]]
    return np.inf if clock + home > work.ends[vehicle] + 1e-9 else total + work.driven * home


@njit(cache=True)
def _best_place(
    work: Work, load: int, routes: Ints, counts: Ints, costs: Floats, blink: float, rng: np.random.Generator
) -> tuple[float, int, int]:
    """Find where a load costs least, passing by each place with the chance `blink`: cost, vehicle, position."""
    best, chosen, position = work.left[load], NONE, 0
    for vehicle in range(len(counts)):
        n = counts[vehicle]
        if not work.fits[load, vehicle] or n == routes.shape[1]:
            continue
        at, clock = work.at[vehicle], work.begins[vehicle]
        for place in range(n + 1):
            # What stands before costs what it costs; what comes after cannot cost less than it does now.
            comes = max(clock + work.minutes[at, work.door[load]], work.earliest[load])
            own = late_minutes(work, load, comes)
            if own >= best:
                break
            if blink == 0.0 or rng.random() >= blink:
                more = route_cost(work, vehicle, routes[vehicle], n, load, place) - costs[vehicle]
                if more < best - 1e-12:
                    best, chosen, position = more, vehicle, place
            if place < n:
                one = routes[vehicle, place]
                road = work.minutes[at, work.door[one]]
                clock = max(clock + road, work.earliest[one]) + work.busy[one] + work.clean
                at = work.last[one]
    return best, chosen, position


@njit(cache=True)
def _put(work: Work, load: int, vehicle: int, position: int, routes: Ints, counts: Ints, costs: Floats) -> None:
    for step in range(counts[vehicle], position, -1):
        routes[vehicle, step] = routes[vehicle, step - 1]
    routes[vehicle, position] = load
    counts[vehicle] += 1
    costs[vehicle] = route_cost(work, vehicle, routes[vehicle], counts[vehicle], NONE, 0)


@njit(cache=True)
def construct(work: Work, order: Ints, most: int, rng: np.random.Generator) -> tuple[Ints, Ints, Floats, Bools]:
    """Put loads in, in this order, each where it costs least: routes, counts and costs by vehicle, who is in one."""
    n_vehicles = len(work.at)
    routes, counts = np.full((n_vehicles, most), NONE, np.int64), np.zeros(n_vehicles, np.int64)
    costs, inside = np.zeros(n_vehicles), np.zeros(len(work.door), np.bool_)
    for vehicle in range(n_vehicles):
        costs[vehicle] = route_cost(work, vehicle, routes[vehicle], 0, NONE, 0)
    for load in order:
        _, vehicle, position = _best_place(work, load, routes, counts, costs, 0.0, rng)
        if vehicle != NONE:
            _put(work, load, vehicle, position, routes, counts, costs)
            inside[load] = True
    return routes, counts, costs, inside


@njit(cache=True)
def greedy(work: Work, order: Ints, most: int) -> tuple[Ints, Ints]:
    """Dispatch as a careful dispatcher would: the earliest deadline first, to whichever vehicle is there first."""
    n_vehicles = len(work.at)
    routes, counts = np.full((n_vehicles, most), NONE, np.int64), np.zeros(n_vehicles, np.int64)
    at, clock = work.at.copy(), work.begins.copy()
    for load in order:
        best, chosen = np.inf, NONE
        for vehicle in range(n_vehicles):
            if not work.fits[load, vehicle]:
                continue
            comes = max(clock[vehicle] + work.minutes[at[vehicle], work.door[load]], work.earliest[load])
            done = comes + work.busy[load] + work.clean
            if done + work.minutes[work.last[load], work.base[vehicle]] <= work.ends[vehicle] + 1e-9 and comes < best:
                best, chosen = comes, vehicle
        if chosen != NONE:
            routes[chosen, counts[chosen]] = load
            counts[chosen] += 1
            clock[chosen], at[chosen] = best + work.busy[load] + work.clean, work.last[load]
    return routes, counts


@njit(cache=True)
def improve(  # noqa: C901 - one loop of many steps over shared arrays; calls would copy them
    work: Work, routes: Ints, counts: Ints, costs: Floats, inside: Bools, near: Ints, steps: int, hot: float,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:  # fmt: skip
    """
    Search from a solution for so many steps; give the best routes and counts found.

    `near` lists by load those nearest to it in place and time. `hot` is the cost by which a worse answer is kept at
    first about once in three times; at the end hardly any is.
    """
    n = len(work.door)
    now = costs.sum() + work.left[~inside].sum()
    best, best_routes, best_counts = now, routes.copy(), counts.copy()
    where = np.full(n, NONE, np.int64)
    for begun in range(len(counts)):
        for step in range(counts[begun]):
            where[routes[begun, step]] = begun
    out, hit = np.empty(n, np.int64), np.zeros(len(counts), np.bool_)
    kept_routes, kept_counts, kept_costs = routes.copy(), counts.copy(), costs.copy()
    for step in range(steps):
        warmth = hot * (0.001 ** (step / steps))
        seed = rng.integers(0, n)
        wanted, n_out = rng.integers(2, 13), 0
        hit[:] = False
        for load in near[seed]:
            if n_out >= wanted:
                break
            if rng.random() < 0.25 and load != seed:
                continue
            out[n_out] = load
            n_out += 1
        # Those without a vehicle try again now and then.
        if rng.random() < 0.5:
            for load in range(n):
                if where[load] == NONE and n_out < 20 and rng.random() < 0.2 and not (out[:n_out] == load).any():
                    out[n_out] = load
                    n_out += 1
        was = out[:n_out].copy()
        came_from = where[was]
        for rank in range(n_out):
            old = where[was[rank]]
            if old == NONE:
                continue
            hit[old] = True
            for place in range(counts[old]):
                if routes[old, place] == was[rank]:
                    for later in range(place, counts[old] - 1):
                        routes[old, later] = routes[old, later + 1]
                    counts[old] -= 1
                    break
            where[was[rank]] = NONE
        for changed in range(len(counts)):
            if hit[changed]:
                costs[changed] = route_cost(work, changed, routes[changed], counts[changed], NONE, 0)
        urgency = np.empty(n_out)
        choice = rng.integers(0, 3)
        for rank in range(n_out):
            load = was[rank]
            if choice == 0:
                urgency[rank] = work.due[load].min()
            elif choice == 1:
                urgency[rank] = -work.busy[load]
            else:
                urgency[rank] = rng.random()
        for turn in np.argsort(urgency):
            load = was[turn]
            _, new, position = _best_place(work, load, routes, counts, costs, 0.02, rng)
            if new != NONE:
                _put(work, load, new, position, routes, counts, costs)
                where[load], hit[new] = new, True
        cost = costs.sum()
        for load in range(n):
            if where[load] == NONE:
                cost += work.left[load]
        if cost < now - warmth * np.log(max(rng.random(), 1e-12)):
            now = cost
            for vehicle in np.flatnonzero(hit):
                kept_routes[vehicle], kept_counts[vehicle] = routes[vehicle], counts[vehicle]
                kept_costs[vehicle] = costs[vehicle]
            if now < best - 1e-9:
                best, best_routes[:], best_counts[:] = now, routes, counts
        else:
            for vehicle in np.flatnonzero(hit):
                routes[vehicle], counts[vehicle] = kept_routes[vehicle], kept_counts[vehicle]
                costs[vehicle] = kept_costs[vehicle]
            for rank in range(n_out):
                where[was[rank]] = came_from[rank]
    return best_routes, best_counts
