"""
Generalised likelihood ratio of negative-binomial or Poisson counts: has the mean changed, since when?

Höhle and Paul 2008 (Computational Statistics and Data Analysis 52, 4357). R's `surveillance::glrnb` is the
reference, number by number. After an alarm the chart starts anew from the next time.
"""

from dataclasses import dataclass

import numpy as np

from sizao.engines.detection import count_regression
from sizao.engines.detection.glr_cases import needed_cases
from sizao.engines.detection.glr_charts import Chart
from sizao.engines.detection.series import Series, Times, monitored
from sizao.engines.detection.verdicts import Bools, Floats, Verdicts
from sizao.errors import SizaoError


class ChartUnknown(SizaoError):
    """Settings that do not go together."""

    code = "detection.chart_unknown"
    message = "{reason} Change one of the settings."


@dataclass(frozen=True)
class MeanModel:
    """How the mean without an outbreak is known: given, or by regression on the times before."""

    mu0: float | None
    alpha: float | None
    s: int
    trend: bool
    refit: bool
    period: int

    def means(self, row: Floats, first: int, last: int, alpha: float | None) -> tuple[Floats, float]:
        """Give the means of the times from `first` to before `last`, and alpha; NaN when they cannot be known."""
        if self.mu0 is not None:
            return np.full(last - first, self.mu0), alpha or 0.0
        known = np.flatnonzero(~np.isnan(row[:first]))
        n_columns = 1 + self.trend + 2 * self.s
        if len(known) <= n_columns or self.period <= 2 * self.s:
            return np.full(last - first, np.nan), np.nan
        columns = count_regression.harmonics(np.arange(1.0, last + 1), self.period, self.s, trend=self.trend)
        try:
            if alpha is None:
                beta, alpha = count_regression.fit_unknown(columns[known], row[known])
            else:
                beta = count_regression.fit_known(columns[known], row[known], alpha)
        except (np.linalg.LinAlgError, ZeroDivisionError):
            return np.full(last - first, np.nan), np.nan
        return np.maximum(np.exp(columns[first:] @ beta), count_regression.LEAST_MEAN), alpha


def glrnb(
    series: Series,
    *,
    range: Times,
    c_arl: float,
    mu0: float | None,
    alpha: float | None,
    m_tilde: int,
    m: int,
    change: str,
    theta: float | None,
    dir: str,
    ret: str,
    s: int,
    trend: bool,
    refit: bool,
    x_max: int,
) -> Verdicts:
    """
    Chart each series over the monitored times.

    `expected` is the mean without a change, `statistic` the log likelihood ratio; `upperbound` is the statistic
    (ret value) or the number of cases that would have raised an alarm (ret cases), as R gives it. A gap is passed
    over, as if its time had not been. A series whose mean cannot be estimated is not judged. Raise ChartUnknown.
    """
    chart = Chart(c_arl, m_tilde, m, change, theta, 1 if dir == "inc" else -1, ret, x_max)
    _check(chart, mu0, alpha)
    model = MeanModel(mu0, alpha, s, trend, refit, series.period)
    first, last = monitored(series, range, 0 if mu0 is not None else 2 * series.period)
    shape = series.counts.shape
    expected, upper, statistic = (np.full(shape, np.nan) for _ in "eus")
    alarm = np.zeros(shape, np.bool_)
    for one, row in enumerate(series.counts):
        _run(row, first, last, chart, model, (expected[one], upper[one], statistic[one], alarm[one]))
    blank = np.full(shape, np.nan)
    return Verdicts(expected, upper, statistic, blank, alarm, np.zeros(shape, np.bool_), ~np.isnan(statistic))


def _check(chart: Chart, mu0: float | None, alpha: float | None) -> None:
    if mu0 is not None and alpha is None:
        raise ChartUnknown(reason="With a given mu0, alpha must be given too.")
    if chart.change == "epi" and (chart.ret == "cases" or chart.theta is not None or chart.up < 0):
        raise ChartUnknown(reason="The chart change=epi has no ret=cases, no theta and no dir=dec.")
    if chart.theta is not None and chart.up < 0:
        raise ChartUnknown(reason="A known change (theta) is charted upwards only: dir=inc.")


def _run(
    row: Floats, first: int, last: int, chart: Chart, model: MeanModel, out: tuple[Floats, Floats, Floats, Bools]
) -> None:
    """Chart one series, run after run, into the four rows of `out`."""
    expected, upper, statistic, alarm = out
    if first >= last:
        return
    means, alpha = model.means(row, first, last, model.alpha)
    if not (np.isfinite(means).all() and np.isfinite(alpha)):
        return
    expected[first:last] = means
    expected[np.isnan(row)] = np.nan
    times = first + np.flatnonzero(~np.isnan(row[first:last]))
    mean_of = np.full(len(row), np.nan)
    mean_of[first:last] = means
    before = 0.0
    while len(times):
        x, mu0 = row[times], mean_of[times]
        n, values = chart.kernel(alpha)(
            x, mu0, before, alpha, chart.theta or 0.0, chart.c_arl, chart.m, chart.m_tilde, chart.up
        )
        now = times[:n]
        statistic[now] = np.maximum(values[: len(now)], 0.0)
        upper[now] = statistic[now] if chart.ret == "value" else needed_cases(chart, x, mu0, alpha, n, values)
        if n > len(times):
            return
        alarm[now[-1]], before, times = True, x[n - 1], times[n:]
        if model.refit and len(times):
            mean_of[times[0] : last], _ = model.means(row, int(times[0]), last, alpha)
            expected[times] = mean_of[times]
