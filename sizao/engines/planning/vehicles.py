"""
Trips of vehicles over a shift: one person one vehicle, or one household, the most urgent first.

Requests become loads that ride together (`vehicles_loads`); loads are put into vehicles one after the other and moved
about (`vehicles_search`); what comes out stands beside a lower bound (`vehicles_bound`). Time is counted in steps and
chance comes from a seed, so the same question has the same answer on any machine.
"""

from dataclasses import replace

import numpy as np

from sizao.engines.planning.reach import Bools
from sizao.engines.planning.vehicles_bound import bound
from sizao.engines.planning.vehicles_inputs import (
    NO_PLACE,
    MoreVehicles,
    Service,
    Stop,
    TransferPlan,
    TransferQuestion,
    Trip,
    Vehicles,
)
from sizao.engines.planning.vehicles_loads import Load, ask_of, fits, loads_of, shares
from sizao.engines.planning.vehicles_search import NONE, Work, construct, greedy, improve, late_minutes, route_cost
from sizao.engines.sampling.pooled_test import Floats, Ints
from sizao.terms import NotCarried

STEPS = 6_000
# Loads taken out together are among so many nearest in place and time.
NEIGHBOURS = 40
# The share of a solution's cost by which one step may make it worse at first.
WARMTH = 0.002
MORE_STEPS = 300


def plan_transfers(asked: TransferQuestion, *, steps: int = STEPS, seed: int = 1) -> TransferPlan:
    """
    Plan the trips of all vehicles: weighted lateness first, then nobody left behind, then little driving.

    Vehicles under way come in as `Vehicles.after` gives them; their trips are not in here and stay as they are.
    """
    loads = loads_of(asked)
    work = work_of(asked, loads)
    rng = np.random.default_rng(seed)
    routes, counts, costs, inside = _begun(work, rng)
    if len(loads) and len(asked.vehicles) and steps:
        hot = max(WARMTH * (costs.sum() + work.left[~inside].sum()), 1.0) / max(len(loads), 1) ** 0.5
        routes, counts = improve(work, routes, counts, costs, inside, near(work), steps, hot, rng)
    return _told(asked, loads, work, routes, counts)


def _begun(work: Work, rng: np.random.Generator) -> tuple[Ints, Ints, Floats, Bools]:
    """
    Take the better of two constructions: where each load costs least, or where a vehicle is first.

    While there is time for all, the cheaper place lets work pile up that is late in the end.
    """
    order, most = urgent_first(work), most_loads(work)
    cheap = construct(work, order, most, rng)
    routes, counts = greedy(work, order, most)
    costs = np.array([route_cost(work, one, routes[one], counts[one], NONE, 0) for one in range(len(counts))])
    inside = np.zeros(len(work.door), np.bool_)
    inside[routes[routes != NONE]] = True
    soon = (routes, counts, costs, inside)
    return min((cheap, soon), key=lambda one: float(one[2].sum() + work.left[~one[3]].sum()))


def dispatch_greedily(asked: TransferQuestion) -> TransferPlan:
    """Plan as a careful dispatcher would: the earliest deadline first, to whichever vehicle is there first."""
    loads = loads_of(asked)
    work = work_of(asked, loads)
    routes, counts = greedy(work, urgent_first(work), most_loads(work))
    return _told(asked, loads, work, routes, counts)


def one_more(
    asked: TransferQuestion, plan: TransferPlan, *, steps: int = MORE_STEPS, seed: int = 1
) -> list[MoreVehicles]:
    """
    Say what one more vehicle of each kind would save, that stands where the first of its kind does.

    Both plans are made with the same few steps, so that the difference is the vehicle's; none saves less than nothing.
    """
    found = []
    base = plan_transfers(asked, steps=steps, seed=seed)
    base = min((base, plan), key=lambda one: one.value)
    for like in np.unique(asked.vehicles.kind, return_index=True)[1].tolist():
        vehicles = Vehicles(*(np.append(column, column[like]) for column in _columns(asked.vehicles)))
        more = plan_transfers(replace(asked, vehicles=vehicles), steps=steps, seed=seed)
        carried = len(base.unserved) - len(more.unserved)
        found.append(MoreVehicles(like, max(0.0, base.late - more.late), max(0, carried)))
    return found


