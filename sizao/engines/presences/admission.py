"""Rows as they come: which can be used, why others cannot, and to which day each belongs."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.presences.layout import LONGEST, MISSING, Presences, Words

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DAY_SECONDS = 86_400
# Seconds from 1970 that fit in 32 bits with room for the length.
LATEST = 2**32 - 1 - LONGEST // 8
# Why a row cannot be used, by its code; the first that applies is told.
REASONS = ("", "no person", "no place", "no start", "start out of range", "ends before it starts", "too long")


@dataclass(frozen=True, slots=True)
class Admitted:
    """
    Rows with a start and a length in seconds (MISSING where nobody said the end).

    `reason` is 0 for a row that can be used, else an index of REASONS; `refused` counts these.
    """

    start: Words
    length: Words
    reason: NDArray[np.uint8]
    refused: int


def admit(start: Ints, end: Ints, *, has: tuple[Bools, Bools, Bools, Bools]) -> Admitted:
    """
    Look at each row. Times are seconds from 1970; what is not there may hold anything.

    `has` says for person, place, start and end whether a row has it; an empty array says that all rows do.
    """
    n = len(start)
    begins, length, reason = np.empty(n, np.uint32), np.empty(n, np.uint32), np.zeros(n, np.uint8)
    refused = _admit(start, end, *has, begins, length, reason)
    return Admitted(begins, length, reason, int(refused))


def by_day(presences: Presences) -> tuple[Words, Ints, Ints]:
    """
    Put presences together by the day (UTC) of their start, in the order in which they came.

    Return rows (n, 4) of person, place, start and length, the days, and where each begins and the last ends.
    """
    if not len(presences):
        return np.empty((0, 4), np.uint32), np.zeros(0, np.int64), np.zeros(1, np.int64)
    first = int(presences.start.min()) // DAY_SECONDS
    n_days = int(presences.start.max()) // DAY_SECONDS - first + 1
    rows, offsets = _by_day(
        presences.person, presences.place, presences.start, presences.length, np.int64(first), n_days
    )
    filled = np.flatnonzero(np.diff(offsets))
    return rows, first + filled, np.append(offsets[filled], len(rows))


@njit(nogil=True, cache=True)
def _admit(start, end, person, place, has_start, has_end, begins, length, reason):  # type: ignore[no-untyped-def]
    refused = 0
    for row in range(len(start)):
        open_end = len(has_end) > 0 and not has_end[row]
        why = _lacks(row, person, place, has_start)
        if why == 0:
            why = _untimely(start[row], end[row], open_end)
        begins[row] = np.uint32(start[row])
        length[row] = MISSING if open_end else np.uint32(end[row] - start[row])
        reason[row] = why
        refused += why != 0
    return refused


@njit(nogil=True, cache=True)
def _lacks(row, person, place, has_start):  # type: ignore[no-untyped-def]
    if len(person) and not person[row]:
        return 1
    if len(place) and not place[row]:
        return 2
    return 3 if len(has_start) and not has_start[row] else 0


@njit(nogil=True, cache=True)
def _untimely(start, end, open_end):  # type: ignore[no-untyped-def]
    if start < 0 or start > LATEST:
        return 4
    if not open_end and end < start:
        return 5
    return 6 if not open_end and end - start > LONGEST else 0


@njit(nogil=True, cache=True)
def _by_day(person, place, start, length, first, n_days):  # type: ignore[no-untyped-def]
    offsets = np.zeros(n_days + 1, np.int64)
    for row in range(len(start)):
        offsets[np.int64(start[row]) // DAY_SECONDS - first + 1] += 1
    for day in range(n_days):
        offsets[day + 1] += offsets[day]
    free = offsets[:-1].copy()
    rows = np.empty((len(start), 4), np.uint32)
    for row in range(len(start)):
        day = np.int64(start[row]) // DAY_SECONDS - first
        at = free[day]
        free[day] = at + 1
        rows[at, 0], rows[at, 1], rows[at, 2], rows[at, 3] = person[row], place[row], start[row], length[row]
    return rows, offsets
