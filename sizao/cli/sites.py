"""`sizao sites`: isolation sites from published lists, rooms made up for them, and how they stand."""

from pathlib import Path

import click

from sizao.adapters.tables import read_table
from sizao.cli import clock, start

SHOWN = 20  # rows left out that are told by name


@click.group("sites")
def command() -> None:
    """Register isolation sites from a list, make up rooms where none are published, and list them."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", "username", required=True, help="The account that registers them.")
@click.option("--source", help="Where the list was published; the name of the file where not given.")
@click.option("--dry-run", is_flag=True, help="Say what would be registered and keep nothing.")
def take(file: Path, username: str, source: str | None, dry_run: bool) -> None:  # noqa: FBT001 — click passes flags so
    """
    Register the sites of FILE (CSV) in reserve, each in the smallest area that it names.

    Columns: province, city, district (may be empty), name; address, max_rooms and max_guests are kept as a note. What
    lies outside the account's area, or in an area that the register does not know, is left out and told.
    """
    table = read_table(
        file, needs=("province", "city", "district", "name"), may_have=("address", "max_rooms", "max_guests")
    )
    rows = [dict(zip(table.columns, cells, strict=True)) for cells in zip(*table.columns.values(), strict=True)]
    start.django_ready()
    from sizao.response import accounts
    from sizao.response.isolation import published_sites

    found = published_sites.take_published(
        rows=rows, source=source or file.name, by=accounts.find(username, by=None), now=clock.here(), dry_run=dry_run
    )
    kept = "would be registered" if dry_run else "are registered"
    click.echo(f"{found.made:,} new sites {kept}; {found.known:,} rows were known; {len(found.elsewhere):,} left out.")
    for row, name in found.elsewhere[:SHOWN]:
        click.echo(f"{file}, line {table.lines[row - 1]}: {name} lies in no area of yours that the register knows")
    if len(found.elsewhere) > SHOWN:
        click.echo(f"and {len(found.elsewhere) - SHOWN:,} more")


@command.command("generate")
@click.option("--area", "area_code", required=True, help="The division code of the area whose sites have no rooms.")
@click.option("--fewest", type=int, default=40, show_default=True, help="The fewest rooms of a site.")
@click.option("--most", type=int, default=160, show_default=True, help="The most rooms of a site.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same rooms.")
@click.option("--by", "username", required=True, help="The account that makes them.")
def generate(area_code: str, fewest: int, most: int, seed: int, username: str) -> None:
    """Make up rooms for sites that have none. Nobody published them: they are marked as generated everywhere."""
    start.django_ready()
    from sizao.response import accounts
    from sizao.response.isolation import published_sites

    n_sites, n_rooms = published_sites.generate_rooms(
        area_code=area_code, fewest=fewest, most=most, seed=seed, by=accounts.find(username, by=None), now=clock.here()
    )
    click.echo(f"{n_rooms:,} rooms were made up for {n_sites:,} sites, and are marked as generated.")


@command.command("list")
@click.option("--area", "area_code", default="", help="Only sites of this area: a division code.")
def listed(area_code: str) -> None:
    """List the sites: area, name, state, rooms, free, people inside, and `generated` where rooms were made up."""
    start.django_ready()
    from sizao.response.isolation import occupancy, sites

    now = clock.here()
    found = list(sites.within(area_code, now).order_by("area_code", "place__name"))
    rooms = occupancy.by_site([one.pk for one in found], as_of=now)
    for one in found:
        stands = rooms[one.pk]
        marked = "generated" if stands.generated else ""
        click.echo(
            f"{one.area_code}\t{one.place.name}\t{one.state}\t{stands.rooms}\t{stands.free}\t{stands.people}\t{marked}"
        )
