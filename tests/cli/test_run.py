"""`sizao run` refuses a port that it cannot have before it loads anything, in one sentence, and not with success."""

import socket

import pytest
from click.testing import CliRunner

from sizao.cli import main, start


class TestRun:
    def test_refuses_a_port_in_use_before_it_starts_anything(self, taken_port, monkeypatch):
        monkeypatch.setattr(start, "django_ready", _not_reached)
        answer = CliRunner().invoke(main, ["run", "--port", str(taken_port)])
        assert answer.exit_code == 1
        assert f"Port {taken_port} on 127.0.0.1 is in use" in answer.output
        assert f"--port {taken_port + 1}" in answer.output

    @pytest.mark.parametrize("port", ["0", "65536", "eighty"])
    def test_refuses_what_is_no_port(self, port, monkeypatch):
        monkeypatch.setattr(start, "django_ready", _not_reached)
        answer = CliRunner().invoke(main, ["run", "--port", port])
        assert answer.exit_code == 2
        assert "--port" in answer.output


@pytest.fixture
def taken_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def _not_reached(**_: object) -> None:
    pytest.fail("the port must be looked at first")
