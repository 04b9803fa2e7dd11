"""A whole round: laboratories, hours, the end, what is short, and plans that move little."""

from dataclasses import replace

import numpy as np
import pytest

from sizao.engines.planning.replanning import EarlierPlanUnknown, earlier, plan_again
from sizao.engines.planning.round_inputs import (
    Costs,
    Laboratories,
    Means,
    NothingToPlan,
    RoundQuestion,
    Sites,
    Terms,
    Villages,
    WrongAmount,
    WrongTerm,
    in_metres,
)
from sizao.engines.planning.round_plan import plan_round
from sizao.terms import RoundResource
from tests.engines.planning.made_up import places
from tests.reference import planning as plain

PEOPLE = 60_000


def asked(*, people=PEOPLE, villages=60, sites=20, capacity=400.0, means=None, seed=2, **terms):
    counts, at, where, tables = places(people=people, villages=villages, sites=sites, seed=seed, across_m=15_000.0)
    laboratories = Laboratories(
        np.array([capacity, capacity / 2]), np.array([6.0, 5.0]), np.array([[0.0, 0.0], [9e3, 9e3]])
    )
    terms = {"complete_hours": 48, "pool_size": 10, "people_per_table_hour": 150, "table_people": 800} | terms
    return RoundQuestion(
        Villages(counts, at), Sites(tables, where), laboratories, Terms(**terms), means or Means(), Costs()
    )


def short(plan):
    return {one.resource: one for one in plan.shortages}


@pytest.fixture(scope="module")
def question():
    return asked()


@pytest.fixture(scope="module")
def plan(question):
    return plan_round(question)


class TestARound:
    def test_in_time_is_short_of_nothing(self, plan):
        assert plan.in_time
        assert plan.course.ends_hours <= 48
        assert not plan.layout.unplaced.any()

    def test_sends_every_tube_to_a_laboratory_that_can_take_it(self, plan, question):
        people = plan.layout.site_people()
        assert (plan.tubes == np.ceil(people / 10)).all()
        assert (np.bincount(plan.delivery.trips.village, plan.delivery.tubes, len(people)) == plan.tubes).all()
        assert (plan.course.taken <= question.laboratories.tubes_per_hour + 1e-9).all()

    def test_swabs_everybody_and_loses_no_tube_on_the_way(self, plan):
        course = plan.course
        assert course.swabbed.sum(axis=0) == pytest.approx(plan.layout.site_people())
        assert course.arrived.sum() == pytest.approx(plan.tubes.sum())
        assert course.taken.sum() == pytest.approx(plan.tubes.sum())
        in_queue = (
            np.cumsum(course.arrived, axis=0)[: len(course.taken)]
            - np.cumsum(course.taken, axis=0)[: len(course.arrived)]
        )
        assert course.waiting[: len(in_queue)] == pytest.approx(in_queue, abs=1e-6)

    @pytest.mark.parametrize(
        "how", [{}, {"ready_hours": 5, "opens": 8, "closes": 18}, {"push_hours": 2, "capacity": 300.0}]
    )
    def test_ends_when_a_plain_count_of_hours_says(self, how):
        question = asked(**how)
        found = plan_round(question)
        sent = [[] for _ in range(len(found.layout.tables))]
        for site, laboratory, trip, tubes in zip(
            found.delivery.trips.village,
            found.delivery.trips.site,
            found.delivery.trips.cost,
            found.delivery.tubes,
            strict=True,
        ):
            sent[site].append((laboratory, tubes, int(np.ceil(1 + trip - 1e-9))))
        terms = question.terms
        expected = plain.course(
            found.layout.site_people(), found.layout.tables, sent, question.laboratories.tubes_per_hour,
            question.laboratories.result_hours, 150,
            lambda hour: hour >= terms.ready_hours and terms.opens <= (hour + terms.starts_at) % 24 < terms.closes,
            terms.push_hours,
        )  # fmt: skip
        assert (found.course.swabbed_hours, found.course.ends_hours) == pytest.approx(expected)

    def test_has_samplers_as_the_edition_counts_them(self):
        found = plan_round(asked(people_per_sampler=360))
        assert (found.samplers == np.maximum(found.layout.tables, np.ceil(found.layout.site_people() / 360))).all()

    def test_is_the_same_each_time(self, plan, question):
        again = plan_round(question)
        assert (again.layout.people == plan.layout.people).all()
        assert (again.delivery.tubes == plan.delivery.tubes).all()
        assert again.course.ends_hours == plan.course.ends_hours


