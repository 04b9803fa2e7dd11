"""Forecasts and their scores: against plain sums, against outbreaks that go on as said, and against naive ones."""

import numpy as np
import pytest
from scipy import stats

from sizao.engines.transmission.forecasting import ForecastRules, TooFewDays, WrongCounts, evaluate, forecast, naive
from sizao.engines.transmission.scores import coverage, crps, interval_score

SERIAL = np.diff(stats.gamma(4, scale=1.25).cdf(np.arange(0, 16)))


def outbreak(rng, reproduction, *, first=20, dispersion=None):
    counts = [first] * 5
    for r in reproduction:
        mean = r * sum(counts[-lag] * chance for lag, chance in enumerate(SERIAL, start=1) if lag <= len(counts))
        counts.append(rng.poisson(mean * (rng.gamma(dispersion, 1 / dispersion) if dispersion else 1)))
    return np.array(counts, float)


class TestScores:
    def test_crps_is_the_sum_over_all_pairs(self):
        rng = np.random.default_rng(1)
        samples, observed = rng.poisson(7, (40, 3)).astype(float), np.array([3.0, 7.0, 15.0])
        for day in range(3):
            x = samples[:, day]
            plain = sum(abs(one - observed[day]) for one in x) / 40
            plain -= sum(abs(one - other) for one in x for other in x) / (2 * 40**2)
            assert crps(samples, observed)[day] == pytest.approx(plain, rel=1e-12)

    def test_crps_of_a_normal_is_that_of_gneiting_and_raftery(self):
        quantiles = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
        for observed in (0.0, 1.3):
            exact = observed * (2 * stats.norm.cdf(observed) - 1) + 2 * stats.norm.pdf(observed) - 1 / np.sqrt(np.pi)
            assert crps(quantiles, np.array(observed)) == pytest.approx(exact, abs=1e-4)

    def test_one_draw_scores_its_error_and_a_gap_is_a_gap(self):
        assert crps(np.array([[3.0, 4.0]]), np.array([5.0, np.nan])).tolist()[0] == 2
        assert np.isnan(crps(np.array([[3.0]]), np.array([np.nan]))[0])

    def test_coverage_counts_ends_and_leaves_gaps_out(self):
        lower, upper = np.array([1.0, 1, 1, np.nan]), np.array([3.0, 3, 3, 3])
        assert coverage(lower, upper, np.array([1, 4, np.nan, 2])) == 0.5
        assert np.isnan(coverage(lower, upper, np.full(4, np.nan)))

    def test_an_interval_pays_for_its_width_and_for_missing(self):
        assert interval_score(np.array([1.0]), np.array([4.0]), np.array([2.0]), 0.9)[0] == 3
        assert interval_score(np.array([1.0]), np.array([4.0]), np.array([6.0]), 0.9)[0] == pytest.approx(3 + 20 * 2)


