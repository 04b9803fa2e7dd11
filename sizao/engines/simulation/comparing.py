"""
What would happen if: policies side by side on paired seeds, in one city with one disease.

Runs of one seed share every draw that the policies leave alone, so that a small difference shows in far fewer
runs than it would between strangers. What is told of each policy is a median and an interval of runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sizao.engines.simulation import rng
from sizao.engines.simulation.city import City
from sizao.engines.simulation.disease import Disease
from sizao.engines.simulation.ledger import Ledger
from sizao.engines.simulation.orders import OrderLog
from sizao.engines.simulation.packed import Packed, packed
from sizao.engines.simulation.people import bands
from sizao.engines.simulation.policy import Policy
from sizao.engines.simulation.responder import Course, respond
from sizao.engines.simulation.rng import Floats, Ints
from sizao.engines.simulation.spread import Engine, Outbreak
from sizao.engines.simulation.world import World, world

# Medians of the first hospitals in Wuhan (Zhou and others, Lancet 2020; 395: 1054-62): from onset to admission 11 days
# and 11 in hospital, from onset to intensive care 12 days and 8 there.
TO_BED, IN_BED, TO_INTENSIVE, IN_INTENSIVE = 11, 11, 12, 8
LOOKED_BACK = 30  # days before day 0 that orders and look-backs may name
OUTCOMES = ("size", "found", "days", "rooms", "tests", "beds", "intensive", "deaths")


@dataclass(frozen=True)
class Question:
    """
    What all policies are asked: a city, a disease, how many are infected on day 0, how many days.

    `zero_by`: the day from which on nobody may be infected any more. `city_seed` fixes where people go.
    """

    city: City
    disease: Disease
    imported: int = 10
    days: int = 60
    zero_by: int = 45
    city_seed: int = 1


class Answer(NamedTuple):
    """
    Outcomes of one policy, an entry a seed.

    `size` infections, `found` of them, `days` until the last infection, most people in `rooms`, most `tests` a day,
    most in `beds` and in `intensive` care at a time, `deaths`; `zero` is 1 where nobody was infected any more from the
    day asked for. Beds, intensive care and deaths follow from severity alone: no shortage makes them worse.
    """

    policy: str
    size: Ints
    found: Ints
    days: Ints
    rooms: Ints
    tests: Ints
    beds: Ints
    intensive: Ints
    deaths: Ints
    zero: Ints


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
    log = OrderLog(question.city.zones, question.city.people, first_day=0, n_days=0)
    place = world(question.city, log.orders, seed=question.city_seed)
    ready = packed(place)
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
    logs: tuple[Floats, Floats] = (np.log(one.size), np.log(other.size))
    apart = logs[0] - logs[1]
    error = 1.96 * apart.std(ddof=1) / np.sqrt(len(apart)) if len(apart) > 1 else np.nan
    paired, unpaired = apart.var(), logs[0].var() + logs[1].var()
    gain = float(unpaired / paired) if paired > 0 else np.inf
    mean, low, high = (float(np.exp(apart.mean() + add)) for add in (0.0, -error, error))
    return Difference(mean, low, high, gain)


def _run(question: Question, policy: Policy, place: World, ready: Packed, seed: int, engine: Engine) -> tuple[int, ...]:
    zones, people = question.city.zones, question.city.people
    log = OrderLog(zones, people, first_day=-LOOKED_BACK, n_days=question.days + LOOKED_BACK)
    outbreak = Outbreak(place._replace(orders=log.orders), log, question.disease, seed=seed, engine=engine, ready=ready)
    drawn = rng.words(rng.stream(seed, "imported"), np.arange(question.imported), 0)
    outbreak.infect(rng.below(drawn, people))
    course = respond(outbreak, policy, days=question.days)
    return _outcome(question, outbreak.ledger, course, seed)


def _outcome(question: Question, ledger: Ledger, course: Course, seed: int) -> tuple[int, ...]:
    disease, city = question.disease, question.city
    band, doses = bands(city.age[ledger.person]), city.doses[ledger.person]
    drawn = rng.words(rng.stream(seed, "severity"), ledger.person, 0)
    severe, critical, dead = (
        rng.happens(drawn, rng.thresholds(table)[band, doses])
        for table in (disease.severe, disease.critical, disease.death)
    )
    last = int(ledger.day.max())
    return (
        len(ledger),
        int(course.found.sum()),
        last,
        int(course.rooms.max()),
        int(course.tests.max()),
        _most(ledger.onset[severe] + TO_BED, IN_BED),
        _most(ledger.onset[critical] + TO_INTENSIVE, IN_INTENSIVE),
        int(dead.sum()),
        int(last < question.zero_by),
    )


def _most(begins: Ints, days: int) -> int:
    """Count the most who are there at a time, when each stays so many days."""
    if len(begins) == 0:
        return 0
    came = np.bincount(begins - begins.min())
    there = np.convolve(came, np.ones(days, np.int64))
    return int(there.max())
