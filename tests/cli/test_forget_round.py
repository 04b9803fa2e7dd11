"""`sizao forget-round`: a closed round's people are destroyed, and the certificate is printed."""

import json

import pytest
from click.testing import CliRunner

from sizao.cli import main
from sizao.response.testing import partitions
from sizao.terms import OutbreakKind
from tests.response.testing_world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return World(kind=OutbreakKind.REPLAY)


def forget(world, number="R001"):
    asked = ["forget-round", "--outbreak", world.outbreak.slug, "--round", number, "--day", "2021-02-21"]
    return CliRunner().invoke(main, asked)


def test_prints_what_was_destroyed(world):
    world.close()
    done = forget(world)
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["tables"]["rosterentry"]["rows"] == 12
    assert not partitions.exists(partitions.ROSTER, world.round.pk)


def test_leaves_an_open_round_alone(world):
    done = forget(world)
    assert done.exit_code == 1
    assert "is not closed" in done.output
    assert partitions.exists(partitions.ROSTER, world.round.pk)
    assert "has no testing round R099" in forget(world, "R099").output
