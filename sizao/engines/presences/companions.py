"""
Who shared a place with a case for long enough.

A meeting is one presence of the case, clipped to the window of the case, and one presence of somebody
else at the same place; it counts when their overlap reaches the least length. The sweep goes forward
over the records of the place, so that it never joins pairs; its cost follows the matches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.presences.layout import BLOCK, BLOCK_BITS, LENGTH_MASK, Order, Segment, Words
from sizao.engines.presences.summing import Tally

Ints = NDArray[np.int64]
ALWAYS = (0, 2**40)  # a span that every segment lies within, in seconds


@dataclass(frozen=True, slots=True)
class Companions:
    """
    Columns, one row a companion of one case, in no order.

    `seconds` sums the meetings that count, `meetings` counts them, `first` is the start of the earliest
    overlap and `last` the end of the latest, in seconds.
    """

    person: Words
    seconds: Ints
    meetings: Words
    first: Words
    last: Words

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, slots=True)
class Own:
    """
    The presences of several people: rows (place, start, end).

    Those of the person at position `i` run from `borders[i]` to `borders[i + 1]`, ordered by place and start.
    """

    rows: Ints
    borders: Ints

    def of(self, position: int) -> Ints:
        """Give the rows of one person."""
        return self.rows[self.borders[position] : self.borders[position + 1]]

    def where(self, wanted: NDArray[np.bool_]) -> "Own":
        """Keep some rows."""
        before = np.append(0, np.cumsum(wanted))
        return Own(self.rows[wanted], before[self.borders])


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What of a segment a question about several people reads: rows (first, beyond, which), see `ranges`.

    Those of the person at position `i` run from `borders[i]` to `borders[i + 1]`.
    """

    segment: Segment
    ranges: Ints
    borders: Ints

    def of(self, position: int) -> Ints:
        """Give the rows of one person."""
        return self.ranges[self.borders[position] : self.borders[position + 1]]


def own_presences(segments: Sequence[Segment], person: int, windows: Ints) -> Ints:
    """
    Give a person's own presences within the windows, as rows (place, start, end) ordered by place and start.

    `windows` holds rows (from, to) in seconds, half-open, not overlapping. What several
    segments tell of is taken once.
    """
    return own_of(segments, {person: windows}).rows


def own_of(segments: Sequence[Segment], windows: Mapping[int, Ints]) -> Own:
    """Give the own presences of several people, by number, each within its windows; see `own_presences`."""
    persons = np.array(list(windows), np.int64)
    found = [
        _records_of(order.records, order.keys, order.offsets, persons) for order in (one.by_person for one in segments)
    ]
    rows = np.concatenate([np.zeros((0, 4), np.int64), *found])  # who, place, start, end
    rows = rows[np.lexsort(rows.T[::-1])]
    if len(found) > 1 and len(rows):
        rows = rows[np.append(True, (rows[1:] != rows[:-1]).any(axis=1))]
    bounds = np.cumsum([0, *(len(one) for one in windows.values())])
    cut = _cut(rows, np.concatenate([np.zeros((0, 2), np.int64), *windows.values()]), bounds)
    return Own(np.ascontiguousarray(cut[:, 1:]), np.searchsorted(cut[:, 0], np.arange(len(persons) + 1)))


def companions(
    segments: Sequence[Segment], presences: Ints, person: int, *, least_seconds: int, tally: Tally
) -> Companions:
    """
    Find who met a person at its presences (rows of place, start, end), and for how long.

    A meeting of exactly `least_seconds` counts; one of no length never does.
    """
    own = Own(presences, np.array([0, len(presences)]))
    readings = [read_for(segment, own, least_seconds=least_seconds) for segment in segments]
    return swept(readings, own, 0, person, least_seconds=least_seconds, tally=tally)


def read_for(segment: Segment, own: Own, *, least_seconds: int, span: tuple[int, int] = ALWAYS) -> Reading:
    """Say what of a segment, which covers a span, a question about several people reads."""
    found = ranges(segment, own.rows, least_seconds=least_seconds, span=span)
    return Reading(segment, found, np.searchsorted(found[:, 2], own.borders))


