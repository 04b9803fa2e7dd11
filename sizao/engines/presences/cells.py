"""
Spatial cells by their names, and which cells touch.

Two kinds of names are known by their form: H3 indices (15 hexadecimal digits, or the same as a 64-bit integer;
Uber H3 4) and square cells of a stated side, `800m:ROW:COL`.

Squares: the globe is cut from pole to pole into rows of equal height, and each row into cells of equal width,
as many as come nearest to the side at the middle of the row, so that a cell is as high and as wide as it says
within 0.5 % below 85 degrees of latitude. Cells of neighbouring rows do not lie in one line, so that corners do
not meet; the neighbours of a cell are all that lie in its row or the next ones less than a width away, eight to
twelve: no two points nearer than a side are ever further apart than neighbours. A point on a border belongs to
the cell north and east of it; the poles and the meridian of 180 degrees belong to the cells that end or begin there.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sizao.errors import SizaoError

EARTH_METRES = 6_371_008.8  # mean radius (IUGG)
SQUARE = re.compile(r"([1-9][0-9]{1,5})m:(0|[1-9][0-9]*):(0|[1-9][0-9]*)")
H3_DIGITS = 15
CELL_PATTERN = rf"^(?:{SQUARE.pattern}|8[0-9a-f]{{14}})$"  # what may be a cell, for looking through many names at once
LOWEST_H3 = 1 << 59  # a smaller integer cannot be a cell of H3: its mode says so


class NoSuchPoint(SizaoError):
    code = "cells.no_such_point"
    message = "Latitude {latitude}, longitude {longitude} is no point of the globe. Give degrees, latitude first."


class NoSuchSide(SizaoError):
    code = "cells.no_such_side"
    message = "A cell of {side_m} metres is not possible. Choose a whole number of metres from 10 to 100,000."


@dataclass(frozen=True, slots=True)
class Square:
    """A square cell: its side in metres, its row from the south pole, its column eastwards from 180 degrees west."""

    side_m: int
    row: int
    column: int

    def __str__(self) -> str:
        return f"{self.side_m}m:{self.row}:{self.column}"

    @property
    def centre(self) -> tuple[float, float]:
        """Give latitude and longitude of its middle, in degrees."""
        n_columns = _n_columns(self.side_m, self.row)
        return (self.row + 0.5) * 180 / _n_rows(self.side_m) - 90, (self.column + 0.5) * 360 / n_columns - 180

    def neighbours(self) -> list["Square"]:
        """List the squares of its own row and the next ones that lie less than a width away, without itself."""
        found = []
        for row in range(max(self.row - 1, 0), min(self.row + 2, _n_rows(self.side_m))):
            own, there = _n_columns(self.side_m, self.row), _n_columns(self.side_m, row)
            # In whole numbers, in units of 1 / (own * there), so that A is beside B exactly when B is beside A.
            width = max(own, there)
            first = (self.column * there - width) // own
            last = -(-((self.column + 1) * there + width) // own) - 1
            columns = dict.fromkeys(column % there for column in range(first, last + 1))
            found += [Square(self.side_m, row, column) for column in columns]
        return [one for one in found if one != self]


def square_at(latitude: float, longitude: float, *, side_m: int) -> Square:
    """Find the square cell of a point in WGS-84 (degrees). Raise NoSuchPoint or NoSuchSide."""
    if not 10 <= side_m <= 100_000:
        raise NoSuchSide(side_m=side_m)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise NoSuchPoint(latitude=latitude, longitude=longitude)
    n_rows = _n_rows(side_m)
    row = min(math.floor((latitude + 90) / 180 * n_rows), n_rows - 1)
    n_columns = _n_columns(side_m, row)
    return Square(side_m, row, math.floor((longitude + 180) / 360 * n_columns) % n_columns)


def is_cell(token: object) -> bool:
    """Say whether a place is a cell by the form of its name."""
    return _square(token) is not None or _is_h3(token)


def neighbours_of(token: str | int) -> Sequence[str | int]:
    """List the cells that touch a cell, named as it is named; nothing for what is no cell."""
    square = _square(token)
    if square is not None:
        return [str(one) for one in square.neighbours()]
    if not _is_h3(token):
        return []
    import h3  # here, because loading it takes longer than most questions

    hexagon = h3.int_to_str(token) if isinstance(token, int) else token
    beside = [one for one in h3.grid_disk(hexagon, 1) if one != hexagon]
    return [h3.str_to_int(one) for one in beside] if isinstance(token, int) else beside


def middle_of(token: str | int) -> tuple[float, float] | None:
    """Give latitude and longitude (WGS-84, degrees) of the middle of a cell; None for what is no cell."""
    square = _square(token)
    if square is not None:
        return square.centre
    if not _is_h3(token):
        return None
    import h3

    found: tuple[float, float] = h3.cell_to_latlng(h3.int_to_str(token) if isinstance(token, int) else token)
    return found


def _square(token: object) -> Square | None:
    told = SQUARE.fullmatch(token) if isinstance(token, str) else None
    if told is None:
        return None
    square = Square(*map(int, told.groups()))
    inside = square.row < _n_rows(square.side_m) and square.column < _n_columns(square.side_m, square.row)
    return square if inside else None


def _is_h3(token: object) -> bool:
    if isinstance(token, int):
        if token < LOWEST_H3:
            return False
        import h3

        return bool(h3.is_valid_cell(h3.int_to_str(token)))
    if not isinstance(token, str) or len(token) != H3_DIGITS:
        return False
    import h3

    return bool(h3.is_valid_cell(token))


def _n_rows(side_m: int) -> int:
    return round(math.pi * EARTH_METRES / side_m)


def _n_columns(side_m: int, row: int) -> int:
    middle = math.pi * ((row + 0.5) / _n_rows(side_m) - 0.5)
    return max(round(2 * math.pi * EARTH_METRES * math.cos(middle) / side_m), 1)
