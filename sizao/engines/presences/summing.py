"""
Sum meetings by person, in room that does not grow with the number of persons.

Meetings come in the order of places, so that each would be added somewhere else in an array of all persons,
which no cache holds. They are spread over ranges of persons first; the sums of one range stay near.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sizao.engines.presences.layout import Words

Ints = NDArray[np.int64]

RANGE_BITS = 14  # 16,384 persons, whose sums take 256 KiB
# Room for so many meetings stays between two questions; for more it is taken and given back.
KEPT = 1 << 20


class Tally:
    """
    Room to sum the meetings of one case after the other.

    One to a thread. `sums` of one range of persons: seconds, meetings, complement of the first start, last end.
    """

    def __init__(self, n_persons: int) -> None:
        self.n_ranges = (max(n_persons, 1) - 1 >> RANGE_BITS) + 1
        self.sums = np.zeros((1 << RANGE_BITS, 4), np.uint32)
        self._kept = [np.empty((0, 3), np.uint32), np.empty((0, 3), np.uint32)]

    def room(self, n_meetings: int) -> Words:
        """Give room for so many meetings, rows (person, start, end) that `summed` then takes."""
        return self._rows(0, n_meetings)

    def summed(self, meetings: Words) -> tuple[Words, Ints, Words, Words, Words]:
        """Sum meetings by person: columns person, seconds, meetings, first, last; in no order."""
        columns: tuple[Words, Ints, Words, Words, Words]
        if self.n_ranges == 1:
            columns = _summed(meetings, np.array([0, len(meetings)]), self.sums)
            return columns
        spread = self._rows(1, len(meetings))
        columns = _summed(spread, _spread(meetings, self.n_ranges, spread), self.sums)
        return columns

    def _rows(self, which: int, n_rows: int) -> Words:
        if n_rows > KEPT:
            return np.empty((n_rows, 3), np.uint32)  # what is not written to is not taken from the system
        if n_rows > len(self._kept[which]):
            self._kept[which] = np.empty((min(2 * n_rows, KEPT), 3), np.uint32)
        return self._kept[which]


@njit(nogil=True, cache=True)
def _spread(meetings, n_ranges, spread):  # type: ignore[no-untyped-def]
    """Put meetings of one range of persons next to each other; give where each range begins and the last ends."""
    bounds = np.zeros(n_ranges + 1, np.int64)
    for row in range(len(meetings)):
        bounds[(meetings[row, 0] >> np.uint32(RANGE_BITS)) + np.uint32(1)] += 1
    for one in range(n_ranges):
        bounds[one + 1] += bounds[one]
    free = bounds[:-1].copy()
    for row in range(len(meetings)):
        one = meetings[row, 0] >> np.uint32(RANGE_BITS)
        at = np.uint64(free[one])
        free[one] += 1
        spread[at, 0], spread[at, 1], spread[at, 2] = meetings[row, 0], meetings[row, 1], meetings[row, 2]
    return bounds


@njit(nogil=True, cache=True)
def _summed(meetings, bounds, sums):  # type: ignore[no-untyped-def]
    """Add meetings up without a branch: the first start is kept as its complement, so that 0 is none."""
    n_meetings = bounds[len(bounds) - 1]
    person = np.empty(n_meetings, np.uint32)
    seconds = np.empty(n_meetings, np.int64)
    times = np.empty(n_meetings, np.uint32)
    first = np.empty(n_meetings, np.uint32)
    last = np.empty(n_meetings, np.uint32)
    touched = np.empty(len(sums) + 1, np.uint32)  # one more, so that writing it needs no test
    n_people = 0
    for one in range(len(bounds) - 1):
        base = np.uint32(one << RANGE_BITS)
        n_touched = np.uint64(0)
        for row in range(bounds[one], bounds[one + 1]):
            other = meetings[row, 0] - base
            start, end = meetings[row, 1], meetings[row, 2]
            touched[n_touched] = other
            n_touched += np.uint64(sums[other, 1] == 0)
            sums[other, 0] += end - start
            sums[other, 1] += np.uint32(1)
            sums[other, 2] = max(sums[other, 2], ~start)
            sums[other, 3] = max(sums[other, 3], end)
        for at in range(n_touched):
            other = touched[at]
            person[n_people] = other + base
            seconds[n_people], times[n_people] = sums[other, 0], sums[other, 1]
            first[n_people], last[n_people] = ~sums[other, 2], sums[other, 3]
            sums[other, 0] = sums[other, 1] = sums[other, 2] = sums[other, 3] = np.uint32(0)
            n_people += 1
    return person[:n_people], seconds[:n_people], times[:n_people], first[:n_people], last[:n_people]
