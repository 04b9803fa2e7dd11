"""
The days ahead by the renewal equation, with what is not known of the present, beside a naive forecast.

Each draw takes one curve of the nowcast, a reproduction number from its posterior over the last window
(Cori et al. 2013, Am J Epidemiol 178:1505), lets log R wander by a little every day, and draws each day's
cases around R times the infection pressure, negative binomial with the dispersion that the past showed.

The naive forecast is the baseline of the forecast hubs (Cramer et al. 2022, PNAS 119:e2113561119): the mean
of the last week stays, and errs as weekly means erred before, up as often as down. A forecast that does not
beat it is not worth showing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.engines.transmission.scores import covered, crps
from sizao.errors import SizaoError

Floats = NDArray[np.float64]

WEEK = 7
DISPERSION_DAYS = 28
DIFFERENCES = 60  # the latest changes from day to day of the weekly mean that the naive forecast draws from
MOST_CASES = 1e7  # a day; a draw that explodes stops growing here
LARGEST_DISPERSION = 1e6  # as good as a Poisson


class TooFewDays(SizaoError):
    code = "forecast.too_few_days"
    message = "There are {days} days of counts, and a forecast needs at least {least}. Wait for more."


class WrongCounts(SizaoError):
    code = "forecast.wrong_counts"
    message = "A forecast needs counts of zero or more without gaps. Fill or leave out the days before the gap."


@dataclass(frozen=True)
class ForecastRules:
    """
    Choices of a forecast.

    R comes from the last `window_days`, with a gamma prior of `prior_mean` and `prior_sd`. `drift_sd` is the
    daily change of log R. `dispersion` is that of the negative binomial (None: from the past weeks).
    """

    days: int = 14
    window_days: int = 7
    prior_mean: float = 1.5
    prior_sd: float = 1.5
    drift_sd: float = 0.04
    dispersion: float | None = None
    level: float = 0.95
    draws: int = 1000


@dataclass(frozen=True)
class Forecast:
    """
    Counts of the days ahead: `draws` of shape (draws, days), the rest (days,).

    `reproduction` is the R that each draw began with, NaN for a naive forecast.
    """

    draws: Floats
    reproduction: Floats
    mean: Floats
    median: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Evaluation:
    """
    Forecasts from earlier days, scored by what came: arrays of shape (origins, days), NaN where nothing came yet.

    `origins` are the indices of the last day that each forecast saw.
    """

    origins: NDArray[np.int64]
    crps: Floats
    naive_crps: Floats
    covered: Floats
    naive_covered: Floats

    @property
    def skill(self) -> float:
        """1 - CRPS / CRPS of the naive forecast: above zero is better than naive, below is worse."""
        naive_score = float(np.nanmean(self.naive_crps)) if np.isfinite(self.naive_crps).any() else np.nan
        return 1 - float(np.nanmean(self.crps)) / naive_score if naive_score > 0 else float("nan")

    @property
    def coverage(self) -> float:
        """Share of the days that lay inside their interval."""
        return float(np.nanmean(self.covered)) if np.isfinite(self.covered).any() else float("nan")


def forecast(
    curves: Floats, *, serial: Floats, rng: np.random.Generator, rules: ForecastRules | None = None
) -> Forecast:
    """
    Carry curves on by the renewal equation.

    `curves` are daily counts of shape (curves, times): draws of a nowcast, or one row of counts. `serial[i]`
    is the chance that a case follows its infector by i + 1 days. Raise TooFewDays or WrongCounts.
    """
    rules = rules or ForecastRules()
    curves, serial = _checked(np.atleast_2d(curves), rules), np.asarray(serial, np.float64)
    past = curves[rng.integers(len(curves), size=rules.draws)] if len(curves) > 1 else np.repeat(curves, rules.draws, 0)
    reproduction = _draw_reproduction(past, serial, rng, rules)
    dispersion = rules.dispersion or _dispersion(curves.mean(axis=0), serial, rules)
    drawn = _carry_on(past, reproduction, dispersion, serial, rng, rules)
    return _told(drawn, reproduction, rules.level)


def naive(counts: Floats, *, rng: np.random.Generator, rules: ForecastRules | None = None) -> Forecast:
    """Carry the mean of the last week on, with errors as large as they were; `counts` has shape (times,)."""
    rules = rules or ForecastRules()
    counts = _checked(np.atleast_2d(counts), rules)[0]
    weekly = np.convolve(counts, np.ones(WEEK) / WEEK, mode="valid")
    changes = np.diff(weekly)[-DIFFERENCES:]
    both_ways = np.r_[changes, -changes]
    level = weekly[-1] + np.cumsum(rng.choice(both_ways, size=(rules.draws, rules.days)), axis=1)
    drawn = rng.poisson(np.clip(level, 0, MOST_CASES)).astype(np.float64)
    return _told(drawn, np.full(rules.draws, np.nan), rules.level)


def evaluate(
    counts: Floats,
    *,
    serial: Floats,
    rng: np.random.Generator,
    rules: ForecastRules | None = None,
    start: int,
    every: int = WEEK,
) -> Evaluation:
    """
    Forecast from day `start` and each `every` days after it, seeing only the days up to then, and score all.

    `counts` are complete daily counts. Days that have not come yet are NaN in every score.
    """
    rules = rules or ForecastRules()
    origins = np.arange(start, len(counts) - 1, every)
    future = np.r_[np.asarray(counts, np.float64), np.full(rules.days, np.nan)]
    scores: list[list[Floats]] = [[], [], [], []]
    for origin in origins:
        seen, came = counts[: origin + 1], future[origin + 1 : origin + 1 + rules.days]
        ours = forecast(seen, serial=serial, rng=rng, rules=rules)
        theirs = naive(seen, rng=rng, rules=rules)
        for told, (score, inside) in zip((ours, theirs), (scores[:2], scores[2:]), strict=True):
            score.append(crps(told.draws, came))
            inside.append(covered(told.lower, told.upper, came))
    ours_crps, ours_in, naive_crps, naive_in = (np.array(part).reshape(-1, rules.days) for part in scores)
    return Evaluation(origins, ours_crps, naive_crps, ours_in, naive_in)


def _checked(curves: Floats, rules: ForecastRules) -> Floats:
    least = max(rules.window_days, WEEK) + 1
    if curves.shape[1] < least:
        raise TooFewDays(days=curves.shape[1], least=least)
    curves = np.asarray(curves, np.float64)
    if not (np.isfinite(curves).all() and (curves >= 0).all()):
        raise WrongCounts
    return curves


def _pressure(curves: Floats, serial: Floats) -> Floats:
    """Sum earlier cases by the serial interval, shape as `curves`."""
    pressure = np.zeros_like(curves)
    for lag, chance in enumerate(serial[: curves.shape[1] - 1], start=1):
        pressure[:, lag:] += chance * curves[:, :-lag]
    return pressure


def _draw_reproduction(past: Floats, serial: Floats, rng: np.random.Generator, rules: ForecastRules) -> Floats:
    """Draw R from its gamma posterior over the last window, one a curve; the first day's cases were imported."""
    window = slice(max(1, past.shape[1] - rules.window_days), None)
    shape = (rules.prior_mean / rules.prior_sd) ** 2 + past[:, window].sum(axis=1)
    rate = rules.prior_mean / rules.prior_sd**2 + _pressure(past, serial)[:, window].sum(axis=1)
    return np.asarray(rng.gamma(shape, 1 / rate))


