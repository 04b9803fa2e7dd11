"""
The only chance there is in a simulated city: keyed hashes, compared as whole numbers.

A draw is `word(key, who, when)`: 64 bits that depend on nothing else. The key comes from the seed and from
a purpose told in words (`stream`), so that a new use of chance never shifts an old one. Chances are
whole-number thresholds; no draw compares floats, so that every machine and both engines draw the same.
`word` is compiled and takes scalars, `words` is NumPy and takes arrays; both give the same bits.
"""

import hashlib
from decimal import Decimal, localcontext
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation.compiling import kernel

Ints = NDArray[np.int64]
Words64 = NDArray[np.uint64]
Floats = NDArray[np.float64]

ALWAYS = 1 << 32  # a chance of 1; a chance is a threshold for the upper 32 bits of a word

_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)  # Stafford's mix 13
_WHO, _WHEN = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1342543DE82EF95)
_S30, _S27, _S31, _S32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)

# Poisson draws come from one table: means in units of 2^-24, four steps to each doubling, up to 256.
MEAN_UNIT = 1 << 24
GREATEST_MEAN = 256 * MEAN_UNIT
_STEPS = 4
_HALVINGS = 31
_MOST = 420  # a mean of 256 passes it once in 2^64 draws or so


def stream(seed: int, purpose: str) -> int:
    """
    Give the key (64 bits) of one use of chance: `stream(seed, "stay at a venue")`.

    The purpose is told in words; different words give keys that have nothing to do with each other, so a use
    that is added leaves all others as they were. `seed` is any whole number.
    """
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def moment(day: Any, slot: Any = 0, turn: Any = 0) -> Any:
    """
    Pack when a draw is made: a day (also before day 0), a slot below 256, a turn below 2^32.

    Takes whole numbers or arrays of them, and serves as `when` of `word` and `words`.
    """
    return ((day & 0x7FFFFF) << 40) | (slot << 32) | turn


def words(key: int | np.uint64 | Words64, who: Any, when: Any) -> Words64:
    """
    Draw 64 bits for each of `who` and `when` (arrays that fit each other, or numbers); an array of uint64.

    Equal arguments give equal bits, whatever else was drawn before.
    """
    keys = np.atleast_1d(np.asarray(key, np.uint64))
    inner = mixed(keys + np.asarray(who).astype(np.uint64) * _WHO)
    return mixed(inner ^ (np.atleast_1d(np.asarray(when).astype(np.uint64)) * _WHEN))


def mixed(bits: Words64) -> Words64:
    """Mix 64 bits so that each bit of the result depends on all of them (Stafford's mix 13 of MurmurHash3)."""
    once = (bits ^ (bits >> _S30)) * _FIRST
    twice = (once ^ (once >> _S27)) * _SECOND
    return twice ^ (twice >> _S31)


def below(drawn: Words64, limit: Any) -> Ints:
    """Turn words into whole numbers from 0 to below `limit` (at most 2^32; a number or an array)."""
    scaled = (drawn >> _S32) * np.asarray(limit).astype(np.uint64)
    return (scaled >> _S32).astype(np.int64)


def happens(drawn: Words64, chance: Any) -> NDArray[np.bool_]:
    """Say which words fall under a chance, given as thresholds from 0 to ALWAYS (see `thresholds`)."""
    found: NDArray[np.bool_] = (drawn >> _S32).astype(np.int64) < chance
    return found


def thresholds(chances: Any) -> Ints:
    """Turn chances from 0 to 1 into thresholds for `happens`. Raise ValueError beyond them."""
    given = np.asarray(chances, np.float64)
    if not ((given >= 0) & (given <= 1)).all():
        raise ValueError("a chance lies from 0 to 1")
    return np.asarray(np.rint(given * ALWAYS), np.int64)


def cumulative(chances: Any) -> Ints:
    """
    Turn the chances of 0, 1, 2 … into a table for `drawn_from`; they are scaled to sum to 1.

    Any law on whole numbers becomes such a table: days until something, sizes, kinds.
    """
    given = np.asarray(chances, np.float64)
    if given.ndim != 1 or not (given >= 0).all() or not given.sum() > 0:
        raise ValueError("chances are a row of numbers of 0 and more, and not all 0")
    table = np.asarray(np.rint(np.cumsum(given) / given.sum() * ALWAYS), np.int64)
    table[-1] = ALWAYS
    return table


def geometric(mean: float, n: int) -> Ints:
    """Make a table of the geometric law on 0, 1, 2 … below `n` with the mean it would have without an end."""
    return cumulative((mean / (1 + mean)) ** np.arange(n))


