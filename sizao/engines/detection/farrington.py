"""
Is a count above what the same weeks of past years let expect? Farrington's method and the improved one.

Farrington, Andrews, Beale and Catchpole 1996 (Journal of the Royal Statistical Society A 159, 547); Noufaily et
al. 2013 (Statistics in Medicine 32, 1206). Reference, number by number: `algo.farrington` and
`farringtonFlexible` of R's `surveillance` 1.20 to 1.26, whose departures are told in docs/guide/farrington.md.

All series and times of a call are fitted in one compiled loop: first with a trend; where the trend is not
significant, would extrapolate, or rests on fewer than three years, once more without.
"""

from dataclasses import replace
from typing import Literal

import numpy as np
from scipy.special import stdtr

from sizao.engines.detection.farrington_baseline import (
    BaselineImpossible,
    Baselines,
    Span,
    Windows,
    flexible_baselines,
    follows_dates,
    original_baselines,
)
from sizao.engines.detection.farrington_bounds import Bounds, delta_bounds, discrete_bounds, normal_quantile
from sizao.engines.detection.farrington_fit import Fits, Model, fit
from sizao.engines.detection.series import Series
from sizao.engines.detection.verdicts import Bools, Floats, Verdicts

FEWEST_YEARS_FOR_TREND = 3

Asked = Span | Literal["auto"]


def farrington(
    series: Series,
    *,
    b: int,
    w: int,
    alpha: float,
    reweight: bool,
    weights_threshold: float,
    trend: bool,
    trend_p: float,
    limit54: tuple[int, int],
    power_transform: str,
    population_offset: bool,
    calendar: str,
    range: Asked,
) -> Verdicts:
    """
    Judge by the original method: the bound is the upper end of a two-sided interval of 1 - alpha.

    Where the cases of the last weeks are too few (`limit54`), statistic and upperbound are 0, as in R. Gaps in
    the baseline are left out of it; a gap at the time itself, or among the last weeks of `limit54`, is not judged.
    """
    asked = None if range == "auto" else range
    baselines = original_baselines(series, Windows(b, w), asked, by_dates=follows_dates(series, calendar))
    model = Model(trend, reweight, weights_threshold, needs_settling=False)
    fits, trended = _fitted(series, baselines, model, years=b, trend_p=trend_p, per_head=population_offset)
    counts = series.counts[:, baselines.judged]
    z, scatter = normal_quantile(1 - alpha / 2), np.maximum(fits.dispersion, 1)
    with np.errstate(all="ignore"):
        bounds = delta_bounds(fits, counts, z=z, power=power_transform, scatter=scatter)
    enough = _enough(series.counts, limit54)[:, baselines.judged]
    quiet = np.where(enough == 1, 1.0, np.where(enough == 0, 0.0, np.nan))
    score, upper = bounds.score * quiet, bounds.upper * quiet
    return _verdicts(
        series, baselines, Bounds(bounds.expected, upper, score, bounds.chance), alarm=score > 1, trended=trended
    )


