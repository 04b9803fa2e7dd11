"""Growth rates: R's glm, the scores of the likelihood, a known truth, and honest intervals."""

from math import log

import numpy as np
import pytest

from sizao.engines.transmission.estimate import Estimate
from sizao.engines.transmission.growth import (
    Growth,
    GrowthFamily,
    TooFewForGrowth,
    fit_growth,
    reproduction_from_growth,
)
from sizao.engines.transmission.incidence import WrongIncidence
from tests.engines.transmission import series
from tests.reference import reproduction as plain

QUASI, BINOMIAL = GrowthFamily.QUASI_POISSON, GrowthFamily.NEGATIVE_BINOMIAL
# The same days as in reference/epiestim/reproduction.R.
CASES = {
    "baltimore-rise": lambda: series.baltimore()[9:35],
    "baltimore-fall": lambda: series.baltimore()[44:80],
    "zika-fall": lambda: series.zika()[39:80],
    "covid-fall": lambda: series.covid()[39:100],
}
T_97_5 = {26: 2.0638985616280205, 36: 2.032244509317719, 41: 2.0226909200367595, 61: 2.0009953780882688}


def spread(growth):
    return (growth.rate.upper - growth.rate.lower) / 2 / T_97_5[growth.days]


class TestBesideR:
    @pytest.mark.parametrize("case", CASES)
    def test_quasi_poisson_is_that_of_glm(self, case):
        theirs = {name: column[0] for name, column in series.reference("growth.csv")[case].items()}
        ours = fit_growth(CASES[case]())
        assert ours.days == theirs["days"]
        assert ours.rate.value == pytest.approx(theirs["quasi_rate"], rel=1e-8)
        assert spread(ours) == pytest.approx(theirs["quasi_error"], rel=1e-6)
        assert ours.dispersion == pytest.approx(theirs["quasi_dispersion"], rel=1e-6)

    @pytest.mark.parametrize("case", CASES)
    def test_negative_binomial_is_that_of_glm_nb(self, case):
        theirs = {name: column[0] for name, column in series.reference("growth.csv")[case].items()}
        ours = fit_growth(CASES[case](), family=BINOMIAL)
        assert ours.rate.value == pytest.approx(theirs["binomial_rate"], rel=1e-6)
        assert spread(ours) == pytest.approx(theirs["binomial_error"], rel=1e-5)
        assert ours.dispersion == pytest.approx(theirs["binomial_size"], rel=1e-4)  # glm.nb stops early


class TestBesideThePlainTwin:
    @pytest.mark.parametrize("case", CASES)
    def test_both_scores_are_nought(self, case):
        counts = CASES[case]()
        for family in (QUASI, BINOMIAL):
            growth = fit_growth(counts, family=family)
            size = growth.dispersion if family is BINOMIAL else None
            day = np.arange(len(counts))
            shape = np.exp(growth.rate.value * day)
            low, high = (log(counts.sum() / shape.sum()) + step for step in (-5, 5))
            for _ in range(200):  # the intercept, by halving: the score falls as it grows
                middle = (low + high) / 2
                above = plain.growth_score(counts, middle, growth.rate.value, size)[0] < 0
                low, high = (low, middle) if above else (middle, high)
            assert abs(plain.growth_score(counts, low, growth.rate.value, size)[1]) < 1e-5 * counts.sum()


