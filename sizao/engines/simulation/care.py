"""
Who falls how ill, who goes where with it, and who comes with another cough: what clinics and hospitals see.

Every draw is of a person (or area and number) and a purpose, so that a measure changes nobody's illness. Days are
whole days, `NEVER` where a thing does not happen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation import queues, rng
from sizao.engines.simulation.disease import Disease
from sizao.engines.simulation.queues import NEVER, Occupied
from sizao.engines.simulation.rng import Floats, Ints
from sizao.engines.simulation.variants import whole_days
from sizao.errors import SizaoError

Bools = NDArray[np.bool_]

SHIFT_DAYS = 1024  # draws count days from here, so that days before the first are numbers too
NOWHERE, VILLAGE_DOCTOR, PHARMACY, FEVER_CLINIC = range(4)
DOORS = ("nowhere", "village doctor or private clinic", "pharmacy", "fever clinic or hospital")
# Days (mean, sd) from onset to severe, from severe to critical, from critical to death, and of staying: severe,
# critical. As Covasim 3.1 has them, from Linton et al. 2020 and Verity et al. 2020.
TO_SEVERE, TO_CRITICAL, TO_DEATH = (6.6, 4.9), (1.5, 2.0), (10.7, 4.8)
STAY_SEVERE, STAY_CRITICAL = (18.1, 6.3), (18.1, 6.3)


class NotAHabit(SizaoError):
    """Shares of where people go, or delays, that cannot be."""

    code = "simulation.not_a_habit"
    message = "How people seek care cannot be used: {reason} Correct the scenario."


@dataclass(frozen=True)
class Seeking:
    """
    Where people with symptoms go first, and how many days after their onset.

    `shares` by setting, a row for each (such as village, town), of nowhere and the doors; rows sum to 1. `delays`
    gives mean and sd of days by door; severe illness leads to hospital whatever is told here. The default rows:
    in villages 33 % of those with symptoms saw village doctors or private clinics alone (Shijiazhuang 2021, CJE
    20210430-00359); all else is assumed.
    """

    shares: Floats = field(default_factory=lambda: np.array([[0.25, 0.33, 0.17, 0.25], [0.25, 0.05, 0.30, 0.40]]))
    delays: Mapping[int, tuple[float, float]] = field(
        default_factory=lambda: {VILLAGE_DOCTOR: (1.5, 1.2), PHARMACY: (1.0, 1.0), FEVER_CLINIC: (2.5, 2.0)}
    )

    def __post_init__(self) -> None:
        if self.shares.ndim != 2 or self.shares.shape[1] != len(DOORS):
            raise NotAHabit(reason=f"shares have {len(DOORS)} columns, nowhere and the doors.")
        if (self.shares < 0).any() or (np.abs(self.shares.sum(axis=1) - 1) > 1e-6).any():
            raise NotAHabit(reason="the shares of a setting are 0 or more and sum to 1.")
        if missing := {VILLAGE_DOCTOR, PHARMACY, FEVER_CLINIC} - set(self.delays):
            raise NotAHabit(reason=f"the delay to the {DOORS[min(missing)]} is missing.")


class Fates(NamedTuple):
    """Days on which an illness turns, by person: NEVER where it does not. `leaves` a hospital, alive or not."""

    severe: Ints
    critical: Ints
    death: Ints
    leaves: Ints


def sought(seed: int, habit: Seeking, people: Ints, onset: Ints, setting: Ints) -> tuple[Ints, Ints]:
    """Give the door that each person with symptoms goes to first, and the day (NEVER: goes nowhere)."""
    tables = np.array([rng.cumulative(row) for row in habit.shares])
    drawn = (rng.words(rng.stream(seed, "care: door"), people, 0) >> np.uint64(32)).astype(np.int64)
    door = (drawn[:, None] >= tables[setting]).sum(axis=1)
    pace = rng.words(rng.stream(seed, "care: delay"), people, 0)
    day = np.full(len(people), NEVER, np.int64)
    for one, times in habit.delays.items():
        mine = door == one
        day[mine] = onset[mine] + rng.drawn_from(rng.cumulative(whole_days(*times)), pace[mine])
    return door, day


def fates(seed: int, disease: Disease, people: Ints, onset: Ints, band: Ints, doses: Ints) -> Fates:
    """
    Draw how each infection ends, by age band and doses.

    `onset` is the day of symptoms, or on which they would have come. One number a person decides how bad it gets: who
    is critical is severe, and those who die are the worst of them. With the bed they need; see `without_bed`.
    """
    luck = rng.words(rng.stream(seed, "care: how bad"), people, 0)
    at = (band, doses)
    is_severe = rng.happens(luck, rng.thresholds(disease.severe[at]))
    is_critical = rng.happens(luck, rng.thresholds(np.minimum(disease.critical[at], disease.severe[at])))
    dies = rng.happens(luck, rng.thresholds(np.minimum(disease.death[at], disease.severe[at])))
    severe = onset + _days(seed, "to severe", people, TO_SEVERE)
    critical = severe + _days(seed, "to critical", people, TO_CRITICAL)
    death = np.where(is_critical, critical, severe) + _days(seed, "to death", people, TO_DEATH)
    stays = _days(seed, "stay", people, STAY_SEVERE)
    longer = critical - severe + _days(seed, "stay in intensive care", people, STAY_CRITICAL)
    leaves = np.where(dies, death, severe + np.where(is_critical, longer, stays))
    return Fates(
        np.where(is_severe, severe, NEVER),
        np.where(is_critical, critical, NEVER),
        np.where(dies, death, NEVER),
        np.where(is_severe, np.maximum(leaves, severe + 1), NEVER),
    )


def wards(told: Fates, *, beds: int, intensive: int, days: range) -> tuple[Occupied, Occupied]:
    """
    Lay the severe into beds and the critical into intensive care, as there is room; give both.

    Who gets into intensive care leaves the bed and the hospital from there; who does not stays in the bed. Of those
    who wait for a bed the critical come first. Places below 0 are as many as needed.
    """
    is_critical = told.critical != NEVER
    needs = np.where(is_critical, told.critical, NEVER)
    care = _laid(needs, np.where(is_critical, told.leaves, NEVER), intensive, days, 0)
    until = np.where(care.since == NEVER, told.leaves, care.since)
    return _laid(told.severe, until, beds, days, (~is_critical).astype(np.int64)), care


def _laid(first: Ints, until: Ints, places: int, days: range, urgency: Ints | int) -> Occupied:
    """Give places as `queues.occupied`; as many as needed need no queue."""
    if places >= 0:
        return queues.occupied(first, until, places=places, days=days, urgency=urgency)
    begin, end = (np.clip(column, days.start, days.stop) - days.start for column in (first, until))
    comes = (until > first) & (begin < end)
    n = len(days) + 1
    came, left = (np.bincount(column[comes], minlength=n)[: len(days)] for column in (begin, end))
    since = np.where(comes, begin + days.start, NEVER)
    return Occupied(since, np.cumsum(came - left), np.zeros(len(days), np.int64))


def without_bed(seed: int, people: Ints, share: float) -> Bools:
    """Say who, critical and without the bed they need, dies of it: a share, the same people under every policy."""
    return rng.happens(rng.words(rng.stream(seed, "care: without a bed"), people, 0), rng.thresholds(share))


def background(
    seed: int, table: NDArray[np.uint32], first: Ints, count: Ints, per_100_000: Floats | float, day: int
) -> Ints:
    """
    Draw who comes with another respiratory illness on a day, of areas whose people are numbered in one row.

    `first` and `count` say which numbers live in each area, `per_100_000` how many come a day of so many people;
    `table` is `rng.poisson_table()`. Numbers are Poisson. Nobody comes twice a day: the second visit is passed over.
    """
    mean = np.asarray(np.rint(count * np.asarray(per_100_000) / 100_000 * rng.MEAN_UNIT), np.int64)
    if (mean > rng.GREATEST_MEAN).any():
        raise NotAHabit(reason="more than 256 a day of one area come with another illness; make areas smaller.")
    area = np.arange(len(first))
    when = rng.moment(day + SHIFT_DAYS)
    drawn, bound = rng.poissons(table, mean, rng.words(rng.stream(seed, "care: background"), area, when))
    of = np.repeat(area, drawn)
    turn = np.arange(len(of)) - np.repeat(np.cumsum(drawn) - drawn, drawn)
    when = rng.moment(day + SHIFT_DAYS, 0, turn)
    # Candidates come at a slightly greater rate; each is kept with the chance that makes the mean right.
    kept = rng.below(rng.words(rng.stream(seed, "care: background kept"), of, when), bound[of]) < mean[of]
    who = rng.below(rng.words(rng.stream(seed, "care: background who"), of, when), np.maximum(count[of], 1))
    return np.unique(first[of[kept]] + who[kept])


def _days(seed: int, purpose: str, people: Ints, times: tuple[float, float]) -> Ints:
    drawn = rng.words(rng.stream(seed, f"care: {purpose}"), people, 0)
    return rng.drawn_from(rng.cumulative(whole_days(*times)), drawn)
