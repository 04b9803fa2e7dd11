"""
EARS C1, C2 and C3: is a count above what the few times just before let expect?

Hutwagner et al. 2003 (Journal of Urban Health 80, i89), as bounds in Salmon, Schumacher and Höhle 2016 (Journal of
Statistical Software 70(10)). R's `surveillance::earsC` is the reference, number by number.
"""

import math

import numpy as np
from numba import njit
from scipy.special import ndtri

from sizao.engines.detection.series import Series
from sizao.engines.detection.verdicts import Floats, Verdicts

GUARD = 2  # times between the baseline and the judged time in C2 and C3


def c1(series: Series, *, alpha: float, baseline: int, min_sigma: float) -> Verdicts:
    """
    Compare each count with the `baseline` counts just before it.

    A time is left out (NaN) when it or one of its baseline is a gap or before the start. A constant baseline has a
    deviation of `min_sigma`; where that is 0, any count above the mean alarms and the statistic is infinite.
    """
    return _compared(series.counts, alpha, baseline, 0, min_sigma)


def c2(series: Series, *, alpha: float, baseline: int, min_sigma: float) -> Verdicts:
    """Compare each count with the `baseline` counts that ended two times before it; gaps as in `c1`."""
    return _compared(series.counts, alpha, baseline, GUARD, min_sigma)


def c3(series: Series, *, alpha: float, baseline: int, min_sigma: float) -> Verdicts:
    """
    Alarm when C2 of the two times before exceeded one by more than z(1 - alpha) in sum.

    The bound is R's: count + deviation x (z - sum), never below 0, so that the count of the time itself has no say.
    The statistic is the sum; there is no p-value. Where a constant baseline makes C2 of one of the two times 0/0, or
    the product 0 x infinity, nothing is said (NaN); where the sum alone is infinite the bound is 0.
    """
    expected, upper, statistic = _c3(np.ascontiguousarray(series.counts), baseline, min_sigma, float(ndtri(1 - alpha)))
    return _told(series.counts, expected, upper, statistic, np.full_like(upper, np.nan))


def _compared(counts: Floats, alpha: float, baseline: int, guard: int, min_sigma: float) -> Verdicts:
    z = float(ndtri(1 - alpha))
    return _told(counts, *_c1(np.ascontiguousarray(counts), baseline, guard, min_sigma, z))


def _told(counts: Floats, expected: Floats, upper: Floats, statistic: Floats, p_value: Floats) -> Verdicts:
    return Verdicts(
        expected=expected,
        upperbound=upper,
        statistic=statistic,
        p_value=p_value,
        alarm=counts > upper,
        trend=np.zeros(counts.shape, np.bool_),
        judged=~np.isnan(upper),
    )


@njit(nogil=True, cache=True, error_model="numpy")
def _moments(row, first, length, min_sigma):  # type: ignore[no-untyped-def]
    """Mean and sample deviation of a stretch, in two passes as R takes them."""
    mean = 0.0
    for time in range(first, first + length):
        mean += row[time]
    mean /= length
    squares = 0.0
    for time in range(first, first + length):
        squares += (row[time] - mean) ** 2
    sigma = math.sqrt(squares / (length - 1))
    return mean, (min_sigma if sigma < min_sigma else sigma)


@njit(nogil=True, cache=True, error_model="numpy")
def _c1(counts, baseline, guard, min_sigma, z):  # type: ignore[no-untyped-def]
    expected = np.full(counts.shape, np.nan)
    upper, statistic, p_value = expected.copy(), expected.copy(), expected.copy()
    for one in range(counts.shape[0]):
        row = counts[one]
        for time in range(baseline + guard, counts.shape[1]):
            if math.isnan(row[time]):
                continue
            mean, sigma = _moments(row, time - guard - baseline, baseline, min_sigma)
            expected[one, time] = mean
            upper[one, time] = mean + z * sigma
            statistic[one, time] = (row[time] - mean) / sigma
            p_value[one, time] = 0.5 * math.erfc(statistic[one, time] / math.sqrt(2.0))
    return expected, upper, statistic, p_value


@njit(nogil=True, cache=True, error_model="numpy")
def _c3(counts, baseline, min_sigma, z):  # type: ignore[no-untyped-def]
    expected = np.full(counts.shape, np.nan)
    upper, statistic = expected.copy(), expected.copy()
    for one in range(counts.shape[0]):
        row = counts[one]
        before, just_before = np.nan, np.nan  # by how much C2 exceeded one, two times and one time ago
        for time in range(baseline + GUARD, counts.shape[1]):
            mean, sigma = _moments(row, time - GUARD - baseline, baseline, min_sigma)
            excess = before + just_before
            bound = row[time] + sigma * (z - excess)
            if not math.isnan(bound):
                expected[one, time] = mean
                upper[one, time] = max(0.0, bound)
                statistic[one, time] = excess
            above = (row[time] - mean) / sigma - 1.0
            before, just_before = just_before, (0.0 if above < 0.0 else above)
    return expected, upper, statistic
