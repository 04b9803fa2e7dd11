"""What goes wrong outside: each time one clear sentence, an exit code that is not 0, and nothing half written."""

import os
import resource
import socket
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from sizao.cli import start
from sizao.protocol.shipped import shipped_text
from sizao.records.models import Account
from tests import factories

REGISTER = "code,name\n130109110212,小果庄村\n"
REPORT = '{"report_id": "A-1", "text": "1月3日，在家。"}\n'


def sizao(*words, limit_bytes=None, env=None, **how):
    """Run the command as a shell would, with room for `limit_bytes` in each file it writes."""

    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    how = {"stdout": subprocess.PIPE} | how
    return subprocess.run(
        [sys.executable, "-c", "from sizao.cli import main; main()", *map(str, words)],
        cwd=start.ROOT,
        env=os.environ | (env or {}),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=little_room if limit_bytes else None,  # noqa: PLW1509 — the limit belongs to the child alone
        timeout=120,
        check=False,
        **how,
    )


def refused(run):
    """Check that a run failed in words, and give the words."""
    said = (run.stdout or "") + run.stderr
    assert run.returncode not in (0, -1), said
    assert "Traceback" not in said, said
    told = run.stderr.strip().splitlines()
    assert told, "it failed without a word"
    return " ".join(told)


class TestFiles:
    def test_that_are_not_there_are_named(self, reading):
        assert "none.jsonl" in refused(reading("none.jsonl"))

    def test_that_are_no_text_are_named_with_the_line(self, reading, tmp_path):
        (tmp_path / "binary.jsonl").write_bytes(REPORT.encode() + b"\xff\xfe\x00")
        assert "line 2" in refused(reading("binary.jsonl"))
        assert not (tmp_path / "out.jsonl").exists()

    def test_that_name_a_report_twice_name_both_lines(self, reading, tmp_path):
        (tmp_path / "twice.jsonl").write_text(REPORT * 2, encoding="utf-8")
        said = refused(reading("twice.jsonl"))
        assert "line 2" in said
        assert "line 1" in said
        assert not (tmp_path / "out.jsonl").exists()

    def test_with_a_wrong_code_name_the_line_and_the_code(self, reading, tmp_path):
        (tmp_path / "villages.csv").write_text(REGISTER + "13010911021X,杨马村\n", encoding="utf-8")
        (tmp_path / "reports.jsonl").write_text(REPORT, encoding="utf-8")
        said = refused(reading("reports.jsonl"))
        assert "line 3" in said
        assert "13010911021X" in said

    def test_that_do_not_fit_on_the_disk_leave_nothing(self, reading, tmp_path):
        rows = "".join(REPORT.replace("A-1", f"A-{row}") for row in range(300))
        (tmp_path / "many.jsonl").write_text(rows, encoding="utf-8")
        before = set(tmp_path.iterdir())
        assert "written" in refused(reading("many.jsonl", limit_bytes=4096))
        assert set(tmp_path.iterdir()) == before

    def test_a_full_disk_behind_the_pipe_is_told(self, tmp_path):
        (tmp_path / "villages.csv").write_text(REGISTER, encoding="utf-8")
        (tmp_path / "reports.jsonl").write_text(REPORT * 1, encoding="utf-8")
        with Path("/dev/full").open("w") as full:
            run = sizao("read", tmp_path / "reports.jsonl", "--places", tmp_path / "villages.csv", stdout=full)
        assert "disk is full" in refused(run)


class TestDates:
    @pytest.mark.parametrize("words", [("protocol", "show", "--on", "2021-02-30"), ("replay", "--until", "2021-02-30")])
    def test_that_do_not_exist_are_named(self, words):
        assert "2021-02-30" in refused(sizao(*words))

    def test_before_every_edition_are_refused(self):
        assert "2019-01-01" in refused(sizao("protocol", "show", "--on", "2019-01-01"))


class TestEditions:
    def test_with_a_missing_key_name_it(self, tmp_path):
        text = shipped_text("editions/edition-7.toml")
        assert "\ncentral_days = 14" in text
        (tmp_path / "mine.toml").write_text(text.replace("\ncentral_days = 14", "\n#", 1), encoding="utf-8")
        run = sizao("protocol", "check", tmp_path / "mine.toml")
        refused(run)
        assert "contacts.close.central_days" in run.stdout


class TestSettings:
    def test_a_database_that_is_lost_is_told(self):
        said = refused(sizao("account", "list", env={"DATABASE_URL": "postgresql://sizao@127.0.0.1:1/sizao"}))
        assert "DATABASE_URL" in said
        assert "127.0.0.1" in said

    def test_an_address_that_is_none_is_told(self):
        assert "DATABASE_URL" in refused(sizao("account", "list", env={"DATABASE_URL": "over there"}))

    def test_a_key_that_is_none_is_told(self):
        assert "SIZAO_DATA_KEY" in refused(sizao("account", "list", env={"SIZAO_DATA_KEY": "short"}))

    def test_a_disk_too_full_for_the_database_is_told(self, tmp_path):
        env = {"DATABASE_URL": "", "SIZAO_VAR": str(tmp_path)}
        said = refused(sizao("account", "list", env=env, limit_bytes=100_000))
        assert "database" in said

    def test_a_port_in_use_is_told_before_anything_is_loaded(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            said = refused(sizao("run", "--port", taken.getsockname()[1]))
        assert "in use" in said


class TestRows:
    def test_a_table_that_is_not_there_says_what_to_run(self, empty_database):
        assert "sizao load" in refused(sizao("account", "list", env={"DATABASE_URL": empty_database}))

    def test_what_is_not_known_or_there_twice_is_told(self, transactional_db):
        factories.area("13", "河北")
        env = {"DATABASE_URL": address(connection.settings_dict["NAME"])}
        add = ("account", "add", "zhang", "--role", "investigator", "--area")
        assert "999999" in refused(sizao(*add, "999999", env=env))
        assert "nowhere" in refused(sizao("advance", "nowhere", env=env))
        assert not Account.objects.exists()
        assert sizao(*add, "13", env=env).returncode == 0
        assert "zhang" in refused(sizao(*add, "13", env=env))
        assert Account.objects.count() == 1


@pytest.fixture
def reading(tmp_path):
    """Read a file of the folder into `out.jsonl` beside it."""
    register = tmp_path / "villages.csv"
    register.write_text(REGISTER, encoding="utf-8")

    def read(name, **how):
        return sizao("read", tmp_path / name, "--places", register, "--out", tmp_path / "out.jsonl", **how)

    return read


def address(name):
    """Give the address of a database on the server of the tests."""
    return os.environ["DATABASE_URL"].replace("/sizao?", f"/{name}?")


@pytest.fixture
def empty_database(django_db_blocker):
    """Make a database without tables, and give its address."""
    name = f"bad_input_{uuid4().hex[:8]}"
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        yield address(name)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.close()
