"""`sizao teams`: teams and their people from a list, and how the counties stand against the standard."""

from pathlib import Path

import click

from sizao.adapters.tables import read_table
from sizao.cli import clock, start

NEEDS = ("team", "kind", "area_code")
MAY_HAVE = ("lead", "team_phone", "in_closed_loop", "number", "name", "phone", "skills", "username")


@click.group("teams")
def command() -> None:
    """Take in teams and their people from a list, and list how counties stand against the standard."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", "username", required=True, help="The account that registers them.")
@click.option("--source", help="Where the list is from; the name of the file where not given.")
@click.option("--dry-run", is_flag=True, help="Say what would be registered and keep nothing.")
def take(file: Path, username: str, source: str | None, dry_run: bool) -> None:  # noqa: FBT001 — click passes flags so
    """
    Register the teams and members of FILE (CSV), a row a member; sent twice it changes nothing.

    Columns: team, kind, area_code; lead, team_phone, in_closed_loop, number, name, phone, skills and username may be
    there. Each faulty cell is told with its line, and then nothing is kept.
    """
    table = read_table(file, needs=NEEDS, may_have=MAY_HAVE)
    rows = [dict(zip(table.columns, cells, strict=True)) for cells in zip(*table.columns.values(), strict=True)]
    start.django_ready()
    from sizao.response import accounts
    from sizao.response.tasks import teams

    try:
        taken = teams.take_teams(
            rows=rows,
            source=source or file.name,
            by=accounts.find(username, by=None),
            now=clock.here(),
            dry_run=dry_run,
        )
    except teams.TeamsRefused as refusal:
        for error in refusal.facts["errors"]:
            click.echo(f"{file}, line {table.lines[error['row'] - 1]}: {error['field']} {error['reason']}", err=True)
        raise
    kept = "would be registered" if dry_run else "are registered"
    click.echo(f"{taken.teams:,} new teams and {taken.members:,} new members {kept}; {taken.known:,} were known.")


@command.command("list")
@click.option("--area", "area_code", default="", help="Only counties of this area: a division code.")
def listed(area_code: str) -> None:
    """List the counties: area, name, teams lacking, ready, there, wanted, people on duty, and `unverified`."""
    start.django_ready()
    from sizao.response.tasks.teams import readiness

    found = readiness.of_area(area_code, as_of=clock.here())
    marked = "unverified" if found.is_unverified else ""
    for one in found.areas:
        click.echo(
            f"{one.area_code}\t{one.name}\t{one.short}\t{one.ready}\t{one.teams}\t{one.wanted}\t{one.on_duty}\t{marked}"
        )
