"""
ESSENCE switch: regression with weekdays where it explains the last weeks, else smoothing. For daily streams.

The detector of the United States' syndromic surveillance; CDC's `Rnssp::alert_switch` is the reference, number by
number. *Regression*: a line and six weekdays through the baseline, which ends `g` days before the judged day and
grows from 11 to `b` days. Used where its adjusted R squared is 0.60 or more. *Smoothing*: two exponentially weighted
means, one for slow and one for sudden events, against the mean of 7 to `b` days; the less likely of both speaks.
"""

from functools import lru_cache

import numpy as np
from numba import njit
from scipy.special import stdtr, stdtrit

from sizao.engines.detection.series import Series
from sizao.engines.detection.verdicts import Bools, Floats, Verdicts
from sizao.errors import SizaoError

EXPLAINED = 0.60  # adjusted R squared from which the regression speaks
FEWEST_REGRESSED, FEWEST_SMOOTHED = 11, 7
N_COEFFICIENTS = 8  # intercept, slope and six weekdays
WEEK = 7
SATURDAY, MONDAY_OF_EPOCH = 5, 3  # 1970-01-01 was a Thursday


class DaysNeeded(SizaoError):
    """A stream that is not daily, or whose days are unknown."""

    code = "detection.days_needed"
    message = "The method essence judges daily counts by their weekday: {reason} Give a date for each day."


def essence(
    series: Series, *, b: int, g: int, w1: float, w2: float, alpha: float, detector: str, quiet_days: bool
) -> Verdicts:
    """
    Judge each day of each stream; alarm when the p-value is below `alpha`.

    `statistic` is a Student t: (count - expected) / bounded error of the regression, or of the smoothed count. There
    is no bound in counts, so `upperbound` is the count at which the regression alarms, NaN where smoothing spoke.
    With `quiet_days` an alarm of the regression is dropped when the count is below the mean of its seven days, at
    weekends only if also below that of the same weekday in seven weeks. A gap in a baseline leaves NaN; smoothing
    passes over it. A baseline of one same count is left to smoothing. Raise DaysNeeded.
    """
    weekdays = _weekdays(series)
    counts = np.ascontiguousarray(series.counts)
    by_line = _by_regression(counts, weekdays, b, g, alpha, quiet_days=quiet_days)
    by_mean = _by_smoothing(counts, b, g, w1, w2, alpha)
    if detector != "switch":
        return by_line[0] if detector == "regression" else by_mean
    line, explained = by_line
    with np.errstate(invalid="ignore"):
        return _chosen(explained >= EXPLAINED, line, by_mean)


def _weekdays(series: Series) -> np.ndarray:
    """Give the weekday of each time, Monday 0. Raise DaysNeeded."""
    if series.dates is None:
        raise DaysNeeded(reason="these have no dates.")
    if (np.diff(series.dates) != np.timedelta64(1, "D")).any():
        raise DaysNeeded(reason="these do not follow day by day.")
    days: np.ndarray = (series.dates.astype(np.int64) + MONDAY_OF_EPOCH) % WEEK
    return days


def _chosen(first: Bools, one: Verdicts, other: Verdicts) -> Verdicts:
    columns = ("expected", "upperbound", "statistic", "p_value", "alarm", "trend", "judged")
    return Verdicts(*(np.where(first, getattr(one, name), getattr(other, name)) for name in columns))


def _told(expected: Floats, upper: Floats, statistic: Floats, p_value: Floats, alarm: Bools) -> Verdicts:
    return Verdicts(expected, upper, statistic, p_value, alarm, np.zeros(alarm.shape, np.bool_), ~np.isnan(statistic))


# --- Regression ------------------------------------------------------------------------------------------------


def _by_regression(
    counts: Floats, weekdays: np.ndarray, b: int, g: int, alpha: float, *, quiet_days: bool
) -> tuple[Verdicts, Floats]:
    """Give the verdicts of the regression, and the adjusted R squared, 0 for a baseline of one same count."""
    expected, error, explained = (np.full(counts.shape, np.nan) for _ in "eer")
    for time in range(FEWEST_REGRESSED + g, counts.shape[1]):
        end = time - g
        start = max(0, end - b)
        hat, line = _projection(end - start, int(weekdays[start]), int(weekdays[time]), g)
        expected[:, time], error[:, time], explained[:, time] = _regressed(counts[:, start:end], hat, line)
    n = np.minimum(np.arange(counts.shape[1]) - g, b)
    freedom = np.maximum(n - N_COEFFICIENTS, 1)
    error = np.maximum(error, 0.01 / np.round(stdtrit(freedom, 0.95), 5))
    statistic = (counts - expected) / error
    p_value = _tail(freedom, statistic)
    with np.errstate(invalid="ignore"):
        alarm = p_value < alpha
        if quiet_days:
            alarm &= ~_quiet(counts, weekdays)
    known = ~np.isnan(statistic)
    upper = np.where(known, expected + error * stdtrit(freedom, 1 - alpha), np.nan)
    return _told(np.where(known, expected, np.nan), upper, statistic, p_value, alarm), explained


@lru_cache(maxsize=1024)
def _projection(n: int, first: int, day: int, g: int) -> tuple[Floats, Floats]:
    """Give what turns a baseline, n days from a weekday on, into its fitted counts and the judged day's forecast."""
    weekdays = (first + np.arange(n)) % WEEK
    times = np.arange(1.0, n + 1)
    columns = np.column_stack((np.ones(n), times - n / 2, weekdays[:, None] == np.arange(WEEK - 1)))
    judged = np.concatenate(([1.0, n + g + 1 - n / 2], np.arange(WEEK - 1) == day))
    inverse = np.linalg.pinv(columns)
    return columns @ inverse, judged @ inverse


