"""What a round has come to in each area is the sum of its hours, and a board reads the one row and not the hours."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from sizao.records.models import TestingCount, TestingTotal
from sizao.response import testing
from sizao.response.testing import coverage
from sizao.response.testing.coverage import FIGURES, Coverage
from sizao.terms import MissedReason, TestResult
from tests.response.testing_world import BEGIN, NOW, OTHER_VILLAGE, VILLAGE, World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world():
    return World()


def by_hours(world, as_of, digits):
    """Sum the hours one by one: the slow way, and the one that says what was known at a moment."""
    found = {}
    for row in TestingCount.objects.filter(round=world.round, latest_at__lte=as_of).order_by("area_code"):
        area = row.area_code[:digits]
        found[area] = found.get(area, Coverage()) + Coverage(*(getattr(row, name) for name in FIGURES))
    return found


def check(world):
    sums = TestingCount.objects.filter(round=world.round).values_list("area_code").annotate(*map(Sum, FIGURES))
    totals = TestingTotal.objects.filter(round=world.round).values_list("area_code", *FIGURES)
    assert sorted(totals) == sorted(sums)
    for as_of in (BEGIN - HOUR, BEGIN, NOW, NOW + HOUR, NOW + 3 * HOUR, NOW + 9 * HOUR):
        for digits in (0, 6, 9, 12):
            assert coverage.by_area(world.round, as_of=as_of, digits=digits) == by_hours(world, as_of, digits)


class TestTotals:
    def test_are_the_sums_of_the_hours_whatever_was_written(self, world):
        check(world)
        code = next(world.codes)
        for place, entry in enumerate((1, 2, 9)):
            world.register(world.swab(f"s{place}", code, entry), now=NOW + place * HOUR)
        check(world)
        testing.explain_missed(
            testing_round=world.round, entries=[5], reason=MissedReason.AWAY, by=world.grid_worker, now=NOW + 3 * HOUR
        )
        check(world)
        with connection.cursor() as cursor:
            for result, at in ((TestResult.NEGATIVE, NOW + 4 * HOUR), (TestResult.POSITIVE, NOW + 5 * HOUR)):
                cursor.execute(
                    "UPDATE records_tube SET result = %s, resulted_at = %s WHERE code = %s", [result, at, code]
                )
                check(world)
        assert coverage.by_area(world.round, as_of=NOW + 9 * HOUR, digits=12) == coverage.recount(world.round)

    def test_of_areas_that_a_new_roster_leaves_out_are_gone(self):
        world = World(opened=False)
        assert set(coverage.by_area(world.round, as_of=NOW, digits=12)) == {VILLAGE, OTHER_VILLAGE}
        TestingCount.objects.filter(round=world.round, area_code=OTHER_VILLAGE).delete()
        check(world)
        assert set(coverage.by_area(world.round, as_of=NOW, digits=12)) == {VILLAGE}

    def test_of_a_past_moment_mix_areas_at_rest_with_areas_that_have_gone_on(self, world):
        one, other = next(world.codes), next(world.codes)
        at_rest, gone_on = (
            next(
                entry.number for entry in world.round.entries.filter(area_code=area, kind="resident").order_by("number")
            )
            for area in (VILLAGE, OTHER_VILLAGE)
        )
        world.register(world.swab("a", one, at_rest), now=NOW)
        world.register(world.swab("b", other, gone_on), now=NOW + 2 * HOUR)
        street = VILLAGE[:9]
        assert OTHER_VILLAGE.startswith(street)
        for as_of, registered in ((NOW + HOUR, 1), (NOW + 2 * HOUR, 2)):
            assert coverage.by_area(world.round, as_of=as_of, digits=9)[street].registered == registered
        check(world)


class TestReading:
    def test_asks_for_no_hours_where_nothing_was_counted_since(self, world):
        world.register(world.swab("a", next(world.codes), 1), now=NOW)
        with CaptureQueriesContext(
            connection,
        ) as now:
            coverage.by_area(world.round, as_of=NOW + HOUR, digits=12)
        assert [("testingtotal" in one["sql"], "testingcount" in one["sql"]) for one in now] == [(True, False)]
        with CaptureQueriesContext(connection) as before:
            coverage.by_area(world.round, as_of=NOW - HOUR, digits=12)
        assert ["testingcount" in one["sql"] for one in before] == [False, True]