def swept(
    readings: Sequence[Reading], own: Own, position: int, person: int, *, least_seconds: int, tally: Tally
) -> Companions:
    """Find who met the person at a position of `own`, as `companions` does, by what is known to be read."""
    reads = [(one.segment.by_place.records, one.of(position)) for one in readings]
    reads = [(records, rows) for records, rows in reads if len(rows)]
    meetings = tally.room(sum(_n_records(rows) for _, rows in reads) + 1)
    n_found = 0
    for records, rows in reads:
        n_found = _sweep(records, rows, own.rows, np.uint32(person), max(least_seconds, 1), meetings, n_found)
    return Companions(*tally.summed(meetings[:n_found]))


def meets(segment: Segment, presences: Ints, person: int, *, least_seconds: int) -> bool:
    """Say whether anybody else of a segment met a person at its presences (rows of place, start, end)."""
    order, least = segment.by_place, max(least_seconds, 1)
    found: bool = _any(
        order.records, order.keys, order.offsets, segment.block_start, segment.block_end,
        long_enough(presences, least), np.uint32(person), least,
    )  # fmt: skip
    return found


def long_enough(presences: Ints, least_seconds: int) -> Ints:
    """Keep the presences (rows of place, start, end) that last at least so long, and any time at all."""
    return presences[presences[:, 2] - presences[:, 1] >= max(least_seconds, 1)]


def ranges(segment: Segment, presences: Ints, *, least_seconds: int, span: tuple[int, int] = ALWAYS) -> Ints:
    """
    Say which records by place a question will read, from the directories alone.

    Rows (first, beyond, which): the presence `which` is to be held beside the records from `first` on. So that
    the pages can be asked for before the sweep needs them. All the segment lies within `span`, half-open.
    """
    order = segment.by_place
    found: Ints = _ranges(
        order.keys, order.offsets, segment.block_start, segment.block_end, presences, max(least_seconds, 1), *span
    )
    return found


def ranges_of(order: Order, keys: Ints) -> Ints:
    """Say which records of an order belong to some keys: rows (first, beyond)."""
    found: Ints = _ranges_of(order.keys, order.offsets, keys)
    return found


@njit(nogil=True, cache=True)
def _range_of(keys, offsets, key):  # type: ignore[no-untyped-def]
    """Find the records of a key: by its number in a dense directory, by search in a sparse one."""
    at = np.int64(key)
    if len(keys) > 0:
        at = np.searchsorted(keys, key)
        if at == len(keys) or keys[at] != key:
            return np.int64(0), np.int64(0)
    if at >= len(offsets) - 1:
        return np.int64(0), np.int64(0)
    return np.int64(offsets[at]), np.int64(offsets[at + 1])


@njit(nogil=True, cache=True)
def _ranges_of(keys, offsets, wanted):  # type: ignore[no-untyped-def]
    found = np.empty((len(wanted), 2), np.int64)
    for one in range(len(wanted)):
        found[one, 0], found[one, 1] = _range_of(keys, offsets, np.uint32(wanted[one]))
    return found


@njit(nogil=True, cache=True)
def _records_of(records, keys, offsets, persons):  # type: ignore[no-untyped-def]
    """Gather the records of some people: rows (who, place, start, end), `who` being the position in `persons`."""
    n_all = 0
    for who in range(len(persons)):
        low, high = _range_of(keys, offsets, np.uint32(persons[who]))
        n_all += high - low
    found = np.empty((n_all, 4), np.int64)
    n_found = 0
    for who in range(len(persons)):
        low, high = _range_of(keys, offsets, np.uint32(persons[who]))
        for row in range(low, high):
            found[n_found, 0], found[n_found, 1], found[n_found, 2] = who, records[row, 2], records[row, 0]
            found[n_found, 3] = np.int64(records[row, 0]) + np.int64(records[row, 1] & LENGTH_MASK)
            n_found += 1
    return found


