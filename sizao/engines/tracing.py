"""
Who shared a place and a time with whom, for how long; and who met them afterwards.

Time is in minutes from any fixed moment; intervals are half-open, so that who arrives as another leaves
was never there together. The sweep looks only at pairs that overlap: visits are sorted by place and
arrival, and each looks forward to those that arrive before it departs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.errors import SizaoError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Pairs of visits held in memory at once; bounds the memory, does not change the answer.
PAIRS_AT_ONCE = 1_000_000


class VisitEndsBeforeItStarts(SizaoError):
    """A visit departs before it arrives."""

    code = "tracing.visit_ends_before_it_starts"
    message = "Visit {row} ends ({end}) before it starts ({start}). Correct its times, or give only its day."


@dataclass(frozen=True)
class Visits:
    """
    Columns of equal length, one row a visit.

    `start` and `end` in minutes. Where `exact` is False the person was there at some time between them,
    for how long is unknown: a visit known to the day runs from midnight to midnight.
    """

    person: Ints
    place: Ints
    start: Floats
    end: Floats
    exact: Bools

    def __post_init__(self) -> None:
        wrong = np.flatnonzero(~(self.start <= self.end))
        if len(wrong):
            row = int(wrong[0])
            raise VisitEndsBeforeItStarts(row=row, start=self.start[row], end=self.end[row])

    def where(self, rows: Bools | Ints) -> "Visits":
        """Keep some rows."""
        return Visits(self.person[rows], self.place[rows], self.start[rows], self.end[rows], self.exact[rows])


@dataclass(frozen=True)
class SharedTime:
    """
    Columns, one row a pair of people who were at one place at one time; `one` < `other`.

    `minutes` sums the meetings whose length is known, NaN when none is. `meetings` counts all,
    `meetings_unknown` those known only to the day. `first` and `last` bound the meetings in minutes.
    """

    one: Ints
    other: Ints
    minutes: Floats
    meetings: Ints
    meetings_unknown: Ints
    first: Floats
    last: Floats

    def __len__(self) -> int:
        return len(self.one)

    def where(self, rows: Bools | Ints) -> "SharedTime":
        """Keep some rows."""
        return SharedTime(
            self.one[rows], self.other[rows], self.minutes[rows], self.meetings[rows],
            self.meetings_unknown[rows], self.first[rows], self.last[rows],
        )  # fmt: skip


def shared(visits: Visits, *, index: Ints | None = None) -> SharedTime:
    """
    Find all pairs of people who shared a place and a time, or only those with someone of `index`.

    Overlapping visits of one person to one place count once. Rows come ordered by `one`, `other`; the
    order of the visits does not matter.
    """
    if index is not None:
        # Only the places of the index people can matter; the rest need not even be sorted.
        visits = visits.where(np.isin(visits.place, visits.place[np.isin(visits.person, index)]))
    rows = _united(visits)
    if not len(rows.person):
        return _summed([])
    chunks = [_meetings(at, other) for at, other in _overlapping(rows, index)]
    return _summed(chunks)


def second_ring(visits: Visits, *, people: Ints, exposed_from: Floats, until: Floats, known: Ints) -> SharedTime:
    """
    Find who met the contacts after their first exposure and before they were set apart.

    `people` are the contacts, each with the minute of first exposure and of isolation (NaN: not yet).
    `known` are people who are in the inner rings already (cases, contacts) and not looked for.
    """
    ring = shared(_between(visits, people, exposed_from, until, known), index=people)
    inner = np.union1d(people, known)
    return ring.where(~(np.isin(ring.one, inner) & np.isin(ring.other, inner)))


def _between(visits: Visits, people: Ints, exposed_from: Floats, until: Floats, known: Ints) -> Visits:
    """Clip the contacts' visits to the time between exposure and isolation; drop other known people."""
    order = np.argsort(people, kind="stable")
    position = np.searchsorted(people[order], visits.person)
    contact = np.isin(visits.person, people)
    of = order[position[contact]]
    start, end = visits.start.copy(), visits.end.copy()
    start[contact] = np.maximum(start[contact], exposed_from[of])
    end[contact] = np.fmin(end[contact], until[of])  # NaN: not yet set apart, so no bound
    kept = (start < end) & (contact | ~np.isin(visits.person, known))
    return Visits(visits.person[kept], visits.place[kept], start[kept], end[kept], visits.exact[kept])