def _regressed(baseline: Floats, hat: Floats, line: Floats) -> tuple[Floats, Floats, Floats]:
    """Forecast, standard error of the forecast and adjusted R squared, for each series."""
    n = baseline.shape[1]
    freedom = n - N_COEFFICIENTS
    fitted = baseline @ hat.T
    left = ((baseline - fitted) ** 2).sum(axis=1)
    told = ((fitted - fitted.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    constant = (baseline == baseline[:, :1]).all(axis=1)
    left = np.where(constant | (left < 1e-22 * (baseline**2).sum(axis=1)), 0.0, left)  # what rounding alone leaves
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(constant, 0.0, 1 - (1 - told / (left + told)) * (n - 1) / freedom)
    error = np.sqrt(left / freedom) * np.sqrt((n + WEEK) * (n - 4) / (n * (n - WEEK)))
    expected = np.maximum(0.0, baseline @ line)
    gap = np.isnan(expected)
    return expected, error, np.where(gap, np.nan, share)


def _quiet(counts: Floats, weekdays: np.ndarray) -> Bools:
    """Say which days are below the mean of their seven days, at weekends below that of seven same weekdays too."""
    low = counts < _mean_of_seven(counts)
    same_weekday = np.full(counts.shape, fill_value=False)
    for weekday in (SATURDAY, SATURDAY + 1):
        days = np.flatnonzero(weekdays == weekday)
        same_weekday[:, days] = counts[:, days] < _mean_of_seven(counts[:, days])
    quiet: Bools = low & ((weekdays < SATURDAY) | same_weekday)
    return quiet


def _mean_of_seven(counts: Floats) -> Floats:
    means = np.full(counts.shape, np.nan)
    if counts.shape[1] >= WEEK:
        means[:, WEEK - 1 :] = np.lib.stride_tricks.sliding_window_view(counts, WEEK, axis=1).sum(axis=2) / WEEK
    return means


# --- Smoothing -------------------------------------------------------------------------------------------------


def _by_smoothing(counts: Floats, b: int, g: int, w1: float, w2: float, alpha: float) -> Verdicts:
    lengths = np.arange(FEWEST_SMOOTHED, b + 1)
    alert, warning = (np.round(stdtrit(lengths - 1, level), 5) for level in (0.99, 0.95))
    slow, sudden = (_smoothed(counts, b, g, weight, alert, warning) for weight in (w1, w2))
    n = np.minimum(np.arange(counts.shape[1]) - g, b)
    freedom = np.maximum(n - 1, 1)
    expected, statistic = slow
    p_slow, p_sudden = _tail(freedom, statistic), _tail(freedom, sudden[1])
    with np.errstate(invalid="ignore"):
        first = p_slow < p_sudden
        p_value = np.where(first, p_slow, p_sudden)
        alarm = p_value < alpha
    blank = np.full(counts.shape, np.nan)
    return _told(expected, blank, np.where(first, statistic, sudden[1]), p_value, alarm)


def _smoothed(counts: Floats, b: int, g: int, weight: float, alert: Floats, warning: Floats) -> tuple[Floats, Floats]:
    """Give the mean of the baseline and the statistic of the smoothed count, for one weight."""
    n = np.arange(FEWEST_SMOOTHED, b + 1)
    kept = 1 - weight
    spread = np.sqrt(weight / (2 - weight) + 1 / n - 2 * kept ** (g + 1) * (1 - kept**n) / n)
    least = weight / warning * (0.01 + 0.05 * kept**2)
    constant = (0.1289 - (0.2414 - 0.1826 * kept**4) * np.log(10 * 0.05)) * (weight / warning)
    expected, statistic = _ewma(counts, b, g, weight, spread, least, constant, alert)
    return expected, statistic


@njit(nogil=True, cache=True, error_model="numpy")
def _ewma(counts, b, g, weight, spread, least, constant, alert):  # type: ignore[no-untyped-def]
    expected, statistic = np.full(counts.shape, np.nan), np.full(counts.shape, np.nan)
    for one in range(counts.shape[0]):
        row = counts[one]
        level = np.nan
        for time in range(row.size):
            if np.isnan(row[time]):
                continue
            level = row[time] if np.isnan(level) else weight * row[time] + (1 - weight) * level
            end = time - g
            if end < FEWEST_SMOOTHED:
                continue
            baseline = row[max(0, end - b) : end]
            mean = baseline.sum() / baseline.size
            sigma = np.sqrt(((baseline - mean) ** 2).sum() / (baseline.size - 1))
            if np.isnan(sigma):
                continue
            at = baseline.size - FEWEST_SMOOTHED
            error = max(least[at], sigma * spread[at] + constant[at])
            expected[one, time] = mean
            statistic[one, time] = (level - mean) / error
            if abs(statistic[one, time]) > alert[at]:
                # An outbreak may not carry the level away from the baseline for long.
                level = mean + np.sign(statistic[one, time]) * alert[at] * error
    return expected, statistic


def _tail(freedom: np.ndarray, statistic: Floats) -> Floats:
    """Give the upper tail of Student's t, rounded as one less the lower one, which decides ties far out."""
    far: Floats = stdtr(freedom, -np.abs(statistic))
    tail: Floats = np.where(statistic > 0, 1 - (1 - far), 1 - far)
    return tail
