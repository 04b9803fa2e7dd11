"""
EARS C1, C2 and C3: is a count above what the few times just before let expect?

Hutwagner et al. 2003 (Journal of Urban Health 80, i89), as bounds in Salmon, Schumacher and Höhle 2016 (Journal of
Statistical Software 70(10)). R's `surveillance::earsC` is the reference, number by number.
"""

import math
from collections.abc import Callable

import numpy as np
from numba import njit
from scipy.special import ndtr, ndtri

from sizao.engines.detection.series import Series
from sizao.engines.detection.verdicts import Bools, Floats, Verdicts

GUARD = 2  # times between the baseline and the judged time in C2 and C3
EXACT = 9e7  # baseline x count below which its square is a whole number that a float holds


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
    z, out = float(ndtri(1 - alpha)), _blank(counts.shape, lambda _: np.full(counts.shape, np.nan))
    _c3(counts, baseline, min_sigma, z, _sums_are_exact(counts, baseline), *_arrays(out))
    return out


def _compared(counts: Floats, alpha: float, baseline: int, guard: int, min_sigma: float) -> Verdicts:
    counts = np.ascontiguousarray(counts)
    z, out = float(ndtri(1 - alpha)), _blank(counts.shape, lambda statistic: ndtr(-statistic))
    _c1(counts, baseline, guard, min_sigma, z, _sums_are_exact(counts, baseline), *_arrays(out))
    return out


def _blank(shape: tuple[int, int], chance: Callable[[Floats], Floats]) -> Verdicts:
    # One block, as the system gives large ones in fewer pieces: that is a third of the time.
    expected, upperbound, statistic = np.empty((3, *shape))
    alarm, judged = np.empty((2, *shape), np.bool_)
    none = np.zeros(shape, np.bool_)
    return Verdicts(expected, upperbound, statistic, lambda: chance(statistic), alarm, none, judged)


def _arrays(out: Verdicts) -> tuple[Floats, Floats, Floats, Bools, Bools]:
    return out.expected, out.upperbound, out.statistic, out.alarm, out.judged


def _sums_are_exact(counts: Floats, baseline: int) -> bool:
    """Say whether running sums of squares stay whole numbers that a float holds exactly."""
    return bool(baseline * np.fmax.reduce(counts, axis=None, initial=0.0) < EXACT)


@njit(nogil=True, cache=True, error_model="numpy")
def _moments(row, length, min_sigma, exact, mean, sigma):  # type: ignore[no-untyped-def]
    """
    Mean and sample deviation of the `length` counts before each time that has so many; NaN where one is a gap.

    Counts and their squares are whole numbers, so that running sums of them lose nothing; where they grow too large
    for that, each stretch is summed anew in two passes.
    """
    gap_until, total, squares = -1, 0.0, 0.0
    for time in range(1, row.size):
        enters = row[time - 1]
        if math.isnan(enters):
            gap_until = time - 1
        else:
            total += enters
            squares += enters * enters
        if time < length:
            continue
        leaves = row[time - 1 - length] if time > length else np.nan
        if not math.isnan(leaves):
            total -= leaves
            squares -= leaves * leaves
        mean[time] = total / length
        sigma[time] = np.nan if gap_until >= time - length else length * squares - total * total
    for time in range(length, row.size):
        deviation = math.sqrt(sigma[time] / (length * (length - 1.0)))
        sigma[time] = min_sigma if deviation < min_sigma else deviation  # NaN stays NaN
    if not exact:
        _moments_anew(row, length, min_sigma, mean, sigma)


@njit(nogil=True, cache=True, error_model="numpy")
def _moments_anew(row, length, min_sigma, mean, sigma):  # type: ignore[no-untyped-def]
    for time in range(length, row.size):
        stretch = row[time - length : time]
        mean[time] = stretch.mean()
        deviation = math.sqrt(((stretch - mean[time]) ** 2).sum() / (length - 1))
        sigma[time] = min_sigma if deviation < min_sigma else deviation


@njit(nogil=True, cache=True, error_model="numpy")
def _c1(counts, baseline, guard, min_sigma, z, exact, expected, upper, statistic, alarm, judged):  # type: ignore[no-untyped-def]
    mean, sigma = np.empty(counts.shape[1]), np.empty(counts.shape[1])
    mean[:] = np.nan
    sigma[:] = np.nan
    for one in range(counts.shape[0]):
        row = counts[one]
        _moments(row[: row.size - guard], baseline, min_sigma, exact, mean[guard:], sigma[guard:])
        for time in range(row.size):
            nothing = row[time] - row[time] + (sigma[time] - sigma[time])  # NaN at a gap and without a baseline, else 0
            expected[one, time] = mean[time] + nothing
            upper[one, time] = mean[time] + z * sigma[time] + nothing
            statistic[one, time] = (row[time] - mean[time]) / sigma[time]
            alarm[one, time] = row[time] > upper[one, time]
            judged[one, time] = nothing == 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def _c3(counts, baseline, min_sigma, z, exact, expected, upper, statistic, alarm, judged):  # type: ignore[no-untyped-def]
    mean, sigma = np.empty(counts.shape[1]), np.empty(counts.shape[1])
    above = np.empty(counts.shape[1] + GUARD)  # by how much C2 exceeded one, two times later
    mean[:] = np.nan
    sigma[:] = np.nan
    above[:] = np.nan
    for one in range(counts.shape[0]):
        row = counts[one]
        _moments(row[: row.size - GUARD], baseline, min_sigma, exact, mean[GUARD:], sigma[GUARD:])
        for time in range(row.size):
            over = (row[time] - mean[time]) / sigma[time] - 1.0
            above[time + GUARD] = 0.0 if over < 0.0 else over
        for time in range(row.size):
            excess = above[time] + above[time + 1]
            bound = row[time] + sigma[time] * (z - excess)
            nothing = np.nan if math.isnan(bound) else 0.0
            expected[one, time] = mean[time] + nothing
            statistic[one, time] = excess + nothing
            upper[one, time] = 0.0 if bound < 0.0 else bound
            alarm[one, time] = row[time] > upper[one, time]
            judged[one, time] = not math.isnan(bound)
