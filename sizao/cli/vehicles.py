"""`sizao vehicles`: take in the vehicles for closed transport from a file, and list them."""

from pathlib import Path

import click

from sizao.cli import start

COLUMNS = (
    "plate", "kind", "area_code", "seats", "base", "negative_pressure", "cab_separated", "stretcher_places",
    "wheelchair_places", "latitude", "longitude",
)  # fmt: skip


@click.group("vehicles")
def command() -> None:
    """Take in vehicles for closed transport, and list them."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--account", "username", required=True, help="The dispatcher in whose name they are registered.")
@click.option("--generated", is_flag=True, help="They were made up: every page says so.")
@click.option("--dry-run", is_flag=True, help="Check every cell and keep nothing.")
def import_file(file: Path, username: str, generated: bool, dry_run: bool) -> None:  # noqa: FBT001 — click passes flags so
    """
    Register the vehicles of FILE (CSV or xlsx), all rows or none; faults are told cell by cell.

    Columns: plate, kind (ambulance, negative_pressure, car, bus), area_code, seats, and where known base,
    negative_pressure, cab_separated, stretcher_places, wheelchair_places, latitude, longitude.
    """
    from sizao.adapters import uploads
    from sizao.adapters.tables import TableUnreadable

    try:
        content = file.read_bytes()
    except OSError as fault:
        raise TableUnreadable(path=file, line=1, reason=f"it cannot be opened ({fault.strerror}).") from fault
    columns: dict[str, tuple[str, ...]] = dict.fromkeys(COLUMNS, ())
    upload = uploads.read(content, file.name, columns=columns, needs=COLUMNS[:4])
    start.django_ready()
    from sizao.cli import clock
    from sizao.response import accounts, transport

    entries = [transport.VehicleEntry(**row) for row in upload.rows]
    try:
        made = transport.register_vehicles(
            entries=entries, by=accounts.find(username, by=None), now=clock.now(), source=file.name, dry_run=dry_run,
            generated=generated,
        )  # fmt: skip
    except transport.VehiclesRefused as refusal:
        for error in refusal.facts["errors"]:
            line = upload.lines[error["row"] - 1]
            click.echo(f"{file}, line {line}, {error['field']}: {error['reason']}", err=True)
        raise
    kept = f"{len(entries)} vehicles are right. Nothing was kept." if dry_run else f"{len(made)} vehicles registered."
    click.echo(kept)


@command.command("list")
@click.option("--area", "area_code", default="", help="A division code; without it all are listed.")
def list_vehicles(area_code: str) -> None:
    """List vehicles: plate, kind, area, seats, state."""
    start.django_ready()
    from sizao.records.models import TransferVehicle

    rows = TransferVehicle.objects.filter(area_code__startswith=area_code).order_by("area_code", "plate")
    for one in rows:
        generated = "generated" if one.is_generated else ""
        click.echo("\t".join((one.plate, one.kind, one.area_code, str(one.seats), one.state, generated)).rstrip())
