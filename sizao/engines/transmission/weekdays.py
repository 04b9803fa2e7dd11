"""Factors of the days of the week, for counts of which some weekdays always report more than others."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

WEEK = 7
FEWEST_WEEKS = 4
MOST_WEEKS = 8  # habits of reporting change; older weeks say little of the next
LEAST_EVIDENCE = 0.01  # p-value of weekdays being all alike, above which they are taken as alike
SMALLEST = 0.05  # a weekday without any report would leave nothing to divide by


def weekday_factors(counts: Floats) -> Floats:
    """
    Tell how many times the mean of its week a weekday has, from daily `counts` of shape (times,).

    Entry i is for days that lie i, i + 7, i + 14 … days AFTER the last count; the entries average one. They
    are all one where four whole weeks are not there, or where an analysis of variance of the counts, each
    against the mean of the seven days around it, does not show that weekdays differ (p > 0.01). What it
    shows is shrunk by James and Stein's 1 - 1/F, because part of it is chance (Efron and Morris 1973, J Am
    Stat Assoc 68:117-30).
    """
    alike = np.ones(WEEK)
    counts = np.asarray(counts, np.float64)[-(MOST_WEEKS + 1) * WEEK + 1 :]
    around = np.convolve(counts, np.ones(WEEK) / WEEK, mode="valid") if len(counts) >= WEEK else np.empty(0)
    # Three days are lost at each end; entry 0 of a week is the weekday of the last count.
    weekday = (np.arange(len(around)) - len(around) - WEEK // 2 + 1) % WEEK
    known = around > 0
    if known.sum() < FEWEST_WEEKS * WEEK:
        return alike
    weekday, around, middle = weekday[known], around[known], counts[WEEK // 2 : WEEK // 2 + len(around)][known]
    weight = np.bincount(weekday, around, WEEK)
    if not weight.all():
        return alike
    factor = np.bincount(weekday, middle, WEEK) / weight
    common = middle.sum() / weight.sum()
    between = float((weight * (factor - common) ** 2).sum()) / (WEEK - 1)
    within = float((around * (middle / around - factor[weekday]) ** 2).sum()) / (len(middle) - WEEK)
    if between == 0 or special.fdtrc(WEEK - 1, len(middle) - WEEK, between / max(within, 1e-12)) > LEAST_EVIDENCE:
        return alike
    shrunk = np.maximum(1 + (1 - within / between) * (factor / common - 1), SMALLEST)
    return np.asarray(shrunk / shrunk.mean())
