"""From the question of a plan as it is kept to the engine, and from its layout to what is kept and shown."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from sizao.engines.planning.round_inputs import (
    Costs,
    Laboratories,
    Means,
    RoundQuestion,
    Sites,
    Terms,
    Villages,
    in_metres,
)

if TYPE_CHECKING:
    from sizao.engines.planning.replanning import Earlier
    from sizao.engines.planning.round_plan import RoundPlan
    from sizao.engines.planning.shortages import Shortage

NAMED = 20  # rows that a shortage names


def worked_out(question: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Plan a question, or plan it again after an earlier answer to the same rows. Raise what the engine raises."""
    # HiGHS and compiled code take a second to load; a page that plans nothing does without.
    from sizao.engines.planning.replanning import plan_again
    from sizao.engines.planning.round_plan import plan_round

    asked = _asked(question)
    made = plan_round(asked) if before is None else plan_again(asked, _earlier(before, len(asked.sites.tables)))
    return _plain(made, asked)


def short_at_least(question: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Tell what is short whatever the plan: told at once, while a large plan is still being worked out."""
    from sizao.engines.planning.necessary import short_at_least

    return _shortages(short_at_least(_asked(question)))


def _asked(question: Mapping[str, Any]) -> RoundQuestion:
    villages, sites, laboratories = (question[name] for name in ("villages", "sites", "laboratories"))
    degrees = [np.array([[one["longitude"], one["latitude"]] for one in rows]).reshape(-1, 2)
               for rows in (villages, sites, laboratories)]  # fmt: skip
    middle = (float(degrees[0][:, 0].mean()), float(degrees[0][:, 1].mean())) if len(degrees[0]) else (0.0, 0.0)
    at = [in_metres(one[:, 0], one[:, 1], around=middle) for one in degrees]
    return RoundQuestion(
        Villages(np.array([one["people"] for one in villages], np.int64), at[0]),
        Sites(np.array([one["tables"] for one in sites], np.int64), at[1]),
        Laboratories(
            np.array([one["tubes_per_hour"] for one in laboratories], np.float64),
            np.array([one["result_hours"] for one in laboratories], np.float64),
            at[2],
        ),
        Terms(**question["terms"]),
        Means(**question["means"]),
        Costs(),
    )


def _earlier(answer: Mapping[str, Any], n_sites: int) -> "Earlier":
    from sizao.engines.planning.replanning import Earlier

    village, site, people = _columns(answer["sent"], 3)
    from_site, laboratory, tubes = _columns(answer["carried"], 3)
    tables = np.zeros(n_sites, np.int64)
    for one in answer["sites"]:
        tables[one["row"]] = one["tables"]
    return Earlier(village, site, people, tables, from_site, laboratory, tubes)


def _columns(rows: list[list[float]], n: int) -> Any:
    return np.array([row[:n] for row in rows], np.int64).reshape(-1, n).T


def _plain(made: "RoundPlan", asked: RoundQuestion) -> dict[str, Any]:
    arcs, trips, course = made.layout.arcs, made.delivery.trips, made.course
    order = np.lexsort((arcs.site, arcs.village))
    metres = np.round(arcs.metres * asked.terms.detour)
    unplaced = np.flatnonzero(made.layout.unplaced)
    return {
        "sums": _sums(made, asked),
        "sites": _sites(made, asked),
        "laboratories": _laboratories(made, asked),
        "sent": [[int(arcs.village[n]), int(arcs.site[n]), int(made.layout.people[n]), int(metres[n])] for n in order],
        "carried": [
            [int(site), int(laboratory), int(tubes), round(float(hours), 2)]
            for site, laboratory, tubes, hours in zip(
                trips.village, trips.site, made.delivery.tubes, trips.cost, strict=True
            )
        ],
        "unplaced": [[int(row), int(made.layout.unplaced[row])] for row in unplaced],
        "hours": {
            "swabbed": _rounded(course.swabbed.sum(axis=1)),
            "taken": _rounded(course.taken.sum(axis=1)),
            "waiting": _rounded(course.waiting.sum(axis=1)),
        },
        "shortages": _shortages(made.shortages),
    }


def _shortages(found: Sequence["Shortage"]) -> list[dict[str, Any]]:
    return [
        {
            "resource": str(one.resource), "needed": _finite(one.needed), "given": _finite(one.given),
            "unit": one.unit, "people": one.people, "rows": list(one.rows[:NAMED]), "n_rows": len(one.rows),
        }
        for one in found
    ]  # fmt: skip


def _sums(made: "RoundPlan", asked: RoundQuestion) -> dict[str, Any]:
    layout = made.layout
    return {
        "people": int(asked.villages.people.sum()),
        "unplaced": int(layout.unplaced.sum()),
        "sites": int((layout.tables > 0).sum()),
        "tables": int(layout.tables.sum()),
        "samplers": int(made.samplers.sum()),
        "tubes": int(made.tubes.sum()),
        "swabbed_hours": _finite(made.course.swabbed_hours),
        "ends_hours": _finite(made.course.ends_hours),
        "complete_hours": asked.terms.complete_hours,
        "planned_hours": made.planned_hours,
        # A plan that follows another has no bound: it moves few people, whatever else would be cheaper.
        "gap": _finite(layout.gap) if layout.bound > 0 else None,
        "cost": _finite(layout.cost),
        "moved": made.moved,
        "in_time": made.in_time,
    }


def _sites(made: "RoundPlan", asked: RoundQuestion) -> list[dict[str, Any]]:
    people, trips, arcs = made.layout.site_people(), made.delivery.trips, made.layout.arcs
    best: dict[int, tuple[int, int]] = {}
    for site, laboratory, tubes in zip(trips.village, trips.site, made.delivery.tubes, strict=True):
        best[int(site)] = max(best.get(int(site), (0, -1)), (int(tubes), int(laboratory)))
    order = np.lexsort((arcs.village, arcs.site))
    serves: dict[int, list[int]] = {}
    for village, site in zip(arcs.village[order], arcs.site[order], strict=True):
        serves.setdefault(int(site), []).append(int(village))
    pace = asked.terms.people_per_table_hour
    return [
        {
            "row": int(row),
            "tables": int(made.layout.tables[row]),
            "samplers": int(made.samplers[row]),
            "people": int(people[row]),
            "tubes": int(made.tubes[row]),
            "busy_hours": round(float(people[row] / (made.layout.tables[row] * pace)), 2),
            "laboratory": best[int(row)][1] if int(row) in best else None,
            "serves": serves.get(int(row), []),
            "load": _rounded(made.course.swabbed[:, row]),
        }
        for row in np.flatnonzero(made.layout.tables > 0)
    ]


def _laboratories(made: "RoundPlan", asked: RoundQuestion) -> list[dict[str, Any]]:
    course = made.course
    tubes = np.bincount(made.delivery.trips.site, made.delivery.tubes, len(asked.laboratories.at))
    return [
        {
            "row": row,
            "tubes": int(tubes[row]),
            "ends_hours": _finite(course.laboratory_ends[row]),
            "taken": _rounded(course.taken[:, row]),
            "waiting": _rounded(course.waiting[:, row]),
        }
        for row in range(len(tubes))
    ]


def _rounded(values: Any) -> list[float]:
    return [round(float(one), 1) for one in values]


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None
