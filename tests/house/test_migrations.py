"""The tables follow from one line of migrations, which runs forward and back."""

import os
import subprocess
import sys
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from sizao.cli import start


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
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.slow
def test_they_run_forward_and_back_and_forward_again(empty_database):
    for steps in (["migrate"], ["migrate", "records", "zero"], ["migrate"]):
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
