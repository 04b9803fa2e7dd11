"""
Means of counts by regression with a log link: harmonics of the year and a trend.

Poisson or negative-binomial, fitted as R's `glm` and `MASS::glm.nb` do: the same starts, the same test of
convergence (relative deviance 1e-8, at most 25 rounds), so that even an unfinished fit is the same.
"""

import math

import numpy as np
from numba import njit
from scipy.special import digamma, gammaln, polygamma

from sizao.engines.detection.verdicts import Floats

ROUNDS = 25
CONVERGED = 1e-8
LEAST_MEAN = float(np.finfo(np.float64).eps)
THETA_STEP = float(np.finfo(np.float64).eps) ** 0.25


def harmonics(times: Floats, period: int, n_harmonics: int, *, trend: bool) -> Floats:
    """
    Give the columns of the regression, shape (times, columns): one, the trend, cosines and sines.

    The trend is scaled to keep the columns of one size, which changes no fitted mean.
    """
    columns = [np.ones(len(times))]
    if trend:
        columns.append(times / max(1.0, float(times.max())))
    for s in range(1, n_harmonics + 1):
        columns += [np.cos(2 * s * np.pi / period * times), np.sin(2 * s * np.pi / period * times)]
    return np.column_stack(columns)


def fit_known(columns: Floats, counts: Floats, alpha: float) -> Floats:
    """Fit coefficients for a known dispersion; `alpha` 0 is Poisson. NaN where the columns do not determine them."""
    start = counts + 0.1 if alpha == 0 else counts + (counts == 0) / 6
    beta: Floats = _rounds(columns, counts, np.log(start), np.inf if alpha == 0 else 1 / alpha)
    return beta


def fit_unknown(columns: Floats, counts: Floats) -> tuple[Floats, float]:
    """
    Fit coefficients and dispersion alpha in turns, as `glm.nb` does.

    Each dispersion is estimated from the means of the turn before. NaN where there is no such fit.
    """
    beta = _rounds(columns, counts, np.log(counts + 0.1), np.inf)
    means = _means(columns, beta)
    theta = _theta(counts, means)
    scale = math.sqrt(2 * max(1, len(counts) - columns.shape[1]))
    likelihood = _likelihood(counts, means, theta)
    before, change, turn = likelihood + 2 * scale, 1.0, 0
    while turn < ROUNDS and abs(before - likelihood) / scale + abs(change) > CONVERGED:
        turn += 1
        beta = _rounds(columns, counts, np.log(means), theta)
        old, theta = theta, _theta(counts, means)
        means = _means(columns, beta)
        change, before, likelihood = old - theta, likelihood, _likelihood(counts, means, theta)
    return beta, 1 / theta


def _means(columns: Floats, beta: Floats) -> Floats:
    means: Floats = np.maximum(np.exp(columns @ beta), LEAST_MEAN)
    return means


def _theta(counts: Floats, means: Floats) -> float:
    """Estimate theta = 1 / alpha for known means by Newton steps from the moments; 0 where it would be negative."""
    theta, step, round_ = len(counts) / float(np.sum((counts / means - 1) ** 2)), 1.0, 1
    while round_ < ROUNDS and abs(step) > THETA_STEP:
        theta, round_ = abs(theta), round_ + 1
        total = theta + means
        score = np.sum(
            digamma(theta + counts) - digamma(theta) + np.log(theta) + 1 - np.log(total) - (counts + theta) / total
        )
        information = np.sum(
            polygamma(1, theta) - polygamma(1, theta + counts) - 1 / theta + 2 / total - (counts + theta) / total**2
        )
        step = float(score / information)
        theta += step
    return max(theta, 0.0)


def _likelihood(counts: Floats, means: Floats, theta: float) -> float:
    terms = gammaln(theta + counts) - gammaln(theta) - gammaln(counts + 1) + theta * np.log(theta)
    return float(np.sum(terms + counts * np.log(means + (counts == 0)) - (theta + counts) * np.log(theta + means)))


@njit(nogil=True, cache=True, error_model="numpy")
def _deviance(counts, means, theta):  # type: ignore[no-untyped-def]
    total = 0.0
    for y, mu in zip(counts, means):  # noqa: B905 (numba knows no strict)
        if theta == np.inf:
            total += 2 * (y * np.log(y / mu) - (y - mu) if y > 0 else mu)
        else:
            total += 2 * (y * np.log(max(1.0, y) / mu) - (y + theta) * np.log((y + theta) / (mu + theta)))
    return total


@njit(nogil=True, cache=True, error_model="numpy")
def _rounds(columns, counts, eta, theta):  # type: ignore[no-untyped-def]
    """Repeat the weighted regression from the linear predictor `eta` until the deviance stands still."""
    means = np.maximum(np.exp(eta), LEAST_MEAN)
    beta = np.full(columns.shape[1], np.nan)
    before = _deviance(counts, means, theta)
    for _ in range(ROUNDS):
        weights = means / (1 + means / theta)
        working = eta + (counts - means) / means
        weighted = columns * weights.reshape(-1, 1)
        beta = np.linalg.solve(weighted.T @ columns, weighted.T @ working)
        eta = columns @ beta
        means = np.maximum(np.exp(eta), LEAST_MEAN)
        now = _deviance(counts, means, theta)
        if not abs(now - before) / (abs(now) + 0.1) >= CONVERGED:
            break
        before = now
    return beta
