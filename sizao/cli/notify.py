"""`sizao notify`: notices by e-mail and webhook to whoever asked for them."""

import logging
import os
import time

import click

from sizao.cli import start
from sizao.cli.advance import STARTED_BY
from sizao.errors import SizaoError


class NoMailServer(SizaoError):
    code = "notify.no_mail_server"
    message = "No mail server is set. Set SIZAO_SMTP to smtp://name:port, or smtps://user:password@name."


@click.group("notify")
def command() -> None:
    """Send what waits for people by e-mail and webhook, quietly: urgent things at once, the rest once a day."""


@command.command("deliver")
@click.option("--every", type=click.IntRange(1, 3600), metavar="SECONDS", help="Look for messages again and again.")
def deliver(every: int | None) -> None:
    """
    Put what is untold into messages and send those that wait.

    `sizao run` keeps this going with --every, in a process of its own. Without a mail server (SIZAO_SMTP) and allowed
    hosts (SIZAO_WEBHOOK_HOSTS) nothing is sent; notices stand on the pages all the same.
    """
    start.django_ready()
    sent, failed = _deliver()
    if not every:
        click.echo(f"Messages sent: {sent}; not sent, or to be tried again: {failed}.")
        return
    parent = int(os.environ.get(STARTED_BY, os.getppid()))
    while os.getppid() == parent:
        time.sleep(every)
        _try_to_deliver()


@command.command("try")
@click.argument("to")
def try_out(to: str) -> None:
    """Send one mail to the address TO, to see whether the mail server works."""
    start.django_ready()
    from uuid import uuid4

    from sizao.adapters.mail import Mail
    from sizao.cli import clock

    outside = _outside()
    if outside.mailer is None:
        raise NoMailServer
    mail = Mail(
        to, "四早 sizao", f"邮件通知已接通。Notices by e-mail work.\n{outside.address}\n", str(uuid4()), clock.now()
    )
    outside.mailer.send(mail, handing=lambda: None)
    click.echo(f"The mail server took a message to {to}.")


def _try_to_deliver() -> None:
    from django.db import close_old_connections

    try:
        _deliver()
    except Exception:
        # Without a database, say: it is told and tried again.
        logging.getLogger("sizao.notify").exception("Notices could not be sent; that is tried again.")
        close_old_connections()


def _deliver() -> tuple[int, int]:
    from sizao.cli import clock
    from sizao.response.tasks import notices

    outside = _outside()
    notices.prepare(outside=outside, now=clock.now())
    return notices.deliver_waiting(outside=outside, clock=clock.now)


def _outside():  # noqa: ANN202 — a class of the response, known only once Django stands
    from django.conf import settings

    from sizao.adapters.mail import Smtp
    from sizao.adapters.webhook import Http
    from sizao.response.tasks.notices import Outside

    mailer = Smtp(settings.NOTICE_SMTP, sender=settings.NOTICE_SENDER) if settings.NOTICE_SMTP else None
    poster = Http(settings.NOTICE_WEBHOOK_HOSTS) if settings.NOTICE_WEBHOOK_HOSTS else None
    return Outside(settings.NOTICE_ADDRESS, mailer, poster)
