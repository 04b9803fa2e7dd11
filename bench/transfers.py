"""Transfers of a shift, 3,000 pick-ups by 200 vehicles: weighted lateness beside a dispatcher's and the bound."""

import os
import time

import click
import numpy as np


@click.command("transfers")
@click.option("--people", default=4_400, show_default=True, help="Of some 3,000 households' doors.")
@click.option("--vehicles", default=200, show_default=True)
@click.option("--seeds", default=1, show_default=True, help="Made-up cities.")
@click.option("--steps", default=None, type=int, help="Steps of the search; else the engine's own number.")
def command(people: int, vehicles: int, seeds: int, steps: int | None) -> None:
    """Plan shifts of made-up cities, by the engine and by the earliest deadline first to the first vehicle there."""
    from sizao.engines.planning.vehicles import STEPS, dispatch_greedily, plan_transfers

    print(f"load of the machine: {os.getloadavg()[0]:.1f}, cores: {os.cpu_count()}\n")
    plan_transfers(made_up(60, 8, 1), steps=20)  # compile, or load what was compiled
    for seed in range(1, seeds + 1):
        asked = made_up(people, vehicles, seed)
        greedy, greedy_wall, _ = _timed(lambda asked=asked: dispatch_greedily(asked))
        built, _, _ = _timed(lambda asked=asked: plan_transfers(asked, steps=0))
        plan, wall, cpu = _timed(lambda asked=asked: plan_transfers(asked, steps=STEPS if steps is None else steps))
        doors = sum(len(stop.boards) > 0 for trip in plan.trips for stop in trip.stops)
        print(
            f"{people:,} people, {doors:,} doors, {vehicles} vehicles, seed {seed}: {wall:.1f} s ({cpu:.1f} CPU s), "
            f"{wall / greedy_wall:.1f} times a dispatcher's; value {plan.value:,.0f}, bound {plan.bound:,.0f} "
            f"({plan.bound / max(plan.value, 1):.0%} of it); construction {built.value / max(plan.value, 1):.2f} and "
            f"dispatcher {greedy.value / max(plan.value, 1):.2f} times the value; unserved {len(plan.unserved)}, "
            f"{len(built.unserved)} and {len(greedy.unserved)}; driven {greedy.driven / plan.driven:.2f} times by the "
            "dispatcher"
        )


def _timed(work):  # noqa: ANN001, ANN202
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def made_up(people: int, vehicles: int, seed: int):  # noqa: ANN201
    """Make households with a site to go to near them, deadlines within ten hours, and shifts of twelve."""
    from sizao.engines.planning.routes import straight_minutes
    from sizao.engines.planning.vehicles_inputs import Requests, Service, TransferQuestion, Vehicles
    from sizao.terms import TransferKind

    dice = np.random.default_rng(seed)
    n_homes, n_sites, n_bases = max(4, int(people / 1.3)), 60, 20
    party = np.sort(dice.integers(0, n_homes, people))
    homes, sites, bases = (dice.normal([114.5, 38.0], 0.06, (n, 2)) for n in (n_homes, n_sites, n_bases))
    near = ((homes[:, None] - sites) ** 2).sum(axis=2).argsort(axis=1)[np.arange(n_homes), dice.integers(0, 8, n_homes)]
    kinds = (TransferKind.CASE, *(TransferKind.CONTACT,) * 8, TransferKind.FEVER)
    kind = dice.integers(0, len(kinds), n_homes)
    due = np.where(kind == 0, dice.uniform(30, 240, n_homes), dice.uniform(60, 600, n_homes))
    no = np.zeros(people, np.bool_)
    requests = Requests(party, party, n_homes + near[party], np.zeros(people), due[party],
                        tuple(kinds[one] for one in kind[party].tolist()), np.full(people, -1),
                        dice.random(people) < 0.02, no, kind[party] == 0, np.ones(people))  # fmt: skip
    base = n_homes + n_sites + dice.integers(0, n_bases, vehicles)
    pressure, many = np.arange(vehicles) % 4 == 0, np.full(vehicles, 4)
    fleet = Vehicles(base, base, np.zeros(vehicles), np.full(vehicles, 720.0), pressure.astype(np.int64), many,
                     np.ones(vehicles, np.int64), np.ones(vehicles, np.int64), pressure, np.zeros(vehicles, np.bool_),
                     np.arange(vehicles) % 3 == 0)  # fmt: skip
    minutes = straight_minutes(np.concatenate((homes, sites, bases)), kmh=35)
    return TransferQuestion(requests, fleet, minutes, Service(5, 5, 15))
