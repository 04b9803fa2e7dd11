"""Few tokens looked up among very many: one pass over all, without an index that would take memory and time to make."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]

SCATTER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio: spreads numbers that lie together
NONE = np.zeros(0, np.int64)
SPARSE = 4  # slots a token that is looked for


def find(tokens: pa.ChunkedArray, wanted: pa.Array) -> Ints:
    """
    Give the position of each wanted token, -1 for one that is not there; destroyed tokens are gaps, and not found.

    What cannot be a token of the kind held (a text among integers) is not there.
    """
    try:
        wanted = wanted.cast(tokens.type)
    except pa.ArrowInvalid:
        return np.full(len(wanted), -1, np.int64)
    if wanted.null_count or not pa.types.is_int64(tokens.type):
        return _among_any(tokens, wanted)
    asked, which = np.unique(wanted.to_numpy(), return_inverse=True)
    found = np.full(len(asked), -1, np.int64)
    before = 0
    for chunk in tokens.chunks:
        here = _in_chunk(chunk, asked)
        found = np.where(here >= 0, here + before, found)
        before += len(chunk)
    return found[which]


def _in_chunk(tokens: pa.Array, asked: Ints) -> Ints:
    held = np.frombuffer(tokens.buffers()[1], np.int64, len(tokens), tokens.offset * 8) if len(tokens) else NONE
    if tokens.null_count:
        valid = tokens.is_valid().to_numpy(zero_copy_only=False)
        held, positions = held[valid], np.flatnonzero(valid)
    found: Ints = _among_numbers(held, asked, max(SPARSE * len(asked), SPARSE).bit_length())
    return np.append(positions, -1)[found] if tokens.null_count else found


def _among_any(tokens: pa.ChunkedArray, wanted: pa.Array) -> Ints:
    here = np.flatnonzero(pc.is_in(tokens, value_set=wanted.drop_null()).to_numpy())
    among = pc.index_in(wanted, value_set=tokens.take(pa.array(here)).combine_chunks())
    found = among.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(found >= 0, np.append(here, -1)[found], -1)


@njit(nogil=True, cache=True)
def _among_numbers(held, wanted, bits):  # type: ignore[no-untyped-def]
    """Go once through the numbers held, each looked up in a small table of those wanted."""
    shift, mask = np.uint64(64 - bits), np.uint64((1 << bits) - 1)
    slots = np.full(1 << bits, -1, np.int64)
    for one in range(len(wanted)):
        slot = (np.uint64(wanted[one]) * SCATTER) >> shift
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = one
    found = np.full(len(wanted), -1, np.int64)
    for at in range(len(held)):
        slot = (np.uint64(held[at]) * SCATTER) >> shift
        while slots[slot] >= 0:
            if wanted[slots[slot]] == held[at]:
                found[slots[slot]] = at
                break
            slot = (slot + np.uint64(1)) & mask
    return found
