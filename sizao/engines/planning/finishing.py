"""
When a round that is under way will have reached nearly everybody: from the pace of its areas, with an interval.

Each area goes on at the pace of its last hours until all its people are through; the sum over areas says when the goal
is reached. Four things are uncertain and drawn: each area's pace (counts scatter more than Poisson's), how good the
hours looked at were for all areas together, how the hours ahead will be, and how much such hours differ at all.

What is not in here: people who come only when somebody knocks. The goal is a share of those expected, and the last
few percent are a matter of doors, not of tables.
"""

from dataclasses import dataclass

import numpy as np

from sizao.engines.planning.reach import Bools
from sizao.engines.sampling.pooled_test import Floats
from sizao.errors import SizaoError

DRAWS = 400
# What is assumed before anything was seen: hours differ by an eighth for all areas together, as if two hours said so.
SHARED_SPREAD, SHARED_HOURS = 0.12, 2.0
# Areas are never taken to be more alike than a twentieth of their pace, and never told alike from fewer than these.
LEAST_APART, FEWEST_ALIKE = 0.05, 5
# An area that had nobody in the hours looked at is given as many as half a person.
LEAST_SEEN = 0.5


class NoHoursYet(SizaoError):
    code = "planning.no_hours_yet"
    message = "No whole hour of this round is over yet, so nothing can be said of its pace."


@dataclass(frozen=True, slots=True)
class Finishing:
    """
    Hours from now until the goal is reached: the middle and the ends of the interval.

    Infinite where more draws than the interval leaves out do not reach it in the hours looked ahead. `pace` is people
    an hour, of all areas now.
    """

    middle: float
    low: float
    high: float
    pace: float


def finishing(
    expected: Floats,
    registered: Floats,
    by_hour: Floats,
    *,
    open_ahead: Bools,
    goal: float,
    rng: np.random.Generator,
    level: float = 0.8,
    draws: int = DRAWS,
) -> Finishing:
    """
    Say when the share `goal` of those expected will be registered.

    `expected` and `registered` people by area; `by_hour` (hours, areas) those registered in the last whole hours in
    which tables were open; `open_ahead` says of each hour from now on whether tables are open. Raise NoHoursYet.
    """
    if not len(by_hour):
        raise NoHoursYet
    left = np.maximum(expected - registered, 0.0)
    wanted = goal * float(expected.sum()) - float(np.minimum(registered, expected).sum())
    pace, shared = _drawn(expected, by_hour, left > 0, len(open_ahead), rng, draws)
    hours = hours_until(wanted, left, pace, shared, open_ahead)
    ends = np.quantile(hours, [0.5, (1 - level) / 2, (1 + level) / 2], method="nearest")
    return Finishing(float(ends[0]), float(ends[1]), float(ends[2]), float(by_hour.mean(axis=0).sum()))


def hours_until(wanted: float, left: Floats, pace: Floats, shared: Floats, open_ahead: Bools) -> Floats:
    """
    Give for each draw the hours until `wanted` more people are registered; infinite where the hours do not suffice.

    `left` people by area, `pace` (draws, areas) people an hour, `shared` (draws, hours) by how much an hour is better
    than the mean for all areas. Within an hour people come evenly.
    """
    hours = np.full(len(pace), np.inf)
    if wanted <= 0:
        return np.zeros(len(pace))
    remaining = np.repeat(left[np.newaxis, :], len(pace), axis=0)
    done = np.zeros(len(pace))
    for hour in np.flatnonzero(open_ahead):
        came = np.minimum(remaining, pace * shared[:, hour, np.newaxis])
        gained = came.sum(axis=1)
        ends = np.isinf(hours) & (done + gained >= wanted)
        hours[ends] = hour + (wanted - done[ends]) / gained[ends]
        remaining -= came
        done += gained
        if np.isfinite(hours).all():
            break
    return hours


def _drawn(
    expected: Floats, by_hour: Floats, going: Bools, n_ahead: int, rng: np.random.Generator, draws: int
) -> tuple[Floats, Floats]:
    """Draw the pace of each area that is not through, and how the hours ahead differ for all."""
    n_hours, seen = len(by_hour), by_hour.sum(axis=0)
    scatter = dispersion(by_hour[:, going])
    alike, hours_alike = _alike(expected, seen / n_hours, scatter / n_hours, going)
    shape, rate = alike + seen / scatter, hours_alike + n_hours / scatter
    pace = rng.gamma(np.maximum(shape, LEAST_SEEN / scatter), 1 / rate, size=(draws, len(seen)))
    spread = np.sqrt(_spread(by_hour[:, going], scatter, rng, draws))
    # The hours looked at were themselves good or bad for all areas together.
    level = np.exp(rng.normal(0.0, 1.0, draws) * spread / np.sqrt(n_hours) - spread**2 / (2 * n_hours))
    total = max(float(by_hour[:, going].mean(axis=0).sum()), LEAST_SEEN)
    hourly = np.sqrt(spread**2 + scatter / total)[:, np.newaxis]
    shared = np.exp(rng.normal(0.0, 1.0, (draws, n_ahead)) * hourly - hourly**2 / 2)
    return pace * level[:, np.newaxis], shared


def _alike(expected: Floats, mean: Floats, noise: float, going: Bools) -> tuple[Floats, Floats]:
    """
    Say how alike areas are in the share of their people an hour: the shape, and the hours, that a gamma law adds.

    Without it the scatter of counts would be taken for slow and fast areas, and the slowest would end far too late
    (empirical Bayes by moments; Robbins 1956). Nothing is added where there are too few areas to tell.
    """
    counted = going & (expected > 0)
    nothing = np.zeros(len(expected))
    if counted.sum() < FEWEST_ALIKE or mean[counted].sum() <= 0:
        return nothing, nothing
    share = mean[counted] / expected[counted]
    middle = float(mean[counted].sum() / expected[counted].sum())
    apart = float(share.var(ddof=1)) - float((noise * mean[counted] / expected[counted] ** 2).mean())
    apart = max(apart, (LEAST_APART * middle) ** 2)
    hours = np.divide(middle / apart, expected, out=nothing.copy(), where=expected > 0)
    return np.where(expected > 0, middle**2 / apart, 0.0), hours


def dispersion(by_hour: Floats) -> float:
    """Say how much more the counts of areas differ from hour to hour than Poisson's would: 1 at the least."""
    n_hours, mean = len(by_hour), by_hour.mean(axis=0)
    total = by_hour.sum(axis=1, keepdims=True)
    counted = mean > 0
    if n_hours == 1 or not counted.any():
        return 2.0
    # Against what each area's share of that hour's total would be: what all share is not scatter.
    fitted = total * (mean[counted] / mean.sum())
    squares = np.divide((by_hour[:, counted] - fitted) ** 2, fitted, out=np.zeros_like(fitted), where=fitted > 0)
    free = (n_hours - 1) * max(int(counted.sum()) - 1, 1)
    return max(1.0, float(squares.sum() / free))


def _spread(by_hour: Floats, scatter: float, rng: np.random.Generator, draws: int) -> Floats:
    """Draw the variance of what hours share: what the totals say beside what was assumed before."""
    total = by_hour.sum(axis=1)
    said, weight = 0.0, 0.0
    if len(total) > 1 and total.mean() > 0:
        said = max(0.0, float(total.var(ddof=1)) / total.mean() ** 2 - scatter / total.mean())
        weight = len(total) - 1.0
    free = weight + SHARED_HOURS
    drawn: Floats = (weight * said + SHARED_HOURS * SHARED_SPREAD**2) / rng.chisquare(free, draws)
    return drawn
