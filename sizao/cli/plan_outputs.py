"""What `sizao plan` writes: who goes where, sites, laboratories, the load by hour; sentences and a picture."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sizao.adapters.spreadsheets import Sheet, kept_whole
from sizao.adapters.spreadsheets import write as write_sheets
from sizao.adapters.tables import write_table
from sizao.cli import pictures
from sizao.cli.plan_inputs import Places, beside
from sizao.engines.planning.shortages import Shortage
from sizao.errors import SizaoError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sizao.engines.planning.round_plan import RoundPlan

NAMED = 3  # places named in one sentence


class NoSuchPlanFile(SizaoError):
    code = "plan.no_such_file"
    message = "{path} is no name of a plan: it ends in .csv or .xlsx. Choose another name for --out."


def check_out(path: Path) -> None:
    """Refuse a name that is no table, before the work is done."""
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise NoSuchPlanFile(path=path)


def write(path: Path, places: Places, plan: "RoundPlan") -> None:
    """Write PLAN.csv with its other tables beside it, or one workbook with a sheet for each."""
    tables = {
        "": _villages(places, plan),
        "sites": _sites(places, plan),
        "laboratories": _laboratories(places, plan),
        "load": _load(places, plan),
        "hours": _hours(places, plan),
    }
    if path.suffix.lower() == ".csv":
        for name, columns in tables.items():
            write_table(beside(path, name) if name else path, columns)
        return
    said = Sheet("summary", ("summary",), [[sentence] for sentence in sentences(places, plan)])
    sheets = [
        Sheet(name or "villages", tuple(columns), list(zip(*map(_plain, columns.values()), strict=True)))
        for name, columns in tables.items()
    ]
    with kept_whole(path, replace=True) as file:
        write_sheets(file, [*sheets, said])


def sentences(places: Places, plan: "RoundPlan") -> Iterator[str]:
    """Tell the plan in a few sentences: its size, its end, its gap, and each shortage with what is needed and given."""
    layout, terms = plan.layout, places.question.terms
    n_sites, n_tables = int((layout.tables > 0).sum()), int(layout.tables.sum())
    yield (
        f"{n_sites:,} sites with {n_tables:,} tables and {int(plan.samplers.sum()):,} samplers for "
        f"{int(layout.people.sum()):,} people, {int(plan.tubes.sum()):,} tubes of {terms.pool_size}; "
        f"last swab {_hour(plan.course.swabbed_hours)}, last result {_hour(plan.course.ends_hours)} after the order, "
        f"{terms.complete_hours:g} h allowed."
    )
    if plan.moved:
        yield f"{plan.moved:,} people go to another site than the earlier plan told them."
    if not math.isnan(layout.gap) and layout.bound > 0:
        yield f"The layout costs {layout.cost:,.0f} hours, at most {layout.gap:.2%} more than the best one possible."
    for one in plan.shortages:
        yield _short(places, one)
    if layout.unplaced.any():
        yield f"{int(layout.unplaced.sum()):,} people have no place yet; their villages are listed with an empty site."


def short_at_once(places: Places) -> Iterator[str]:
    """Tell, before the plan is worked out, what is short whatever it will be."""
    from sizao.engines.planning.necessary import short_at_least

    for one in short_at_least(places.question):
        yield f"Whatever the plan: {_short(places, one)}"


def draw(path: Path, places: Places, plan: "RoundPlan") -> None:
    """Draw the sites on a sketch of the villages, and the load by hour."""
    figure = pictures.blank(rows=2)
    figure.set_figheight(9)
    where, load = figure.subplots(2, 1, height_ratios=(3, 2))
    _draw_sites(where, places, plan)
    _draw_hours(load, plan)
    pictures.save(figure, path)


def _villages(places: Places, plan: "RoundPlan") -> dict[str, Any]:
    arcs, unplaced = plan.layout.arcs, np.flatnonzero(plan.layout.unplaced)
    order = np.lexsort((arcs.site, arcs.village))
    metres = np.round(arcs.metres[order] * places.question.terms.detour)
    return {
        "village": [places.villages[row] for row in (*arcs.village[order], *unplaced)],
        "site": [places.sites[row] for row in arcs.site[order]] + [None] * len(unplaced),
        "people": [*plan.layout.people[order].tolist(), *plan.layout.unplaced[unplaced].tolist()],
        "walk_metres": [*metres.astype(np.int64).tolist(), *[None] * len(unplaced)],
    }


def _sites(places: Places, plan: "RoundPlan") -> dict[str, Any]:
    rows = np.flatnonzero(plan.layout.tables > 0)
    people = plan.layout.site_people()[rows]
    busy = people / (plan.layout.tables[rows] * places.question.terms.people_per_table_hour)
    return {
        "site": [places.sites[row] for row in rows],
        "tables": plan.layout.tables[rows],
        "samplers": plan.samplers[rows],
        "people": people,
        "tubes": plan.tubes[rows],
        "busy_hours": np.round(busy, 2),
    }


def _laboratories(places: Places, plan: "RoundPlan") -> dict[str, Any]:
    trips = plan.delivery.trips
    order = np.lexsort((trips.site, trips.village))
    return {
        "site": [places.sites[row] for row in trips.village[order]],
        "laboratory": [places.laboratories[row] for row in trips.site[order]],
        "tubes": plan.delivery.tubes[order],
        "trip_hours": np.round(trips.cost[order], 2),
    }


def _load(places: Places, plan: "RoundPlan") -> dict[str, Any]:
    hour, row = np.nonzero(plan.course.swabbed > 0)
    order = np.lexsort((hour, row))
    hour, row = hour[order], row[order]
    return {
        "site": [places.sites[one] for one in row],
        "hour": hour + 1,
        "people": np.round(plan.course.swabbed[hour, row], 1),
    }


def _hours(places: Places, plan: "RoundPlan") -> dict[str, Any]:
    """List each hour of the round by laboratory, and the sum of all with an empty laboratory."""
    course, terms = plan.course, places.question.terms
    n_hours, names = len(course.taken), ["", *places.laboratories]
    swabbed = _longer(course.swabbed.sum(axis=1), n_hours)
    parts = [
        np.column_stack((one.sum(axis=1), one))
        for one in (_longer(course.arrived, n_hours), course.taken, course.waiting)
    ]
    rows = [(hour, name) for hour in range(n_hours) for name in range(len(names))]
    return {
        "hour": [hour + 1 for hour, _ in rows],
        "clock": [f"{(terms.starts_at + hour) % 24:02d}:00" for hour, _ in rows],
        "laboratory": [names[name] for _, name in rows],
        "people_swabbed": [None if name else round(float(swabbed[hour]), 1) for hour, name in rows],
        **{
            title: [round(float(part[hour, name]), 1) for hour, name in rows]
            for title, part in zip(("tubes_arrived", "tubes_taken", "tubes_waiting"), parts, strict=True)
        },
    }


def _longer(of_hours: np.ndarray, n_hours: int) -> np.ndarray:
    return np.concatenate((of_hours, np.zeros((n_hours, *of_hours.shape[1:]))))[:n_hours]


def _plain(column: Sequence[Any] | np.ndarray) -> list[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else list(column)


def _hour(hours: float) -> str:
    return f"{hours:g} h" if math.isfinite(hours) else "never"


def _short(places: Places, one: Shortage) -> str:
    needed = f"{math.ceil(one.needed):,}" if math.isfinite(one.needed) else "some"
    said = f"Short of {one.resource.en.lower()}: {needed} {one.unit} needed, {one.given:,.0f} given"
    if not one.people:
        return f"{said}."
    named = ", ".join(places.villages[row] for row in one.rows[:NAMED]) + (" …" if len(one.rows) > NAMED else "")
    return f"{said}; this concerns {one.people:,} people of {len(one.rows):,} villages ({named})."


def _draw_sites(axes: "Axes", places: Places, plan: "RoundPlan") -> None:
    question, tables = places.question, plan.layout.tables
    dots = np.clip(4_000 / len(tables), 1, 12)  # a few villages are drawn larger than thousands
    axes.scatter(*(question.villages.at / 1000).T, s=dots, color="#9aa9b5", label="villages", linewidths=0)
    closed, opened = tables == 0, tables > 0
    axes.scatter(*(question.sites.at[closed] / 1000).T, s=6, color="#b9a27a", marker="x", lw=0.7, label="not opened")
    axes.scatter(*(question.sites.at[opened] / 1000).T, s=4 + 2 * tables[opened], color="#1f4e79", alpha=0.7,
                 label="sites, by tables", linewidths=0)  # fmt: skip
    axes.scatter(*(question.laboratories.at / 1000).T, s=45, color="#b03a2e", marker="^", label="laboratories")
    axes.set_aspect("equal")
    axes.set_xlabel("km east")
    axes.set_ylabel("km north")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))


def _draw_hours(axes: "Axes", plan: "RoundPlan") -> None:
    course = plan.course
    n_hours = len(course.taken)
    hours = np.arange(1, n_hours + 1)
    axes.bar(hours, _longer(course.swabbed.sum(axis=1), n_hours), color="#9db4c8", label="people swabbed in the hour")
    axes.set_xlabel("hours after the order")
    axes.set_ylabel("people")
    beside_it = axes.twinx()
    beside_it.plot(hours, course.waiting.sum(axis=1), color="#b03a2e", label="tubes waiting at laboratories")
    beside_it.plot(hours, course.taken.sum(axis=1), color="#1f4e79", label="tubes taken in the hour")
    beside_it.set_ylabel("tubes")
    beside_it.set_ylim(bottom=0)
    lines = [one for part in (axes, beside_it) for one in zip(*part.get_legend_handles_labels(), strict=True)]
    axes.legend(*zip(*lines, strict=True), frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
