"""`sizao run` refuses a port that it cannot have before it loads anything, in one sentence, and not with success."""

import socket

import pytest
from click.testing import CliRunner
from django.template import engines

from sizao.cli import main, run, start


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

    def test_reads_the_template_of_each_page_before_somebody_opens_one(self):
        files = {str(file.relative_to(folder)) for folder in OWN for file in folder.glob("**/*.html")}
        assert run.read_templates() == len(files)
        (loader,) = engines["django"].engine.template_loaders
        assert files <= {template.name for template in loader.get_template_cache.values() if hasattr(template, "name")}


OWN = [start.ROOT / "sizao" / room / "templates" for room in ("web", "drill")]


@pytest.fixture
def taken_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def _not_reached(**_: object) -> None:
    pytest.fail("the port must be looked at first")
