"""The cohort reproduction number: EpiEstim's means, its plain twin, and conservation of cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.transmission.incidence import Incidence, Windows, WrongWindow
from sizao.engines.transmission.serial_interval import NotASerialInterval
from sizao.engines.transmission.wallinga_teunis import cohort_reproduction
from tests.engines.transmission import series
from tests.reference import reproduction as plain

FLU = np.array([0, 0.233, 0.359, 0.198, 0.103, 0.053, 0.027, 0.014, 0.007, 0.003, 0.002, 0.001])
QUIET = np.r_[3, np.zeros(20), 4, 1, 0, 2, 6, np.zeros(12)]


def cohorts(counts, width=7, n_simulations=100, seed=1):
    return cohort_reproduction(
        Incidence.of(counts),
        FLU,
        rng=np.random.default_rng(seed),
        windows=Windows.sliding(np.shape(counts)[-1], width),
        n_simulations=n_simulations,
    )


class TestBesideEpiEstim:
    @pytest.mark.parametrize(
        ("case", "counts", "width"),
        [("baltimore", series.baltimore, 7), ("baltimore-daily", series.baltimore, 1), ("quiet", lambda: QUIET, 7)],
    )
    def test_gives_its_means(self, case, counts, width):
        theirs = series.reference("cohort_reproduction.csv")[case]
        ours = cohorts(counts(), width, n_simulations=3)
        # R leaves windows without cases out; here they are gaps.
        at = [(ours.windows.last + 1).tolist().index(end) for end in theirs["t_end"]]
        assert series.difference(ours.mean[0, at], theirs["mean"]) < 1e-10
        left_out = np.setdiff1d(np.arange(len(ours.windows.last)), at)
        assert np.isnan(ours.mean[0, left_out]).all()

    def test_gives_its_simulated_spread(self):
        theirs = series.reference("cohort_reproduction.csv")["baltimore"]
        ours = cohorts(series.baltimore(), n_simulations=2000)
        busy = ours.cases[0] > 30
        assert ours.sd[0, busy] == pytest.approx(theirs["std"][busy], rel=0.12)
        assert ours.quantile(0.025)[0, busy] == pytest.approx(theirs["q025"][busy], abs=0.05)
        assert ours.quantile(0.975)[0, busy] == pytest.approx(theirs["q975"][busy], abs=0.05)


class TestBesideThePlainTwin:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.integers(0, 6), min_size=4, max_size=18))
    def test_agrees_on_any_series(self, counts):
        ours = cohorts(np.array(counts, float), width=1, n_simulations=2).mean[0]
        for day, expected in enumerate(plain.cohort_means(counts, FLU)[1:]):
            assert (np.isnan(ours[day]) and expected is None) or ours[day] == pytest.approx(expected, rel=1e-12)


class TestLaws:
    def test_every_case_with_a_source_falls_to_exactly_one(self):
        counts = series.baltimore()[:25]
        whole = Windows(np.array([1]), np.array([len(counts) - 1]))
        estimate = cohort_reproduction(Incidence.of(counts), FLU, rng=np.random.default_rng(1), windows=whole)
        first = plain.cohort_means(counts, FLU)[0] * counts[0]
        assert estimate.mean[0, 0] * estimate.cases[0, 0] + first == pytest.approx(counts[1:].sum())

    def test_the_same_seed_gives_the_same_draws(self):
        assert (cohorts(series.baltimore()).quantiles == cohorts(series.baltimore()).quantiles).all()
        assert (cohorts(series.baltimore()).quantiles != cohorts(series.baltimore(), seed=2).quantiles).any()

    def test_a_window_without_cases_is_a_gap(self):
        estimate = cohorts(QUIET)
        assert np.isnan(estimate.mean[0, estimate.cases[0] == 0]).all()
        assert np.isnan(estimate.quantiles[0, estimate.cases[0] == 0]).all()
        assert np.isfinite(estimate.mean[0, estimate.cases[0] > 0]).all()

    def test_multiplying_the_counts_leaves_the_means(self):
        assert cohorts(9 * series.baltimore()).mean == pytest.approx(cohorts(series.baltimore()).mean, nan_ok=True)

    def test_refuses_what_the_other_method_refuses(self):
        with pytest.raises(NotASerialInterval):
            cohort_reproduction(Incidence.of(QUIET), FLU * 2, rng=np.random.default_rng(1))
        window = Windows(np.array([0]), np.array([3]))
        with pytest.raises(WrongWindow):
            cohort_reproduction(Incidence.of(QUIET), FLU, rng=np.random.default_rng(1), windows=window)
