"""Presences of one person that overlap, in one sweep: the same as comparing each with all before it."""

import numpy as np
from numba import njit

from sizao.engines.presences.layout import IMPUTED, LENGTH_MASK

NOTHING, REPEATED, OVERLAPPING, ELSEWHERE = 0, 1, 2, 3


@njit(nogil=True, cache=True)
# One sweep, one list of what can be found: numba would pay for each call in the innermost loop.
def sweep(records, kept, low, high, coalesce, told):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912, PLR0915
    """
    Say which of a person's presences, by start from `low` to `high`, say something new; count what is found.

    `told[1:4]` counts repeated, overlapping and elsewhere as `sorting.Told` has them; ends of `records` change where
    presences become one. It takes n log n time for n presences, where a device that tells of one stay again and
    again may give many thousands that all overlap.
    """
    n = high - low
    place, group, same = _classes(records, low, high)
    # Of each place: how far what is kept there reaches, and which presence reaches so far.
    reach, holder = np.zeros(n, np.int64), np.full(n, -1, np.int64)
    # Of each group (one place, one start): is an end told; which presences closed by rule are still open to one.
    has_told, first_open, next_open = np.zeros(n, np.bool_), np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    last_open = np.full(n, -1, np.int64)
    # Of each class (one place, one start, one end): is one kept with its end told, or closed by rule.
    kept_told, kept_imputed = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    # The place that reaches furthest, and the furthest of the others.
    furthest = np.array([-1, -1], np.int64)
    for one in range(n):
        row = low + one
        start, end = np.int64(records[row, 0]), _end(records, row)
        at, where, what = place[one], group[one], same[one]
        imputed = (records[row, 1] & IMPUTED) != 0
        if (imputed and (has_told[where] or first_open[where] >= 0)) or (not imputed and kept_told[what]):
            found = REPEATED
        elif not imputed and first_open[where] >= 0:
            # The first that was closed by rule takes the end that is told.
            before = first_open[where]
            first_open[where] = next_open[before]
            kept_imputed[same[before]], kept_told[what], has_told[where] = False, True, True
            same[before] = what
            records[low + before, 1] = records[row, 1]
            if end > reach[at] or (coalesce and holder[at] == before):
                reach[at], holder[at] = end, before
            _reach_further(furthest, reach, at)
            found = REPEATED
        elif coalesce and reach[at] > start:
            before = holder[at]
            if end > reach[at]:
                flags = records[low + before, 1] & ~LENGTH_MASK
                records[low + before, 1] = np.uint32(end - np.int64(records[low + before, 0])) | flags
                if group[before] == where:
                    classes = kept_imputed if records[low + before, 1] & IMPUTED else kept_told
                    classes[same[before]] = False
                    classes[what] = True
                    same[before] = what
                reach[at] = end
                _reach_further(furthest, reach, at)
            found = OVERLAPPING
        else:
            found = _beside(reach, furthest, at, start, end)
            _keep(one, where, what, imputed, has_told, first_open, next_open, last_open, kept_told, kept_imputed)
            if end > reach[at]:
                reach[at], holder[at] = end, one
            _reach_further(furthest, reach, at)
            if found != NOTHING:
                told[found] += 1
            continue
        kept[row] = False
        told[found] += 1


@njit(nogil=True, cache=True)
def _beside(reach, furthest, at, start, end):  # type: ignore[no-untyped-def]
    """Say whether a presence overlaps what is kept at its place, or only what is kept elsewhere."""
    if end <= start:
        return NOTHING
    if reach[at] > start:
        return OVERLAPPING
    for other in furthest:
        if other >= 0 and other != at and reach[other] > start:
            return ELSEWHERE
    return NOTHING


@njit(nogil=True, cache=True)
def _reach_further(furthest, reach, at):  # type: ignore[no-untyped-def]
    """Keep the two places that reach furthest."""
    if furthest[0] == at or furthest[0] < 0:
        furthest[0] = at
    elif reach[at] > reach[furthest[0]]:
        furthest[0], furthest[1] = at, furthest[0]
    elif furthest[1] < 0 or furthest[1] == at or reach[at] > reach[furthest[1]]:
        furthest[1] = at


@njit(nogil=True, cache=True)
def _keep(one, where, what, imputed, has_told, first_open, next_open, last_open, kept_told, kept_imputed):  # type: ignore[no-untyped-def]
    """Remember a presence that is kept, in its group and class."""
    if not imputed:
        kept_told[what], has_told[where] = True, True
        return
    kept_imputed[what] = True
    if first_open[where] < 0:
        first_open[where] = one
    else:
        next_open[last_open[where]] = one
    last_open[where] = one


@njit(nogil=True, cache=True)
def _classes(records, low, high):  # type: ignore[no-untyped-def]
    """Number the places of presences, their starts at a place, and their ends with one start at a place."""
    n = high - low
    ends = np.empty(n, np.int64)
    for one in range(n):
        ends[one] = _end(records, low + one)
    rank = np.argsort(ends, kind="mergesort")
    rank = rank[np.argsort(records[low:high, 0][rank].astype(np.int64), kind="mergesort")]
    rank = rank[np.argsort(records[low:high, 2][rank].astype(np.int64), kind="mergesort")]
    place, group, same = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    for at in range(1, n):
        one, before = rank[at], rank[at - 1]
        here = records[low + one, 2] == records[low + before, 2]
        then = here and records[low + one, 0] == records[low + before, 0]
        place[one] = place[before] + (not here)
        group[one] = group[before] + (not then)
        same[one] = same[before] + (not (then and ends[one] == ends[before]))
    return place, group, same


@njit(nogil=True, cache=True)
def _end(records, row):  # type: ignore[no-untyped-def]
    return np.int64(records[row, 0]) + np.int64(records[row, 1] & LENGTH_MASK)
