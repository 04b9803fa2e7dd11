"""Forecasts: against plain sums, against outbreaks whose course is known, and against naive ones."""

import numpy as np
import pytest
from scipy import stats

from sizao.engines.transmission.forecasting import ForecastRules, TooFewDays, WrongCounts, evaluate, forecast, naive
from sizao.engines.transmission.serial_interval import as_serial, discretised_gamma
from tests.engines.transmission.series import covid

SERIAL = np.diff(stats.gamma(4, scale=1.25).cdf(np.arange(0, 16)))


def outbreaks(rng, reproduction, *, first=20, dispersion=np.inf):
    """Counts of many outbreaks at once, shape (outbreaks, 15 + days), for R of shape (outbreaks, days)."""
    reproduction = np.atleast_2d(reproduction)
    n, days = reproduction.shape
    counts = np.zeros((n, len(SERIAL) + days))
    counts[:, : len(SERIAL)] = rng.poisson(first, (n, len(SERIAL)))
    for day, r in enumerate(reproduction.T):
        mean = r * (counts[:, day : day + len(SERIAL)] @ SERIAL[::-1])
        scatter = 1.0 if np.isinf(dispersion) else rng.gamma(dispersion, 1 / dispersion, n)
        counts[:, len(SERIAL) + day] = rng.poisson(mean * scatter)
    return counts


def outbreak(rng, reproduction, **how):
    return outbreaks(rng, reproduction, **how)[0]


