"""What clean rounds say: beside every set of people, in closed form, and what must always hold."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sizao.engines.sampling.freedom import (
    NeverSwabbedTooMany,
    NoRounds,
    chance_of_none_found,
    freedom,
    missed_by_all,
    rounds_needed,
)
from sizao.engines.sampling.pooled_test import NotAShare
from tests.reference import pools_plain as plain

SHARES = st.floats(0.01, 0.99)


class TestOneRound:
    @pytest.mark.parametrize(("people", "infected", "swabbed"), [(7, 2, 4), (8, 3, 8), (6, 1, 0)])
    def test_finds_nobody_as_often_as_all_sets_say(self, people, infected, swabbed):
        told = chance_of_none_found(infected, people=people, swabbed=swabbed, sensitivity=0.7)
        assert told == pytest.approx(plain.none_found(people, infected, swabbed, 0.7))

    @given(st.integers(1, 40), st.integers(0, 200), SHARES)
    def test_says_no_less_than_is_claimed(self, infected, swabbed, sensitivity):
        exact = chance_of_none_found(infected, people=200, swabbed=swabbed, sensitivity=sensitivity)
        claimed = missed_by_all(np.array([swabbed / 200]), np.array([sensitivity])) ** infected
        assert exact <= claimed * (1 + 1e-9)


class TestCleanRounds:
    def test_of_everybody_with_a_sure_test_leave_nobody(self):
        told = freedom(np.ones(1), np.ones(1), expected_before=50)
        assert (told.missed, told.fewer_than, told.free, told.expected) == (0, 1, 1, 0)

    def test_that_reach_nobody_say_nothing(self):
        told = freedom(np.zeros(2), np.ones(2), expected_before=3)
        assert told.fewer_than is None
        assert told.free == pytest.approx(np.exp(-3))

    def test_three_of_nine_tenths_at_seventy_percent(self):
        told = freedom(np.full(3, 0.9), np.full(3, 0.7), expected_before=20)
        assert told.missed == pytest.approx(0.37**3)
        # One infected person is missed by all with 5.07 %, so 95 % are not enough to exclude one; two are excluded.
        assert told.fewer_than == 2
        assert told.expected == pytest.approx(20 * 0.37**3)

    def test_those_never_swabbed_bound_what_rounds_can_say(self):
        many = np.full(50, 0.95)
        told = freedom(many, np.ones(50), never_swabbed=0.05)
        assert told.missed == pytest.approx(0.05)
        assert rounds_needed(0.95, 1.0, most_infected=1, confidence=0.99, never_swabbed=0.05) is None

    @given(SHARES, SHARES, st.integers(1, 50), st.floats(0.5, 0.999))
    def test_as_many_as_needed_are_enough_and_one_less_is_not(self, coverage, sensitivity, infected, confidence):
        n = rounds_needed(coverage, sensitivity, most_infected=infected, confidence=confidence)
        assume(n is not None and n < 500)
        missed = [missed_by_all(np.full(k, coverage), np.full(k, sensitivity)) ** infected for k in (n - 1, n) if k]
        assert missed[-1] <= (1 - confidence) * (1 + 1e-6)
        assert n == 1 or missed[0] > (1 - confidence) * (1 - 1e-6)

    @given(st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=5), st.floats(0, 0.009))
    def test_more_of_them_never_say_less(self, rounds, never):
        coverage, sensitivity = (np.array(column) for column in zip(*rounds, strict=True))
        chances = [missed_by_all(coverage[:k], sensitivity[:k], never_swabbed=never) for k in range(1, len(rounds) + 1)]
        assert chances == sorted(chances, reverse=True)

    def test_are_recovered_by_simulation(self):
        rng = np.random.default_rng(3)
        people, runs = 400, 4000
        never = rng.random((runs, people)) < 0.02
        left = np.ones((runs, people), bool)
        for coverage, sensitivity in ((0.9, 0.7), (0.8, 0.75)):
            swabbed = ~never & (rng.random((runs, people)) < coverage / 0.98)
            left &= ~(swabbed & (rng.random((runs, people)) < sensitivity))
        told = missed_by_all(np.array([0.9, 0.8]), np.array([0.7, 0.75]), never_swabbed=0.02)
        assert left.mean() == pytest.approx(told, abs=5 * np.sqrt(told / (runs * people)))

    def test_that_cannot_be_are_refused(self):
        with pytest.raises(NoRounds):
            freedom(np.zeros(0), np.zeros(0))
        with pytest.raises(NotAShare, match="coverage"):
            freedom(np.array([1.2]), np.array([0.5]))
        with pytest.raises(NeverSwabbedTooMany, match="round 2"):
            freedom(np.array([0.8, 0.95]), np.full(2, 0.5), never_swabbed=0.1)