class TestForecast:
    def test_the_mean_is_the_renewal_equation(self):
        """With R known and no drift the mean of the draws is R times the pressure, day after day."""
        counts = outbreak(np.random.default_rng(2), np.full(20, 1.2))
        rules = ForecastRules(draws=20_000, drift_sd=0.0, prior_mean=1.2, prior_sd=1e-4, dispersion=1e6, days=5)
        told = forecast(counts[None], serial=SERIAL, rng=np.random.default_rng(3), rules=rules)
        expected = list(counts)
        for _ in range(5):
            expected.append(1.2 * sum(expected[-lag] * chance for lag, chance in enumerate(SERIAL, start=1)))
        assert told.mean == pytest.approx(expected[-5:], rel=0.01)

    def test_r_is_that_of_cori(self):
        counts = outbreak(np.random.default_rng(2), np.full(20, 1.2))
        told = forecast(counts, serial=SERIAL, rng=np.random.default_rng(3), rules=ForecastRules(draws=40_000))
        pressure = np.array(
            [sum(counts[t - lag] * SERIAL[lag - 1] for lag in range(1, min(t, 15) + 1)) for t in range(25)]
        )
        shape, rate = 1 + counts[-7:].sum(), 1 / 1.5 + pressure[-7:].sum()
        assert told.reproduction.mean() == pytest.approx(shape / rate, rel=0.01)
        assert told.reproduction.std() == pytest.approx(np.sqrt(shape) / rate, rel=0.05)

    def test_a_nowcast_that_is_unsure_makes_the_forecast_unsure(self):
        counts = outbreak(np.random.default_rng(2), np.full(20, 1.0), first=100)
        rng = np.random.default_rng(4)
        curves = np.repeat(counts[None], 500, axis=0)
        curves[:, -3:] = rng.negative_binomial(3, 3 / (3 + counts[-3:]), (500, 3))
        sure, unsure = (forecast(one, serial=SERIAL, rng=rng) for one in (counts, curves))
        assert np.all((unsure.upper - unsure.lower)[:7] > 1.1 * (sure.upper - sure.lower)[:7])

    def test_the_same_seed_gives_the_same_draws(self):
        counts = outbreak(np.random.default_rng(2), np.full(20, 1.0))
        one, other = (forecast(counts, serial=SERIAL, rng=np.random.default_rng(5)).draws for _ in range(2))
        assert np.array_equal(one, other)

    def test_an_outbreak_that_ended_stays_ended(self):
        counts = np.r_[np.full(10, 5.0), np.zeros(30)]
        told = forecast(counts, serial=SERIAL, rng=np.random.default_rng(5))
        assert told.upper.tolist() == [0] * 14

    def test_intervals_hold_what_comes_as_often_as_they_say(self):
        """R wanders as the forecast thinks it does; 200 outbreaks, each scored one and two weeks ahead."""
        rng, held = np.random.default_rng(6), []
        rules = ForecastRules(draws=400)
        for _ in range(200):
            r = np.exp(np.log(rng.uniform(0.8, 1.3)) + np.cumsum(rng.normal(0, 0.04, 40)))
            counts = outbreak(rng, r, first=40)
            told = forecast(counts[:-14], serial=SERIAL, rng=rng, rules=rules)
            held.append([told.lower[day] <= counts[-14 + day] <= told.upper[day] for day in (6, 13)])
        low = stats.binom.ppf(0.0005, 200, 0.93)  # R moved within its window too, which the posterior does not know
        for count in np.sum(held, axis=0):
            assert count >= low

    def test_days_that_scatter_more_make_wider_intervals(self):
        rng = np.random.default_rng(7)
        calm, wild = (
            outbreak(rng, np.full(40, 1.0), first=200),
            outbreak(rng, np.full(40, 1.0), first=200, dispersion=5),
        )
        widths = []
        for counts in (calm, wild):
            told = forecast(counts, serial=SERIAL, rng=np.random.default_rng(1))
            widths.append(((told.upper - told.lower) / told.median)[0])
        assert widths[1] > 1.5 * widths[0]


class TestEvaluation:
    def test_beats_the_naive_forecast_when_an_outbreak_grows(self):
        rng = np.random.default_rng(8)
        counts = outbreak(rng, np.full(50, 1.35), first=10)
        told = evaluate(counts, serial=SERIAL, rng=rng, rules=ForecastRules(draws=300), start=20)
        assert told.skill > 0.2
        assert told.coverage > 0.8
        assert told.origins.tolist() == [20, 27, 34, 41, 48]
        assert told.crps.shape == (5, 14)

    def test_days_to_come_are_gaps(self):
        counts = outbreak(np.random.default_rng(8), np.full(30, 1.0))
        rng = np.random.default_rng(1)
        told = evaluate(counts, serial=SERIAL, rng=rng, rules=ForecastRules(draws=50), start=30, every=2)
        assert told.origins.tolist() == [30, 32]
        assert np.isnan(told.crps).sum(axis=1).tolist() == [14 - 4, 14 - 2]
        assert np.array_equal(np.isnan(told.crps), np.isnan(told.naive_covered))

    def test_sees_nothing_of_the_future(self):
        counts = outbreak(np.random.default_rng(8), np.full(40, 1.0))
        changed = counts.copy()
        changed[31:] *= 50
        one, other = (
            evaluate(
                c[:36], serial=SERIAL, rng=np.random.default_rng(1), rules=ForecastRules(draws=50), start=30, every=9
            )
            for c in (counts, changed)
        )
        assert one.crps[0, 4] != other.crps[0, 4]
        ahead = [
            forecast(c[:31], serial=SERIAL, rng=np.random.default_rng(1), rules=ForecastRules(draws=50)).draws
            for c in (counts, changed)
        ]
        assert np.array_equal(*ahead)

    def test_the_naive_forecast_stays_where_the_last_week_was(self):
        counts = np.r_[np.full(30, 10.0), np.full(10, 20.0)]
        told = naive(counts, rng=np.random.default_rng(1), rules=ForecastRules(draws=4000))
        assert told.mean == pytest.approx(np.full(14, 20.0), rel=0.05)
        assert np.isnan(told.reproduction).all()


@pytest.mark.parametrize(
    ("counts", "refusal"),
    [(np.ones(7), TooFewDays), (np.r_[np.ones(9), np.nan], WrongCounts), (np.r_[np.ones(9), -1], WrongCounts)],
)
def test_refuses_what_cannot_be_carried_on(counts, refusal):
    with pytest.raises(refusal):
        forecast(counts, serial=SERIAL, rng=np.random.default_rng(1))
    with pytest.raises(refusal):
        naive(counts, rng=np.random.default_rng(1))
