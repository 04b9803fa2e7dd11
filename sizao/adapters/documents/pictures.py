"""Drawings of a document as SVG: bars by day, and areas shaded by a count."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from math import cos, radians
from typing import Any

from sizao.engines.map_names import Name, apart

_FONT = 'font-family="Noto Sans CJK SC" fill="#444"'
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640.0, 210.0, 34.0, 24.0, 22.0
_LABELS = 8  # of days below the bars
# The same steps and colours as on screen.
STEPS = ((1, "#fbe0cc"), (5, "#f6b98f"), (20, "#e9875a"), (100, "#cb5333"), (300, "#8f2a19"))
_NONE = "#f8fafb"
_MOST_MAP = 520.0
_NAME = 9.0  # height of the letters of a name


@dataclass(frozen=True, slots=True)
class Series:
    """Counts by day that stand on each other; None is not told or not known, and is drawn as a tick."""

    label: str
    color: str
    values: tuple[int | None, ...]


def bars(days: Sequence[date], series: Sequence[Series], *, line: Series | None = None) -> str:
    """
    Draw counts by day as stacked bars, with the highest count and every few days named.

    `line` is drawn over them, not on top of them: another's counts of the same days.
    """
    totals = [sum(one.values[n] or 0 for one in series) for n in range(len(days))]
    over = [] if line is None else [line]
    most = max([1, *totals, *(count or 0 for one in over for count in one.values)])
    step = (_WIDTH - _LEFT) / max(1, len(days))
    scale = (_HEIGHT - _BOTTOM - _TOP) / most
    parts = [*_axis(most, scale), *_legend([(one.label, one.color) for one in (*series, *over)])]
    for n, day in enumerate(days):
        left, base = _LEFT + n * step, _HEIGHT - _BOTTOM
        for one in series:
            count = one.values[n]
            if count is None:
                parts.append(f'<path d="M{left + step * 0.2:.1f} {_HEIGHT - _BOTTOM - 3:.1f}h{step * 0.6:.1f}" '
                             f'stroke="#888" stroke-dasharray="2 1.5"/>')  # fmt: skip
            elif count:
                base -= count * scale
                parts.append(f'<rect x="{left + step * 0.1:.1f}" y="{base:.1f}" width="{step * 0.8:.1f}" '
                             f'height="{count * scale:.1f}" fill="{one.color}"/>')  # fmt: skip
        if n % max(1, -(-len(days) // _LABELS)) == 0:
            parts.append(f'<text x="{left + step / 2:.1f}" y="{_HEIGHT - 8:.1f}" font-size="11" '
                         f'text-anchor="middle" {_FONT}>{day.month}-{day.day}</text>')  # fmt: skip
    return _svg(_WIDTH, _HEIGHT, [*parts, *(_line(one, step, scale) for one in over)])


def _line(of: Series, step: float, scale: float) -> str:
    """Draw counts as a line that breaks where a day is not known."""
    path, was = "", None
    for n, count in enumerate(of.values):
        if count is not None:
            x, y = _LEFT + (n + 0.5) * step, _HEIGHT - _BOTTOM - count * scale
            path += f"{'M' if was is None else 'L'}{x:.1f} {y:.1f}"
        was = count
    return f'<path d="{path}" fill="none" stroke="{of.color}" stroke-width="1.8"/>' if path else ""


def _axis(most: int, scale: float) -> Iterator[str]:
    base = _HEIGHT - _BOTTOM
    for count in sorted({0, most // 2, most} if most > 1 else {0, 1}):
        y = base - count * scale
        yield f'<path d="M{_LEFT} {y:.1f}H{_WIDTH}" stroke="#ddd" stroke-width="0.7"/>'
        yield f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" font-size="11" text-anchor="end" {_FONT}>{count}</text>'


def _legend(entries: Sequence[tuple[str, str]], *, y: float = 4.0) -> Iterator[str]:
    x = _LEFT
    for label, color in entries:
        yield f'<rect x="{x:.1f}" y="{y:.1f}" width="10" height="10" fill="{color}" stroke="#bbb" stroke-width="0.4"/>'
        yield f'<text x="{x + 14:.1f}" y="{y + 9:.1f}" font-size="11" {_FONT}>{escape(label)}</text>'
        x += 34 + sum(11 if ord(one) > 0x2E7F else 6 for one in label)  # noqa: PLR2004 — from there on, wide letters


def shaded_map(geojson: bytes, counts: Mapping[str, int], *, none: str) -> str:
    """
    Shade areas by their counts, those with any named; `geojson` has `adcode` and `name` of each area.

    A plain picture of outlines, with the width of a degree taken at the middle: good for reading, not for measuring.
    """
    features = json.loads(geojson)["features"]
    points = [point for one in features for ring in _rings(one) for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrow = cos(radians((south + north) / 2))
    scale = _MOST_MAP / max((east - west) * narrow, north - south)

    def at(x: float, y: float) -> tuple[float, float]:
        return (x - west) * narrow * scale, 22 + (north - y) * scale

    shapes, names = [], list[tuple[int, Name]]()
    for one in features:
        count = counts.get(str(one["properties"]["adcode"]), 0)
        path = "".join("M" + "L".join(f"{at(*point)[0]:.1f} {at(*point)[1]:.1f}" for point in ring) + "Z"
                       for ring in _rings(one))  # fmt: skip
        shapes.append(f'<path d="{path}" fill="{_color(count)}" stroke="#9aa5ad" stroke-width="0.6"/>')
        if count:
            x, y = at(*_middle(max(_rings(one), key=len)))
            names.append((count, Name(f"{one['properties']['name']} {count}", x, y)))
    entries = [(none, _NONE), *((f"≥{least}", color) for least, color in STEPS)]
    width, height = max((east - west) * narrow * scale, 360.0), 24 + (north - south) * scale
    first = [name for _, name in sorted(names, key=lambda one: -one[0])]
    return _svg(width, height, [*_legend(entries), *shapes, *_named(first, width, height)])


def _named(names: Sequence[Name], width: float, height: float) -> Iterator[str]:
    """Write names near their areas, none upon another; a line leads to one that had to stand away."""
    placed = apart(names, size=_NAME, wide=width, high=height)
    for one, spot in zip(names, placed, strict=True):
        if spot and abs(spot[0] - one.x) + abs(spot[1] - one.y) > _NAME:
            yield f'<path d="M{one.x:.1f} {one.y:.1f}L{spot[0]:.1f} {spot[1]:.1f}" stroke="#666" stroke-width="0.4"/>'
    for one, spot in zip(names, placed, strict=True):
        if spot:
            yield (f'<text x="{spot[0]:.1f}" y="{spot[1]:.1f}" font-size="{_NAME:g}" text-anchor="middle" '
                   f'{_FONT}>{escape(one.text)}</text>')  # fmt: skip


def _rings(feature: Mapping[str, Any]) -> list[list[tuple[float, float]]]:
    shape = feature["geometry"]
    polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    return [[(float(point[0]), float(point[1])) for point in polygon[0]] for polygon in polygons]


def _middle(ring: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)


def _color(count: int) -> str:
    return next((color for least, color in reversed(STEPS) if count >= least), _NONE)


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">'
        + "".join(parts)
        + "</svg>"
    )
