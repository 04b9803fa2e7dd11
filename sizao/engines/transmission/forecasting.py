"""
The days ahead by the renewal equation, with what is not known of the present, beside a naive forecast.

Each day's cases are negative binomial around R times the infection pressure, which earlier cases exert by
the serial interval (Fraser 2007, PLoS ONE 2:e758; Nouvellet et al. 2018, Epidemics 22:3-11). Log R moves by
a random step every day and is drawn back towards 0: what is growing or shrinking now does so less and less
surely, as people and control answer to it. This is the damped trend that serves forecasts of most kinds
best (Gardner and McKenzie 1985, Manage Sci 31:1237-46). How large the steps are, and how much counts
scatter, is learnt from the outbreak's own last weeks (`reproduction_course`); a weekday factor is used where
those weeks show one (`weekdays`). Each draw takes one curve of the nowcast.

The naive forecast is the baseline of the forecast hubs (Cramer et al. 2022, PNAS 119:e2113561119): the mean
of the last week stays, and errs as weekly means erred before, up as often as down. A forecast that does not
beat it is not worth showing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.engines.transmission.reproduction_course import Course, follow_reproduction
from sizao.engines.transmission.scores import covered, crps
from sizao.engines.transmission.weekdays import weekday_factors
from sizao.errors import SizaoError

Floats = NDArray[np.float64]

WEEK = 7
MEMORY_DAYS = 56  # the past from which the course of R is learnt
KNOWN_SHARE = 0.8  # of the serial interval behind a day; before, infectors are missing from the curve
MOST_CURVES = 100  # of a nowcast, which are followed one by one
DIFFERENCES = 60  # the latest changes from day to day of the weekly mean that the naive forecast draws from
MOST_CASES = 1e7  # a day; a draw that explodes stops growing here
LARGEST_LOG_R = 4.0


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

    R begins with a mean of `prior_mean` and a standard deviation of `prior_sd`. Of log R a share of
    `persistence` stays from one day to the next, the rest goes back to 0 (R = 1), and a step of standard
    deviation `drift_sd` is added; `dispersion` is that of the negative binomial. None: learnt from the last
    weeks. `weekdays` lets weekdays differ where the last weeks did.
    """

    days: int = 14
    prior_mean: float = 1.0
    prior_sd: float = 0.5
    persistence: float = 0.9
    drift_sd: float | None = None
    dispersion: float | None = None
    weekdays: bool = True
    level: float = 0.95
    draws: int = 1000


@dataclass(frozen=True)
class Forecast:
    """
    Counts of the days ahead: `draws` of shape (draws, days), the rest (days,).

    `reproduction` is the R that each draw began with (of the last day seen), NaN for a naive forecast.
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
    curves, serial = _checked(np.atleast_2d(curves)), np.asarray(serial, np.float64)
    if len(curves) > MOST_CURVES:
        curves = curves[rng.choice(len(curves), MOST_CURVES, replace=False)]
    factors = weekday_factors(curves.mean(axis=0)) if rules.weekdays else np.ones(WEEK)
    times = np.arange(curves.shape[1])
    factor = factors[(times - times[-1]) % WEEK]
    course = _learn(curves, factor, serial, rules)
    drawn, reproduction = _carry_on(curves / factor, course, factors, serial, rng, rules)
    return _told(drawn, reproduction, rules.level)


def naive(counts: Floats, *, rng: np.random.Generator, rules: ForecastRules | None = None) -> Forecast:
    """Carry the mean of the last week on, with errors as large as they were; `counts` has shape (times,)."""
    rules = rules or ForecastRules()
    counts = _checked(np.atleast_2d(counts))[0]
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


def _checked(curves: Floats) -> Floats:
    if curves.shape[1] <= WEEK:
        raise TooFewDays(days=curves.shape[1], least=WEEK + 1)
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


def _learn(curves: Floats, factor: Floats, serial: Floats, rules: ForecastRules) -> Course:
    """Follow R through the last weeks, from when the infectors of a day are mostly on the curve."""
    pressure = _pressure(curves / factor, serial) * factor
    seen = np.flatnonzero(curves.any(axis=0))
    first = int(seen[0]) if seen.size else 0
    full = first + 1 + int(np.searchsorted(np.cumsum(serial), KNOWN_SHARE * serial.sum()))
    since = max(1, curves.shape[1] - MEMORY_DAYS, min(full, curves.shape[1] - WEEK))
    return follow_reproduction(
        curves[:, since:],
        pressure[:, since:],
        persistence=rules.persistence,
        start=(rules.prior_mean, rules.prior_sd),
        drift=rules.drift_sd,
        size=rules.dispersion,
    )


def _carry_on(
    past: Floats, course: Course, factors: Floats, serial: Floats, rng: np.random.Generator, rules: ForecastRules
) -> tuple[Floats, Floats]:
    """Draw the days ahead and the R they begin with; `past` is without weekdays, what comes back is with them."""
    curve = rng.integers(len(past), size=rules.draws)
    log_r, drift, size = course.draw(curve, rng)
    reproduction = np.exp(log_r)
    lags, held = len(serial), min(len(serial), past.shape[1])
    # Days before the first are days without cases.
    padded = np.zeros((rules.draws, lags + rules.days))
    padded[:, lags - held : lags] = past[curve, past.shape[1] - held :]
    factor = factors[np.arange(1, rules.days + 1) % WEEK]
    for ahead in range(rules.days):
        log_r = rules.persistence * log_r + rng.normal(0.0, drift)
        pressure = padded[:, ahead : ahead + lags] @ serial[::-1]
        mean = np.minimum(np.exp(np.minimum(log_r, LARGEST_LOG_R)) * pressure * factor[ahead], MOST_CASES)
        padded[:, lags + ahead] = rng.poisson(mean * rng.gamma(size, 1 / size)) / factor[ahead]
    return np.round(padded[:, lags:] * factor), reproduction


def _told(drawn: Floats, reproduction: Floats, level: float) -> Forecast:
    ends = np.quantile(drawn, ((1 - level) / 2, 0.5, (1 + level) / 2), axis=0)
    return Forecast(drawn, reproduction, drawn.mean(axis=0), ends[1], ends[0], ends[2])
