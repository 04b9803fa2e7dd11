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
EXACT = 9e7  # baseline x count below which its square is a whole number that a float holds
HALF_ROOT = math.sqrt(0.5)


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
    counts = np.ascontiguousarray(series.counts)
    return Verdicts(*_c3(counts, baseline, min_sigma, float(ndtri(1 - alpha)), _sums_are_exact(counts, baseline)))


def _compared(counts: Floats, alpha: float, baseline: int, guard: int, min_sigma: float) -> Verdicts:
    counts, z = np.ascontiguousarray(counts), float(ndtri(1 - alpha))
    return Verdicts(*_c1(counts, baseline, guard, min_sigma, z, _sums_are_exact(counts, baseline)))


def _sums_are_exact(counts: Floats, baseline: int) -> bool:
    """Say whether running sums of squares stay whole numbers that a float holds exactly."""
    return bool(baseline * np.fmax.reduce(counts, axis=None, initial=0.0) < EXACT)


@njit(nogil=True, cache=True, error_model="numpy")
def _blank(counts):  # type: ignore[no-untyped-def]
    floats = (np.full(counts.shape, np.nan), np.full(counts.shape, np.nan), np.full(counts.shape, np.nan))
    flags = (np.zeros(counts.shape, np.bool_), np.zeros(counts.shape, np.bool_), np.zeros(counts.shape, np.bool_))
    return floats, np.full(counts.shape, np.nan), flags


@njit(nogil=True, cache=True, error_model="numpy")
def _slide(row, leaves, enters, sums):  # type: ignore[no-untyped-def]
    """Move the stretch by one: its sum, its sum of squares and its number of gaps."""
    total, squares, gaps = sums
    if math.isnan(row[enters]):
        gaps += 1
    else:
        total += row[enters]
        squares += row[enters] * row[enters]
    if leaves >= 0:
        if math.isnan(row[leaves]):
            gaps -= 1
        else:
            total -= row[leaves]
            squares -= row[leaves] * row[leaves]
    return total, squares, gaps


@njit(nogil=True, cache=True, error_model="numpy")
def _moments(row, end, length, sums, min_sigma, exact):  # type: ignore[no-untyped-def]
    """Mean and sample deviation of the stretch before `end`: from its sums, or in two passes where those are large."""
    total, squares, gaps = sums
    if gaps:
        return np.nan, np.nan
    mean = total / length
    if exact:
        variance = (length * squares - total * total) / (length * (length - 1.0))
    else:
        variance = 0.0
        for time in range(end - length, end):
            variance += (row[time] - mean) ** 2 / (length - 1)
    return mean, max(min_sigma, math.sqrt(variance))


@njit(nogil=True, cache=True, error_model="numpy")
def _c1(counts, baseline, guard, min_sigma, z, exact):  # type: ignore[no-untyped-def]
    (expected, upper, statistic), p_value, (alarm, trend, judged) = _blank(counts)
    for one in range(counts.shape[0]):
        row, sums = counts[one], (0.0, 0.0, 0)
        for time in range(guard + 1, counts.shape[1]):
            end = time - guard
            sums = _slide(row, end - 1 - baseline, end - 1, sums)
            if end < baseline or math.isnan(row[time]):
                continue
            mean, sigma = _moments(row, end, baseline, sums, min_sigma, exact)
            if math.isnan(mean):
                continue
            score = (row[time] - mean) / sigma
            expected[one, time], statistic[one, time] = mean, score
            upper[one, time] = mean + z * sigma
            p_value[one, time] = 0.5 * math.erfc(score * HALF_ROOT)
            alarm[one, time] = row[time] > upper[one, time]
            judged[one, time] = True
    return expected, upper, statistic, p_value, alarm, trend, judged


@njit(nogil=True, cache=True, error_model="numpy")
def _c3(counts, baseline, min_sigma, z, exact):  # type: ignore[no-untyped-def]
    (expected, upper, statistic), p_value, (alarm, trend, judged) = _blank(counts)
    for one in range(counts.shape[0]):
        row, sums = counts[one], (0.0, 0.0, 0)
        before, just_before = np.nan, np.nan  # by how much C2 exceeded one, two times and one time ago
        for time in range(GUARD + 1, counts.shape[1]):
            end = time - GUARD
            sums = _slide(row, end - 1 - baseline, end - 1, sums)
            if end < baseline:
                continue
            mean, sigma = _moments(row, end, baseline, sums, min_sigma, exact)
            bound = row[time] + sigma * (z - (before + just_before))
            if not math.isnan(bound):
                expected[one, time], statistic[one, time] = mean, before + just_before
                upper[one, time] = max(0.0, bound)
                alarm[one, time] = row[time] > upper[one, time]
                judged[one, time] = True
            above = (row[time] - mean) / sigma - 1.0
            before, just_before = just_before, (0.0 if above < 0.0 else above)
    return expected, upper, statistic, p_value, alarm, trend, judged
