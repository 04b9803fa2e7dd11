"""Lay presences out: close what has no end, join what one person was told of twice, sort in both orders."""

from collections.abc import Sequence
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
    OTHER,
    START,
    Order,
    Presences,
    Segment,
    Words,
)
from sizao.engines.presences.settling import CLOSED, Told, settle

# Columns of rows while they are sorted; start and length follow.
PERSON, PLACE = 0, 1
# A counting sort by second is the fastest while its counters stay in cache: three days of seconds.
SECONDS_COUNTED = 1 << 18
# A digit of a radix sort: its counters stay in the nearest cache.
DIGIT_BITS = 11
DIGIT = (1 << DIGIT_BITS) - 1
# A directory with an entry for every number is the fastest to read, and worth its room in a full segment.
DENSE_FROM = 0.5


def lay_out(
    presences: Presences, *, n_persons: int, n_places: int, longest_seconds: int, coalesce: bool = False
) -> tuple[Segment, Told]:
    """
    Sort presences into a segment.

    A length that is MISSING is closed when the person's next presence starts, or after `longest_seconds`; one that
    was closed by rule before (IMPUTED) is cut where a presence now known starts within it. A presence so closed that
    another tells with its end (same person, place and start) says nothing more, and is left out. What is told twice,
    overlaps or lies elsewhere is looked for among presences that start on one day (UTC). Numbers of persons and
    places lie below `n_persons` and `n_places`. With `coalesce`, overlapping presences of one person at one place
    become one: for sources that tell of one stay again and again.
    """
    rows, by_person, told, kept = _settled(presences, n_persons, longest_seconds, coalesce)
    if _is_settled(told, kept):
        return _arranged(rows, by_person, n_places), _told(told)
    return _sorted(_presences(by_person).where(kept), n_persons, n_places), _told(told)


@dataclass(frozen=True, slots=True)
class Apart:
    """Presences whose end was told, and those closed by rule; None where there are none."""

    told: Segment | None
    closed: Segment | None

    @property
    def parts(self) -> list[Segment]:
        """Give the segments that there are."""
        return [one for one in (self.told, self.closed) if one is not None]

    def __len__(self) -> int:
        return sum(len(one) for one in self.parts)


def lay_out_apart(
    presences: Presences, *, n_persons: int, n_places: int, longest_seconds: int, coalesce: bool = False
) -> tuple[Apart, Told]:
    """
    Sort presences as `lay_out` does, those closed by rule into a segment of their own.

    These may be cut by what comes later, and a segment that changes is written anew.
    """
    rows, by_person, told, kept = _settled(presences, n_persons, longest_seconds, coalesce)
    n_closed = int(told[CLOSED])
    if _is_settled(told, kept) and n_closed in (0, len(kept)):
        whole = _arranged(rows, by_person, n_places) if len(rows) else None
        return Apart(None, whole) if n_closed else Apart(whole, None), _told(told)
    settled = _presences(by_person).where(kept)
    closed = (settled.length & IMPUTED) != 0
    parts = (settled.where(~closed), settled.where(closed))
    return Apart(*(_sorted(one, n_persons, n_places) if len(one) else None for one in parts)), _told(told)


def together(parts: Sequence[Presences]) -> Presences:
    """Put presences behind each other."""
    columns = [np.concatenate([np.zeros(0, np.uint32), *(getattr(one, name) for one in parts)])
               for name in Presences.__slots__]  # fmt: skip
    return Presences(*columns)


def unsorted(segment: Segment) -> Presences:
    """Give the presences of a segment back as columns."""
    return _presences(segment.by_person)


def _settled(
    presences: Presences,
    n_persons: int,
    longest_seconds: int,
    coalesce: bool,  # noqa: FBT001 — passed on
) -> tuple[Words, Order, NDArray[np.int64], NDArray[np.bool_]]:
    """Close and join presences: rows by start, the order by person, counts, and which records of it are kept."""
    rows = _by_start(presences)
    by_person = _order(rows, PERSON, PLACE, n_persons)
    told, kept = settle(by_person.records, by_person.offsets, min(longest_seconds, LONGEST), coalesce)
    return rows, by_person, told, kept


def _is_settled(told: NDArray[np.int64], kept: NDArray[np.bool_]) -> bool:
    """Say whether settling left all presences as they were."""
    return not (told[0] or told[4] or not kept.all())


def _sorted(presences: Presences, n_persons: int, n_places: int) -> Segment:
    rows = _by_start(presences)
    return _arranged(rows, _order(rows, PERSON, PLACE, n_persons), n_places)


def _arranged(rows: Words, by_person: Order, n_places: int) -> Segment:
    by_place = _order(rows, PLACE, PERSON, n_places)
    return Segment(by_place, by_person, *_blocks(by_place.records))


def _told(told: NDArray[np.int64]) -> Told:
    return Told(*told[:CLOSED].tolist())


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
def _blocks(records):  # type: ignore[no-untyped-def]
    n_blocks = (len(records) + BLOCK - 1) // BLOCK
    first = np.empty(n_blocks, np.uint32)
    latest = np.zeros(n_blocks, np.uint32)
    for block in range(n_blocks):
        first[block] = records[block * BLOCK, 0]
        for row in range(block * BLOCK, min(len(records), (block + 1) * BLOCK)):
            latest[block] = max(latest[block], records[row, 0] + (records[row, 1] & LENGTH_MASK))
    return first, latest
