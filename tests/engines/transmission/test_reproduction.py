"""The instantaneous reproduction number: EpiEstim's numbers, its plain twin, its laws, and a known truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from sizao.engines.transmission.gamma_quantiles import gamma_quantiles
from sizao.engines.transmission.incidence import Incidence, SeriesTooShort, Windows, WrongIncidence, WrongWindow
from sizao.engines.transmission.reproduction import (
    QUANTILES,
    Prior,
    WrongPrior,
    estimate_reproduction,
    estimate_reproduction_gamma,
    estimate_reproduction_uncertain,
)
from sizao.engines.transmission.serial_interval import (
    NotASerialInterval,
    UncertainSerialInterval,
    as_serial,
    discretised_gamma,
)
from tests.engines.transmission import series
from tests.reference import reproduction as plain

FLU = np.array([0, 0.233, 0.359, 0.198, 0.103, 0.053, 0.027, 0.014, 0.007, 0.003, 0.002, 0.001])
LATE = np.r_[np.zeros(10), np.full(10, 0.1)]
QUIET = np.r_[3, np.zeros(20), 4, 1, 0, 2, 6, np.zeros(12)]
COLUMNS = ("q025", "q05", "q25", "median", "q75", "q95", "q975")


def partly_imported(counts):
    return Incidence(local=counts - counts // 5, imported=counts // 5)


def windows(first, last):
    return Windows(np.array(first), np.array(last))


# case of reference/epiestim/reproduction.csv: what to estimate it from
CASES = {
    "baltimore-gamma": lambda: estimate_reproduction_gamma(Incidence.of(series.baltimore()), 2.6, 1.5),
    "baltimore-distribution": lambda: estimate_reproduction(Incidence.of(series.baltimore()), FLU),
    "baltimore-daily": lambda: estimate_reproduction(
        Incidence.of(series.baltimore()), FLU, windows=Windows.sliding(92, 1)
    ),
    "baltimore-odd-windows": lambda: estimate_reproduction(
        Incidence.of(series.baltimore()), FLU, windows=windows([1, 4, 4, 39, 1, 79], [2, 4, 11, 91, 91, 79])
    ),
    "baltimore-narrow-prior": lambda: estimate_reproduction_gamma(
        Incidence.of(series.baltimore()), 2.6, 1.5, prior=Prior(1.2, 0.4)
    ),
    "baltimore-wide-prior": lambda: estimate_reproduction_gamma(
        Incidence.of(series.baltimore()), 2.6, 1.5, prior=Prior(20.0, 200.0)
    ),
    "zika-gamma": lambda: estimate_reproduction_gamma(Incidence.of(series.zika()), 14.0, 6.0),
    "zika-late-distribution": lambda: estimate_reproduction(Incidence.of(series.zika()), LATE),
    "covid-gamma": lambda: estimate_reproduction_gamma(Incidence.of(series.covid()), 4.7, 2.9),
    "covid-fortnight": lambda: estimate_reproduction_gamma(
        Incidence.of(series.covid()), 6.3, 4.2, windows=Windows.sliding(130, 14)
    ),
    "covid-imported": lambda: estimate_reproduction_gamma(partly_imported(series.covid()), 4.7, 2.9),
    "baltimore-imported": lambda: estimate_reproduction(partly_imported(series.baltimore()), FLU),
    "quiet": lambda: estimate_reproduction(Incidence.of(QUIET), FLU),
    "short": lambda: estimate_reproduction_gamma(Incidence.of(series.baltimore()[:9]), 6.0, 5.0),
}


class TestBesideEpiEstim:
    @pytest.mark.parametrize("case", CASES)
    def test_gives_its_numbers(self, case):
        ours, theirs = CASES[case](), series.reference("reproduction.csv")[case]

        assert (ours.windows.first + 1).tolist() == theirs["t_start"].tolist()
        assert (ours.windows.last + 1).tolist() == theirs["t_end"].tolist()
        assert series.difference(ours.mean[0], theirs["mean"]) < 1e-12
        assert series.difference(ours.sd[0], theirs["std"]) < 1e-12
        for number, column in enumerate(COLUMNS):
            assert series.difference(ours.quantiles[0, :, number], theirs[column]) < 1e-11

    @pytest.mark.parametrize("case", ["baltimore", "zika-first-weeks"])
    def test_gives_its_distribution_for_an_uncertain_interval(self, case):
        uncertain, counts = {
            "baltimore": (UncertainSerialInterval(2.6, 1, 1, 4.2, 1.5, 0.5, 0.5, 2.5), series.baltimore()),
            "zika-first-weeks": (UncertainSerialInterval(14, 3, 8, 20, 6, 1, 4, 8), series.zika()[:30]),
        }[case]
        theirs = series.reference("reproduction_uncertain.csv")[case]

        ours = estimate_reproduction_uncertain(
            Incidence.of(counts), uncertain, rng=np.random.default_rng(7), n_intervals=4000, n_draws=100
        )

        # R drew 2,000 intervals: a quantile lies within some per cent of where infinitely many would put it.
        # The earliest window that may be known at all hangs on a handful of them.
        certain = theirs["t_end"] > uncertain.mean_min + 2
        spread = theirs["std"][certain]
        assert (np.abs(ours.mean[0] - theirs["mean"])[certain] < 0.15 * spread).all()
        assert (np.abs(ours.sd[0] - theirs["std"])[certain] < 0.2 * spread).all()
        assert (np.abs(ours.quantile(0.5)[0] - theirs["median"])[certain] < 0.15 * spread).all()
        assert (np.abs(ours.quantile(0.025)[0] - theirs["q025"])[certain] < 0.2 * spread).all()
        too_early = theirs["t_end"] < uncertain.mean_min
        assert np.isnan(ours.mean[0, too_early]).all()
        assert np.isnan(theirs["mean"][too_early]).all()


class TestBesideThePlainTwin:
    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5)), min_size=9, max_size=25),
        st.floats(0.5, 9),
        st.floats(0.5, 9),
    )
    def test_agrees_on_any_series(self, days, prior_mean, prior_sd):
        local, imported = (np.array(column, float) for column in zip(*days, strict=True))
        ours = estimate_reproduction(
            Incidence(local, imported), FLU, windows=Windows.sliding(len(days), 4), prior=Prior(prior_mean, prior_sd)
        )
        for number, (first, last) in enumerate(zip(ours.windows.first, ours.windows.last, strict=True)):
            shape, scale = plain.posterior(local, imported, FLU, (first, last), prior_mean, prior_sd)
            mean, sd = plain.gamma_moments(shape, scale)
            assert ours.mean[0, number] == pytest.approx(mean, rel=1e-12)
            assert ours.sd[0, number] == pytest.approx(sd, rel=1e-12)
            assert ours.quantile(0.95)[0, number] == pytest.approx(special.gammaincinv(shape, 0.95) * scale, rel=1e-12)

    @pytest.mark.parametrize(("mean", "sd"), [(2.6, 1.5), (4.7, 2.9), (8.4, 3.8), (1.4, 0.2), (15.3, 9.3)])
    def test_a_gamma_is_made_discrete_by_its_triangle(self, mean, sd):
        ours = discretised_gamma(mean, sd, 60)
        # Below a shape of 1 the density is infinite at the edge and quad only says so roughly.
        near = 1e-9 if ((mean - 1) / sd) ** 2 >= 1 else 1e-6
        assert ours[1:12] == pytest.approx([plain.discretised(mean, sd, k) for k in range(1, 12)], rel=near, abs=1e-12)
        assert ours[0] == 0

    def test_without_its_nought_it_is_the_chance_of_one_day_and_more(self):
        assert as_serial(FLU).tolist() == FLU[1:].tolist()

    def test_many_gammas_at_once_are_each_as_alone(self):
        together = discretised_gamma(np.array([2.6, 9.0]), np.array([1.5, 4.0]), 30)
        assert (together == np.stack([discretised_gamma(2.6, 1.5, 30), discretised_gamma(9.0, 4.0, 30)])).all()


class TestQuantiles:
    @pytest.mark.parametrize("probability", [0.001, 0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975, 0.999, 1e-6, 1 - 1e-6])
    @pytest.mark.parametrize("prior_shape", [0.01, 1.0, 30.7])
    def test_are_those_of_scipy(self, probability, prior_shape):
        counts = np.unique(np.geomspace(1, 1e7, 3000).astype(int)).astype(float) - 1
        ours = gamma_quantiles(prior_shape, counts, (probability,))[:, 0]
        assert series.difference(ours, special.gammaincinv(prior_shape + counts, probability)) < 1e-13

    def test_are_the_same_whether_few_or_many_are_asked_for(self):
        few = np.array([[0.0, 15.0, 16.0, 900.0]])
        many = np.repeat(few, 300, axis=0)
        assert (gamma_quantiles(1.0, many, (0.1, 0.9)) == gamma_quantiles(1.0, few, (0.1, 0.9))).all()

    def test_none_are_asked_for(self):
        assert gamma_quantiles(1.0, np.empty((3, 0)), (0.5,)).shape == (3, 0, 1)


class TestLaws:
    def test_more_of_everything_leaves_r_and_narrows_it(self):
        once = estimate_reproduction(Incidence.of(series.baltimore()), FLU)
        hundredfold = estimate_reproduction(Incidence.of(100 * series.baltimore()), FLU, prior=Prior(5.0, 5.0))
        kept = once.cases[0] > 50  # elsewhere the prior still speaks
        assert hundredfold.mean[0, kept] == pytest.approx(once.mean[0, kept], rel=0.05)
        assert hundredfold.sd[0, kept] == pytest.approx(once.sd[0, kept] / 10, rel=0.05)

    def test_a_series_among_others_is_as_alone(self):
        counts = np.stack([series.baltimore(), series.covid()[:92], np.zeros(92)])
        together = estimate_reproduction(Incidence.of(counts), FLU)
        for number, alone in enumerate(counts):
            one = estimate_reproduction(Incidence.of(alone), FLU)
            assert (together.of(number).mean == one.mean).all()
            assert series.difference(together.of(number).quantiles, one.quantiles) < 1e-13

    def test_imported_cases_alone_bring_r_towards_zero(self):
        only = Incidence(local=np.zeros(40), imported=np.full(40, 8.0))
        estimate = estimate_reproduction(only, FLU)
        assert (estimate.cases == 0).all()
        assert (estimate.mean[0, 5:] < 0.02).all()

    def test_silence_gives_the_prior_back(self):
        estimate = estimate_reproduction(Incidence.of(np.zeros(20)), FLU, prior=Prior(2.0, 1.0))
        assert estimate.mean == pytest.approx(2.0)
        assert estimate.sd == pytest.approx(1.0)
        assert (estimate.cases == 0).all()

    def test_a_window_no_later_than_the_mean_interval_is_a_gap(self):
        estimate = estimate_reproduction(Incidence.of(np.ones(30)), LATE)  # mean 14.5 days
        assert np.isnan(estimate.mean[0, estimate.windows.last + 1 <= 14.5]).all()
        assert not np.isnan(estimate.mean[0, estimate.windows.last + 1 > 14.5]).any()

    def test_small_sums_after_a_large_wave_stay_exact(self):
        counts = np.r_[1.0, np.full(20, 1e9), np.zeros(60)]
        estimate = estimate_reproduction(Incidence.of(counts), FLU, prior=Prior(1e6, 1e6))
        assert estimate.mean[0, -1] == pytest.approx(1e6, rel=1e-12)  # no pressure is left, and no rounding of it

    def test_the_same_seed_gives_the_same_draws(self):
        uncertain = UncertainSerialInterval(2.6, 1, 1, 4.2, 1.5, 0.5, 0.5, 2.5)
        first, again, other = (
            estimate_reproduction_uncertain(
                Incidence.of(series.baltimore()), uncertain, rng=np.random.default_rng(seed), n_intervals=20, n_draws=5
            ).quantiles
            for seed in (1, 1, 2)
        )
        assert (first == again).all()
        assert (first != other).any()

    def test_uncertainty_of_the_interval_widens_r(self):
        counts = Incidence.of(series.baltimore())
        uncertain = UncertainSerialInterval(2.6, 1, 1, 4.2, 1.5, 0.5, 0.5, 2.5)
        known = estimate_reproduction_gamma(counts, 2.6, 1.5)
        unknown = estimate_reproduction_uncertain(counts, uncertain, rng=np.random.default_rng(1))
        assert np.mean(unknown.sd > known.sd) > 0.9


class TestTruth:
    def test_a_95_percent_interval_covers_r_in_95_percent_of_outbreaks(self):
        rng, truth, outbreaks, days = np.random.default_rng(2021), 1.4, 500, 40
        weights = discretised_gamma(4.7, 2.9, days)
        counts = np.zeros((outbreaks, days))
        counts[:, 0] = 20
        for day in range(1, days):
            counts[:, day] = rng.poisson(truth * (counts[:, :day] @ weights[day:0:-1]))

        estimate = estimate_reproduction(Incidence.of(counts), weights)

        within = (estimate.quantile(0.025) < truth) & (truth < estimate.quantile(0.975))
        binomial = np.sqrt(0.95 * 0.05 / outbreaks)
        late = within[:, [15, 22, 29, 32]].mean(axis=0)
        assert np.abs(late - 0.95).max() < 3 * binomial
        assert abs(np.median(estimate.mean[:, -1]) - truth) < 0.02


class TestRefusals:
    @pytest.mark.parametrize(
        ("distribution", "reason"),
        [
            ([0, 0.5, 0.4], "sum to 0.9"),
            ([0, 0.5, 0.511], "sum to 1.011"),
            ([0.1, 0.9], "chance of 0 days is 0.1"),
            ([0, 1.2, -0.2], "zero or more"),
            ([0, np.nan, 1], "zero or more"),
            ([1.0], "two at least"),
        ],
    )
    def test_what_is_no_serial_interval(self, distribution, reason):
        with pytest.raises(NotASerialInterval, match=reason):
            estimate_reproduction(Incidence.of(np.ones(20)), np.array(distribution))

    def test_a_sum_within_a_hundredth_is_used_as_it_is(self):
        whole = estimate_reproduction(Incidence.of(np.ones(20)), FLU, prior=Prior(1.0, 1e4))
        short = estimate_reproduction(Incidence.of(np.ones(20)), 0.995 * FLU, prior=Prior(1.0, 1e4))
        assert short.mean == pytest.approx(whole.mean / 0.995)

    @pytest.mark.parametrize(("mean", "sd"), [(1.0, 1.0), (0.5, 1.0), (3.0, 0.0), (np.nan, 1.0), (3.0, np.inf)])
    def test_moments_of_no_interval(self, mean, sd):
        with pytest.raises(NotASerialInterval):
            estimate_reproduction_gamma(Incidence.of(np.ones(20)), mean, sd)

    @pytest.mark.parametrize(
        "fields",
        [
            {"mean_sd": 0.0},
            {"sd_sd": -1.0},
            {"mean_min": 0.5},
            {"mean_max": 2.0},
            {"sd_min": 2.0},
            {"sd_max": 1.0},
        ],
    )
    def test_an_uncertain_interval_that_cannot_be(self, fields):
        usual = {"mean": 2.6, "mean_sd": 1, "mean_min": 1, "mean_max": 4.2}
        usual |= {"sd": 1.5, "sd_sd": 0.5, "sd_min": 0.5, "sd_max": 2.5}
        with pytest.raises(NotASerialInterval):
            UncertainSerialInterval(**(usual | fields))

    @pytest.mark.parametrize("count", [-1.0, 2.5, np.nan, np.inf])
    def test_counts_that_are_none(self, count):
        with pytest.raises(WrongIncidence, match="day 3 of series 1"):
            Incidence.of(np.array([1.0, 1.0, count]))

    def test_windows_outside_the_series(self):
        for first, last in ((0, 6), (5, 4), (5, 20)):
            with pytest.raises(WrongWindow):
                estimate_reproduction(Incidence.of(np.ones(20)), FLU, windows=windows([first], [last]))

    @pytest.mark.parametrize("width", [0, 7])
    def test_a_series_shorter_than_a_window(self, width):
        with pytest.raises(SeriesTooShort, match="has 7 days"):
            Windows.sliding(7, width)

    @pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (1.0, -1.0), (np.nan, 1.0)])
    def test_a_prior_that_cannot_be(self, mean, sd):
        with pytest.raises(WrongPrior):
            Prior(mean, sd)

    def test_no_windows_give_no_estimates(self):
        nothing = windows(np.array([], int), np.array([], int))
        assert estimate_reproduction(Incidence.of(np.ones(20)), FLU, windows=nothing).mean.shape == (1, 0)

    def test_quantiles_come_in_the_order_asked_for(self):
        estimate = estimate_reproduction(Incidence.of(np.ones(20)), FLU, probabilities=(0.9, 0.1))
        assert (estimate.quantile(0.9) > estimate.quantile(0.1)).all()
        assert QUANTILES[3] == 0.5
