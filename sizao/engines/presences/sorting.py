"""Lay presences out: close what has no end, join what one person was told of twice, sort in both orders."""

from dataclasses import dataclass

import numpy as np
from numba import njit

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
    Presences,
    Segment,
    Words,
)
from sizao.engines.presences.overlapping import sweep

# Columns of rows while they are sorted; start and length follow.
PERSON, PLACE = 0, 1
# A counting sort by second is the fastest while its counters stay in cache: three days of seconds.
SECONDS_COUNTED = 1 << 18
# A digit of a radix sort: its counters stay in the nearest cache.
DIGIT_BITS = 11
DIGIT = (1 << DIGIT_BITS) - 1
# A directory with an entry for every number is the fastest to read, and worth its room in a full segment.
DENSE_FROM = 0.5
# Up to so many presences of one person, comparing each with all before it is faster than a sweep.
COMPARED = 64


@dataclass(frozen=True, slots=True)
class Told:
    """
    What laying out found and did, in presences.

    `imputed` had no end and were closed; `repeated` said exactly what another said and were left out;
    `overlapping` overlap another of the same person and place, and were made one with it where that was
    asked for; `elsewhere` overlap a presence of the same person at another place and stay as they are;
    `cut` had been closed before, and too late by what is known now.
    """

    imputed: int
    repeated: int
    overlapping: int
    elsewhere: int
    cut: int


def lay_out(
    presences: Presences, *, n_persons: int, n_places: int, longest_seconds: int, coalesce: bool = False
) -> tuple[Segment, Told]:
    """
    Sort presences into a segment.

    A length that is MISSING is closed when the person's next presence starts, or after `longest_seconds`; one that
    was closed by rule before (IMPUTED) is cut where a presence now known starts within it. A presence so closed that
    another tells with its end (same person, place and start) says nothing more, and is left out. Numbers of persons
    and places lie below `n_persons` and `n_places`. With `coalesce`, overlapping presences of one
    person at one place become one: for sources that tell of one stay again and again.
    """
    rows = _by_start(presences)
    by_person = _order(rows, PERSON, PLACE, n_persons)
    records = by_person.records
    told, kept = _settle(records, by_person.offsets, min(longest_seconds, LONGEST), coalesce)
    if told[0] or told[4] or not kept.all():
        rows = _by_start(_presences(by_person).where(kept))
        by_person = _order(rows, PERSON, PLACE, n_persons)
    by_place = _order(rows, PLACE, PERSON, n_places)
    block_start, block_end = _blocks(by_place.records)
    return Segment(by_place, by_person, block_start, block_end), Told(*told.tolist())


def unsorted(segment: Segment) -> Presences:
    """Give the presences of a segment back as columns."""
    return _presences(segment.by_person)


def _by_start(presences: Presences) -> Words:
    """Give rows (n, 4) of person, place, start and length, ordered by start."""
    columns = presences.person, presences.place, presences.start, presences.length
    if len(presences) == 0:
        return np.zeros((0, 4), np.uint32)
    first, last = int(presences.start.min()), int(presences.start.max())
    rows: Words
    if last - first < SECONDS_COUNTED and len(presences) > SECONDS_COUNTED // 16:
        rows = _counted(*columns, first, last - first + 1)
    else:
        rows = _ranked(_radix((presences.start - np.uint32(first)).astype(np.uint32)), *columns)
    return rows


def _order(rows: Words, key: int, other: int, n_keys: int) -> Order:
    """Sort rows that are ordered by start by a column, keeping that order within a key."""
    if len(rows) >= n_keys * DENSE_FROM:
        records, offsets = _scattered(rows, key, other, n_keys)
        return Order(records, np.zeros(0, np.uint32), offsets)
    return Order(*_gathered(_radix(rows[:, key].copy()), rows, key, other))


def _presences(by_person: Order) -> Presences:
    counts = np.diff(by_person.offsets)
    keys = by_person.keys if len(by_person.keys) else np.arange(len(counts), dtype=np.uint32)
    records = by_person.records
    return Presences(np.repeat(keys, counts), records[:, OTHER], records[:, START], records[:, LENGTH])


