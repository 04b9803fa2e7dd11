"""The picture of `sizao whatif`: sizes and chances of zero side by side, and infections day by day."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sizao.cli import pictures
from sizao.engines.simulation.comparing import BY_DAY, Answer, Question, chance, interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#1f4e79", "#c55a11", "#548235", "#7f6000", "#7030a0", "#2e9c9c", "#a6192e", "#595959")
MOST_BANDS = len(COLOURS)


def draw(answers: list[Answer], question: Question, path: Path) -> None:
    """Draw medians with the interval of 80 % of runs; bands by day of the first policies."""
    figure = pictures.blank(rows=2)
    figure.set_figheight(4.4 + 0.4 * len(answers))
    above, below = figure.subfigures(2, 1, height_ratios=(1.2 + 0.4 * len(answers), 3.2))
    sizes, zeros = above.subplots(1, 2, sharey=True, width_ratios=(2, 1))
    _draw_sizes(sizes, answers)
    at = np.arange(len(answers))
    ends = np.array([chance(answer.zero) for answer in answers])
    zeros.errorbar(ends[:, 0], at, xerr=np.abs(ends[:, 1:] - ends[:, :1]).T, fmt="o", color="#1f4e79", capsize=3)
    zeros.set_xlim(-0.02, 1.02)
    zeros.set_xticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    zeros.set_title(f"Nobody from day {question.zero_by} on")
    _draw_days(below.subplots(), answers[:MOST_BANDS])
    pictures.save(figure, path)


def _draw_sizes(axes: "Axes", answers: list[Answer]) -> None:
    from matplotlib.ticker import LogLocator, NullLocator  # slow to import, and wanted by --plot only

    at = np.arange(len(answers))
    ends = np.array([interval(answer.size) for answer in answers])
    axes.errorbar(ends[:, 0], at, xerr=np.abs(ends[:, 1:] - ends[:, :1]).T, fmt="o", color="#1f4e79", capsize=3)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_yticks(at, [answer.policy for answer in answers])
    axes.invert_yaxis()
    axes.set_title(f"Infections: median and 80 % of {len(answers[0].size)} runs")


def _draw_days(axes: "Axes", answers: list[Answer]) -> None:
    for answer, colour in zip(answers, COLOURS, strict=False):
        daily = answer.by_day[:, BY_DAY.index("infections")]
        low, middle, high = np.quantile(daily, [0.1, 0.5, 0.9], axis=0)
        axes.fill_between(np.arange(len(middle)), low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(middle, color=colour, label=answer.policy)
    axes.set_title("Infections a day: median and band of 80 % of runs")
    axes.set_xlabel("Day")
    axes.legend(frameon=False, fontsize="small")
