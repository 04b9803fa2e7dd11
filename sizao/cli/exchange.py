"""`sizao exchange`: who other authorities are, by which key this one is known, and the delivery of what waits."""

import logging
import os
import time
from pathlib import Path

import click

from sizao.cli import start
from sizao.cli.advance import STARTED_BY


@click.group("exchange")
def command() -> None:
    """Give and take requests with other authorities: keys, addresses, delivery."""


@command.command("key")
def key() -> None:
    """
    Print the public key of this installation.

    Give it to other authorities by another way than the network, and have theirs the same way.
    """
    start.django_ready()
    from sizao.response import cooperation

    click.echo(cooperation.own_key().public)


@command.command("add")
@click.argument("name")
@click.option("--area", required=True, metavar="CODE", help="Its division code, such as 4101.")
@click.option("--address", default="", metavar="URL", help="Of its system, beginning with https://.")
@click.option(
    "--key", "public_key", default="", metavar="KEY", help="Its public key (`sizao exchange key` over there)."
)
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Of its server (PEM), where no public authority vouches for it.",
)
@click.option("--phone", default="", help="Of its duty office.")
def add(name: str, area: str, address: str, public_key: str, certificate: Path | None, phone: str) -> None:
    """Add an authority; without an address and a key it is reached by letter."""
    start.django_ready()
    from sizao.cli import clock
    from sizao.response import cooperation
    from sizao.terms import ExchangeWay

    way = ExchangeWay.SYSTEM if address or public_key else ExchangeWay.LETTER
    found = cooperation.add_authority(
        name=name, area_code=area, way=way, address=address, public_key=public_key,
        certificate=certificate.read_text(encoding="ascii") if certificate else "", phone=phone, by=None,
        now=clock.now(),
    )  # fmt: skip
    click.echo(f"{found.name} ({found.area_code}) is reached {way.en[0].lower()}{way.en[1:]}.")


@command.command("list")
def listed() -> None:
    """List the authorities known here."""
    start.django_ready()
    from sizao.records.models import Authority

    for one in Authority.objects.order_by("area_code", "pk"):
        ended = f"  ended {one.ended_at:%Y-%m-%d}" if one.ended_at else ""
        click.echo(f"{one.area_code:12}  {one.name}  {one.address or 'by letter'}  {one.public_key[:12]}{ended}")


@command.command("deliver")
@click.option("--every", type=click.IntRange(1, 3600), metavar="SECONDS", help="Look for messages again and again.")
def deliver(every: int | None) -> None:
    """Deliver the messages that wait. `sizao run` keeps this going with --every, in a process of its own."""
    start.django_ready()
    arrived, failed = _deliver()
    if not every:
        click.echo(f"Messages delivered: {arrived}; to be tried again: {failed}.")
        return
    parent = int(os.environ.get(STARTED_BY, os.getppid()))
    while os.getppid() == parent:
        time.sleep(every)
        _try_to_deliver()


def _try_to_deliver() -> None:
    from django.db import close_old_connections

    try:
        _deliver()
    except Exception:
        # Without a database, say: it is told and tried again.
        logging.getLogger("sizao.exchange").exception("Messages could not be delivered; that is tried again.")
        close_old_connections()


def _deliver() -> tuple[int, int]:
    from sizao.adapters.exchange import Https
    from sizao.cli import clock
    from sizao.response import cooperation

    return cooperation.deliver_waiting(channel=Https(), now=clock.now())
