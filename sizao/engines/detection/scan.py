"""
Where, and since when, are there more cases than elsewhere?

Kulldorff's scans look at every circle of neighbouring areas, and in time at every interval, and report the window
with the largest log-likelihood ratio. Its p-value says how often chance alone has a window as unusual anywhere: it
already counts how many windows were looked at.

- *Poisson* (Kulldorff 1997, Communications in Statistics 26:1481; 2001, JRSS A 164:61 for space and time): what is
  expected of each area is known, from its population. Replicas place the same number of cases by these shares.
- *Permutation* (Kulldorff et al. 2005, PLoS Medicine 2:e59): nobody knows how many to expect; each area and each
  day keeps its own number of cases, and what is expected is their product over the total. Replicas shuffle the
  days among the cases.

SpatialEpi 1.2.8 cuts the sum of the expected numbers to a whole number before it takes ratios, so that a sum of
899.9999 becomes 899 and its ratios are slightly wrong; these are not. It gives NaN, and scanstatistics and this
page the limit, where all cases lie inside.

A further cluster has no area in common with those before it. Its p-value compares it with the largest ratios of the
replicas too, which is conservative.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sizao.engines.detection.scan_circles import Circles
from sizao.engines.detection.scan_kernels import LANES, bars, best_windows, largest_ratios
from sizao.errors import SizaoError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Two sums of the same areas in another order differ in their last digits; that is no difference.
ROUNDING = 1e-10

MOST_SUMS = 250_000_000  # of areas, intervals and replicas side by side, some 1 GB


class NotScannable(SizaoError):
    code = "scan.not_scannable"
    message = "These counts cannot be scanned: {reason} Correct them and scan again."


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """
    What to look at and how often to roll the dice.

    `longest` is the most times (days) of a window. Windows end at the last time, since early warning asks what is
    going on now; `any_end` lets them end at any time. Clusters after the first are told while their p-value is
    `max_p` at most, or all of them up to `max_clusters` where no replica was asked for.
    """

    longest: int = 1
    any_end: bool = False
    replicas: int = 999
    max_p: float = 0.05
    max_clusters: int = 20


@dataclass(frozen=True, slots=True)
class Cluster:
    """
    A window with more cases than elsewhere.

    `areas` are in order of distance from the centre; `first` and `last` are times, both included. `p_value` is NaN
    where no replica was asked for.
    """

    centre: int
    areas: tuple[int, ...]
    first: int
    last: int
    observed: int
    expected: float
    total: int
    log_ratio: float
    p_value: float

    @property
    def ratio(self) -> float:
        """How many times more cases than expected (the standardised ratio)."""
        return self.observed / self.expected

    @property
    def relative_risk(self) -> float:
        """The risk inside over the risk outside; infinite when every case lies inside."""
        outside = self.total - self.observed
        return self.ratio / (outside / (self.total - self.expected)) if outside else float("inf")


@dataclass(frozen=True, slots=True)
class Scan:
    """The clusters, the most likely first, and the largest ratio of each replica."""

    clusters: tuple[Cluster, ...]
    largest_of_replicas: Floats


Number = TypeVar("Number", np.float64, np.int32)
Replica = Callable[[np.random.Generator], Ints]


def poisson_scan(counts: Floats, expected: Floats, circles: Circles, plan: ScanPlan, rng: np.random.Generator) -> Scan:
    """
    Find clusters where it is known what to expect.

    `counts` and `expected` have the shape (areas,) for a scan in space only or (areas, times). Expected numbers are
    above zero and need only be right in proportion: they are scaled to the total of the counts. Without any case
    there is no cluster.
    """
    counts, expected = _in_time(counts), _in_time(expected)
    _check_counts(counts)
    _check_expected(counts, expected)
    total = counts.sum()
    share = (expected / expected.sum()).ravel()

    def replica(dice: np.random.Generator) -> Ints:
        return _placed(int(total), share, dice).reshape(counts.shape)

    return _scan(counts, expected * (total / expected.sum()), circles, plan, replica, rng)


def permutation_scan(counts: Floats, circles: Circles, plan: ScanPlan, rng: np.random.Generator) -> Scan:
    """
    Find clusters from counts alone, of shape (areas, times) with two times at least.

    An area or a time without any case changes nothing. Without any case there is no cluster.
    """
    _check_counts(counts)
    if counts.ndim != 2 or counts.shape[1] < 2:
        raise NotScannable(reason="without a population, areas are compared over two days at least.")
    total = counts.sum()
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(total, 1.0)
    area, time = (np.repeat(axis.ravel(), counts.ravel().astype(np.int64)) for axis in np.indices(counts.shape))

    def replica(dice: np.random.Generator) -> Ints:
        shuffled = area * counts.shape[1] + dice.permutation(time)
        return np.bincount(shuffled, minlength=counts.size).reshape(counts.shape)

    return _scan(counts, expected, circles, plan, replica, rng)


def intervals_of(n_times: int, plan: ScanPlan) -> Ints:
    """List the first and last time of each interval, shortest first; of equally long ones the latest first."""
    ends = range(n_times - 1, -1, -1) if plan.any_end else (n_times - 1,)
    listed = [(end - length + 1, end) for length in range(1, plan.longest + 1) for end in ends if end - length >= -1]
    return np.array(listed, np.int64)


def _scan(
    counts: Floats, expected: Floats, circles: Circles, plan: ScanPlan, replica: Replica, rng: np.random.Generator
) -> Scan:
    intervals = intervals_of(counts.shape[1], plan)
    if len(counts) * len(intervals) * LANES > MOST_SUMS:
        raise NotScannable(reason=f"{len(counts)} areas with {len(intervals)} intervals are too many for the memory.")
    if counts.sum() == 0:
        return Scan(clusters=(), largest_of_replicas=np.zeros(plan.replicas))
    beside, total = _over(expected, intervals), float(counts.sum())
    needed = bars(total)
    blocks = [
        largest_ratios(circles.areas, circles.starts, _over(block, intervals), beside, total, needed)
        for block in _blocks(replica, plan.replicas, rng)
    ]
    largest = np.concatenate([np.zeros(0), *blocks])[: plan.replicas]
    found = _clusters(counts, beside, intervals, circles, largest, plan)
    return Scan(clusters=tuple(found), largest_of_replicas=largest)


def _blocks(replica: Replica, n_replicas: int, rng: np.random.Generator) -> Iterator[NDArray[np.int32]]:
    """Give replicas side by side, of shape (areas, times, LANES); the last lanes may be empty."""
    for start in range(0, n_replicas, LANES):
        n_used = min(LANES, n_replicas - start)
        drawn = [replica(rng) for _ in range(n_used)]
        drawn += [np.zeros_like(drawn[0])] * (LANES - n_used)
        yield np.ascontiguousarray(np.stack(drawn, axis=-1), np.int32)


def _clusters(
    counts: Floats, beside: Floats, intervals: Ints, circles: Circles, largest: Floats, plan: ScanPlan
) -> Iterator[Cluster]:
    inside, total = _over(counts, intervals), counts.sum()
    barred = np.zeros(len(counts), np.bool_)
    for number in range(plan.max_clusters):
        ratios, sizes, which = best_windows(circles.areas, circles.starts, barred, inside, beside, total)
        best = ratios.max()
        if best <= ROUNDING * total:
            return
        centre = int(np.flatnonzero(ratios >= best * (1 - ROUNDING))[0])
        p_value = _p_value(best, largest)
        if number and p_value > plan.max_p:
            return
        areas, interval = circles.around(centre, int(sizes[centre])), int(which[centre])
        barred[list(areas)] = True
        yield Cluster(
            centre=centre,
            areas=areas,
            first=int(intervals[interval, 0]),
            last=int(intervals[interval, 1]),
            observed=int(inside[list(areas), interval].sum()),
            expected=float(beside[list(areas), interval].sum()),
            total=int(total),
            log_ratio=float(ratios[centre]),
            p_value=p_value,
        )


def _p_value(ratio: float, largest: Floats) -> float:
    """Rank a ratio among those of the replicas; one that is equal counts against it."""
    if not len(largest):
        return float("nan")
    return float((1 + (largest >= ratio * (1 - ROUNDING)).sum()) / (1 + len(largest)))


def _over(values: NDArray[Number], intervals: Ints) -> NDArray[Number]:
    """Sum over each interval: of shape (areas, times, …) make (areas, intervals, …)."""
    until = np.zeros((values.shape[0], values.shape[1] + 1, *values.shape[2:]), values.dtype)
    np.cumsum(values, axis=1, out=until[:, 1:])
    # Choosing by a list leaves the axes in an order on which the loops run ten times slower.
    return np.ascontiguousarray(until[:, intervals[:, 1] + 1] - until[:, intervals[:, 0]])


def _placed(total: int, share: Floats, dice: np.random.Generator) -> Ints:
    """Place the cases over cells by their shares (multinomial)."""
    if total > len(share):
        return dice.multinomial(total, share)
    # For few cases in many cells it is quicker to ask each case for its cell.
    until = np.cumsum(share)
    cells = np.searchsorted(until, dice.random(total) * until[-1], side="right")
    return np.bincount(cells, minlength=len(share))


def _in_time(values: Floats) -> Floats:
    return values[:, None] if values.ndim == 1 else values


def _check_counts(counts: Floats) -> None:
    wrong = np.isnan(counts) | (counts < 0) | (counts != np.floor(counts))
    if wrong.any():
        area = int(np.argwhere(wrong)[0][0])
        raise NotScannable(reason=f"area number {area + 1} has a count that is missing, negative or no whole number.")


def _check_expected(counts: Floats, expected: Floats) -> None:
    if counts.shape != expected.shape:
        raise NotScannable(reason=f"there are {counts.shape} counts and {expected.shape} expected numbers.")
    wrong = ~(expected > 0) | ~np.isfinite(expected)
    if wrong.any():
        area = int(np.argwhere(wrong)[0][0])
        raise NotScannable(reason=f"area number {area + 1} expects no case at all, or nobody knows how many.")
