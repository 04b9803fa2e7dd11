"""
Moving percentile: is a count as high as the highest of the neighbouring weeks of past years?

The method of the national automated alert system CIDARS (Yang et al. 2011, Western Pacific Surveillance and Response
2(3); Wang et al. 2017, BMC Public Health 17, 570): the same period and its two neighbours on each side, in each of
the past five years, are 25 blocks; an alert is given when the current period reaches a percentile of them. How high
it reaches is the strength of the signal (信号强度).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.detection.series import Days, Series
from sizao.engines.detection.verdicts import Floats, Verdicts

Ints = NDArray[np.int64]
NOT_THERE = -1


def percentile(
    series: Series, *, b: int, w: int, percentile: float, window: int, reaches: bool, calendar: bool, min_blocks: int
) -> Verdicts:
    """
    Compare the sum of each `window` of times with that of the 2w + 1 windows around it in each of b past years.

    `expected` is the median of these blocks, `upperbound` the percentile (linear between ordered blocks),
    `statistic` the strength of the signal: the highest percentile of the blocks, 0 to 100, that the current sum
    reaches. Windows end at their time. A year is `period` times, or with dates and `calendar` the time nearest to
    the same day of the year. A window with a gap is no block; a time with fewer than `min_blocks` blocks (0: all)
    or with a gap in its own window is not judged. No sum of zero alarms.
    """
    sums = _window_sums(series.counts, window)
    past = _past(series, b, calendar=calendar)
    fewest = min_blocks or b * (2 * w + 1)
    expected, upper, strength = _ranked(sums, past, w * window, window, percentile / 100, fewest)
    with np.errstate(invalid="ignore"):
        alarm = (sums >= upper) & (sums > 0) if reaches else sums > upper
    blank = np.full(sums.shape, np.nan)
    return Verdicts(expected, upper, strength, blank, alarm, np.zeros(sums.shape, np.bool_), ~np.isnan(upper))


def _window_sums(counts: Floats, window: int) -> Floats:
    sums = np.full(counts.shape, np.nan)
    if window <= counts.shape[1]:
        sums[:, window - 1 :] = np.lib.stride_tricks.sliding_window_view(counts, window, axis=1).sum(axis=2)
    return sums


def _past(series: Series, b: int, *, calendar: bool) -> Ints:
    """Find the index of each time one to b years ago, shape (b, times), NOT_THERE before the start."""
    times = np.arange(series.counts.shape[1])
    years = np.arange(1, b + 1)[:, None]
    if series.dates is None or not calendar:
        past = times - years * series.period
        return np.where(past < 0, NOT_THERE, past)
    return np.stack([_nearest(series.dates, _years_before(series.dates, year)) for year in range(1, b + 1)])


def _years_before(dates: Days, years: int) -> Days:
    """Give the same day of an earlier year; 1 March for 29 February where there is none."""
    months = dates.astype("datetime64[M]")
    day = dates - months.astype("datetime64[D]")
    earlier: Days = (months - 12 * years).astype("datetime64[D]") + day
    return earlier


def _nearest(dates: Days, wanted: Days) -> Ints:
    """Give the index of the nearest date, the earlier of two; NOT_THERE when it is before the first by half a step."""
    if len(dates) < 2:
        return np.full(len(wanted), NOT_THERE)
    after = np.searchsorted(dates, wanted)
    later = np.minimum(after, len(dates) - 1)
    earlier = np.maximum(after - 1, 0)
    nearest = np.where(dates[later] - wanted < wanted - dates[earlier], later, earlier)
    too_early = 2 * (dates[0] - wanted) > np.diff(dates).min()
    found: Ints = np.where(too_early, NOT_THERE, nearest)
    return found


@njit(nogil=True, cache=True, error_model="numpy")
def _ranked(sums, past, reach, step, share, fewest):  # type: ignore[no-untyped-def]
    n_years = past.shape[0]
    blocks = np.empty(n_years * (2 * reach // step + 1))
    expected = np.full(sums.shape, np.nan)
    upper, strength = expected.copy(), expected.copy()
    for one in range(sums.shape[0]):
        row = sums[one]
        for time in range(sums.shape[1]):
            if np.isnan(row[time]):
                continue
            n = 0
            for year in range(n_years):
                for shift in range(-reach, reach + 1, step):
                    at = past[year, time] + shift
                    if past[year, time] >= 0 and 0 <= at < time and not np.isnan(row[at]):
                        blocks[n] = row[at]
                        n += 1
            if n < fewest:
                continue
            ordered = np.sort(blocks[:n])
            expected[one, time] = _at(ordered, 0.5)
            upper[one, time] = _at(ordered, share)
            strength[one, time] = _reached(ordered, row[time])
    return expected, upper, strength


@njit(nogil=True, cache=True, error_model="numpy")
def _at(ordered, share):  # type: ignore[no-untyped-def]
    """Give the percentile of ordered blocks, linear between two of them (type 7 of R and Excel's PERCENTILE)."""
    place = share * (ordered.size - 1)
    low = int(np.floor(place + 4e-15))  # so that a share like 0.8 of 5 steps is the fourth block
    if low >= ordered.size - 1:
        return ordered[ordered.size - 1]
    return ordered[low] + max(0.0, place - low) * (ordered[low + 1] - ordered[low])


@njit(nogil=True, cache=True, error_model="numpy")
def _reached(ordered, value):  # type: ignore[no-untyped-def]
    """Give the highest percentile, 0 to 100, that is not above the value."""
    if value < ordered[0]:
        return 0.0
    low = np.searchsorted(ordered, value, side="right") - 1
    if low == ordered.size - 1:
        return 100.0
    return 100.0 * (low + (value - ordered[low]) / (ordered[low + 1] - ordered[low])) / (ordered.size - 1)
