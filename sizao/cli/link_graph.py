"""The transmission graph of `sizao links --plot`: time goes right, a lane for each place or household."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sizao.engines.transmission.links import Links

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 12.0  # inches
ROW_INCHES, LEAST_INCHES, MOST_INCHES = 0.17, 3.0, 60.0
ALONE = "one case each"
# The likelier a link, the darker: at a glance the sure part of the tree stands out.
SURE, BANDS = 0.8, ((0.8, "#0b3c5d", 1.0), (0.5, "#3f7fb0", 0.8), (0.0, "#b9c6d2", 0.7))
FOUND, UNFOUND = "#1f5f8b", "#d1603d"


def drawn(found: Links, names: list[str], onset: np.ndarray, lanes: list[str]) -> "Figure":
    """Draw each case with an onset on its day and lane, and the likeliest source of each."""
    from matplotlib.figure import Figure  # slow to import, and wanted by --plot only

    heights, marks = _laid_out(onset, lanes)
    n_rows = int(np.nanmax(heights, initial=0)) + 1
    height = min(max(n_rows * ROW_INCHES + 1.4, LEAST_INCHES), MOST_INCHES)
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    _draw_lanes(axes, marks)
    _draw_links(axes, found, onset, heights)
    _draw_cases(axes, found, names, onset, heights)
    _name_axes(axes, onset, n_rows)
    unplaced = int(np.isnan(onset).sum())
    told = f"; {unplaced} cases without an onset are not drawn" if unplaced else ""
    axes.set_title(f"Likeliest source of each case{told}", loc="left", fontsize=10)
    return figure


def _laid_out(onset: np.ndarray, lanes: list[str]) -> tuple[np.ndarray, list[tuple[str, int, int]]]:
    """
    Give each case its row (NaN without an onset), and each lane its name, first and last row.

    Lanes come by their first onset; cases of one day lie below each other. Lanes of one case become one.
    """
    members: dict[str, list[int]] = {}
    for case in np.flatnonzero(~np.isnan(onset)).tolist():
        members.setdefault(lanes[case], []).append(case)
    drawn_lanes = {name: cases for name, cases in members.items() if len(cases) > 1}
    if alone := [case for cases in members.values() if len(cases) == 1 for case in cases]:
        drawn_lanes[ALONE] = alone
    rows = np.full(len(onset), np.nan)
    marks, first = [], 0
    for name, cases in sorted(drawn_lanes.items(), key=lambda lane: min(onset[lane[1]])):
        beyond = _stacked(cases, onset, rows, first)
        marks.append((name, first, beyond - 1))
        first = beyond
    return rows, marks


def _stacked(cases: list[int], onset: np.ndarray, rows: np.ndarray, first: int) -> int:
    """Put cases into rows from `first` on, the earliest first, no two of one day in one row; give the row beyond."""
    taken: list[float] = []
    for case in sorted(cases, key=lambda one: onset[one]):
        free = next((row for row, day in enumerate(taken) if onset[case] > day + 1), len(taken))
        taken[free : free + 1] = [onset[case]]
        rows[case] = first + free
    return first + len(taken)


def _draw_lanes(axes: "Axes", marks: list[tuple[str, int, int]]) -> None:
    for number, (_, first, last) in enumerate(marks):
        if number % 2 == 0:
            axes.axhspan(first - 0.5, last + 0.5, color="#f3f5f7", zorder=0, lw=0)
    unnamed = "not stated" if len(marks) > 1 else "all cases"
    axes.set_yticks([(first + last) / 2 for _, first, last in marks], [name or unnamed for name, _, _ in marks])
    axes.tick_params(axis="y", length=0, labelsize=7)


def _draw_links(axes: "Axes", found: Links, onset: np.ndarray, heights: np.ndarray) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import FancyArrowPatch

    _, best = np.unique(found.case, return_index=True)
    for row in best[np.argsort(found.probability[best])]:  # the likeliest last, on top
        source, case, chance = found.source[row], found.case[row], found.probability[row]
        _, colour, width = next(band for band in BANDS if chance >= band[0])
        ends = ((onset[source], heights[source]), (onset[case], heights[case]))
        bend = 0.0 if heights[source] == heights[case] else 0.08
        axes.add_patch(
            FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=6, shrinkA=3, shrinkB=3, color=colour, lw=width,
                            connectionstyle=f"arc3,rad={bend}", zorder=2 + chance)
        )  # fmt: skip
    names = (f"chance of {SURE:g} or more", "0.5 or more", "less")
    lines = [Line2D([], [], color=band[1], lw=band[2], label=name) for name, band in zip(names, BANDS, strict=True)]
    dots = [
        Line2D([], [], ls="", marker="o", color=colour, label=name)
        for name, colour in (("its source was found", FOUND), ("no source found", UNFOUND))
    ]
    axes.figure.legend(handles=[*lines, *dots], frameon=False, fontsize=7, ncols=5, loc="outside lower center")


def _draw_cases(axes: "Axes", found: Links, names: list[str], onset: np.ndarray, heights: np.ndarray) -> None:
    from matplotlib.patheffects import withStroke

    shown = np.flatnonzero(~np.isnan(onset))
    linked = np.isin(shown, found.case)
    sizes = 14 + 12 * np.sqrt(found.offspring()[shown])
    axes.scatter(onset[shown], heights[shown], s=sizes, c=np.where(linked, FOUND, UNFOUND), zorder=4, lw=0)
    for case in shown:
        axes.annotate(names[case], (onset[case], heights[case]), xytext=(3.5, 0), textcoords="offset points",
                      fontsize=5, va="center", zorder=5, color="#222222",
                      path_effects=[withStroke(linewidth=1.5, foreground="white")])  # fmt: skip


def _name_axes(axes: "Axes", onset: np.ndarray, n_rows: int) -> None:
    axes.set_ylim(n_rows - 0.5, -0.5)
    first, last = (int(onset[~np.isnan(onset)].min()), int(onset[~np.isnan(onset)].max())) if n_rows else (0, 0)
    axes.set_xlim(first - 1, last + 2)
    step = next(step for step in (1, 2, 7, 14, 28, 91, 364, 10**6) if (last - first) / step <= 16)
    days = np.arange(first, last + 1, step)
    axes.set_xticks(days, [f"{date(1970, 1, 1) + timedelta(days=int(day)):%Y-%m-%d}" for day in days], fontsize=6)
    axes.grid(axis="x", color="#e2e6ea", lw=0.5)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("day of onset", fontsize=7)
