"""The people of a round have a last day: then they are gone, with a certificate, and the figures stay."""

from datetime import timedelta

import pytest
from django.db import connection
from psycopg import sql

from sizao.records.models import Event, Outbreak, TestingOddity, TestingRound
from sizao.response import flow, testing
from sizao.response.testing import coverage, destroying, partitions
from sizao.terms import OutbreakKind, Role, RoundState
from tests import factories
from tests.response.testing_world import BEGIN, ELSEWHERE, NOW, World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def world(noise):
    """Give a closed round of twelve people of whom three were swabbed, and a swab that was held back."""
    made = World(kind=OutbreakKind.DRILL)
    made.register(*(made.swab(f"s{n}", next(made.codes), n) for n in (1, 2, 3)))
    made.register(made.swab("odd", "123456789012", 4))
    made.close()
    return made


def tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname ~ '^records_.*_r[0-9]+$' AND relkind = 'r'")
        return sorted(name for (name,) in cursor.fetchall())


def ask(table, text):
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(text).format(sql.Identifier(table)))


def fresh(world):
    return TestingRound.objects.select_related("outbreak").get(pk=world.round.pk)


class TestTheLastDay:
    def test_follows_from_the_edition_with_its_sum(self, world):
        last, cited = destroying.last_date(fresh(world), NOW)
        assert last == world.outbreak.day_of(NOW) + 14 * DAY
        assert cited["key"] == "testing.region.roster_keep_days"

    def test_is_none_while_the_round_is_open(self, noise):
        assert destroying.last_date(World().round, NOW) == (None, None)

    def test_is_waited_for(self, world):
        assert testing.destroy_past_days(outbreak=world.outbreak, now=NOW + 14 * DAY) == 0
        assert partitions.exists(partitions.ROSTER, world.round.pk)

    def test_is_kept_by_the_loop(self, world):
        assert testing.advance(outbreak=world.outbreak, now=NOW + 15 * DAY) == 1
        assert not any(name.endswith(f"_r{world.round.pk}") for name in tables())
        found = fresh(world)
        assert found.state_at(NOW + 16 * DAY) is RoundState.ARCHIVED
        assert testing.advance(outbreak=world.outbreak, now=NOW + 16 * DAY) == 0

    def test_leaves_the_figures(self, world):
        before = coverage.total(world.round, as_of=NOW + 20 * DAY)
        testing.advance(outbreak=world.outbreak, now=NOW + 15 * DAY)
        assert coverage.total(world.round, as_of=NOW + 20 * DAY) == before
        assert (fresh(world).expected, fresh(world).missed) == (12, 9)

    def test_passes_over_what_a_model_made_up_for_a_replay(self, noise):
        made = World(kind=OutbreakKind.REPLAY, is_generated=True)
        made.close()
        assert testing.destroy_past_days(outbreak=made.outbreak, now=NOW + 99 * DAY) == 0


class TestTheCertificate:
    def test_counts_and_hashes_what_was_there(self, world):
        said = testing.destroy_round(testing_round=fresh(world), by=world.coordinator, now=NOW + DAY)
        assert {name: one["rows"] for name, one in said["tables"].items()} == {
            "labreading": 0, "tubestep": 0, "swab": 3, "tube": 3, "rosterentry": 12,
        }  # fmt: skip
        assert said["tables"]["labreading"]["digest"] == "0" * 16
        assert len({one["digest"] for one in said["tables"].values()}) == 4
        assert said["sealed"] == 1
        assert not TestingOddity.objects.filter(sent__isnull=False).exists()
        [line] = Event.objects.filter(verb="round.destroyed")
        assert (line.actor, line.facts["certificate"]) == (world.coordinator.username, said)
        assert fresh(world).certificate == said

    def test_says_the_same_of_the_same_rows_in_another_order(self, world):
        before = destroying._certified(partitions.SWAB, world.round.pk)
        part = partitions.name_of(partitions.SWAB, world.round.pk)
        ask(part, "CREATE TEMPORARY TABLE held AS SELECT * FROM {}")
        ask(part, "DELETE FROM {}")
        ask(part, "INSERT INTO {} SELECT * FROM held ORDER BY entry DESC")
        assert destroying._certified(partitions.SWAB, world.round.pk) == before
        ask(part, "UPDATE {} SET area_code = '13' WHERE entry = 1")
        assert destroying._certified(partitions.SWAB, world.round.pk) != before

    def test_is_given_once(self, world):
        testing.destroy_round(testing_round=fresh(world), by=world.coordinator, now=NOW)
        with pytest.raises(destroying.RoundDestroyed):
            testing.destroy_round(testing_round=fresh(world), by=world.coordinator, now=NOW)


class TestDestroying:
    def test_of_an_archived_round_takes_the_tables_set_aside(self, world):
        testing.archive_round(testing_round=world.round, by=world.coordinator, now=NOW)
        said = testing.destroy_round(testing_round=fresh(world), by=world.coordinator, now=NOW)
        assert said["tables"]["rosterentry"]["rows"] == 12
        assert not any(name.endswith(f"_r{world.round.pk}") for name in tables())

    def test_waits_until_the_round_is_closed(self, noise):
        made = World()
        with pytest.raises(destroying.RoundKept):
            testing.destroy_round(testing_round=made.round, by=made.coordinator, now=NOW)

    def test_is_for_who_plans_there(self, world):
        stranger = factories.account(role=Role.TESTING_COORDINATOR, area_code=ELSEWHERE)
        with pytest.raises(Exception, match="not"):
            testing.destroy_round(testing_round=fresh(world), by=stranger, now=NOW)
        assert partitions.exists(partitions.ROSTER, world.round.pk)


class TestTheEndOfAnOutbreak:
    def test_takes_open_and_planned_rounds_too(self, noise):
        made = World(kind=OutbreakKind.DRILL)
        planned = made.plan()
        made.roster(3, of=planned)
        Outbreak.objects.filter(pk=made.outbreak.pk).update(closed_at=NOW)
        assert flow.after_closing(now=NOW + DAY) == 2
        found = fresh(made)
        assert (found.closed_by, found.expected, found.missed) == ("sizao", 12, 12)
        assert found.destroyed_at is not None
        planned.refresh_from_db()
        assert planned.roster_made_at is None
        assert planned.state_at(NOW + DAY) is RoundState.PLANNED
        assert not [name for name in tables() if name.endswith((f"_r{made.round.pk}", f"_r{planned.pk}"))]
        assert flow.after_closing(now=NOW + 2 * DAY) == 0
        assert BEGIN < NOW
