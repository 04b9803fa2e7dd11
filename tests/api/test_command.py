"""The command centre for machines: figures, their rows, and versions to poll."""

import pytest
from django.db import connection

from sizao.terms import CommandFigure, CommandPart, OutbreakKind, Role
from tests import factories
from tests.response.command_world import COUNTY, NOON, filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(noise):
    return filled(kind=OutbreakKind.REPLAY)


def asked(**more):
    return {"outbreak": "command", "as_of": NOON.isoformat()} | more


class TestFigures:
    @pytest.mark.parametrize("area", ["13", COUNTY])
    def test_are_the_numbers_of_their_rows(self, world, machine, area):
        ask = machine(Role.COMMANDER, "13")
        told = ask.get("command", **asked(area=area)).json()
        assert {one["figure"] for one in told["figures"]} == set(CommandFigure)
        for one in told["figures"]:
            answer = ask.get(f"command/rows/{one['figure']}", **asked(area=area)).json()
            assert (answer["count"], len(answer["rows"])) == (one["count"], one["count"])

    def test_are_refused_outside_the_jurisdiction(self, world, machine):
        assert machine(Role.COMMANDER, "1305").get("command", **asked(area=COUNTY)).status_code == 404

    def test_of_people_take_the_right_to_list_them(self, world, machine):
        answer = machine(Role.REPORTER, "13").get("command/rows/confirmed", **asked())
        assert answer.status_code == 403

    def test_need_no_outbreak(self, db, machine):
        factories.area("13", "河北")
        told = machine(Role.COMMANDER, "13").get("command").json()
        assert {one["count"] for one in told["figures"]} == {0}


class TestVersions:
    def test_grow_with_a_change(self, world, machine):
        ask = machine(Role.COMMANDER, "13")
        before = {one["part"]: one["version"] for one in ask.get("command/versions").json()}
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('sizao.marked', '', true)")
            cursor.execute("UPDATE records_zone SET id = id")
        after = {one["part"]: one["version"] for one in ask.get("command/versions").json()}
        assert {part for part in CommandPart if before[part] != after[part]} == {CommandPart.WHERE, CommandPart.AHEAD}
