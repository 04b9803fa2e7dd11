"""Several p-values of one question become one (Fisher 1932; Edgington 1972)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from sizao.errors import SizaoError
from sizao.terms import Combination

Floats = NDArray[np.float64]

TINIEST = float(np.finfo(np.float64).tiny)  # a p-value is never nought, however small


class NotAChance(SizaoError):
    code = "fusion.not_a_chance"
    message = "{value} is no p-value: it lies between 0 and 1. Correct it and combine again."


def combined(p_values: ArrayLike, method: Combination) -> float:
    """Combine independent p-values into one by the method named. NaN is a gap; only gaps give NaN."""
    return fisher(p_values) if method is Combination.FISHER else edgington(p_values)


def fisher(p_values: ArrayLike) -> float:
    """
    Combine independent p-values by the sum of their logarithms (Fisher 1932).

    One very small p decides. −2 Σ ln p is chi-squared with 2k degrees of freedom when every null holds.
    NaN is a gap and is left aside; only gaps give NaN. The result lies in (0, 1].
    """
    p = _chances(p_values)
    if not len(p):
        return float("nan")
    statistic = -2.0 * float(np.log(np.maximum(p, TINIEST)).sum())
    return float(np.clip(stats.chi2.sf(statistic, 2 * len(p)), TINIEST, 1.0))


def edgington(p_values: ArrayLike) -> float:
    """
    Combine independent p-values by their sum (Edgington 1972).

    Agreement decides: one large p speaks as loudly as one small. The result is the chance that as many
    uniform numbers have a sum as small, exact for any number of them. NaN is a gap and is left aside; only
    gaps give NaN. The result lies in (0, 1].
    """
    p = _chances(p_values)
    if not len(p):
        return float("nan")
    return float(np.clip(sum_of_uniforms(float(p.sum()), len(p)), TINIEST, 1.0))


def sum_of_uniforms(at_most: float, n: int) -> float:
    """
    Give the chance that `n` independent uniform numbers have a sum of `at_most` or less.

    The textbook's alternating sum loses every digit beyond some twenty numbers. Here the density is built
    up one number at a time by the recursion of B-splines (de Boor 1972), which adds only what is not
    negative, so that small tails keep their relative accuracy.
    """
    if at_most >= n:
        return 1.0
    if at_most <= 0:
        return 0.0
    at = at_most - np.arange(int(at_most) + 2, dtype=np.float64)
    density = np.where((at >= 0) & (at < 1), 1.0, 0.0)
    for m in range(1, n + 1):
        earlier = np.append(density[1:], 0.0)
        density = (np.maximum(at, 0.0) * density + np.maximum(m + 1 - at, 0.0) * earlier) / m
    # The distribution of n numbers is the sum of the density of n + 1 numbers at whole steps to the left.
    return min(1.0, float(density.sum()))


def smallest_of(p_values: ArrayLike) -> float:
    """
    Give the p-value of the smallest of several (Šidák 1967), such as the best day of a stream in a window.

    Taking the smallest itself would make every long window look unusual. NaN is a gap; only gaps give NaN.
    """
    p = _chances(p_values)
    if not len(p):
        return float("nan")
    least = float(p.min())
    return float(np.clip(-np.expm1(len(p) * np.log1p(-least)), TINIEST, 1.0)) if least < 1.0 else 1.0


def _chances(p_values: ArrayLike) -> Floats:
    p = np.asarray(p_values, dtype=np.float64).ravel()
    p = p[~np.isnan(p)]
    wrong = p[(p < 0) | (p > 1)]
    if len(wrong):
        raise NotAChance(value=float(wrong[0]))
    return p
