"""A small layout solved whole by HiGHS: sites open or closed, whole tables, people as they come."""

from dataclasses import dataclass

import highspy
import numpy as np

from sizao.engines.planning.bound import SiteCosts
from sizao.engines.planning.reach import Arcs
from sizao.engines.planning.transport import whole
from sizao.engines.sampling.pooled_test import Floats, Ints

# Above these a plain solve takes minutes where the bound and its layout take seconds.
SMALL_SITES = 40
SMALL_ARCS = 4_000
# Nodes, not seconds, so that a slow machine gives the same plan.
MOST_NODES = 500
CLOSE_ENOUGH = 1e-4


@dataclass(frozen=True, slots=True)
class Whole:
    """People by arc, and the bound that the search proved, in hours."""

    people: Ints
    bound: float


def solve_whole(arcs: Arcs, people: Ints, costs: SiteCosts, *, seconds: float | None = None) -> Whole | None:
    """
    Solve a layout as one mixed-integer problem; None when no layout was found within the nodes (or `seconds`).

    `seconds` is for benchmarks only: with it the answer depends on the machine.
    """
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    options = {"output_flag": False, "threads": 1, "random_seed": 1, "mip_rel_gap": CLOSE_ENOUGH}
    options |= {"mip_max_nodes": MOST_NODES} if seconds is None else {"time_limit": seconds}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_problem(arcs, people, costs))
    solver.run()
    found = solver.getInfo()
    if found.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    amounts = np.array(solver.getSolution().col_value)[: len(arcs)]
    return Whole(whole(arcs, amounts, people), float(found.mip_dual_bound))


def _problem(arcs: Arcs, people: Ints, costs: SiteCosts) -> "highspy.HighsLp":
    """
    Columns: people by arc, tables by site, sites open. Rows: everybody goes, tables hold those who come, a site that
    has tables is open, and nobody comes to a closed one (village by village, which makes the relaxation tight).
    """
    n, n_villages, n_sites = len(arcs), len(people), len(costs.most)
    most_tables = -(-costs.most // costs.table_people)
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = n + 2 * n_sites, n_villages + 3 * n_sites + n
    problem.col_cost_ = np.concatenate((arcs.cost, np.full(n_sites, costs.table), np.full(n_sites, costs.site)))
    problem.col_lower_ = np.zeros(problem.num_col_)
    problem.col_upper_ = np.concatenate((np.full(n, highspy.kHighsInf), most_tables, np.ones(n_sites)))
    kinds = [highspy.HighsVarType.kContinuous] * n + [highspy.HighsVarType.kInteger] * (2 * n_sites)
    problem.integrality_ = kinds
    amounts = people.astype(np.float64)
    problem.row_lower_ = np.concatenate((amounts, np.full(3 * n_sites + n, -highspy.kHighsInf)))
    problem.row_upper_ = np.concatenate((amounts, np.zeros(3 * n_sites + n)))
    arc, site = np.arange(n), np.arange(n_sites)
    table, opened = n + site, n + n_sites + site
    tables_row, open_row, room_row, arc_row = (n_villages + k * n_sites for k in range(4))
    # Rows, columns and values of the entries, one line a kind of constraint.
    entries: list[tuple[Ints, Ints, Floats | float]] = [
        (arcs.village, arc, 1.0),
        (tables_row + arcs.site, arc, 1.0), (tables_row + site, table, -float(costs.table_people)),
        (open_row + site, table, 1.0), (open_row + site, opened, -most_tables.astype(np.float64)),
        (room_row + arcs.site, arc, 1.0), (room_row + site, opened, -costs.most.astype(np.float64)),
        (arc_row + arc, arc, 1.0), (arc_row + arc, n + n_sites + arcs.site, -amounts[arcs.village]),
    ]  # fmt: skip
    rows = np.concatenate([row for row, _, _ in entries])
    columns = np.concatenate([column for _, column, _ in entries])
    values = np.concatenate([np.broadcast_to(value, len(row)) for row, _, value in entries])
    order = np.lexsort((columns, rows))
    problem.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    problem.a_matrix_.start_ = np.searchsorted(rows[order], np.arange(problem.num_row_ + 1)).astype(np.int32)
    problem.a_matrix_.index_ = columns[order].astype(np.int32)
    problem.a_matrix_.value_ = values[order]
    return problem
