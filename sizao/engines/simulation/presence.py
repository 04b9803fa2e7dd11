"""
Where people of a simulated city are, and who is at a place: the same truth asked from either side.

Seconds count from midnight of day 0; presences are half-open. `engine` says by which of two ways the answer
is worked out: "numba" is compiled, "numpy" needs no compiler; they give the same rows.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sizao.engines.simulation import presence_arrays, presence_kernels
from sizao.engines.simulation.packed import QUOTA, VENUE_BEGINS, Packed, packed
from sizao.engines.simulation.people import HOUSEHOLD_SIZES
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.world import FIRST_SLOT, World, place_parts

Engine = Literal["numba", "numpy"]
# Two presences at home, two in a group, and one a slot.
_FIXED = 4
_ROOM_A_DAY = 100  # rows of a look-back that room is first made for


@dataclass(frozen=True, slots=True)
class Presence:
    """Columns of equal length: who was where from which second to before which."""

    person: Ints
    place: Ints
    start: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, slots=True)
class Companions:
    """Columns of equal length: whom a case met where, and from when to when both were there."""

    case: Ints
    person: Ints
    place: Ints
    start: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.person)


def visits(
    world: World | Packed, people: Ints, days: Ints, *, with_homes: bool = True, engine: Engine = "numba"
) -> Presence:
    """
    Give the presences of people on days, by person and day; of a packed world without NumPy's way.

    Takes room for all at once: some 12 rows a person and day are set aside while it works, so ask for a great
    city in parts. Without `with_homes`, the presences at home are left out. Nobody is anywhere when in isolation.
    """
    people, days = np.asarray(people, np.int64), np.asarray(days, np.int64)
    if engine == "numpy":
        return Presence(*presence_arrays.visits(_unpacked(world), people, days, with_homes=with_homes))
    ready = _ready(world)
    room = len(people) * len(days) * (_FIXED + len(ready.slots))
    out = tuple(np.empty(room, np.int64) for _ in "1234")
    count = presence_kernels.write_visits(ready, people, days, with_homes, out)
    return Presence(*(column[:count] for column in out))


def visitors(world: World | Packed, place: int, day: int, *, engine: Engine = "numba") -> Ints:
    """Give the numbers of all who visit a venue on a day, in order; `visits` tells the numbers of places."""
    kind, zone, venue = (int(part) for part in place_parts(np.int64(place)))  # type: ignore[arg-type]
    slot = kind - FIRST_SLOT
    if slot < 0:
        raise ValueError(f"place {place} is a home or a group, and no venue")
    if engine == "numpy":
        columns = (np.array([number]) for number in (zone, slot, venue, day))
        return np.sort(presence_arrays.visitors(_unpacked(world), *columns)[1])
    ready = _ready(world)
    found = np.empty(_largest_venue(ready), np.int64)
    count = presence_kernels.visitors(ready, zone, slot, venue, day, found)
    return np.sort(found[:count])


def look_back(world: World, people: Ints, days: Ints, *, groups: bool = True, engine: Engine = "numba") -> Companions:
    """
    Find whom people met away from home on days (in a row, without gaps), under the orders of each day.

    A row for each meeting, with the time that both were there. `groups`: also in class and at work.
    """
    people, days = np.asarray(people, np.int64), np.asarray(days, np.int64)
    if engine == "numpy":
        parts = [presence_arrays.companions(world, person, days, windows=groups) for person in people.tolist()]
        empty = [np.zeros(0, np.int64)] * 5
        return Companions(*(np.concatenate(column) for column in zip(empty, *parts, strict=True)))
    if (np.diff(days) != 1).any():
        raise ValueError("the days of a look-back follow each other")
    first, last = (np.full(len(people), day) for day in (days[0], days[-1]))
    return met_between(packed(world), people, first, last, groups=groups)


def met_between(ready: Packed, people: Ints, first: Ints, last: Ints, *, groups: bool = True) -> Companions:
    """Find whom people met, each from a day to another (both included), as `look_back` in a packed world."""
    room = np.empty(_largest_venue(ready), np.int64)
    length = int(_ROOM_A_DAY * (last - first + 1).clip(0).sum()) + 4096
    while True:
        out = tuple(np.empty(length, np.int64) for _ in "12345")
        count = presence_kernels.write_companions(ready, people, first, last, groups, room, out)
        if count <= length:
            return Companions(*(column[:count] for column in out))
        length = count


def _ready(world: World | Packed) -> Packed:
    return world if isinstance(world, Packed) else packed(world)


def _unpacked(world: World | Packed) -> World:
    if isinstance(world, Packed):
        raise TypeError("NumPy reads a world that is not packed")
    return world


def _largest_venue(ready: Packed) -> int:
    """Count the people whom no venue can exceed: its seats, each taken by a household, and all travellers of a day."""
    seats = np.diff(ready.slots[:, VENUE_BEGINS:], axis=1).max(initial=1)
    return int(seats) * (len(HOUSEHOLD_SIZES) - 1) + int(ready.trips[:, QUOTA].sum())
