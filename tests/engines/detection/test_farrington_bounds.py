"""Quantiles and tails of counts for any mean, and the bounds made of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sizao.engines.detection.counts_quantile import chance_of_at_least, quantile

CHANCES = st.sampled_from([0.5, 0.9, 0.95, 0.995, 0.999])


def one(mean, dispersion):
    return np.array([float(mean)]), np.array([float(dispersion)])


def distribution(mean, dispersion):
    return stats.nbinom(mean / (dispersion - 1), 1 / dispersion) if dispersion > 1 else stats.poisson(mean)


class TestQuantile:
    @given(chance=CHANCES, mean=st.floats(1e-6, 1e5), dispersion=st.sampled_from([0.4, 1.0, 1.01, 2.5, 40.0, 3000.0]))
    def test_is_the_least_count_that_reaches_the_chance(self, chance, mean, dispersion):
        found = quantile(chance, *one(mean, dispersion))[0]
        counts = distribution(mean, dispersion)
        assert counts.cdf(found) >= chance * (1 - 1e-14)
        assert found == 0 or counts.cdf(found - 1) < chance

    # What R's qnbinom(0.95, mean / (dispersion - 1), 1 / dispersion) and qpois(0.95, mean) give.
    @pytest.mark.parametrize(
        ("mean", "dispersion", "in_r"),
        [
            (1e6, 1e6, 2995732),
            (1e9, 1e6, 1052577118),
            (1e9, 1e10, 5804351053),
            (1e9, 1e20, 0),
            (1e12, 1.0, 1000001644854),
            (1e15, 2.5, 1e15 * (1 + 8.224268e-08)),
            (1e64, 2.5, 1e64),
            (1e300, 100, 1e300),
        ],
    )
    def test_of_huge_means_is_that_of_r_and_ends(self, mean, dispersion, in_r):
        assert quantile(0.95, *one(mean, dispersion))[0] == pytest.approx(in_r, rel=1e-9)

    def test_of_an_infinite_or_unknown_mean_is_unknown(self):
        assert np.isnan(quantile(0.95, np.array([np.inf, np.nan, 3]), np.array([2, 2, np.nan]))).all()

    def test_keeps_the_shape(self):
        assert quantile(0.9, np.ones((2, 3)), np.ones((2, 3))).shape == (2, 3)
        assert quantile(0.9, np.ones((0, 3)), np.ones((0, 3))).shape == (0, 3)


class TestChance:
    @given(
        count=st.integers(0, 400), mean=st.floats(1e-6, 300), dispersion=st.sampled_from([0.4, 1.0, 1.01, 2.5, 40.0])
    )
    def test_is_the_upper_tail_with_the_count_itself(self, count, mean, dispersion):
        found = chance_of_at_least(np.array([float(count)]), *one(mean, dispersion))[0]
        assert found == pytest.approx(distribution(mean, dispersion).sf(count - 1), rel=1e-6, abs=1e-300)

    def test_is_certain_far_below_a_huge_mean_and_unknown_for_a_gap(self):
        counts, means = np.array([7.0, 7.0, np.nan, 0.0]), np.array([1e64, np.nan, 3.0, 1e64])
        np.testing.assert_array_equal(chance_of_at_least(counts, means, np.full(4, 2.0)), [1, np.nan, np.nan, 1])
