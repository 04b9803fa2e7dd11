"""Presences that a model makes up: the same each time, about nobody, late where a source is late, marked as made up."""

from datetime import date, timedelta

import pytest

from sizao.drill import replay, scenario
from sizao.drill.feed import feed
from sizao.drill.made_up_presences import made_up_batches, told_of
from sizao.drill.places import placements
from sizao.records.models import Person, PresenceBatch, Trace, TraceMatch
from sizao.response import register

SLUG = "hebei-2021-01"


class TestBatches:
    def test_are_the_same_each_time(self, made, chosen, facts, placed):
        again = made_up_batches(chosen, facts, placed)
        assert list(again) == list(made)
        assert all(
            one.rows.equals(other.rows) for day in made for one, other in zip(made[day], again[day], strict=True)
        )

    def test_hold_every_visit_whose_hours_a_report_tells(self, made, facts, placed):
        told = {row["number"]: row for batches in made.values() for one in batches for row in one.rows.to_pylist()}
        visits = [fact for day in facts.days.values() for fact in day.visits]
        timed = {
            fact.report_id
            for fact in visits
            if fact.told.time_from and fact.told.date_from == fact.day and (entry := placed[fact.key].entry)
            and entry.kind not in ("village", "public_place", "residential") and date(2020, 12, 25) <= fact.day
            and fact.day <= date(2021, 1, 12)
        }  # fmt: skip
        assert len(timed) > 100
        assert timed <= set(told)

    def test_name_townspeople_by_phones_that_nobody_has(self, made):
        rows = [row for batches in made.values() for one in batches for row in one.rows.to_pylist()]
        phones = {row["phone"] for row in rows if row["phone"]}
        assert len(phones) > 2000
        assert all(phone.startswith("100") for phone in phones)
        assert all(bool(row["phone"]) != bool(row["number"]) for row in rows)

    def test_arrive_on_their_day_or_as_late_as_their_source(self, made, chosen):
        lags = {one["name"]: one["lag_days"] for one in told_of(chosen)["sources"]}
        for day, batches in made.items():
            for one in batches:
                latest = one.rows.column("start").to_numpy().max()
                told = replay.moment(day - timedelta(days=lags[one.source]) + timedelta(days=1), "00:00")
                assert latest < told.timestamp(), (day, one.source)
        assert min(made) == chosen.first_date


class TestReplay:
    pytestmark = pytest.mark.django_db

    def test_asks_its_traces_and_matches_what_comes_late(self, areas):
        replay.replay(scenario.load(SLUG), until=date(2021, 1, 6))
        trace = Trace.objects.get(number="T0001")
        asked, late = trace.answers.order_by("pk")[:2]
        assert (asked.cause, late.cause) == ("asked", "presences")
        assert late.n_new > 0
        assert set(TraceMatch.objects.values_list("is_generated", flat=True)) == {True}
        assert set(PresenceBatch.objects.values_list("is_generated", flat=True)) == {True}
        named = Person.objects.filter(trace_matches__isnull=False, phone_index__isnull=False).distinct()
        assert named.count() > 5
        assert set(named.values_list("is_generated", flat=True)) == {True}

    @pytest.fixture
    def areas(self):
        loaded = [one for one in scenario.load(SLUG).areas() if one.code.startswith(("13", "11"))]
        # Directives of these days go down to villages of one town; some people live in another province.
        entries = [one for one in loaded if len(one.code) <= 6 or one.code.startswith("130109110")]
        register.load_areas(entries, by=None, now=replay.moment(date(2021, 1, 2)))


@pytest.fixture(scope="module")
def chosen():
    return scenario.load(SLUG)


@pytest.fixture(scope="module")
def facts(chosen):
    return feed(chosen)


@pytest.fixture(scope="module")
def placed(chosen, facts):
    return placements(chosen.slug, facts.placed(), facts.homes, chosen.area_names())


@pytest.fixture(scope="module")
def made(chosen, facts, placed):
    return made_up_batches(chosen, facts, placed)
