"""What a detector is given: the counts of many series at the same times."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.engines.detection.verdicts import Floats
from sizao.errors import SizaoError

Days = NDArray[np.datetime64]
Times = str | tuple[int, int | None]  # the setting `range`: "auto", or first and last, counted from 1


class CountsUnusable(SizaoError):
    """Counts, days or populations that no detector can judge."""

    code = "detection.counts_unusable"
    message = "{reason} Correct the counts and judge again."


@dataclass(frozen=True)
class Series:
    """
    Counts of shape (series, times), the times in equal steps; NaN is a gap: nobody knows that count.

    `dates` of shape (times,) are the first days of the times, the same for all series, None when seasons go
    by `period`, the number of times in a year. `population` has the shape of the counts, None when unknown.
    """

    counts: Floats
    dates: Days | None = None
    population: Floats | None = None
    period: int = 52


def usable(series: Series) -> Series:
    """
    Give the series back if a detector may judge it. Raise CountsUnusable.

    Refused: counts that are negative, fractional or infinite; days that do not rise; a population of zero
    or less, or an unknown one where a count is known; a period below one. A gap in the counts is none of these.
    """
    counts = series.counts
    if counts.ndim != 2:
        raise CountsUnusable(reason="Counts have the shape (series, times).")
    known = ~np.isnan(counts)
    if ((counts < 0) | (counts == np.inf) | ((counts != np.floor(counts)) & known)).any():
        raise CountsUnusable(reason="A count is a whole number, zero or more; one of these is not.")
    if series.period < 1:
        raise CountsUnusable(reason=f"A year has one time or more, not {series.period}.")
    _check_dates(series)
    _check_population(series, known)
    return series


def _check_dates(series: Series) -> None:
    if series.dates is None:
        return
    if series.dates.shape != series.counts.shape[1:]:
        raise CountsUnusable(reason="There must be one date for each time.")
    if np.isnat(series.dates).any() or (np.diff(series.dates) <= np.timedelta64(0, "D")).any():
        raise CountsUnusable(reason="Dates must be known and rise from each time to the next.")


def _check_population(series: Series, known: NDArray[np.bool_]) -> None:
    if series.population is None:
        return
    if series.population.shape != series.counts.shape:
        raise CountsUnusable(reason="There must be one population for each count.")
    if not (series.population[known] > 0).all():
        raise CountsUnusable(reason="A population is more than zero where a count is known; one of these is not.")


def monitored(series: Series, times: Times, earliest: int) -> tuple[int, int]:
    """Give the first time to judge and the one after the last, counted from 0; `earliest` is the first of "auto"."""
    n_times = series.counts.shape[1]
    if isinstance(times, str):
        return min(earliest, n_times), n_times
    first, last = times
    return min(first - 1, n_times), n_times if last is None else min(last, n_times)
