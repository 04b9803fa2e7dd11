"""A `sizao run` as a process of its own: on a free port, with data of its own, watched from outside."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZAO = Path(sys.executable).parent / "sizao"
READY = "sizao is at http://"
# What this test process filled in for itself; the server chooses its own.
NOT_INHERITED = ("DATABASE_URL", "SIZAO_SECRET_KEY", "SIZAO_DATA_KEY", "SIZAO_VAR", "SIZAO_DEMO")


@dataclass(slots=True)
class Served:
    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://")

    @property
    def said(self) -> str:
        """All that the server wrote so far."""
        return (self.folder / "run.log").read_text(encoding="utf-8")

    @property
    def password(self) -> str:
        accounts = (self.folder / "demonstration-accounts.txt").read_text(encoding="utf-8")
        return re.search(r"Password of all: (\S+)", accounts)[1]

    def tell(self, *words: str) -> str:
        """Run another command of sizao on the same data; return what it said."""
        return subprocess.run(
            [SIZAO, *words], env=surroundings(self.folder), check=True, capture_output=True, text=True
        ).stdout

    @property
    def database_process(self) -> int:
        return int((self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a process of its own: this one's, less what these tests filled in for themselves."""
    return {name: value for name, value in os.environ.items() if name not in NOT_INHERITED} | {"SIZAO_VAR": str(folder)}


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder that the database's own system user can reach, which pytest's folders are not."""
    (ROOT / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=ROOT / "var"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(
    folder: Path,
    *options: str,
    port: int | None = None,
    within_seconds: float = 300,
    command: tuple[str, ...] = ("run",),
) -> Served:
    """Start `sizao run`, or another command that serves, on this folder and wait until it does."""
    port = port or free_port()
    with (folder / "run.log").open("ab") as log:
        process = subprocess.Popen(
            [SIZAO, *command, "--port", str(port), *options],
            env=surroundings(folder),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = Served(f"http://127.0.0.1:{port}", folder, process)
    deadline = time.monotonic() + within_seconds
    while f"{READY}127.0.0.1:{port}" not in server.said or not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise AssertionError(f"sizao {' '.join(command)} did not come to serve. It said:\n{server.said[-3000:]}")
        time.sleep(0.2)
    return server


def stop(server: Served) -> int:
    """Stop a server as a service manager would; return its exit code."""
    server.process.send_signal(signal.SIGTERM)
    try:
        return server.process.wait(timeout=40)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()
        raise


def start_again(server: Served) -> None:
    """Start a stopped server anew, on the port and the data it had."""
    server.process = start(server.folder, port=int(server.address.rpartition(":")[2])).process


@contextmanager
def serving() -> Iterator[Served]:
    """Serve the replayed outbreak; on leaving, stop it and see that nothing broke and nothing stays behind."""
    with data_folder() as folder:
        server = start(folder)
        database = server.database_process
        try:
            yield server
        finally:
            code = stop(server)
        assert code == 0, f"the server ended with {code}:\n{server.said[-3000:]}"
        assert "Traceback" not in server.said, server.said[-6000:]
        assert ends(database), "the database outlived its server"


def ends(process_id: int, *, within_seconds: float = 20) -> bool:
    """Tell whether a process ends soon."""
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def _answers(port: int) -> bool:
    with socket.socket() as trial:
        trial.settimeout(1)
        return trial.connect_ex(("127.0.0.1", port)) == 0
