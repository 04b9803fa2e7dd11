"""`sizao visits`: the store of bulk presence, on files, without a database."""

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

STORE = click.argument("store", type=click.Path(path_type=Path))


@click.group("visits")
def command() -> None:
    """
    Keep who was where in a store that answers in milliseconds.

    A store is a folder. Presences come as Parquet with person, place, start and end: integers or texts,
    whole seconds or timestamps. Tokens only: no names belong here.
    """


@command.command()
@click.argument("presences", type=click.Path(path_type=Path))
@click.option("--store", required=True, type=click.Path(path_type=Path), help="The folder; made when it is not there.")
@click.option("--longest-hours", default=12.0, show_default=True, help="A missing end is the next presence, or this.")
@click.option("--coalesce", is_flag=True, help="Make overlapping presences of one person at one place one.")
def ingest(presences: Path, store: Path, longest_hours: float, *, coalesce: bool) -> None:
    """
    Take a Parquet file into a store, whole or not at all; the same file again changes nothing.

    Rows that cannot be used are kept below STORE/refused with the reason. Columns layer (venue, vehicle, cell),
    ventilation (outdoor, ventilated, closed) and vehicle_kind say of a place what it is, once and for all.
    PRESENCES may also be a folder that `sizao visits export` wrote.
    """
    from sizao.adapters.presence_tables import presences_file
    from sizao.adapters.visits import VisitWriter
    from sizao.adapters.visits.bulk import rows_of
    from sizao.cli.trace_inputs import describe_places

    with presences_file(presences) as file:
        bar = click.progressbar(length=rows_of(file), label="Reading presences", file=sys.stderr)
        with VisitWriter(store, longest_hours=longest_hours, coalesce=coalesce) as writer, bar as shown:
            describe_places(file, store)
            found = writer.ingest(file, tick=shown.update)
    click.echo(_told(found))


@command.command()
@STORE
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder of tables; must not be there.")
@click.option("--buckets", type=click.IntRange(1, 4096), help="Files a day and order; else one for 3 million rows.")
def export(store: Path, out: Path, buckets: int | None) -> None:
    """Write a store as Parquet for DuckDB and Spark: by day and bucket, sorted by place and by person."""
    from sizao.adapters import presence_tables, visits

    rows = visits.VisitStore(store).manifest.rows
    with click.progressbar(length=rows, label="Writing tables", file=sys.stderr) as shown:
        tables = presence_tables.export(store, out, buckets=buckets, tick=shown.update)
    click.echo(f"{tables.rows:,} presences of {len(tables.days)} days in {tables.buckets} buckets are in {out}.")


@command.command()
@STORE
def compact(store: Path) -> None:
    """Make one segment a day of those that small batches left."""
    from sizao.adapters import visits

    click.echo(f"{visits.compact(store)} segments made fewer; the store holds {visits.VisitStore(store).told}.")


@command.command()
@STORE
def verify(store: Path) -> None:
    """Check every file against its checksum; exit with 1 when one is not what was written."""
    from sizao.adapters import visits

    faults = visits.verify(store)
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo(f"All is as it was written: {visits.VisitStore(store).told}.")


@command.command()
@STORE
@click.option("--before", required=True, help="Destroy what started before: a day (UTC) or a whole second.")
@click.option("--by", required=True, help="Who destroys it, for the certificate.")
@click.option("--reason", required=True, help="Why, for the certificate.")
def forget(store: Path, before: str, by: str, reason: str) -> None:
    """Destroy presences that are past their day, and print the certificate of destruction."""
    from sizao.adapters import visits
    from sizao.cli import clock

    second = moment(before)
    certificate = visits.forget(store, before=second, by=by, reason=reason, now=clock.now())
    click.echo(json.dumps(certificate, ensure_ascii=False, indent=1))


def moment(text: str) -> int:
    """Read a second from 1970, or a day or moment like 2021-01-08T10:30 (UTC unless it says another zone)."""
    if text.lstrip("-").isdigit():
        return int(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as fault:
        reason = f"{text!r} is no moment. Write a whole second, or a day like 2021-01-08."
        raise click.BadParameter(reason) from fault
    return int((found if found.tzinfo else datetime.fromisoformat(f"{found.isoformat()}+00:00")).timestamp())


def _told(found: Mapping[str, int]) -> str:
    if "taken before" in found:
        return f"This file was taken before ({found['taken before']:,} rows); nothing changed."
    words = {
        "taken": "presences taken",
        "refused": "rows refused",
        "imputed": "ends missing and closed",
        "repeated": "rows that repeat another",
        "overlapping": "presences that overlap another of the same person and place",
        "elsewhere": "presences of people in two places at once",
    }
    return "; ".join(f"{found.get(name, 0):,} {word}" for name, word in words.items()) + "."
