"""
What the linked pairs of the outbreak itself say of its intervals and its spread, beside the literature.

Few pairs are linked early on and many later, so neither the pairs nor a published value alone will do. The
published value is the prior, and Bayes' rule weighs both. With a normal prior of sd τ for the mean and n
pairs of sd σ the mean would be w × (mean of the pairs) + (1 - w) × (published mean), w = n / (n + σ²/τ²);
that is 1 - (variance after / variance before), which is how `weight` is worked out here, where nothing is
normal. Above a half the outbreak dominates, otherwise the prior.

- *Interval.* Both days are known to the day only: a pair k days apart has the chance that
  `discretised_gamma` gives to k, the same that the reproduction number uses. A pair is known only if its
  second day has come, so each chance is divided by that of an interval short enough to be seen (right
  truncation, given the day of the source). Pairs that are not one day apart or more cannot be weighed by a
  distribution that begins at one day; they are left out and counted: the mean is too high when they are many.
- *Offspring.* Numbers of secondary cases are negative binomial with mean R and dispersion k (Lloyd-Smith et
  al. 2005, Nature 438:355). Of a case whose time is not over only the share of its offspring that could be
  ill by now is seen: the mean is R × share, and k stays, since the gamma that mixes them is the same.

Both are worked out on a grid over two unknowns, without dice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import interpolate, special

from sizao.engines.transmission.estimate import Estimate
from sizao.engines.transmission.serial_interval import check_moments, discretised_gamma
from sizao.errors import SizaoError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GRID = 41  # points for each of both unknowns, at first over WIDTH sds of the prior either way
WIDTH = 5.0
FINE = 2001  # points on which the ends of an interval are read off
ROUNDS, LEAST = 4, 1e-9  # each round leaves out what has less than LEAST of the largest density


class WrongPairs(SizaoError):
    """Pairs, numbers of secondary cases or beliefs that cannot be."""

    code = "transmission.wrong_pairs"
    message = "The linked pairs cannot be used: {reason} Correct it and ask again."


class Dominance(StrEnum):
    """Which of both decided: what was believed before, or what the outbreak itself showed."""

    PRIOR = "prior"
    OUTBREAK = "outbreak"


@dataclass(frozen=True, slots=True)
class LinkedPairs:
    """
    Days of a source and of whom it infected, of equal length; `now` is the last day that could be known.

    Days of onset give the serial interval, days of infection the generation time.
    """

    source_day: Ints
    day: Ints
    now: int

    def __post_init__(self) -> None:
        if len(self.source_day) != len(self.day):
            raise WrongPairs(reason=f"there are {len(self.source_day)} sources and {len(self.day)} infected.")
        late = np.flatnonzero((self.day > self.now) | (self.source_day > self.now))
        if len(late):
            raise WrongPairs(reason=f"pair {late[0] + 1} lies after the last day that could be known.")


@dataclass(frozen=True, slots=True)
class IntervalBelief:
    """
    A published interval, in days: its mean is normal with `mean_sd`, above 1; its sd lognormal around `sd`.

    `sd_log_sd` 0.3 says that the published sd may well be wrong by a third.
    """

    mean: float
    mean_sd: float
    sd: float
    sd_log_sd: float = 0.3

    def __post_init__(self) -> None:
        check_moments(self.mean, self.sd)
        if not (self.mean_sd > 0 and self.sd_log_sd > 0):
            raise WrongPairs(reason="how uncertain the published interval is must be more than 0.")


@dataclass(frozen=True, slots=True)
class LearnedInterval:
    """
    Mean and standard deviation of the interval, in days, after `n_pairs` pairs.

    `weight` is the pairs' part in the mean, 0 to 1; `n_left_out` pairs were not a day apart.
    """

    mean: Estimate
    sd: Estimate
    n_pairs: int
    n_left_out: int
    weight: float

    @property
    def dominated(self) -> Dominance:
        return _dominance(self.weight)

    def distribution(self, days: int) -> Floats:
        """Give the chances of k = 0 … days - 1 days at the values learned."""
        return discretised_gamma(self.mean.value, self.sd.value, days)


@dataclass(frozen=True, slots=True)
class OffspringBelief:
    """Published R and dispersion k, both lognormal around the value; the sds are those of the logarithms."""

    reproduction: float
    reproduction_log_sd: float
    dispersion: float
    dispersion_log_sd: float

    def __post_init__(self) -> None:
        values = (self.reproduction, self.reproduction_log_sd, self.dispersion, self.dispersion_log_sd)
        if not all(0 < value < np.inf for value in values):
            raise WrongPairs(reason="published R, k and how uncertain they are must be more than 0.")


@dataclass(frozen=True, slots=True)
class LearnedOffspring:
    """
    R and dispersion k after `n_cases` cases with `n_pairs` secondary cases among them.

    `weight` is the outbreak's part in R, 0 to 1. R counts linked cases only: it is too low where links are missed.
    """

    reproduction: Estimate
    dispersion: Estimate
    n_cases: int
    n_pairs: int
    weight: float

    @property
    def dominated(self) -> Dominance:
        return _dominance(self.weight)


def learn_interval(pairs: LinkedPairs, belief: IntervalBelief, *, level: float = 0.95) -> LearnedInterval:
    """
    Weigh the pairs' intervals and the published one, with central intervals of what is believed after.

    The mean is the mean after, the sd the geometric mean. Raise WrongPairs, NotASerialInterval.

    Without a usable pair the belief comes back, with weight 0.
    """
    apart = pairs.day - pairs.source_day
    seen = apart >= 1
    follow_up = (pairs.now - pairs.source_day)[seen]

    def log_posterior(mean: Floats, log_sd: Floats) -> Floats:
        prior = np.add.outer(
            ((mean - belief.mean) / belief.mean_sd) ** 2, ((log_sd - np.log(belief.sd)) / belief.sd_log_sd) ** 2
        )
        posterior: Floats = _log_likelihood(apart[seen], follow_up, mean, np.exp(log_sd)) - prior / 2
        return posterior

    low = max(1.0 + 1e-3, belief.mean - WIDTH * belief.mean_sd)
    mean = np.linspace(low, belief.mean + WIDTH * belief.mean_sd, GRID)
    log_sd = np.log(belief.sd) + belief.sd_log_sd * np.linspace(-WIDTH, WIDTH, GRID)
    (learned, variance), (spread, _) = _on_a_grid(log_posterior, mean, log_sd, level)
    weight = _weight(variance, belief.mean_sd**2) if seen.any() else 0.0
    return LearnedInterval(learned, _exp(spread), int(seen.sum()), int((~seen).sum()), weight)


def learn_offspring(
    secondary: Ints, belief: OffspringBelief, *, followed: Floats | None = None, level: float = 0.95
) -> LearnedOffspring:
    """
    Weigh the numbers of linked secondary cases of every case, those with none too, and the published R and k.

    `followed` is the share of its offspring that could be known by now, above 0 to 1, of each case; without
    it, all cases are taken as over. Values are geometric means after, with central intervals.
    """
    secondary = np.asarray(secondary)
    share = np.ones(len(secondary)) if followed is None else np.asarray(followed, dtype=np.float64)
    if (secondary < 0).any() or len(share) != len(secondary) or not ((share > 0) & (share <= 1)).all():
        raise WrongPairs(reason="numbers of secondary cases are 0 or more, and shares above 0 to 1, one a case.")
    kinds, times = np.unique(np.column_stack((secondary, share)), axis=0, return_counts=True)
    centres = np.log(belief.reproduction), np.log(belief.dispersion)

    def log_posterior(log_r: Floats, log_k: Floats) -> Floats:
        prior = np.add.outer(
            ((log_r - centres[0]) / belief.reproduction_log_sd) ** 2,
            ((log_k - centres[1]) / belief.dispersion_log_sd) ** 2,
        )
        posterior: Floats = -prior / 2
        for (count, part), n in zip(kinds, times, strict=True):
            posterior += n * _log_offspring(count, part * np.exp(log_r)[:, None], np.exp(log_k)[None, :])
        return posterior

    steps = np.linspace(-WIDTH, WIDTH, GRID)
    log_r, log_k = centres[0] + belief.reproduction_log_sd * steps, centres[1] + belief.dispersion_log_sd * steps
    (learned, variance), (spread, _) = _on_a_grid(log_posterior, log_r, log_k, level)
    weight = _weight(variance, belief.reproduction_log_sd**2) if len(secondary) else 0.0
    return LearnedOffspring(_exp(learned), _exp(spread), len(secondary), int(secondary.sum()), weight)


def _log_likelihood(apart: Ints, follow_up: Ints, mean: Floats, sd: Floats) -> Floats:
    """Log chance of intervals of so many days, each seen for so many days at most; shape (means, sds)."""
    if not len(apart):
        return np.zeros((len(mean), len(sd)))
    # Longer than this nothing on the grid reaches: it is not truncated there.
    longest = int(max(apart.max(), min(follow_up.max(), mean[-1] + 12 * sd[-1]))) + 1
    apart_times = np.bincount(apart, minlength=longest).astype(np.float64)
    seen_times = np.bincount(np.minimum(follow_up, longest - 1), minlength=longest).astype(np.float64)
    chances = np.maximum(discretised_gamma(*np.meshgrid(mean, sd, indexing="ij"), longest), 1e-300)
    log_seen = np.log(np.minimum(np.cumsum(chances, axis=-1), 1.0))
    log_likelihood: Floats = np.log(chances) @ apart_times - log_seen @ seen_times
    return log_likelihood


def _log_offspring(count: float, mean: Floats, dispersion: Floats) -> Floats:
    log_chance: Floats = (
        special.gammaln(dispersion + count)
        - special.gammaln(dispersion)
        - special.gammaln(count + 1)
        + dispersion * np.log(dispersion / (dispersion + mean))
        + count * np.log(mean / (dispersion + mean))
    )
    return log_chance


def _on_a_grid(
    log_posterior: Callable[[Floats, Floats], Floats], one: Floats, other: Floats, level: float
) -> tuple[tuple[Estimate, float], tuple[Estimate, float]]:
    """Give estimate and variance along both axes; the grid closes in on where the weight is."""
    for _ in range(ROUNDS):
        log_weights = log_posterior(one, other)
        marginals = _marginal(one, log_weights, 0), _marginal(other, log_weights, 1)
        found = tuple(_told(points, density, level) for points, density in zip((one, other), marginals, strict=True))
        one, other = _close_in(one, marginals[0]), _close_in(other, marginals[1])
    return found[0], found[1]


def _close_in(points: Floats, density: Floats) -> Floats:
    some = np.flatnonzero(density > LEAST * density.max())
    closer: Floats = np.linspace(points[max(some[0] - 1, 0)], points[min(some[-1] + 1, len(points) - 1)], len(points))
    return closer


def _told(points: Floats, density: Floats, level: float) -> tuple[Estimate, float]:
    """Mean, central interval and variance of a density on points."""
    centre, variance = _moments(points, density)
    fine = np.linspace(points[0], points[-1], FINE)
    curve = np.maximum(interpolate.CubicSpline(points, density)(fine), 0.0)
    running = np.concatenate(([0.0], np.cumsum((curve[1:] + curve[:-1]) / 2)))
    lower, upper = np.interp([0.5 - level / 2, 0.5 + level / 2], running / running[-1], fine)
    return Estimate(centre, float(lower), float(upper)), variance


def _weight(after: float, before: float) -> float:
    return float(np.clip(1 - after / before, 0.0, 1.0))


def _marginal(points: Floats, log_weights: Floats, axis: int) -> Floats:
    weights = np.exp(log_weights - log_weights.max()).sum(axis=1 - axis)
    density: Floats = weights / np.trapezoid(weights, points)
    return density


def _moments(points: Floats, density: Floats) -> tuple[float, float]:
    centre = float(np.trapezoid(points * density, points))
    return centre, float(np.trapezoid((points - centre) ** 2 * density, points))


def _exp(of_logarithm: Estimate) -> Estimate:
    return Estimate(*(float(np.exp(end)) for end in (of_logarithm.value, of_logarithm.lower, of_logarithm.upper)))


def _dominance(weight: float) -> Dominance:
    return Dominance.OUTBREAK if weight > 0.5 else Dominance.PRIOR
