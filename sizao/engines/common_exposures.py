"""
Rank what links most cases before they fell ill, corrected for how common such visits are.

Only the cases' own visits are known: there are no controls, and nothing here says that a place was the
source. Two questions are asked, each with a null hypothesis of its own.

*A day at a place* (a wedding): given who went there at all, and on how many days of their time, were more
of them there on this one day than if each had picked their days by habit? Under the null each visitor is
there on a given day with the share of their visit days in their window, weighted by how busy that day was
elsewhere (a holiday is no event); the number present is then Poisson-binomial, and its exact upper tail is
the p-value (Chen and Liu 1997, Statistica Sinica 7). A market that everybody visits on all days expects
everybody, so a day there stands out only if it beats their habit.

*A place over the whole time* (a clinic): among the places of its kind that any case visited, is it unusual
that so many further cases were here? Places differ in popularity, so counts are gamma-Poisson, that is
negative binomial (Greenwood and Yule 1920), fitted by moments to the other places: the mean to those of the
kind, the shape to all, since a few dozen small places of one kind would pretend that no popular one exists.

All p-values go through Benjamini and Hochberg (1995) together. People of one household visit together, which
the nulls do not know: a family at a meal looks like an event.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sizao.terms import ExposureScope

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Below this many other places of a kind, all kinds together say how popular places are.
FEWEST_OF_A_KIND = 10
TINIEST = float(np.finfo(np.float64).tiny)  # a p-value is never nought, however small


@dataclass(frozen=True)
class CaseVisits:
    """
    Columns of equal length: which case was at which place on which day.

    `case` counts from 0. A visit of several days is one row a day. `day` is any whole count of days.
    """

    case: Ints
    place: Ints
    day: Ints


@dataclass(frozen=True)
class Windows:
    """First and last day, both included, of each case's known time before onset; by case number."""

    first_day: Ints
    last_day: Ints


@dataclass(frozen=True)
class Exposure:
    """
    One place, or one place on one day, that two or more cases share.

    `cases` were there; `expected` is their number under the null. `p_value` and `q_value` lie in (0, 1].
    """

    scope: ExposureScope
    place: int
    first_day: int
    last_day: int
    cases: tuple[int, ...]
    expected: float
    p_value: float
    q_value: float = 1.0

    @property
    def observed(self) -> int:
        return len(self.cases)


def common_exposures(visits: CaseVisits, windows: Windows, kinds: Mapping[int, int]) -> tuple[Exposure, ...]:
    """
    Rank days at places and places by p-value, the most unusual first; ties by number of cases.

    `kinds` says of each place of what kind it is. Visits outside their case's window do not count. The
    result is the same for any order of the rows and needs no dice.
    """
    rows = _in_window(visits, windows)
    if not len(rows.case):
        return ()
    tested = [*_events(rows, windows), *_places(rows, kinds)]
    q_values = _benjamini_hochberg([exposure.p_value for exposure in tested])
    shared = [
        replace(exposure, q_value=float(q))
        for exposure, q in zip(tested, q_values, strict=True)
        if exposure.observed > 1
    ]
    return tuple(sorted(shared, key=_rank))


def _rank(exposure: Exposure) -> tuple[float, int, int, int, str]:
    return exposure.p_value, -exposure.observed, exposure.place, exposure.first_day, exposure.scope


def _in_window(visits: CaseVisits, windows: Windows) -> CaseVisits:
    """Keep visits inside the window, each once, ordered by place, day and case."""
    case = visits.case
    kept = (visits.day >= windows.first_day[case]) & (visits.day <= windows.last_day[case])
    rows = np.unique(np.column_stack((visits.place, visits.day, case))[kept], axis=0)
    return CaseVisits(case=rows[:, 2], place=rows[:, 0], day=rows[:, 1])


def _events(rows: CaseVisits, windows: Windows) -> Iterator[Exposure]:
    """Test each possible day at each place that at least two cases visited at all."""
    busy = _Busyness(rows, windows)
    starts = np.flatnonzero(np.r_[True, rows.place[1:] != rows.place[:-1]])
    for start, stop in zip(starts, [*starts[1:], len(rows.place)], strict=True):
        case, day = rows.case[start:stop], rows.day[start:stop]
        visitors, visit_days = np.unique(case, return_counts=True)
        if len(visitors) > 1:
            yield from _days_at(int(rows.place[start]), case, day, visitors, visit_days, busy)


