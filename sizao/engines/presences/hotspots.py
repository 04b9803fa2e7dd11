"""Where most infectious time was spent: person-seconds of cases by place, beside how many people come there at all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.engines.presences.common_sources import CaseVisits, Dated, Population, SharedSpan, distinct_visitors
from sizao.engines.presences.companions import Ints
from sizao.terms import ExposureScope


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
    rows = np.concatenate([np.zeros((0, 4), np.int64), *(_apart(case.presences, at) for at, case in enumerate(cases))])
    rows[:, 1:3] = np.clip(rows[:, 1:3], since, until)
    rows = rows[rows[:, 2] > rows[:, 1]]
    place, which = np.unique(rows[:, 0], return_inverse=True)
    seconds, n_cases = np.zeros(len(place), np.int64), np.zeros(len(place), np.int64)
    first, last = np.full(len(place), until, np.int64), np.full(len(place), since, np.int64)
    np.add.at(seconds, which, rows[:, 2] - rows[:, 1])
    np.add.at(n_cases, np.unique(np.column_stack((which, rows[:, 3])), axis=0)[:, 0], 1)
    np.minimum.at(first, which, rows[:, 1])
    np.maximum.at(last, which, rows[:, 2])
    spans = [SharedSpan(ExposureScope.PLACE, one, since, until, (), since, until) for one in place.tolist()]
    visitors = distinct_visitors(parts, spans, least_seconds=1, n_persons=n_persons)
    rank = np.argsort(-seconds, kind="stable")
    expected = len(cases) * visitors / max(everybody.people, 1)
    return Hotspots(place[rank], seconds[rank], n_cases[rank], first[rank], last[rank], visitors[rank], expected[rank])


def _apart(presences: Ints, case: int) -> Ints:
    """Cut presences of one case at one place where they overlap, and number them: rows (place, start, end, case)."""
    rows = np.insert(presences[np.lexsort((presences[:, 1], presences[:, 0]))], 3, case, axis=1)
    reach, place = 0, -1
    for row in rows:  # a case has a few hundred presences
        if row[0] != place:
            place, reach = row[0], 0
        row[1] = max(row[1], reach)
        reach = max(reach, row[2])
        row[2] = max(row[1], row[2])
    return rows
