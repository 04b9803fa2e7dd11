"""
Which new presences may have been told before: a filter that forgets nothing and now and then errs on the side of yes.

A Bloom filter (Bloom 1970, Communications of the ACM 13:422-426) whose bits for one presence lie in one line of the
cache (Putze, Sanders and Singler 2009, Journal of Experimental Algorithmics 14:4): one look at memory a presence.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.presences.layout import Order

Bools = NDArray[np.bool_]

LINE_WORDS = 8  # 64 bytes, a line of the cache
# With 32 bits a presence and 6 of them set, one in some 20,000 is taken for told before though it was not.
BITS_EACH, BITS_SET = 32, 6
SMALLEST = 1 << 20
SPREAD = np.uint64(0x9E3779B97F4A7C15)
MIX = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(slots=True)
class Remembered:
    """Presences (person, place, start) that were put in, `n` of them; `room` says for how many it was made."""

    words: NDArray[np.uint64]
    room: int
    n: int = 0


def remembered(room: int) -> Remembered:
    """Make a filter with room for so many presences; more make it err more often, never miss one."""
    bits = max(room, SMALLEST) * BITS_EACH
    lines = 1 << max(int(bits - 1).bit_length() - 9, 0)
    return Remembered(np.zeros((lines, LINE_WORDS), np.uint64), lines * 512 // BITS_EACH)


def put(filter_: Remembered, order: Order) -> Bools:
    """Put the records of an order by person in; say of each whether it may have been put in before."""
    filter_.n += len(order.records)
    found: Bools = _put(filter_.words, order.keys, order.offsets, order.records)
    return found


def only(order: Order, wanted: Bools) -> Order:
    """Keep some records of an order, with a directory of the keys that they have."""
    counts = np.diff(order.offsets)
    keys = order.keys if len(order.keys) else np.arange(len(counts), dtype=np.uint32)
    of = np.repeat(keys, counts)[wanted]
    first = np.flatnonzero(np.append(True, of[1:] != of[:-1])[: len(of)])
    return Order(order.records[wanted], of[first], np.append(first, len(of)).astype(np.uint32))


@njit(nogil=True, cache=True)
def _code(person, place, start):  # type: ignore[no-untyped-def]
    code = ((np.uint64(person) << np.uint64(32)) | np.uint64(start)) * SPREAD
    code ^= code >> np.uint64(29)
    code = (code ^ np.uint64(place)) * MIX
    code ^= code >> np.uint64(32)
    return code * SPREAD


@njit(nogil=True, cache=True)
def _put(words, keys, offsets, records):  # type: ignore[no-untyped-def]
    found = np.empty(len(records), np.bool_)
    last = np.uint64(len(words) - 1)
    for one in range(len(offsets) - 1):
        person = keys[one] if len(keys) else np.uint32(one)
        for row in range(np.int64(offsets[one]), np.int64(offsets[one + 1])):
            code = _code(person, records[row, 2], records[row, 0])
            line = ((code * MIX) >> np.uint64(32)) & last
            told = np.uint64(1)
            for _ in range(BITS_SET):
                word = (code >> np.uint64(6)) & np.uint64(7)
                told &= words[line, word] >> (code & np.uint64(63))
                words[line, word] |= np.uint64(1) << (code & np.uint64(63))
                code >>= np.uint64(9)
            found[row] = told != np.uint64(0)
    return found
