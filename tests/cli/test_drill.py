"""`sizao drill`: what is refused before anything is started."""

import pytest
from click.testing import CliRunner

from sizao.cli import main


def asked(*words):
    return CliRunner().invoke(main, ["drill", *words])


class TestRefusals:
    def test_a_report_is_a_pdf(self, tmp_path):
        said = asked("report", "small-town", "--out", str(tmp_path / "report.txt"))
        assert said.exit_code == 1
        assert "is no PDF by its name" in said.output
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("command", [("run",), ("scores",), ("serve",), ("report", "--out", "report.pdf")])
    def test_a_drill_that_there_is_not_is_named(self, command):
        said = asked(command[0], "nowhere", *command[1:])
        assert said.exit_code == 1
        assert "no drill called nowhere" in said.output
        assert "small-town" in said.output


class TestListing:
    def test_says_days_and_people(self):
        said = asked("list")
        assert said.exit_code == 0
        assert "small-town" in said.output
        assert "18 days" in said.output