def farrington_flexible(
    series: Series,
    *,
    b: int,
    w: int,
    alpha: float,
    no_periods: int,
    past_weeks_excluded: int | None,
    reweight: bool,
    weights_threshold: float,
    trend: bool,
    trend_p: float,
    threshold: str,
    limit54: tuple[int, int],
    power_transform: str,
    population_offset: bool,
    calendar: str,
    as_surveillance: bool,
    range: Asked,
) -> Verdicts:
    """
    Judge by the improved method: a one-sided bound of 1 - alpha, with seasons and the years between.

    Where the cases of the last weeks are too few (`limit54`), expected and upperbound are NaN, as in R, the
    score is kept and there is no alarm. `as_surveillance` gives the standard errors and the trend test of R as
    shipped. A fit that does not settle, as where no case was ever seen, is not judged; nor is a gap at the time
    itself or among the last weeks.
    """
    windows = Windows(b, w, no_periods, excluded=w if past_weeks_excluded is None else past_weeks_excluded)
    asked, by_dates = None if range == "auto" else range, follows_dates(series, calendar)
    baselines = flexible_baselines(series, windows, asked, by_dates=by_dates)
    model = Model(trend, reweight, weights_threshold, as_surveillance, as_surveillance and by_dates)
    fits, trended = _fitted(series, baselines, model, years=b, trend_p=trend_p, per_head=population_offset)
    counts, z = series.counts[:, baselines.judged], normal_quantile(1 - alpha)
    with np.errstate(all="ignore"):
        if threshold == "delta":
            bounds = delta_bounds(fits, counts, z=z, power=power_transform, scatter=fits.scatter)
        else:
            bounds = discrete_bounds(fits, counts, alpha=alpha, z=z, with_error_of_fit=threshold == "muan")
    enough = _enough(series.counts, limit54)[:, baselines.judged] == 1
    alarm = (bounds.score > 1) & (counts != 0) & enough
    # Never a case in a long baseline: the fit sinks without end, and R tells an expectation of 0 without a bound.
    never = np.isnan(fits.link) & (fits.highest == 0)
    expected = np.where(never, 0.0, np.where(enough, bounds.expected, np.nan))
    told = Bounds(expected, np.where(enough, bounds.upper, np.nan), bounds.score, bounds.chance)
    return _verdicts(series, baselines, told, alarm=alarm, trended=trended)


def _fitted(
    series: Series, baselines: Baselines, model: Model, *, years: int, trend_p: float, per_head: bool
) -> tuple[Fits, Bools]:
    """Fit with the trend where it may stay, without where not; say where it stayed. Raise BaselineImpossible."""
    if per_head and series.population is None:
        raise BaselineImpossible(reason="Counts per head need a population, and none is given.")
    everywhere = np.isfinite(series.counts[:, baselines.judged])
    fits = fit(series, baselines, model, everywhere, per_head=per_head)
    if not model.trend:
        return fits, np.zeros_like(everywhere)
    has_trend = np.isfinite(fits.slope)
    with np.errstate(all="ignore"):
        t = fits.slope / np.sqrt(fits.scatter * fits.slope_unscaled)
        significant = 2 * stdtr(fits.freedom, -np.abs(t)) < trend_p
        within = np.exp(fits.link) <= fits.highest
    stays: Bools = has_trend & significant & within & (years >= FEWEST_YEARS_FOR_TREND)
    again = has_trend & ~stays
    plain = fit(series, baselines, replace(model, trend=False), again, per_head=per_head)
    return fits.replaced(plain, again), stays


def _enough(counts: Floats, limit54: tuple[int, int]) -> Floats:
    """Say 1 where the cases of the last weeks, this one among them, reach the least number, else 0; NaN at gaps."""
    cases, weeks = limit54
    enough = np.full(counts.shape, np.nan)
    if counts.shape[1] >= weeks:
        sums = np.lib.stride_tricks.sliding_window_view(counts, weeks, axis=1).sum(axis=2)
        enough[:, weeks - 1 :] = np.where(np.isnan(sums), np.nan, sums >= cases)
    return enough


def _verdicts(series: Series, baselines: Baselines, bounds: Bounds, *, alarm: Bools, trended: Bools) -> Verdicts:
    """Lay the judged times out over all times."""

    def laid(values: Floats) -> Floats:
        whole = np.full(series.counts.shape, np.nan)
        whole[:, baselines.judged] = values
        return whole

    def marked(values: Bools) -> Bools:
        whole = np.zeros(series.counts.shape, dtype=np.bool_)
        whole[:, baselines.judged] = values
        return whole

    return Verdicts(
        expected=laid(bounds.expected),
        upperbound=laid(bounds.upper),
        statistic=laid(bounds.score),
        chance=laid(bounds.chance),
        alarm=marked(alarm),
        trend=marked(trended),
        judged=marked(np.isfinite(bounds.score)),
    )