def _days_at(
    place: int, case: Ints, day: Ints, visitors: Ints, visit_days: Ints, busy: "_Busyness"
) -> Iterator[Exposure]:
    share = busy.shares(visitors, day)
    # Days on which nobody was there are tested too: leaving them out would choose tests by their outcome.
    for this_day in np.flatnonzero(share.any(axis=0)) + busy.first_day:
        there = tuple(int(number) for number in case[day == this_day])
        chance = np.minimum(1.0, visit_days * share[:, this_day - busy.first_day])
        p_value = poisson_binomial_tail(chance, len(there))
        yield Exposure(ExposureScope.EVENT, place, int(this_day), int(this_day), there, float(chance.sum()), p_value)


class _Busyness:
    """How many visits cases make on each day, for each case whose window holds the day."""

    def __init__(self, rows: CaseVisits, windows: Windows) -> None:
        self.first_day = int(windows.first_day.min())
        n_days = int(windows.last_day.max()) - self.first_day + 1
        days = np.arange(n_days) + self.first_day
        self.inside = (windows.first_day[:, None] <= days) & (days <= windows.last_day[:, None])
        self.n_cases = np.maximum(self.inside.sum(axis=0), 1)
        self.visits = np.bincount(rows.day - self.first_day, minlength=n_days)

    def shares(self, cases: Ints, day_of_visits: Ints) -> Floats:
        """
        Spread one visit of each case over its window by how busy each day was at all other places.

        One visit a day is added, so that a quiet day stays possible. Shape (cases, days); rows sum to 1.
        """
        here = np.bincount(day_of_visits - self.first_day, minlength=len(self.visits))
        rate = (self.visits - here + 1.0) / self.n_cases
        weights = np.where(self.inside[cases], rate, 0.0)
        shares: Floats = weights / weights.sum(axis=1, keepdims=True)
        return shares


def poisson_binomial_tail(chance: Floats, at_least: int) -> float:
    """
    Say how likely `at_least` or more of independent events are, each with its own chance.

    Exact, by adding one event at a time; only sums of non-negative numbers, so small tails keep their
    relative accuracy. In (0, 1].
    """
    if at_least <= 0:
        return 1.0
    distribution = np.zeros(len(chance) + 1)
    distribution[0] = 1.0
    for number, probability in enumerate(chance):
        distribution[1 : number + 2] = (
            distribution[1 : number + 2] * (1 - probability) + distribution[: number + 1] * probability
        )
        distribution[0] *= 1 - probability
    return float(np.clip(distribution[at_least:].sum(), TINIEST, 1.0))


def _places(rows: CaseVisits, kinds: Mapping[int, int]) -> Iterator[Exposure]:
    """Test each place's number of cases beside the other places of its kind."""
    cases_at: dict[int, set[int]] = defaultdict(set)
    days_at: dict[int, list[int]] = defaultdict(list)
    for place, case, day in zip(rows.place.tolist(), rows.case.tolist(), rows.day.tolist(), strict=True):
        cases_at[place].add(case)
        days_at[place].append(day)
    of_kind: dict[int, list[int]] = defaultdict(list)
    for place, cases in cases_at.items():
        of_kind[kinds[place]].append(len(cases) - 1)
    everywhere = [further for counts in of_kind.values() for further in counts]
    for place, cases in cases_at.items():
        further = len(cases) - 1
        kind = of_kind[kinds[place]]
        mean = _mean_without(kind if len(kind) > FEWEST_OF_A_KIND else everywhere, further)
        p_value = _tail_of_further(further, mean, _shape_without(everywhere, further))
        there, days = tuple(sorted(cases)), days_at[place]
        yield Exposure(ExposureScope.PLACE, place, min(days), max(days), there, 1 + mean, p_value)


def _mean_without(counts: Sequence[int], left_out: int) -> float:
    """Mean of the others, with half a case at one more place, so that where nobody met it stays possible."""
    return (sum(counts) - left_out + 0.5) / len(counts)


def _shape_without(counts: Sequence[int], left_out: int) -> float:
    """Shape of the gamma by moments of the others; infinite when they vary no more than chance."""
    others = np.array(counts, np.float64)
    others = np.delete(others, int(np.flatnonzero(others == left_out)[0]))
    if len(others) < 2 or (excess := float(others.var(ddof=1) - others.mean())) <= 0:
        return np.inf
    return float(others.mean() ** 2 / excess)


def _tail_of_further(further: int, mean: float, shape: float) -> float:
    if np.isinf(shape):
        tail = stats.poisson.sf(further - 1, mean)
    else:
        tail = stats.nbinom.sf(further - 1, shape, shape / (shape + mean))
    return float(np.clip(tail, TINIEST, 1.0))


def _benjamini_hochberg(p_values: Sequence[float]) -> Floats:
    p = np.array(p_values)
    order = np.argsort(p, kind="stable")
    raw = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return q
