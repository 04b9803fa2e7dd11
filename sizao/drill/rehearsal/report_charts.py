"""
The pictures of a drill's report as SVG: one drawing for the page and for the PDF, without script and without a font.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

WIDTH, HEIGHT = 720, 250
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 30, 26
INK, GRID, FOUND = "#333333", "#dddddd", "#8fb3de"
FONT = "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, sans-serif"
TICKS = 4  # about so many on the axis of counts
DATES = 9  # about so many on the axis of days
CHARACTER = 12  # the width of a Chinese character in the legend, of which others take half


@dataclass(frozen=True, slots=True)
class Line:
    """A series of counts by day, with what it is called and how it is drawn."""

    words: str
    counts: Sequence[int]
    colour: str
    dashed: bool = False


def lines(days: Sequence[str], series: Sequence[Line], *, is_logarithmic: bool = False) -> str:
    """Draw counts by day as lines. A logarithmic axis begins at 0, one step below 1."""
    axis = _Axis(len(days), max((max(one.counts, default=0) for one in series), default=0), is_logarithmic)
    drawn = [_path(axis, one) for one in series]
    legend = [(one.words, one.colour, "line") for one in series]
    return _whole(axis, days, [*drawn], legend)


def bars(days: Sequence[str], counts: Sequence[int], beside: Line | None, words: str) -> str:
    """Draw counts by day as bars, with a line over them where one is given."""
    highest = max([*counts, *(beside.counts if beside else ()), 0])
    axis = _Axis(len(days), highest, is_logarithmic=False)
    wide = max(axis.step * 0.7, 0.5)
    drawn = [
        f'<rect x="{axis.x(n) - wide / 2:.1f}" y="{axis.y(count):.1f}" width="{wide:.1f}" '
        f'height="{axis.y(0) - axis.y(count):.1f}" fill="{FOUND}"/>'
        for n, count in enumerate(counts)
        if count
    ]
    legend = [(words, FOUND, "bar")]
    if beside:
        drawn.append(_path(axis, beside))
        legend.append((beside.words, beside.colour, "line"))
    return _whole(axis, days, drawn, legend)


class _Axis:
    """Where days and counts lie on the paper."""

    def __init__(self, n_days: int, highest: int, is_logarithmic: bool) -> None:  # noqa: FBT001 — one of two axes
        self.is_logarithmic, self.n_days = is_logarithmic, max(n_days, 1)
        self.step = (WIDTH - LEFT - RIGHT) / self.n_days
        self.ticks = _decades(highest) if is_logarithmic else _round_ticks(highest)
        self.top = self._scaled(self.ticks[-1])

    def _scaled(self, count: float) -> float:
        # Below 1 there is only 0, which takes the place of a third.
        return float(np.log10(max(count, 1 / 3)) - np.log10(1 / 3)) if self.is_logarithmic else count

    def x(self, day: int) -> float:
        return LEFT + (day + 0.5) * self.step

    def y(self, count: float) -> float:
        return HEIGHT - BOTTOM - self._scaled(count) / self.top * (HEIGHT - TOP - BOTTOM)


def _decades(highest: int) -> list[int]:
    powers = int(np.ceil(np.log10(max(highest, 10))))
    return [0, *(10**power for power in range(powers + 1))]


def _round_ticks(highest: int) -> list[int]:
    rough = max(highest, 1) / TICKS
    unit = 10 ** int(np.floor(np.log10(max(rough, 1))))
    step = max(int(next(one for one in (1, 2, 5, 10) if one * unit >= rough) * unit), 1)
    return list(range(0, highest + step, step)) if highest else [0, 1]


def _path(axis: _Axis, one: Line) -> str:
    points = " ".join(f"{axis.x(n):.1f},{axis.y(count):.1f}" for n, count in enumerate(one.counts))
    dashes = ' stroke-dasharray="5 3"' if one.dashed else ""
    return f'<polyline points="{points}" fill="none" stroke="{one.colour}" stroke-width="1.8"{dashes}/>'


def _whole(axis: _Axis, days: Sequence[str], drawn: Sequence[str], legend: Sequence[tuple[str, str, str]]) -> str:
    every = max(-(-len(days) // DATES), 1)
    parts = [
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{axis.y(tick):.1f}" y2="{axis.y(tick):.1f}" stroke="{GRID}"/>'
        + _text(LEFT - 6, axis.y(tick) + 4, f"{tick:,}", anchor="end")
        for tick in axis.ticks
    ]
    parts += [_text(axis.x(n), HEIGHT - 8, day, anchor="middle") for n, day in enumerate(days) if n % every == 0]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONT}" font-size="11" '
        f'fill="{INK}">{"".join(parts)}{"".join(drawn)}{_legend(legend)}</svg>'
    )


def _legend(entries: Sequence[tuple[str, str, str]]) -> str:
    parts, x = [], float(LEFT)
    for words, colour, shape in entries:
        height = 8 if shape == "bar" else 2
        parts.append(f'<rect x="{x:.0f}" y="{14 - height / 2:.0f}" width="16" height="{height}" fill="{colour}"/>')
        parts.append(_text(x + 21, 18, words))
        x += 21 + sum(CHARACTER if ord(one) > 255 else CHARACTER / 2 for one in words) + 22
    return "".join(parts)


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
