"""Rounds of a drill that go through the stage: rosters, readings, positive pools and what they do to the city."""

import numpy as np
import pytest
from django.test import override_settings

from sizao.drill.rehearsal import officers, round_people, run, scores
from sizao.drill.rehearsal.city_life import CityLife
from sizao.drill.rehearsal.laboratory import held_round
from sizao.drill.rehearsal.looking import Looking
from sizao.engines.simulation import orders
from sizao.records.models import LabOddity, PoolHold, Signal, Swab, Test, TestingOddity, TestingRound, Tube
from sizao.response.testing import coverage, positives
from sizao.terms import HoldState, SignalKind, TubeKind
from tests.drill.test_rehearsal import NAMES, TOWN, apart, begun, read, told
from tests.engines.simulation import made_up

STAGED = TOWN.replace("[habits]", '[means]\nrounds = "stage"\nstay_away = 0.03\n[habits]')
UNTIL = 4


class TestListing:
    @pytest.fixture
    def life(self):
        return _life()

    def test_numbers_on_the_roster_are_people_of_the_city(self, life):
        listing = round_people.Listing(life, ["130109110201", "130109110200"])
        everybody = np.concatenate([life.residents_of(one) for one in listing.communities.tolist()])
        entries = listing.entries(everybody)
        assert entries.tolist() == list(range(1, life.city.people + 1))
        assert (listing.people(entries) == everybody).all()

    def test_of_one_village_holds_it_alone(self, life):
        listing = round_people.Listing(life, ["130109110201"])
        assert listing.villages == ["130109110201"]
        people = listing.people(np.arange(1, int(listing.size.sum()) + 1))
        assert {life.village(int(one)) for one in people} == {"130109110201"}

    def test_pools_hold_neighbours_who_came_and_nobody_else(self, life):
        listing = round_people.Listing(life, ["130109"])
        away = np.zeros(life.city.people, bool)
        away[::7] = True
        day = round_people.swabbed(listing, 0, away, since=100)
        assert sorted(day.people.tolist()) == np.flatnonzero(~away).tolist()
        assert np.bincount(day.tube).max() <= life.rehearsal.means.pool_size
        assert day.held.tubes == day.tube.max() + 1 <= listing.most_tubes(life.rehearsal.means.pool_size)
        for number, members in day.held.positive.items():
            assert (members == day.people[day.tube == number - 100]).all()

    def test_where_everybody_comes_they_fill_the_tubes_that_a_counted_round_does(self, life):
        listing, nobody = round_people.Listing(life, ["130109"]), np.zeros(life.city.people, bool)
        life.order_area("130109", 0, orders.TESTING_ROUND)
        counted, staged = held_round(life, 0), round_people.swabbed(listing, 0, nobody).held
        assert (counted.swabbed, counted.tubes) == (staged.swabbed, staged.tubes)
        assert counted.positive.keys() == staged.positive.keys() != set()
        assert all((members == staged.positive[number]).all() for number, members in counted.positive.items())


