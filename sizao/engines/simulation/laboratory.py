"""
Swabs, pools and results: what a laboratory finds of those infected, and when it says so.

A swab finds by the day since infection (`Disease.pcr`, `Disease.antigen`). In a pool of n the sample is diluted n
times, log2(n) cycles more are needed, and who is near the limit is missed: mostly late in an infection
(PMC7273255). A draw is of the person and day, whatever the pool: who is found in a pool is found alone as well, and
two policies that swab the same person on the same day differ by dilution only.
"""

import numpy as np
from numpy.typing import NDArray

from sizao.engines.sampling.pooled_test import LOSS_PER_DOUBLING
from sizao.engines.simulation import queues, rng
from sizao.engines.simulation.queues import Waiting
from sizao.engines.simulation.rng import Floats, Ints
from sizao.errors import SizaoError

Bools = NDArray[np.bool_]

SHIFT_DAYS = 1024  # draws count days from here, so that days before the first are numbers too
NEVER = -1
HOURS = 24


class NoSuchPool(SizaoError):
    """A pool without members."""

    code = "simulation.no_such_pool"
    message = "A pool of {size} is not possible. Pools have one member or more."


def sensitivity(curve: Floats, since: Ints, *, size: int = 1, loss: float = LOSS_PER_DOUBLING) -> Floats:
    """
    Give the chance that the swab of a person so many days after infection is found in a pool of `size`.

    `since` is NEVER (or below 0) for who is not infected: 0, as beyond the end of the curve.
    """
    if size < 1:
        raise NoSuchPool(size=size)
    inside = (since >= 0) & (since < len(curve))
    chance = np.where(inside, curve[np.where(inside, since, 0)], 0.0)
    diluted: Floats = chance * np.exp(-loss * np.log2(size)) / (1 - chance * -np.expm1(-loss * np.log2(size)))
    return diluted


def swabs(key: int, curve: Floats, people: Ints, since: Ints, day: int, *, size: int = 1,
          loss: float = LOSS_PER_DOUBLING) -> Bools:  # fmt: skip
    """
    Say whose swab of a day would turn its tube positive in pools of `size`.

    `key` is `rng.stream(seed, "swab")` or one of its kind; the draw depends on person and day alone.
    """
    drawn = rng.words(key, people, rng.moment(day + SHIFT_DAYS))
    return rng.happens(drawn, rng.thresholds(sensitivity(curve, since, size=size, loss=loss)))


def pools_of(n: int, size: int) -> Ints:
    """Put people who stand in a row into pools of `size`; the last may be smaller. Give the pool of each."""
    if size < 1:
        raise NoSuchPool(size=size)
    return np.arange(n) // size


def positive_pools(pool: Ints, found: Bools) -> Bools:
    """Say of each pool, numbered from 0 on, whether any of its members was found."""
    n_pools = int(pool.max()) + 1 if len(pool) else 0
    counted: Bools = np.bincount(pool, found, minlength=n_pools) > 0
    return counted


class Laboratory:
    """
    A laboratory that takes so many tubes an hour, the most urgent first, and tells each `run_hours` later.

    Tubes have numbers of their own. `hour` is the hour that comes next, and hours follow each other.
    """

    def __init__(self, *, tubes_per_day: int, run_hours: int, hour: int = 0) -> None:
        self.tubes_per_day, self.run_hours, self.hour = tubes_per_day, run_hours, hour
        self.waiting = queues.nobody()

    def step(self, tubes: Ints, *, urgency: Ints | int = 0) -> tuple[Ints, Ints]:
        """Let one hour pass, tubes arriving in it; give those whose run began, and the hour of their results."""
        # So many a day, spread over its hours in whole tubes.
        done = self.hour * self.tubes_per_day // HOURS
        capacity = (self.hour + 1) * self.tubes_per_day // HOURS - done
        more = queues.arriving(tubes, self.hour, urgency=urgency)
        begun, self.waiting = queues.serve(self.waiting, more, capacity)
        self.hour += 1
        return begun.who, np.full(len(begun), self.hour - 1 + self.run_hours)

    @property
    def backlog(self) -> Waiting:
        """Give the tubes that wait."""
        return self.waiting


def result_hours(arrival: Ints, urgency: Ints, *, tubes_per_day: int, run_hours: int) -> Ints:
    """
    Give the hour at which each tube's result is told, tubes numbered as they stand, until all are.

    With no capacity at all they never are: NEVER.
    """
    told = np.full(len(arrival), NEVER, np.int64)
    if not len(arrival) or tubes_per_day <= 0:
        return told
    laboratory = Laboratory(tubes_per_day=tubes_per_day, run_hours=run_hours, hour=int(arrival.min()))
    last = int(arrival.max())
    while laboratory.hour <= last or len(laboratory.waiting):
        here = np.flatnonzero(arrival == laboratory.hour)
        begun, hours = laboratory.step(here, urgency=urgency[here])
        told[begun] = hours
    return told
