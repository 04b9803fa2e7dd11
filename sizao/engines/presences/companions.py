"""
Who shared a place with a case for long enough.

A meeting is one presence of the case, clipped to the window of the case, and one presence of somebody
else at the same place; it counts when their overlap reaches the least length. The sweep goes forward
over the records of the place, so that it never joins pairs; its cost follows the matches.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.presences.layout import BLOCK, BLOCK_BITS, LENGTH_MASK, Order, Segment, Words

Ints = NDArray[np.int64]
# Sorting one number costs as much as looking at so many.
MANY = 16


@dataclass(frozen=True, slots=True)
class Companions:
    """
    Columns, one row a companion of one case, by person number.

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


class Tally:
    """
    Room to sum the meetings of one case after the other: four words a person, used again and again.

    One to a thread.
    """

    def __init__(self, n_persons: int) -> None:
        self.sums = np.zeros((n_persons, 4), np.uint32)
        self.touched = np.empty(n_persons + 1, np.uint32)  # one more, so that writing it needs no test

    def people(self, n_touched: int) -> Words:
        """Give who was touched, by number: by looking at everybody where many were, which is faster than sorting."""
        if n_touched * MANY > len(self.sums):
            return np.flatnonzero(self.sums[:, 1]).astype(np.uint32)
        return np.sort(self.touched[:n_touched])


def own_presences(segments: Sequence[Segment], person: int, windows: Ints) -> Ints:
    """
    Give a person's own presences within the windows, as rows (place, start, end) ordered by place and start.

    `windows` holds rows (from, to) in seconds, half-open, not overlapping. What several
    segments tell of is taken once.
    """
    found = [_records_of(segment.by_person, person) for segment in segments]
    records = np.concatenate([np.zeros((0, 3), np.uint32), *found]).astype(np.int64)
    place, start = records[:, 2], records[:, 0]
    end = start + (records[:, 1] & int(LENGTH_MASK))
    rank = np.lexsort((end, start, place))
    rows: Ints = np.column_stack((place, start, end))[rank]
    if len(found) > 1 and len(rows):
        rows = rows[np.append(True, (rows[1:] != rows[:-1]).any(axis=1))]
    clipped = [
        np.column_stack((rows[:, 0], np.maximum(rows[:, 1], low), np.minimum(rows[:, 2], high)))
        for low, high in windows.tolist()
    ]
    within: Ints = clipped[0] if len(clipped) == 1 else np.concatenate(clipped)
    return within[within[:, 1] < within[:, 2]]


def companions(parts: Sequence[tuple[Segment, Ints]], person: int, *, least_seconds: int, tally: Tally) -> Companions:
    """
    Find who met a person, and for how long.

    `parts` are segments, each with the person's presences (rows of place, start, end) that could meet any in it.

    A meeting of exactly `least_seconds` counts; one of no length never does.
    """
    least = max(least_seconds, 1)
    n_touched = 0
    for segment, presences in parts:
        order = segment.by_place
        n_touched = _sweep(
            order.records, order.keys, order.offsets, segment.block_start, segment.block_end,
            long_enough(presences, least), np.uint32(person), least, tally.sums, tally.touched, n_touched,
        )  # fmt: skip
    met = tally.people(n_touched)
    return Companions(met, *_drained(tally.sums, met))


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


def ranges(segment: Segment, presences: Ints, *, least_seconds: int) -> Ints:
    """
    Say which records by place a question will read, as rows (first, beyond), from the directories alone.

    So that the pages can be asked for before the sweep needs them.
    """
    order = segment.by_place
    return _ranges(order.keys, order.offsets, segment.block_start, segment.block_end, presences, max(least_seconds, 1))  # type: ignore[no-any-return]


