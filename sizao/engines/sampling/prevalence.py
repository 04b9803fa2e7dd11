"""
The share of infected people from tubes that were positive and negative.

Tubes of one size share a row: `positive` of `tubes` with `size` swabs each. Members are taken as independent: where
positives gather in tubes, the true share is higher than told here and the interval too narrow.

Estimates and intervals for perfect tests are those of Hepworth and Biggerstaff 2017 (J Agric Biol Environ Stat
22:602) and Biggerstaff 2008 (same journal 13:478), as in R's `binGroup2`; the same statistics with the
chances of an imperfect test serve for that.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from sizao.engines.sampling.pooled_test import Floats, PooledTest, check_size, share
from sizao.errors import SizaoError
from sizao.terms import PoolInterval

# Where searches begin and end: no share of people is known more finely.
SMALLEST, LARGEST = 1e-13, 1 - 1e-9


class WrongPools(SizaoError):
    code = "sampling.wrong_pools"
    message = "Row {row} tells {positive} positive tubes of {tubes}. Give whole numbers, no more positive than tubes."


class NoPools(SizaoError):
    code = "sampling.no_pools"
    message = "No tube has a result. Give one row a pool size with tubes and how many were positive."


class UninformativeTest(SizaoError):
    code = "sampling.uninformative_test"
    message = (
        "With sensitivity {sensitivity} and specificity {specificity} a positive tube is no more likely with "
        "an infected member than without. Correct them."
    )


@dataclass(frozen=True, slots=True)
class Pools:
    """Results by pool size: arrays of equal length, `positive` of `tubes` with `size` swabs each."""

    positive: Floats
    tubes: Floats
    size: Floats

    def __post_init__(self) -> None:
        for name in ("positive", "tubes", "size"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        if not self.tubes.sum() > 0:
            raise NoPools
        for size in self.size:
            check_size(int(size))
        wrong = (self.positive < 0) | (self.positive > self.tubes) | (self.positive % 1 != 0) | (self.tubes % 1 != 0)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise WrongPools(row=row + 1, positive=self.positive[row], tubes=self.tubes[row])

    @property
    def people(self) -> int:
        return int((self.tubes * self.size).sum())


@dataclass(frozen=True, slots=True)
class Prevalence:
    """
    A share of infected people: `value` of maximum likelihood, `firth` with less bias in few tubes, and an interval.

    `firth` is 0 when no tube was positive. With all tubes positive `value` and `upper` are 1: more cannot be said.
    """

    value: float
    firth: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class _Chances:
    """
    At one share of infected people, by row: the chance of a positive tube, its slopes, and slopes beside silence.

    `beside` is the first slope over the chance of a negative tube, worked out without dividing two vanishing numbers.
    """

    positive: Floats
    slope: Floats
    bend: Floats
    beside: Floats
    log_negative: Floats


@dataclass(frozen=True, slots=True)
class _Likelihood:
    """The likelihood of pooled results at a share p, and what is derived from it."""

    pools: Pools
    sensitivity: Floats
    specificity: float

    def at(self, p: float) -> _Chances:
        size, gain = self.pools.size, self.sensitivity + self.specificity - 1
        clean = (1 - p) ** size
        # expm1 keeps what 1 - clean loses at small shares.
        positive = 1 - self.specificity - gain * np.expm1(size * np.log1p(-p))
        slope = gain * size * clean / (1 - p)
        bend = -gain * size * (size - 1) * clean / (1 - p) ** 2
        negative = 1 - self.sensitivity + gain * clean
        sure = self.sensitivity == 1
        safe = np.where(sure, 1.0, negative)
        beside = np.where(sure, size / (1 - p), slope / safe)
        log_negative = np.where(sure, np.log(gain) + size * np.log1p(-p), np.log(safe))
        return _Chances(positive, slope, bend, beside, log_negative)

    def log(self, p: float) -> float:
        here, seen = self.at(p), self.pools.positive
        with np.errstate(divide="ignore"):
            found = np.where(seen > 0, seen * np.log(here.positive, where=seen > 0, out=np.zeros(len(seen))), 0.0)
        silent = np.where(self.pools.tubes > seen, (self.pools.tubes - seen) * here.log_negative, 0.0)
        return float((found + silent).sum())

    def score(self, p: float) -> float:
        here = self.at(p)
        return float((here.beside * (self.pools.positive / here.positive - self.pools.tubes)).sum())

    def information(self, p: float) -> float:
        here = self.at(p)
        return float((self.pools.tubes * here.slope * here.beside / here.positive).sum())

    def firth_score(self, p: float) -> float:
        """Give the score less information times first-order bias (Firth 1993, for a mean that bends with p)."""
        here = self.at(p)
        bent = float((self.pools.tubes * here.beside * here.bend / here.positive).sum())
        return self.score(p) + bent / (2 * self.information(p))

    def third_moment(self, p: float) -> float:
        here = self.at(p)
        terms = here.slope * here.beside**2 * (1 - 2 * here.positive) / here.positive**2
        return float((self.pools.tubes * terms).sum())


def prevalence(
    pools: Pools,
    *,
    test: PooledTest | None = None,
    level: float = 0.95,
    interval: PoolInterval = PoolInterval.SKEW_SCORE,
) -> Prevalence:
    """
    Estimate the share of infected people, with an interval.

    Without `test` tubes do not err. With one, its sensitivity falls by the size of the tube; what it
    misses in a single swab it misses here too, so the share is of people infected, not of people found. Where all tubes
    are negative, or all positive, the interval is the score's. Raise NoPools, WrongPools, UninformativeTest.
    """
    share("The level", level)
    likelihood = _likelihood(pools, test)
    value = _largest(likelihood)
    one_sided = not pools.positive.any() or (pools.positive == pools.tubes).all()
    kind = PoolInterval.SCORE if one_sided else interval
    lower, upper = _interval(likelihood, value, _distances(likelihood, value, level)[kind])
    return Prevalence(value, _firth(likelihood), lower, upper)


def _likelihood(pools: Pools, test: PooledTest | None) -> _Likelihood:
    if test is None:
        return _Likelihood(pools, np.ones(len(pools.size)), 1.0)
    sensitivity = np.array([test.sensitivity_in(int(size)) for size in pools.size])
    if (sensitivity + test.specificity <= 1).any():
        raise UninformativeTest(sensitivity=float(sensitivity.min()), specificity=test.specificity)
    return _Likelihood(pools, sensitivity, test.specificity)


def _largest(likelihood: _Likelihood) -> float:
    """Find the share of largest likelihood: where the score crosses 0, or an end."""
    if not likelihood.pools.positive.any() or likelihood.score(SMALLEST) <= 0:
        return 0.0
    if likelihood.score(LARGEST) >= 0 or (likelihood.pools.positive == likelihood.pools.tubes).all():
        return 1.0
    return float(optimize.brentq(likelihood.score, SMALLEST, LARGEST, xtol=1e-15, rtol=1e-13))


def _firth(likelihood: _Likelihood) -> float:
    """Find the share whose score is what its bias adds: less biased than the largest likelihood where tubes are few."""
    if not likelihood.pools.positive.any() or likelihood.firth_score(SMALLEST) <= 0:
        return 0.0
    if likelihood.firth_score(LARGEST) >= 0:
        return 1.0
    return float(optimize.brentq(likelihood.firth_score, SMALLEST, LARGEST, xtol=1e-15, rtol=1e-13))


def _distances(likelihood: _Likelihood, value: float, level: float) -> dict[PoolInterval, Callable[[float], float]]:
    """Give, by kind of interval, how far a share is from what was seen, less what is too far."""
    far = float(stats.chi2.ppf(level, 1))
    most = likelihood.log(min(value, LARGEST))

    def score(p: float) -> float:
        return likelihood.score(p) ** 2 / likelihood.information(p) - far

    def skewed(p: float) -> float:
        # Gart and Nam 1988: the score less what the skewness of its law adds.
        information = likelihood.information(p)
        skewness = likelihood.third_moment(p) / information**1.5
        return float((likelihood.score(p) / information**0.5 - skewness * (far - 1) / 6) ** 2 - far)

    def ratio(p: float) -> float:
        return 2 * (most - likelihood.log(p)) - far

    return {PoolInterval.SCORE: score, PoolInterval.SKEW_SCORE: skewed, PoolInterval.LIKELIHOOD: ratio}


def _interval(likelihood: _Likelihood, value: float, distance: Callable[[float], float]) -> tuple[float, float]:
    """Go from the estimate to both sides until a share is too far; an end without such a share is 0 or 1."""
    lower, upper = 0.0, 1.0
    if value > 0 and likelihood.pools.positive.any():
        lower = _crossing(distance, max(value * (1 - 1e-9), SMALLEST), towards=0.0)
    if value < 1 and (likelihood.pools.positive < likelihood.pools.tubes).any():
        upper = _crossing(distance, min(max(value * (1 + 1e-9), SMALLEST), LARGEST), towards=1.0)
    return lower, upper


def _crossing(distance: Callable[[float], float], start: float, *, towards: float) -> float:
    """Find where the distance first passes 0 on the way from `start`, in steps of a fifth of what is left."""
    near = start
    for _ in range(400):
        step = near * 0.8 if towards == 0.0 else min(near * 1.25, near + (1 - near) * 0.2)
        if not SMALLEST <= step <= LARGEST:
            return towards
        if distance(step) > 0:
            ends = sorted((near, step))
            if distance(near) > 0:
                return near
            return float(optimize.brentq(distance, *ends, xtol=1e-15, rtol=1e-13))
        near = step
    return towards