class TestShortages:
    def test_of_laboratories_say_how_many_tubes_an_hour_would_do(self):
        found = plan_round(asked(capacity=150.0, complete_hours=24))
        one = short(found)[RoundResource.LABORATORIES]
        assert one.given == 225
        assert one.needed > 225
        assert short(found)[RoundResource.TIME].needed == found.course.ends_hours > 24
        enough = plan_round(asked(capacity=150.0 * one.needed / 225 * 1.1, complete_hours=24))
        assert enough.in_time

    def test_of_time_name_the_first_hour_that_would_do(self):
        found = plan_round(asked(complete_hours=9))
        told = short(found)[RoundResource.TIME].needed
        assert plan_round(asked(complete_hours=np.ceil(told))).in_time
        assert not plan_round(asked(complete_hours=np.ceil(told) - 2)).in_time

    def test_of_tables_are_mended_by_time_where_no_rule_is_in_the_way(self):
        found = plan_round(asked(sites=6, table_people=None, complete_hours=13))
        assert short(found)[RoundResource.TABLES].people > 0
        assert not found.layout.unplaced.any()
        assert found.course.ends_hours > 13

    def test_of_tables_by_rule_leave_people_who_are_named(self):
        found = plan_round(asked(sites=4))
        one = short(found)[RoundResource.TABLES]
        assert one.people == found.layout.unplaced.sum() > 0
        assert one.needed - one.given == np.ceil(one.people / 800)
        assert set(one.rows) == set(np.flatnonzero(found.layout.unplaced))

    def test_of_sites_count_the_edition_s_people_a_site(self):
        one = short(plan_round(asked(site_people=2100)))[RoundResource.SITES]
        assert (one.needed, one.given) == (29, 20)

    def test_of_walking_name_the_villages_and_the_longest_walk(self):
        found = plan_round(asked(walk_metres=1300.0))
        one = short(found)[RoundResource.WALKING]
        assert one.given == 1300
        assert one.needed > 1300
        assert found.layout.unplaced[list(one.rows)].sum() == one.people
        assert (found.layout.arcs.metres * 1.3 <= 1300 * (1 + 1e-9)).all()
        far = plan_round(asked(walk_metres=one.needed + 1))
        assert RoundResource.WALKING not in short(far)

    def test_of_samplers_and_tubes_compare_with_what_is_there(self):
        found = plan_round(asked(means=Means(samplers=100, tubes=5000), people_per_sampler=360))
        assert (short(found)[RoundResource.SAMPLERS].needed, short(found)[RoundResource.SAMPLERS].given) == (167, 100)
        tubes = short(found)[RoundResource.TUBES]
        assert tubes.given == 5000
        assert tubes.needed == found.tubes.sum() > 5000

    def test_of_fewer_samplers_than_tables_leave_people_without_a_place(self):
        found = plan_round(asked(means=Means(samplers=40)))
        one = short(found)[RoundResource.SAMPLERS]
        assert one.people == found.layout.unplaced.sum() > 0
        assert one.needed == 40 + np.ceil(one.people / 800)

    def test_of_transport_when_no_laboratory_is_near_enough(self):
        found = plan_round(asked(carry_hours=0.001))
        one = short(found)[RoundResource.TRANSPORT]
        assert one.needed > one.given == 0.001
        assert (found.layout.unplaced == asked().villages.people).all()

    def test_of_any_laboratory_at_all(self):
        question = asked()
        down = replace(question.laboratories, tubes_per_hour=np.zeros(2))
        found = plan_round(replace(question, laboratories=down))
        assert short(found)[RoundResource.LABORATORIES].given == 0
        assert found.layout.unplaced.sum() == question.villages.people.sum()


