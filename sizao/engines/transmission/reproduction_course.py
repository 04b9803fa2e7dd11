"""
The course of R up to now, learnt together with how much it moves and how much counts scatter.

    log R(t) = persistence * log R(t - 1) + drift * standard normal
    count(t) ~ negative binomial, mean R(t) * pressure(t), dispersion `size`

Each pair of a drift and a size on a grid is one such model. Its R is followed day by day (a dynamic
generalised linear model: West, Harrison and Migon 1985, J Am Stat Assoc 80:73-83), with the normal that
fits the top of each day's posterior. How well a model foretold each next day weighs it against the others;
older days count less and less, for outbreaks change.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

DRIFTS = (0.005, 0.02, 0.04, 0.07, 0.11, 0.17, 0.25)  # of log R, a day
SIZES = (1.5, 3.0, 6.0, 12.0, 25.0, 50.0, 100.0, 200.0, 400.0, 1000.0, 1e5)  # the last is as good as a Poisson
FORGETTING = 0.96  # what a day is worth on the day after it: half after 17 days
FAINT = 0.05  # expected cases a day at R = 1, below which a case came from elsewhere and tells nothing of R
STEPS = 4  # of Newton's search, which begins near the top
LONGEST_STEP = 2.0


@dataclass(frozen=True)
class Course:
    """
    Where log R stands on the last day: a mean and a variance for each curve and model, shape (curves, models).

    `weight` of the same shape sums to one over the models; `drift` and `size` have shape (models,).
    """

    mean: Floats
    variance: Floats
    weight: Floats
    drift: Floats
    size: Floats

    def draw(self, curve: NDArray[np.int64], rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
        """Draw for each entry of `curve` log R of that curve, with the drift and the size it goes with."""
        within = rng.random(len(curve))[:, None] > np.cumsum(self.weight, axis=1)[curve]
        model = np.minimum(within.sum(axis=1), len(self.drift) - 1)
        log_r = rng.normal(self.mean[curve, model], np.sqrt(self.variance[curve, model]))
        return log_r, self.drift[model], self.size[model]


def follow_reproduction(
    counts: Floats,
    pressure: Floats,
    *,
    persistence: float,
    start: tuple[float, float],
    drift: float | None = None,
    size: float | None = None,
) -> Course:
    """
    Follow log R through days, shape (curves, days), of counts and of the infection pressure on them.

    `start` is mean and standard deviation of R before the first day. `drift` and `size` are learnt where
    they are None. Days on which the pressure is faint tell nothing, and R goes on as it drifts.
    """
    drifts, sizes = np.meshgrid(DRIFTS if drift is None else [drift], SIZES if size is None else [size])
    models = drifts.ravel(), sizes.ravel()
    spread = np.log1p((start[1] / start[0]) ** 2)
    shape = (len(counts), len(models[0]))
    mean, variance, fit = np.full(shape, np.log(start[0]) - spread / 2), np.full(shape, spread), np.zeros(shape)
    for day in range(counts.shape[1]):
        mean, variance = persistence * mean, persistence**2 * variance + models[0] ** 2
        told = pressure[:, day, None] > FAINT
        if told.any():
            top, narrow, likely = _learn_a_day(
                counts[:, day, None], np.maximum(pressure[:, day, None], FAINT), mean, variance, models[1]
            )
            mean, variance = np.where(told, top, mean), np.where(told, narrow, variance)
            fit = np.where(told, FORGETTING * fit + likely, fit)
    weight = np.exp(fit - fit.max(axis=1, keepdims=True))
    return Course(mean, variance, weight / weight.sum(axis=1, keepdims=True), *models)


def _learn_a_day(
    count: Floats, pressure: Floats, mean: Floats, variance: Floats, size: Floats
) -> tuple[Floats, Floats, Floats]:
    """Give the new mean and variance of log R and the log chance of the count (Laplace's approximation)."""
    precision = 1 / variance
    # Between the R foretold and the one that the count alone would say, each by what it knows.
    knows = count * size / (count + size)
    log_r = (mean * precision + np.log(np.maximum(count, 1.0) / pressure) * knows) / (precision + knows)
    for _ in range(STEPS):
        expected = pressure * np.exp(log_r)
        slope = (count - expected) * size / (size + expected) - (log_r - mean) * precision
        bend = (count + size) * size * expected / (size + expected) ** 2 + precision
        log_r = log_r + np.clip(slope / bend, -LONGEST_STEP, LONGEST_STEP)
    expected = pressure * np.exp(log_r)
    bend = (count + size) * size * expected / (size + expected) ** 2 + precision
    chance = special.gammaln(count + size) - special.gammaln(size) - special.gammaln(count + 1)
    chance += special.xlogy(count, expected / (expected + size)) - size * np.log1p(expected / size)
    chance -= (log_r - mean) ** 2 * precision / 2 + np.log(variance * bend) / 2
    return log_r, 1 / bend, chance