def drawn_from(table: Ints, drawn: Words64) -> Ints:
    """Draw a whole number for each word from a table of `cumulative`."""
    return np.searchsorted(table, (drawn >> _S32).astype(np.int64), side="right").astype(np.int64)


def gamma_factors(shape: float, *, bits: int = 16, n: int = 4096) -> Ints:
    """
    Give `n` equally likely factors of a gamma law with mean 1, in units of 2^-bits.

    For how much people differ: shape 0.3 has a fifth of them cause some four fifths. Pick one by
    `below(drawn, n)`. Each is the mean of its stretch of the law, so that their mean is 1.
    """
    from scipy.special import gammainc, gammaincinv

    borders = gammaincinv(shape, np.arange(n + 1) / n)
    upto = gammainc(shape + 1, borders)
    return np.asarray(np.rint(np.diff(upto) * n * (1 << bits)), np.int64)


@cache
def poisson_table() -> NDArray[np.uint32]:
    """
    Make the table of `poissons`: a row for each mean, thresholds for 0, 1, 2 … in units of 2^-32.

    Worked out in decimal arithmetic, so that every machine has the same table; once, as all outbreaks share it.
    """
    table = np.full((_HALVINGS * _STEPS, _MOST), ALWAYS - 1, np.uint32)
    with localcontext() as context:
        context.prec = 40
        for row in range(len(table)):
            mean = Decimal(_bound(row)) / MEAN_UNIT
            chance = total = (-mean).exp()
            for count in range(_MOST):
                table[row, count] = min(int(total * ALWAYS), ALWAYS - 1)
                if table[row, count] == ALWAYS - 1:
                    break
                chance *= mean / (count + 1)
                total += chance
    return table


def _bound(row: int) -> int:
    """Give the mean of a row, the least of the grid that is above all means which use it."""
    return (row % _STEPS + _STEPS + 1) << (row // _STEPS)


def poissons(table: NDArray[np.uint32], means: Ints, drawn: Words64) -> tuple[Ints, Ints]:
    """
    Draw how many candidates there are for means in units of 2^-24; give them with their bounds.

    A candidate comes from a law with the mean `bound`, a little greater than the mean asked for: keep each with
    chance mean/bound (`below(another word, bound) < mean`), and those kept are Poisson with the mean.
    """
    shift = np.maximum(_bit_lengths(means) - 3, 0)
    row = shift * _STEPS + np.maximum((means >> shift) - _STEPS, 0)
    bound = (row % _STEPS + _STEPS + 1) << shift
    level = (drawn >> _S32).astype(np.uint32)
    counts = np.zeros(len(means), np.int64)
    left = np.flatnonzero((means > 0) & (level >= table[row, 0]))
    while len(left):
        counts[left] += 1
        left = left[counts[left] < _MOST]
        left = left[level[left] >= table[row[left], counts[left]]]
    return counts, bound


def _bit_lengths(values: Ints) -> Ints:
    return np.frexp(values.astype(np.float64))[1].astype(np.int64)  # exact: values lie far below 2^53


@kernel
def mix(bits):  # type: ignore[no-untyped-def]
    """Mix 64 bits, as `mixed`."""
    once = (bits ^ (bits >> _S30)) * _FIRST
    twice = (once ^ (once >> _S27)) * _SECOND
    return twice ^ (twice >> _S31)


@kernel
def word(key, who, when):  # type: ignore[no-untyped-def]
    """Draw 64 bits for one person (or place) and moment, as `words`; `key` is a uint64."""
    return mix(mix(key + np.uint64(who) * _WHO) ^ (np.uint64(when) * _WHEN))


@kernel
def one_below(drawn, limit):  # type: ignore[no-untyped-def]
    """Turn a word into a whole number below `limit`, as `below`."""
    return np.int64(((drawn >> _S32) * np.uint64(limit)) >> _S32)


@kernel
def one_happens(drawn, chance):  # type: ignore[no-untyped-def]
    """Say whether a word falls under a chance, as `happens`."""
    return np.int64(drawn >> _S32) < chance


@kernel
def poisson(table, mean, drawn):  # type: ignore[no-untyped-def]
    """Draw how many candidates there are for one mean, and give their bound, as `poissons`."""
    if mean <= 0:
        return np.int64(0), np.int64(_STEPS + 1)
    shift = np.int64(0)
    while (mean >> shift) >= 2 * _STEPS:
        shift += 1
    row = shift * _STEPS + max((mean >> shift) - _STEPS, 0)
    level = np.uint32(drawn >> _S32)
    count = np.int64(0)
    while count < _MOST and level >= table[row, count]:
        count += 1
    return count, (row % _STEPS + _STEPS + 1) << shift
