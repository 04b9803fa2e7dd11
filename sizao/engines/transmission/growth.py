"""
How fast new cases grow: a log-linear fit with the noise that is really there.

log of the expected cases a day = intercept + rate × day. Counts of an outbreak scatter more than Poisson
(households, weekdays, batches of reports), so the variance is estimated: a multiple of the mean
(quasi-Poisson: McCullagh and Nelder 1989, 9.2) or mean + mean²/size (negative binomial, size by maximum
likelihood: Venables and Ripley 2002, 7.4). Rates and standard errors are those of R's `glm` and `MASS::glm.nb`;
the interval is Student's with days - 2 degrees of freedom, and a dispersion below 1 counts as 1.

R and the rate: with a gamma generation time of mean m and standard deviation s, R = (1 + rate s²/m)^(m²/s²)
(Wallinga and Lipsitch 2007, Proceedings of the Royal Society B 274:599).
"""

from dataclasses import dataclass
from enum import StrEnum
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from sizao.engines.transmission.estimate import Estimate
from sizao.engines.transmission.incidence import WrongIncidence
from sizao.errors import SizaoError

Floats = NDArray[np.float64]

FEWEST_DAYS = 4
STEPS, NEARNESS = 200, 1e-12


class GrowthFamily(StrEnum):
    QUASI_POISSON = "quasi-poisson"
    NEGATIVE_BINOMIAL = "negative-binomial"


class TooFewForGrowth(SizaoError):
    code = "transmission.too_few_for_growth"
    message = (
        "A growth rate needs {least} days with counts and cases on two of them; there are {days} days, {cases} with "
        "cases. Choose a longer time."
    )


@dataclass(frozen=True, slots=True)
class Growth:
    """
    The growth rate a day, with its interval; negative when cases become fewer.

    `dispersion` is the variance over the mean (quasi-Poisson, as estimated), or the size of the negative
    binomial, infinite where the counts scatter no more than Poisson. `days` had counts, with `cases` in all.
    """

    rate: Estimate
    dispersion: float
    days: int
    cases: float
    family: GrowthFamily

    @property
    def doubling(self) -> Estimate | None:
        """Days to double; None unless the whole interval of the rate is above 0."""
        if not self.rate.lower > 0:
            return None
        return Estimate(log(2) / self.rate.value, log(2) / self.rate.upper, log(2) / self.rate.lower)

    @property
    def halving(self) -> Estimate | None:
        """Days to halve; None unless the whole interval of the rate is below 0."""
        if not self.rate.upper < 0:
            return None
        return Estimate(-log(2) / self.rate.value, -log(2) / self.rate.lower, -log(2) / self.rate.upper)

    def reproduction(self, mean: float, sd: float) -> Estimate:
        """Give R for a gamma generation time (days) that is known; the interval is that of the rate alone."""
        value, lower, upper = (
            float(reproduction_from_growth(rate, mean, sd))
            for rate in (self.rate.value, self.rate.lower, self.rate.upper)
        )
        return Estimate(value, lower, upper)


def fit_growth(counts: Floats, *, family: GrowthFamily = GrowthFamily.QUASI_POISSON, level: float = 0.95) -> Growth:
    """
    Fit a growth rate to new cases a day; NaN is a gap and takes no part.

    Raise WrongIncidence for what is no count, TooFewForGrowth where no rate can be said.
    """
    day = np.flatnonzero(~np.isnan(counts)).astype(np.float64)
    cases = np.asarray(counts, dtype=np.float64)[day.astype(np.intp)]
    wrong = np.flatnonzero((cases < 0) | (cases != np.floor(cases)) | np.isinf(cases))
    if len(wrong):
        raise WrongIncidence(day=int(day[wrong[0]]) + 1, series=1, count=float(cases[wrong[0]]))
    if len(day) < FEWEST_DAYS or (cases > 0).sum() < 2:
        raise TooFewForGrowth(least=FEWEST_DAYS, days=len(day), cases=int((cases > 0).sum()))
    design = np.column_stack((np.ones(len(day)), day - day.mean()))
    if family is GrowthFamily.QUASI_POISSON:
        rate, error, dispersion = _quasi_poisson(design, cases)
    else:
        rate, error, dispersion = _negative_binomial(design, cases)
    half = float(stats.t.ppf(0.5 + level / 2, len(day) - 2)) * error
    return Growth(Estimate(rate, rate - half, rate + half), dispersion, len(day), float(cases.sum()), family)


def reproduction_from_growth(rate: float | Floats, mean: float, sd: float) -> Floats:
    """R that grows at `rate` a day, for a gamma generation time; 0 for a fall faster than any R explains."""
    per_day = np.maximum(1 + np.asarray(rate) * sd**2 / mean, 0.0)
    reproduction: Floats = per_day ** (mean / sd) ** 2
    return reproduction


def _quasi_poisson(design: Floats, cases: Floats) -> tuple[float, float, float]:
    expected, covariance, rate = _fit(design, cases, np.inf)
    dispersion = float(((cases - expected) ** 2 / expected).sum() / (len(cases) - 2))
    return rate, float(np.sqrt(covariance * max(dispersion, 1.0))), dispersion


def _negative_binomial(design: Floats, cases: Floats) -> tuple[float, float, float]:
    """Find size and coefficients in turn, each by maximum likelihood given the other."""
    expected, covariance, rate = _fit(design, cases, np.inf)
    size = np.inf
    for _ in range(STEPS):  # pragma: no branch  (it settles in a few steps)
        before, size = size, _size(cases, expected)
        expected, covariance, rate = _fit(design, cases, size)
        if size == before or abs(size - before) < NEARNESS * size:
            break
    return rate, float(np.sqrt(covariance)), size


def _size(cases: Floats, expected: Floats) -> float:
    """Give the likeliest size of a negative binomial with these means; infinite without overdispersion."""
    if ((cases - expected) ** 2 - cases).sum() <= 0:  # the slope of the likelihood where the size is infinite
        return np.inf

    def slope(log_size: float) -> float:
        size = np.exp(log_size)
        gain = special.digamma(cases + size) - special.digamma(size) + np.log(size / (size + expected))
        return float((gain + 1 - (cases + size) / (size + expected)).sum())

    low, high = -10.0, 10.0
    if slope(high) > 0:  # no telling it from Poisson; at `low` the slope is above 0 as soon as there is a case
        return np.inf
    return float(np.exp(optimize.brentq(slope, low, high, xtol=1e-13, rtol=1e-14)))


def _fit(design: Floats, cases: Floats, size: float) -> tuple[Floats, float, float]:
    """
    Fit the log-linear mean for a variance of mean + mean²/size by reweighted least squares.

    Gives the expected counts, and variance (at dispersion 1) and value of the slope.
    """
    expected = cases + 0.1
    slope = np.inf
    for _ in range(STEPS):  # pragma: no branch  (it settles in a few steps)
        weights = expected / (1 + expected / size)
        information = design.T @ (design * weights[:, None])
        working = np.log(expected) + (cases - expected) / expected
        coefficients = np.linalg.solve(information, design.T @ (weights * working))
        expected = np.exp(np.clip(design @ coefficients, -300.0, 300.0))
        before, slope = slope, float(coefficients[1])
        if abs(slope - before) < NEARNESS * (abs(slope) + 1e-3):
            break
    weights = expected / (1 + expected / size)
    information = design.T @ (design * weights[:, None])
    return expected, float(np.linalg.inv(information)[1, 1]), slope
