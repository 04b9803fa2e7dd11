"""
Fit the counts of each baseline by quasi-Poisson regression: a level for each season, a trend if wanted.

Iteratively reweighted least squares (McCullagh and Nelder 1989, section 2.5) along the very path of R's
`glm.fit`: start at count + 0.1, stop when the deviance changes by less than 1e-8 of itself, at most 25 rounds,
steps halved when they diverge. The path matters: where all counts of a season are zero there is no best level,
and the round in which it stops is the result.

Levels are disjoint columns, so each weighted least-squares step is solved exactly by taking the weighted mean
of each season out of the trend (Frisch and Waugh 1933): no matrix, and no loss of digits in empty seasons.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.detection.farrington_baseline import Baselines
from sizao.engines.detection.series import Series
from sizao.engines.detection.verdicts import Bools, Floats

Ints = NDArray[np.int64]

MOST_ROUNDS = 25
CLOSE_ENOUGH = 1e-8
LEAST_MEAN = float(np.finfo(np.float64).eps)  # means are kept above it, as R does
LEAST_LINK = float(np.log(LEAST_MEAN))
SINGULAR = 1e-22  # of the trend's sum of squares: below, the trend is a level in disguise
ONE_COUNT = 1 - 1e-12  # a leverage above it is 1: the count alone makes its own mean

FAILED, UNSETTLED, SETTLED = 0, 1, 2

# Columns of the scratch tables of the compiled loop; plain tables, since it compiles many times faster so.
# By count of the baseline: what is given, then where the iteration stands.
CASES, LOG_CASES, FIRST_LINK, POWER, OFFSET, CLOCK, LINK, MEAN, WEIGHT, PRIOR, PULL = range(11)
# By season: its level and that of the round before, its weight, and its mean clock and target.
LEVEL, OLD_LEVEL, MASS, CENTRE, MIDDLE = range(5)
# Of the trend: slope, weighted sum of squares of the clock, slope of the round before.
SLOPE, SPREAD, OLD_SLOPE = range(3)


@dataclass(frozen=True, slots=True)
class Model:
    """
    What to fit: with a trend or not, and how counts with a large Anscombe residual lose weight.

    Residuals above `threshold` do, when `reweight`. With `loses_mean` the weights behind the standard errors
    are overwritten by those of the counts, and with `shifts_clock` a gap at the start of a baseline moves the
    clock of the judged time back, both as in R's `farringtonFlexible` (see docs/guide/farrington.md). With
    `needs_settling` a fit that did not settle is none.
    """

    trend: bool
    reweight: bool
    threshold: float
    loses_mean: bool = False
    shifts_clock: bool = False
    needs_settling: bool = True


class Fits(NamedTuple):
    """
    What was fitted for each series and judged time, all of shape (series, judged times), NaN where nothing.

    `link` is the logarithm of the expected count, `unscaled` its variance before it is multiplied by `scatter`;
    `dispersion` is that of the counts. Neither is kept above 1 here. `slope` is the trend a step,
    `slope_unscaled` its variance before `scatter`, NaN where none was fitted; `freedom` are the residual degrees
    of freedom, `highest` is the highest count of the baseline, also of one whose fit did not settle.
    """

    link: Floats
    unscaled: Floats
    scatter: Floats
    dispersion: Floats
    slope: Floats
    slope_unscaled: Floats
    freedom: Floats
    highest: Floats

    def replaced(self, other: "Fits", where: Bools) -> "Fits":
        """Take the fits of `other` at the marked places."""
        return Fits(*(np.where(where, theirs, ours) for ours, theirs in zip(self, other, strict=True)))


def fit(series: Series, baselines: Baselines, model: Model, wanted: Bools, *, per_head: bool) -> Fits:
    """
    Fit each wanted series and judged time; `wanted` has the shape (series, judged times).

    Gaps in a baseline are left out. With `per_head` the logarithm of the population is an offset.
    """
    counts = np.ascontiguousarray(series.counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_counts = np.where(counts > 0, np.log(counts), 0.0)
        log_population = np.log(series.population) if per_head and series.population is not None else 0.0 * log_counts
    fitted = np.full((len(Fits._fields), *wanted.shape), np.nan)
    flags = model.trend, model.reweight, model.loses_mean, model.shifts_clock, model.needs_settling
    _fit_all(
        (counts, log_counts, np.log(counts + 0.1), counts ** (2 / 3), log_population),
        (baselines.start, baselines.time, baselines.season, baselines.clock, baselines.now, baselines.judged),
        (wanted, fitted),
        (baselines.n_seasons, model.threshold, flags),
    )
    return Fits(*fitted)


@njit(cache=True, error_model="numpy")
def _fit_all(data, baselines, results, settings):  # type: ignore[no-untyped-def]
    start, judged = baselines[0], baselines[5]
    wanted, fitted = results
    longest = 1
    for number in range(len(judged)):
        longest = max(longest, start[number + 1] - start[number])
    table, seasons = np.empty((longest, 11)), np.empty(longest, np.int64)
    levels, trend = np.empty((settings[0], 5)), np.empty(3)
    for row in range(wanted.shape[0]):
        for number in range(len(judged)):
            if wanted[row, number]:
                n_rows, gap = _gather(data, baselines, (table, seasons), row, number)
                now = baselines[4][number] - (gap if settings[2][3] else 0.0), data[4][row, judged[number]]
                scratch = table[:n_rows], seasons[:n_rows], levels, trend
                _fit_one(scratch, fitted[:, row, number], now, settings)


@njit(cache=True, error_model="numpy")
def _gather(data, baselines, into, row, number):  # type: ignore[no-untyped-def]
    """Copy the counts of one baseline that are known; give their number, and how long the gap before the first is."""
    start, time, season, clock = baselines[0], baselines[1], baselines[2], baselines[3]
    counts, log_counts, first_links, powers, log_population = data
    table, seasons = into
    n_rows, gap = 0, 0.0
    for place in range(start[number], start[number + 1]):
        when = time[place]
        if not np.isnan(counts[row, when]):
            if n_rows == 0:
                gap = clock[place] - clock[start[number]]
            table[n_rows, CASES] = counts[row, when]
            table[n_rows, LOG_CASES] = log_counts[row, when]
            table[n_rows, FIRST_LINK] = first_links[row, when]
            table[n_rows, POWER] = powers[row, when]
            table[n_rows, OFFSET] = log_population[row, when]
            table[n_rows, CLOCK] = clock[place]
            table[n_rows, PRIOR] = 1.0
            seasons[n_rows] = season[place]
            n_rows += 1
    return n_rows, gap


@njit(cache=True, error_model="numpy")
def _fit_one(scratch, fitted, now, settings):  # type: ignore[no-untyped-def]
    _, threshold, (with_trend, reweight, loses_mean, _, needs_settling) = settings
    state = _iterate(scratch, with_trend)
    if state == UNSETTLED and with_trend:
        with_trend = False
        state = _iterate(scratch, with_trend)
    if state == UNSETTLED and needs_settling:
        fitted[7] = scratch[0][:, CASES].max()
        return
    if state == FAILED:
        return
    dispersion, scatter, freedom = _dispersions(scratch, with_trend)
    if reweight:
        _reweigh(scratch, with_trend, max(dispersion, 1.0), threshold)
        if _iterate(scratch, with_trend) == FAILED:
            return
        dispersion, scatter, freedom = _dispersions(scratch, with_trend)
    _write(scratch, fitted, now, with_trend)
    fitted[2] = scatter if reweight and loses_mean else dispersion
    fitted[3], fitted[6] = dispersion, freedom


@njit(cache=True, error_model="numpy")
def _iterate(scratch, with_trend):  # type: ignore[no-untyped-def]
    """Run the iteration to its end; the weights of its last round stay in the table."""
    table, _, levels, trend = scratch
    for i in range(len(table)):
        table[i, LINK] = table[i, FIRST_LINK]
        table[i, MEAN] = table[i, CASES] + 0.1
    before = _deviance(table)
    for turn in range(MOST_ROUNDS):
        for season in range(len(levels)):
            levels[season, OLD_LEVEL] = levels[season, LEVEL]
        trend[OLD_SLOPE] = trend[SLOPE]
        if not _solve(scratch, with_trend):
            return FAILED
        deviance = _predict(scratch)
        halvings = 0
        while not np.isfinite(deviance):
            if turn == 0 or halvings == MOST_ROUNDS:
                return FAILED
            deviance = _halve(scratch)
            halvings += 1
        if abs(deviance - before) / (0.1 + abs(deviance)) < CLOSE_ENOUGH:
            return SETTLED
        before = deviance
    return UNSETTLED


@njit(cache=True, error_model="numpy")
def _solve(scratch, with_trend):  # type: ignore[no-untyped-def]
    """Solve one weighted least-squares step for the levels and the slope."""
    table, seasons, levels, trend = scratch
    levels[:, MASS:] = 0.0
    for i in range(len(table)):
        mean, season = table[i, MEAN], seasons[i]
        weight = table[i, PRIOR] * mean
        pull = weight * (table[i, LINK] - table[i, OFFSET]) + table[i, PRIOR] * (table[i, CASES] - mean)
        table[i, WEIGHT], table[i, PULL] = weight, pull
        levels[season, MASS] += weight
        levels[season, CENTRE] += weight * table[i, CLOCK]
        levels[season, MIDDLE] += pull
    for season in range(len(levels)):
        if levels[season, MASS] > 0:
            levels[season, CENTRE] /= levels[season, MASS]
            levels[season, MIDDLE] /= levels[season, MASS]
    trend[SLOPE] = 0.0
    if with_trend and not _slope(scratch):
        return False
    for season in range(len(levels)):
        levels[season, LEVEL] = levels[season, MIDDLE] - trend[SLOPE] * levels[season, CENTRE]
    return True


@njit(cache=True, error_model="numpy")
def _slope(scratch):  # type: ignore[no-untyped-def]
    """Solve for the slope within the seasons; say whether there is one."""
    table, seasons, levels, trend = scratch
    spread, cross, whole = 0.0, 0.0, 0.0
    for i in range(len(table)):
        season, clock, weight = seasons[i], table[i, CLOCK], table[i, WEIGHT]
        away = clock - levels[season, CENTRE]
        spread += weight * away * away
        cross += away * (table[i, PULL] - weight * levels[season, MIDDLE])
        whole += weight * clock * clock
    trend[SLOPE], trend[SPREAD] = cross / spread, spread
    return spread > SINGULAR * whole


@njit(cache=True, error_model="numpy")
def _predict(scratch):  # type: ignore[no-untyped-def]
    """Set link and mean of each count by the levels and the slope; give the deviance."""
    table, seasons, levels, trend = scratch
    slope = trend[SLOPE]
    for i in range(len(table)):
        link = levels[seasons[i], LEVEL] + slope * table[i, CLOCK] + table[i, OFFSET]
        table[i, LINK] = link
        table[i, MEAN] = max(np.exp(link), LEAST_MEAN)
    return _deviance(table)


@njit(cache=True, error_model="numpy")
def _halve(scratch):  # type: ignore[no-untyped-def]
    """Go back half of the way to the round before."""
    levels, trend = scratch[2], scratch[3]
    for season in range(len(levels)):
        levels[season, LEVEL] = (levels[season, LEVEL] + levels[season, OLD_LEVEL]) / 2
    trend[SLOPE] = (trend[SLOPE] + trend[OLD_SLOPE]) / 2
    return _predict(scratch)


@njit(cache=True, error_model="numpy")
def _deviance(table):  # type: ignore[no-untyped-def]
    half = 0.0
    for i in range(len(table)):
        cases = table[i, CASES]
        lost = 0.0 if cases == 0 else cases * (table[i, LOG_CASES] - max(table[i, LINK], LEAST_LINK)) - cases
        half += table[i, PRIOR] * (lost + table[i, MEAN])
    return 2 * half


@njit(cache=True, error_model="numpy")
def _dispersions(scratch, with_trend):  # type: ignore[no-untyped-def]
    """Give the dispersion by the weights of the fit, that by those of the counts alone, and its freedom."""
    table, _, levels, _ = scratch
    fitted, prior, freedom = 0.0, 0.0, -1 if with_trend else 0
    for season in range(len(levels)):
        freedom -= levels[season, MASS] > 0
    for i in range(len(table)):
        residual = (table[i, CASES] - table[i, MEAN]) / table[i, MEAN]
        fitted += table[i, WEIGHT] * residual * residual
        prior += table[i, PRIOR] * residual * residual
        freedom += table[i, PRIOR] > 0
    if freedom <= 0:
        return np.nan, np.nan, freedom
    return fitted / freedom, prior / freedom, freedom


@njit(cache=True, error_model="numpy")
def _reweigh(scratch, with_trend, dispersion, threshold):  # type: ignore[no-untyped-def]
    """Set the weight of each count by its standardised Anscombe residual."""
    table, seasons, levels, trend = scratch
    whole = 0.0
    for i in range(len(table)):
        leverage = 1 / levels[seasons[i], MASS]
        if with_trend:
            leverage += (table[i, CLOCK] - levels[seasons[i], CENTRE]) ** 2 / trend[SPREAD]
        leverage *= table[i, WEIGHT]
        sixth = np.exp(max(table[i, LINK], LEAST_LINK) / 6)
        raw = 1.5 * (table[i, POWER] / sixth - sixth**3)
        # A count alone in its season fits itself: it has no residual, whatever rounding leaves over.
        residual = 0.0 if leverage > ONE_COUNT else raw / np.sqrt(dispersion * (1 - leverage))
        table[i, PRIOR] = residual**-2.0 if residual > threshold else 1.0
        whole += table[i, PRIOR]
    for i in range(len(table)):
        table[i, PRIOR] *= len(table) / whole


@njit(cache=True, error_model="numpy")
def _write(scratch, fitted, now, with_trend):  # type: ignore[no-untyped-def]
    """Predict the judged time, which lies in the last season."""
    table, _, levels, trend = scratch
    clock, offset = now
    last = len(levels) - 1
    if not levels[last, MASS] > 0:
        return
    fitted[0] = levels[last, LEVEL] + trend[SLOPE] * clock + offset
    fitted[1] = 1 / levels[last, MASS]
    if with_trend:
        fitted[1] += (clock - levels[last, CENTRE]) ** 2 / trend[SPREAD]
        fitted[4], fitted[5] = trend[SLOPE], 1 / trend[SPREAD]
    fitted[7] = table[:, CASES].max()