def _dispersion(counts: Floats, serial: Floats, rules: ForecastRules) -> float:
    """Estimate the dispersion by moments: how much days scatter around what R of their week let expect."""
    pressure = _pressure(counts[None], serial)[0]
    window = np.ones(rules.window_days)
    caused = np.convolve(counts, window, mode="same")[-DISPERSION_DAYS:]
    possible = np.convolve(pressure, window, mode="same")[-DISPERSION_DAYS:]
    late, pressure = counts[-DISPERSION_DAYS:], pressure[-DISPERSION_DAYS:]
    expected = np.divide(caused * pressure, possible, out=np.zeros_like(late), where=possible > 0)
    excess = float(((late - expected) ** 2 - expected)[expected > 0].sum())
    if excess <= 0:
        return LARGEST_DISPERSION
    return min(float((expected**2).sum()) / excess, LARGEST_DISPERSION)


def _carry_on(
    past: Floats,
    reproduction: Floats,
    dispersion: float,
    serial: Floats,
    rng: np.random.Generator,
    rules: ForecastRules,
) -> Floats:
    lags = min(len(serial), past.shape[1] + rules.days)
    weights = serial[:lags][::-1]
    # Days before the first are days without cases.
    padded = np.zeros((len(past), lags + rules.days))
    held = min(lags, past.shape[1])
    padded[:, lags - held : lags] = past[:, past.shape[1] - held :]
    log_r = np.log(reproduction)
    for day in range(lags, lags + rules.days):
        log_r = log_r + rng.normal(0.0, rules.drift_sd, len(past))
        mean = np.minimum(np.exp(log_r) * (padded[:, day - lags : day] @ weights), MOST_CASES)
        padded[:, day] = rng.poisson(mean * rng.gamma(dispersion, 1 / dispersion, len(past)))
    return padded[:, lags:]


def _told(drawn: Floats, reproduction: Floats, level: float) -> Forecast:
    ends = np.quantile(drawn, ((1 - level) / 2, 0.5, (1 + level) / 2), axis=0)
    return Forecast(drawn, reproduction, drawn.mean(axis=0), ends[1], ends[0], ends[2])
