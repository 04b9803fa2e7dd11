"""Bulletins at the command line."""

from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

from sizao.cli import main
from sizao.response.reports import bulletins
from sizao.terms import Role
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 1, 5, 4, 0, tzinfo=UTC)


class TestWriting:
    def test_writes_what_was_issued_and_a_draft_only_when_asked(self, outbreak, tmp_path):
        out = tmp_path / "told.pdf"
        refused = run("write", "2021-01-03", "--out", out, "--outbreak", "here")
        assert (refused.exit_code, "No bulletin of here for 2021-01-03" in refused.output) == (1, True)
        assert run("write", "2021-01-03", "--out", out, "--outbreak", "here", "--draft").exit_code == 0
        assert out.read_bytes().startswith(b"%PDF")
        commander = factories.account(role=Role.COMMANDER, area_code="13")
        bulletins.issue(bulletin=outbreak.bulletins.get(date=date(2021, 1, 3)), by=commander, now=NOW)
        assert run("write", "2021-01-03", "--out", tmp_path / "told.docx", "--outbreak", "here").exit_code == 0

    def test_refuses_a_file_of_another_kind(self, outbreak, tmp_path):
        refused = run("write", "2021-01-03", "--out", tmp_path / "told.txt", "--outbreak", "here", "--draft")
        assert (refused.exit_code, "pdf, docx" in refused.output) == (1, True)


class TestBeside:
    def test_prints_a_dash_where_nothing_was_published(self, outbreak):
        told = run("beside", "--outbreak", "here").output.splitlines()
        assert told[1].split() == ["2021-01-02", "0", "-", "-", "0", "-"]
        assert len(told) == 4


def run(*words):
    return CliRunner().invoke(main, ["bulletin", *map(str, words)])


@pytest.fixture
def outbreak():
    factories.area("13", "河北省")
    made = factories.outbreak(slug="here", last_date=date(2021, 1, 4))
    bulletins.advance(outbreak=made, now=NOW)
    return made
