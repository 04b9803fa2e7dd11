"""`sizao streams`: counts of streams from a file into the database."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sizao.cli import start

if TYPE_CHECKING:
    from sizao.adapters.tables import Table
    from sizao.response.signals import CountRow

COLUMNS = ("stream", "kind", "area_code", "date", "count")
OPTIONAL = ("denominator", "name", "source", "step")


@click.command("streams")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--outbreak", "slug", help="The replay or drill they belong to; left out, they watch real life.")
@click.option("--dry-run", is_flag=True, help="Check the file against the database and keep nothing.")
def command(file: Path, slug: str | None, dry_run: bool) -> None:  # noqa: FBT001 — click passes flags so
    """
    Take in the counts of FILE, all of them or none.

    FILE is a table (CSV) with the columns stream (a key of your own), kind (such as fever_clinic), area_code, date
    and count, and where wanted denominator, name, source and step (day or week; the date is then the week's first
    day). A stream that is not known yet is opened. A count sent again changes nothing; another count for the same
    day is kept as a correction.
    """
    from sizao.adapters.tables import read_table

    table = read_table(file, needs=COLUMNS, may_have=OPTIONAL)
    start.django_ready()
    from sizao.cli import clock
    from sizao.response import outbreaks, signals

    outbreak = outbreaks.called(slug) if slug else None
    try:
        taken = signals.hear_rows(outbreak=outbreak, rows=_rows(table), by=None, now=clock.here(), dry_run=dry_run)
    except signals.CountsRefused as refusal:
        errors = refusal.facts["errors"]
        raise table.refuse(errors[0]["row"] - 1, _told(errors)) from refusal
    click.echo(
        f"{taken.streams} streams ({taken.new_streams} new): {taken.new} counts new, {taken.corrected} corrected, "
        f"{taken.known} known already.{' Nothing was kept.' if dry_run else ''}"
    )


def _rows(table: "Table") -> list["CountRow"]:
    from sizao.response.signals import CountRow
    from sizao.terms import StreamKind, StreamStep

    n = len(table)
    kinds = table.read("kind", StreamKind, what=f"one of {', '.join(StreamKind)}")
    steps = table.read("step", StreamStep, what="day or week", empty=StreamStep.DAY) if "step" in table else None
    counts = table.counts("count")
    empty = float("nan")
    denominators = table.counts("denominator", empty=empty) if "denominator" in table else [empty] * n
    return [
        CountRow(
            stream=table.columns["stream"][row],
            kind=kinds[row],
            area_code=table.columns["area_code"][row],
            date=day,
            count=int(counts[row]),
            denominator=None if denominators[row] != denominators[row] else int(denominators[row]),
            name=table.columns["name"][row] if "name" in table else "",
            source=table.columns["source"][row] if "source" in table else "",
            step=steps[row] if steps else StreamStep.DAY,
        )
        for row, day in enumerate(table.days("date"))
    ]


def _told(errors: list[dict[str, object]]) -> str:
    first = errors[0]
    others = sorted({error["row"] for error in errors} - {first["row"]})
    more = f" {len(others)} more rows are at fault." if others else ""
    return f"{first['field']}: {first['reason']}.{more}"