class TestForecast:
    def test_the_mean_is_the_renewal_equation(self):
        """With R known and held, the mean of the draws is R times the pressure, day after day."""
        counts = outbreak(np.random.default_rng(2), np.full(20, 1.2))
        rules = ForecastRules(
            draws=20_000,
            drift_sd=0.0,
            persistence=1.0,
            prior_mean=1.2,
            prior_sd=1e-4,
            dispersion=1e6,
            weekdays=False,
            days=5,
        )
        told = forecast(counts[None], serial=SERIAL, rng=np.random.default_rng(3), rules=rules)
        expected = list(counts)
        for _ in range(5):
            expected.append(1.2 * sum(expected[-lag] * chance for lag, chance in enumerate(SERIAL, start=1)))
        assert told.mean == pytest.approx(expected[-5:], rel=0.01)

    def test_r_goes_back_to_one(self):
        """Of log R nine tenths stay every day: read from the medians, which the renewal equation turns into R again."""
        counts = outbreak(np.random.default_rng(2), np.full(20, 1.3), first=3000)
        rules = ForecastRules(draws=4000, drift_sd=0.03, dispersion=1e5, weekdays=False)
        told = forecast(counts, serial=SERIAL, rng=np.random.default_rng(3), rules=rules)
        course = list(counts)
        for count in told.median:
            pressure = sum(course[-lag] * chance for lag, chance in enumerate(SERIAL, start=1))
            course.append(count)
            log_r = np.log(count / pressure)
            ahead = len(course) - len(counts)
            assert log_r == pytest.approx(0.9**ahead * np.log(np.median(told.reproduction)), abs=0.02)

    def test_an_r_that_holds_still_is_that_of_cori(self):
        """Where R neither moves nor goes back, its posterior is Cori's gamma over the days that were learnt from."""
        counts = outbreak(np.random.default_rng(2), np.full(20, 1.2))
        rules = ForecastRules(
            draws=40_000, drift_sd=0.0, persistence=1.0, prior_sd=20.0, dispersion=1e7, weekdays=False
        )
        told = forecast(counts, serial=SERIAL, rng=np.random.default_rng(3), rules=rules)
        pressure = np.array(
            [sum(counts[t - lag] * SERIAL[lag - 1] for lag in range(1, min(t, 15) + 1)) for t in range(35)]
        )
        since = 1 + int(np.searchsorted(np.cumsum(SERIAL), 0.8 * SERIAL.sum()))
        caused, possible = counts[since:].sum(), pressure[since:].sum()
        assert told.reproduction.mean() == pytest.approx(caused / possible, rel=0.01)
        assert told.reproduction.std() == pytest.approx(np.sqrt(caused) / possible, rel=0.05)

    @pytest.mark.parametrize("r", [0.8, 1.0, 1.3])
    def test_recovers_a_constant_r(self, r):
        """
        The R of 100 outbreaks lies within its 95 % interval as often as that says, less 5 %: it is drawn to one.

        For the same reason its mean may fall short of what lies beyond one: by 8 % at most here.
        """
        rng = np.random.default_rng(21)
        rules = ForecastRules(draws=400, days=1)
        told = np.array(
            [
                forecast(counts, serial=SERIAL, rng=rng, rules=rules).reproduction
                for counts in outbreaks(rng, np.full((100, 25), r), first=200, dispersion=30.0)
            ]
        )
        assert told.mean() == pytest.approx(r, rel=0.08)
        lower, upper = np.quantile(told, (0.025, 0.975), axis=1)
        assert np.sum((lower <= r) & (r <= upper)) >= stats.binom.ppf(0.001, 100, 0.9)

    def test_intervals_widen_with_every_day(self):
        rng = np.random.default_rng(22)
        widths = [
            told.upper - told.lower
            for counts in outbreaks(rng, np.ones((30, 40)), first=100, dispersion=20.0)
            for told in [forecast(counts, serial=SERIAL, rng=rng)]
        ]
        mean = np.mean(widths, axis=0)
        assert mean[13] > mean[7] > mean[3] > mean[0]
        assert mean[13] > 1.3 * mean[0]

    def test_an_r_that_moved_more_makes_wider_intervals(self):
        """How much R moves is learnt: these outbreaks differ in nothing but the steps of R so far."""
        rng, widths = np.random.default_rng(23), []
        for step in (0.0, 0.15):
            log_r = np.zeros((20, 50))
            for day in range(1, 50):
                log_r[:, day] = 0.9 * log_r[:, day - 1] + rng.normal(0, step, 20)
            told = [forecast(counts, serial=SERIAL, rng=rng) for counts in outbreaks(rng, np.exp(log_r), first=300)]
            widths.append(np.mean([((one.upper - one.lower) / one.median)[10] for one in told]))
        assert widths[1] > 1.5 * widths[0]

    def test_a_nowcast_that_is_unsure_makes_the_forecast_unsure(self):
        counts = outbreak(np.random.default_rng(2), np.full(20, 1.0), first=100)
        rng = np.random.default_rng(4)
        curves = np.repeat(counts[None], 500, axis=0)
        curves[:, -3:] = rng.negative_binomial(3, 3 / (3 + counts[-3:]), (500, 3))
        rules = ForecastRules(drift_sd=0.04, dispersion=100.0)
        sure, unsure = (forecast(one, serial=SERIAL, rng=rng, rules=rules) for one in (counts, curves))
        assert np.all((unsure.upper - unsure.lower)[:7] > 1.1 * (sure.upper - sure.lower)[:7])

    def test_the_same_seed_gives_the_same_draws(self):
        counts = outbreak(np.random.default_rng(2), np.full(20, 1.0))
        one, other = (forecast(counts, serial=SERIAL, rng=np.random.default_rng(5)).draws for _ in range(2))
        assert np.array_equal(one, other)

    @pytest.mark.parametrize("counts", [np.r_[np.full(10, 5.0), np.zeros(30)], np.zeros(20)])
    def test_without_cases_there_will_be_none(self, counts):
        told = forecast(counts, serial=SERIAL, rng=np.random.default_rng(5))
        assert told.upper.tolist() == [0] * 14

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

    def test_a_weekday_that_reports_little_is_foretold(self):
        factor = np.array([1.2, 1.1, 1.1, 1.1, 1.1, 0.9, 0.5])
        counts = outbreak(np.random.default_rng(2), np.full(41, 1.0), first=300) * factor[np.arange(56) % 7]
        told = forecast(counts, serial=SERIAL, rng=np.random.default_rng(1))
        assert told.mean[[6, 13]] == pytest.approx(0.5 * told.mean.mean() * np.ones(2), rel=0.25)
        plain = forecast(counts, serial=SERIAL, rng=np.random.default_rng(1), rules=ForecastRules(weekdays=False))
        assert (told.upper - told.lower)[0] < 0.7 * (plain.upper - plain.lower)[0]

    def test_intervals_hold_what_comes_as_often_as_they_say(self):
        """
        R wanders and goes back as the forecast thinks, by steps and scatter it is not told; 500 outbreaks.

        What an interval says is the share of draws inside, ends included. How many hold what came is a sum of dice
        with these chances: within 3.5 of its standard deviations (0.05 % a day), and 1 % of the outbreaks more,
        because a few steps and scatters stand for all that lie between them.
        """
        rng, n = np.random.default_rng(6), 500
        step, log_r = rng.choice([0.02, 0.05, 0.1], n), np.zeros((n, 50))
        log_r[:, 0] = rng.normal(0, 0.2, n)
        for day in range(1, 50):
            log_r[:, day] = 0.9 * log_r[:, day - 1] + step * rng.normal(size=n)
        counts = outbreaks(rng, np.exp(log_r), first=60, dispersion=30.0)
        held, said = [], []
        for one in counts:
            told = forecast(one[:-14], serial=SERIAL, rng=rng, rules=ForecastRules(draws=500))
            held.append((told.lower <= one[-14:]) & (one[-14:] <= told.upper))
            said.append(((told.lower <= told.draws) & (told.draws <= told.upper)).mean(axis=0))
        chances = np.array(said)
        off = np.sum(held, axis=0) - chances.sum(axis=0)
        assert np.all(np.abs(off) <= 3.5 * np.sqrt((chances * (1 - chances)).sum(axis=0)) + 0.01 * n)