class TestAChangedRound:
    def test_without_a_change_moves_nobody(self, plan, question):
        again = plan_again(question, earlier(plan))
        assert again.moved == 0
        assert (again.layout.tables == plan.layout.tables).all()
        assert (again.layout.site_people() == plan.layout.site_people()).all()
        assert again.course.ends_hours == plan.course.ends_hours
        assert again.in_time

    def test_moves_those_of_a_closed_site_and_nobody_else(self, plan, question):
        closed = int(plan.layout.site_people().argmin() if plan.layout.tables.all() else plan.layout.tables.argmax())
        tables = question.sites.tables.copy()
        tables[closed] = 0
        again = plan_again(replace(question, sites=replace(question.sites, tables=tables)), earlier(plan))
        assert again.layout.site_people()[closed] == 0
        assert again.moved == plan.layout.site_people()[closed]
        assert not again.layout.unplaced.any()

    def test_sends_the_tubes_of_a_laboratory_that_is_down_elsewhere(self, plan, question):
        rate = question.laboratories.tubes_per_hour.copy()
        rate[1] = 0
        again = plan_again(
            replace(question, laboratories=replace(question.laboratories, tubes_per_hour=rate)), earlier(plan)
        )
        assert again.moved == 0
        assert set(again.delivery.trips.site) == {0}
        assert again.delivery.tubes.sum() == plan.tubes.sum()

    def test_places_more_people_without_moving_those_who_were_told(self, plan, question):
        more = question.villages.people.copy()
        more[3] += 500
        again = plan_again(replace(question, villages=replace(question.villages, people=more)), earlier(plan))
        assert again.moved == 0
        assert again.layout.people.sum() == question.villages.people.sum() + 500

    def test_makes_room_by_moving_others_where_that_is_the_only_way(self):
        """Two villages in a row, walks of 1,000 m at the most: only the middle village can go on to the last site."""
        villages = Villages(np.array([800, 800]), np.array([[0.0, 0.0], [1500.0, 0.0]]))
        sites = Sites(np.array([1, 1, 1]), np.array([[-700.0, 0.0], [750.0, 0.0], [2200.0, 0.0]]))
        question = replace(asked(walk_metres=1300.0), villages=villages, sites=sites)
        before = earlier(plan_round(question))
        before = replace(before, village=np.array([0, 1]), site=np.array([0, 1]), people=np.array([800, 800]),
                         tables=np.array([1, 1, 0]))  # fmt: skip
        closed = replace(question, sites=replace(sites, tables=np.array([0, 1, 1])))
        again = plan_again(closed, before)
        assert not again.layout.unplaced.any()
        assert again.moved == 1600

    def test_of_another_round_is_refused(self, plan, question):
        with pytest.raises(EarlierPlanUnknown, match="village"):
            plan_again(question, replace(earlier(plan), village=earlier(plan).village + 100))


class TestInputs:
    def test_that_can_be_none_are_refused(self):
        with pytest.raises(NothingToPlan, match="villages"):
            Villages(np.zeros(0, np.int64), np.zeros((0, 2)))
        with pytest.raises(WrongAmount, match="row 2"):
            Sites(np.array([1, -1]), np.zeros((2, 2)))
        with pytest.raises(WrongAmount, match="position"):
            Villages(np.array([1]), np.array([[0.0, np.nan]]))
        with pytest.raises(WrongTerm, match="pool_size"):
            Terms(complete_hours=24, pool_size=0, people_per_table_hour=100)
        with pytest.raises(WrongTerm, match="opening"):
            Terms(complete_hours=24, pool_size=10, people_per_table_hour=100, opens=9, closes=9)
        with pytest.raises(WrongTerm, match="walking"):
            Costs(walking=-1)

    def test_degrees_become_metres(self):
        """One degree of latitude is some 111 km; Shijiazhuang to Gaocheng some 29 km."""
        flat = in_metres(np.array([114.51, 114.85]), np.array([38.04, 38.02]))
        assert np.hypot(*(flat[1] - flat[0])) == pytest.approx(29_850, rel=0.01)
