"""The tables follow from one line of migrations."""

import os
import subprocess
import sys
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from sizao.cli import start
from sizao.cli.faults import refusal_of


@pytest.mark.django_db
def test_every_change_of_a_table_has_its_migration():
    call_command("makemigrations", "records", check=True, dry_run=True, verbosity=0)


def test_they_are_one_line():
    loader = MigrationLoader(None)
    parents = {
        key: [one for one in loader.graph.node_map[key].parents if one.key[0] == "records"]
        for key in loader.graph.nodes
        if key[0] == "records"
    }
    assert len(loader.graph.leaf_nodes("records")) == 1
    assert all(len(found) <= 1 for found in parents.values())
    numbers = sorted(int(name[:4]) for _, name in parents)
    assert len(set(numbers)) == len(numbers)


def recorded(names):
    """Say of the database of the tests that it took these steps, and no others of ours."""
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.filter(app="records").delete()
    for name in names:
        recorder.record_applied("records", name)


def former():
    """The steps that the present ones replace."""
    ours = (one for key, one in MigrationLoader(None).disk_migrations.items() if key[0] == "records")
    return sorted(name for one in ours for _, name in one.replaces)


@pytest.mark.django_db
def test_a_database_that_took_the_former_line_goes_on():
    assert len(former()) == 43
    recorded(former())
    executor = MigrationExecutor(connection)
    later = [one.name for one, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    assert all(name > "0006" for name in later)


@pytest.mark.django_db
def test_a_database_between_two_versions_is_refused_in_one_sentence():
    recorded(former()[:30])
    with pytest.raises(CommandError) as refused:
        call_command("migrate", verbosity=0)
    assert "stand between two versions" in str(refusal_of(refused.value))


def test_they_run_forward_and_those_after_the_first_line_back_and_forward_again(empty_database):
    for steps in (["migrate"], ["migrate", "records", "0006"], ["migrate"]):
        run = subprocess.run(
            [sys.executable, "-c", "from sizao.cli import main; main()", "manage", *steps, "--verbosity", "0"],
            cwd=start.ROOT,
            env=os.environ | {"DATABASE_URL": empty_database},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr


@pytest.fixture
def empty_database(django_db_blocker):
    name = f"migrations_{uuid4().hex[:8]}"
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        address = os.environ["DATABASE_URL"].replace("/sizao?", f"/{name}?")
        assert name in address
        yield address
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.close()
