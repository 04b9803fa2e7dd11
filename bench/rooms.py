"""Rooms for 20,000 people on 400 sites: the gap to the bound, beside the nearest free room first, and how long."""

import os
import time

import click
import numpy as np

PEOPLE, SITES, CLUSTERS, FLOOR_ROOMS = 20_000, 400, 60, 12


@click.command("rooms")
@click.option("--people", default=PEOPLE, show_default=True)
@click.option("--sites", default=SITES, show_default=True)
@click.option("--seeds", default=1, show_default=True, help="Made-up cities at each load.")
def command(people: int, sites: int, seeds: int) -> None:
    """Allocate rooms in made-up cities at two loads. The gap is against the plan's own proven bound."""
    from sizao.engines.planning.rooms import allocate

    print(f"load of the machine: {os.getloadavg()[0]:.1f}, cores: {os.cpu_count()}\n")
    allocate(*made_up(200, 8, 0.8, 1))  # compile, or load what was compiled
    for load in (0.7, 0.9):
        for seed in range(1, seeds + 1):
            _allocated(people, sites, load, seed)


def _allocated(people: int, sites: int, load: float, seed: int) -> None:
    from sizao.engines.planning.rooms import allocate
    from sizao.engines.planning.rooms_inputs import RoomCosts

    asked = made_up(people, sites, load, seed)
    found, wall, cpu = _timed(lambda: allocate(*asked))
    ways, _, _ = _timed(lambda: allocate(*asked, costs=RoomCosts(split=0.0, mixed=0.0)))
    near = nearest_first(*asked)
    print(
        f"{people:,} people, {sites:,} sites, {load:.0%} of rooms needed, seed {seed}: {wall:.1f} s ({cpu:.1f} CPU s); "
        f"gap {found.gap:.2%}, of ways, lateness and waste alone {ways.gap:.2%}; {int((found.room < 0).sum()):,} left; "
        f"the nearest room first, needs forgotten, travels {near / np.nansum(found.hours):.2f} times as long"
    )


def nearest_first(waiting, sites, rooms) -> float:  # noqa: ANN001
    """Add up the hours where each takes any room at the nearest site that has one left, the most urgent first."""
    from sizao.engines.planning.rooms_inputs import RoomTravel
    from sizao.engines.planning.routes import great_circle_km

    travel, total = RoomTravel(), 0.0
    hours = great_circle_km(waiting.at, sites.at) * travel.detour / travel.kmh
    free = np.bincount(rooms.site, rooms.beds, len(sites))
    for row in np.argsort(waiting.due_hours, kind="stable").tolist():
        open_now = np.where(free > 0, hours[row], np.inf)
        site = int(open_now.argmin())
        free[site] -= 1
        total += float(open_now[site])
    return total


def _timed(work):  # noqa: ANN001, ANN202
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def made_up(people: int, sites: int, load: float, seed: int):  # noqa: ANN201
    """Make households near one another by cluster, a fifth of them with a child, and hotels with floors of twelve."""
    from sizao.engines.planning.rooms_inputs import Rooms, RoomSites, Waiting

    dice = np.random.default_rng(seed)
    n_homes = max(2, int(people / 2.2))
    party = np.sort(dice.integers(0, n_homes, people))
    first = np.r_[True, party[1:] != party[:-1]]
    cluster = dice.integers(0, CLUSTERS, n_homes)
    centres = dice.normal([114.5, 38.0], 0.2, (CLUSTERS, 2))
    homes = centres[cluster] + dice.normal(0, 0.05, (n_homes, 2))
    no = np.zeros(people, np.bool_)
    waiting = Waiting(party + 1, dice.uniform(-4, 24, n_homes)[party], homes[party], np.zeros(people, np.int64),
                      cluster[party], ~first & (dice.random(people) < 0.2), first, dice.random(people) < 0.02, no,
                      dice.random(people) < 0.01, no)  # fmt: skip
    each = dice.integers(20, 81, sites)
    each = np.maximum(2, each * people / load / each.sum()).astype(np.int64)
    site = np.repeat(np.arange(sites), each)
    rank = np.arange(len(site)) - np.repeat(np.cumsum(each) - each, each)
    family, zero = rank % 4 == 0, np.zeros(len(site), np.int64)
    rooms = Rooms(site, zero, rank // FLOOR_ROOMS, np.where(family, 3, 1), rank % 12 < 2, family, rank % 12 == 0, zero,
                  zero, zero - 1)  # fmt: skip
    where = RoomSites(dice.normal([114.5, 38.0], 0.2, (sites, 2)), np.zeros(sites, np.int64), np.zeros(sites, np.bool_))
    return waiting, where, rooms
