"""
Who lives in a simulated city: households, ages, occupations, doses, drawn by keyed hashes.

Household sizes are those of the census of 2020 (China Statistical Yearbook 2021, table 2-13: 25.4, 29.7, 21.0,
13.2, 6.2 and 4.6 % of 1 to 6 and more); how a household is made up is our own simple choice, set so that the ages
come near the census (docs/guide/simulation.md tells how near).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation import rng
from sizao.engines.simulation.disease import N_BANDS, N_DOSES
from sizao.engines.simulation.rng import Floats, Ints

SMALL_CHILD, PUPIL, WORKER, MEDICAL, COLD_CHAIN, AIRPORT, AT_HOME, RETIRED = range(8)
OCCUPATIONS = ("small child", "pupil", "worker", "medical", "cold chain", "airport", "at home", "retired")
HOUSEHOLD_SIZES = (0.0, 0.254, 0.297, 0.210, 0.132, 0.062, 0.045)
OLDEST = 95

# What a person is to the household: a partner of the middle generation, a child, a grandparent, or alone.
_MIDDLE, _CHILD, _GRAND, _OLD = range(4)
# By size and by which of two kinds of household: what each member is.
_MADE_UP = np.zeros((len(HOUSEHOLD_SIZES), 2, len(HOUSEHOLD_SIZES) - 1), np.int64)
_MADE_UP[1] = [[_OLD, 0, 0, 0, 0, 0], [_MIDDLE, 0, 0, 0, 0, 0]]
_MADE_UP[2] = [[_OLD, _OLD, 0, 0, 0, 0], [_MIDDLE, _MIDDLE, 0, 0, 0, 0]]
_MADE_UP[3] = [[_MIDDLE, _CHILD, _GRAND, 0, 0, 0], [_MIDDLE, _MIDDLE, _CHILD, 0, 0, 0]]
_MADE_UP[4] = [[_MIDDLE, _MIDDLE, _CHILD, _GRAND, 0, 0], [_MIDDLE, _MIDDLE, _CHILD, _CHILD, 0, 0]]
_MADE_UP[5] = [[_MIDDLE, _MIDDLE, _CHILD, _GRAND, _GRAND, 0], [_MIDDLE, _MIDDLE, _CHILD, _CHILD, _GRAND, 0]]
_MADE_UP[6] = [[_MIDDLE, _MIDDLE, _CHILD, _CHILD, _GRAND, _GRAND]] * 2
_FIRST_KIND = (0.0, 0.27, 0.33, 0.12, 0.35, 0.5, 0.5)  # chance of the first kind, by size


def _default_doses() -> Floats:
    """Give shares by band and doses as of mid-2022, rounded; a scenario states its own."""
    return np.array(
        [[0.4, 0.1, 0.4, 0.1]] + [[0.06, 0.04, 0.3, 0.6]] * 5 + [[0.13, 0.04, 0.2, 0.63]] * 2 + [[0.4, 0.1, 0.1, 0.4]]
    )


@dataclass(frozen=True)
class Makeup:
    """
    Shares by which people are drawn.

    `doses[band, doses]`: shares of people with none, one, two, three doses, each row sums to 1. `working`: of those
    of 18 to 59 who do not learn. `medical`, `cold_chain`, `airport`: of those who work.
    """

    doses: Floats = field(default_factory=_default_doses)
    working: float = 0.75
    medical: float = 0.015
    cold_chain: float = 0.002
    airport: float = 0.001


def households(seed: int, community: Ints, population: Ints) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """
    Divide the people of communities into households; give each person's offset in the household, and its size.

    The people of a household follow each other by number.

    `community` are the numbers of the communities (draws depend on them), in the order in which their people lie.
    """
    total = int(population.sum())
    before = np.repeat(np.cumsum(population) - population, population)
    turn = np.arange(total) - before
    drawn = rng.words(rng.stream(seed, "household size"), np.repeat(community, population), rng.moment(0, 0, turn))
    size = rng.drawn_from(rng.cumulative(HOUSEHOLD_SIZES), drawn)
    beyond = np.cumsum(size)
    start = beyond - size - _at_first(beyond - size, population)
    room = np.repeat(population, population) - start
    used = room > 0
    kept = np.minimum(size[used], room[used])
    head = np.repeat((start + before)[used], kept)
    return (np.arange(total) - head).astype(np.uint8), np.repeat(kept, kept).astype(np.uint8)


def ages(seed: int, first_person: int, offset: NDArray[np.uint8], size: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Draw ages in years, so that the generations of a household are some 22 to 34 years apart."""
    person = first_person + np.arange(len(offset))
    head = person - offset
    kind = ~rng.happens(rng.words(rng.stream(seed, "kind of household"), head, 0), rng.thresholds(_FIRST_KIND)[size])
    role = _MADE_UP[size, kind.astype(np.int64), offset]
    middle = rng.below(rng.words(rng.stream(seed, "age of household"), head, 0), 1 << 20)
    own = rng.below(rng.words(rng.stream(seed, "age"), person, 0), 1 << 20)
    parent = np.where(size <= 2, 20 + (middle * 40 >> 20), 25 + (middle * 28 >> 20))
    child = np.maximum(parent - 24 - (own * 10 >> 20), 0)
    # The old of a household of their own: fewer with each year from 60.
    lonely = 60 + (np.minimum(own, middle) * 32 >> 20)
    years = np.choose(role, [parent + (own * 4 >> 20), child, parent + 22 + (own * 11 >> 20), lonely])
    found: NDArray[np.uint8] = np.minimum(years, OLDEST).astype(np.uint8)
    return found


