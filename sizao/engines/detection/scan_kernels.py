"""The loops of a scan, compiled: every circle with every interval, for the counts and for their replicas."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LANES = 32  # replicas looked at side by side, so that the processor adds several at once
STEPS = 16  # bins of the expected number e have the width √e / 8, an eighth of a standard deviation
LEVEL, N_LEVELS = 0.125, 240  # of the ratio; beyond 30, which chance hardly ever reaches, the bar stays


@njit(cache=True, nogil=True, error_model="numpy")
def log_ratio(cases: float, expected: float, total: float) -> float:
    """
    Give the log-likelihood ratio of more cases inside than expected (Kulldorff 1997), zero where there are not.

    `expected` has the same total as the cases. With all cases inside, the part outside is its limit, nought.
    """
    if cases <= expected:
        return 0.0
    inside: float = cases * np.log(cases / expected)
    outside: float = (total - cases) * np.log((total - cases) / (total - expected)) if cases < total else 0.0
    return inside + outside


@njit(cache=True, nogil=True, error_model="numpy")
def best_windows(
    areas: Ints, starts: Ints, barred: NDArray[np.bool_], cases: Floats, expected: Floats, total: float
) -> tuple[Floats, Ints, Ints]:
    """
    Give for each centre the largest ratio, the number of its areas and its interval; the first of equals.

    `cases` and `expected` have the shape (areas, intervals). No window holds a barred area.
    """
    n_centres, n_intervals = len(starts) - 1, cases.shape[1]
    ratios = np.zeros(n_centres)
    sizes = np.zeros(n_centres, np.int64)
    intervals = np.zeros(n_centres, np.int64)
    for centre in range(n_centres):
        inside = np.zeros(n_intervals)
        beside = np.zeros(n_intervals)
        for position in range(starts[centre], starts[centre + 1]):
            area = areas[position]
            if barred[area]:
                break
            for interval in range(n_intervals):
                inside[interval] += cases[area, interval]
                beside[interval] += expected[area, interval]
                ratio = log_ratio(inside[interval], beside[interval], total)
                if ratio > ratios[centre]:
                    ratios[centre] = ratio
                    sizes[centre] = position - starts[centre] + 1
                    intervals[centre] = interval
    return ratios, sizes, intervals


@njit(cache=True, nogil=True, error_model="numpy")
def bars(total: float) -> NDArray[np.int32]:
    """
    Say how many cases a window needs to pass a ratio: of shape (levels of the ratio, bins of the expected number).

    The ratio grows with the cases and falls with the expected number, and a bin is judged by its lower end, so no
    window that passes is missed. One case more than there are stands where none can pass.
    """
    needed = np.zeros((N_LEVELS, int(STEPS * np.sqrt(total)) + 2), np.int32)
    for level in range(N_LEVELS):
        cases = 1.0
        for step in range(needed.shape[1]):
            expected = (step / STEPS) ** 2
            while cases <= total and log_ratio(cases, expected, total) <= level * LEVEL:
                cases += 1.0
            needed[level, step] = np.int32(cases)
    return needed


@njit(cache=True, nogil=True, error_model="numpy")
def largest_ratios(
    areas: Ints, starts: Ints, cases: NDArray[np.int32], expected: Floats, total: float, needed: NDArray[np.int32]
) -> Floats:
    """
    Give the largest ratio of each of several replicas.

    `cases` has the shape (areas, intervals, LANES), `needed` is `bars(total)`. Two logarithms for every window would
    take most of the time: only windows with enough cases to pass the largest ratio so far are worked out.
    """
    n_intervals = cases.shape[1]
    largest = np.zeros(LANES)
    bar = np.empty((needed.shape[1], LANES), np.int32)
    for lane in range(LANES):
        bar[:, lane] = needed[0]
    inside = np.zeros((n_intervals, LANES), np.int32)
    beside = np.zeros(n_intervals)
    for centre in range(len(starts) - 1):
        inside[:] = 0
        beside[:] = 0.0
        for position in range(starts[centre], starts[centre + 1]):
            area = areas[position]
            for interval in range(n_intervals):
                beside[interval] += expected[area, interval]
                step = min(int(STEPS * np.sqrt(beside[interval])), needed.shape[1] - 1)
                reached = 0
                for lane in range(LANES):
                    inside[interval, lane] += cases[area, interval, lane]
                    reached += inside[interval, lane] >= bar[step, lane]
                if reached:
                    _take(largest, bar, step, needed, inside[interval], beside[interval], total)
    return largest


@njit(cache=True, nogil=True, error_model="numpy")
def _take(
    largest: Floats,
    bar: NDArray[np.int32],
    step: int,
    needed: NDArray[np.int32],
    inside: NDArray[np.int32],
    beside: float,
    total: float,
) -> None:
    """Work out one window of those replicas that have enough cases in it, and raise their bars."""
    for lane in range(LANES):
        if inside[lane] < bar[step, lane]:
            continue
        ratio = log_ratio(float(inside[lane]), beside, total)
        if ratio > largest[lane]:
            if int(ratio / LEVEL) > int(largest[lane] / LEVEL):
                bar[:, lane] = needed[min(int(ratio / LEVEL), N_LEVELS - 1)]
            largest[lane] = ratio
