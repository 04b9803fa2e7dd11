"""`sizao presences`: bulk presences from a file into the running installation, identities made tokens at the door."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sizao.cli import start

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("place", "start", "end")
OPTIONAL = ("id_number", "phone", "number", "token", "layer", "vehicle_kind", "carriage", "row", "is_crew")
ROWS_AT_ONCE = 200_000


@click.command("presences")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--outbreak", "slug", required=True, help="The outbreak they belong to.")
@click.option("--source", required=True, help="Who tells them: a network, a carrier, the register of venues.")
@click.option("--key", help="A key of the sender's own for this delivery; left out, the name of the file.")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="In a replay or drill: they arrive at the end of this day."
)
@click.option("--generated", is_flag=True, help="A model made them up; every screen says so.")
def command(file: Path, slug: str, source: str, key: str | None, day: datetime | None, generated: bool) -> None:  # noqa: FBT001 — click passes flags so
    """
    Take in the presences of FILE: who was where, from when to when.

    FILE is CSV or Parquet with place (a code), start and end (moments, or whole seconds; an end may be missing), one
    or more of id_number, phone, number (of the register) and token, and where wanted layer (venue, vehicle or cell). Of
    vehicles it may tell vehicle_kind, carriage, row (from the front) and is_crew, by which seats are judged.
    Identities become tokens of the outbreak and are not kept. The same file again changes nothing; one that was
    stopped half-way is sent again.
    """
    rows = _parquet(file) if file.suffix == ".parquet" else _csv(file)
    start.django_ready()
    from sizao.cli import clock
    from sizao.cli.advance import end_of, present
    from sizao.response import outbreaks, tracing

    outbreak = outbreaks.called(slug)
    now = end_of(outbreak, day) if day else present(outbreak, clock.here())
    taken = refused = 0
    reasons: dict[str, int] = {}
    for number, first in enumerate(range(0, rows.num_rows or 1, ROWS_AT_ONCE)):
        batch = tracing.receive(
            outbreak=outbreak,
            source=source,
            source_key=f"file:{key or file.name}:{number}",
            rows=rows.slice(first, ROWS_AT_ONCE),
            by=None,
            now=now,
            is_generated=generated,
        )
        taken, refused = taken + batch.rows_taken, refused + batch.rows_refused
        for reason, count in batch.told["refused"].items():
            reasons[reason] = reasons.get(reason, 0) + count
    why = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
    click.echo(f"{taken:,} presences taken, {refused:,} rows refused{f' ({why})' if why else ''}.")


def _parquet(file: Path) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.parquet as pq

    from sizao.adapters.visits.errors import PresencesUnreadable

    try:
        opened = pq.ParquetFile(file)
        return opened.read(columns=[name for name in (*COLUMNS, *OPTIONAL) if name in opened.schema_arrow.names])
    except FileNotFoundError as fault:
        raise PresencesUnreadable(path=file, reason="it cannot be opened (no such file).") from fault
    except (OSError, pa.ArrowException) as fault:
        raise PresencesUnreadable(path=file, reason="it is not a whole Parquet file.") from fault


def _csv(file: Path) -> "pa.Table":
    import pyarrow as pa

    from sizao.adapters.tables import read_table

    table = read_table(file, needs=COLUMNS, may_have=OPTIONAL)
    return pa.table(
        {name: pa.array(table.columns[name], pa.string()) for name in (*COLUMNS, *OPTIONAL) if name in table}
    )
