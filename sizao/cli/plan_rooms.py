"""`sizao plan rooms`: rooms for people who wait, from plain files."""

import math
from pathlib import Path
from typing import Any

import click
import numpy as np

from sizao.adapters.tables import Table, read_table, write_table
from sizao.cli.plan_tables import amounts, degrees, flags, numbered, once, rows_in, texts

PATH = click.Path(path_type=Path)
HAS = ("accessible", "family", "carer_bed")
FLAGS = ("cared_for", "carer", *HAS, "staff")


@click.command("rooms")
@click.option("--waiting", required=True, type=PATH,
              help="CSV: person, household, longitude, latitude; may have due_hours, cluster, county, "
                   "cared_for, carer, accessible, family, carer_bed, staff (yes or no).")  # fmt: skip
@click.option("--sites", required=True, type=PATH, help="CSV: site, longitude, latitude; may have county, staff.")
@click.option("--rooms", required=True, type=PATH,
              help="CSV: site, room; may have building, floor, beds, accessible, family, carer_bed.")  # fmt: skip
@click.option("--out", required=True, type=PATH, help="CSV of who is proposed which room, and why.")
@click.option("--kmh", default=40.0, show_default=True, type=click.FloatRange(1), help="Speed on the road (assumed).")
@click.option("--apart/--may-share", default=False, help="Never put a household into one room for want of rooms.")
def command(waiting: Path, sites: Path, rooms: Path, out: Path, kmh: float, apart: bool) -> None:  # noqa: FBT001 - click gives options by name
    """Propose a room for each person who waits; say who has none and which rooms are short."""
    people = read_table(waiting, needs=("person", "household", "longitude", "latitude"),
                        may_have=("due_hours", "cluster", "county", *FLAGS))  # fmt: skip
    places = read_table(sites, needs=("site", "longitude", "latitude"), may_have=("county", "staff"))
    doors = read_table(rooms, needs=("site", "room"), may_have=("building", "floor", "beds", *HAS))
    found = _allocated(people, places, doors, kmh, may_share=not apart)
    write_table(out, {
        "person": people.columns["person"],
        "site": [doors.columns["site"][row] if row >= 0 else None for row in found.room.tolist()],
        "room": [doors.columns["room"][row] if row >= 0 else None for row in found.room.tolist()],
        "hours": [None if np.isnan(one) else round(one, 3) for one in found.hours.tolist()],
        "why": [" ".join(map(str, said)) for said in found.reasons],
    })  # fmt: skip
    for sentence in _sentences(found):
        click.echo(sentence, err=True)


def _allocated(people: Table, places: Table, doors: Table, kmh: float, *, may_share: bool) -> Any:
    # Compiled code takes a second to load, and refusals of files should not wait for it.
    from sizao.engines.planning.rooms import allocate
    from sizao.engines.planning.rooms_inputs import Rooms, RoomSites, RoomTravel, Waiting

    once(people, "person")
    county = numbered([*texts(people, "county"), *texts(places, "county")])
    waiting = Waiting(
        numbered(people.read("household", str, what="a code")) + 1, amounts(people, "due_hours", otherwise=np.nan),
        degrees(people), county[: len(people)], numbered(texts(people, "cluster")),
        **{name: flags(people, name) for name in FLAGS},
    )  # fmt: skip
    zero = np.zeros(len(doors), np.int64)
    beds = np.maximum(doors.counts("beds", empty=1).astype(np.int64), 1) if "beds" in doors else zero + 1
    rooms = Rooms(
        rows_in(doors, "site", once(places, "site"), places), numbered(texts(doors, "building")),
        numbered(texts(doors, "floor")), beds, *(flags(doors, name) for name in HAS), zero, zero, zero - 1,
    )  # fmt: skip
    where = RoomSites(degrees(places), county[len(people) :], flags(places, "staff"))
    return allocate(waiting, where, rooms, travel=RoomTravel(kmh=kmh), may_share=may_share)


def _sentences(found: Any) -> list[str]:
    placed = int((found.room >= 0).sum())
    near = "how near to the best is not known" if math.isnan(found.gap) else f"at most {found.gap:.2%} above the best"
    said = [f"{placed:,} of {len(found.room):,} people have a room; what this costs: {near}."]
    for one in found.shortages:
        needs = " and ".join(need.en.lower() for need in one.needs) or "any room"
        said.append(f"Short of rooms ({needs}, {one.beds} beds): {one.needed:,} needed, {one.given:,} given; "
                    f"{one.people:,} people are left for it.")  # fmt: skip
    return said
