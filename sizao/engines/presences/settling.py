"""What one person was told of: ends that nobody told closed, lines told twice joined, overlaps counted."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from sizao.engines.presences.admission import DAY_SECONDS
from sizao.engines.presences.layout import IMPUTED, LENGTH_MASK, MISSING
from sizao.engines.presences.overlapping import sweep

# Up to so many presences of one person, comparing each with all before it is faster than a sweep.
COMPARED = 64
# What `settle` counts beyond what `Told` tells: presences that are closed by rule.
CLOSED = 5


@dataclass(frozen=True, slots=True)
class Told:
    """
    What laying out found and did, in presences.

    `imputed` had no end and were closed; `repeated` said exactly what another said and were left out;
    `overlapping` overlap another of the same person and place, and were made one with it where that was
    asked for; `elsewhere` overlap a presence of the same person at another place and stay as they are;
    `cut` had been closed before, and too late by what is known now.
    """

    imputed: int
    repeated: int
    overlapping: int
    elsewhere: int
    cut: int


@njit(nogil=True, cache=True)
def settle(records, offsets, longest, coalesce):  # type: ignore[no-untyped-def]
    """Close, join and count the presences of each person in place; say which rows are kept."""
    kept = np.ones(len(records), np.bool_)
    told = np.zeros(CLOSED + 1, np.int64)  # imputed, repeated, overlapping, elsewhere, cut, closed by rule
    for one in range(len(offsets) - 1):
        low, high = np.int64(offsets[one]), np.int64(offsets[one + 1])
        missing, cut, closed = _close(records, low, high, longest)
        told[0] += missing
        told[4] += cut
        told[5] += closed
        while low < high:
            beyond = _day_ends(records, low, high)
            _compare(records, kept, low, beyond, coalesce, told)
            low = beyond
    return told, kept


@njit(nogil=True, cache=True)
def _day_ends(records, low, high):  # type: ignore[no-untyped-def]
    """Give the first record after those that start on the same day (UTC)."""
    day = np.int64(records[low, 0]) // DAY_SECONDS
    if np.int64(records[high - 1, 0]) // DAY_SECONDS == day:
        return high
    beyond = low + 1
    while np.int64(records[beyond, 0]) // DAY_SECONDS == day:
        beyond += 1
    return beyond


@njit(nogil=True, cache=True)
def _compare(records, kept, low, high, coalesce, told):  # type: ignore[no-untyped-def]
    """Join and count the presences of one person that start on one day."""
    if high - low > COMPARED and _any_overlap(records, low, high):
        sweep(records, kept, low, high, coalesce, told)
        return
    reach = np.int64(0)
    for row in range(low, high):
        # Only who is still somewhere can overlap: most people are done with the one comparison.
        if np.int64(records[row, 0]) < reach or (row > low and records[row, 0] == records[row - 1, 0]):
            found = _meet_earlier(records, kept, low, row, coalesce)
            if found > 0:
                told[found] += 1
        reach = max(reach, _end(records, row))


@njit(nogil=True, cache=True)
def _any_overlap(records, low, high):  # type: ignore[no-untyped-def]
    reach = np.int64(-1)
    for row in range(low, high):
        start = np.int64(records[row, 0])
        if start < reach or (row > low and start == np.int64(records[row - 1, 0])):
            return True
        reach = max(reach, _end(records, row))
    return False


@njit(nogil=True, cache=True)
def _end(records, row):  # type: ignore[no-untyped-def]
    return np.int64(records[row, 0]) + np.int64(records[row, 1] & LENGTH_MASK)


@njit(nogil=True, cache=True)
def _close(records, low, high, longest):  # type: ignore[no-untyped-def]
    """Close what has no end, cut what was closed too late; return how many of each, and of all closed by rule."""
    missing, cut, closed = 0, 0, 0
    for row in range(low, high):
        length = records[row, 1] & LENGTH_MASK
        if length != MISSING and not records[row, 1] & IMPUTED:
            continue
        closed += 1
        until = np.int64(longest) if length == MISSING else np.int64(length)
        after = row + 1
        while after < high and records[after, 0] == records[row, 0]:
            after += 1
        if after < high:
            until = min(until, np.int64(records[after, 0]) - np.int64(records[row, 0]))
        if length == MISSING:
            missing += 1
        elif until < np.int64(length):
            cut += 1
        records[row, 1] = np.uint32(until) | IMPUTED | (records[row, 1] & ~LENGTH_MASK)
    return missing, cut, closed


@njit(nogil=True, cache=True)
def _meet_earlier(records, kept, low, row, coalesce):  # type: ignore[no-untyped-def]
    """Compare one presence with those that began before: 1 repeated, 2 overlapping, 3 elsewhere too, 0 none."""
    start, end = np.int64(records[row, 0]), _end(records, row)
    found = 0
    for before in range(low, row):
        if not kept[before]:
            continue
        before_end = _end(records, before)
        same = np.int64(records[before, 0]) == start and before_end == end
        if _says_no_more(records, before, row):
            # What one says of its end goes before what a rule says.
            if not records[row, 1] & IMPUTED:
                records[before, 1] = records[row, 1]
            kept[row] = False
            return 1
        if records[before, 2] == records[row, 2] and (same or (coalesce and before_end > start)):
            # The earlier one takes the later one in: who starts first keeps the place in the order.
            if end > before_end:
                flags = records[before, 1] & ~LENGTH_MASK
                records[before, 1] = np.uint32(end - np.int64(records[before, 0])) | flags
            kept[row] = False
            return 1 if same else 2
        if before_end > start and end > start and found != 2:
            found = 2 if records[before, 2] == records[row, 2] else 3
    return found


@njit(nogil=True, cache=True)
def _says_no_more(records, before, row):  # type: ignore[no-untyped-def]
    """Say whether two presences tell one stay, of which at least one has its end from a rule."""
    imputed = (records[before, 1] | records[row, 1]) & IMPUTED
    return imputed != 0 and records[before, 0] == records[row, 0] and records[before, 2] == records[row, 2]
