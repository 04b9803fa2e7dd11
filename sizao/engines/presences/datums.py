"""
Points of Chinese maps as points of the globe: GCJ-02 and BD-09 into WGS-84.

Maps and phones in mainland China give points in GCJ-02, which lies 100 to 700 metres beside WGS-84 by a published
series of sines (as the eviltransform project has it, github.com/googollee/eviltransform), and Baidu's in BD-09, which
is GCJ-02 moved once more. The way back is found by steps; what is left after them is far below a metre.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Points = tuple[Floats, Floats]

SEMI_MAJOR_METRES, ECCENTRICITY_SQUARED = 6_378_245.0, 0.00669342162296594323  # Krasovsky 1940
# Only points within this box are moved (longitude, latitude, in degrees).
MOVED_WITHIN = ((72.004, 137.8347), (0.8293, 55.8271))
STEPS = 10
BAIDU_TURN = np.pi * 3000 / 180
BAIDU_EAST, BAIDU_NORTH = 0.0065, 0.006


def gcj02_of(longitude: Floats, latitude: Floats) -> Points:
    """Give points of WGS-84 (degrees, arrays of equal length) in GCJ-02; outside China they stay."""
    east, north = _moved(longitude, latitude)
    return longitude + east, latitude + north


def bd09_of(longitude: Floats, latitude: Floats) -> Points:
    """Give points of WGS-84 (degrees, arrays of equal length) in BD-09."""
    east, north = gcj02_of(longitude, latitude)
    reach = np.hypot(east, north) + 0.00002 * np.sin(north * BAIDU_TURN)
    turn = np.arctan2(north, east) + 0.000003 * np.cos(east * BAIDU_TURN)
    return reach * np.cos(turn) + BAIDU_EAST, reach * np.sin(turn) + BAIDU_NORTH


def wgs84_of(longitude: Floats, latitude: Floats, *, datum: str) -> Points:
    """Give points (degrees, arrays of equal length) of a datum, one of DATUMS, in WGS-84; NaN stays NaN."""
    forward = DATUMS[datum]
    east, north = longitude, latitude
    for _ in range(STEPS):
        told_east, told_north = forward(east, north)
        east, north = east + longitude - told_east, north + latitude - told_north
    return east, north


def _as_it_is(longitude: Floats, latitude: Floats) -> Points:
    return longitude, latitude


DATUMS: Mapping[str, Callable[[Floats, Floats], Points]] = {"wgs84": _as_it_is, "gcj02": gcj02_of, "bd09": bd09_of}


def _moved(longitude: Floats, latitude: Floats) -> Points:
    """Give by how many degrees GCJ-02 lies east and north."""
    x, y = longitude - 105.0, latitude - 35.0
    both = 20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)
    root = np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + (both + _waves(y, ((20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30)))) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + (both + _waves(x, ((20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30)))) * 2 / 3
    radians = np.radians(latitude)
    flat = 1 - ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    north = np.degrees(north * flat**1.5 / (SEMI_MAJOR_METRES * (1 - ECCENTRICITY_SQUARED)))
    east = np.degrees(east * np.sqrt(flat) / (SEMI_MAJOR_METRES * np.cos(radians)))
    (west, far_east), (south, far_north) = MOVED_WITHIN
    inside = (longitude >= west) & (longitude <= far_east) & (latitude >= south) & (latitude <= far_north)
    return np.where(inside, east, 0.0), np.where(inside, north, 0.0)


def _waves(at: Floats, waves: tuple[tuple[float, float], ...]) -> Floats:
    found: Floats = np.sum([height * np.sin(at * often * np.pi) for height, often in waves], axis=0)
    return found
