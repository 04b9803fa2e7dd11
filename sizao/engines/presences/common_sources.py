"""
What links several cases before they fell ill: a place and a span of time, or a place over the whole time.

Only presences are known, of the cases and of everybody else. The null hypothesis is that each case is one
of the population: the chance that it was at a place in a span is the share of all people who were (distinct
visitors, so that who comes ten times makes no place popular), times how much this case goes about beside
the mean (presences a day). The number of cases there is then Poisson-binomial, and its exact upper tail is
the p-value (Chen and Liu 1997, Statistica Sinica 7). A station that half the city passes expects half the
cases. People who live or work together go together, which the null does not know: a family looks like a source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.presences.companions import Ints, own_presences
from sizao.engines.presences.visitors import Dated, distinct_visitors
from sizao.terms import ExposureScope

Floats = NDArray[np.float64]
TINIEST = float(np.finfo(np.float64).tiny)  # a p-value is never nought, however small


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody beside whom the cases are seen: people, places they went to, and presences of a person and day."""

    people: int
    places: int
    daily_presences: float


@dataclass(frozen=True, slots=True)
class CaseVisits:
    """One case: its presences (rows of place, start, end within its windows) and its windows (rows of from, to)."""

    presences: Ints
    windows: Ints


@dataclass(frozen=True, slots=True)
class SharedSpan:
    """
    A span (from `begins` to before `ends`) in which two or more `cases` were at a place.

    Their own presences there run from `first` to `last`.
    """

    scope: ExposureScope
    place: int
    begins: int
    ends: int
    cases: tuple[int, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class CommonSource:
    """A shared span with its distinct `visitors`, the number of cases `expected` there, p and q in (0, 1]."""

    shared: SharedSpan
    visitors: int
    expected: float
    p_value: float
    q_value: float


def common_sources(
    parts: Sequence[Dated], windows: Mapping[int, Ints], *, span_seconds: int, least_seconds: int, n_persons: int,
    n_places: int,
) -> list[CommonSource]:  # fmt: skip
    """
    Find what links cases: `windows` gives each case, by person number, its time before it fell ill.

    `windows` hold rows (from, to), half-open, not overlapping. All steps below, one after the other.
    """
    segments = [part.segment for part in parts]
    cases = [CaseVisits(own_presences(segments, person, within), within) for person, within in windows.items()]
    everybody = population(parts, n_persons=n_persons, n_places=n_places)
    spans = shared_spans(cases, span_seconds=span_seconds, least_seconds=least_seconds)
    visitors = distinct_visitors(parts, rows_of(spans), least_seconds=least_seconds, n_persons=n_persons)
    return ranked(spans, visitors, cases, parts, everybody, span_seconds=span_seconds)


def population(parts: Sequence[Dated], *, n_persons: int, n_places: int) -> Population:
    """Count from the directories alone who and what the segments tell of; numbers lie below the given ones."""
    seen, visited = np.zeros(n_persons, np.bool_), np.zeros(n_places, np.bool_)
    for part in parts:
        for marks, order in ((seen, part.segment.by_person), (visited, part.segment.by_place)):
            held = np.diff(order.offsets) > 0
            marks[order.keys[held] if len(order.keys) else np.flatnonzero(held)] = True
    people, rows = int(seen.sum()), sum(len(part.segment) for part in parts)
    seconds = _known(parts)[1] - _known(parts)[0] if parts else 0
    return Population(people, int(visited.sum()), rows / (people * _days(seconds)) if people else 0.0)


def shared_spans(cases: Sequence[CaseVisits], *, span_seconds: int, least_seconds: int) -> list[SharedSpan]:
    """
    Find where two or more cases were, each for at least so long within one span or over the whole time.

    Spans are multiples of `span_seconds` counted from 1970; the whole time runs from the first window to the last.
    """
    rows = np.concatenate([np.zeros((0, 4), np.int64), *(_numbered(one, case) for one, case in enumerate(cases))])
    if not len(rows):
        return []
    low, high = _whole(cases)
    events = _spans_of(_cut(rows, span_seconds), ExposureScope.EVENT, least_seconds, 0, span_seconds)
    places = _spans_of(np.insert(rows, 1, 0, axis=1), ExposureScope.PLACE, least_seconds, low, high - low)
    return [*events, *places]


def rows_of(spans: Sequence[SharedSpan]) -> Ints:
    """Give spans as rows (place, begins, ends)."""
    return np.array([(one.place, one.begins, one.ends) for one in spans], np.int64).reshape(-1, 3)


def ranked(
    spans: Sequence[SharedSpan], visitors: Ints, cases: Sequence[CaseVisits], parts: Sequence[Dated],
    everybody: Population, *, span_seconds: int,
) -> list[CommonSource]:  # fmt: skip
    """
    Rank shared spans by p-value, the most unusual first; ties by number of cases, then the shorter.

    q-values are those of Benjamini and Hochberg (1995) over every span and place that anybody could have been at;
    where fewer than two cases were, p is taken as 1, which can only make the others larger.
    """
    activity = _activity(cases, parts, everybody)
    within = {bounds: _meeting(cases, *bounds) for bounds in {(one.begins, one.ends) for one in spans}}
    tails = np.array(
        [
            _tail(count / everybody.people, activity, within[one.begins, one.ends], len(one.cases))
            for one, count in zip(spans, visitors.tolist(), strict=True)
        ]
    ).reshape(-1, 2)
    p_values = np.clip(tails[:, 1], TINIEST, 1.0)
    low, high = _whole(cases)
    n_spans = -(-high // span_seconds) - low // span_seconds if high > low else 0
    q_values = _q_values(p_values, everybody.places * (n_spans + 1))
    found = [
        CommonSource(span, *told)
        for span, *told in zip(spans, visitors.tolist(), tails[:, 0].tolist(), p_values.tolist(), q_values, strict=True)
    ]
    return sorted(found, key=_rank)


def _rank(one: CommonSource) -> tuple[float, int, int, int, int]:
    shared = one.shared
    return one.p_value, -len(shared.cases), shared.ends - shared.begins, shared.place, shared.begins


def _days(seconds: float) -> float:
    return max(seconds, 1) / 86_400


def _known(parts: Sequence[Dated]) -> tuple[int, int]:
    return min(part.first_start for part in parts), max(part.latest_end for part in parts)


def _whole(cases: Sequence[CaseVisits]) -> tuple[int, int]:
    windows = np.concatenate([np.zeros((0, 2), np.int64), *(case.windows for case in cases)])
    return (int(windows[:, 0].min()), int(windows[:, 1].max())) if len(windows) else (0, 0)


def _numbered(number: int, case: CaseVisits) -> Ints:
    """Give the presences of a case as rows (place, start, end, case)."""
    rows: Ints = np.insert(case.presences, 3, number, axis=1)
    return rows


def _cut(rows: Ints, span_seconds: int) -> Ints:
    """Cut presences at the borders of spans: rows (place, span, start, end, case)."""
    first, last = rows[:, 1] // span_seconds, (rows[:, 2] - 1) // span_seconds
    times = last - first + 1
    again = np.repeat(np.arange(len(rows)), times)
    span = first[again] + np.arange(len(again)) - np.repeat(np.cumsum(times) - times, times)
    start = np.maximum(rows[again, 1], span * span_seconds)
    end = np.minimum(rows[again, 2], (span + 1) * span_seconds)
    return np.column_stack((rows[again, 0], span, start, end, rows[again, 3]))


def _spans_of(rows: Ints, scope: ExposureScope, least_seconds: int, origin: int, length: int) -> list[SharedSpan]:
    rows = rows[rows[:, 3] - rows[:, 2] >= max(least_seconds, 1)]
    rows = rows[np.lexsort((rows[:, 4], rows[:, 1], rows[:, 0]))]
    if not len(rows):
        return []
    another = (rows[1:, :2] != rows[:-1, :2]).any(axis=1)
    borders = np.flatnonzero(np.append(True, another))
    other_case = np.append(True, another | (rows[1:, 4] != rows[:-1, 4]))
    first, last = np.minimum.reduceat(rows[:, 2], borders), np.maximum.reduceat(rows[:, 3], borders)
    found = []
    for group in np.flatnonzero(np.add.reduceat(other_case, borders, dtype=np.int64) > 1).tolist():
        low, high = borders[group], borders[group + 1] if group + 1 < len(borders) else len(rows)
        cases = tuple(rows[low:high, 4][other_case[low:high]].tolist())
        begins = origin + int(rows[low, 1]) * length
        times = int(first[group]), int(last[group])
        found.append(SharedSpan(scope, int(rows[low, 0]), begins, begins + length, cases, *times))
    return found


def _activity(cases: Sequence[CaseVisits], parts: Sequence[Dated], everybody: Population) -> Floats:
    """Say how much each case goes about beside the mean of everybody, in the part of its windows that is known."""
    low, high = _known(parts) if parts else (0, 0)
    days = [_days(np.maximum(np.clip(case.windows, low, high) @ (-1, 1), 0).sum()) for case in cases]
    daily = [len(case.presences) / day for case, day in zip(cases, days, strict=True)]
    return np.array(daily) / max(everybody.daily_presences, TINIEST)


def _meeting(cases: Sequence[CaseVisits], low: int, high: int) -> NDArray[np.bool_]:
    """Say whose windows reach into a span."""
    return np.array([bool(((case.windows[:, 0] < high) & (case.windows[:, 1] > low)).any()) for case in cases])


def _q_values(p_values: Floats, n_tests: int) -> list[float]:
    order = np.argsort(p_values, kind="stable")
    raw = p_values[order] * max(n_tests, len(p_values)) / np.arange(1, len(p_values) + 1)
    q = np.empty(len(p_values))
    q[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    values: list[float] = q.tolist()
    return values


@njit(nogil=True, cache=True)
def _tail(share, activity, within, at_least):  # type: ignore[no-untyped-def]
    """Give the expected number and the chance of `at_least` or more; only sums of non-negative numbers."""
    fewer = np.zeros(at_least)  # the chance of exactly 0, 1, … up to one less
    fewer[0] = 1.0
    expected = enough = 0.0
    for case in range(len(activity)):
        if not within[case]:
            continue
        chance = min(1.0, share * activity[case])
        expected += chance
        enough += fewer[at_least - 1] * chance
        for number in range(at_least - 1, 0, -1):
            fewer[number] = fewer[number] * (1 - chance) + fewer[number - 1] * chance
        fewer[0] *= 1 - chance
    return expected, enough
