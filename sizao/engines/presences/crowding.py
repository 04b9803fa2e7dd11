"""
How much of being together was being in a crowd, and what a list cut at N would leave out.

A railway station gives a hundred thousand companions. A meeting there weighs its length divided by how many
met the case during that presence of it, so that an hour alone with one person weighs what an hour with a
thousand weighs in all. Rank by that; never drop silently.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.presences.companions import Ints, _range_of
from sizao.engines.presences.layout import BLOCK, BLOCK_BITS, LENGTH_MASK, Segment, Words

Floats = NDArray[np.float64]

MINUTES = (0, 15, 30, 60, 120, 240, 480, 1_440)
CROWDS = (1, 5, 10, 50, 100, 1_000, 10_000)


@dataclass(frozen=True, slots=True)
class Crowding:
    """
    Columns, one row a companion of one case, by person number.

    `seconds` as in `Companions`; `weighted` divides each meeting by the crowd it was in; `crowd` is the smallest
    of these. A crowd is the number of meetings that the case's own presence had, all told.
    """

    person: Words
    seconds: Ints
    weighted: Floats
    crowd: Ints


@dataclass(frozen=True, slots=True)
class Dilution:
    """
    How companions are spread, and what keeping only some leaves out.

    `by_minutes[i]` companions shared at least MINUTES[i] and fewer than the next; `by_crowd[i]` had a smallest
    crowd above CROWDS[i - 1] and up to CROWDS[i], the last entry more than all. Of the companions that are left
    out: their number, their share of all minutes and of all weight, the longest minutes, and the smallest crowd;
    the last two are 0 where nobody is left out.
    """

    by_minutes: Ints
    by_crowd: Ints
    left_out: int
    share_of_minutes: float
    share_of_weight: float
    longest_minutes: float
    smallest_crowd: int


def crowding(segments: Sequence[Segment], presences: Ints, person: int, *, least_seconds: int, room: int) -> Crowding:
    """Weigh the companions of a person at its own presences (rows of place, start, end); numbers lie below `room`."""
    least = max(least_seconds, 1)
    met = np.zeros(len(presences), np.int64)
    seconds, weighted, crowd = np.zeros(room, np.int64), np.zeros(room), np.full(room, 2**62, np.int64)
    for adding in np.array([False, True]):
        for one in segments:
            order = one.by_place
            _weigh(order.records, order.keys, order.offsets, one.block_start, one.block_end, presences,
                   np.uint32(person), least, met, adding, seconds, weighted, crowd)  # fmt: skip
    who = np.flatnonzero(seconds)
    return Crowding(who.astype(np.uint32), seconds[who], weighted[who], crowd[who])


def closest_first(weighted: Floats, seconds: Ints) -> Ints:
    """Rank rows by weight, the closest first; ties by time, then as they stand."""
    return np.lexsort((-seconds, -weighted))


def dilution(seconds: Ints, weighted: Floats, crowd: Ints, *, keep: int) -> Dilution:
    """Say how companions are spread, and what keeping the `keep` closest of them would leave out."""
    cut = closest_first(weighted, seconds)[keep:]
    above = np.searchsorted(np.array(CROWDS), crowd)  # a crowd of exactly 5 lies in the class up to 5
    longest, smallest = (float(seconds[cut].max()) / 60, int(crowd[cut].min())) if len(cut) else (0.0, 0)
    return Dilution(
        np.bincount(np.searchsorted(np.array(MINUTES) * 60, seconds, side="right") - 1, minlength=len(MINUTES)),
        np.bincount(above, minlength=len(CROWDS) + 1),
        len(cut),
        float(seconds[cut].sum() / max(seconds.sum(), 1)),
        float(weighted[cut].sum() / max(weighted.sum(), 1e-300)),
        longest,
        smallest,
    )


@njit(nogil=True, cache=True)
def _weigh(  # type: ignore[no-untyped-def]  # noqa: C901 — a hot loop, in one piece for the compiler
    records, keys, offsets, block_start, block_end, presences, person, least, met, adding, seconds, weighted, crowd
):
    """Count the meetings of each presence, or, when that is done, add them to the people met."""
    for one in range(len(presences)):
        low, high = _range_of(keys, offsets, np.uint32(presences[one, 0]))
        own_start, own_end = presences[one, 1], presences[one, 2]
        if low == high or own_end - own_start < least:
            continue
        for block in range(low >> BLOCK_BITS, ((high - 1) >> BLOCK_BITS) + 1):
            begin = block << BLOCK_BITS
            if begin >= low and np.int64(block_start[block]) > own_end - least:
                break
            if np.int64(block_end[block]) < own_start + least:
                continue
            for row in range(max(begin, low), min(begin + BLOCK, high)):
                start = np.int64(records[row, 0])
                end = min(start + np.int64(records[row, 1] & LENGTH_MASK), own_end)
                start, other = max(start, own_start), records[row, 2]
                if end - start < least or other == person:
                    continue
                if adding:
                    seconds[other] += end - start
                    weighted[other] += (end - start) / met[one]
                    crowd[other] = min(crowd[other], met[one])
                else:
                    met[one] += 1