def _records_of(order: Order, key: int) -> Words:
    low, high = _range_of(order.keys, order.offsets, np.uint32(key))
    return order.records[low:high]


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
def _sweep(  # type: ignore[no-untyped-def]
    records, keys, offsets, block_start, block_end, presences, person, least, sums, touched, n_touched
):
    near = np.empty((BLOCK, 3), np.uint32)  # unsigned, so that an index made of it is never tested for its sign
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
            n_near = _meeting(records, first, beyond, own_start, own_end, person, least, near)
            n_touched = _add(near, n_near, sums, touched, n_touched)
    return n_touched


@njit(nogil=True, cache=True)
def _any(records, keys, offsets, block_start, block_end, presences, person, least):  # type: ignore[no-untyped-def]
    near = np.empty((BLOCK, 3), np.uint32)
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
            if _meeting(records, first, beyond, own_start, own_end, person, least, near):
                return True
    return False


@njit(nogil=True, cache=True)
def _meeting(records, first, beyond, own_start, own_end, person, least, near):  # type: ignore[no-untyped-def]
    """
    Put the meetings of some records into `near` as (person, start, end); say how many.

    Each record is written and only some are kept: about every other one meets, and a processor guesses that badly.
    """
    n_near = np.uint64(0)
    for row in range(first, beyond):
        start = np.int64(records[row, 0])
        end = min(start + np.int64(records[row, 1] & LENGTH_MASK), own_end)
        start = max(start, own_start)
        other = records[row, 2]
        near[n_near, 0], near[n_near, 1], near[n_near, 2] = other, np.uint32(start), np.uint32(end)
        n_near += np.uint64(end - start >= least) & np.uint64(other != person)
    return n_near


@njit(nogil=True, cache=True)
def _add(near, n_near, sums, touched, n_touched):  # type: ignore[no-untyped-def]
    """Add meetings up by person, without a branch: the first start is kept as its complement, so that 0 is none."""
    for row in range(np.int64(n_near)):
        other, start, end = near[row, 0], near[row, 1], near[row, 2]
        touched[n_touched] = other
        n_touched += np.int64(sums[other, 1] == 0)
        sums[other, 0] += np.uint32(end - start)
        sums[other, 1] += np.uint32(1)
        sums[other, 2] = max(sums[other, 2], ~np.uint32(start))
        sums[other, 3] = max(sums[other, 3], np.uint32(end))
    return n_touched


@njit(nogil=True, cache=True)
def _drained(sums, person):  # type: ignore[no-untyped-def]
    """Read the sums of some people, and leave the room empty for the next case."""
    seconds = np.empty(len(person), np.int64)
    meetings = np.empty(len(person), np.uint32)
    first = np.empty(len(person), np.uint32)
    last = np.empty(len(person), np.uint32)
    for row in range(len(person)):
        other = person[row]
        seconds[row], meetings[row] = sums[other, 0], sums[other, 1]
        first[row], last[row] = ~sums[other, 2], sums[other, 3]
        sums[other, 0] = sums[other, 1] = sums[other, 2] = sums[other, 3] = np.uint32(0)
    return seconds, meetings, first, last


@njit(nogil=True, cache=True)
def _ranges(keys, offsets, block_start, block_end, presences, least):  # type: ignore[no-untyped-def]
    found = np.empty((64, 2), np.int64)
    n_found = 0
    for one in range(len(presences)):
        low, high = _range_of(keys, offsets, np.uint32(presences[one, 0]))
        if low == high:
            continue
        latest_start, earliest_end = presences[one, 2] - least, presences[one, 1] + least
        for block in range(low >> BLOCK_BITS, ((high - 1) >> BLOCK_BITS) + 1):
            begin = block << BLOCK_BITS
            if begin >= low and np.int64(block_start[block]) > latest_start:
                break
            if np.int64(block_end[block]) < earliest_end:
                continue
            first, beyond = max(begin, low), min(begin + BLOCK, high)
            if n_found and found[n_found - 1, 1] == first:
                found[n_found - 1, 1] = beyond
                continue
            if n_found == len(found):
                wider = np.empty((2 * len(found), 2), np.int64)
                wider[:n_found] = found
                found = wider
            found[n_found, 0], found[n_found, 1] = first, beyond
            n_found += 1
    return found[:n_found]