def _united(visits: Visits) -> Visits:
    """Join a person's overlapping or touching visits to one place, apart by whether they are exact."""
    rows = visits.where(visits.start < visits.end)
    order = np.lexsort((rows.start, rows.exact, rows.place, rows.person))
    rows = rows.where(order)
    if not len(order):
        return rows
    new = np.ones(len(order), bool)
    new[1:] = (
        (rows.person[1:] != rows.person[:-1])
        | (rows.place[1:] != rows.place[:-1])
        | (rows.exact[1:] != rows.exact[:-1])
    )
    group = np.cumsum(new) - 1
    # The latest departure so far within a group: shift each group above the one before it.
    times = np.unique(np.concatenate((rows.start, rows.end)))
    shift = group * (len(times) + 1)
    latest = np.maximum.accumulate(np.searchsorted(times, rows.end) + shift)
    new[1:] |= np.searchsorted(times, rows.start[1:]) + shift[1:] > latest[:-1]
    first = np.flatnonzero(new)
    united = rows.where(first)
    return Visits(united.person, united.place, united.start, np.maximum.reduceat(rows.end, first), united.exact)


def _overlapping(rows: Visits, index: Ints | None) -> Iterator[tuple[Visits, Visits]]:
    """Yield blocks of pairs of overlapping visits to one place."""
    _, place = np.unique(rows.place, return_inverse=True)
    order = np.lexsort((rows.person, rows.start, place))
    rows, place = rows.where(order), place[order]
    # Ranks instead of times, so that place and time make one exact whole number.
    times = np.unique(np.concatenate((rows.start, rows.end)))
    key = place * len(times) + np.searchsorted(times, rows.start)
    before = np.searchsorted(key, place * len(times) + np.searchsorted(times, rows.end))
    positions = np.arange(len(order))
    if index is None:
        yield from _blocks(rows, positions, positions, before)
        return
    of_index = np.isin(rows.person, index)
    yield from _blocks(rows, positions[of_index], positions, before[of_index])
    yield from _blocks(rows, positions[~of_index], positions[of_index], before[~of_index])


def _blocks(rows: Visits, at: Ints, among: Ints, before: Ints) -> Iterator[tuple[Visits, Visits]]:
    """Pair each row of `at` with the rows of `among` after it and below its bound `before`."""
    low = np.searchsorted(among, at, side="right")
    counts = np.maximum(np.searchsorted(among, before) - low, 0)
    ends = np.cumsum(counts)
    start = 0
    while start < len(at):
        base = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, base + PAIRS_AT_ONCE, side="right")), start + 1)
        n_pairs = counts[start:stop]
        within = np.arange(n_pairs.sum()) - np.repeat(np.cumsum(n_pairs) - n_pairs, n_pairs)
        later = among[np.repeat(low[start:stop], n_pairs) + within]
        yield rows.where(np.repeat(at[start:stop], n_pairs)), rows.where(later)
        start = stop


def _meetings(at: Visits, other: Visits) -> SharedTime:
    """Sum a block of overlapping visits by pair of people."""
    people = at.person != other.person
    at, other = at.where(people), other.where(people)
    start, end = np.maximum(at.start, other.start), np.minimum(at.end, other.end)
    known = at.exact & other.exact
    return _grouped(
        SharedTime(
            np.minimum(at.person, other.person),
            np.maximum(at.person, other.person),
            np.where(known, end - start, np.nan),
            np.ones(len(start), np.int64),
            (~known).astype(np.int64),
            start,
            end,
        )
    )


def _summed(chunks: list[SharedTime]) -> SharedTime:
    if not chunks:
        no_ints, no_floats = np.zeros(0, np.int64), np.zeros(0)
        return SharedTime(no_ints, no_ints, no_floats, no_ints, no_ints, no_floats, no_floats)
    return _grouped(
        SharedTime(
            np.concatenate([chunk.one for chunk in chunks]),
            np.concatenate([chunk.other for chunk in chunks]),
            np.concatenate([chunk.minutes for chunk in chunks]),
            np.concatenate([chunk.meetings for chunk in chunks]),
            np.concatenate([chunk.meetings_unknown for chunk in chunks]),
            np.concatenate([chunk.first for chunk in chunks]),
            np.concatenate([chunk.last for chunk in chunks]),
        )
    )


def _grouped(rows: SharedTime) -> SharedTime:
    if not len(rows):
        return rows
    order = np.lexsort((rows.other, rows.one))
    one, other = rows.one[order], rows.other[order]
    new = np.ones(len(order), bool)
    new[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    first = np.flatnonzero(new)
    minutes = rows.minutes[order]
    known = ~np.isnan(minutes)
    sums = np.add.reduceat(np.where(known, minutes, 0.0), first)
    any_known = np.logical_or.reduceat(known, first)
    return SharedTime(
        one[first],
        other[first],
        np.where(any_known, sums, np.nan),
        np.add.reduceat(rows.meetings[order], first),
        np.add.reduceat(rows.meetings_unknown[order], first),
        np.minimum.reduceat(rows.first[order], first),
        np.maximum.reduceat(rows.last[order], first),
    )
