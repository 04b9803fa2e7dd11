"""Each new row of a large round is counted by looking up its key, not by reading the round."""

import re

import numpy as np
import psycopg
import pytest
from django.db import DatabaseError, connection

from sizao.response import testing
from sizao.response.testing import generated, tubes
from sizao.response.testing.generated import SwabBatch
from sizao.terms import OutbreakKind
from tests.response import testing_world
from tests.response.testing_world import BEGIN, NOW, World

pytestmark = pytest.mark.django_db
TUBES, POOL = 400, 10
# How many of its rows differ, that a small table may be taken for a large one.
SHARES = {"records_swab": {"tube": -0.1, "entry": -1}, "records_tube": {"code": -1}}
GROWN = 2_000  # times as large as it is


@pytest.fixture
def large():
    """A round whose planner believes it holds 800,000 tubes of eight million people."""
    world = World(kind=OutbreakKind.REPLAY, is_generated=True, people=1, pool_size=POOL, opened=False)
    world.round = world.plan(pool_size=POOL, is_generated=True)
    generated.make_generated_roster(
        testing_round=world.round, villages=[testing_world.VILLAGE], people=[TUBES * POOL], by=world.coordinator,
        now=BEGIN,
    )  # fmt: skip
    world.codes = list(tubes.codes_of(world.print(TUBES)))
    world.open()
    world.site = testing.add_site(
        testing_round=world.round,
        name="村委会",
        area_code=testing_world.VILLAGE,
        n_tables=2,
        by=world.coordinator,
        now=BEGIN,
    )
    _register(world, range(TUBES - 20))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_swab SET is_recall = true WHERE round_id = %s AND entry = 1", [world.round.pk])
        for table in ("records_tube", "records_swab", "records_rosterentry", "records_tubestep"):
            part = f"{table}_r{world.round.pk}"
            for column, share in SHARES.get(table, {}).items():
                cursor.execute(f"ALTER TABLE {part} ALTER COLUMN {column} SET (n_distinct = {share})")
            cursor.execute(f"ANALYZE {part}")
            cursor.execute("UPDATE pg_class SET reltuples = reltuples * %s WHERE relname = %s", [GROWN, part])
    return world


def _register(world, places):
    entry = np.concatenate([np.arange(place * POOL, (place + 1) * POOL) for place in places]) + 1
    batch = SwabBatch(
        begins_at=BEGIN, entry=entry, tube=np.repeat(np.arange(len(places)), POOL), second=np.zeros(len(entry), int),
        codes=[world.codes[place] for place in places], sites=[world.site.pk] * len(places), tables=[1] * len(places),
    )  # fmt: skip
    generated.register_generated(testing_round=world.round, batch=batch, by=world.sampler, now=NOW)


class _Plans:
    """Every statement run within it, triggers' included, as the database carried it out."""

    def __enter__(self):
        self.told = []
        with connection.cursor() as cursor:
            try:
                cursor.execute("LOAD 'auto_explain'")
            except DatabaseError as fault:
                pytest.skip(f"This database does not let its plans be seen: {fault}")
            for name, value in (
                ("auto_explain.log_min_duration", "0"), ("auto_explain.log_analyze", "on"),
                ("auto_explain.log_nested_statements", "on"), ("auto_explain.log_level", "notice"),
            ):  # fmt: skip
                cursor.execute(f"SET LOCAL {name} = '{value}'")
        connection.connection.add_notice_handler(self._hear)
        return self

    def __exit__(self, *fault):
        connection.connection.remove_notice_handler(self._hear)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL auto_explain.log_min_duration = -1")

    def _hear(self, said: psycopg.errors.Diagnostic):
        self.told.append(said.message_primary)

    def read_in_vain(self):
        return sum(int(n) for told in self.told for n in re.findall(r"Rows Removed by Join Filter: (\d+)", told))


def test_results_are_counted_by_key(large):
    with _Plans() as plans, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE records_tube SET result = 'negative', resulted_at = %s WHERE round_id = %s AND code = ANY (%s)",
            [NOW, large.round.pk, large.codes[:380]],
        )
    assert any("records_testingcount" in told for told in plans.told)
    assert plans.read_in_vain() == 0


def test_swabs_are_counted_by_key(large):
    with _Plans() as plans:
        _register(large, range(TUBES - 20, TUBES))
    assert any("records_testingcount" in told for told in plans.told)
    assert plans.read_in_vain() == 0
