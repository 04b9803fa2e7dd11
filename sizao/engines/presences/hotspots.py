"""Where most infectious time was spent: person-seconds of cases by place, beside how many people come there at all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.presences.common_sources import CaseVisits, Population
from sizao.engines.presences.companions import Ints
from sizao.engines.presences.visitors import Dated, distinct_visitors


@dataclass(frozen=True, slots=True)
class Hotspots:
    """
    Columns, one row a place, the most infectious time first; ties by place.

    `seconds` sums over `cases` (how many) the time each was there within its windows, once where its presences
    overlap; `first` and `last` bound it. `visitors` are all people who were there in the time asked about, and
    `expected` is how many cases would be among them were cases like everybody.
    """

    place: Ints
    seconds: Ints
    cases: Ints
    first: Ints
    last: Ints
    visitors: Ints
    expected: NDArray[np.float64]


def hotspots(
    parts: Sequence[Dated], cases: Sequence[CaseVisits], everybody: Population, *, since: int, until: int,
    n_persons: int,
) -> Hotspots:  # fmt: skip
    """Rank places by the infectious time spent there from a moment to another, half-open."""
    spent = time_spent(cases, since=since, until=until)
    visitors = distinct_visitors(parts, spent.spans, least_seconds=1, n_persons=n_persons)
    return ranked(spent, visitors, everybody)


@dataclass(frozen=True, slots=True)
class Spent:
    """Columns, one row a place, by place, as in `Hotspots`; `of_cases` counts all cases asked about."""

    place: Ints
    seconds: Ints
    cases: Ints
    first: Ints
    last: Ints
    since: int
    until: int
    of_cases: int

    @property
    def spans(self) -> Ints:
        """Give the whole time at each place, as rows (place, begins, ends)."""
        whole = np.ones(len(self.place), np.int64)
        return np.column_stack((self.place, whole * self.since, whole * self.until))


def time_spent(cases: Sequence[CaseVisits], *, since: int, until: int) -> Spent:
    """Sum by place the infectious time spent there from a moment to another, half-open."""
    numbered = (np.insert(one.presences, 0, case, axis=1) for case, one in enumerate(cases))
    rows = np.concatenate([np.zeros((0, 4), np.int64), *numbered])  # case, place, start, end
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
    _keep_apart(rows)
    rows[:, 2:] = np.clip(rows[:, 2:], since, until)
    rows = rows[rows[:, 3] > rows[:, 2]]
    place, which = np.unique(rows[:, 1], return_inverse=True)
    seconds, n_cases = np.zeros(len(place), np.int64), np.zeros(len(place), np.int64)
    first, last = np.full(len(place), until, np.int64), np.full(len(place), since, np.int64)
    np.add.at(seconds, which, rows[:, 3] - rows[:, 2])
    another = np.append(True, (rows[1:, :2] != rows[:-1, :2]).any(axis=1))[: len(rows)]
    np.add.at(n_cases, which[another], 1)
    np.minimum.at(first, which, rows[:, 2])
    np.maximum.at(last, which, rows[:, 3])
    return Spent(place, seconds, n_cases, first, last, since, until, len(cases))


def ranked(spent: Spent, visitors: Ints, everybody: Population) -> Hotspots:
    """Rank places by the time spent there; `visitors` counts who was at each."""
    rank = np.argsort(-spent.seconds, kind="stable")
    expected = spent.of_cases * visitors / max(everybody.people, 1)
    return Hotspots(
        spent.place[rank], spent.seconds[rank], spent.cases[rank], spent.first[rank], spent.last[rank],
        visitors[rank], expected[rank],
    )  # fmt: skip


@njit(nogil=True, cache=True)
def _keep_apart(rows):  # type: ignore[no-untyped-def]
    """Cut presences (case, place, start, end) of one case at one place where they overlap, in place."""
    reach = np.int64(0)
    for row in range(len(rows)):
        if row == 0 or rows[row, 0] != rows[row - 1, 0] or rows[row, 1] != rows[row - 1, 1]:
            reach = np.int64(0)
        rows[row, 2] = max(rows[row, 2], reach)
        reach = max(reach, rows[row, 3])
        rows[row, 3] = max(rows[row, 2], rows[row, 3])
