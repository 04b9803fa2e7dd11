"""
Outlines drawn on a map: whether they are closed and simple, how large they are, and who lies inside.

Coordinates are WGS-84 degrees, longitude first, as GeoJSON has them. An outline is small (a few kilometres),
so the earth is flat in it to better than a hundredth.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sizao.errors import SizaoError

Floats = NDArray[np.float64]
_KM_PER_DEGREE = 111.32  # of latitude; a degree of longitude shrinks with the cosine
_MOST_CORNERS = 2_000
_TRIANGLE = 3


class OutlineFaulty(SizaoError):
    code = "outline.faulty"
    message = "The outline cannot be used: {reason}. Draw it again as one closed line that does not cross itself."


def outline(geometry: Any) -> Floats:
    """
    Read one outline (corners, 2) from a GeoJSON polygon, its first corner not repeated.

    Raise OutlineFaulty for what is no single closed ring of at least three corners on earth, or crosses itself.
    """
    ring = _ring(geometry)
    if not np.array_equal(ring[0], ring[-1]):
        raise OutlineFaulty(reason="its last corner is not its first")
    corners = ring[:-1]
    if len(np.unique(corners, axis=0)) < _TRIANGLE:
        raise OutlineFaulty(reason="it has fewer than three corners")
    if len(np.unique(corners, axis=0)) < len(corners) or _crosses(corners):
        raise OutlineFaulty(reason="it crosses or touches itself")
    return corners


def _ring(geometry: Any) -> Floats:
    if not isinstance(geometry, dict) or geometry.get("type") != "Polygon":
        raise OutlineFaulty(reason="it is no GeoJSON polygon")
    rings = geometry.get("coordinates")
    if not isinstance(rings, list) or len(rings) != 1:
        raise OutlineFaulty(reason="it has holes or several parts")
    try:
        ring = np.array(rings[0], np.float64)
    except (TypeError, ValueError) as fault:
        raise OutlineFaulty(reason="its corners are not pairs of numbers") from fault
    if ring.ndim != 2 or ring.shape[1:] != (2,) or len(ring) > _MOST_CORNERS or not len(ring):  # noqa: PLR2004
        raise OutlineFaulty(reason="its corners are not pairs of numbers, or there are too many")
    if not (np.isfinite(ring).all() and (np.abs(ring) <= (180, 90)).all()):
        raise OutlineFaulty(reason="a corner does not lie on earth")
    return ring


def square_kilometres(corners: Floats) -> float:
    """Give the area inside an outline."""
    middle = corners.mean(axis=0)
    east = (corners[:, 0] - middle[0]) * _KM_PER_DEGREE * math.cos(math.radians(middle[1]))
    north = (corners[:, 1] - middle[1]) * _KM_PER_DEGREE
    return float(abs(np.dot(east, np.roll(north, -1)) - np.dot(north, np.roll(east, -1))) / 2)


def inside(corners: Floats, longitudes: Sequence[float], latitudes: Sequence[float]) -> NDArray[np.bool_]:
    """Say of each point whether it lies inside an outline (a ray to the east crosses it an odd number of times)."""
    x, y = np.asarray(longitudes, np.float64), np.asarray(latitudes, np.float64)
    found = np.zeros(len(x), bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        spans = (y0 > y) != (y1 > y)
        found ^= spans & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return found


def _crosses(corners: Floats) -> bool:
    """Say whether two sides that are no neighbours meet."""
    n = len(corners)
    ends = np.roll(corners, -1, axis=0)
    for one in range(n - 2):
        others = np.arange(one + 2, n if one else n - 1)
        if len(others) and _meets(corners[one], ends[one], corners[others], ends[others]).any():
            return True
    return False


def _meets(start: Floats, end: Floats, starts: Floats, ends: Floats) -> NDArray[np.bool_]:
    mine = _side(start, end, starts) * _side(start, end, ends)
    theirs = _side(starts, ends, start) * _side(starts, ends, end)
    apart = (np.maximum(starts, ends) < np.minimum(start, end)) | (np.minimum(starts, ends) > np.maximum(start, end))
    return (mine <= 0) & (theirs <= 0) & ~apart.any(axis=-1)


def _side(start: Floats, end: Floats, point: Floats) -> Floats:
    along, across = end - start, point - start
    return np.asarray(np.sign(along[..., 0] * across[..., 1] - along[..., 1] * across[..., 0]))