@njit(nogil=True, cache=True)
def _counted(person, place, start, length, first, n_seconds):  # type: ignore[no-untyped-def]
    """Put rows in order of their start, stable: each goes straight to its place."""
    free = np.zeros(n_seconds + 1, np.int64)
    for row in range(len(start)):
        free[np.int64(start[row]) - first + 1] += 1
    for second in range(n_seconds):
        free[second + 1] += free[second]
    rows = np.empty((len(start), 4), np.uint32)
    for row in range(len(start)):
        second = np.int64(start[row]) - first
        at = free[second]
        free[second] = at + 1
        rows[at, 0], rows[at, 1], rows[at, 2], rows[at, 3] = person[row], place[row], start[row], length[row]
    return rows


@njit(nogil=True, cache=True)
def _ranked(rank, person, place, start, length):  # type: ignore[no-untyped-def]
    rows = np.empty((len(rank), 4), np.uint32)
    for at in range(len(rank)):
        row = rank[at]
        rows[at, 0], rows[at, 1], rows[at, 2], rows[at, 3] = person[row], place[row], start[row], length[row]
    return rows


@njit(nogil=True, cache=True)
def _radix(key):  # type: ignore[no-untyped-def]
    """Rank rows by a key of up to 32 bits, stable: a counting sort by each digit, the lowest first."""
    rank, other = np.arange(len(key)), np.empty(len(key), np.int64)
    highest = np.int64(key.max()) if len(key) else 0
    shift = 0
    while highest >> shift:
        free = np.zeros((1 << DIGIT_BITS) + 1, np.int64)
        for row in range(len(key)):
            free[((np.int64(key[row]) >> shift) & DIGIT) + 1] += 1
        for digit in range(1 << DIGIT_BITS):
            free[digit + 1] += free[digit]
        for ranked in rank:
            bucket = (np.int64(key[ranked]) >> shift) & DIGIT
            other[free[bucket]] = ranked
            free[bucket] += 1
        rank, other = other, rank
        shift += DIGIT_BITS
    return rank


@njit(nogil=True, cache=True)
def _gathered(rank, rows, key, other):  # type: ignore[no-untyped-def]
    """Give records in the order of their rank, and a directory with an entry for each key that there is."""
    records = np.empty((len(rank), 3), np.uint32)
    keys, offsets = np.empty(len(rank), np.uint32), np.empty(len(rank) + 1, np.uint32)
    n_keys = 0
    for at in range(len(rank)):
        row = rank[at]
        if at == 0 or rows[row, key] != keys[n_keys - 1]:
            keys[n_keys], offsets[n_keys] = rows[row, key], at
            n_keys += 1
        records[at, 0], records[at, 1], records[at, 2] = rows[row, 2], rows[row, 3], rows[row, other]
    offsets[n_keys] = len(rank)
    return records, keys[:n_keys].copy(), offsets[: n_keys + 1].copy()


@njit(nogil=True, cache=True)
def _scattered(rows, key, other, n_keys):  # type: ignore[no-untyped-def]
    offsets = np.zeros(n_keys + 1, np.uint32)
    for row in range(len(rows)):
        offsets[rows[row, key] + 1] += np.uint32(1)
    for one in range(n_keys):
        offsets[one + 1] += offsets[one]
    free = offsets[:-1].copy()
    records = np.empty((len(rows), 3), np.uint32)
    for row in range(len(rows)):
        at = free[rows[row, key]]
        free[rows[row, key]] = at + np.uint32(1)
        records[at, 0], records[at, 1], records[at, 2] = rows[row, 2], rows[row, 3], rows[row, other]
    return records, offsets


