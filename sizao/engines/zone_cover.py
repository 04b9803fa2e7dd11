"""
The areas of fewest people that hold a stated share of the risk, out of units that lie one inside another.

Units form a forest: household in floor in stairwell in building in compound in village in township. A cover
is a set of allowed units, none inside another. People of a unit are its own and those of all its parts; so
is its risk. Least people for a share is a knapsack on a tree; over whole points it is solved exactly by
dynamic programming (Cho and Shaw 1997, INFORMS J. Comput. 9:431): each pair of points meets in one unit
only, so that the work is at most half the square of the points.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sizao.engines import zone_cover_tables as tables
from sizao.errors import SizaoError

# The tables of more points than this take longer than an officer waits: half their square is the work.
MOST_POINTS = 40_000
Whole = NDArray[np.int64]


class UnitsDoNotFit(SizaoError):
    code = "zone_cover.units_do_not_fit"
    message = "The units do not make a tree: {reason}. Name each unit after the one that holds it, once."


class ShareOutOfReach(SizaoError):
    code = "zone_cover.share_out_of_reach"
    message = (
        "{asked} of the risk cannot be covered: the units that may be closed hold {reach} of it. Ask for less, "
        "place the rest in finer units, or allow wider ones where the edition lets you."
    )


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """
    The units that may be closed, and those that hold them; each row stands after the row that holds it.

    `parent` is the row that holds a unit (-1: none). `people` and `points` are those of the unit that belong
    to none of its parts: points are whole numbers (`zone_risk`). `allowed`: the edition lets it be named.
    """

    parent: Whole
    people: Whole
    points: Whole
    allowed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cover:
    """
    Units to close for a share of the risk: the rows chosen, whom they touch, what they hold and what is left.

    No cover that holds the share touches fewer than `at_least_people`; equal to `people` where it is exact.
    """

    share: float
    units: tuple[int, ...]
    people: int
    points: int
    points_left: int
    at_least_people: int

    @property
    def is_exact(self) -> bool:
        """Whether no cover with fewer people exists."""
        return self.people == self.at_least_people


@dataclass(frozen=True, slots=True, eq=False)
class Frontier:
    """
    For each number of points that can be covered, the fewest people touched; and the units behind a choice.

    `points` and `people` rise together: a step more of risk for the people it costs. `total` are all points,
    also those that no allowed unit holds.
    """

    points: Whole
    people: Whole
    total: int
    _tree: tables.Tree

    @property
    def reach(self) -> float:
        """The share of the risk that allowed units hold; 0 where there is no risk at all."""
        return self._tree.reach / self.total if self.total else 0.0

    def cover(self, share: float) -> Cover:
        """
        Choose the units of fewest people that hold a share of the risk (0 < share ≤ 1).

        Raise ShareOutOfReach where allowed units do not hold as much.
        """
        wanted = _wanted(share, self.total)
        if wanted > self._tree.reach:
            raise ShareOutOfReach(asked=_percent(share), reach=_percent(self.reach))
        rows = tables.chosen(self._tree, wanted)
        people, points = int(self._tree.people[rows].sum()), int(self._tree.points[rows].sum())
        bound = people if self._tree.joins else min(people, tables.bound(self._tree, wanted))
        units = tuple(int(one) for one in np.sort(self._tree.rows[rows]))
        return Cover(share, units, people, points, self.total - points, bound)


def frontier(units: Units, *, most_points: int = MOST_POINTS) -> Frontier:
    """
    Work out the fewest people for every share of the risk.

    Exact while there are at most `most_points`. Beyond that a cover still holds what was asked for, is
    nearly the one of fewest people, and says by a bound (Lagrange) how far from it it can be.
    """
    _check(units)
    total = int(units.points.sum())
    tree = tables.tree_of(
        units.parent, units.people, units.points, units.allowed, with_tables=total <= most_points
    )  # fmt: skip
    points, people = tables.edge(tree)
    return Frontier(points, people, total, tree)


def covers(found: Frontier, shares: Sequence[float]) -> tuple[Cover, ...]:
    """Choose for several shares, least first; shares out of reach and repeated choices are left out."""
    chosen: dict[tuple[int, ...], Cover] = {}
    for share in sorted(shares):
        if _wanted(share, found.total) <= found._tree.reach:
            one = found.cover(share)
            chosen.setdefault(one.units, one)
    return tuple(chosen.values())


def totals(units: Units) -> tuple[Whole, Whole]:
    """Sum the people and the points of each unit with all its parts."""
    _check(units)
    return tables.sums(units.parent, units.people), tables.sums(units.parent, units.points)


def _wanted(share: float, total: int) -> int:
    if not 0 < share <= 1 or not math.isfinite(share):
        raise ShareOutOfReach(asked=_percent(share), reach="0–100 %")
    # 0.95 of 100 points are 95, not 96 for a rounding error of the machine.
    return max(1, math.ceil(share * total - 1e-9 * total))


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _check(units: Units) -> None:
    n = len(units.parent)
    faults: list[tuple[Any, str]] = [
        (any(len(one) != n for one in (units.people, units.points, units.allowed)), "columns differ in length"),
        (bool((units.parent >= np.arange(n)).any()), "a unit stands before the one that holds it"),
        (bool((units.parent < -1).any()), "a unit is held by a row that does not exist"),
        (bool((units.people < 0).any()), "people are less than none"),
        (bool((units.points < 0).any()), "risk is less than none"),
    ]
    for is_so, reason in faults:
        if is_so:
            raise UnitsDoNotFit(reason=reason)