@pytest.mark.django_db
class TestDays:
    def test_of_rounds_through_the_stage(self, tmp_path):
        with override_settings(PRESENCES_DIR=tmp_path):
            running = begun(STAGED)
            run.run(running, until=UNTIL, tell=lambda *_: None)
            found = list(TestingRound.objects.order_by("pk"))
            assert found
            self.was_opened_the_evening_before_by_the_coordinator(running, found[0])
            self.was_swabbed_as_on_its_roster(running, found[0])
            self.was_read_by_two_people(found[0])
            self.positive_pools_are_held_in_the_city(running)
            # Working again at that moment decides nothing new.
            now = running.life.moment(UNTIL - 1, run.EVENING)
            officers.work(running.office, now)
            assert not any(officers.work(running.office, now).values())
            by_key = {one.key: one.value for one in scores.scores(Looking(running))}
        assert by_key["rounds_held"] == 1
        assert 0.9 < by_key["round_coverage"] < 1
        assert by_key["round_unexplained"] <= by_key["round_missed"]
        assert by_key["round_hours_to_result"] > 0
        assert by_key["pools_held"] == PoolHold.objects.exclude(ordered_at=None).count()
        assert by_key["found_by_rounds"] == Signal.objects.filter(source=positives.SOURCE).count()

    def was_opened_the_evening_before_by_the_coordinator(self, running, found):
        assert running.life.day_of(found.opened_at) == running.life.day_of(found.begins_at) - 1
        assert found.opened_by.startswith("scripted_testing_coordinator")
        day = running.life.day_of(found.begins_at)
        assert len(running.life.with_order(day, orders.TESTING_ROUND)) == 2

    def was_swabbed_as_on_its_roster(self, running, found):
        until = running.life.moment(UNTIL)
        total = coverage.total(found, as_of=until)
        assert total.expected == running.life.city.people
        pools = Tube.objects.filter(round=found, kind=TubeKind.POOL)
        swabs = Swab.objects.filter(round=found, tube__in=pools.values("code"))
        assert swabs.count() == total.registered
        assert total.missed > 0
        kept = {area: one for area, one in coverage.by_area(found, as_of=until, digits=12).items() if one.expected}
        assert kept == coverage.recount(found)
        assert not TestingOddity.objects.exists()

    def was_read_by_two_people(self, found):
        runs = found.readings.values_list("run__recorded_by", "run__released_by").distinct()
        assert runs
        assert all(one.startswith("scripted_lab_technician") for one, _ in runs)
        assert all(other.startswith("scripted_lab_reviewer") for _, other in runs)
        assert not LabOddity.objects.exists()

    def positive_pools_are_held_in_the_city(self, running):
        held = PoolHold.objects.filter(state__in=(HoldState.ORDERED, HoldState.ENDED)).exclude(ordered_at=None)
        assert held.exists()
        hold = held.order_by("pk").first()
        day = running.life.day_of(hold.ordered_at) + 1
        midnight = running.life.moment(day)
        if day < UNTIL and hold.expires_at > midnight:
            standing = hold.members.exclude(ended_at__lt=midnight).values_list("entry", flat=True)
            people = round_people.Listing(running.life, hold.round.areas).people(np.array(list(standing)))
            days = np.full(len(people), day + running.life.lead)
            assert orders.held_all(running.life.log.orders, people, days).all()
        singly = Swab.objects.filter(is_recall=True)
        assert singly.exists()
        signals = Signal.objects.filter(kind=SignalKind.POSITIVE_TEST, source=positives.SOURCE)
        # Whoever is positive is a person of the city, known by the number that other sources use too.
        assert all(running.life.is_mine(one.person.number) for one in signals.select_related("person"))
        assert not Test.objects.exclude(person__number__startswith="hamlet-").exists()

    def test_stopping_and_going_on_is_as_going_on(self, tmp_path):
        def straight():
            run.run(begun(STAGED), until=UNTIL, tell=lambda *_: None)
            return told() | rounds()

        def with_stops():
            run.run(begun(STAGED), until=UNTIL - 1, tell=lambda *_: None)
            begun(STAGED).wake()
            again = begun(STAGED)
            assert again.is_awake
            run.run(again, until=UNTIL, tell=lambda *_: None)
            return told() | rounds()

        expected = apart(tmp_path / "one", straight)
        assert any(state for _, _, state in expected["holds"])
        assert apart(tmp_path / "other", with_stops) == expected


def rounds():
    """What is on record of rounds, without numbers of rows; keys of tests made from swabs hold some."""
    return {
        "tests": sorted(Test.objects.values_list("person__number", "taken_date", "result"), key=repr),
        "rounds": sorted(TestingRound.objects.values_list("number", "opened_at", "closed_at", "missed", "explained")),
        "swabs": Swab.objects.count(),
        "tubes": sorted(Tube.objects.values_list("kind", "result", "resulted_at"), key=repr),
        "holds": sorted(PoolHold.objects.values_list("round__number", "area_code", "state")),
        "signals": sorted(Signal.objects.values_list("person__number", "state", "received_at"), key=repr),
    }


def _life():
    life = CityLife(read(STAGED), made_up.disease(rates=np.array([1.2, 0.4, 0.4, 0.12, 0.12])), NAMES)
    for day in range(life.rehearsal.earliest_day, 1):
        life.live(day)
    return life
