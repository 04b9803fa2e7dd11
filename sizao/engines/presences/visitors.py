"""How many different people were at places within spans of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit

from sizao.engines.presences.companions import Ints, ranges
from sizao.engines.presences.layout import LENGTH_MASK, Segment, Words

# Records looked at in one go: what they give is held in memory, four bytes each.
AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True)
class Dated:
    """A segment with its earliest start and its latest end, in seconds, so that one far away is not read."""

    segment: Segment
    first_start: int
    latest_end: int

    def meets(self, low: int, high: int) -> bool:
        """Say whether it could hold anything of a span, half-open."""
        return self.first_start < high and self.latest_end > low

    def ranges(self, spans: Ints, *, least_seconds: int) -> Ints:
        """Say which records by place tell of spans, rows (place, begins, ends); see `companions.ranges`."""
        span = self.first_start, self.latest_end
        return ranges(self.segment, spans, least_seconds=least_seconds, span=span)


@dataclass(frozen=True, slots=True)
class Share:
    """Some spans, from `first` to before `beyond`, and for each segment the ranges that tell of them."""

    first: int
    beyond: int
    reads: tuple[tuple[Dated, Ints], ...]


def distinct_visitors(parts: Sequence[Dated], spans: Ints, *, least_seconds: int, n_persons: int) -> Ints:
    """
    Count for each span how many different people were at its place within it for at least so long at a stretch.

    `spans` holds rows (place, begins, ends) in seconds, half-open. All shares, one after the other.
    """
    marks = np.zeros(n_persons, np.uint32)
    reads = [(part, part.ranges(spans, least_seconds=least_seconds)) for part in parts]
    counts = [visitors_of(one, spans, marks, least_seconds=least_seconds) for one in shares(reads, len(spans))]
    return np.concatenate([np.zeros(0, np.int64), *counts])


def shares(reads: Sequence[tuple[Dated, Ints]], n_spans: int, at_once: int = AT_ONCE) -> Iterator[Share]:
    """Cut spans into shares, in order, each with few enough records, by what `Dated.ranges` gave for each segment."""
    n_records = np.zeros(n_spans)
    for _, rows in reads:
        n_records += np.bincount(rows[:, 2], rows[:, 1] - rows[:, 0], n_spans)
    number = np.cumsum(n_records) // at_once
    cuts = [0, *(np.flatnonzero(number[1:] != number[:-1]) + 1).tolist(), n_spans]
    for first, beyond in pairwise(cuts if n_spans else []):
        mine = []
        for part, rows in reads:
            low, high = np.searchsorted(rows[:, 2], (first, beyond)).tolist()
            if low < high:
                mine.append((part, rows[low:high]))
        yield Share(first, beyond, tuple(mine))


def visitors_of(share: Share, spans: Ints, marks: Words, *, least_seconds: int) -> Ints:
    """Count the visitors of the spans of a share; `marks` is a word a person, left with marks of this question."""
    bounds = (share.first, share.beyond, max(least_seconds, 1))
    told = [_gathered(part.segment.by_place.records, rows, spans, *bounds) for part, rows in share.reads]
    persons = np.concatenate([np.zeros(0, np.uint32), *(people for people, _ in told)])
    before = np.cumsum([0, *(len(people) for people, _ in told)])
    borders = np.zeros((len(told), share.beyond - share.first + 1), np.int64)
    for one, (_, border) in enumerate(told):
        borders[one] = border + before[one]
    found: Ints = _distinct(persons, borders, marks, share.first)
    return found


@njit(nogil=True, cache=True)
def _gathered(records, reads, spans, first, beyond, least):  # type: ignore[no-untyped-def]
    """Gather who was there long enough, span by span; a person may stand several times."""
    n_all = 0
    for one in range(len(reads)):
        n_all += reads[one, 1] - reads[one, 0]
    people = np.empty(n_all + 1, np.uint32)  # one more, so that writing it needs no test
    borders = np.zeros(beyond - first + 1, np.int64)
    at = np.uint64(0)
    for one in range(len(reads)):
        which = reads[one, 2]
        low, high = spans[which, 1], spans[which, 2]
        for row in range(reads[one, 0], reads[one, 1]):
            start = np.int64(records[row, 0])
            end = min(start + np.int64(records[row, 1] & LENGTH_MASK), high)
            people[at] = records[row, 2]
            at += np.uint64(end - max(start, low) >= least)
        borders[which - first + 1] = np.int64(at)
    for one in range(beyond - first):
        borders[one + 1] = max(borders[one + 1], borders[one])
    return people[:at], borders


@njit(nogil=True, cache=True)
def _distinct(persons, borders, marks, first):  # type: ignore[no-untyped-def]
    n_spans = borders.shape[1] - 1
    found = np.zeros(n_spans, np.int64)
    for span in range(n_spans):
        mark = np.uint32(first + span + 1)
        for part in range(borders.shape[0]):
            for at in range(borders[part, span], borders[part, span + 1]):
                found[span] += np.int64(marks[persons[at]] != mark)
                marks[persons[at]] = mark
    return found
