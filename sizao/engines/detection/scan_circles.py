"""
The circles that a scan looks at: around each area its nearest ones, up to a share of the whole.

Circles grow area by area, nearest first; areas at the same distance are added in the order in which they are
given, as `SpatialEpi::zones` does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sizao.errors import SizaoError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EARTH_KM = 6371.0088  # mean radius, IUGG
MOST = 100_000_000  # circles, some 800 MB


class NoCircle(SizaoError):
    code = "scan.no_circle"
    message = "There is nothing to scan: {reason} Correct the areas or widen the limits."


class Distances(Protocol):
    """Give the distances from one area to all, in any unit."""

    def __call__(self, area: int, /) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How far a circle may grow.

    `share` of the whole weight (population, or the number of areas where that is unknown), `areas` in number,
    `distance` in the unit of the distances. A circle always holds its first area if that lies within `share`.
    """

    share: float = 0.5
    areas: int | None = None
    distance: float = float("inf")


@dataclass(frozen=True, slots=True)
class Circles:
    """`areas[starts[i]:starts[i + 1]]` are the areas around area `i`, nearest first; each prefix is a circle."""

    areas: Ints
    starts: Ints

    def __len__(self) -> int:
        return len(self.areas)

    def around(self, centre: int, n_areas: int) -> tuple[int, ...]:
        """Name the nearest areas of a centre, in order of distance."""
        start = int(self.starts[centre])
        return tuple(self.areas[start : start + n_areas].tolist())


def on_earth(latitude: Floats, longitude: Floats) -> Distances:
    """Measure great-circle distances in kilometres from degrees (haversine formula). Refuse what is no place."""
    _check(latitude, longitude)
    if (np.abs(latitude) > 90).any() or (np.abs(longitude) > 180).any():
        area = int(np.flatnonzero((np.abs(latitude) > 90) | (np.abs(longitude) > 180))[0])
        raise NoCircle(reason=f"area number {area + 1} lies at latitude {latitude[area]}, longitude {longitude[area]}.")
    phi, lam = np.radians(latitude), np.radians(longitude)

    def measure(area: int, /) -> Floats:
        half = np.sin((phi - phi[area]) / 2) ** 2 + np.cos(phi) * np.cos(phi[area]) * np.sin((lam - lam[area]) / 2) ** 2
        km: Floats = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
        return km

    return measure


def on_plane(x: Floats, y: Floats) -> Distances:
    """Measure straight distances in the unit of the coordinates."""
    _check(x, y)

    def measure(area: int, /) -> Floats:
        length: Floats = np.sqrt((x - x[area]) ** 2 + (y - y[area]) ** 2)
        return length

    return measure


def circles(distances: Distances, weights: Floats, limits: Limits) -> Circles:
    """
    List the circles around each of at least two areas.

    `weights` are zero or more, one an area. An area whose own weight passes the share has no circle of its own
    and can lie in none. Raise NoCircle when nothing is left to look at.
    """
    if len(weights) < 2:
        raise NoCircle(reason="a cluster is found by comparing areas, and there is only one.")
    within = _within(distances, weights, limits)
    around: list[Ints] = []
    starts = np.zeros(len(weights) + 1, np.int64)
    for area in range(len(weights)):
        around.append(within(area))
        starts[area + 1] = starts[area] + len(around[-1])
        if starts[area + 1] > MOST:
            raise NoCircle(reason=f"there are more than {MOST:,} circles; ask for smaller ones.")
    if starts[-1] == 0:
        raise NoCircle(reason=f"every area alone holds more than {limits.share:g} of the whole.")
    return Circles(areas=np.concatenate(around), starts=starts)


def _within(distances: Distances, weights: Floats, limits: Limits) -> Callable[[int], Ints]:
    total = weights.sum()

    def within(area: int) -> Ints:
        distance = distances(area)
        nearest = np.argsort(distance, kind="stable")[: limits.areas]
        share = np.cumsum(weights[nearest]) / total if total else np.zeros(len(nearest))
        kept: Ints = nearest[(share <= limits.share) & (distance[nearest] <= limits.distance)]
        return kept

    return within


def _check(*coordinates: Floats) -> None:
    known = np.isfinite(coordinates).all(axis=0)
    if not known.all():
        raise NoCircle(reason=f"area number {int(np.flatnonzero(~known)[0]) + 1} has no coordinates.")