def _columns(vehicles: Vehicles) -> list[Ints | Floats | Bools]:
    return [getattr(vehicles, name) for name in Vehicles.__dataclass_fields__]


def work_of(asked: TransferQuestion, loads: list[Load]) -> Work:
    """Lay loads and vehicles out as arrays (see `Work`)."""
    requests, vehicles, service = asked.requests, asked.vehicles, asked.service
    n, most = len(loads), max((len(load.rows) for load in loads), default=1)
    due, weight = np.full((n, most), np.inf), np.zeros((n, most))
    busy, rides, earliest, left = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    horizon = float(vehicles.ends.max(initial=0.0))
    for rank, load in enumerate(loads):
        boards, leaves, rides[rank] = _offsets(asked.minutes, service, load)
        busy[rank] = max(leaves.values())
        rows = list(load.rows)
        weight[rank, : len(rows)] = requests.weight[rows]
        limits = np.where(np.isnan(requests.due[rows]), np.inf, requests.due[rows])
        due[rank, : len(rows)] = limits - [leaves[row] for row in rows]
        earliest[rank] = max(requests.earliest[row] - boards[row] for row in rows)
        left[rank] = requests.weight[rows] @ (np.maximum(horizon - limits, 0) + asked.costs.left)
    begins = vehicles.begins + service.disinfection * vehicles.dirty
    able = np.array([fits(vehicles, ask_of(requests, load.rows)) for load in loads], np.bool_).reshape(n, len(vehicles))
    doors = np.array([load.doors[0][0] for load in loads], np.int64)
    last = np.array([load.hand_overs[-1][0] for load in loads], np.int64)
    minutes = np.ascontiguousarray(asked.minutes, np.float64)
    return Work(doors, last, busy, rides, earliest, due, weight, left, able, vehicles.at, vehicles.base, begins,
                vehicles.ends, minutes, service.disinfection, asked.costs.driven)  # fmt: skip


def _offsets(minutes: Floats, service: Service, load: Load) -> tuple[dict[int, float], dict[int, float], float]:
    """Give minutes from coming to the first door: until each person's door, until each hand-over is done; the rides."""
    clock, road, at = 0.0, 0.0, load.doors[0][0]
    boards, leaves = {}, {}
    for place, rows in load.doors:
        road += minutes[at, place]
        clock, at = clock + minutes[at, place], place
        boards.update(dict.fromkeys(rows, clock))
        clock += service.door
    for place, rows in load.hand_overs:
        road += minutes[at, place]
        clock, at = clock + minutes[at, place] + service.arrival, place
        leaves.update(dict.fromkeys(rows, clock))
    return boards, leaves, float(road)


def urgent_first(work: Work) -> Ints:
    """Give the loads in order of the minute at which the vehicle has to come."""
    return np.lexsort((np.arange(len(work.door)), -work.busy, work.due.min(axis=1, initial=np.inf)))


def most_loads(work: Work) -> int:
    """Give how many loads one vehicle can carry at the most, and one to spare."""
    shift = float((work.ends - work.begins).max(initial=0.0))
    shortest = float((work.busy + work.clean).min(initial=np.inf))
    return min(len(work.door), int(shift / max(shortest, 1.0)) if np.isfinite(shortest) else 0) + 2


def near(work: Work) -> Ints:
    """List by load the nearest others, itself first: minutes between their doors and hand-overs, and between dues."""
    n = len(work.door)
    due = np.minimum(work.due.min(axis=1), work.ends.max())
    apart = work.minutes[np.ix_(work.door, work.door)] + work.minutes[np.ix_(work.last, work.last)]
    apart = apart + 0.25 * np.abs(due[:, None] - due)
    np.fill_diagonal(apart, -1.0)
    return np.argsort(apart, axis=1, kind="stable")[:, : min(n, NEIGHBOURS)].astype(np.int64)


