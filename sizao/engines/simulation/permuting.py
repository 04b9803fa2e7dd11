"""
Mix the people of a zone: a keyed one-to-one map of 0 … n - 1 onto itself, and its inverse.

The position of a person says where the person goes; the person of a position says who comes there. Both
are worked out on demand, so a crowd is known from either side without being stored. The map is a Feistel
network over a power of two that holds n; a position beyond n is mapped again until it falls within (cycle walking),
which keeps it one-to-one. Halves of few bits mix slowly: small zones take more half rounds, and the smallest
a power of two that is larger than need be.
"""

from typing import Any

import numpy as np

from sizao.engines.simulation.compiling import kernel
from sizao.engines.simulation.rng import Ints, Words64

# Measured (docs/guide/simulation.md): with six half rounds pairs of people in small zones meet unevenly.
HALF_ROUNDS, HALF_ROUNDS_IF_SMALL = 6, 16
SMALL_BITS = 9  # zones whose numbers fit in fewer bits are small
LEAST_BITS = 5
_ROUND = np.uint64(0x9E3779B97F4A7C15)  # a key of its own for each half round
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S29, _S32, _ONE, _TWO = np.uint64(29), np.uint64(32), np.uint64(1), np.uint64(2)


def positions(keys: Any, n: Any, people: Any) -> Ints:
    """
    Map people (whole numbers below `n`) to positions below `n`, each by its own key (uint64).

    Arrays of one length, or numbers that stand for all. Another key gives another order that has nothing to do with it.
    """
    return _walk(keys, n, people, backward=False)


def people_at(keys: Any, n: Any, at: Any) -> Ints:
    """Map positions back to people: the inverse of `positions` under the same keys."""
    return _walk(keys, n, at, backward=True)


def _walk(keys: Any, n: Any, values: Any, *, backward: bool) -> Ints:
    shape = np.broadcast_shapes(np.shape(keys), np.shape(n), np.shape(values), (1,))
    key = np.broadcast_to(np.asarray(keys, np.uint64), shape)
    limit = np.broadcast_to(np.asarray(n, np.int64), shape)
    found = np.array(np.broadcast_to(np.asarray(values, np.int64), shape))
    bits = np.maximum(np.frexp((limit - 1).astype(np.float64))[1], LEAST_BITS).astype(np.uint64)
    for rounds, rows in ((HALF_ROUNDS, bits >= SMALL_BITS), (HALF_ROUNDS_IF_SMALL, bits < SMALL_BITS)):
        left = np.flatnonzero(rows)
        while len(left):
            found[left] = _network(key[left], bits[left], found[left], rounds, backward)
            left = left[found[left] >= limit[left]]
    return found


def _network(key: Words64, bits: Words64, values: Ints, rounds: int, backward: bool) -> Ints:  # noqa: FBT001
    lower, upper = bits - bits // _TWO, bits // _TWO
    low_mask, high_mask = (_ONE << lower) - _ONE, (_ONE << upper) - _ONE
    given = values.astype(np.uint64)
    low, high = given & low_mask, given >> lower
    for number in reversed(range(rounds)) if backward else range(rounds):
        if number % 2:
            high = high ^ (_scrambled(low, key, number) & high_mask)
        else:
            low = low ^ (_scrambled(high, key, number) & low_mask)
    return ((high << lower) | low).astype(np.int64)


def _scrambled(half: Words64, key: Words64, number: int) -> Words64:
    bits = (key + np.full(1, number + 1, np.uint64) * _ROUND) * _FIRST
    bits = (bits ^ (bits >> _S29)) * _SECOND
    return ((half + _ONE) * (bits ^ (bits >> _S32))) >> _S32


@kernel
def position(key, n, person):  # type: ignore[no-untyped-def]
    """Map one person to a position, as `positions`."""
    return _walked(key, n, person, False)  # noqa: FBT003


@kernel
def person_at(key, n, at):  # type: ignore[no-untyped-def]
    """Map one position back to a person, as `people_at`."""
    return _walked(key, n, at, True)  # noqa: FBT003


@kernel
def _walked(key, n, value, backward):  # type: ignore[no-untyped-def]
    bits = _bits(n)
    lower, rounds = bits - (bits >> _ONE), HALF_ROUNDS if bits >= SMALL_BITS else HALF_ROUNDS_IF_SMALL
    low_mask, high_mask = (_ONE << lower) - _ONE, (_ONE << (bits >> _ONE)) - _ONE
    found = np.uint64(value)
    while True:
        low, high = found & low_mask, found >> lower
        for number in range(0, rounds, 2):
            if backward:
                high ^= _scramble(low, key, rounds - 1 - number) & high_mask
                low ^= _scramble(high, key, rounds - 2 - number) & low_mask
            else:
                low ^= _scramble(high, key, number) & low_mask
                high ^= _scramble(low, key, number + 1) & high_mask
        found = (high << lower) | low
        if found < np.uint64(n):
            return np.int64(found)


@kernel
def _scramble(half, key, number):  # type: ignore[no-untyped-def]
    bits = (key + np.uint64(number + 1) * _ROUND) * _FIRST
    bits = (bits ^ (bits >> _S29)) * _SECOND
    return ((half + _ONE) * (bits ^ (bits >> _S32))) >> _S32


@kernel
def _bits(n):  # type: ignore[no-untyped-def]
    bits, rest = np.uint64(0), np.uint64(n - 1)
    while rest:
        bits, rest = bits + _ONE, rest >> _ONE
    return max(bits, np.uint64(LEAST_BITS))
