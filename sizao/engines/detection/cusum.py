"""
CUSUM of counts made nearly normal: small excesses that add up over times.

Rossi, Lampugnani and Marchi 1999 (Statistics in Medicine 18, 2111). R's `surveillance::algo.cusum` is the
reference, number by number.
"""

import numpy as np
from numba import njit

from sizao.engines.detection import count_regression
from sizao.engines.detection.series import Series, Times, monitored
from sizao.engines.detection.verdicts import Floats, Verdicts


def cusum(
    series: Series, *, range: Times, k: float, h: float, m: str | float, trans: str, alpha: float, reset: bool
) -> Verdicts:
    """
    Add up how far each transformed count exceeds the reference value k; alarm at h or more.

    `expected` is the mean m, `statistic` the sum, `upperbound` about the count at which the sum reaches h, as R
    gives it: for `standard` rounded up, for `none` h less the sum. A gap is passed over: the sum stays. A series
    whose mean is unknown, or is zero where the transformation divides by it, is not judged.
    """
    given = not isinstance(m, str)
    first, last = monitored(series, range, 0 if given else 2 * series.period)
    shape = series.counts.shape
    mean = np.full(shape, np.nan)
    for one, row in enumerate(series.counts):
        mean[one, first:last] = m if given else _mean(row, first, last, str(m), series.period)
    mean[np.isnan(series.counts)] = np.nan
    if trans != "none":
        mean[mean <= 0] = np.nan
    scores = _transformed(series.counts, mean, trans, alpha)
    sums, before = _sums(scores, k, h if reset else np.inf)
    with np.errstate(invalid="ignore"):
        upper = h - sums if trans == "none" else _bound(mean, h + k - before, trans, alpha)
        alarm = sums >= h
    judged = ~np.isnan(sums)
    upper = np.where(judged, np.fmax(upper, 0.0), np.nan)
    return Verdicts(mean, upper, sums, np.full(shape, np.nan), alarm, np.zeros(shape, np.bool_), judged)


def _mean(row: Floats, first: int, last: int, how: str, period: int) -> float | Floats:
    """Mean of the known times before `first`, or a year's wave through them (Poisson regression)."""
    known = np.flatnonzero(~np.isnan(row[:first]))
    if not len(known):
        return np.nan
    if how == "mean":
        return float(row[known].mean())
    if len(known) <= 3 or period <= 2:
        return np.nan
    columns = count_regression.harmonics(np.arange(1.0, last + 1), period, 1, trend=False)
    beta = count_regression.fit_known(columns[known], row[known], 0.0)
    wave: Floats = np.maximum(np.exp(columns[first:] @ beta), count_regression.LEAST_MEAN)
    return wave


def _transformed(x: Floats, m: Floats, trans: str, alpha: float) -> Floats:
    """Make counts of mean m nearly normal."""
    scores: Floats
    match trans:
        case "rossi":
            scores = (x - 3 * m + 2 * np.sqrt(x * m)) / (2 * np.sqrt(m))
        case "standard":
            scores = (x - m) / np.sqrt(m)
        case "anscombe":
            scores = 3 / 2 * (x ** (2 / 3) - m ** (2 / 3)) / m ** (1 / 6)
        case "anscombe2nd":
            scores = (x ** (2 / 3) - (m ** (2 / 3) - m ** (-1 / 3) / 9)) / (2 / 3 * m ** (1 / 6))
        case "pearsonnegbin":
            scores = (x - m) / np.sqrt(m + alpha * m**2)
        case _:
            scores = np.where(np.isnan(m), np.nan, x)
    return scores


def _bound(m: Floats, room: Floats, trans: str, alpha: float) -> Floats:
    """Give the count that would fill the room left to h, each transformation turned round."""
    bounds: Floats
    match trans:
        case "rossi":
            bounds = 2 * np.sqrt(m) * room + 5 * m - 2 * np.sqrt(4 * m**2 + 2 * m ** (3 / 2) * room)
        case "standard":
            bounds = np.ceil(np.sqrt(m) * room + m)
        case "anscombe":
            bounds = _power(m, room, m ** (2 / 3))
        case "anscombe2nd":
            # R's bound has the power 1/3 where its transformation has -1/3.
            bounds = _power(m, room, m ** (2 / 3) - m ** (1 / 3) / 9)
        case _:
            bounds = np.sqrt(m + alpha * m**2) * room + m
    return bounds


def _power(m: Floats, room: Floats, base: Floats) -> Floats:
    raised: Floats = np.maximum(2 / 3 * m ** (1 / 6) * room + base, 0.0) ** (3 / 2)
    return raised


@njit(nogil=True, cache=True, error_model="numpy")
def _sums(scores, k, starts_anew_at):  # type: ignore[no-untyped-def]
    """Sums after and before each time, NaN where the score is."""
    after, before = np.full(scores.shape, np.nan), np.full(scores.shape, np.nan)
    for one in range(scores.shape[0]):
        total = 0.0
        for time in range(scores.shape[1]):
            if np.isnan(scores[one, time]):
                continue
            before[one, time] = total
            total = max(0.0, total + (scores[one, time] - k))
            after[one, time] = total
            if total >= starts_anew_at:
                total = 0.0
    return after, before
