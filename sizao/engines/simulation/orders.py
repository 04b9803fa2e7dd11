"""
Orders in a simulated city: who or what is held, closed or to be tested, from which day to which.

A log of intervals, half-open in days. It is asked for the day in question, also when a look-back asks about
last week: an order that ended is still known to have been in force then.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation.areas import LEVELS, Zones, zones_below
from sizao.engines.simulation.compiling import kernel
from sizao.engines.simulation.rng import Ints
from sizao.errors import SizaoError

# Orders to people, as bits: kept where nobody else is; kept at home with the household.
ISOLATION, HOME_ISOLATION = 1, 2
# Orders to areas, as bits: nobody leaves home; venues shut; nobody travels in or out; everybody is tested.
AREA_CLOSED, VENUES_CLOSED, TRAVEL_BANNED, TESTING_ROUND = 1, 2, 4, 8
BEGIN, END, KIND, BEFORE = range(4)
OPEN_END = (1 << 31) - 1
_ROOM = 1024


class OrderRunsBackwards(SizaoError):
    """An interval that ends before it begins."""

    code = "simulation.order_runs_backwards"
    message = "An order from day {begin} to day {end} cannot be: it must end after it begins."


class Orders(NamedTuple):
    """
    The log as engines read it.

    `last[person]` is the number of the person's latest order, counted from 1 (0: none). `log` has a row an order:
    BEGIN, END, KIND, and BEFORE, the number of the person's order before it. `areas[day - first_day, zone]` holds the
    bits in force in a zone; days outside have none.
    """

    last: NDArray[np.int32]
    log: NDArray[np.int32]
    areas: NDArray[np.uint8]
    first_day: int


class OrderLog:
    """The log as it is written."""

    def __init__(self, zones: Zones, n_people: int, *, first_day: int, n_days: int) -> None:
        """Begin an empty log. Orders to areas can be in force on `n_days` days from `first_day`."""
        self._zones = zones
        self.area_rows: list[tuple[int, int, int, int]] = []
        self.count = 0
        self.orders = Orders(
            last=np.zeros(n_people, np.int32),
            log=np.empty((_ROOM, 4), np.int32),
            areas=np.zeros((n_days, len(zones.start)), np.uint8),
            first_day=first_day,
        )

    def hold(self, people: Ints, begin: Ints | int, end: Ints | int, kind: int) -> None:
        """Keep people (each named once) from `begin` to before `end`, by ISOLATION or HOME_ISOLATION."""
        shape = np.shape(people)
        begins, ends = np.broadcast_to(begin, shape), np.broadcast_to(end, shape)
        _check(begins, ends)
        numbers = self._room(len(people))
        kinds = np.full(len(people), kind)
        self.orders.log[numbers] = np.column_stack((begins, ends, kinds, self.orders.last[people]))
        self.orders.last[people] = numbers + 1

    def release(self, people: Ints, day: int) -> None:
        """End whatever keeps these people, from `day` on; what was in force before stays known."""
        number = self.orders.last[people] - 1
        while (number >= 0).any():
            number = number[number >= 0]
            begin, end = self.orders.log[number, BEGIN], self.orders.log[number, END]
            self.orders.log[number, END] = np.where(end > day, np.maximum(begin, day), end)
            number = self.orders.log[number, BEFORE] - 1

    def order_area(self, zone: int, begin: int, end: int, kind: int) -> None:
        """
        Put an order on a zone and all zones within it, by bits (AREA_CLOSED, VENUES_CLOSED …).

        What lies outside the days of the log is not kept in its table, but stands in `area_rows`.
        """
        _check(np.array([begin]), np.array([end]))
        self.area_rows.append((zone, begin, end, kind))
        days = slice(*(min(max(day - self.orders.first_day, 0), len(self.orders.areas)) for day in (begin, end)))
        self.orders.areas[days, zones_below(self._zones, zone)] |= np.uint8(kind)

    def columns(self) -> dict[str, Ints]:
        """Give the orders to people as columns: person, begin, end, kind, in the order in which they came."""
        person = np.full(self.count, -1, np.int64)
        holders = np.flatnonzero(self.orders.last)
        number = self.orders.last[holders] - 1
        while len(holders):
            person[number] = holders
            number = self.orders.log[number, BEFORE] - 1
            holders, number = holders[number >= 0], number[number >= 0]
        begin, end, kind, _ = self.orders.log[: self.count].T.astype(np.int64)
        return {"person": person, "begin": begin, "end": end, "kind": kind}

    def _room(self, more: int) -> Ints:
        first, self.count = self.count, self.count + more
        if self.count > len(self.orders.log):
            wider = np.empty((max(self.count, 2 * len(self.orders.log)), 4), np.int32)
            wider[:first] = self.orders.log[:first]
            self.orders = self.orders._replace(log=wider)
        return np.arange(first, self.count)


def held_all(orders: Orders, people: Ints, days: Ints) -> NDArray[np.uint8]:
    """Give the bits that keep each person on a day (0: free), as `held`."""
    found = np.zeros(len(people), np.uint8)
    number = orders.last[people].astype(np.int64) - 1
    left = np.flatnonzero(number >= 0)
    while len(left):
        begin, end, kind, before = orders.log[number[left]].T
        found[left] |= np.where((begin <= days[left]) & (days[left] < end), kind, 0).astype(np.uint8)
        number[left] = before - 1
        left = left[number[left] >= 0]
    return found


def area_bits(orders: Orders, zones: Ints, days: Ints) -> NDArray[np.uint8]:
    """Give the bits in force in zones on days, as `bits_at`."""
    row = days - orders.first_day
    known = (row >= 0) & (row < len(orders.areas))
    if not len(orders.areas):
        return np.zeros(len(zones), np.uint8)
    return np.where(known, orders.areas[np.where(known, row, 0), zones], np.uint8(0))


@kernel
def held(last, log, person, day):  # type: ignore[no-untyped-def]
    """Give the bits that keep a person on a day (0: free)."""
    found = np.int32(0)
    number = last[person]
    while number:
        if log[number - 1, BEGIN] <= day < log[number - 1, END]:
            found |= log[number - 1, KIND]
        number = log[number - 1, BEFORE]
    return found


@kernel
def bits_at(areas, first_day, zone, day):  # type: ignore[no-untyped-def]
    """Give the bits in force in a zone on a day (0: none)."""
    row = day - first_day
    if row < 0 or row >= len(areas):
        return np.uint8(0)
    return areas[row, zone]


def level_of(zones: Zones, zone: int) -> str:
    """Say which level a zone is of, in words."""
    return LEVELS[int(np.searchsorted(zones.base, zone, side="right")) - 1]


def _check(begin: Ints, end: Ints) -> None:
    if (end <= begin).any():
        row = int(np.flatnonzero(end <= begin)[0])
        raise OrderRunsBackwards(begin=int(begin[row]), end=int(end[row]))
