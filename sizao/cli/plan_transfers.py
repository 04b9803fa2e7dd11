"""`sizao plan transfers`: trips of a shift, from plain files."""

from pathlib import Path
from typing import Any

import click
import numpy as np

from sizao.adapters.tables import Table, read_table, write_table
from sizao.cli.plan_tables import amounts, degrees, flags, numbered, once
from sizao.terms import TransferKind

PATH = click.Path(path_type=Path)
NEEDS = ("stretcher", "wheelchair", "negative_pressure")
ENDS = ("from_longitude", "from_latitude", "to_longitude", "to_latitude")


@click.command("transfers")
# fmt: off
@click.option(
    "--requests",
    required=True,
    type=PATH,
    help="CSV: request, household, kind, from_longitude, from_latitude, to_longitude, to_latitude; may "
    "have due_minutes, earliest_minutes, strain, weight, stretcher, wheelchair, negative_pressure.",
)
@click.option(
    "--vehicles",
    required=True,
    type=PATH,
    help="CSV: vehicle, longitude, latitude (of its base), begins_minutes, ends_minutes, seats; may have "
    "kind, stretchers, wheelchairs, negative_pressure, bus, dirty.",
)
@click.option("--out", required=True, type=PATH, help="CSV of who is carried by which vehicle, when; or why not.")
@click.option("--kmh", default=40.0, show_default=True, type=click.FloatRange(1), help="Speed on the road (assumed).")
@click.option("--detour", default=1.3, show_default=True, type=click.FloatRange(1), help="Road beside straight line.")
@click.option("--door-minutes", "door", default=10.0, show_default=True, type=click.FloatRange(0), help="At each door.")
@click.option(
    "--arrival-minutes", "arrival", default=10.0, show_default=True, type=click.FloatRange(0), help="At hand-over."
)
@click.option(
    "--disinfection-minutes",
    "disinfection",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0),
    help="After each trip.",
)
@click.option("--same-strain-may-share", is_flag=True, help="Cases known to have the same strain ride together.")
@click.option("--contacts-share-buses", is_flag=True, help="Contacts of several households ride in a bus.")
@click.option("--steps", default=2000, show_default=True, type=click.IntRange(0), help="Steps of the search.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the search's dice.")
# fmt: on
def command(requests: Path, vehicles: Path, out: Path, steps: int, seed: int, **asked: Any) -> None:
    """Plan the trips of a shift; minutes count from its start. One person one vehicle, or one household."""
    people = read_table(requests, needs=("request", "household", "kind", *ENDS),
                        may_have=("due_minutes", "earliest_minutes", "strain", "weight", *NEEDS))  # fmt: skip
    fleet = read_table(vehicles, needs=("vehicle", "longitude", "latitude", "begins_minutes", "ends_minutes", "seats"),
                       may_have=("kind", "stretchers", "wheelchairs", "negative_pressure", "bus", "dirty"))  # fmt: skip
    plan = _planned(people, fleet, asked, steps, seed)
    trips: dict[int, tuple[int, Any]] = {}
    for number, trip in enumerate(sorted(plan.trips, key=lambda one: (one.vehicle, one.sets_out)), start=1):
        trips.update({row: (number, (trip, stop)) for stop in trip.stops for row in stop.boards})
    rows = range(len(people))
    write_table(out, {
        "request": people.columns["request"],
        "vehicle": [fleet.columns["vehicle"][trips[row][1][0].vehicle] if row in trips else None for row in rows],
        "trip": [trips[row][0] if row in trips else None for row in rows],
        "at_door_minutes": [round(trips[row][1][1].comes, 1) if row in trips else None for row in rows],
        "handed_over_minutes": [None if np.isnan(one) else round(one, 1) for one in plan.arrives.tolist()],
        "late_minutes": [round(one, 1) for one in plan.lateness.tolist()],
        "why_not": [str(plan.unserved[row]) if row in plan.unserved else None for row in rows],
    })  # fmt: skip
    click.echo(f"{len(people) - len(plan.unserved):,} of {len(people):,} people on {len(plan.trips):,} trips; "
               f"{plan.late:,.0f} weighted minutes late in all, no plan can be below {plan.bound:,.0f}; "
               f"{plan.driven:,.0f} minutes driven.", err=True)  # fmt: skip


def _planned(people: Table, fleet: Table, asked: dict[str, Any], steps: int, seed: int) -> Any:
    # Compiled code takes a second to load, and refusals of files should not wait for it.
    from sizao.engines.planning.routes import straight_minutes
    from sizao.engines.planning.vehicles import plan_transfers
    from sizao.engines.planning.vehicles_inputs import Requests, Service, Sharing, TransferQuestion, Vehicles

    once(people, "request")
    once(fleet, "vehicle")
    n, m = len(people), len(fleet)
    here, there, base = degrees(people, *ENDS[:2]), degrees(people, *ENDS[2:]), degrees(fleet)
    for row in np.flatnonzero(np.isnan(base[:, 0])).tolist():
        raise fleet.refuse(row, "longitude and latitude of the base are empty; a vehicle begins somewhere.")
    # One row a place, so that a household at one door and people to one site share it.
    at, rows = np.unique(np.concatenate((here, there, base)), axis=0, return_inverse=True)
    rows = np.where(np.isnan(np.concatenate((here, there, base))[:, 0]), -1, rows.reshape(-1))
    requests = Requests(
        numbered(people.read("household", str, what="a code")), rows[:n], rows[n : 2 * n],
        amounts(people, "earliest_minutes", otherwise=0.0), amounts(people, "due_minutes", otherwise=np.nan),
        tuple(people.read("kind", TransferKind, what=f"one of {', '.join(TransferKind)}")),
        numbered(people.columns.get("strain", [""] * n)), *(flags(people, name) for name in NEEDS),
        amounts(people, "weight", otherwise=1.0),
    )  # fmt: skip
    kind = numbered(fleet.columns.get("kind", [""] * m))
    counts = [amounts(fleet, name, otherwise=0.0).astype(np.int64) for name in ("seats", "stretchers", "wheelchairs")]
    vehicles = Vehicles(
        rows[2 * n :], rows[2 * n :], fleet.numbers("begins_minutes"), fleet.numbers("ends_minutes"), kind, *counts,
        flags(fleet, "negative_pressure"), flags(fleet, "bus"), flags(fleet, "dirty"),
    )  # fmt: skip
    service = Service(asked["door"], asked["arrival"], asked["disinfection"])
    sharing = Sharing(asked["same_strain_may_share"], asked["contacts_share_buses"])
    minutes = np.nan_to_num(straight_minutes(at, kmh=asked["kmh"], detour=asked["detour"]))
    return plan_transfers(TransferQuestion(requests, vehicles, minutes, service, sharing), steps=steps, seed=seed)
