"""How many cases would have raised an alarm: the bound of a likelihood-ratio chart in counts."""

import numpy as np

from sizao.engines.detection.glr_charts import Chart, nb_at, poisson_at
from sizao.engines.detection.verdicts import Floats

NEVER = 1e99  # R's sign for "no number of cases up to x_max"


def needed_cases(chart: Chart, x: Floats, mu0: Floats, alpha: float, n: int, values: Floats) -> Floats:
    """
    Give the bound for each time of one run up to its alarm, `n` times long, as R gives it; never below zero.

    For negative-binomial counts and an unknown change R tries counts upwards from the one seen (downwards at the
    alarm), says 1e99 when none up to `x_max` alarms, and tries none where the count is zero, which gives 1e99 too.
    """
    length = min(n, len(x))
    if chart.theta is not None:
        cases = _for_known_change(chart.theta, chart.c_arl, mu0[:length], alpha, values[:length])
    elif alpha == 0:
        cases = np.array([_fewest_poisson(chart, x, mu0, time) for time in range(length)])
    else:
        cases = np.array([_tried_nb(chart, x, mu0, alpha, time, alarmed=n == time + 1) for time in range(length)])
    bounds: Floats = np.fmax(cases, 0.0)  # a bound that was not found is 0, as in R
    return bounds


def _for_known_change(theta: float, limit: float, mu0: Floats, alpha: float, values: Floats) -> Floats:
    before = np.concatenate(([0.0], values[:-1]))
    if alpha == 0:
        poisson: Floats = (limit - before + mu0 * (np.exp(theta) - 1)) / theta
        return poisson
    ratio = np.log((1 + alpha * mu0) / (1 + alpha * mu0 * np.exp(theta)))
    bound: Floats = -(before * alpha + ratio - limit * alpha) / alpha / (theta + ratio)
    return bound


def _fewest_poisson(chart: Chart, x: Floats, mu0: Floats, time: int) -> float:
    """Find the first count from zero at which the statistic crosses the limit: it rises, or falls, all the way."""
    if time < (chart.m_tilde if chart.m > 0 else chart.m_tilde - 1):
        return 0.0
    tried = x[: time + 1].copy()

    def crossed(count: float) -> bool:
        tried[time] = count
        value = poisson_at(tried, mu0, time, chart.m, chart.m_tilde, chart.up)
        return bool(chart.up * value >= chart.up * chart.c_arl)

    if crossed(0):
        return 0.0
    high = 1
    while not crossed(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if crossed(middle) else (middle, high)
    return float(high)


def _tried_nb(chart: Chart, x: Floats, mu0: Floats, alpha: float, time: int, *, alarmed: bool) -> float:
    tried = x[: time + 1].copy()
    while 1 <= tried[time] <= chart.x_max:
        tried[time] += -1 if alarmed else 1
        value = nb_at(tried, mu0, alpha, time, chart.m, chart.m_tilde, chart.up)
        if time >= chart.m_tilde - 1 and (value >= chart.c_arl) != alarmed:
            return float(tried[time] + alarmed)
    return np.nan if alarmed else NEVER