def _told(asked: TransferQuestion, loads: list[Load], work: Work, routes: Ints, counts: Ints) -> TransferPlan:
    requests = asked.requests
    arrives, trips, value, driven = np.full(len(requests), np.nan), [], 0.0, 0.0
    served = np.zeros(len(loads), np.bool_)
    for vehicle in range(len(counts)):
        clock, at = float(work.begins[vehicle]), int(work.at[vehicle])
        for load in routes[vehicle, : counts[vehicle]].tolist():
            trip, comes = _trip(asked, loads[load], vehicle, at, clock, float(work.earliest[load]))
            value += late_minutes(work, load, comes)
            driven += float(work.minutes[at, work.door[load]] + work.rides[load])
            arrives[[row for stop in trip.stops for row in stop.leaves]] = [
                stop.goes for stop in trip.stops for _ in stop.leaves
            ]
            clock, at, served[load] = trip.ends, int(work.last[load]), True
            trips.append(trip)
        driven += float(work.minutes[at, work.base[vehicle]]) if counts[vehicle] else 0.0
    able = work.fits.any(axis=1)
    value += float(work.left[~served & able].sum())
    considered = Work(*(column[able] if name in OF_LOADS else column for name, column in work._asdict().items()))
    alone = np.array([not shares(asked, load.rows) for load in loads], np.bool_)[able]
    known = bound(considered, asked.vehicles.negative_pressure, alone, target=value)
    horizon = float(asked.vehicles.ends.max(initial=0.0))
    late = np.nan_to_num(np.maximum(np.where(np.isnan(arrives), horizon, arrives) - requests.due, 0), nan=0.0)
    why = _why(asked, loads, work, served)
    return TransferPlan(tuple(trips), arrives, late, why, float(requests.weight @ late), value, known, driven)


OF_LOADS = ("door", "last", "busy", "rides", "earliest", "due", "weight", "left", "fits")


def _trip(
    asked: TransferQuestion, load: Load, vehicle: int, at: int, clock: float, earliest: float
) -> tuple[Trip, float]:
    """Tell one trip stop by stop; it sets out as late as it can without coming later."""
    service, minutes = asked.service, asked.minutes
    comes = max(clock + float(minutes[at, load.doors[0][0]]), earliest)
    sets_out, stops, now, here = comes - float(minutes[at, load.doors[0][0]]), [], comes, load.doors[0][0]
    for place, rows in load.doors:
        now += float(minutes[here, place])
        stops.append(Stop(place, now, now + service.door, boards=rows))
        now, here = now + service.door, place
    for place, rows in load.hand_overs:
        now += float(minutes[here, place])
        stops.append(Stop(place, now, now + service.arrival, leaves=rows))
        now, here = now + service.arrival, place
    return Trip(vehicle, sets_out, tuple(stops), now + service.disinfection), comes


def _why(asked: TransferQuestion, loads: list[Load], work: Work, served: Bools) -> dict[int, NotCarried]:
    requests = asked.requests
    unknown = np.flatnonzero((requests.pick_up == NO_PLACE) | (requests.drop == NO_PLACE))
    found = dict.fromkeys(unknown.tolist(), NotCarried.NO_PLACE)
    for load in np.flatnonzero(~served).tolist():
        found.update(dict.fromkeys(loads[load].rows, _reason(work, load)))
    return found


def _reason(work: Work, load: int) -> NotCarried:
    able = np.flatnonzero(work.fits[load])
    if not len(able):
        return NotCarried.NO_VEHICLE
    one = np.array([load], np.int64)
    alone = [route_cost(work, vehicle, one, 1, NONE, 0) for vehicle in able.tolist()]
    return NotCarried.NO_CAPACITY if np.isfinite(alone).any() else NotCarried.NO_TIME
