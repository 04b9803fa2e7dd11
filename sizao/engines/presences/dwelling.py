"""How long people dwelt at places: the hours that the space-time rule (时空伴随) asks for."""

from collections.abc import Sequence

import numpy as np
from numba import njit

from sizao.engines.presences.companions import _range_of
from sizao.engines.presences.layout import LENGTH_MASK
from sizao.engines.presences.summing import Ints
from sizao.engines.presences.visitors import Dated

_PAIR, _START, _END = range(3)


def dwell_seconds(parts: Sequence[Dated], person: Ints, place: Ints, *, since: int, until: int) -> Ints:
    """
    Sum for each pair of a person and a place how long the person was there within a span, half-open.

    Time that several presences tell of counts once. Only the presences of these people are read.
    """
    rank = np.lexsort((place, person))
    found = [np.zeros((0, 3), np.int64)]
    for part in parts:
        if part.meets(since, until):
            order = part.segment.by_person
            found.append(
                _gathered(order.records, order.keys, order.offsets, person[rank], place[rank], since, until)
            )  # fmt: skip
    rows = np.concatenate(found)
    rows = rows[np.lexsort((rows[:, _START], rows[:, _PAIR]))]
    seconds = np.zeros(len(person), np.int64)
    seconds[rank] = _covered(rows, len(person))
    return seconds


@njit(nogil=True, cache=True)
def _gathered(records, keys, offsets, person, place, since, until):  # type: ignore[no-untyped-def]
    """List the presences of each person at the wanted places as rows (pair, start, end), cut to the span."""
    found = np.empty((1024, 3), np.int64)
    n_found, first = 0, 0
    while first < len(person):
        beyond = first + 1
        while beyond < len(person) and person[beyond] == person[first]:
            beyond += 1
        low, high = _range_of(keys, offsets, np.uint32(person[first]))
        for row in range(low, high):
            pair = first  # by one after the other: somebody met a case in one or two cells
            while pair < beyond and place[pair] != np.int64(records[row, 2]):
                pair += 1
            if pair == beyond:
                continue
            start = max(np.int64(records[row, 0]), since)
            end = min(np.int64(records[row, 0]) + np.int64(records[row, 1] & LENGTH_MASK), until)
            if start < end:
                if n_found == len(found):
                    wider = np.empty((2 * n_found, 3), np.int64)
                    wider[:n_found] = found
                    found = wider
                found[n_found, 0], found[n_found, 1], found[n_found, 2] = pair, start, end
                n_found += 1
        first = beyond
    return found[:n_found].copy()


@njit(nogil=True, cache=True)
def _covered(rows, n_pairs):  # type: ignore[no-untyped-def]
    """Sum for each pair the time that its rows, ordered by start, cover."""
    seconds = np.zeros(n_pairs, np.int64)
    pair, reach = -1, 0
    for row in range(len(rows)):
        if rows[row, 0] != pair:
            pair, reach = rows[row, 0], 0
        seconds[pair] += max(rows[row, 2] - max(rows[row, 1], reach), 0)
        reach = max(reach, rows[row, 2])
    return seconds
