"""Ends that nobody told, closed across days: by the next presence of the person, wherever it is stored."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.presences.layout import IMPUTED, LENGTH_MASK, LONGEST, MISSING, Words

NEVER = np.uint32(2**32 - 1)


@dataclass(frozen=True, slots=True)
class OpenEnds:
    """
    Presences without an end, sorted by person and start, and when the person's next presence starts.

    Those of person p are from `offsets[p]` to `offsets[p + 1]`; `following` is NEVER where nothing follows.
    """

    start: Words
    following: Words
    offsets: NDArray[np.int64]


def open_ends(parts: Iterable[Words], n_persons: int) -> OpenEnds:
    """Collect what has no end from rows (n, 4) of person, place, start and length; see them all before `close`."""
    found = [rows[(rows[:, 3] & LENGTH_MASK) == MISSING][:, [0, 2]] for rows in parts]
    rows = np.unique(np.concatenate(found), axis=0) if found else np.zeros((0, 2), np.uint32)
    offsets = np.searchsorted(rows[:, 0], np.arange(n_persons + 1)).astype(np.int64)
    return OpenEnds(np.ascontiguousarray(rows[:, 1]), np.full(len(rows), NEVER, np.uint32), offsets)


def see(ends: OpenEnds, rows: Words) -> None:
    """Let rows (n, 4) shorten what is open: a presence ends at the latest when the person's next one starts."""
    _see(rows, ends.start, ends.following, ends.offsets)


def close(ends: OpenEnds, rows: Words, longest_seconds: int) -> int:
    """Write the lengths of what has no end into rows (n, 4), with the flag IMPUTED; return how many there were."""
    return int(_close(rows, ends.start, ends.following, ends.offsets, min(longest_seconds, LONGEST)))


@njit(nogil=True, cache=True)
def _see(rows, starts, following, offsets):  # type: ignore[no-untyped-def]
    for row in range(len(rows)):
        person, start = rows[row, 0], rows[row, 2]
        for one in range(offsets[person], offsets[person + 1]):
            if starts[one] >= start:
                break
            following[one] = min(following[one], start)


@njit(nogil=True, cache=True)
def _close(rows, starts, following, offsets, longest):  # type: ignore[no-untyped-def]
    closed = 0
    for row in range(len(rows)):
        if rows[row, 3] & LENGTH_MASK != MISSING:
            continue
        person, start = rows[row, 0], rows[row, 2]
        one = offsets[person]
        while starts[one] != start:
            one += 1
        until = min(np.int64(longest), np.int64(following[one]) - np.int64(start))
        rows[row, 3] = np.uint32(until) | IMPUTED | (rows[row, 3] & ~LENGTH_MASK)
        closed += 1
    return closed
