"""Several p-values become one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sizao.engines.detection import fusion
from sizao.terms import Combination
from tests.reference import fusion as plain

chances = st.lists(st.floats(1e-12, 1.0), min_size=1, max_size=40)


class TestFisher:
    @given(chances)
    def test_equals_the_finite_sum(self, p_values):
        assert fusion.fisher(p_values) == pytest.approx(plain.fisher(p_values), rel=1e-9)

    def test_gives_a_published_example(self):
        # Fisher, Statistical Methods for Research Workers, § 21.1: 0.145, 0.263 and 0.087 give χ² = 11.4171, 6 d.f.
        assert stats.chi2.isf(fusion.fisher([0.145, 0.263, 0.087]), 6) == pytest.approx(11.4171, abs=2e-4)

    def test_of_one_is_that_one(self):
        assert fusion.fisher([0.03]) == pytest.approx(0.03, rel=1e-12)

    def test_is_never_nought(self):
        assert 0 < fusion.fisher([0.0] * 50) < 1e-300


class TestEdgington:
    @given(chances)
    def test_equals_the_alternating_sum_in_fractions(self, p_values):
        exact = plain.sum_of_uniforms(float(np.sum(p_values)), len(p_values))
        assert fusion.edgington(p_values) == pytest.approx(exact, rel=1e-9)

    @pytest.mark.parametrize(("total", "n"), [(31.5, 100), (100.25, 300), (0.5, 60), (79.0, 80), (3.0, 7)])
    def test_keeps_its_digits_for_many(self, total, n):
        assert fusion.sum_of_uniforms(total, n) == pytest.approx(plain.sum_of_uniforms(total, n), rel=1e-12)

    def test_of_two_is_half_the_square_of_their_sum(self):
        # Edgington 1972, J. Psychol. 80:351: for a sum up to one, the sum to the k-th power over k!
        assert fusion.edgington([0.1, 0.2]) == pytest.approx(0.3**2 / 2)

    def test_lets_one_doubt_outweigh_one_certainty(self):
        p_values = [1e-9, 0.9]
        assert fusion.fisher(p_values) < 1e-7
        assert fusion.edgington(p_values) > 0.4

    @pytest.mark.parametrize(("total", "chance"), [(0.0, 0.0), (-1.0, 0.0), (5.0, 1.0), (6.0, 1.0), (2.5, 0.5)])
    def test_knows_both_ends_and_the_middle(self, total, chance):
        assert fusion.sum_of_uniforms(total, 5) == pytest.approx(chance)


class TestSmallest:
    def test_is_uniform_when_all_are(self):
        best = [fusion.smallest_of(days) for days in np.random.default_rng(3).random((4000, 7))]
        assert stats.kstest(best, "uniform").pvalue > 0.001

    def test_keeps_small_values_exact(self):
        assert fusion.smallest_of([1e-15] * 3) == pytest.approx(3e-15, rel=1e-9)

    def test_of_certainty_is_certainty(self):
        assert fusion.smallest_of([1.0, 1.0]) == 1.0


@pytest.mark.parametrize("method", list(Combination))
class TestCombining:
    def test_is_uniform_when_every_null_holds(self, method):
        # A seeded sample; a wrong distribution of this size gives p far below a thousandth.
        found = [fusion.combined(row, method) for row in np.random.default_rng(1).random((4000, 5))]
        assert stats.kstest(found, "uniform").pvalue > 0.001

    def test_leaves_gaps_aside(self, method):
        assert fusion.combined([0.02, np.nan, 0.4], method) == fusion.combined([0.02, 0.4], method)

    def test_of_gaps_alone_is_a_gap(self, method):
        assert np.isnan(fusion.combined([np.nan], method))
        assert np.isnan(fusion.smallest_of([]))

    def test_does_not_depend_on_the_order(self, method):
        assert fusion.combined([0.3, 0.01, 0.7], method) == pytest.approx(fusion.combined([0.7, 0.3, 0.01], method))

    @pytest.mark.parametrize("wrong", [-0.1, 1.5, np.inf])
    def test_refuses_what_is_no_chance(self, method, wrong):
        with pytest.raises(fusion.NotAChance, match="is no p-value"):
            fusion.combined([0.1, wrong], method)
