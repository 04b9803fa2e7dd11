"""
Meetings summed by person, layer and tier: how long, how often, on how many days, in how dense a crowd.

A venue lies inside a cell, so that one hour together may be told by both: layers are never added up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.engines.presences.meetings import Meetings
from sizao.engines.presences.summing import Ints

DAY_SECONDS = 86_400

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Runs:
    """
    What is known of each stay (run) of the case: `group` tells stays apart that are not added up.

    A group is any small number of the caller's, such as one a layer and tier. `weight` is what a second there
    is worth beside the same second in a closed room at the same place, alone.
    """

    group: Ints
    weight: Floats


@dataclass(frozen=True, slots=True)
class Totals:
    """
    Columns, one row a person and group, ordered by both.

    `seconds` sums the meetings that count, of which `imputed` rest on a missing end and `padded` on clocks;
    `first` and `last` bound them; `days` counts the civil days touched. `occupancy` is the smallest number of
    people who met the case in one of these stays, and `weighted` sums the seconds of each meeting times the
    weight of the stay divided by that number.
    """

    person: Ints
    group: Ints
    seconds: Ints
    meetings: Ints
    first: Ints
    last: Ints
    imputed: Ints
    padded: Ints
    days: Ints
    occupancy: Ints
    weighted: Floats

    def __len__(self) -> int:
        return len(self.person)


def totals(found: Meetings, runs: Runs, *, utc_offset_seconds: int) -> Totals:
    """Sum meetings by person and group; days begin at midnight of a clock so far ahead of UTC."""
    group = runs.group[found.run]
    n_groups = int(runs.group.max(initial=0)) + 1
    key, which = np.unique(found.person * n_groups + group, return_inverse=True)
    occupancy = occupancies(found, len(runs.group))[found.run]
    first, last = np.full(len(key), 2**62, np.int64), np.zeros(len(key), np.int64)
    least = first.copy()
    np.minimum.at(first, which, found.start)
    np.maximum.at(last, which, found.end)
    np.minimum.at(least, which, occupancy)
    seconds, imputed, padded = (_summed(which, len(key), one) for one in (found.seconds, found.imputed, found.padded))
    worth: Floats = found.seconds * runs.weight[found.run] / np.maximum(occupancy, 1)
    weighted: Floats = np.bincount(which, worth, len(key)).astype(np.float64)
    return Totals(
        key // n_groups, key % n_groups, seconds, np.bincount(which, minlength=len(key)), first, last, imputed, padded,
        _days(found, which, len(key), utc_offset_seconds), least, weighted,
    )  # fmt: skip


def occupancies(found: Meetings, n_runs: int) -> Ints:
    """Count how many different people met the case in each of its stays."""
    pairs = np.unique(found.run << 32 | found.person) >> 32
    return np.bincount(pairs, minlength=n_runs)


def _summed(which: Ints, n: int, values: Ints) -> Ints:
    return np.bincount(which, values, n).astype(np.int64)  # exact: far below 2**53 seconds


def _days(found: Meetings, which: Ints, n: int, utc_offset_seconds: int) -> Ints:
    """Count the different civil days that the meetings of each row touch."""
    begun = (found.start + utc_offset_seconds) // DAY_SECONDS
    ended = (found.end - 1 + utc_offset_seconds) // DAY_SECONDS
    longest = int((ended - begun).max(initial=0))
    marks: Sequence[Ints] = [
        (which << 32 | (begun + later))[begun + later <= ended] for later in range(longest + 1)
    ]  # fmt: skip
    return np.bincount(np.unique(np.concatenate(marks)) >> 32, minlength=n)
