"""
A small picture of a stream: counts, the expected band and the alarms, drawn as SVG by the server.

A page shows dozens of them, so they cost neither a script nor a request. A day that nobody counted is a
gap in the line with a grey mark; zero is a point on the base line.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, EDGE = 240, 46, 4
# An upper bound far above all counts (a sparse season gives any number) would press the counts flat.
MOST_BOUND = 3.0
LEAST_PLACES = 14  # a stream that has just begun stands at the right, not drawn out over the whole width

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spark:
    """One entry a day (or week) for each; None is a gap in the counts, or a day without a verdict."""

    counts: Sequence[int | None]
    expected: Sequence[float | None]
    bounds: Sequence[float | None]
    alarms: Sequence[bool]


def draw(spark: Spark, *, label: str) -> SafeString:
    """Draw a stream; `label` says in words what a reader who does not see it needs to know."""
    top = _top(spark)
    places = max(len(spark.counts), LEAST_PLACES)
    step = (WIDTH - 2 * EDGE) / (places - 1)
    skipped = places - len(spark.counts)

    def at(n: int, value: float) -> Point:
        return EDGE + (n + skipped) * step, HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * min(value, top) / top

    gaps = (
        (f"{max(0.0, at(n, 0)[0] - step / 2):.1f}", f"{step:.1f}")
        for n, count in enumerate(spark.counts)
        if count is None
    )
    alarms = (
        tuple(f"{part:.1f}" for part in at(n, count))
        for n, (count, is_alarm) in enumerate(zip(spark.counts, spark.alarms, strict=True))
        if is_alarm and count is not None
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<path class="band" d="{}"/><path class="expected" d="{}"/><path class="counted" d="{}"/>{}</svg>',
        WIDTH,
        HEIGHT,
        label,
        format_html_join("", f'<rect class="gap" x="{{}}" width="{{}}" y="{HEIGHT - EDGE}" height="3"/>', gaps),
        _band(spark, at),
        _line(spark.expected, at),
        _line(spark.counts, at),
        format_html_join("", '<circle class="alarm" cx="{}" cy="{}" r="3"/>', alarms),
    )


def _top(spark: Spark) -> float:
    highest = float(max((count for count in spark.counts if count is not None), default=0))
    bounds = [bound for bound in spark.bounds if bound is not None and isfinite(bound)]
    return max(highest, min(max(bounds, default=0.0), MOST_BOUND * max(highest, 1.0)), 1.0)


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Give stretches of neighbouring values; a gap ends a stretch."""
    run: list[tuple[int, float]] = []
    for n, value in enumerate(values):
        if value is not None:
            run.append((n, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _line(values: Sequence[float | None], at: Callable[[int, float], Point]) -> str:
    parts = []
    for run in _runs(values):
        points = [at(n, value) for n, value in run]
        if len(points) == 1:  # a day alone between gaps would be invisible as a line
            x, y = points[0]
            points = [(x - 0.8, y), (x + 0.8, y)]
        parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points))
    return "".join(parts)


def _band(spark: Spark, at: Callable[[int, float], Point]) -> str:
    """Fill from what is expected (or zero where the method says none) to the upper bound."""
    parts = []
    for run in _runs(spark.bounds):
        upper = [at(n, bound) for n, bound in run]
        lower = [at(n, spark.expected[n] or 0.0) for n, _ in reversed(run)]
        parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in [*upper, *lower]) + "Z")
    return "".join(parts)
