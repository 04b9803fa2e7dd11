"""
New presences beside those that a store holds: lines told again, ends that close, whichever of them came first.

What is held has each line once and each missing end closed by the person's next start. After joining the same is
true of both together, as if they had come at once: a new line that is held is left out; a new end that nobody told
is cut where a held presence follows; a held presence closed by rule is cut where a new one follows, or takes the
end that a new one tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from sizao.engines.presences.layout import IMPUTED, LENGTH, LENGTH_MASK, OTHER, Order, Presences, Segment, Words
from sizao.engines.presences.settling import settle
from sizao.engines.presences.sorting import PERSON, PLACE, _by_start, _order, together, unsorted

# Columns of what bears on new presences; `ROW` is the position in the segment's order by person.
HELD_PERSON, HELD_PLACE, HELD_START, HELD_LENGTH, ROW = range(5)


@dataclass(frozen=True, slots=True)
class Joined:
    """
    New presences as they stand beside what is held, how many of them were told before, and how what is held changes.

    `altered` says whether any of the new ones was left out or cut. `changes` holds rows (segment, row, length): the
    number of the segment among those given, the position in its order by person, and the length that the record has
    from now on, with its flags.
    """

    presences: Presences
    repeated: int
    altered: bool
    changes: Words


def bearing(new: Sequence[Order], held: Order, *, held_closed: bool) -> Words:
    """
    Give what of a held segment bears on new presences: rows (person, place, start, length, row), each once.

    Orders are those by person. These say the same person, place and start as a new one, or follow a new one that was
    closed by rule, within it; with `held_closed` (some of the segment were closed by rule) also those so closed within
    which a new one starts.
    """
    found: list[Words] = []
    for one in new:
        rows = _bearing(one.keys, one.offsets, one.records, held.keys, held.offsets, held.records, held_closed)
        found += [rows] if len(rows) else []
    if len(found) < 2:
        return found[0] if found else np.zeros((0, 5), np.uint32)
    return np.unique(np.concatenate(found), axis=0)


def joined(new: Sequence[Segment], held: Sequence[Words], *, n_persons: int) -> Joined:
    """Join new presences with what bears on them of each of some held segments (`bearing`)."""
    presences = together([unsorted(one) for one in new])
    beside = np.concatenate([np.zeros((0, 6), np.uint32), *(_numbered(rows, at) for at, rows in enumerate(held))])
    concerned = np.zeros(n_persons, np.bool_)
    concerned[beside[:, 1 + HELD_PERSON]] = True
    asked = np.flatnonzero(concerned[presences.person])
    n_held = len(beside)
    # What is held comes first, so that of two that say the same the new one is left out.
    index = np.arange(n_held + len(asked), dtype=np.uint32)
    place = np.concatenate([beside[:, 1 + HELD_PLACE], presences.place[asked]])
    length = np.concatenate([beside[:, 1 + HELD_LENGTH], presences.length[asked]])
    by_start = _by_start(
        Presences(
            np.concatenate([beside[:, 1 + HELD_PERSON], presences.person[asked]]),
            index,
            np.concatenate([beside[:, 1 + HELD_START], presences.start[asked]]),
            length,
        )
    )
    order = _order(by_start, PERSON, PLACE, n_persons)
    records = order.records
    index = records[:, OTHER].copy()
    records[:, OTHER] = place[index]
    _, kept = settle(records, order.offsets, 0, False)  # noqa: FBT003 — a compiled function
    after, stays = np.empty(len(index), np.uint32), np.empty(len(index), np.bool_)
    after[index], stays[index] = records[:, LENGTH], kept
    changed = np.flatnonzero((after[:n_held] != beside[:, 1 + HELD_LENGTH]) & stays[:n_held])
    changes = np.column_stack((beside[changed, 0], beside[changed, 1 + ROW], after[changed]))
    lengths, kept_all = presences.length.copy(), np.ones(len(presences), np.bool_)
    lengths[asked], kept_all[asked] = after[n_held:], stays[n_held:]
    whole = Presences(presences.person, presences.place, presences.start, lengths)
    repeated = int((~kept_all).sum())
    return Joined(whole.where(kept_all), repeated, repeated > 0 or bool((lengths != presences.length).any()), changes)


def amended(presences: Presences, changes: Words) -> Presences:
    """
    Give presences, in a segment's order by person, with some lengths changed: rows (row, length), in any order.

    Where several change one, an end that was told goes before one closed by rule, and of these the earliest.
    """
    length = presences.length.copy()
    by_rule = (changes[:, 1] & IMPUTED) != 0
    seconds = changes[:, 1] & LENGTH_MASK
    order = np.lexsort((seconds, by_rule, changes[:, 0]))
    first = order[np.append(True, changes[order[1:], 0] != changes[order[:-1], 0])] if len(order) else order
    length[changes[first, 0]] = changes[first, 1]
    return Presences(presences.person, presences.place, presences.start, length)


def _numbered(rows: Words, at: int) -> Words:
    return np.column_stack((np.full(len(rows), at, np.uint32), rows))


@njit(nogil=True, cache=True)
def _bearing(keys, offsets, records, held_keys, held_offsets, held_records, held_closed):  # type: ignore[no-untyped-def]
    found, marks = np.empty((64, 5), np.uint32), np.zeros(64, np.bool_)
    n_found, at = 0, np.int64(0)
    for one in range(len(offsets) - 1):
        low, high = np.int64(offsets[one]), np.int64(offsets[one + 1])
        if low == high:
            continue
        person = np.int64(keys[one]) if len(keys) else np.int64(one)
        at, first, beyond = _next_range(held_keys, held_offsets, at, person)
        if first == beyond:
            continue
        while len(marks) < beyond - first:
            marks = np.zeros(2 * len(marks), np.bool_)
        n_marked = _mark_told(records, low, high, held_records, first, beyond, marks)
        if held_closed:
            n_marked += _mark_closed(records, low, high, held_records, first, beyond, marks)
        if n_marked:
            while len(found) < n_found + n_marked:
                found = np.concatenate((found, np.empty_like(found)))
            n_found = _gather(person, held_records, first, beyond, marks, found, n_found)
    return found[:n_found].copy()


@njit(nogil=True, cache=True)
def _next_range(keys, offsets, at, key):  # type: ignore[no-untyped-def]
    """Find the records of a key in a directory, going on from where the key before stood."""
    if len(keys) == 0:
        if key + 1 >= len(offsets):
            return at, np.int64(0), np.int64(0)
        return at, np.int64(offsets[key]), np.int64(offsets[key + 1])
    at = _seek(keys, at, key)
    if at == len(keys) or np.int64(keys[at]) != key:
        return at, np.int64(0), np.int64(0)
    return at, np.int64(offsets[at]), np.int64(offsets[at + 1])


@njit(nogil=True, cache=True)
def _seek(keys, at, key):  # type: ignore[no-untyped-def]
    """Find the first key from a position on that is not smaller, by ever longer steps: keys are asked for in order."""
    step = np.int64(1)
    low, high = at, at
    while high < len(keys) and np.int64(keys[high]) < key:
        low = high + 1
        high += step
        step *= 2
    high = min(high, np.int64(len(keys)))
    while low < high:
        middle = (low + high) >> 1
        if np.int64(keys[middle]) < key:
            low = middle + 1
        else:
            high = middle
    return low


@njit(nogil=True, cache=True)
def _from(records, low, high, start):  # type: ignore[no-untyped-def]
    """Find the first of a person's records that starts at a second or later."""
    while low < high:
        middle = (low + high) >> 1
        if np.int64(records[middle, 0]) < start:
            low = middle + 1
        else:
            high = middle
    return low


