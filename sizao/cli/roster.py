"""`sizao roster`: who is expected in a testing round, from a file of any size, row by row."""

import csv
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path

import click

from sizao.adapters.tables import TableUnreadable
from sizao.cli import start


@click.command("roster")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--outbreak", "slug", required=True, help="The outbreak that the round belongs to.")
@click.option("--round", "number", required=True, help="The number of the round, such as R001.")
@click.option("--dry-run", is_flag=True, help="Check every cell and keep nothing.")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="In a replay or drill: it arrives at the end of this day."
)
def command(file: Path, slug: str, number: str, dry_run: bool, day: datetime | None) -> None:  # noqa: FBT001 — click passes flags so
    """
    Take the roster of a planned round from FILE (CSV), all rows or none; faults are told cell by cell.

    Columns: area_code, and where known id_number, name, phone, address, grid, household and single_only. Each row needs
    an id_number or a name. Ten million rows are taken in as they are read.
    """
    rows = _rows(file)
    first = next(rows)  # a file that cannot be read is told before the database is asked
    start.django_ready()
    from sizao.cli import clock
    from sizao.cli.advance import end_of, present
    from sizao.response import outbreaks, testing
    from sizao.response.testing import rounds

    outbreak = outbreaks.called(slug)
    found = rounds.called(outbreak, number)
    now = end_of(outbreak, day) if day else present(outbreak, clock.now())
    told = (testing.RosterRow(**row) for row in chain([first], rows))
    try:
        made = testing.upload_roster(
            testing_round=found, rows=told, source=file.name, by=None, now=now, dry_run=dry_run
        )
    except testing.RosterRefused as refusal:
        for error in refusal.facts["errors"]:
            click.echo(f"{file}, line {error['row'] + 1}, {error['field']}: {error['reason']}", err=True)
        raise
    kept = "Nothing was kept." if dry_run else f"{made.kept_elsewhere:,} more are tested where they are kept."
    click.echo(f"{made.expected:,} people are expected. {kept}")


def _rows(file: Path) -> Iterator[dict[str, str]]:
    """Yield the wanted cells of each row; the header is line 1, and a row stands on one line."""
    wanted = ("area_code", "grid", "household", "id_number", "name", "phone", "address", "single_only")
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            header = reader.fieldnames or []
            if "area_code" not in header:
                raise TableUnreadable(path=file, line=1, reason="the column area_code is missing.")
            for row in reader:
                if None in row or None in row.values():
                    raise TableUnreadable(
                        path=file, line=reader.line_num, reason="it has not as many cells as the header."
                    )
                yield {name: row[name].strip() for name in wanted if name in row}
            if reader.line_num <= 1:
                raise TableUnreadable(path=file, line=1, reason="there is no row below the header.")
    except OSError as fault:
        raise TableUnreadable(path=file, line=1, reason=f"it cannot be opened ({fault.strerror}).") from fault
    except UnicodeDecodeError as fault:
        raise TableUnreadable(path=file, line=1, reason="it is not UTF-8 text.") from fault
    except csv.Error as fault:
        raise TableUnreadable(path=file, line=1, reason=f"it is not CSV ({fault}).") from fault
