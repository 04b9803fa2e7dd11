"""
How far the clock of one source is off against another's, from the people whom both report.

Who arrives somewhere by one source is likely to have left or arrived by the other at that moment too. So of all
differences in time between changes of one person in both sources, many lie at the offset of the clocks. What the
rhythm of days alone would give is taken off: the differences that the two sources would show were their people
strangers to each other. (A cross-correlogram corrected by its shift predictor: Perkel, Gerstein and Moore 1967,
Biophysical Journal 7:419-440, there for nerve cells.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

BIN_SECONDS = 60
MOST_SECONDS = 18 * 3600  # clocks are off by zones and summer time, hardly by more
WIDTH = 11  # bins that are summed: changes of one moment are told within some minutes
# An offset is believed from so many standard errors over chance on, and so many differences beyond chance: a choice,
# far above what a search over 2,160 bins finds by itself.
LEAST_SCORE, LEAST_SUPPORT = 8.0, 20.0


@dataclass(frozen=True, slots=True)
class Changes:
    """Moments (seconds) at which people arrived, or left, by one source; rows of equal length, in no order."""

    person: Ints
    second: Ints


@dataclass(frozen=True, slots=True)
class Offset:
    """
    By how many `seconds` one clock is ahead of the other (its times are later), if that can be told.

    `support` counts the differences near it beyond chance, `expected` those by chance; `score` is the first in
    standard errors of the second. `believed` says whether that is enough.
    """

    seconds: int
    support: float
    expected: float
    score: float

    @property
    def believed(self) -> bool:
        """Say whether the offset stands out."""
        return self.score >= LEAST_SCORE and self.support >= LEAST_SUPPORT


def offset(pairs: Sequence[tuple[Changes, Changes]]) -> Offset | None:
    """
    Estimate how far a clock is ahead; each pair holds changes of one kind by the reference and by the other.

    None where nobody has changes in both within MOST_SECONDS.
    """
    n_bins = 2 * MOST_SECONDS // BIN_SECONDS + 1
    found, expected = np.zeros(n_bins, np.int64), np.zeros(n_bins)
    for reference, other in pairs:
        counts = differences(reference, other)
        found += counts
        expected += _by_chance(reference, other, int(counts.sum()))
    if not found.any():
        return None
    window = np.ones(WIDTH)
    near, chance = np.convolve(found, window, "same"), np.convolve(expected, window, "same")
    score = (near - chance) / np.sqrt(chance + 1)
    best = int(np.argmax(score))
    low, high = max(best - WIDTH // 2, 0), best + WIDTH // 2 + 1
    seconds = _middle(np.maximum(found[low:high] - expected[low:high], 0), low)
    return Offset(seconds, float(near[best] - chance[best]), float(chance[best]), float(score[best]))


def differences(reference: Changes, other: Changes) -> Ints:
    """Count how often a change by the other is so much later than one of that person by the reference, in bins."""
    by, those = _sorted(reference), _sorted(other)
    counts: Ints = _differences(by.person, by.second, those.person, those.second)
    return counts


def _by_chance(reference: Changes, other: Changes, total: int) -> Reals:
    """Give the differences that the same times would show if they were those of strangers, as many in all."""
    shared = np.intersect1d(reference.person, other.person)
    times = [one.second[np.isin(one.person, shared)] // BIN_SECONDS for one in (reference, other)]
    reach = MOST_SECONDS // BIN_SECONDS
    if not total:
        return np.zeros(2 * reach + 1)
    first = min(int(one.min()) for one in times)
    n = max(int(one.max()) for one in times) - first + 1
    size = 1 << int(n + reach).bit_length()
    a, b = (np.fft.rfft(np.bincount(one - first, minlength=n), size) for one in times)
    all_lags = np.fft.irfft(np.conj(a) * b, size)
    lags: Reals = np.maximum(np.concatenate((all_lags[-reach:], all_lags[: reach + 1])), 0)
    return lags * (total / lags.sum()) if lags.sum() else lags


def _middle(excess: Reals, first: int) -> int:
    """Give the median of a bin's worth of differences, in whole minutes."""
    passed = np.cumsum(excess)
    at = int(np.searchsorted(passed, passed[-1] / 2))
    return (first + at) * BIN_SECONDS - MOST_SECONDS


def _sorted(changes: Changes) -> Changes:
    rank = np.lexsort((changes.second, changes.person))
    return Changes(changes.person[rank], changes.second[rank])


@njit(nogil=True, cache=True)
def _differences(person, second, persons, seconds):  # type: ignore[no-untyped-def]
    counts = np.zeros(2 * MOST_SECONDS // BIN_SECONDS + 1, np.int64)
    low = 0
    for row in range(len(persons)):
        while low < len(person) and (
            person[low] < persons[row] or (person[low] == persons[row] and second[low] < seconds[row] - MOST_SECONDS)
        ):
            low += 1
        at = low
        while at < len(person) and person[at] == persons[row] and second[at] <= seconds[row] + MOST_SECONDS:
            counts[(seconds[row] - second[at] + MOST_SECONDS + BIN_SECONDS // 2) // BIN_SECONDS] += 1
            at += 1
    return counts
