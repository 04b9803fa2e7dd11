"""
Turn a fitted expectation into an upper bound, the chance of so many counts, and a score.

`delta`: the count to a power is taken as normal, with the variance of count and fit (Farrington et al. 1996).
`nbplugin`: the quantile of the negative binomial at the fitted mean. `muan`: the same at the upper limit of the
fitted mean (both Noufaily et al. 2013; Salmon et al. 2016, Journal of Statistical Software 70(10)).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from sizao.engines.detection.counts_quantile import chance_of_at_least, quantile
from sizao.engines.detection.farrington_fit import LEAST_MEAN, Fits
from sizao.engines.detection.verdicts import Floats

POWERS = {"none": 1.0, "1/2": 1 / 2, "2/3": 2 / 3}


class Bounds(NamedTuple):
    """For each judged count the expected one, the upper bound, the score and the chance of so many."""

    expected: Floats
    upper: Floats
    score: Floats
    chance: Floats


def delta_bounds(fits: Fits, counts: Floats, *, z: float, power: str, scatter: Floats) -> Bounds:
    """
    Bound by a normal count to a power; `z` is the normal quantile of the bound.

    `scatter` is the dispersion by which the variance of the fit is multiplied. The score is the excess over the
    expected count as a share of the excess that is needed.
    """
    exponent = POWERS[power]
    expected = np.maximum(np.exp(fits.link), LEAST_MEAN)
    variance_of_fit = scatter * fits.unscaled * expected**2
    spread = np.maximum(fits.dispersion, 1) + variance_of_fit / expected
    # The delta method: the derivative of the power at the mean, times the standard deviation of the count.
    deviation = exponent * np.sqrt(expected ** (2 * exponent - 1) * spread)
    centre = expected**exponent
    upper = (centre + abs(z) * deviation) ** (1 / exponent)
    chance = ndtr(-(counts**exponent - centre) / deviation)
    return Bounds(expected, upper, (counts - expected) / (upper - expected), chance)


def discrete_bounds(fits: Fits, counts: Floats, *, alpha: float, z: float, with_error_of_fit: bool) -> Bounds:
    """
    Bound by a quantile of the negative binomial, of the Poisson where the dispersion is 1 or less.

    The mean is the fitted one, or its upper limit `with_error_of_fit`. An infinite mean has no bound. The score
    is that of R: (count - link) / (upper - link), with the *logarithm* of the expected count. It passes 1 when
    the count passes the bound, but its size has no unit.
    """
    dispersion = np.maximum(fits.dispersion, 1)
    link = fits.link + z * np.sqrt(fits.scatter * fits.unscaled) if with_error_of_fit else fits.link
    mean = np.exp(link)
    mean[~np.isfinite(mean)] = np.nan
    upper = quantile(1 - alpha, mean, dispersion)
    expected = np.where(np.isnan(upper), np.nan, np.exp(fits.link))
    score = (counts - fits.link) / (upper - fits.link)
    return Bounds(expected, upper, score, chance_of_at_least(counts, mean, dispersion))


def normal_quantile(chance: float) -> float:
    """Give the quantile of the standard normal distribution."""
    return float(ndtri(chance))
