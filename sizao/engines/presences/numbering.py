"""
Dense numbers for tokens, in the order in which they first appear: an open table of hashes, for integers and for texts.

Numbers are 0, 1, 2 …; a token keeps its number. Tables grow; nothing is ever taken out.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Numbers = NDArray[np.uint32]
Bytes = NDArray[np.uint8]

SMALLEST_BITS = 10
# A table is at most half full: most searches end at the first place looked at.
FULL_PARTS = 2
# Odd multipliers that spread neighbouring tokens over a table (Knuth, The Art of Computer Programming 3, 6.4).
SPREAD = np.uint64(0x9E3779B97F4A7C15)
MIX = np.uint64(0xBF58476D1CE4E5B9)


class IntegerNumbers:
    """Numbers of 64-bit integers."""

    def __init__(self) -> None:
        self.n = 0
        self._slots = np.zeros((1 << SMALLEST_BITS, 2), np.int64)  # token, number + 1; 0 where nothing is

    def number(self, tokens: Ints) -> tuple[Numbers, Ints]:
        """Give the number of each token, and the rows at which tokens appear that had none, in order."""
        numbers, new_rows = np.empty(len(tokens), np.uint32), np.empty(len(tokens), np.int64)
        row, n_new = 0, 0
        while True:
            row, n_new = _number_integers(tokens, row, self._slots, self.n, numbers, new_rows, n_new)
            if row == len(tokens):
                self.n += n_new
                return numbers, new_rows[:n_new]
            self._slots = _grown(self._slots)

    def learn(self, tokens: Ints, present: NDArray[np.bool_]) -> None:
        """Take in tokens that have the next numbers already; those that are not `present` only use a number up."""
        while (self.n + len(tokens)) * FULL_PARTS > len(self._slots):
            self._slots = _grown(self._slots)
        _learn_integers(tokens, present, self._slots, self.n)
        self.n += len(tokens)


class TextNumbers:
    """Numbers of texts, given as the bytes of all one after the other and where each begins and ends."""

    def __init__(self) -> None:
        self.n = 0
        self._slots = np.zeros((1 << SMALLEST_BITS, 2), np.int64)  # hash, number + 1
        self._bytes = np.empty(1 << SMALLEST_BITS, np.uint8)
        self._ends = np.zeros(2, np.int64)  # text i ends at entry i + 1

    def number(self, offsets: NDArray[Any], data: Bytes) -> tuple[Numbers, Ints]:
        """Give the number of each text, and the rows at which texts appear that had none, in order."""
        n_rows = len(offsets) - 1
        numbers, new_rows = np.empty(n_rows, np.uint32), np.empty(n_rows, np.int64)
        self._make_room(n_rows, int(offsets[-1]) - int(offsets[0]))
        row, n_new = 0, 0
        while True:
            row, n_new = _number_texts(
                offsets, data, row, self._slots, self._bytes, self._ends, self.n, numbers, new_rows, n_new
            )
            if row == n_rows:
                self.n += n_new
                return numbers, new_rows[:n_new]
            self._slots = _grown(self._slots)

    def learn(self, offsets: NDArray[Any], data: Bytes, present: NDArray[np.bool_]) -> None:
        """Take in texts that have the next numbers already; those that are not `present` only use a number up."""
        n_rows = len(offsets) - 1
        while (self.n + n_rows) * FULL_PARTS > len(self._slots):
            self._slots = _grown(self._slots)
        self._make_room(n_rows, int(offsets[-1]) - int(offsets[0]))
        _learn_texts(offsets, data, present, self._slots, self._bytes, self._ends, self.n)
        self.n += n_rows

    def _make_room(self, n_rows: int, n_bytes: int) -> None:
        """Let there be room for as many new texts as there are rows."""
        bytes_needed, ends_needed = int(self._ends[self.n]) + n_bytes, self.n + n_rows + 1
        if bytes_needed > len(self._bytes):
            self._bytes = np.resize(self._bytes, bytes_needed * 2)
        if ends_needed > len(self._ends):
            self._ends = np.resize(self._ends, ends_needed * 2)


@njit(nogil=True, cache=True)
def _place(code, slots):  # type: ignore[no-untyped-def]
    """Say where in a table the search for a hash (or an integer) begins."""
    spread = np.uint64(code) * SPREAD
    spread ^= spread >> np.uint64(32)
    return np.int64(spread & np.uint64(len(slots) - 1))


@njit(nogil=True, cache=True)
def _number_integers(tokens, row, slots, n, numbers, new_rows, n_new):  # type: ignore[no-untyped-def]
    """Number rows from `row`; stop early when the table is full. Return the row reached and the count of new ones."""
    last = len(slots) - 1
    while row < len(tokens):
        token = tokens[row]
        at = _place(token, slots)
        while slots[at, 1] != 0 and slots[at, 0] != token:
            at = (at + 1) & last
        if slots[at, 1] == 0:
            if (n + n_new) * FULL_PARTS >= len(slots):
                return row, n_new
            slots[at, 0], slots[at, 1] = token, n + n_new + 1
            new_rows[n_new] = row
            n_new += 1
        numbers[row] = slots[at, 1] - 1
        row += 1
    return row, n_new


@njit(nogil=True, cache=True)
def _learn_integers(tokens, present, slots, n):  # type: ignore[no-untyped-def]
    for row in range(len(tokens)):
        if present[row]:
            _put(slots, tokens[row], n + row + 1)


@njit(nogil=True, cache=True)
def _put(slots, code, held):  # type: ignore[no-untyped-def]
    at = _place(code, slots)
    while slots[at, 1] != 0:
        at = (at + 1) & (len(slots) - 1)
    slots[at, 0], slots[at, 1] = code, held


@njit(nogil=True, cache=True)
def _grown(slots):  # type: ignore[no-untyped-def]
    grown = np.zeros((len(slots) * 2, 2), np.int64)
    for row in range(len(slots)):
        if slots[row, 1] != 0:
            _put(grown, slots[row, 0], slots[row, 1])
    return grown


@njit(nogil=True, cache=True)
def _hash(data, low, high):  # type: ignore[no-untyped-def]
    code = np.uint64(high - low) * SPREAD
    at = low
    while at + 8 <= high:
        word = np.uint64(0)
        for byte in range(8):
            word |= np.uint64(data[at + byte]) << np.uint64(8 * byte)
        code = (code ^ word) * MIX
        code ^= code >> np.uint64(29)
        at += 8
    word = np.uint64(0)
    while at < high:
        word = (word << np.uint64(8)) | np.uint64(data[at])
        at += 1
    code = (code ^ word) * MIX
    return np.int64(code ^ (code >> np.uint64(32)))


@njit(nogil=True, cache=True)
def _same(data, low, high, held, first, beyond):  # type: ignore[no-untyped-def]
    if high - low != beyond - first:
        return False
    for byte in range(high - low):  # noqa: SIM110 — numba compiles loops, not generators
        if data[low + byte] != held[first + byte]:
            return False
    return True


@njit(nogil=True, cache=True)
def _keep(data, low, high, held, ends, number):  # type: ignore[no-untyped-def]
    first = ends[number]
    for byte in range(high - low):
        held[first + byte] = data[low + byte]
    ends[number + 1] = first + high - low


@njit(nogil=True, cache=True)
def _number_texts(offsets, data, row, slots, held, ends, n, numbers, new_rows, n_new):  # type: ignore[no-untyped-def]
    last = len(slots) - 1
    while row < len(offsets) - 1:
        low, high = np.int64(offsets[row]), np.int64(offsets[row + 1])
        code = _hash(data, low, high)
        at = _place(code, slots)
        while slots[at, 1] != 0:
            number = slots[at, 1] - 1
            if slots[at, 0] == code and _same(data, low, high, held, ends[number], ends[number + 1]):
                break
            at = (at + 1) & last
        if slots[at, 1] == 0:
            if (n + n_new) * FULL_PARTS >= len(slots):
                return row, n_new
            slots[at, 0], slots[at, 1] = code, n + n_new + 1
            _keep(data, low, high, held, ends, n + n_new)
            new_rows[n_new] = row
            n_new += 1
        numbers[row] = slots[at, 1] - 1
        row += 1
    return row, n_new


@njit(nogil=True, cache=True)
def _learn_texts(offsets, data, present, slots, held, ends, n):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        low, high = np.int64(offsets[row]), np.int64(offsets[row + 1])
        _keep(data, low, high, held, ends, n + row)
        if present[row]:
            _put(slots, _hash(data, low, high), n + row + 1)