@njit(nogil=True, cache=True)
def _mark_told(records, low, high, held, first, beyond, marks):  # type: ignore[no-untyped-def]
    """Mark what is held of the lines told anew, and what follows an end that nobody told; count what was marked."""
    near, n_marked = first, 0
    for row in range(low, high):
        start = np.int64(records[row, 0])
        near = _from(held, near, beyond, start)
        at = near
        while at < beyond and np.int64(held[at, 0]) == start:
            n_marked += _mark(marks, at - first, held[at, 2] == records[row, 2])
            at += 1
        if at < beyond and records[row, 1] & IMPUTED:
            n_marked += _mark(marks, at - first, np.int64(held[at, 0]) < _end(records, row))
    return n_marked


@njit(nogil=True, cache=True)
def _mark_closed(records, low, high, held, first, beyond, marks):  # type: ignore[no-untyped-def]
    """Mark what was closed by rule, and too late by what is new; count what was marked."""
    n_marked = 0
    for at in range(first, beyond):
        if held[at, 1] & IMPUTED:
            row = _from(records, low, high, np.int64(held[at, 0]) + 1)
            n_marked += _mark(marks, at - first, row < high and np.int64(records[row, 0]) < _end(held, at))
    return n_marked


@njit(nogil=True, cache=True)
def _mark(marks, at, wanted):  # type: ignore[no-untyped-def]
    if not wanted or marks[at]:
        return 0
    marks[at] = True
    return 1


@njit(nogil=True, cache=True)
def _gather(person, held, first, beyond, marks, found, n_found):  # type: ignore[no-untyped-def]
    """Put the marked records of a person behind those found, and take their marks away."""
    for at in range(first, beyond):
        if marks[at - first]:
            marks[at - first] = False
            found[n_found, 0], found[n_found, 1], found[n_found, 2] = person, held[at, 2], held[at, 0]
            found[n_found, 3], found[n_found, 4] = held[at, 1], at
            n_found += 1
    return n_found


@njit(nogil=True, cache=True)
def _end(records, row):  # type: ignore[no-untyped-def]
    return np.int64(records[row, 0]) + np.int64(records[row, 1] & LENGTH_MASK)
