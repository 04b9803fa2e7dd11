"""
Which rooms of a site lie next to one: beside it, opposite, above and below.

A room has a building, a floor, a side of the corridor and a position along that side. A room whose position nobody
recorded lies nowhere in particular: it is given as such for a person to look at, never left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sizao.terms import NextDoor


@dataclass(frozen=True, slots=True)
class RoomAt:
    """Where one room lies; `position` runs along its side of the corridor from 1, None where it is not recorded."""

    key: int
    building: str
    floor: int
    position: int | None = None
    opposite: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """How many rooms are near: beside it on each side, opposite in all, and floors above and below."""

    each_side: int
    opposite: int
    vertical: int


def neighbours(of: RoomAt, rooms: Iterable[RoomAt], reach: Reach) -> tuple[tuple[RoomAt, NextDoor], ...]:
    """
    Say which rooms are near one, and how each lies to it; the room itself comes first.

    Opposite are the `reach.opposite` positions centred on the room's own, of an even number one more, so that none that
    is as near as another is left out. Positions without a room are gaps, such as a staircase: nothing moves up into
    them. Where the room's own position is unknown, all rooms of its floor and of the floors within reach are UNPLACED;
    where another's is, that room is UNPLACED on those floors.
    """
    ordered = sorted((room for room in rooms if room.key != of.key), key=_order)
    lying = [(room, _lies(of, room, reach)) for room in ordered]
    found: Sequence[tuple[RoomAt, NextDoor]] = [(room, how) for room, how in lying if how is not None]
    return ((of, NextDoor.SAME), *found)


def _order(room: RoomAt) -> tuple[str, int, bool, int, int]:
    return room.building, room.floor, room.opposite, room.position or 0, room.key


def _lies(of: RoomAt, room: RoomAt, reach: Reach) -> NextDoor | None:
    floors = room.floor - of.floor
    if room.building != of.building or abs(floors) > reach.vertical:
        return None
    if of.position is None or room.position is None:
        return NextDoor.UNPLACED
    along = abs(room.position - of.position)
    if floors:
        return _stacked(floors) if along == 0 and room.opposite == of.opposite else None
    if room.opposite != of.opposite:
        return NextDoor.OPPOSITE if reach.opposite > 0 and along <= reach.opposite // 2 else None
    return NextDoor.SIDE if along <= reach.each_side else None


def _stacked(floors: int) -> NextDoor:
    return NextDoor.ABOVE if floors > 0 else NextDoor.BELOW
