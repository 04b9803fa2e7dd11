"""What goes on in the city of a drill: gatherings, measures, care and the laboratory, each by itself."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from sizao.drill.rehearsal import effects, laboratory, scenario
from sizao.drill.rehearsal.city_life import MOVED, OCCASION, CityLife
from sizao.drill.rehearsal.illness import Illness
from sizao.drill.rehearsal.laboratory import Bench, Round
from sizao.drill.rehearsal.occasions import is_occasion, place_of
from sizao.drill.rehearsal.parts import Means, Measure
from sizao.engines.simulation import care, orders
from sizao.engines.simulation.disease import VENUE
from sizao.engines.simulation.laboratory import HOURS
from tests import factories
from tests.drill.test_rehearsal import NAMES, TOWN
from tests.engines.simulation import made_up

BARE = TOWN[: TOWN.index("[[measures]]")]  # nothing is ordered by rule but what a test says
GATHERING = """
[[occasions]]
name = "聚会"
kind = "worship"
area = "130109110201"
people = 60
from_hour = 9
hours = 2
days = [-2, 1]
youngest = 30
"""


def life(more="", **rates):
    told = scenario.read((BARE + more).encode(), "town.toml")
    return CityLife(told, made_up.disease(**rates), NAMES)


def lived(more="", until=0, **rates):
    city = life(more, **rates)
    for day in range(city.rehearsal.earliest_day, until):
        city.live(day)
    return city


class TestGatherings:
    def test_guests_are_of_the_area_and_age_and_the_same_when_asked_again(self):
        city = life(GATHERING)
        guests = city.occasions.guests(0, -2)
        assert len(guests) == 60
        assert {city.village(one) for one in guests.tolist()} == {"130109110201"}
        assert city.city.age[guests].min() >= 30
        assert (guests == city.occasions.guests(0, -2)).all()

    def test_households_come_together(self):
        city = life(GATHERING.replace("youngest = 30", "together = true"))
        guests = set(city.occasions.guests(0, -2).tolist())
        assert len(guests) <= 60
        assert all(set(city.household(one).tolist()) <= guests for one in guests)

    def test_they_infect_there_at_the_hours_and_nowhere_else_that_day(self):
        # Nothing passes but an hour together, and much of that; the first ones live in the village of the gathering.
        rates = np.array([0.0, 0.0, 0.0, 5.0, 0.0])
        more = GATHERING + '[[beginnings]]\narea = "130109110201"\nday = -4\npeople = 300\n'
        city = lived(more, rates=rates)
        ledger = city.outbreak.ledger
        there = [is_occasion(int(place)) for place in ledger.place]
        assert any(there)
        guests = city.occasions.came[0, city.lead - 2]
        assert set(ledger.person[there].tolist()) <= set(guests.tolist())
        assert set(ledger.infector[there].tolist()) <= set(guests.tolist())
        assert set(ledger.layer[there].tolist()) == {VENUE}
        assert ((ledger.second[there] >= 9 * 3600) & (ledger.second[there] < 11 * 3600)).all()
        on_that_day = (ledger.day == city.lead - 2) & ~np.array(there)
        assert not set(ledger.person[on_that_day].tolist()) & set(guests.tolist())

    def test_records_know_it_from_either_side(self):
        city = lived(GATHERING)
        guests = city.occasions.came[0, city.lead - 2]
        told = city.visits(guests, np.array([-2]))
        assert (told.place == place_of(0)).all()  # at home for the rest of the day
        met = city.companions(guests[:1], -3, -1)
        others = met.person[met.place == place_of(0)]
        assert set(others.tolist()) == set(guests[1:].tolist())
        scanned = city.scans_at(place_of(0), -2)
        assert 0 < len(scanned) < len(guests)
        assert city.area_of(place_of(0)) == "130109110201"

    def test_who_is_kept_does_not_come_and_a_gathering_keeps_nobody(self):
        city = lived(GATHERING)
        guests = city.occasions.guests(0, 1)
        city.hold(guests[:5], 1, orders.ISOLATION)
        city.gather(1)
        came = city.occasions.came[0, city.lead + 1]
        assert set(came.tolist()) == set(guests[5:].tolist())
        assert not city.kept(came, np.full(len(came), city.lead + 1)).any()
        held = orders.held_all(city.log.orders, came, np.full(len(came), city.lead + 1))
        assert (held == OCCASION).all()

    def test_none_is_held_where_the_area_is_closed(self):
        city = lived(GATHERING)
        city.order_area("130109110", 1, orders.AREA_CLOSED)
        city.gather(1)
        assert len(city.occasions.came[0, city.lead + 1]) == 0


class TestMeasures:
    @pytest.mark.parametrize(
        ("facts", "on"),
        [
            ({}, range(1, 40)),
            ({"after_days": 5, "for_days": 3}, (5, 6, 7)),
            ({"after_days": 2, "for_days": 2, "every_days": 5, "times": 3}, (2, 3, 7, 8, 12, 13)),
            ({"for_days": 1, "every_days": 10}, (1, 11, 21, 31)),
        ],
    )
    def test_one_is_in_force_on_its_days(self, facts, on):
        measure = Measure("area_closed", "130109", **facts)
        assert [day for day in range(40) if effects.turn_of(measure, day) is not None] == list(on)

    def test_an_area_of_any_level_is_closed_with_all_in_it(self):
        city = life()
        city.order_area("130109110", 0, orders.AREA_CLOSED)
        assert city.with_order(0, orders.AREA_CLOSED).tolist() == [0, 1]
        city.order_area("130109110201", 1, orders.AREA_CLOSED)
        assert city.with_order(1, orders.AREA_CLOSED).tolist() == [1]
        assert city.with_order(2, orders.AREA_CLOSED).tolist() == []

    @pytest.mark.django_db
    def test_nothing_is_ordered_before_the_first_case_and_then_by_the_days_since(self):
        city, outbreak = life(MOVES), factories.outbreak(slug="hamlet")
        effects.take_measures(city, outbreak, 3, city.moment(3))
        assert city.log.count == 0
        factories.case(within=outbreak, area_code="130109110201", opened_at=city.moment(0) + timedelta(hours=9))
        effects.take_measures(city, outbreak, 1, city.moment(1))
        assert city.log.count == 0
        effects.take_measures(city, outbreak, 2, city.moment(2))
        moved = city.residents_of(1)
        assert (city.kept(moved, np.full(len(moved), city.lead + 2)) == (orders.ISOLATION | MOVED)).all()
        others = city.residents_of(0)
        assert not city.kept(others, np.full(len(others), city.lead + 2)).any()

    @pytest.mark.django_db
    def test_a_round_of_several_days_takes_each_village_once(self):
        city, outbreak = life(MOVES), factories.outbreak(slug="hamlet")
        factories.case(within=outbreak, opened_at=city.moment(0))
        for day in (4, 5, 6):
            effects.take_measures(city, outbreak, day, city.moment(day))
        taken = [city.with_order(day, orders.TESTING_ROUND).tolist() for day in (4, 5, 6)]
        assert taken == [[0], [1], []]


MOVES = """
[[measures]]
kind = "moved_to_rooms"
area = "130109110"
after_days = 2
where_cases = 1
[[measures]]
kind = "testing_round"
area = "130109110"
after_days = 4
for_days = 2
"""


class TestRounds:
    def test_only_pools_with_an_infected_member_can_be_positive_and_all_are_counted(self):
        city = lived(rates=np.array([2.0, 0.5, 0.5, 0.3, 0.1]))
        city.order_area("130109", -1, orders.TESTING_ROUND)
        held = laboratory.held_round(city, -1)
        assert held.swabbed == city.city.people
        assert held.tubes == sum(-(-int(size) // 10) for size in city.city.zones.size[:2])
        infected = set(city.outbreak.ledger.person.tolist())
        assert held.positive
        assert all(infected & set(members.tolist()) for members in held.positive.values())
        every = np.arange(city.city.people)
        alone = set(every[laboratory.swab(city, every, -1)].tolist())
        pooled = set(every[laboratory.swab(city, every, -1, size=10)].tolist())
        assert pooled <= alone  # a pool dilutes
        members = {one for pool in held.positive.values() for one in pool.tolist()}
        assert pooled <= members

    def test_who_is_under_an_order_is_left_out_and_a_village_that_was_moved_is_not(self):
        city = lived()
        city.order_area("130109", 0, orders.TESTING_ROUND)
        city.hold(np.arange(10), 0, orders.HOME_ISOLATION)
        city.hold(city.residents_of(1), 0, orders.ISOLATION | MOVED)
        assert laboratory.held_round(city, 0).swabbed == city.city.people - 10

    def test_a_day_without_a_round_costs_nothing(self):
        assert laboratory.held_round(lived(), -1) == Round(0, 0, {})


class TestBench:
    def bench(self, **facts):
        return Bench(Means(**{"tubes_per_day": 24, "run_hours": 6, "swabs_arrive_hour": 18} | facts), hour=0)

    def test_what_arrives_is_told_after_its_run(self):
        bench = self.bench(tubes_per_day=2400)
        bench.bring(0, [7, 8], [0, 0])
        assert bench.work_until(23, 0).tolist() == []
        assert sorted(bench.work_until(HOURS + 8, 1).tolist()) == [7, 8]
        assert bench.work_until(2 * HOURS + 8, 2).tolist() == []

    def test_one_tube_an_hour_and_the_urgent_first(self):
        bench = self.bench()
        bench.bring(0, [1, 2, 3], [2, 0, 1])
        # Begun at 18, 19, 20; told six hours later.
        assert bench.work_until(HOURS, 1).tolist() == [2]
        assert bench.work_until(HOURS + 2, 1).tolist() == [3, 1]

    def test_a_round_waits_behind_single_tubes_and_tells_its_positive_pools(self):
        bench = self.bench()
        bench.bring(0, [1, 2], [3, 3])
        bench.bring_round(0, Round(swabbed=50, tubes=5, positive={0: np.array([10, 11]), 4: np.array([90])}))
        bench.work_until(HOURS + 8, 1)
        # Two single tubes at 18 and 19, then the pools from 20 on: the first is told at 2, the last at 6.
        assert bench.told_pools[1].tolist() == [10, 11, 90]
        assert bench.waiting == 0

    def test_too_few_tubes_a_day_leave_a_backlog(self):
        bench = self.bench()
        bench.bring_round(0, Round(swabbed=500, tubes=50, positive={40: np.array([400])}))
        bench.work_until(HOURS + 8, 1)
        assert bench.told_pools[1].tolist() == []
        assert bench.waiting == 50 - 14
        bench.work_until(3 * HOURS, 3)
        assert bench.told_pools[3].tolist() == [400]


class TestIllness:
    def test_those_who_fall_ill_go_where_the_scenario_says(self):
        city = lived(until=6, rates=np.array([2.0, 0.5, 0.5, 0.3, 0.1]))
        illness = Illness(city)
        seen = [illness.seeking(day) for day in range(-6, 6)]
        people, doors = (np.concatenate(column) for column in zip(*seen, strict=True))
        ledger = city.outbreak.ledger
        ill = ledger.person[ledger.symptomatic]
        assert set(people.tolist()) <= set(ill.tolist())
        assert len(people) == len(set(people.tolist()))
        assert set(doors.tolist()) == {care.FEVER_CLINIC}  # 70 % there, the others nowhere
        assert all(city.onset_day(one) <= 5 for one in people.tolist())

    def test_the_severely_ill_are_so_until_they_leave_hospital(self):
        severe = np.full((9, 4), 0.5)
        city = lived(until=10, rates=np.array([2.0, 0.5, 0.5, 0.3, 0.1]), severe=severe)
        illness = Illness(city)
        found = [(one, day) for day in range(-6, 10) for one in illness.severe_on(day).tolist()]
        assert found
        assert all(illness.is_severe(one, day) and not illness.is_severe(one, day - 1) for one, day in found)
        assert not any(illness.is_severe(one, 200) for one, _ in found)

    def test_others_with_a_cough_come_at_the_rate_that_was_told(self):
        more = TOWN.replace("[care]", "[care]\nbackground = [0, 0, 2_000]")
        told = scenario.read(more.encode(), "town.toml")
        illness = Illness(CityLife(told, made_up.disease(), NAMES))
        counts = [illness.background(care.FEVER_CLINIC, day).sum() for day in range(-200, 0)]
        assert np.mean(counts) == pytest.approx(30, rel=0.05)
        assert illness.background(care.PHARMACY, -1).sum() == 0


def test_moments_are_of_the_jurisdiction():
    city = life()
    assert timezone.localtime(city.moment(0)).hour == 0
    assert city.day_of(city.moment(3)) == 3