def occupations(seed: int, first_person: int, age: NDArray[np.uint8], makeup: Makeup) -> NDArray[np.uint8]:
    """Draw what each person does on a working day."""
    person = first_person + np.arange(len(age))
    drawn = rng.words(rng.stream(seed, "occupation"), person, 0)
    trade = rng.words(rng.stream(seed, "trade"), person, 0)
    learning = np.interp(age, [2, 2.5, 5, 5.5, 17, 17.5, 21, 21.5], [0, 0.85, 0.85, 1, 1, 0.5, 0.5, 0])
    working = np.select([age < 18, age < 60, age < 70], [0.0, makeup.working, 0.15], 0.0)
    at_school = rng.happens(drawn, rng.thresholds(learning))
    at_work = rng.happens(drawn << np.uint64(32), rng.thresholds(working)) & ~at_school
    shares = np.array(
        [1 - makeup.medical - makeup.cold_chain - makeup.airport, makeup.medical, makeup.cold_chain, makeup.airport]
    )
    trades = WORKER + rng.drawn_from(rng.cumulative(shares), trade)
    rest = np.select([age < 18, age < 60], [SMALL_CHILD, AT_HOME], RETIRED)
    return np.where(at_school, PUPIL, np.where(at_work, trades, rest)).astype(np.uint8)


def doses(seed: int, first_person: int, age: NDArray[np.uint8], makeup: Makeup) -> NDArray[np.uint8]:
    """Draw how many doses each person has had, by band of age."""
    drawn = rng.words(rng.stream(seed, "doses"), first_person + np.arange(len(age)), 0)
    tables = np.array([rng.cumulative(row) for row in makeup.doses])
    assert tables.shape == (N_BANDS, N_DOSES)
    level = (drawn >> np.uint64(32)).astype(np.int64)
    found: NDArray[np.uint8] = (level[:, None] >= tables[bands(age)]).sum(axis=1).astype(np.uint8)
    return found


def bands(age: NDArray[np.uint8]) -> Ints:
    """Give the band of ten years of each age, the last one open."""
    return np.minimum(age.astype(np.int64) // 10, N_BANDS - 1)


def _at_first(values: Ints, population: Ints) -> Ints:
    """Give, at each person, the value at the first person of the same community."""
    firsts = np.cumsum(population) - population
    lived_in = population > 0
    return np.repeat(values[firsts[lived_in]], population[lived_in])
