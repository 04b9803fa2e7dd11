"""What no plan can mend is told before there is one; it never says so of a round that can be planned in time."""

from dataclasses import replace

import numpy as np
import pytest

from sizao.engines.planning.necessary import short_at_least
from sizao.engines.planning.round_inputs import Costs, Laboratories, Means, RoundQuestion, Sites, Terms, Villages
from sizao.engines.planning.round_plan import plan_round
from sizao.terms import RoundResource
from tests.engines.planning.made_up import places
from tests.engines.planning.test_round_plan import asked


def short(question):
    return {one.resource: one for one in short_at_least(question)}


def drawn(seed):
    """Draw a small round, a few of whose terms may make it impossible."""
    dice = np.random.default_rng(seed)
    counts, at, where, tables = places(
        people=int(dice.integers(2_000, 40_000)), villages=30, sites=int(dice.integers(4, 14)), seed=seed,
        across_m=12_000.0,
    )  # fmt: skip
    n = int(dice.integers(1, 4))
    laboratories = Laboratories(dice.uniform(5, 300, n), dice.uniform(3, 8, n), dice.uniform(0, 12_000, (n, 2)))
    terms = Terms(
        complete_hours=float(dice.uniform(12, 50)), pool_size=10, people_per_table_hour=float(dice.uniform(20, 150)),
        table_people=int(dice.choice([300, 800])), site_people=int(dice.choice([3_000, 100_000])),
        walk_metres=dice.choice([None, 2_500.0, 8_000.0]), carry_hours=dice.choice([None, 0.3, 4.0]),
        people_per_sampler=600,
    )  # fmt: skip
    means = Means(
        samplers=dice.choice([None, 30, 200]), tubes=None if dice.random() < 0.5 else int(dice.integers(500, 6_000))
    )
    return RoundQuestion(Villages(counts, at), Sites(tables, where), laboratories, terms, means, Costs())


class TestShortAtLeast:
    def test_says_nothing_of_a_round_that_can_be_planned(self):
        question = asked()
        assert plan_round(question).in_time
        assert short_at_least(question) == ()

    def test_says_how_many_hours_are_needed_at_the_least(self):
        question = asked(complete_hours=14)
        time, plan = short(question)[RoundResource.TIME], plan_round(question)
        assert 14 == time.given < time.needed <= plan.course.ends_hours
        # No tube of the first hour could be told by then, however many a laboratory reads in an hour.
        assert list(short(asked(complete_hours=7))) == [RoundResource.TIME]

    def test_says_how_many_tubes_an_hour(self):
        question = asked(capacity=60.0)
        said = short(question)[RoundResource.LABORATORIES]
        assert said.given == 90
        # With as many more tubes an hour as it says nothing is short of them any more.
        enough = replace(
            question.laboratories, tubes_per_hour=question.laboratories.tubes_per_hour * said.needed / said.given * 1.01
        )
        assert RoundResource.LABORATORIES not in short(replace(question, laboratories=enough))

    def test_says_how_many_samplers_and_tubes(self):
        found = short(asked(means=Means(samplers=10, tubes=100)))
        assert (found[RoundResource.SAMPLERS].needed, found[RoundResource.SAMPLERS].given) == (76, 10)
        assert (found[RoundResource.TUBES].needed, found[RoundResource.TUBES].given) == (6_001, 100)

    def test_finds_the_part_of_the_city_without_room(self):
        villages = Villages(np.array([900, 900, 900]), np.array([[0.0, 0.0], [500.0, 0.0], [50_000.0, 0.0]]))
        sites = Sites(np.array([1, 9]), np.array([[0.0, 0.0], [50_000.0, 0.0]]))
        terms = Terms(complete_hours=48, pool_size=10, people_per_table_hour=100, table_people=1_000, walk_metres=2_000)
        laboratories = Laboratories(np.array([500.0]), np.array([4.0]), np.array([[0.0, 0.0]]))
        found = short(RoundQuestion(villages, sites, laboratories, terms, Means(), Costs()))
        assert list(found) == [RoundResource.TABLES]
        tables = found[RoundResource.TABLES]
        assert (tables.needed, tables.given, tables.people, tables.rows) == (2, 1, 800, (0, 1))

    @pytest.mark.parametrize("first", [0, 20, 40])
    def test_is_never_told_of_a_round_that_is_in_time(self, first):
        told = 0
        for seed in range(first, first + 20):
            question = drawn(seed)
            found, plan = short(question), plan_round(question)
            told += bool(found)
            assert not (found and plan.in_time), (seed, found)
            if RoundResource.TIME in found and not plan.layout.unplaced.any():
                assert question.terms.complete_hours < found[RoundResource.TIME].needed <= plan.planned_hours, seed
            if RoundResource.TABLES in found and plan.planned_hours == question.terms.complete_hours:
                assert found[RoundResource.TABLES].people <= plan.layout.unplaced.sum(), seed
        assert told > 3
