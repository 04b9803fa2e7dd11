"""
Quantiles and tails of counts with a mean and a dispersion, for any mean that a fit can give.

Variance = dispersion x mean: Poisson at a dispersion of 1, negative binomial of constant dispersion above it.
A fit to an empty season can give means of 1e64, at which `scipy.stats.nbinom.ppf` ends the process; here the
quantile is searched for through the distribution function, which stays quiet there.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammainc, gammaincc, ndtri

from sizao.engines.detection.verdicts import Bools, Floats

FUZZ = 8 * float(np.finfo(np.float64).eps)  # R lowers the chance by so much, against steps missed by rounding
# Above this mean and number of dispersions in it, counts are normal to more digits than a float has.
HUGE = 1e13


def quantile(chance: float, mean: Floats, dispersion: Floats) -> Floats:
    """
    Give the least count that is not exceeded with at least this chance; NaN where mean or dispersion is.

    `mean` and `dispersion` have one shape; dispersions below 1 count as 1.
    """
    shape = np.shape(mean)
    flat_mean, flat_dispersion = np.ravel(mean), np.maximum(np.ravel(dispersion), 1)
    found = np.full(flat_mean.shape, np.nan)
    finite = np.isfinite(flat_mean) & np.isfinite(flat_dispersion)
    guess = _cornish_fisher(chance, flat_mean, flat_dispersion)
    easy = finite & (flat_mean / flat_dispersion > HUGE)
    found[easy] = guess[easy]
    hard = np.flatnonzero(finite & ~easy)
    found[hard] = _search(chance * (1 - FUZZ), guess[hard], flat_mean[hard], flat_dispersion[hard])
    return found.reshape(shape)


def chance_of_at_least(count: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Give the chance of this count or more; dispersions below 1 count as 1, NaN stays NaN."""
    count, mean, dispersion = np.broadcast_arrays(count, mean, dispersion)
    chance = np.where(count <= 0, 1.0, np.nan)
    chance[np.isnan(count) | np.isnan(mean) | np.isnan(dispersion)] = np.nan
    # The incomplete beta function is not asked where the answer is certain: its series ends there.
    certain = (count > 0) & (mean / np.maximum(dispersion, 1) > HUGE) & (count < mean / 2)
    chance[certain] = 1.0
    poisson = (count > 0) & (dispersion <= 1) & ~certain
    chance[poisson] = gammainc(count[poisson], mean[poisson])
    spread = (count > 0) & (dispersion > 1) & ~certain
    size, rest = mean[spread] / (dispersion[spread] - 1), 1 - 1 / dispersion[spread]
    chance[spread] = betainc(count[spread], size, rest)
    return chance


def _cornish_fisher(chance: float, mean: Floats, dispersion: Floats) -> Floats:
    """Guess from mean, standard deviation and skewness."""
    z = float(ndtri(chance))
    deviation = np.sqrt(mean) * np.sqrt(dispersion)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        skewness = np.where(deviation > 0, (2 * dispersion - 1) / deviation, 0.0)
        guess = np.rint(mean + deviation * (z + skewness * (z * z - 1) / 6))
    return np.maximum(guess, 0.0)


def _search(chance: float, guess: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Bracket the quantile from the guess in doubling steps, then halve the bracket."""
    reached = _reaches(chance, guess, mean, dispersion)
    low, high = np.where(reached, -1.0, guess), np.where(reached, guess, np.inf)
    step = np.ones(guess.shape)
    open_side = np.arange(guess.size)
    while open_side.size:
        at = open_side
        tried = np.where(reached[at], high[at] - step[at], low[at] + step[at])
        tried = np.maximum(tried, -1.0)
        enough = (tried >= 0) & _reaches(chance, np.maximum(tried, 0.0), mean[at], dispersion[at])
        high[at[enough]] = tried[enough]
        low[at[~enough]] = tried[~enough]
        step[at] = np.maximum(2 * step[at], np.spacing(np.abs(tried)) * 2)
        # Going down ends at the first count that does not reach, going up at the first that does.
        open_side = at[enough == reached[at]]
    return _halve(chance, low, high, mean, dispersion)


def _halve(chance: float, low: Floats, high: Floats, mean: Floats, dispersion: Floats) -> Floats:
    wide = _still_wide(low, high)
    while wide.size:
        middle = np.floor((low[wide] + high[wide]) / 2)
        enough = _reaches(chance, middle, mean[wide], dispersion[wide])
        high[wide[enough]] = middle[enough]
        low[wide[~enough]] = middle[~enough]
        wide = _still_wide(low, high)
    return high


def _still_wide(low: Floats, high: Floats) -> NDArray[np.int64]:
    return np.flatnonzero(high - low > np.maximum(1.0, 1e-14 * high))


def _reaches(chance: float, count: Floats, mean: Floats, dispersion: Floats) -> Bools:
    """Say whether a count or less has at least this chance."""
    cumulated = np.empty(count.shape)
    poisson = dispersion <= 1
    cumulated[poisson] = gammaincc(count[poisson] + 1, mean[poisson])
    spread = ~poisson
    size = mean[spread] / (dispersion[spread] - 1)
    cumulated[spread] = betainc(size, count[spread] + 1, 1 / dispersion[spread])
    reached: Bools = cumulated >= chance
    return reached
