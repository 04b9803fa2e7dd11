"""Scores of forecasts: how far off, and how often inside (Gneiting and Raftery 2007, J Am Stat Assoc 102:359-78)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def crps(samples: Floats, observed: Floats) -> Floats:
    """
    Give the continuous ranked probability score of a sample, exactly: mean |x - y| - mean |x - x'| / 2.

    `samples` has draws on the first axis, `observed` the shape of one draw. In the unit of what is
    forecast; 0 is perfect, and for a single draw it is the absolute error. NaN where nothing was observed.
    """
    ordered = np.sort(np.asarray(samples, np.float64), axis=0)
    n = len(ordered)
    off = np.abs(ordered - observed).mean(axis=0)
    # Of all pairs the i-th smallest is the larger one i - 1 times and the smaller one n - i times.
    rank = (2 * np.arange(1, n + 1) - n - 1).reshape(-1, *[1] * (ordered.ndim - 1))
    spread = (rank * ordered).sum(axis=0) / n**2
    return np.asarray(off - spread)


def coverage(lower: Floats, upper: Floats, observed: Floats) -> float:
    """Give the share of what was observed that lies inside its interval, ends included; NaN when there is none."""
    inside = covered(lower, upper, observed)
    known = ~np.isnan(inside)
    return float(inside[known].mean()) if known.any() else float("nan")


def covered(lower: Floats, upper: Floats, observed: Floats) -> Floats:
    """Say 1 inside, 0 outside, NaN where the interval or what was observed is a gap."""
    gap = np.isnan(lower) | np.isnan(upper) | np.isnan(observed)
    return np.where(gap, np.nan, (lower <= observed) & (observed <= upper))
