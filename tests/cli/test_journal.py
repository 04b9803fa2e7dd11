"""`sizao journal` says in one line whether the chain holds, and ends with 1 where it does not."""

import json

import pytest
from click.testing import CliRunner

from sizao.cli import main
from sizao.records import journal
from sizao.records.models import Event
from sizao.response.oversight import chain
from sizao.terms import Role
from tests import factories
from tests.factories import NOW
from tests.response.test_journal_chain import overruling

pytestmark = pytest.mark.django_db


@pytest.fixture
def linked():
    one = factories.place()
    for n in range(4):
        journal.write("test.written", one, by=None, at=NOW, n=n)
    assert run("seal").output.startswith("Lines linked: 4")


def run(*words: str):
    return CliRunner().invoke(main, ["journal", *words])


def test_holds(linked):
    said = run("verify")
    assert (said.exit_code, "4 lines hold, 0 are not linked yet" in said.output) == (0, True)
    assert run("verify", "--known", chain.verify().head).exit_code == 0


def test_says_where_it_is_broken(linked):
    overruling("UPDATE records_event SET actor = 'x' WHERE id = %s", Event.objects.first().pk)
    said = run("verify")
    assert said.exit_code == 1
    assert "a line was changed" in said.output


def test_knows_no_foreign_digest(linked):
    said = run("verify", "--known", "0" * 64)
    assert said.exit_code == 1
    assert "made anew" in said.output


def test_proves_a_file_by_itself(linked, tmp_path):
    made = chain.export(lines=Event.objects.all(), by=factories.account(role=Role.SUPERVISOR), now=NOW)
    path = tmp_path / "journal.json"
    path.write_text(json.dumps(made), encoding="utf-8")
    assert "4 lines hold" in run("proof", str(path)).output
    made["lines"][0]["text"] += " "
    path.write_text(json.dumps(made), encoding="utf-8")
    assert run("proof", str(path)).exit_code == 1
    path.write_text("{}", encoding="utf-8")
    assert run("proof", str(path)).exit_code == 1