class TestEvaluation:
    def test_beats_the_naive_forecast_when_an_outbreak_grows(self):
        rng = np.random.default_rng(8)
        counts = outbreak(rng, np.full(50, 1.35), first=10)
        told = evaluate(counts, serial=SERIAL, rng=rng, rules=ForecastRules(draws=300), start=35)
        assert told.skill > 0.2
        assert told.coverage > 0.8
        assert told.origins.tolist() == [35, 42, 49, 56, 63]
        assert told.crps.shape == (5, 14)

    def test_beats_the_naive_forecast_where_measures_turn_outbreaks(self):
        """R falls from 1.3–2.2 to 0.5–0.9 within days; forecasts from before, within and after."""
        rng = np.random.default_rng(31)
        days = np.arange(50)
        turn, within = rng.integers(15, 30, (16, 1)), rng.integers(1, 10, (16, 1))
        done = np.clip((days - turn) / within, 0, 1)
        log_r = np.log(rng.uniform(1.3, 2.2, (16, 1))) * (1 - done) + np.log(rng.uniform(0.5, 0.9, (16, 1))) * done
        counts = outbreaks(rng, np.exp(log_r), first=5, dispersion=10.0)
        told = [evaluate(one, serial=SERIAL, rng=rng, rules=ForecastRules(draws=400), start=20) for one in counts]
        ours, theirs = (np.nanmean([getattr(one, name) for one in told]) for name in ("crps", "naive_crps"))
        assert ours < 0.95 * theirs
        assert 0.88 <= np.mean([one.coverage for one in told]) <= 0.99

    def test_beats_the_naive_forecast_on_the_covid_example(self):
        """A real outbreak with a peak and weekdays, which no choice in the model was made by."""
        serial = as_serial(discretised_gamma(2.6, 1.8, 20))
        told = evaluate(covid(), serial=serial, rng=np.random.default_rng(1), start=30)
        assert len(told.origins) == 15
        assert told.skill > 0.05
        assert 0.9 <= told.coverage <= 1.0

    def test_days_to_come_are_gaps(self):
        counts = outbreak(np.random.default_rng(8), np.full(20, 1.0))
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
