"""Registration through the API as it is served: `sizao run` in processes of its own, devices in another."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.testing_made import Made, devices, plan_of

SECONDS_A_PERSON = 10.0  # between two people at one table
STARTS_WITHIN = 600.0
SETTLES = 15.0


@contextmanager
def served() -> Iterator[tuple[int, int]]:
    """Serve on a free port with the data of this process, and tell the port and the process; stop on leaving."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    command = [sys.executable, "-c", f"from sizao.cli import main; main(['run', '--empty', '--port', '{port}'])"]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait(port, server)
            time.sleep(SETTLES)  # the processes beside the server load what they need
            yield port, server.pid
        finally:
            server.terminate()
            server.wait(60)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended before it served"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError("the server did not come to serve")


def play(
    made: Made, port: int, *, rate: float, seconds: float, outbox: int, every: float, between: tuple[float, float]
) -> dict[str, Any]:
    """
    Let so many people a second come to the tables, and return what the devices noted.

    `between` are the shares of the roster from which they come, so that nobody comes twice.
    """
    n_each = int(seconds / every * 1.3) + 4
    given = devices(made, round(rate * every), every=every, n_each=n_each, between=between)
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as plan:
        plan.write(plan_of(made, port, given, seconds=seconds, outbox=outbox))
        plan.flush()
        run = subprocess.run(
            [sys.executable, "-m", "bench.testing_devices", plan.name], check=True, capture_output=True,
            cwd=Path(__file__).resolve().parent.parent,
        )  # fmt: skip
    return json.loads(run.stdout)


def processor_seconds(server: int, database: Path) -> dict[str, float]:
    """Say how many seconds of a processor the server's workers, its loop and the database have used so far."""
    used = {"workers": 0.0, "loop": 0.0, "database": 0.0}
    postmaster = int((database / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            command = (folder / "cmdline").read_text(encoding="utf-8")
        except OSError:
            continue  # it has ended meanwhile
        parent, seconds = int(stat[1]), (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
        if parent == postmaster:
            used["database"] += seconds
        elif parent == server:
            used["workers" if "'run'" in command else "loop"] += seconds
    return used