@njit(nogil=True, cache=True)
def _settle(records, offsets, longest, coalesce):  # type: ignore[no-untyped-def]
    """Close, join and count the presences of each person in place; say which rows are kept."""
    kept = np.ones(len(records), np.bool_)
    told = np.zeros(5, np.int64)  # imputed, repeated, overlapping, elsewhere, cut
    for one in range(len(offsets) - 1):
        low, high = np.int64(offsets[one]), np.int64(offsets[one + 1])
        missing, cut = _close(records, low, high, longest)
        told[0] += missing
        told[4] += cut
        if high - low > COMPARED and _any_overlap(records, low, high):
            sweep(records, kept, low, high, coalesce, told)
            continue
        reach = np.int64(0)
        for row in range(low, high):
            # Only who is still somewhere can overlap: most people are done with the one comparison.
            if np.int64(records[row, 0]) < reach or (row > low and records[row, 0] == records[row - 1, 0]):
                found = _meet_earlier(records, kept, low, row, coalesce)
                if found > 0:
                    told[found] += 1
            reach = max(reach, _end(records, row))
    return told, kept


@njit(nogil=True, cache=True)
def _any_overlap(records, low, high):  # type: ignore[no-untyped-def]
    reach = np.int64(-1)
    for row in range(low, high):
        start = np.int64(records[row, 0])
        if start < reach or (row > low and start == np.int64(records[row - 1, 0])):
            return True
        reach = max(reach, _end(records, row))
    return False


@njit(nogil=True, cache=True)
def _end(records, row):  # type: ignore[no-untyped-def]
    return np.int64(records[row, 0]) + np.int64(records[row, 1] & LENGTH_MASK)


@njit(nogil=True, cache=True)
def _close(records, low, high, longest):  # type: ignore[no-untyped-def]
    """Close what has no end, cut what was closed too late; return how many of each."""
    missing, cut = 0, 0
    for row in range(low, high):
        length = records[row, 1] & LENGTH_MASK
        if length != MISSING and not records[row, 1] & IMPUTED:
            continue
        until = np.int64(longest) if length == MISSING else np.int64(length)
        after = row + 1
        while after < high and records[after, 0] == records[row, 0]:
            after += 1
        if after < high:
            until = min(until, np.int64(records[after, 0]) - np.int64(records[row, 0]))
        if length == MISSING:
            missing += 1
        elif until < np.int64(length):
            cut += 1
        records[row, 1] = np.uint32(until) | IMPUTED | (records[row, 1] & ~LENGTH_MASK)
    return missing, cut


@njit(nogil=True, cache=True)
def _meet_earlier(records, kept, low, row, coalesce):  # type: ignore[no-untyped-def]
    """Compare one presence with those that began before: 1 repeated, 2 overlapping, 3 elsewhere too, 0 none."""
    start, end = np.int64(records[row, 0]), _end(records, row)
    found = 0
    for before in range(low, row):
        if not kept[before]:
            continue
        before_end = _end(records, before)
        same = np.int64(records[before, 0]) == start and before_end == end
        if _says_no_more(records, before, row):
            # One of them was closed by rule, and the other one says when it ended.
            if records[before, 1] & IMPUTED:
                records[before, 1] = records[row, 1]
            kept[row] = False
            return 1
        if records[before, 2] == records[row, 2] and (same or (coalesce and before_end > start)):
            # The earlier one takes the later one in: who starts first keeps the place in the order.
            if end > before_end:
                flags = records[before, 1] & ~LENGTH_MASK
                records[before, 1] = np.uint32(end - np.int64(records[before, 0])) | flags
            kept[row] = False
            return 1 if same else 2
        if before_end > start and end > start and found != 2:
            found = 2 if records[before, 2] == records[row, 2] else 3
    return found


@njit(nogil=True, cache=True)
def _says_no_more(records, before, row):  # type: ignore[no-untyped-def]
    """Say whether two presences tell one stay, of which the one has its end from a rule and the other has not."""
    imputed = (records[before, 1] & IMPUTED) != (records[row, 1] & IMPUTED)
    return imputed and records[before, 0] == records[row, 0] and records[before, 2] == records[row, 2]


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
