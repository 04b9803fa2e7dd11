"""
Who was at a place together with a case, stretch by stretch.

Here a meeting is a stretch of time without a gap during which both were at one place, whatever pieces their
sources told; it counts when it lasts long enough. `companions` counts pairs of presences instead, which is
faster and the same where no source repeats itself. From meetings follow totals by layer, crowds, days and seats.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from sizao.engines.presences.companions import _range_of
from sizao.engines.presences.layout import BLOCK, BLOCK_BITS, IMPUTED, LENGTH_MASK, Segment
from sizao.engines.presences.stays import REST_ON_IMPUTED, REST_ON_PADDING, Stays
from sizao.engines.presences.summing import Ints

_RUN, _PERSON, _START, _END, _FLAGS = range(5)


@dataclass(frozen=True, slots=True)
class Meetings:
    """
    Columns, one row a meeting, ordered by run of the case, person and start (seconds, half-open).

    `imputed` are the seconds of it that rest on a missing end of either, `padded` those that rest on the
    difference of clocks that was allowed for.
    """

    run: Ints
    person: Ints
    start: Ints
    end: Ints
    imputed: Ints
    padded: Ints

    def __len__(self) -> int:
        return len(self.run)

    @property
    def seconds(self) -> Ints:
        """Give how long each meeting lasted."""
        return self.end - self.start


def meetings(segments: Sequence[Segment], own: Stays, person: int, *, least_seconds: int) -> Meetings:
    """
    Find the meetings of a person with anybody else, by its stays.

    A meeting of exactly `least_seconds` counts; one of no length never does.
    """
    found = [np.zeros((0, 5), np.uint32)]
    for segment in segments:
        order = segment.by_place
        found.append(
            _overlaps(order.records, order.keys, order.offsets, segment.block_start, segment.block_end, own.place,
                      own.start, own.end, own.run, own.flags, np.uint32(person))
        )  # fmt: skip
    rows = np.concatenate(found)
    who = rows[:, _RUN].astype(np.uint64) << np.uint64(32) | rows[:, _PERSON]
    rank = np.lexsort((rows[:, _START], who))
    stretches = _stretches(rows[rank])
    kept = stretches[stretches[:, _END] - stretches[:, _START] >= max(least_seconds, 1)]
    run, met, start, end, imputed, padded = kept.T.copy()
    return Meetings(run, met, start, end, imputed, padded)


@njit(nogil=True, cache=True)
def _overlaps(  # type: ignore[no-untyped-def]
    records, keys, offsets, block_start, block_end, place, own_start, own_end, run, flags, person
):
    """List the time that others shared with each piece of a stay, as rows (run, person, start, end, flags)."""
    found = np.empty((1024, 5), np.uint32)
    n_found = 0
    for one in range(len(place)):
        low, high = _range_of(keys, offsets, np.uint32(place[one]))
        if low == high:
            continue
        for block in range(low >> BLOCK_BITS, ((high - 1) >> BLOCK_BITS) + 1):
            begin = block << BLOCK_BITS
            if begin >= low and np.int64(block_start[block]) >= own_end[one]:
                break
            if np.int64(block_end[block]) <= own_start[one]:
                continue
            if n_found + BLOCK > len(found):
                found = _wider(found, n_found)
            n_found = _shared(records[max(begin, low) : min(begin + BLOCK, high)], own_start[one], own_end[one],
                              run[one], flags[one], person, found, n_found)  # fmt: skip
    return found[:n_found].copy()


@njit(nogil=True, cache=True)
def _shared(records, own_start, own_end, run, flags, person, found, n_found):  # type: ignore[no-untyped-def]
    for row in range(len(records)):
        start = np.int64(records[row, 0])
        end = min(start + np.int64(records[row, 1] & LENGTH_MASK), own_end)
        start = max(start, own_start)
        if start < end and records[row, 2] != person:
            imputed = np.int64(records[row, 1] & IMPUTED != 0) * REST_ON_IMPUTED
            found[n_found, 0], found[n_found, 1] = np.uint32(run), records[row, 2]
            found[n_found, 2], found[n_found, 3] = np.uint32(start), np.uint32(end)
            found[n_found, 4] = np.uint32(flags | imputed)
            n_found += 1
    return n_found


@njit(nogil=True, cache=True)
def _wider(rows, n_rows):  # type: ignore[no-untyped-def]
    wider = np.empty((2 * len(rows), rows.shape[1]), np.uint32)
    wider[:n_rows] = rows[:n_rows]
    return wider


@njit(nogil=True, cache=True)
def _stretches(rows):  # type: ignore[no-untyped-def]
    """Join rows of one run and person that overlap or touch: rows (run, person, start, end, imputed, padded)."""
    found = np.empty((len(rows), 6), np.int64)
    known = np.empty(len(rows), np.int64)  # of each stretch, up to when time is covered that rests on no missing end
    told = np.empty(len(rows), np.int64)
    n_found = -1
    for row in range(len(rows)):
        start, end = np.int64(rows[row, 2]), np.int64(rows[row, 3])
        fresh = n_found < 0 or found[n_found, 0] != rows[row, 0] or found[n_found, 1] != rows[row, 1]
        if fresh or start > found[n_found, 3]:
            n_found += 1
            found[n_found, 0], found[n_found, 1] = rows[row, 0], rows[row, 1]
            found[n_found, 2], found[n_found, 3], found[n_found, 4], found[n_found, 5] = start, end, 0, 0
            known[n_found] = told[n_found] = start
        found[n_found, 3] = max(found[n_found, 3], end)
        # Columns 4 and 5 hold first the seconds that are known and told, and are turned round below.
        if not rows[row, 4] & REST_ON_IMPUTED:
            found[n_found, 4] += max(end - max(start, known[n_found]), 0)
            known[n_found] = max(known[n_found], end)
        if not rows[row, 4] & REST_ON_PADDING:
            found[n_found, 5] += max(end - max(start, told[n_found]), 0)
            told[n_found] = max(told[n_found], end)
    found = found[: n_found + 1]
    for at in (4, 5):
        found[:, at] = found[:, 3] - found[:, 2] - found[:, at]
    return found
