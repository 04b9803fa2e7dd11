"""The simulated city: containment and large waves in CPU seconds, presence, look-backs, and pairs of policies."""

import json
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

DAYS = 60
IMPORTED = 100
WHERE = Path(__file__).resolve().parent
# Made up so that nothing else than numbers of infections is claimed: a large wave reaches some 85 % in sixty days.
WAVE_RATES = (1.5, 0.3, 0.45, 0.11, 0.18)
# Contained with some thousand infections, as many as Covasim has in the scenario beside it.
CONTAINED_RATES = (1.8, 0.16, 0.24, 0.04, 0.064)
PAIRED_RATES = (0.45, 0.04, 0.06, 0.01, 0.016)


@click.command("simulation")
@click.option("--people", default=1_000_000, show_default=True, help="People of the city.")
@click.option(
    "--rounds", default=3, show_default=True, help="Runs of containment, and of Covasim; medians are printed."
)
@click.option("--covasim", type=click.Path(path_type=Path), help="Python of an environment that has Covasim 3.1.6.")
@click.option("--pairs", default=20, show_default=True, help="Paired seeds of each of eight policies.")
@click.option("--only-spread", is_flag=True, help="Leave out presence, look-backs and policies.")
def command(people: int, rounds: int, covasim: Path | None, pairs: int, only_spread: bool) -> None:  # noqa: FBT001
    """Measure one thread, CPU seconds of the run without building the city; compiled code is warmed up first."""
    from sizao.engines.simulation import areas, city

    _settle()
    began = time.process_time()
    town = city.build(areas.made_up_areas(people), seed=1)
    print(f"{people:,} people built in {time.process_time() - began:.2f} CPU s")
    bare = _rss()
    contained = [_run(town, CONTAINED_RATES, seed, full=True) for seed in range(rounds)]
    waves = [_run(town, WAVE_RATES, 1, full=False)]
    print(f"{town.bytes_per_person:.1f} bytes a person in the city;")
    print(f"{_rss():,.0f} MiB in all at the most, {bare:,.0f} MiB of them before the runs")
    for name, rows in (("contained, full responder", contained), ("large wave, no response", waves)):
        seconds = [row[0] for row in rows]
        print(
            f"{name}: {statistics.median(seconds):.3f} CPU s ({min(seconds):.3f} to {max(seconds):.3f}), infections "
            + ", ".join(f"{row[1]:,}" for row in rows)
            + f"; {1e6 * sum(seconds) / sum(row[2] for row in rows):.2f} µs an infectious day"
        )
    if covasim:
        _beside(covasim, people, rounds, contained, waves)
    if only_spread:
        return
    _presence(town)
    _asymmetry()
    _policies(town, pairs)


def _disease(rates: tuple[float, ...]):  # noqa: ANN202
    from sizao.drill import variants

    ancestral = variants.read("ancestral")
    return replace(ancestral, rates=np.array(rates), susceptibility=np.ones((9, 4)), infectivity=np.ones(4))