@njit(nogil=True, cache=True)
def _cut(rows, windows, bounds):  # type: ignore[no-untyped-def]
    """Cut rows (who, place, start, end) to the windows of who it is; what lies in several becomes several."""
    n_all = 0
    for row in range(len(rows)):
        n_all += bounds[rows[row, 0] + 1] - bounds[rows[row, 0]]
    found = np.empty((n_all, 4), np.int64)
    n_found = 0
    for row in range(len(rows)):
        who = rows[row, 0]
        for one in range(bounds[who], bounds[who + 1]):
            start, end = max(rows[row, 2], windows[one, 0]), min(rows[row, 3], windows[one, 1])
            if start < end:
                found[n_found, 0], found[n_found, 1], found[n_found, 2], found[n_found, 3] = (
                    who,
                    rows[row, 1],
                    start,
                    end,
                )
                n_found += 1
    return found[:n_found]


@njit(nogil=True, cache=True)
def _n_records(reads):  # type: ignore[no-untyped-def]
    found = 0
    for one in range(len(reads)):
        found += reads[one, 1] - reads[one, 0]
    return found


@njit(nogil=True, cache=True)
def _sweep(records, reads, presences, person, least, meetings, n_found):  # type: ignore[no-untyped-def]
    for one in range(len(reads)):
        own = reads[one, 2]
        n_found = _meeting(
            records, reads[one, 0], reads[one, 1], presences[own, 1], presences[own, 2], person, least, meetings,
            n_found,
        )  # fmt: skip
    return n_found


@njit(nogil=True, cache=True)
def _any(records, keys, offsets, block_start, block_end, presences, person, least):  # type: ignore[no-untyped-def]
    near = np.empty((BLOCK + 1, 3), np.uint32)
    for one in range(len(presences)):
        low, high = _range_of(keys, offsets, np.uint32(presences[one, 0]))
        own_start, own_end = presences[one, 1], presences[one, 2]
        for block in range(low >> BLOCK_BITS, (high + BLOCK - 1) >> BLOCK_BITS):
            begin = block << BLOCK_BITS
            if begin >= low and np.int64(block_start[block]) > own_end - least:
                break
            if np.int64(block_end[block]) < own_start + least:
                continue
            first, beyond = max(begin, low), min(begin + BLOCK, high)
            if _meeting(records, first, beyond, own_start, own_end, person, least, near, 0):
                return True
    return False


@njit(nogil=True, cache=True)
def _meeting(records, first, beyond, own_start, own_end, person, least, meetings, n_found):  # type: ignore[no-untyped-def]
    """
    Put the meetings of some records behind `n_found` others as (person, start, end); say how many there are then.

    Each record is written and only some are kept: about every other one meets, and a processor guesses that badly.
    So `meetings` has room for every record, and for one more.
    """
    at = np.uint64(n_found)  # unsigned, so that an index made of it is never tested for its sign
    for row in range(first, beyond):
        start = np.int64(records[row, 0])
        end = min(start + np.int64(records[row, 1] & LENGTH_MASK), own_end)
        start = max(start, own_start)
        other = records[row, 2]
        meetings[at, 0], meetings[at, 1], meetings[at, 2] = other, np.uint32(start), np.uint32(end)
        at += np.uint64(end - start >= least) & np.uint64(other != person)
    return np.int64(at)


@njit(nogil=True, cache=True)
def _ranges(  # type: ignore[no-untyped-def]
    keys, offsets, block_start, block_end, presences, least, earliest_start, latest_end
):
    found = np.empty((64, 3), np.int64)
    n_found = 0
    for one in range(len(presences)):
        latest_start, earliest_end = presences[one, 2] - least, presences[one, 1] + least
        if latest_start < presences[one, 1] or latest_start < earliest_start or latest_end < earliest_end:
            continue
        low, high = _range_of(keys, offsets, np.uint32(presences[one, 0]))
        for block in range(low >> BLOCK_BITS, (high + BLOCK - 1) >> BLOCK_BITS):
            begin = block << BLOCK_BITS
            if begin >= low and np.int64(block_start[block]) > latest_start:
                break
            if np.int64(block_end[block]) < earliest_end:
                continue
            first, beyond = max(begin, low), min(begin + BLOCK, high)
            if n_found and found[n_found - 1, 1] == first and found[n_found - 1, 2] == one:
                found[n_found - 1, 1] = beyond
                continue
            if n_found == len(found):
                found = np.concatenate((found, np.empty_like(found)))
            found[n_found, 0], found[n_found, 1], found[n_found, 2] = first, beyond, one
            n_found += 1
    return found[:n_found]
