"""Which areas of a map share a border: those whose outlines have corners in common."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

# Boundaries of one series are cut along the same corners; a rounding of 10 m takes up what writing them down lost.
_DECIMALS = 4


def adjoining(features: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """
    Say for each area of a map which others border on it, by the `adcode` of GeoJSON features.

    Coordinates are degrees, longitude first. An area that touches none has an empty set; one that is not on the map
    is not in the answer, since nothing is known of it.
    """
    at: dict[tuple[float, float], set[str]] = defaultdict(set)
    beside: dict[str, set[str]] = {}
    for feature in features:
        code = str(feature["properties"]["adcode"])
        beside.setdefault(code, set())
        for corner in _corners(feature["geometry"]):
            at[corner].add(code)
    for codes in at.values():
        for code in codes:
            beside[code] |= codes - {code}
    return {code: frozenset(others) for code, others in beside.items()}


def _corners(geometry: Mapping[str, Any]) -> Iterable[tuple[float, float]]:
    shapes = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for shape in shapes:
        for ring in shape:
            for x, y, *_ in ring:
                yield round(x, _DECIMALS), round(y, _DECIMALS)
