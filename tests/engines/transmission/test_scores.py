"""Scores of forecasts: against plain sums, in closed form, and where nothing was observed."""

import numpy as np
import pytest
from scipy import stats

from sizao.engines.transmission.scores import coverage, crps


def test_crps_is_the_sum_over_all_pairs():
    rng = np.random.default_rng(1)
    samples, observed = rng.poisson(7, (40, 3)).astype(float), np.array([3.0, 7.0, 15.0])
    for day in range(3):
        x = samples[:, day]
        plain = sum(abs(one - observed[day]) for one in x) / 40
        plain -= sum(abs(one - other) for one in x for other in x) / (2 * 40**2)
        assert crps(samples, observed)[day] == pytest.approx(plain, rel=1e-12)


def test_crps_of_a_normal_is_that_of_gneiting_and_raftery():
    quantiles = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    for observed in (0.0, 1.3):
        exact = observed * (2 * stats.norm.cdf(observed) - 1) + 2 * stats.norm.pdf(observed) - 1 / np.sqrt(np.pi)
        assert crps(quantiles, np.array(observed)) == pytest.approx(exact, abs=1e-4)


def test_one_draw_scores_its_error_and_a_gap_is_a_gap():
    assert crps(np.array([[3.0, 4.0]]), np.array([5.0, np.nan])).tolist()[0] == 2
    assert np.isnan(crps(np.array([[3.0]]), np.array([np.nan]))[0])


def test_coverage_counts_ends_and_leaves_gaps_out():
    lower, upper = np.array([1.0, 1, 1, np.nan]), np.array([3.0, 3, 3, 3])
    assert coverage(lower, upper, np.array([1, 4, np.nan, 2])) == 0.5
    assert np.isnan(coverage(lower, upper, np.full(4, np.nan)))
