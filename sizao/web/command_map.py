"""The sketch of the counties concerned: an outline each, shaded by cases, drawn on the server."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import cos, radians
from typing import Any

from sizao.engines.map_names import Name, apart
from sizao.records.models import Outbreak
from sizao.web import boundaries

WIDE, HIGH = 600.0, 420.0
STEPS = (1, 5, 20, 100, 300)
MOST_NAMED = 5
LETTER = 17.0  # as high as in the style sheet

Outline = tuple[str, str, str, float, float]


def drawn(outbreak: Outbreak, counties: Mapping[str, int]) -> dict[str, Any] | None:
    """Draw the counties of an outbreak with their cases; None where no boundaries are known."""
    found = boundaries.of(outbreak)
    if found is None:
        return None
    outlines = _outlines(found)
    shapes = [
        {"path": path, "grade": _grade(counties.get(code, 0)), "n": counties.get(code, 0), "name": name}
        for code, name, path, _, _ in outlines
    ]
    return {
        "shapes": shapes,
        "names": _named(outlines, counties),
        "wide": int(WIDE),
        "high": int(HIGH),
        "remark": boundaries.remark(outbreak),
    }


def _named(outlines: Sequence[Outline], counties: Mapping[str, int]) -> list[dict[str, Any]]:
    """Name the counties with most cases, each near its place and none upon another."""
    concerned = sorted((one for one in outlines if counties.get(one[0])), key=lambda one: -counties[one[0]])
    names = [Name(f"{name} {counties[code]}", x, y) for code, name, _, x, y in concerned[:MOST_NAMED]]
    placed = apart(names, size=LETTER, wide=WIDE, high=HIGH)
    return [
        {"text": one.text, "of": (int(one.x), int(one.y)), "at": (round(spot[0]), round(spot[1])),
         "is_away": abs(spot[0] - one.x) + abs(spot[1] - one.y) > LETTER}
        for one, spot in zip(names, placed, strict=True) if spot
    ]  # fmt: skip


def _grade(n: int) -> int:
    return sum(n >= step for step in STEPS)


@lru_cache(maxsize=4)
def _outlines(found: bytes) -> tuple[Outline, ...]:
    """Give code, name, path and middle of each county, as large as the sketch allows."""
    features = json.loads(found)["features"]
    points = [point for one in features for ring in _rings(one) for point in ring]
    if not points:
        return ()
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = cos(radians((south + north) / 2))
    scale = min(WIDE / max((east - west) * squeeze, 1e-9), HIGH / max(north - south, 1e-9))
    left = (WIDE - (east - west) * squeeze * scale) / 2
    top = (HIGH - (north - south) * scale) / 2

    def at(point: list[float]) -> tuple[float, float]:
        return left + (point[0] - west) * squeeze * scale, top + (north - point[1]) * scale

    return tuple(_outline(one, at) for one in features)


def _outline(feature: dict[str, Any], at: Any) -> Outline:
    path, largest = [], []
    for ring in _rings(feature):
        spots = list(_apart(at(point) for point in ring))
        path.append(_drawn(spots) if len(spots) > 1 else "")  # an island smaller than the sketch can show
        largest = max(largest, spots, key=len)
    x = sum(spot[0] for spot in largest) / len(largest)
    y = sum(spot[1] for spot in largest) / len(largest)
    known = feature["properties"]
    return str(known["adcode"]), str(known["name"]), "".join(path), round(x), round(y)


def _drawn(spots: Sequence[tuple[float, float]]) -> str:
    """Write a ring in steps from one spot to the next, which are shorter than where each lies."""
    whole = [(round(x), round(y)) for x, y in spots]
    steps = [(to[0] - of[0], to[1] - of[1]) for of, to in pairwise(whole)]
    return f"M{whole[0][0]} {whole[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps if x or y) + "z"


def _rings(feature: dict[str, Any]) -> Iterator[list[list[float]]]:
    shape = feature["geometry"]
    for polygon in [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]:
        yield polygon[0]


def _apart(spots: Iterator[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Leave out spots that nobody could tell apart from the one before."""
    last = None
    for spot in spots:
        if last is None or abs(spot[0] - last[0]) + abs(spot[1] - last[1]) >= 2.5:  # noqa: PLR2004 — of the sketch
            yield spot
            last = spot
