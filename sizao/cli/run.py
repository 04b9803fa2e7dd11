"""`sizao run`: everything that a newcomer needs, then serve until told to stop."""

import gc
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sizao.cli import start
from sizao.cli.advance import STARTED_BY
from sizao.errors import SizaoError

HOST = "127.0.0.1"
SCENARIO = "hebei-2021-01"
# Of each worker. A request waits for the database most of its time; and the more wait at one moment, the less each
# costs, since what they want is asked and written together (decision 23). No more than the pool has connections.
THREADS = 16
MOST_WORKERS = 4
# So long one thread of a worker works before another may. Whoever comes back from the database waits for that, at each
# of a page's questions: with the 5 ms that Python sets, a page of 30 questions waits up to 150 ms for another page.
TURN_SECONDS = 0.0005
# The loop runs beside the pages, in a process of its own: a slow step never holds up a reader.
LOOP_SECONDS = 20
_LOOP = f"from sizao.cli import main; main(['advance', '--every', '{LOOP_SECONDS}'])"
# So does whoever works out what-if questions, which takes minutes of a whole core.
ANSWER_SECONDS = 3
ANSWERING = f"from sizao.cli import main; main(['answer', '--every', '{ANSWER_SECONDS}'])"


# And whoever takes messages to other authorities, which may be slow to answer.
DELIVER_SECONDS = 10
DELIVERING = f"from sizao.cli import main; main(['exchange', 'deliver', '--every', '{DELIVER_SECONDS}'])"
# And whoever sends notices by e-mail and webhook.
NOTIFY_SECONDS = 15
NOTIFYING = f"from sizao.cli import main; main(['notify', 'deliver', '--every', '{NOTIFY_SECONDS}'])"
# Their work is not urgent; a page is. Where both want a processor, pages get three times as much of it.
BEHIND = 5
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


class HalfACertificate(SizaoError):
    code = "run.half_a_certificate"
    message = "HTTPS needs a certificate and its key: give both --certificate and --certificate-key."


class PortInUse(SizaoError):
    code = "run.port_in_use"
    message = "Port {port} on {host} is in use by another program. Stop it, or choose another: sizao run --port {next}."


class PortNotAllowed(SizaoError):
    code = "run.port_not_allowed"
    message = "Port {port} on {host} may not be used: {reason}. Choose one above 1023: sizao run --port 8000."


@click.command("run")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Where to listen.")
@click.option("--empty", is_flag=True, help="Load no outbreak and give no demonstration accounts.")
@click.option("--certificate", type=EXISTING, help="Serve over HTTPS with this certificate (PEM).")
@click.option("--certificate-key", type=EXISTING, help="Its private key (PEM).")
@click.pass_context
def command(
    ctx: click.Context,
    port: int,
    empty: bool,  # noqa: FBT001 — click passes flags so
    certificate: Path | None,
    certificate_key: Path | None,
) -> None:
    """
    Load the shown outbreak if needed and serve the platform on this machine.

    The first start takes a minute or two; later ones go straight to serving. Stop it with Ctrl-C
    or SIGTERM: requests under way are finished, and what was acknowledged is kept.
    """
    check_port(port)  # before minutes of loading, not after
    if (certificate is None) != (certificate_key is None):
        raise HalfACertificate
    if certificate:
        os.environ.setdefault("SIZAO_HTTPS", "1")
    if not empty:
        os.environ.setdefault("SIZAO_DEMO", "1")
    start.django_ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if not empty:
        _load(ctx)
        accounts = _give_accounts()  # before the replay, in which one of them asks who was where
        _replay(ctx)
        _show(accounts)
    others = (_LOOP, ANSWERING, DELIVERING, NOTIFYING)
    serve(port, beside=others, certificate=certificate, certificate_key=certificate_key)


def check_port(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except PermissionError as fault:
            raise PortNotAllowed(port=port, host=HOST, reason=fault.strerror) from fault
        except OSError as fault:
            raise PortInUse(port=port, host=HOST, next=port + 1 if port < 65535 else 8000) from fault


def _load(ctx: click.Context) -> None:
    from sizao.cli import load
    from sizao.drill import scenario
    from sizao.records.models import Area

    if not Area.objects.filter(code=scenario.load(SCENARIO).area_code).exists():
        ctx.invoke(load.command)


def _replay(ctx: click.Context) -> None:
    from sizao.cli import replay
    from sizao.drill import replay as replaying
    from sizao.drill import scenario

    if replaying.days_ahead(scenario.load(SCENARIO)):
        ctx.invoke(replay.command)


def _give_accounts() -> Path:
    from sizao.cli import clock, demonstration

    return demonstration.give_accounts(folder=start.var_folder(), now=clock.now())


def _show(accounts: Path) -> None:
    click.echo("\nSign in as any of these:\n")
    click.echo(accounts.read_text(encoding="utf-8"))


def serve(
    port: int, *, beside: Sequence[str], certificate: Path | None = None, certificate_key: Path | None = None
) -> None:
    """Serve the pages until told to stop; each line of Python of `beside` runs in a process that ends with them."""
    from django.core.wsgi import get_wsgi_application
    from django.db import connections
    from django.urls import get_resolver
    from gunicorn.app.base import BaseApplication

    application = get_wsgi_application()
    get_resolver().url_patterns  # noqa: B018 — a page that cannot be imported stops the start, not the first reader
    read_templates()  # nor is the first reader of each worker the one who waits until a page was read
    sys.setswitchinterval(TURN_SECONDS)
    # Half a million objects of the code itself would be looked through at every few pages: pauses of 250 ms, now of 3.
    gc.collect()
    gc.freeze()
    for connection in connections.all():
        # A pool and its threads do not outlive a fork: each worker opens its own.
        connection.close()
        connection.close_pool()

    around = os.environ | {STARTED_BY: str(os.getpid())}
    behind = f"import os; os.nice({BEHIND}); "
    others = [subprocess.Popen([sys.executable, "-c", behind + code], env=around) for code in beside]

    secured = {"certfile": str(certificate), "keyfile": str(certificate_key)} if certificate else {}

    def stop_beside(_: object) -> None:
        for one in others:
            one.terminate()
        for one in others:
            one.wait(timeout=20)

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in (_settings(port) | secured).items():
                self.cfg.set(name, value)
            self.cfg.set("on_exit", stop_beside)

        def load(self) -> Any:
            return application

    scheme = "https" if certificate else "http"
    click.echo(f"sizao is at {scheme}://{HOST}:{port} — stop it with Ctrl-C.")
    Server().run()


def read_templates() -> int:
    """Read the template of every page and part of a page once, for all workers; return how many there are."""
    from django.template.loader import get_template
    from django.template.utils import get_app_template_dirs

    own = [
        Path(folder) for folder in get_app_template_dirs("templates") if start.ROOT / "sizao" in Path(folder).parents
    ]
    found = [(folder, file) for folder in own for file in folder.glob("**/*.html")]
    for folder, file in found:
        get_template(str(file.relative_to(folder)))
    return len(found)


def _settings(port: int) -> dict[str, Any]:
    return {
        "bind": f"{HOST}:{port}",
        "workers": min(MOST_WORKERS, os.cpu_count() or 1),
        "worker_class": "gthread",
        "threads": THREADS,
        "keepalive": 5,  # screens ask every three seconds, on the connection they have
        "graceful_timeout": 20,
        "loglevel": "warning",
        "control_socket_disable": True,  # nothing outside this process steers it
    }