def _run(town, rates: tuple[float, ...], seed: int, *, full: bool) -> tuple[float, int, int]:  # noqa: ANN001
    from sizao.engines.simulation.orders import OrderLog
    from sizao.engines.simulation.packed import packed
    from sizao.engines.simulation.policy import NOTHING, Policy
    from sizao.engines.simulation.responder import respond
    from sizao.engines.simulation.spread import Outbreak
    from sizao.engines.simulation.world import world

    log = OrderLog(town.zones, town.people, first_day=-30, n_days=DAYS + 30)
    moving = world(town, log.orders, seed=1)
    ready = packed(moving)
    disease = _disease(rates)
    began = time.process_time()
    outbreak = Outbreak(moving, log, disease, seed=seed, ready=ready)
    outbreak.infect(np.arange(0, town.people, town.people // IMPORTED)[:IMPORTED])
    respond(outbreak, Policy("full", round_every=0) if full else NOTHING, days=DAYS)
    seconds = time.process_time() - began
    ledger = outbreak.ledger
    days = np.clip(np.minimum(ledger.last, DAYS) - ledger.first + 1, 0, None).sum()
    return seconds, len(ledger), int(days)


def _settle() -> None:
    """Compile, or load what was compiled."""
    from sizao.engines.simulation import areas, city

    small = city.build(areas.made_up_areas(20_000), seed=1)
    for full in (True, False):
        _run(small, CONTAINED_RATES, 1, full=full)


def _beside(python: Path, people: int, rounds: int, contained: list, waves: list) -> None:
    for scenario, ours, times in (("contain", contained, rounds), ("wave", waves, 1)):
        found = []
        for seed in range(times):
            told = subprocess.run(
                [python, WHERE / "covasim_run.py", str(people), scenario, str(seed)],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            found.append(json.loads(told.stdout.splitlines()[-1]))
        theirs = statistics.median(row["seconds"] for row in found)
        mine = statistics.median(row[0] for row in ours)
        infections = ", ".join(f"{row['infections']:,}" for row in found)
        print(
            f"Covasim, {scenario}: {theirs:.1f} CPU s, {theirs / mine:.0f} times ours; infections {infections}; "
            f"{found[0]['megabytes']:,.0f} MiB"
        )


def _presence(town) -> None:  # noqa: ANN001
    from sizao.engines.simulation import presence
    from sizao.engines.simulation.orders import OrderLog
    from sizao.engines.simulation.packed import packed
    from sizao.engines.simulation.world import world

    log = OrderLog(town.zones, town.people, first_day=-30, n_days=DAYS + 30)
    moving = world(town, log.orders, seed=1)
    people = np.arange(0, town.people, max(town.people // 50_000, 1))
    for with_homes, name in ((True, "with homes"), (False, "away from home")):
        presence.visits(moving, people[:10], np.arange(2), with_homes=with_homes)
        began = time.process_time()
        found = presence.visits(moving, people, np.arange(14), with_homes=with_homes)
        seconds = time.process_time() - began
        each = len(found) / len(people) / 14
        print(f"presences {name}: {len(found) / seconds / 1e6:.1f} million rows a CPU s, {each:.2f} a person and day")
    ready = packed(moving)
    cases = people[:: len(people) // 1000][:1000]
    first, last = np.zeros(len(cases), np.int64), np.full(len(cases), 13)
    for groups, name in ((True, "with class and work"), (False, "venues")):
        presence.met_between(ready, cases[:2], first[:2], last[:2], groups=groups)
        began = time.process_time()
        met = presence.met_between(ready, cases, first, last, groups=groups)
        each = (time.process_time() - began) / len(cases) * 1e6
        print(f"look-back of 14 days, {name}: {each:.0f} µs a case, {len(met) / len(cases):.0f} meetings")


def _asymmetry() -> None:
    """Ask everybody of a city whom they met; each meeting must be told by both, at the same place and times."""
    from sizao.engines.simulation import areas, city, presence, rng
    from sizao.engines.simulation.orders import ISOLATION, OrderLog
    from sizao.engines.simulation.world import world

    town = city.build(areas.made_up_areas(90_000, counties=1), seed=2)
    log = OrderLog(town.zones, town.people, first_day=0, n_days=10)
    log.hold(np.arange(0, town.people, 50), 0, 2, ISOLATION)
    moving = world(town, log.orders, seed=2, travel={(0, 1): 3000, (1, 0): 2000, (2, 0): 700})
    told, heard, rows = [], [], 0
    for day in range(3):
        met = presence.look_back(moving, np.arange(town.people), np.array([day]))
        where = rng.words(1, met.place, met.start * (1 << 32) + met.end)
        told.append(rng.words(where, met.case, met.person))
        heard.append(rng.words(where, met.person, met.case))
        rows += len(met)
    one, other = np.sort(np.concatenate(told)), np.sort(np.concatenate(heard))
    wrong = int((one != other).sum())
    print(f"meetings told by both sides: {rows:,} checked, {wrong} that do not pair")


def _policies(town, pairs: int) -> None:  # noqa: ANN001
    from sizao.engines.simulation.comparing import Question, compare, difference
    from sizao.engines.simulation.policy import Policy

    question = Question(town, _disease(PAIRED_RATES), imported=20, days=DAYS)
    policies = [
        Policy("reference"),
        Policy("tracing a day later", trace_days=2),
        Policy("results a day later", result_days=2),
        Policy("both a day later", result_days=2, trace_days=2),
        Policy("more venues found", traced=(1.0, 0.8, 0.8, 0.7, 0.5)),
        Policy("seven days of quarantine", quarantine_days=7, test_days=(1, 4, 7)),
        Policy("rounds every third day", round_every=3),
        Policy("communities closed", close_at=3),
    ]
    began = time.process_time()
    answers = compare(question, policies, seeds=range(pairs))
    seconds = time.process_time() - began
    runs = len(policies) * pairs
    print(f"{len(policies)} policies, {pairs} paired seeds: {seconds:.0f} CPU s, {1000 * seconds / runs:.0f} ms a run")
    for answer in answers[1:]:
        apart = difference(answer, answers[0])
        print(
            f"   {answer.policy}: {apart.mean_ratio:.2f} times the infections ({apart.low:.2f} to {apart.high:.2f}); "
            f"unpaired it would take {apart.gain:.1f} times the runs; median {np.median(answer.size):,.0f}"
        )


def _rss() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 2**20