class TestLaws:
    def test_an_exact_exponential_is_found(self):
        growth = fit_growth(np.array([1.0, 2, 4, 8, 16, 32, 64]))
        assert growth.rate.value == pytest.approx(log(2))
        assert growth.doubling.value == pytest.approx(1.0)
        assert growth.halving is None

    def test_time_run_backwards_turns_doubling_into_halving(self):
        counts = series.baltimore()[9:35]
        forth, back = fit_growth(counts), fit_growth(counts[::-1])
        assert back.rate.value == pytest.approx(-forth.rate.value)
        assert back.halving.value == pytest.approx(forth.doubling.value)
        assert back.halving.lower == pytest.approx(forth.doubling.lower)
        assert back.doubling is None

    def test_no_time_is_told_where_the_interval_spans_nought(self):
        growth = fit_growth(np.array([3.0, 8, 2, 7, 4, 9, 3, 6]))
        assert growth.rate.lower < 0 < growth.rate.upper
        assert growth.doubling is None
        assert growth.halving is None

    def test_multiplying_the_counts_leaves_the_rate_and_its_quasi_interval(self):
        once, tenfold = fit_growth(series.baltimore()[9:35]), fit_growth(10 * series.baltimore()[9:35])
        assert tenfold.rate.value == pytest.approx(once.rate.value)
        assert tenfold.rate.upper == pytest.approx(once.rate.upper)

    def test_a_gap_is_no_day_without_cases(self):
        counts = np.array([1.0, 2, 4, np.nan, 16, 32, 64])
        assert fit_growth(counts).rate.value == pytest.approx(log(2))
        assert fit_growth(counts).days == 6

    def test_counts_more_even_than_poisson_gain_nothing_by_it(self):
        even = fit_growth(np.full(20, 5.0))
        assert even.dispersion == pytest.approx(0.0)
        assert even.rate.upper > 0.02
        assert fit_growth(np.full(20, 5.0), family=BINOMIAL).dispersion == np.inf

    def test_a_size_too_large_to_be_told_from_poisson_is_infinite(self):
        counts = np.where(np.arange(100) % 2, 90.0, 110.0)
        counts[[30, 31]] = 111, 89  # by a hair more scattered than Poisson
        growth = fit_growth(counts, family=BINOMIAL)
        assert growth.dispersion == np.inf
        assert growth.rate.value == pytest.approx(fit_growth(counts).rate.value, abs=1e-9)

    @pytest.mark.parametrize("rate", [-0.15, 0.0, 0.2])
    def test_r_and_the_rate_say_the_same(self, rate):
        # The equation of Euler and Lotka, by numbers.
        age = np.linspace(1e-6, 120, 400_001)
        shape, scale = (5.2 / 2.8) ** 2, 2.8**2 / 5.2
        density = age ** (shape - 1) * np.exp(-age / scale)
        density /= np.trapezoid(density, age)
        euler = 1 / np.trapezoid(density * np.exp(-rate * age), age)
        assert reproduction_from_growth(rate, 5.2, 2.8) == pytest.approx(euler, rel=1e-5)

    def test_a_fall_that_no_r_explains_is_r_of_nought(self):
        assert reproduction_from_growth(-50.0, 5.2, 2.8) == 0

    def test_r_carries_the_interval_of_the_rate(self):
        growth = Growth(Estimate(0.1, -0.05, 0.2), 1.0, 20, 100.0, QUASI)
        reproduction = growth.reproduction(5.0, 2.0)
        assert reproduction.lower < 1 < reproduction.value < reproduction.upper


class TestTruth:
    @pytest.mark.parametrize(("family", "size"), [(QUASI, np.inf), (QUASI, 6.0), (BINOMIAL, 6.0)])
    def test_a_95_percent_interval_covers_the_rate_in_95_percent_of_outbreaks(self, family, size):
        rng, truth, outbreaks = np.random.default_rng(7), 0.08, 500
        expected = np.tile(20 * np.exp(truth * np.arange(21)), (outbreaks, 1))
        if np.isfinite(size):
            expected = expected * rng.gamma(size, 1 / size, size=expected.shape)
        covered = 0
        for counts in rng.poisson(expected).astype(float):
            rate = fit_growth(counts, family=family).rate
            covered += rate.lower < truth < rate.upper
        # Quasi-Poisson knows only that the variance grows with the mean; with gamma noise it is a little short.
        short = 0.03 if family is QUASI and np.isfinite(size) else 0.0
        binomial = np.sqrt(0.95 * 0.05 / outbreaks)
        assert 0.95 - short - 3 * binomial <= covered / outbreaks <= 0.95 + 3 * binomial


class TestRefusals:
    @pytest.mark.parametrize("counts", [[1, 2, 3], [0, 0, 0, 0, 5], [0] * 10, [1, np.nan, np.nan, 2, 3]])
    def test_too_little_to_say_a_rate(self, counts):
        with pytest.raises(TooFewForGrowth, match="needs 4 days"):
            fit_growth(np.array(counts, float))

    @pytest.mark.parametrize("count", [-1.0, 0.5, np.inf])
    def test_what_is_no_count(self, count):
        with pytest.raises(WrongIncidence, match="day 3"):
            fit_growth(np.array([1.0, 2.0, count, 4.0, 5.0]))
