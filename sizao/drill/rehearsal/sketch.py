"""
A sketch of the counties of a drill, for its maps where no boundaries ship with sizao.

Each county is a cell around its seat: every point belongs to the nearest seat. Where the scenario tells no seats, the
counties stand as squares in the order of their codes. Neither is a boundary, and the pages say so.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from sizao.adapters.tables import write_whole
from sizao.drill.rehearsal.parts import Seat
from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.drill.rehearsal.sketch_file import CELLS, SQUARES, path
from sizao.terms import AREA_DIGITS, AreaLevel

_COUNTY, _CITY = AREA_DIGITS[AreaLevel.COUNTY], AREA_DIGITS[AreaLevel.CITY]
_MARGIN = 0.12  # of the width and height, around the outermost seats; at least so many degrees
_DIGITS = 4  # of a degree: some ten metres
_CORNER, _SIDE = (105.0, 35.0), 0.25  # of squares, in degrees; nothing lies there by them
Points = NDArray[np.float64]


def write(rehearsal: Rehearsal, names: Mapping[str, str]) -> None:
    """Put the sketch of a drill where its pages find it."""
    path().parent.mkdir(parents=True, exist_ok=True)
    write_whole(path(), json.dumps(sketch(rehearsal, names), ensure_ascii=False).encode())


def sketch(rehearsal: Rehearsal, names: Mapping[str, str]) -> dict[str, object]:
    """Draw the counties of a drill's city as GeoJSON, `adcode` and `name` each; `drawn` says as what."""
    seats = [one for one in rehearsal.seats if one.code in names]
    if seats:
        codes, rings = [one.code for one in seats], _cells(seats)
    else:
        city = rehearsal.area_code[:_CITY]
        codes = sorted(code for code in names if len(code) == _COUNTY and code.startswith(city))
        rings = _squares(len(codes))
    features = [
        {
            "type": "Feature",
            "properties": {"adcode": code, "name": names[code]},
            "geometry": {"type": "Polygon", "coordinates": [np.round([*ring, ring[0]], _DIGITS).tolist()]},
        }
        for code, ring in zip(codes, rings, strict=True)
    ]
    drawn = CELLS if seats else SQUARES
    return {"type": "FeatureCollection", "drill": rehearsal.slug, "drawn": drawn, "features": features}


def _cells(seats: Sequence[Seat]) -> list[Points]:
    """Give the corners of each seat's cell within a frame: seats mirrored at its sides make cells end there."""
    at = np.array([(one.longitude, one.latitude) for one in seats], np.float64)
    low, high = at.min(axis=0), at.max(axis=0)
    margin = np.maximum((high - low) * _MARGIN, _SIDE / 4)
    low, high = low - margin, high + margin
    mirrored = [at]
    for axis in (0, 1):
        for side in (low, high):
            other = at.copy()
            other[:, axis] = 2 * side[axis] - other[:, axis]
            mirrored.append(other)
    found = Voronoi(np.concatenate(mirrored))
    corners = (found.vertices[found.regions[found.point_region[n]]] for n in range(len(seats)))
    return [_in_turn(ring) for ring in corners]


def _in_turn(ring: Points) -> Points:
    """Put the corners of a cell, which has no dents, in the order in which they follow each other around it."""
    away = ring - ring.mean(axis=0)
    return ring[np.argsort(np.arctan2(away[:, 1], away[:, 0]))]


def _squares(n: int) -> list[Points]:
    across = max(1, int(np.ceil(np.sqrt(n))))
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64) * _SIDE
    return [square + _CORNER + np.array([number % across, -(number // across)]) * _SIDE for number in range(n)]
