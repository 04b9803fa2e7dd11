"""Tubes of several swabs: beside every pattern one by one, in closed form, and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sizao.engines.sampling.pool_sizes import LaboratoryTooSlow, NobodyToTest, Pace, design, recommended
from sizao.engines.sampling.pooled_test import (
    NoSuchPoolSize,
    NotAShare,
    PooledTest,
    found_chance,
    members_positive,
    positive_chance,
)
from tests.reference import pools_plain as plain

CASES = [
    (1, 0.1, 0.0, PooledTest(0.8, 0.99)), (4, 0.2, 0.0, PooledTest(0.8, 0.97)), (4, 0.2, 0.3, PooledTest(0.8, 0.97)),
    (5, 0.05, 0.6, PooledTest(0.9, 1.0, 0.3)), (3, 0.4, 1.0, PooledTest(0.7, 0.9)), (5, 0.3, 0.1, PooledTest()),
]  # fmt: skip


class TestATube:
    @pytest.mark.parametrize(("size", "prevalence", "correlation", "test"), CASES)
    def test_is_positive_and_finds_as_often_as_all_patterns_say(self, size, prevalence, correlation, test):
        expected = plain.tube(
            size, prevalence, correlation, test.sensitivity, test.sensitivity_in(size), test.specificity
        )
        assert positive_chance(test, size, prevalence, correlation) == pytest.approx(expected[0], rel=1e-12)
        assert found_chance(test, size, prevalence, correlation) == pytest.approx(expected[1], rel=1e-12)

    @given(st.integers(1, 30), st.floats(0, 1), st.floats(0, 1))
    def test_holds_as_many_infected_as_the_prevalence_says(self, size, prevalence, correlation):
        chances = members_positive(size, prevalence, correlation)
        assert chances.sum() == pytest.approx(1)
        assert chances @ np.arange(size + 1) == pytest.approx(size * prevalence, abs=1e-6)

    def test_two_members_are_as_alike_as_the_correlation_says(self):
        both = members_positive(2, 0.1, 0.35)[2]
        assert (both - 0.01) / (0.1 * 0.9) == pytest.approx(0.35)

    def test_of_a_perfect_test_is_that_of_a_published_example(self):
        """RSurveillance 0.2.1: 60 pools of 5 at 1 % find it with 0.9509591; 4 of 10 at 10 %, 0.9, with 0.9706771."""
        perfect = 1 - (1 - positive_chance(PooledTest(), 5, 0.01)) ** 60
        assert perfect == pytest.approx(0.9509591, abs=5e-8)
        # The sensitivity there is that of a pool with any infected member, however many.
        any_infected = 1 - members_positive(10, 0.1)[0]
        assert 1 - (1 - 0.9 * any_infected) ** 4 == pytest.approx(0.9706771, abs=5e-8)

    def test_loses_by_dilution_and_less_where_positives_gather(self):
        test = PooledTest(0.77)
        kept = [test.sensitivity_in(size) for size in (1, 5, 10, 20)]
        assert kept == sorted(kept, reverse=True)
        assert kept[2] == pytest.approx(0.70, abs=0.005)
        assert found_chance(test, 10, 0.01, 0.3) > found_chance(test, 10, 0.01)
        assert positive_chance(test, 10, 0.01, 0.3) < positive_chance(test, 10, 0.01)

    def test_without_anybody_infected_has_nobody_to_find(self):
        assert math.isnan(found_chance(PooledTest(0.8), 10, 0.0))
        assert positive_chance(PooledTest(0.8, 0.99), 10, 0.0) == pytest.approx(0.01)

    def test_of_nobody_or_of_no_share_is_refused(self):
        with pytest.raises(NoSuchPoolSize, match="0 swabs"):
            positive_chance(PooledTest(), 0, 0.1)
        with pytest.raises(NotAShare, match=r"prevalence is 1\.5"):
            positive_chance(PooledTest(), 5, 1.5)
        with pytest.raises(NotAShare, match="specificity"):
            PooledTest(specificity=-0.1)
        with pytest.raises(NotAShare, match="loss"):
            PooledTest(loss_per_doubling=float("nan"))


class TestADesign:
    def test_is_dorfmans_for_perfect_tests(self):
        """Dorfman 1943 (Ann Math Stat 14:436): at 1 % the best group has 11 people and takes 20 tests of 100."""
        designs = [design(size, people=110_000, prevalence=0.01) for size in range(2, 21)]
        best = min(designs, key=lambda one: one.tests / 110_000)
        assert best.size == 11
        assert best.tests / 110_000 == pytest.approx(0.20, abs=0.005)

    def test_counts_the_last_tube_with_those_who_are_left(self):
        one = design(10, people=23, prevalence=0.2)
        assert one.tubes == 3
        assert one.positive_tubes == pytest.approx(2 * (1 - 0.8**10) + 1 - 0.8**3)
        assert one.recalled == pytest.approx(20 * (1 - 0.8**10) + 3 * (1 - 0.8**3))

    @pytest.mark.parametrize(("people", "size", "prevalence"), [(205, 10, 0.02), (37, 5, 0.3), (1000, 20, 0.001)])
    def test_has_the_interval_of_the_whole_law(self, people, size, prevalence):
        one = design(size, people=people, prevalence=prevalence)
        full, rest = divmod(people, size)
        law = stats.binom.pmf(np.arange(full + 1), full, 1 - (1 - prevalence) ** size)
        if rest:
            last = 1 - (1 - prevalence) ** rest
            law = np.convolve(law, [1 - last, last])
        sums = np.cumsum(law)
        assert one.positive_tubes_low == np.flatnonzero(sums >= 0.025)[0]
        assert one.positive_tubes_high == np.flatnonzero(sums >= 0.975)[0]

    def test_misses_whom_the_test_misses(self):
        test = PooledTest(0.8, 1.0)
        single, pooled = (design(size, people=1000, prevalence=0.05, test=test) for size in (1, 10))
        assert single.missed == pytest.approx(10)
        assert single.missed_by_dilution == pytest.approx(0)
        assert single.recalled == 0
        assert pooled.missed - pooled.missed_by_dilution == pytest.approx(10)

    def test_takes_the_hours_of_its_laboratory(self):
        one = design(10, people=10_000, prevalence=0.01, pace=Pace(100, 6, 4))
        assert one.first_hours == pytest.approx(1000 / 100 + 6)
        assert one.final_hours == pytest.approx(16 + 4 + one.recalled / 100 + 6)
        assert math.isnan(design(10, people=10, prevalence=0.01).first_hours)
        clean = design(10, people=10_000, prevalence=0.0, pace=Pace(100, 6, 4))
        assert clean.final_hours == clean.first_hours

    def test_for_nobody_or_without_end_is_refused(self):
        with pytest.raises(NobodyToTest):
            design(10, people=0, prevalence=0.1)
        with pytest.raises(LaboratoryTooSlow):
            Pace(0, 6, 6)


class TestRecommended:
    def test_takes_the_fewest_tests_at_each_prevalence(self):
        chosen = [
            recommended([design(size, people=10_000, prevalence=p) for size in (1, 5, 10, 20)]).size
            for p in (1e-4, 0.008, 0.05, 0.4)
        ]
        assert chosen == [20, 10, 5, 1]

    def test_leaves_out_what_loses_too_much(self):
        test = PooledTest(0.77)
        designs = [design(size, people=10_000, prevalence=1e-4, test=test) for size in (1, 5, 10, 20)]
        assert recommended(designs, test=test, most_lost=0.1).size == 10
        assert recommended(designs, test=test, most_lost=0.5).size == 20
        assert recommended(designs[1:], test=test, most_lost=0.0).size == 5

    def test_of_nothing_is_refused(self):
        with pytest.raises(NoSuchPoolSize):
            recommended([])
