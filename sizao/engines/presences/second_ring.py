"""
Contacts of contacts: who met somebody after that one's first exposure, found by one forward sweep.

A city's contacts meet everybody, so pairs are never joined. The presences of all contacts are laid out by
place; a sweep over the records of the place then needs of them only who stays longest so far: a presence
from s to e meets one of them for at least L where the first whose latest end reaches s + L began by e - L.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.presences.companions import Ints, _range_of
from sizao.engines.presences.layout import BLOCK, BLOCK_BITS, LENGTH_MASK, Words
from sizao.engines.presences.visitors import Dated

PLACE, BEGAN = 0, 1


@dataclass(frozen=True, slots=True)
class Contacts:
    """The first ring, columns of equal length: a person counts from its first exposure until it was set apart."""

    person: Words
    since: Ints
    until: Ints


@dataclass(frozen=True, slots=True)
class Ring:
    """
    Columns, one row a person of the second ring, by number.

    `meetings` are its presences that met a contact for long enough, `seconds` their time during which any contact
    was there; `first` is the start of the earliest meeting, with `contact` (a number), and `last` the latest end.
    """

    person: Words
    seconds: Ints
    meetings: Words
    first: Words
    last: Words
    contact: Words

    def __len__(self) -> int:
        return len(self.person)

    def where(self, rows: Ints) -> "Ring":
        """Keep some rows, or put them in another order."""
        return Ring(*(getattr(self, name)[rows] for name in Ring.__slots__))


def nobody() -> Ring:
    """Give a ring without people."""
    none = np.zeros(0, np.uint32)
    return Ring(none, np.zeros(0, np.int64), none, none, none, none)


def presences_of(parts: Sequence[Dated], contacts: Contacts, *, least_seconds: int) -> Words:
    """Gather where contacts were while they count, for long enough: rows (place, start, end, contact), in order."""
    found = [np.zeros((0, 4), np.uint32)]
    for part in parts:
        order = part.segment.by_person
        found.append(
            _gathered(order.records, order.keys, order.offsets, contacts.person, contacts.since, contacts.until,
                      max(least_seconds, 1))
        )  # fmt: skip
    rows = np.concatenate(found)
    return rows[np.argsort(rows[:, PLACE].astype(np.uint64) << np.uint64(32) | rows[:, BEGAN], kind="stable")]


class Room:
    """Room to sum the second ring: one row a person. One to a thread, for one question."""

    def __init__(self, n_persons: int) -> None:
        # Seconds, meetings, complement of the first start (so that 0 is none), last end, contact.
        self.sums = np.zeros((n_persons, 5), np.uint32)


def second_ring(parts: Sequence[Dated], presences: Words, *, left_out: NDArray[np.bool_], least_seconds: int) -> Ring:
    """
    Find who met a contact for at least so long in one meeting, by what `presences_of` gathered.

    `left_out` says of every person whether it is not wanted: cases, the contacts themselves, who is known.
    """
    room = Room(len(left_out))
    sweep(parts, presences, room, left_out=left_out, least_seconds=least_seconds)
    return summed([room])


def sweep(
    parts: Sequence[Dated], presences: Words, room: Room, *, left_out: NDArray[np.bool_], least_seconds: int
) -> None:
    """Sum who met a contact at some places, all of whose presences are given: the work of one thread."""
    reach, covered = _prepared(presences)
    for part in parts:
        order = part.segment.by_place
        _swept(
            order.records, order.keys, order.offsets, part.segment.block_start, part.segment.block_end,
            presences, reach, covered, left_out, max(least_seconds, 1), room.sums,
        )  # fmt: skip


def shares(presences: Words, n_shares: int) -> list[Words]:
    """Cut what `presences_of` gathered into some shares of about equal size; no place is in two of them."""
    cuts = [0]
    for wanted in range(1, n_shares):
        place = presences[len(presences) * wanted // n_shares, PLACE] if len(presences) else 0
        cuts.append(max(cuts[-1], int(np.searchsorted(presences[:, PLACE], place))))
    return [presences[low:high] for low, high in pairwise([*cuts, len(presences)]) if low < high]


def extents(presences: Words) -> Ints:
    """Give for each place the time from the first to the last presence of a contact: rows (place, start, end)."""
    found: Ints = _extents(presences)
    return found


def summed(rooms: Sequence[Room]) -> Ring:
    """Add up what threads found."""
    first, *others = rooms
    for room in others:
        _add(first.sums, room.sums)
    person = np.flatnonzero(first.sums[:, 1]).astype(np.uint32)
    seconds, meetings, began, last, contact = first.sums[person].T
    return Ring(person, seconds.astype(np.int64), meetings, ~began, last, contact)


@njit(nogil=True, cache=True)
def _gathered(records, keys, offsets, persons, since, until, least):  # type: ignore[no-untyped-def]
    n_all = 0
    for one in range(len(persons)):
        low, high = _range_of(keys, offsets, persons[one])
        n_all += high - low
    found = np.empty((n_all, 4), np.uint32)
    n_found = 0
    for one in range(len(persons)):
        low, high = _range_of(keys, offsets, persons[one])
        for row in range(low, high):
            start = max(np.int64(records[row, 0]), since[one])
            end = min(np.int64(records[row, 0]) + np.int64(records[row, 1] & LENGTH_MASK), until[one])
            if end - start >= least:
                found[n_found, 0] = records[row, 2]
                found[n_found, 1], found[n_found, 2], found[n_found, 3] = start, end, persons[one]
                n_found += 1
    return found[:n_found].copy()


@njit(nogil=True, cache=True)
def _prepared(rows):  # type: ignore[no-untyped-def]
    """Give for each row of its place the latest end so far, and the time before it at which any contact was there."""
    reach = np.empty(len(rows), np.int64)
    covered = np.empty(len(rows), np.int64)
    for one in range(len(rows)):
        end = np.int64(rows[one, 2])
        if one == 0 or rows[one, 0] != rows[one - 1, 0]:
            reach[one], covered[one] = end, 0
        else:
            start, before = np.int64(rows[one, 1]), np.int64(rows[one - 1, 1])
            reach[one] = max(reach[one - 1], end)
            covered[one] = covered[one - 1] + min(start, reach[one - 1]) - before
    return reach, covered


@njit(nogil=True, cache=True)
def _begun_by(rows, low, high, moment):  # type: ignore[no-untyped-def]
    """Say how many of some rows of one place began by a moment, as the row after the last of them."""
    while low < high:
        middle = (low + high) >> 1
        if np.int64(rows[middle, 1]) <= moment:
            low = middle + 1
        else:
            high = middle
    return low


@njit(nogil=True, cache=True)
def _begun_after(rows, low, high, moment):  # type: ignore[no-untyped-def]
    """Say what `_begun_by` says, from a row on that is likely to be near: steps grow until they are too long."""
    step = np.int64(1)
    while low + step < high and np.int64(rows[low + step - 1, 1]) <= moment:
        low += step
        step *= 2
    return _begun_by(rows, low, min(low + step, high), moment)


@njit(nogil=True, cache=True)
def _covered_until(rows, reach, covered, low, beyond, moment):  # type: ignore[no-untyped-def]
    """Give the time before a moment at which any contact was there, `beyond` being the first row that begins later."""
    at = beyond - 1
    if at < low:
        return np.int64(0)
    return covered[at] + min(moment, reach[at]) - np.int64(rows[at, 1])


@njit(nogil=True, cache=True)
def _swept(  # type: ignore[no-untyped-def]
    records, keys, offsets, block_start, block_end, rows, reach, covered, left_out, least, sums
):
    low = 0
    while low < len(rows):
        high = low + 1
        while high < len(rows) and rows[high, 0] == rows[low, 0]:
            high += 1
        begin, beyond = _range_of(keys, offsets, rows[low, 0])
        if begin < beyond:
            _swept_place(
                records, begin, beyond, block_start, block_end, rows, low, high, reach, covered, left_out, least, sums
            )
        low = high


@njit(nogil=True, cache=True)
def _swept_place(  # type: ignore[no-untyped-def]
    records, begin, beyond, block_start, block_end, rows, low, high, reach, covered, left_out, least, sums
):
    earliest_end, latest_start = np.int64(rows[low, 1]) + least, reach[high - 1] - least
    at = begun = low
    for block in range(begin >> BLOCK_BITS, ((beyond - 1) >> BLOCK_BITS) + 1):
        first = block << BLOCK_BITS
        if first >= begin and np.int64(block_start[block]) > latest_start:
            break
        if np.int64(block_end[block]) < earliest_end:
            continue
        for row in range(max(first, begin), min(first + BLOCK, beyond)):
            start = np.int64(records[row, 0])
            # Starts only grow within a place, so that who still reaches far enough is never looked for twice.
            while at < high and reach[at] < start + least:
                at += 1
            if at == high:
                return
            begun = _begun_after(rows, begun, high, start)
            end = start + np.int64(records[row, 1] & LENGTH_MASK)
            other = records[row, 2]
            if end - start < least or np.int64(rows[at, 1]) > end - least or left_out[other]:
                continue
            last = _begun_after(rows, begun, high, end - least)
            shared = _covered_until(rows, reach, covered, low, _begun_after(rows, last, high, end), end)
            shared -= _covered_until(rows, reach, covered, low, begun, start)
            _met(sums, other, shared, max(start, np.int64(rows[at, 1])), min(end, reach[last - 1]), rows[at, 3])


@njit(nogil=True, cache=True)
def _met(sums, other, shared, first, last, who):  # type: ignore[no-untyped-def]
    before = ~sums[other, 2]
    if first < before or (first == before and who < sums[other, 4]):
        sums[other, 2], sums[other, 4] = ~np.uint32(first), who
    sums[other, 3] = max(np.int64(sums[other, 3]), last)
    sums[other, 0] += np.uint32(shared)
    sums[other, 1] += np.uint32(1)


@njit(nogil=True, cache=True)
def _add(sums, others):  # type: ignore[no-untyped-def]
    for one in range(len(sums)):
        if others[one, 1] == 0:
            continue
        earlier = others[one, 2] > sums[one, 2]  # as complements, the greater is the earlier
        if earlier or (others[one, 2] == sums[one, 2] and others[one, 4] < sums[one, 4]):
            sums[one, 2], sums[one, 4] = others[one, 2], others[one, 4]
        sums[one, 3] = max(sums[one, 3], others[one, 3])
        sums[one, 0] += others[one, 0]
        sums[one, 1] += others[one, 1]


@njit(nogil=True, cache=True)
def _extents(rows):  # type: ignore[no-untyped-def]
    found = np.empty((len(rows), 3), np.int64)
    n_found = 0
    for row in range(len(rows)):
        if row == 0 or rows[row, 0] != rows[row - 1, 0]:
            found[n_found, 0], found[n_found, 1], found[n_found, 2] = rows[row, 0], rows[row, 1], rows[row, 2]
            n_found += 1
        found[n_found - 1, 2] = max(found[n_found - 1, 2], np.int64(rows[row, 2]))
    return found[:n_found]
