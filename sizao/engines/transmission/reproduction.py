"""
The instantaneous reproduction number: how many people a case would infect under the conditions of a window.

Cori et al. 2013 (American Journal of Epidemiology 178:1505) and, for imported cases, Thompson et al. 2019
(Epidemics 29:100356); the numbers are those of the R package EpiEstim 2.2-4. New cases of a day are Poisson
with mean R times the infection pressure, that is the sum of earlier cases, local and imported, weighted by
the serial interval. R is constant within a window and gamma before it is seen, so that it is gamma after:
shape = prior shape + local cases of the window, 1/scale = 1/prior scale + pressure of the window.

What happens at the edges, as in EpiEstim:

- the first day's cases are imported: nothing before them could have infected them;
- a window that ends no later than the mean serial interval is too early to say: NaN;
- a window without cases and without pressure gives the prior back. `cases` tells such windows apart;
- the last days need no correction for cases that are still to come, but the counts must be complete
  (nowcast first): R of days that are reported late is too low.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sizao.engines.transmission.gamma_quantiles import gamma_quantiles
from sizao.engines.transmission.incidence import Incidence, Windows
from sizao.engines.transmission.serial_interval import (
    UncertainSerialInterval,
    check_moments,
    checked,
    discretised_gamma,
)
from sizao.errors import SizaoError

Floats = NDArray[np.float64]

QUANTILES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)


class WrongPrior(SizaoError):
    code = "transmission.wrong_prior"
    message = "The prior of R has mean {mean} and sd {sd}; both must be more than 0. Choose others."


@dataclass(frozen=True, slots=True)
class Prior:
    """The gamma distribution of R before anything is seen, by its mean and standard deviation."""

    mean: float = 5.0
    sd: float = 5.0

    def __post_init__(self) -> None:
        if not (0 < self.mean < np.inf and 0 < self.sd < np.inf):
            raise WrongPrior(mean=self.mean, sd=self.sd)

    @property
    def shape(self) -> float:
        return (self.mean / self.sd) ** 2

    @property
    def scale(self) -> float:
        return self.sd**2 / self.mean


@dataclass(frozen=True, slots=True)
class Reproduction:
    """
    R of each series and window.

    `mean`, `sd` and `cases` (local cases of the window) have the shape (datasets, windows), `quantiles`
    (datasets, windows, probabilities). NaN where a window is too early or has nothing to say.
    """

    windows: Windows
    mean: Floats
    sd: Floats
    quantiles: Floats
    cases: Floats
    probabilities: tuple[float, ...] = QUANTILES

    def of(self, dataset: int) -> Self:
        """Keep one series."""
        kept = slice(dataset, dataset + 1)
        return replace(
            self,
            mean=self.mean[kept],
            sd=self.sd[kept],
            quantiles=self.quantiles[kept],
            cases=self.cases[kept],
        )

    def quantile(self, probability: float) -> Floats:
        """Give one of the quantiles that were asked for; shape (datasets, windows)."""
        return self.quantiles[..., self.probabilities.index(probability)]


def estimate_reproduction(
    incidence: Incidence,
    serial_interval: Floats,
    *,
    windows: Windows | None = None,
    prior: Prior = Prior(),  # noqa: B008  (frozen)
    probabilities: Sequence[float] = QUANTILES,
) -> Reproduction:
    """
    Estimate R for a known distribution of the serial interval, k = 0 first.

    Without `windows`, weekly ones from the second day on. Raise NotASerialInterval, WrongWindow,
    SeriesTooShort.
    """
    weights = checked(serial_interval)
    return _estimate(incidence, weights, windows or Windows.sliding(incidence.days), prior, tuple(probabilities))


def estimate_reproduction_gamma(
    incidence: Incidence,
    mean: float,
    sd: float,
    *,
    windows: Windows | None = None,
    prior: Prior = Prior(),  # noqa: B008  (frozen)
    probabilities: Sequence[float] = QUANTILES,
) -> Reproduction:
    """
    Estimate R for a gamma serial interval of this mean and standard deviation, in days.

    The distribution is cut at the length of the series, so in a short one its sum is below 1.
    """
    check_moments(mean, sd)
    weights = discretised_gamma(mean, sd, incidence.days)
    return _estimate(incidence, weights, windows or Windows.sliding(incidence.days), prior, tuple(probabilities))


def estimate_reproduction_uncertain(
    incidence: Incidence,
    serial_interval: UncertainSerialInterval,
    *,
    rng: np.random.Generator,
    n_intervals: int = 500,
    n_draws: int = 50,
    windows: Windows | None = None,
    prior: Prior = Prior(),  # noqa: B008  (frozen)
    probabilities: Sequence[float] = QUANTILES,
) -> Reproduction:
    """
    Estimate R for a serial interval that is not known well, by Monte Carlo.

    `n_intervals` serial intervals are drawn, then `n_draws` of R from the posterior that each gives; mean,
    sd and quantiles are those of all draws together. An interval for which a window is too early takes no
    part in it.
    """
    windows = windows or Windows.sliding(incidence.days)
    windows.check(incidence.days)
    means, sds = serial_interval.draw(rng, n_intervals)
    weights = discretised_gamma(means, sds, incidence.days)
    # The mean as it was drawn, not that of what the length of the series left: EpiEstim differs here by method.
    known = windows.last[:, None] + 1 > means
    shape = prior.shape + windows.sums(incidence.local)
    mean, sd = np.full(shape.shape, np.nan), np.full(shape.shape, np.nan)
    quantiles = np.full((*shape.shape, len(probabilities)), np.nan)
    for dataset, total in enumerate(incidence.total):
        pressure = windows.sums(weights @ _lagged(total))
        scale = 1 / (1 / prior.scale + pressure)
        for window in np.flatnonzero(known.any(axis=1)):
            kept = scale[known[window], window]
            draws = rng.standard_gamma(shape[dataset, window], size=(n_draws, len(kept))) * kept
            mean[dataset, window], sd[dataset, window] = draws.mean(), draws.std(ddof=1)
            quantiles[dataset, window] = np.quantile(draws, probabilities)
    return Reproduction(windows, mean, sd, quantiles, windows.sums(incidence.local), tuple(probabilities))


def infection_pressure(total: Floats, weights: Floats) -> Floats:
    """
    Sum earlier cases by the serial interval, for each day; shapes (datasets, days) and (k,).

    Only sums of products, no Fourier transform: what is small stays exact.
    """
    pressure = np.empty_like(total)
    for series, counts in enumerate(total):
        pressure[series] = np.convolve(counts, weights)[: len(counts)]
    return pressure


def _lagged(total: Floats) -> Floats:
    """Place the cases of k days before day t at (k, t)."""
    days = len(total)
    lag = np.arange(days)[None, :] - np.arange(days)[:, None]
    return np.where(lag >= 0, total[np.maximum(lag, 0)], 0.0)


def _estimate(
    incidence: Incidence, weights: Floats, windows: Windows, prior: Prior, probabilities: tuple[float, ...]
) -> Reproduction:
    windows.check(incidence.days)
    cases = windows.sums(incidence.local)
    scale = 1 / (1 / prior.scale + windows.sums(infection_pressure(incidence.total, weights)))
    # Not divided by the sum: EpiEstim takes the mean of what was not cut off.
    mean_interval = float(weights @ np.arange(len(weights)))
    too_early = windows.last + 1 <= mean_interval
    scale[:, too_early] = np.nan
    return Reproduction(
        windows=windows,
        mean=(prior.shape + cases) * scale,
        sd=np.sqrt(prior.shape + cases) * scale,
        quantiles=gamma_quantiles(prior.shape, cases, probabilities) * scale[..., None],
        cases=cases,
        probabilities=probabilities,
    )
