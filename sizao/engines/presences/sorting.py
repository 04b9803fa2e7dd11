"""Lay presences out: close what has no end, join what one person was told of twice, sort in both orders."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.presences.layout import (
    BLOCK,
    IMPUTED,
    LENGTH,
    LENGTH_MASK,
    LONGEST,
    MISSING,
    OTHER,
    START,
    Order,
    Segment,
    Words,
)

Ranks = NDArray[np.int64]

# A counting sort by second is the fastest while its counters stay in cache: three days of seconds.
SECONDS_COUNTED = 1 << 18
# A directory with an entry for every number is the fastest to read, and worth its room in a full segment.
DENSE_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Told:
    """
    What laying out found and did, in presences.

    `imputed` had no end and were closed; `repeated` said what another said and were left out; `joined`
    overlapped another of the same person and place and became one with it; `elsewhere` overlap a
    presence of the same person at another place and stay as they are.
    """

    imputed: int
    repeated: int
    joined: int
    elsewhere: int


def lay_out(
    person: Words, place: Words, start: Words, length: Words, *, n_persons: int, n_places: int, longest_seconds: int
) -> tuple[Segment, Told]:
    """
    Sort presences into a segment.

    `length` is in seconds, MISSING where the end is unknown: it is closed by the person's next presence,
    or after `longest_seconds`. Numbers of persons and places lie below `n_persons` and `n_places`.
    """
    rank = _by_start(start)
    person, place, start, length = person[rank], place[rank], start[rank], length[rank]
    by_person = _order(person, n_persons, start, length, place)
    records = by_person.records
    told, kept = _settle(records, by_person.offsets, min(longest_seconds, LONGEST))
    imputed, repeated, joined, elsewhere = told.tolist()
    if imputed or repeated or joined:
        owner = _owners(by_person)[kept]
        records = records[kept]
        rank = _by_start(records[:, START])
        person, records = owner[rank], records[rank]
        start, length, place = (np.ascontiguousarray(records[:, word]) for word in (START, LENGTH, OTHER))
        by_person = _order(person, n_persons, start, length, place)
    by_place = _order(place, n_places, start, length, person)
    block_start, block_end = _blocks(by_place.records)
    return Segment(by_place, by_person, block_start, block_end), Told(imputed, repeated, joined, elsewhere)


def unsorted(segment: Segment) -> tuple[Words, Words, Words, Words]:
    """Give the columns person, place, start and length (with its flags) of a segment back."""
    records = segment.by_person.records
    return _owners(segment.by_person), records[:, OTHER], records[:, START], records[:, LENGTH]


def _by_start(start: Words) -> Ranks:
    if len(start) == 0:
        return np.zeros(0, np.int64)
    first, last = int(start.min()), int(start.max())
    if last - first < SECONDS_COUNTED and len(start) > SECONDS_COUNTED // 16:
        rank: Ranks = _counted((start - np.uint32(first)).astype(np.uint32), last - first + 1)
        return rank
    return np.argsort(start, kind="stable")


def _order(key: Words, n_keys: int, start: Words, length: Words, other: Words) -> Order:
    """Sort rows that are ordered by start by a key, keeping that order within a key."""
    if len(key) >= n_keys * DENSE_FROM:
        records, offsets = _scattered(key, n_keys, start, length, other)
        return Order(records, np.zeros(0, np.uint32), offsets)
    keys, local = np.unique(key, return_inverse=True)
    records, offsets = _scattered(local.astype(np.uint32), len(keys), start, length, other)
    return Order(records, keys.astype(np.uint32), offsets)


def _owners(order: Order) -> Words:
    counts = np.diff(order.offsets)
    keys = order.keys if len(order.keys) else np.arange(len(counts), dtype=np.uint32)
    return np.repeat(keys, counts)


@njit(nogil=True, cache=True)
def _counted(key, n_keys):  # type: ignore[no-untyped-def]
    """Rank rows by a small key, stable."""
    offsets = np.zeros(n_keys + 1, np.int64)
    for row in range(len(key)):
        offsets[key[row] + 1] += 1
    for one in range(n_keys):
        offsets[one + 1] += offsets[one]
    rank = np.empty(len(key), np.int64)
    for row in range(len(key)):
        rank[offsets[key[row]]] = row
        offsets[key[row]] += 1
    return rank


@njit(nogil=True, cache=True)
def _scattered(key, n_keys, start, length, other):  # type: ignore[no-untyped-def]
    offsets = np.zeros(n_keys + 1, np.uint32)
    for row in range(len(key)):
        offsets[key[row] + 1] += np.uint32(1)
    for one in range(n_keys):
        offsets[one + 1] += offsets[one]
    free = offsets[:-1].copy()
    records = np.empty((len(key), 3), np.uint32)
    for row in range(len(key)):
        at = free[key[row]]
        free[key[row]] = at + np.uint32(1)
        records[at, 0] = start[row]
        records[at, 1] = length[row]
        records[at, 2] = other[row]
    return records, offsets


@njit(nogil=True, cache=True)
def _settle(records, offsets, longest):  # type: ignore[no-untyped-def]
    """Close, join and count the presences of each person in place; say which rows are kept."""
    kept = np.ones(len(records), np.bool_)
    told = np.zeros(4, np.int64)  # imputed, repeated, joined, elsewhere
    for one in range(len(offsets) - 1):
        low, high = np.int64(offsets[one]), np.int64(offsets[one + 1])
        told[0] += _close(records, low, high, longest)
        reach = np.int64(0)
        for row in range(low, high):
            # Only who is still somewhere can overlap: most people are done with the one comparison.
            if np.int64(records[row, 0]) < reach or (row > low and records[row, 0] == records[row - 1, 0]):
                found = _meet_earlier(records, kept, low, row)
                if found > 0:
                    told[found] += 1
            reach = max(reach, _end(records, row))
    return told, kept


@njit(nogil=True, cache=True)
def _end(records, row):  # type: ignore[no-untyped-def]
    return np.int64(records[row, 0]) + np.int64(records[row, 1] & LENGTH_MASK)


@njit(nogil=True, cache=True)
def _close(records, low, high, longest):  # type: ignore[no-untyped-def]
    imputed = 0
    for row in range(low, high):
        if records[row, 1] & LENGTH_MASK != MISSING:
            continue
        until = np.int64(longest)
        if row + 1 < high:
            until = min(until, np.int64(records[row + 1, 0]) - np.int64(records[row, 0]))
        records[row, 1] = np.uint32(until) | IMPUTED
        imputed += 1
    return imputed


@njit(nogil=True, cache=True)
def _meet_earlier(records, kept, low, row):  # type: ignore[no-untyped-def]
    """Compare one presence with those that began before: 1 repeated, 2 joined, 3 also elsewhere, 0 none."""
    start, end = np.int64(records[row, 0]), _end(records, row)
    found = 0
    for before in range(low, row):
        if not kept[before]:
            continue
        before_end = _end(records, before)
        same = np.int64(records[before, 0]) == start and before_end == end
        if records[before, 2] == records[row, 2] and (before_end > start or same):
            # The earlier one takes the later one in: who starts first keeps the place in the order.
            if end > before_end:
                flags = records[before, 1] & ~LENGTH_MASK
                records[before, 1] = np.uint32(end - np.int64(records[before, 0])) | flags
            kept[row] = False
            return 1 if same else 2
        if before_end > start and end > start:
            found = 3
    return found


@njit(nogil=True, cache=True)
def _blocks(records):  # type: ignore[no-untyped-def]
    n_blocks = (len(records) + BLOCK - 1) // BLOCK
    first = np.empty(n_blocks, np.uint32)
    latest = np.zeros(n_blocks, np.uint32)
    for block in range(n_blocks):
        first[block] = records[block * BLOCK, 0]
        for row in range(block * BLOCK, min(len(records), (block + 1) * BLOCK)):
            latest[block] = max(latest[block], records[row, 0] + (records[row, 1] & LENGTH_MASK))
    return first, latest
