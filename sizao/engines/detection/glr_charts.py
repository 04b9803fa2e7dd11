"""
Likelihood-ratio charts for counts, compiled: one run from its start to its first alarm.

The statistic of a time is the greatest log likelihood ratio over all times at which a change may have begun
(Höhle and Paul 2008, Computational Statistics and Data Analysis 52, 4357). Where R's `surveillance::glrnb` stops a
Newton iteration, or starts it, decides the number when a count explodes, so both are kept as they are there: the
start is the estimate for the change one time earlier, a step below -18 ends, and so do steps smaller than 1e-6.

Every chart has the arguments (x, mu0, before, alpha, theta, limit, last_back, needed, up) and gives (times until
the alarm, values): as many times as there are plus one when nothing alarms. `before` is the count just before.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from sizao.engines.detection.verdicts import Floats

SMALLEST = -18.0  # of a logarithm; below it a Newton iteration is given up
STEP = 1e-6
STEPS = 1000
NOTHING = -1e99


@njit(nogil=True, cache=True, error_model="numpy")
def known_change_poisson(x, mu0, before, alpha, theta, limit, last_back, needed, up):  # type: ignore[no-untyped-def]
    """Sum the log likelihood ratio of a known change, never below zero; alarm above the limit."""
    values = np.zeros(x.size)
    total = 0.0
    for n in range(x.size):
        total = max(0.0, total + theta * x[n] + (1 - math.exp(theta)) * mu0[n])
        values[n] = total
        if total > limit:
            return n + 1, values
    return x.size + 1, values


@njit(nogil=True, cache=True, error_model="numpy")
def known_change_nb(x, mu0, before, alpha, theta, limit, last_back, needed, up):  # type: ignore[no-untyped-def]
    """Do the same for negative-binomial counts."""
    values = np.zeros(x.size)
    total, more = 0.0, math.exp(theta)
    for n in range(x.size):
        ratio = math.log((1 + alpha * mu0[n]) / (1 + alpha * mu0[n] * more))
        total = max(0.0, total + theta * x[n] + (x[n] + 1 / alpha) * ratio)
        values[n] = total
        if total > limit:
            return n + 1, values
    return x.size + 1, values


@njit(nogil=True, cache=True, error_model="numpy")
def poisson_at(x, mu0, n, last_back, needed, up):  # type: ignore[no-untyped-def]
    """
    Statistic of time n for a change of unknown size.

    With a window (`last_back` above 0) R begins `needed` times before n, without one at n itself.
    """
    greatest, counted, mean = NOTHING, 0.0, 0.0
    latest, earliest = n, 0
    if last_back > 0:
        latest, earliest = n - needed, max(0, n - last_back)
        for i in range(latest + 1, n + 1):
            counted += x[i]
            mean += mu0[i]
    for k in range(latest, earliest - 1, -1):
        counted += x[k]
        mean += mu0[k]
        if (counted > mean) != (up > 0) or counted == mean:
            value = 0.0
        elif counted == 0.0:
            continue  # minus infinity times zero: R passes over it
        else:
            kappa = np.log(counted / mean)
            value = kappa * counted + (1 - np.exp(kappa)) * mean
        if value > greatest:
            greatest = value
    return greatest


@njit(nogil=True, cache=True, error_model="numpy")
def change_poisson(x, mu0, before, alpha, theta, limit, last_back, needed, up):  # type: ignore[no-untyped-def]
    """Chart `poisson_at` until it reaches the limit."""
    values = np.zeros(x.size)
    for n in range(needed if last_back > 0 else max(needed - 1, 0), x.size):
        values[n] = poisson_at(x, mu0, n, last_back, needed, up)
        if values[n] >= limit:
            return n + 1, values
    return x.size + 1, values


@njit(nogil=True, cache=True, error_model="numpy")
def _newton_nb(x, mu0, alpha, k, n, start):  # type: ignore[no-untyped-def]
    """Estimate the logarithm of the factor by which the mean changed from time k to n."""
    old, new = 0.4, start
    steps = 0
    while new > SMALLEST and abs(new - old) > STEP and steps < STEPS:
        steps += 1
        old = new
        factor = np.exp(old)
        score, information = 0.0, 0.0
        for i in range(k, n + 1):
            mean = factor * mu0[i]
            share = 1.0 / (1.0 + alpha * mean)
            score += (x[i] - mean) * share
            information += mu0[i] * (alpha * x[i] + 1.0) * share * share
        new = old + score / (factor * information)
    return new


@njit(nogil=True, cache=True, error_model="numpy")
def _ratio_nb(x, mu0, alpha, k, n, kappa):  # type: ignore[no-untyped-def]
    factor, total = np.exp(kappa), 0.0
    for i in range(k, n + 1):
        total += kappa * x[i] + (x[i] + 1 / alpha) * np.log((1 + alpha * mu0[i]) / (1 + alpha * mu0[i] * factor))
    return total


@njit(nogil=True, cache=True, error_model="numpy")
def nb_at(x, mu0, alpha, n, last_back, needed, up):  # type: ignore[no-untyped-def]
    """
    Statistic of time n for negative-binomial counts and a change of unknown size.

    The score at no change tells the sign of the estimate, since the likelihood is concave; an estimate of the
    wrong sign counts as no change, so upwards those starts need no iteration.
    """
    greatest, kappa, score = NOTHING, 0.5, 0.0
    earliest = 0 if last_back == -1 else max(0, n - last_back)
    scores = np.empty(n + 2)
    scores[n + 1] = 0.0
    for k in range(n, earliest - 1, -1):
        score += (x[k] - mu0[k]) / (1 + alpha * mu0[k])
        scores[k] = score
    for k in range(earliest, n - needed + 2):
        if up > 0 and scores[k] <= 0.0:
            kappa, value = 0.0, 0.0
        else:
            found = up * _newton_nb(x, mu0, alpha, k, n, kappa)
            kappa = up * (found if found > 0.0 else 0.0)
            value = _ratio_nb(x, mu0, alpha, k, n, kappa)
        if value > greatest:
            greatest = value
    return greatest


@njit(nogil=True, cache=True, error_model="numpy")
def change_nb(x, mu0, before, alpha, theta, limit, last_back, needed, up):  # type: ignore[no-untyped-def]
    """Chart `nb_at` until it reaches the limit."""
    values = np.zeros(x.size)
    for n in range(max(needed - 1, 0), x.size):
        values[n] = nb_at(x, mu0, alpha, n, last_back, needed, up)
        if values[n] >= limit:
            return n + 1, values
    return x.size + 1, values


@njit(nogil=True, cache=True, error_model="numpy")
def _newton_epidemic(x, mu0, ago, k, n, start):  # type: ignore[no-untyped-def]
    """Estimate how many cases each case of the time before adds."""
    old, new = 2.0, np.log(start)
    steps = 0
    while new > SMALLEST and abs(np.exp(new) - np.exp(old)) > STEP and steps < STEPS:
        steps += 1
        old = new
        each = np.exp(old)
        score, curve = 0.0, 0.0
        for i in range(k, n + 1):
            mean = each * ago[i] + mu0[i]
            score += x[i] * ago[i] / mean - ago[i]
            curve += x[i] * ago[i] * ago[i] / (mean * mean)
        score *= each
        new = old + score / (-score + np.exp(2.0 * old) * curve)
    return np.exp(new)


@njit(nogil=True, cache=True, error_model="numpy")
def _ago(x, before):  # type: ignore[no-untyped-def]
    ago = np.empty(x.size)
    ago[0] = before
    ago[1:] = x[:-1]
    return ago


@njit(nogil=True, cache=True, error_model="numpy")
def epidemic_poisson(x, mu0, before, alpha, theta, limit, last_back, needed, up):  # type: ignore[no-untyped-def]
    """
    Chart a mean that grows by a share of the count before (Held et al. 2005); alarm above the limit.

    As in R, a Newton step that leaves the curve ends at no growth, for this beginning and those after it.
    """
    values, ago = np.zeros(x.size), _ago(x, before)
    for n in range(max(needed - 1, 0), x.size):
        greatest, each = NOTHING, 0.5
        for k in range(0 if last_back == -1 else max(0, n - last_back), n - needed + 2):
            each = _newton_epidemic(x, mu0, ago, k, n, each)
            value = 0.0
            for i in range(k, n + 1):
                value += x[i] * np.log(each * ago[i] / mu0[i] + 1.0) - each * ago[i]
            if value > greatest:
                greatest = value
        values[n] = greatest
        if greatest > limit:
            return n + 1, values
    return x.size + 1, values


@njit(nogil=True, cache=True, error_model="numpy")
def epidemic_nb(x, mu0, before, alpha, theta, limit, last_back, needed, up):  # type: ignore[no-untyped-def]
    """Chart the same for negative-binomial counts, with the share that R takes: the one of the intercept chart."""
    values, ago = np.zeros(x.size), _ago(x, before)
    for n in range(max(needed - 1, 0), x.size):
        greatest, share = NOTHING, 0.5
        for k in range(0 if last_back == -1 else max(0, n - last_back), n - needed + 2):
            share = _newton_nb(x, mu0, alpha, k, n, share)
            each, value = np.exp(share), 0.0
            for i in range(k, n + 1):
                mean = mu0[i] + each * ago[i]
                less = np.log(1 + alpha * mu0[i]) - np.log(1 + alpha * mean)
                value += x[i] * (np.log(mean) - np.log(mu0[i]) + less) + 1 / alpha * less
            if value > greatest:
                greatest = value
        values[n] = greatest
        if greatest >= limit:
            return n + 1, values
    return x.size + 1, values


@dataclass(frozen=True)
class Chart:
    """How each run is charted; the names are those of the settings."""

    c_arl: float
    m_tilde: int
    m: int
    change: str
    theta: float | None
    up: int
    ret: str
    x_max: int

    def kernel(self, alpha: float) -> Callable[..., tuple[int, Floats]]:
        """Choose the compiled chart."""
        poisson = alpha == 0
        chart: Callable[..., tuple[int, Floats]]
        if self.change == "epi":
            chart = epidemic_poisson if poisson else epidemic_nb
        elif self.theta is not None:
            chart = known_change_poisson if poisson else known_change_nb
        else:
            chart = change_poisson if poisson else change_nb
        return chart
