"""
What would happen if: policies side by side on paired seeds, in one city with one disease.

Runs of one seed share every draw that the policies leave alone, so that a small difference shows in far fewer
runs than it would between strangers. What is told of each policy is a median and an interval of runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sizao.engines.simulation import rng, starting
from sizao.engines.simulation.city import City
from sizao.engines.simulation.disease import HOUSEHOLD, Disease
from sizao.engines.simulation.orders import OrderLog
from sizao.engines.simulation.outcomes import BY_DAY, OUTCOMES, Outcome, outcome
from sizao.engines.simulation.packed import Packed, packed
from sizao.engines.simulation.policy import Policy
from sizao.engines.simulation.responder import Responder
from sizao.engines.simulation.rng import Floats, Ints
from sizao.engines.simulation.slots import VILLAGE_SLOTS, slot_table
from sizao.engines.simulation.spread import Engine, Outbreak
from sizao.engines.simulation.starting import Start
from sizao.engines.simulation.world import World, world

__all__ = ["BY_DAY", "OUTCOMES", "Answer", "Difference", "Question", "chance", "compare", "difference", "interval"]

LOOKED_BACK = 30  # days before day 0 that orders and look-backs may name


@dataclass(frozen=True)
class Question:
    """
    What all policies are asked: a city, a disease, who is infected on day 0, how many days.

    `imported` people are infected on day 0, anywhere; or `start` tells the situation it begins from. `zero_by`: the day
    from which on nobody may be infected any more. `city_seed` fixes where people go; in `villages` they shop and sit
    together in their own village and few leave it (`slots.VILLAGE_SLOTS`). A run with more than `stop_at`
    infections (0: never) ends there: its size is at least that, and it counts as not over.
    """

    city: City
    disease: Disease
    imported: int = 10
    days: int = 60
    zero_by: int = 45
    city_seed: int = 1
    villages: bool = False
    start: Start | None = None
    stop_at: int = 0


class Answer(NamedTuple):
    """
    Outcomes of one policy, an entry a seed; see `outcomes.Outcome`. `by_day[seed, what, day]`, what as in BY_DAY.

    `stopped` is 1 where a run passed `Question.stop_at`.
    """

    policy: str
    size: Ints
    found: Ints
    days: Ints
    rooms: Ints
    tests: Ints
    vehicles: Ints
    beds: Ints
    intensive: Ints
    no_bed: Ints
    no_intensive: Ints
    antivirals: Ints
    deaths: Ints
    closed: Ints
    zero: Ints
    by_day: Ints
    stopped: Ints


def compare(
    question: Question,
    policies: Sequence[Policy],
    *,
    seeds: Sequence[int],
    engine: Engine = "numba",
    told: Callable[[int, int], None] | None = None,
) -> list[Answer]:
    """
    Run every policy on every seed and give the outcomes, by policy.

    `told(done, of)` is called after each run, for a progress bar.
    """
    place, ready = ready_city(question)
    done = 0
    answers = []
    for policy in policies:
        rows = []
        for seed in seeds:
            rows.append(_run(question, policy, place, ready, seed, engine))
            done += 1
            if told:
                told(done, len(policies) * len(seeds))
        answers.append(Answer(policy.name, *(np.array(column) for column in zip(*rows, strict=True))))
    return answers


def ready_city(question: Question) -> tuple[World, Packed]:
    """Put the world of a question together, without orders, as many runs can share it."""
    log = OrderLog(question.city.zones, question.city.people, first_day=0, n_days=0)
    slots = slot_table(VILLAGE_SLOTS) if question.villages else None
    place = world(question.city, log.orders, seed=question.city_seed, slots=slots)
    return place, packed(place)


def begun(question: Question, place: World, ready: Packed, seed: int, *, mixing: float, engine: Engine) -> Outbreak:
    """Begin an outbreak with nobody infected yet, in which so much passes outside households."""
    zones, people = question.city.zones, question.city.people
    log = OrderLog(zones, people, first_day=-LOOKED_BACK, n_days=question.days + LOOKED_BACK)
    rates = question.disease.rates * np.where(np.arange(len(question.disease.rates)) == HOUSEHOLD, 1.0, mixing)
    disease = replace(question.disease, rates=rates)
    return Outbreak(place._replace(orders=log.orders), log, disease, seed=seed, engine=engine, ready=ready)


def _run(
    question: Question, policy: Policy, place: World, ready: Packed, seed: int, engine: Engine
) -> tuple[int | Ints, ...]:
    start, days = question.start, question.days
    mixing = 1.0 if start is None else float(start.mixing[start.draw_of(seed)])
    outbreak = begun(question, place, ready, seed, mixing=mixing, engine=engine)
    responder = Responder(outbreak, policy, days=days, rooms_taken=None if start is None else start.rooms_on(days))
    known = 0
    if start is None:
        drawn = rng.words(rng.stream(seed, "imported"), np.arange(question.imported), 0)
        outbreak.infect(rng.below(drawn, question.city.people))
    else:
        known = starting.begin(outbreak, responder, start)
    stopped = 0
    for day in range(days):
        responder.step(day)
        if 0 < question.stop_at < outbreak.count - known:
            stopped = 1
            break
    told: Outcome = outcome(outbreak, responder, policy, known=known, days=days, zero_by=question.zero_by)
    return (*told._replace(zero=0 if stopped else told.zero, days=days if stopped else told.days), stopped)


def interval(values: Ints, *, share: float = 0.8) -> tuple[float, float, float]:
    """Give the median of runs, and the ends of the interval that holds `share` of them."""
    low, middle, high = np.quantile(values, [(1 - share) / 2, 0.5, (1 + share) / 2])
    return float(middle), float(low), float(high)


def chance(happened: Ints) -> tuple[float, float, float]:
    """Give the share of runs in which something happened, and its 95 % interval (Wilson 1927)."""
    n, share, z = len(happened), float(happened.mean()), 1.959964
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return share, max(float(middle - half), 0.0), min(float(middle + half), 1.0)


@dataclass(frozen=True, slots=True)
class Difference:
    """
    How many times as many infections one policy has as another, pair by pair.

    `mean_ratio` with `low` and `high`: the geometric mean over pairs and its 95 % interval. `gain`: how many times as
    many runs it would take to know it as well without pairs.
    """

    mean_ratio: float
    low: float
    high: float
    gain: float


def difference(one: Answer, other: Answer) -> Difference:
    """Compare the sizes of two answers pair by pair (logarithms, as sizes differ by orders of magnitude)."""
    # One more than the size: from a situation of today nobody may be infected any more.
    logs: tuple[Floats, Floats] = (np.log1p(one.size), np.log1p(other.size))
    apart = logs[0] - logs[1]
    error = 1.96 * apart.std(ddof=1) / np.sqrt(len(apart)) if len(apart) > 1 else np.nan
    paired, unpaired = apart.var(), logs[0].var() + logs[1].var()
    gain = float(unpaired / paired) if paired > 0 else np.inf
    mean, low, high = (float(np.exp(apart.mean() + add)) for add in (0.0, -error, error))
    return Difference(mean, low, high, gain)
