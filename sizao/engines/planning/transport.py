"""
Who goes where when the sites are given, at least cost: a transportation problem, solved by HiGHS.

Huangfu and Hall 2018 (Math Prog Comp 10:119). One thread and one start, so the same question has the same answer.
"""

from dataclasses import dataclass

import highspy
import numpy as np

from sizao.engines.planning.reach import Arcs
from sizao.engines.sampling.pooled_test import Floats, Ints
from sizao.errors import SizaoError

# People who find no room stay at home at a price that no walk reaches; they are told, never left out in silence.
AT_HOME_HOURS = 1e4
# With more arcs than this, to few destinations, a solve begins with the few best arcs of each origin by what room is
# worth to one origin in SAMPLED; the others come when they would save anything.
MANY, SAMPLED, FEW = 100_000, 10, 3
SAVES_NOTHING = 1e-7


class SolverGaveUp(SizaoError):
    code = "planning.solver_gave_up"
    message = (
        "HiGHS ended with {status} on a problem of {columns} columns. Tell the makers of sizao; nothing was planned."
    )


@dataclass(frozen=True, slots=True)
class Flows:
    """
    How many go along each arc, and what is left.

    `at_home` counts those by origin for whom there is no room. `prices` are hours that one more person of an origin
    costs, `room` hours that one more place at a destination saves.
    """

    amounts: Floats
    at_home: Floats
    prices: Floats
    room: Floats
    cost: float


def least_cost(
    arcs: Arcs, amounts: Floats, most: Floats, *, at_home: float = AT_HOME_HOURS, limits: Floats | None = None
) -> Flows:
    """
    Send `amounts` of each village (or site) to sites (or laboratories) that take `most`, at least cost.

    `limits` are the most of each arc; without, as many as come. Raise SolverGaveUp.
    """
    columns = _Columns(arcs, amounts, most, at_home, limits)
    chosen = np.ones(len(arcs), np.bool_)
    if limits is None and len(arcs) > MANY and SAMPLED * len(most) < len(amounts):
        dearer = arcs.dearer(_room_prices(arcs, amounts, most, at_home)[arcs.site])
        chosen = (amounts[arcs.village] > 0) & (_rank(dearer) < FEW)
    flows = columns.solved(np.flatnonzero(chosen))
    # Arcs left out are tried by what they would save; when none saves anything, the answer is that of all arcs.
    while not chosen.all():
        saves = flows.prices[arcs.village] - flows.room[arcs.site] - arcs.cost
        better = np.flatnonzero(~chosen & (amounts[arcs.village] > 0) & (saves > SAVES_NOTHING))
        if not len(better):
            break
        chosen[better] = True
        flows = columns.solved(better)
    return flows


def _room_prices(arcs: Arcs, amounts: Floats, most: Floats, at_home: float) -> Floats:
    """Say what room at each destination is worth, about: to every tenth origin with something to send."""
    sending = np.flatnonzero(amounts > 0)[::SAMPLED]
    few = np.full(len(amounts), -1, np.int64)
    few[sending] = np.arange(len(sending))
    mine = arcs.of(few[arcs.village] >= 0)
    share = amounts[sending] * (amounts.sum() / max(amounts[sending].sum(), 1.0))
    sampled = Arcs(few[mine.village], mine.site, mine.metres, mine.cost)
    return _Columns(sampled, share, most, at_home, None).solved(np.arange(len(sampled))).room


def _rank(arcs: Arcs) -> Ints:
    """Number the arcs of each origin from 0, the cheapest first."""
    order = np.lexsort((np.arange(len(arcs)), arcs.cost, arcs.village))
    village = arcs.village[order]
    rank = np.empty(len(arcs), np.int64)
    rank[order] = np.arange(len(arcs)) - np.searchsorted(village, village)
    return rank


class _Columns:
    """The problem in HiGHS, to which arcs come as they are needed; each solve goes on from the one before."""

    def __init__(self, arcs: Arcs, amounts: Floats, most: Floats, at_home: float, limits: Floats | None) -> None:
        self.arcs, self.n_from, self.limits = arcs, len(amounts), limits
        self.there = np.zeros(0, np.int64)
        self.solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (("output_flag", False), ("threads", 1), ("solver", "simplex"), ("random_seed", 1)):
            self.solver.setOptionValue(name, value)
        self.solver.passModel(_staying(amounts, most, at_home))

    def solved(self, more: Ints) -> Flows:
        """Solve with these arcs besides; amounts are by arc, 0 for those that are not there yet."""
        self._add(more)
        self.solver.run()
        status = self.solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            columns = self.n_from + len(self.there)
            raise SolverGaveUp(status=self.solver.modelStatusToString(status), columns=columns)
        solution = self.solver.getSolution()
        values, duals = np.array(solution.col_value), np.array(solution.row_dual)
        amounts = np.zeros(len(self.arcs))
        amounts[self.there] = values[self.n_from :]
        return Flows(
            amounts=amounts,
            at_home=values[: self.n_from],
            prices=duals[: self.n_from],
            room=-duals[self.n_from :],
            cost=float(self.arcs.cost @ amounts),
        )

    def _add(self, more: Ints) -> None:
        n = len(more)
        rows = np.empty(2 * n, np.int32)
        rows[::2], rows[1::2] = self.arcs.village[more], self.n_from + self.arcs.site[more]
        upper = np.full(n, highspy.kHighsInf) if self.limits is None else self.limits[more]
        starts = np.arange(0, 2 * n, 2, dtype=np.int32)
        self.solver.addCols(n, self.arcs.cost[more], np.zeros(n), upper, 2 * n, starts, rows, np.ones(2 * n))
        self.there = np.concatenate((self.there, more))


def _staying(amounts: Floats, most: Floats, at_home: float) -> "highspy.HighsLp":
    """Begin with everybody at home: a row for each origin and each destination, a column for who stays."""
    n_from, n_to = len(amounts), len(most)
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = n_from, n_from + n_to
    problem.col_cost_ = np.full(n_from, at_home)
    problem.col_lower_, problem.col_upper_ = np.zeros(n_from), np.full(n_from, highspy.kHighsInf)
    problem.row_lower_ = np.concatenate((amounts, np.full(n_to, -highspy.kHighsInf)))
    problem.row_upper_ = np.concatenate((amounts, most))
    problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    problem.a_matrix_.start_ = np.arange(n_from + 1, dtype=np.int32)
    problem.a_matrix_.index_ = np.arange(n_from, dtype=np.int32)
    problem.a_matrix_.value_ = np.ones(n_from)
    return problem


def whole(arcs: Arcs, amounts: Floats, totals: Ints) -> Ints:
    """
    Round flows to whole people, each origin's sum kept at its total: the largest remainders get one more.

    A vertex of a problem with whole numbers is whole already; this takes out what arithmetic left.
    """
    down = np.floor(amounts + 1e-6).astype(np.int64)
    left = totals - np.bincount(arcs.village, down, len(totals)).astype(np.int64)
    order = np.lexsort((np.arange(len(arcs)), -(amounts - down), arcs.village))
    first = np.searchsorted(arcs.village[order], np.arange(len(totals)))
    rank = np.arange(len(arcs)) - first[arcs.village[order]]
    down[order[rank < left[arcs.village[order]]]] += 1
    return down
