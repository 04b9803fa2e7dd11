"""`sizao lab`: laboratories on the command line, and the door at which their systems knock with HL7 messages."""

from pathlib import Path

import click

from sizao.cli import clock, start


@click.group("lab")
def command() -> None:
    """Register laboratories, take in their files, and listen to their systems."""


@command.command("list")
def list_laboratories() -> None:
    """List the laboratories: code, name, area, tubes an hour, runs that wait for a second person."""
    start.django_ready()
    from sizao.records.models import Laboratory
    from sizao.terms import RunState

    for one in Laboratory.objects.order_by("code"):
        waiting = one.runs.filter(state=RunState.RECORDED).count()
        click.echo(f"{one.code}\t{one.name}\t{one.area_code}\t{one.tubes_per_hour}\t{waiting}")


@command.command("add")
@click.argument("code")
@click.option("--name", required=True, help="Its name.")
@click.option("--area", "area_code", required=True, help="The division code of where it stands.")
@click.option("--tubes-per-hour", type=int, required=True, help="How many tubes it reads in an hour.")
@click.option("--by", "username", required=True, help="The account that registers it.")
def add(code: str, name: str, area_code: str, tubes_per_hour: int, username: str) -> None:
    """Register a laboratory."""
    start.django_ready()
    from sizao.response import accounts
    from sizao.response.testing import laboratory

    made = laboratory.add_laboratory(
        laboratory_code=code, name=name, area_code=area_code, tubes_per_hour=tubes_per_hour,
        by=accounts.find(username, by=None), now=clock.here(),
    )  # fmt: skip
    click.echo(f"{made.code} is registered.")


@command.command("capacity")
@click.argument("code")
@click.option("--tubes-per-hour", type=int, required=True, help="How many tubes it reads in an hour from now on.")
@click.option("--by", "username", required=True, help="The account that changes it.")
def capacity(code: str, tubes_per_hour: int, username: str) -> None:
    """Change how many tubes a laboratory reads in an hour; boards of past days keep what it read then."""
    start.django_ready()
    from sizao.response import accounts
    from sizao.response.testing import laboratory
    from sizao.response.testing.laboratory import laboratories
    from sizao.terms import Right

    by = accounts.find(username, by=None)
    held = laboratory.change_capacity(
        laboratory=laboratories.fetch(code, to=Right.TESTING_PLAN, by=by), tubes_per_hour=tubes_per_hour, by=by,
        now=clock.here(),
    )  # fmt: skip
    click.echo(f"{held.code} reads {held.tubes_per_hour} tubes an hour from now on.")


@command.command("read")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--laboratory", "code", required=True, help="The code of the laboratory that read the tubes.")
@click.option("--kit", help="The kit that was used; `sizao lab kits` lists them.")
@click.option("--cutoff", type=float, help="The highest Ct of the kit's leaflet, where it is not the usual one.")
@click.option("--by", "username", required=True, help="The account that records the run; another one releases it.")
def read(file: Path, code: str, kit: str | None, cutoff: float | None, username: str) -> None:
    """Record FILE, an export of an instrument or a table, as one run."""
    start.django_ready()
    from sizao.protocol.kits import kit_called
    from sizao.response import accounts
    from sizao.response.testing import laboratory
    from sizao.response.testing.laboratory import laboratories
    from sizao.terms import Right

    by = accounts.find(username, by=None)
    told = laboratory.take_file(
        laboratory=laboratories.fetch(code, to=Right.LAB_WORK, by=by), content=file.read_bytes(), name=file.name,
        kit=kit_called(kit) if kit else None, cutoff_ct=cutoff, by=by, now=clock.here(),
    )  # fmt: skip
    state = "recorded" if told.is_new else "completed" if told.completed else "known already"
    click.echo(f"Run {told.run.pk} ({state}): {told.run.n_readings} tubes, {told.run.n_positive} positive.")
    for kind, count in sorted(told.oddities.items()):
        click.echo(f"  {kind.en}: {count}")


@command.command("kits")
def kits() -> None:
    """List the kits of the library: id, targets, cutoff, what stands behind it."""
    from sizao.protocol.kits import shipped_kits

    for one in shipped_kits().values():
        click.echo(f"{one.id}\t{', '.join(one.targets)}\tCt {one.cutoff_ct:g}\t{one.status.en}\t{one.title_en}")


@command.command("listen")
@click.option("--laboratory", "code", required=True, help="The code of the laboratory whose system sends.")
@click.option("--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
              help="A file with the token of an account that may record readings (lab.work).")  # fmt: skip
@click.option("--kit", help="The kit by which cycle thresholds are judged.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address it listens on.")
@click.option("--port", type=click.IntRange(0, 65535), default=2575, show_default=True, help="0 takes a free one.")
@click.option("--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A certificate with its chain (PEM): messages then travel encrypted.")  # fmt: skip
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its private key (PEM).")
def listen(
    code: str, token_file: Path, kit: str | None, host: str, port: int, certificate: Path | None, key: Path | None
) -> None:
    """Listen for results in HL7 v2 (ORU^R01 over MLLP) and answer each message."""
    start.django_ready()
    from sizao.cli.lab_listener import listener
    from sizao.protocol.kits import kit_called

    secret = token_file.read_text(encoding="utf-8").strip()
    with listener(
        code=code, secret=secret, kit=kit_called(kit) if kit else None, address=(host, port), certificate=certificate,
        key=key,
    ) as server:  # fmt: skip
        click.echo(f"Laboratory {code}: listening on {host}:{server.server_address[1]}.")
        server.serve_forever()
