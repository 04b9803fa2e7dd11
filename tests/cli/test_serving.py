"""`sizao run` as a process: one sentence for a taken port, how it stops, what survives when it is killed."""

import os
import signal
import socket
import subprocess
import urllib.request

import pytest

from tests.serving import SIZAO, data_folder, ends, start, stop, surroundings


class TestServing:
    def test_says_in_one_line_that_its_port_is_taken(self, folder):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            told = {"env": surroundings(folder), "capture_output": True, "text": True, "timeout": 60}
            refused = subprocess.run([SIZAO, "run", "--port", port], check=False, **told)
        assert refused.returncode == 1
        assert f"Port {port} on 127.0.0.1 is in use" in refused.stderr
        assert len(refused.stderr.strip().splitlines()) == 1
        assert not (folder / "postgres").exists()

    def test_stops_when_told_and_takes_its_database_along(self, folder):
        server = start(folder, "--empty")
        database = server.database_process
        assert _sign_in_page(server.address) == 200
        assert stop(server) == 0
        assert ends(database)
        assert "Traceback" not in server.said

    def test_goes_on_after_it_was_killed(self, folder):
        server = start(folder, "--empty")
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        again = start(folder, "--empty")
        database = again.database_process
        try:
            assert _sign_in_page(again.address) == 200
            assert "no migrations to apply" in again.tell("manage", "migrate").lower()
        finally:
            assert stop(again) == 0
        assert ends(database)


@pytest.fixture
def folder():
    with data_folder() as made:
        yield made


def _sign_in_page(address: str) -> int:
    with urllib.request.urlopen(f"{address}/accounts/login/", timeout=20) as answer:  # noqa: S310 — this machine
        return answer.status
