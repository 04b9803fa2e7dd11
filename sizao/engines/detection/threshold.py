"""Fixed threshold: one number for every time, as for diseases of which each case counts."""

import numpy as np

from sizao.engines.detection.series import Series
from sizao.engines.detection.verdicts import Verdicts


def threshold(series: Series, *, threshold: float, per: float | None) -> Verdicts:
    """
    Alarm when a count reaches the threshold; with `per`, when the cases per so many people reach it.

    `upperbound` is the threshold in cases, `statistic` what is compared: the count, or the rate, which is NaN
    (not judged) where the population is unknown. There is nothing expected and no p-value. A gap is not judged.
    """
    counts = series.counts
    if per is None:
        compared = counts.copy()
        upper = np.full(counts.shape, threshold)
    else:
        people = np.full(counts.shape, np.nan) if series.population is None else series.population
        compared = counts / people * per
        upper = threshold * people / per
    judged = ~np.isnan(compared)
    blank = np.full(counts.shape, np.nan)
    return Verdicts(
        expected=blank,
        upperbound=np.where(judged, upper, np.nan),
        statistic=compared,
        chance=blank,
        alarm=judged & (compared >= threshold),
        trend=np.zeros(counts.shape, np.bool_),
        judged=judged,
    )
