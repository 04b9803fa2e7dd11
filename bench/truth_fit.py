"""
Fit three numbers of the simulated city to some outbreaks, and foretell others with them.

Everything that nobody published is drawn anew for each run, in fitting as in foretelling
(`truth_outbreaks.Guess`), so that intervals are as wide as what is not known. How well a point of the three fits
is the mean nearness of the runs around it (a kernel regression, Nadaraya 1964 and Watson 1964).
"""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from bench.truth_outbreaks import FITTED, Facts, Guess, Run, Stage, guess

WIDE_LOG_SIZE, WIDE_DAYS = 0.35, 6.0  # of the kernels that say how near a run comes
# How far cities differ from a common point, where each number goes from 0 to 1: the sd of the kernel around a point in
# fitting, and of what is added to a point in foretelling.
WIDE_LEVEL = 0.2
POINTS = tuple(itertools.product((np.arange(8) + 0.5) / 8, repeat=len(FITTED)))


def weights(told: list[Facts], draws: int) -> np.ndarray:
    """Say how well each of POINTS fits the outbreaks that are fitted, as weights that sum to 1."""
    total = np.ones(len(POINTS))
    for one in told:
        level, nearness = _near(Stage(one), draws)
        apart = ((np.array(POINTS)[:, None, :] - level[None, :, :]) / WIDE_LEVEL) ** 2
        kernel = np.exp(-0.5 * apart.sum(axis=2))
        total *= kernel @ nearness / kernel.sum(axis=1)
        print(f"fitted to {one.name}: {np.count_nonzero(nearness)} of {draws} runs have its early days", flush=True)
    return total / total.sum()


def _near(stage: Stage, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Run an outbreak with all numbers drawn; give where the fitted ones lay, and how near each run came."""
    chance = np.random.default_rng(3)
    levels = {name: chance.random(draws) for name in Guess._fields}
    nearness = np.zeros(draws)
    for draw in range(draws):
        run = stage.run(guess({name: float(level[draw]) for name, level in levels.items()}), draw)
        if run is not None and math.isfinite(run.size):
            size, days = math.log(run.size / stage.told.size) / WIDE_LOG_SIZE, (run.days - stage.told.days) / WIDE_DAYS
            nearness[draw] = math.exp(-0.5 * (size**2 + days**2))
    return np.column_stack([levels[name] for name in FITTED]), nearness


def middles(weight: np.ndarray) -> dict[str, float]:
    """Give the median of each fitted number."""
    told = {}
    for column, name in enumerate(FITTED):
        level = np.array(POINTS)[:, column]
        order = np.argsort(level, kind="stable")
        middle = float(level[order][np.searchsorted(np.cumsum(weight[order]), 0.5)])
        told[name] = getattr(guess(dict.fromkeys(Guess._fields, middle)), name)
    return told


def predicted(stage: Stage, weight: np.ndarray, *, wanted: int, most: int) -> Iterator[tuple[Guess, Run]]:
    """Run an outbreak with numbers drawn by their weights until so many runs fit what was known."""
    chance = np.random.default_rng(7)
    kept = 0
    for draw in range(10_000_000, 10_000_000 + most):
        point = POINTS[int(chance.choice(len(POINTS), p=weight))]
        level = {name: float(chance.random()) for name in Guess._fields}
        level |= dict(zip(FITTED, np.clip(point + WIDE_LEVEL * chance.normal(size=len(FITTED)), 0, 1), strict=True))
        given = guess(level)
        run = stage.run(given, draw)
        if run is not None:
            kept += 1
            yield given, run
        if kept == wanted:
            return
