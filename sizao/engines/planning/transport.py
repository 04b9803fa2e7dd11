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
    n, n_from, n_to = len(arcs), len(amounts), len(most)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (("output_flag", False), ("threads", 1), ("solver", "simplex"), ("random_seed", 1)):
        solver.setOptionValue(name, value)
    solver.passModel(_problem(arcs, amounts, most, at_home, limits))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise SolverGaveUp(status=solver.modelStatusToString(solver.getModelStatus()), columns=n + n_from)
    solution = solver.getSolution()
    values, duals = np.array(solution.col_value), np.array(solution.row_dual)
    return Flows(
        amounts=values[:n],
        at_home=values[n:],
        prices=duals[:n_from],
        room=-duals[n_from : n_from + n_to],
        cost=float(arcs.cost @ values[:n]),
    )


def _problem(arcs: Arcs, amounts: Floats, most: Floats, at_home: float, limits: Floats | None) -> "highspy.HighsLp":
    """Lay it out by columns: an arc has an entry for where it begins and one for where it ends; who stays has one."""
    n, n_from, n_to = len(arcs), len(amounts), len(most)
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = n + n_from, n_from + n_to
    problem.col_cost_ = np.concatenate((arcs.cost, np.full(n_from, at_home)))
    problem.col_lower_, problem.col_upper_ = np.zeros(n + n_from), np.full(n + n_from, highspy.kHighsInf)
    if limits is not None:
        problem.col_upper_ = np.concatenate((limits, np.full(n_from, highspy.kHighsInf)))
    problem.row_lower_ = np.concatenate((amounts, np.full(n_to, -highspy.kHighsInf)))
    problem.row_upper_ = np.concatenate((amounts, most))
    problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    rows = np.empty(2 * n + n_from, np.int32)
    rows[: 2 * n : 2], rows[1 : 2 * n : 2], rows[2 * n :] = arcs.village, n_from + arcs.site, np.arange(n_from)
    problem.a_matrix_.start_ = np.concatenate((np.arange(0, 2 * n, 2), 2 * n + np.arange(n_from + 1))).astype(np.int32)
    problem.a_matrix_.index_ = rows
    problem.a_matrix_.value_ = np.ones(len(rows))
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
