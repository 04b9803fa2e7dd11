"""
Meetings summed by person, layer and tier: how long, how often, on how many days, in how dense a crowd.

A venue lies inside a cell, so that one hour together may be told by both: layers are never added up.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
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
    rank = np.lexsort((found.start, group, found.person))
    occupancy = occupancies(found, len(runs.group))[found.run]
    counts, weighted = _summed(
        found.person, group, found.start, found.end, found.imputed, found.padded, occupancy, runs.weight[found.run],
        rank, utc_offset_seconds,
    )  # fmt: skip
    person, of_group, seconds, meetings, first, last, imputed, padded, days, fewest = counts.T.copy()
    return Totals(
        person, of_group, seconds, meetings, first, last, imputed, padded, days, fewest, weighted
    )  # fmt: skip


def occupancies(found: Meetings, n_runs: int) -> Ints:
    """Count how many different people met the case in each of its stays."""
    first = np.ones(len(found), np.bool_)  # of each run and person, whose meetings lie together
    first[1:] = (found.run[1:] != found.run[:-1]) | (found.person[1:] != found.person[:-1])
    return np.bincount(found.run[first], minlength=n_runs)


@njit(nogil=True, cache=True)
def _summed(  # type: ignore[no-untyped-def]
    person, group, start, end, imputed, padded, occupancy, weight, rank, utc_offset
):
    """
    Sum meetings, taken by rank: by person, group and start.

    Columns: person, group, seconds, meetings, first, last, imputed, padded, days, occupancy.
    """
    counts = np.zeros((len(rank), 10), np.int64)
    weighted = np.zeros(len(rank), np.float64)
    n_found, last_day = -1, -1
    for row in rank:
        if n_found < 0 or counts[n_found, 0] != person[row] or counts[n_found, 1] != group[row]:
            n_found += 1
            counts[n_found, 0], counts[n_found, 1], counts[n_found, 4] = person[row], group[row], start[row]
            counts[n_found, 9] = occupancy[row]
            last_day = -(2**62)
        seconds = end[row] - start[row]
        counts[n_found, 2] += seconds
        counts[n_found, 3] += 1
        counts[n_found, 5] = max(counts[n_found, 5], end[row])
        counts[n_found, 6] += imputed[row]
        counts[n_found, 7] += padded[row]
        begun, ended = (start[row] + utc_offset) // DAY_SECONDS, (end[row] - 1 + utc_offset) // DAY_SECONDS
        counts[n_found, 8] += max(ended - max(begun, last_day + 1) + 1, 0)
        last_day = max(last_day, ended)
        counts[n_found, 9] = min(counts[n_found, 9], occupancy[row])
        weighted[n_found] += seconds * weight[row] / occupancy[row]
    return counts[: n_found + 1], weighted[: n_found + 1]
