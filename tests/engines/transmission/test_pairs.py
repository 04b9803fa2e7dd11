"""What linked pairs say beside the literature: plain twins, the formula, truncation, and a known truth."""

import numpy as np
import pytest

from sizao.engines.transmission import pairs as engine
from sizao.engines.transmission.pairs import (
    Dominance,
    IntervalBelief,
    LinkedPairs,
    OffspringBelief,
    WrongPairs,
    learn_interval,
    learn_offspring,
)
from sizao.engines.transmission.serial_interval import NotASerialInterval, discretised_gamma
from tests.reference import reproduction as plain

BELIEF = IntervalBelief(mean=5.0, mean_sd=1.0, sd=2.5)
SPREAD = OffspringBelief(reproduction=2.0, reproduction_log_sd=0.5, dispersion=0.4, dispersion_log_sd=0.8)


def linked(apart, source=None, now=1000):
    apart = np.asarray(apart)
    source = np.zeros(len(apart), np.int64) if source is None else source
    return LinkedPairs(source, source + apart, now)


def drawn(rng, mean, sd, n):
    return rng.choice(80, p=discretised_gamma(mean, sd, 80) / discretised_gamma(mean, sd, 80).sum(), size=n)


class TestBesideThePlainTwin:
    def test_intervals_have_its_posterior(self):
        days = [(0, 3), (2, 9), (7, 9), (8, 10)]
        mean, sd = np.array([3.0, 5.0, 7.0]), np.array([1.8, 2.5])
        grid = [(m, s) for m in mean for s in sd]
        expected = plain.interval_posterior(days, 10, (5.0, 1.0, 2.5, 0.3), grid)
        source, day = (np.array(column) for column in zip(*days, strict=True))
        ours = engine._log_likelihood(day - source, 10 - source, mean, sd) - np.add.outer(
            (mean - 5.0) ** 2 / 2, np.log(sd / 2.5) ** 2 / 2 / 0.09
        )
        assert np.exp(ours).ravel() == pytest.approx(np.array(expected), rel=1e-7)

    def test_offspring_have_its_likelihood(self):
        secondary, followed = [0, 3, 1, 0, 12], [1.0, 0.4, 1.0, 0.2, 0.9]
        for reproduction, dispersion in ((2.0, 0.4), (0.7, 5.0)):
            ours = sum(
                engine._log_offspring(count, np.array(reproduction * share), np.array(dispersion))
                for count, share in zip(secondary, followed, strict=True)
            )
            expected = plain.offspring_likelihood(secondary, followed, reproduction, dispersion)
            assert np.exp(ours) == pytest.approx(expected, rel=1e-10)


class TestShrinking:
    @pytest.mark.parametrize("n", [1, 6, 40, 2000])
    def test_the_weight_is_that_of_the_formula(self, n):
        belief = IntervalBelief(mean=8.0, mean_sd=1.0, sd=2.0, sd_log_sd=0.01)
        levels = (np.arange(n) + 0.5) / n  # as even a sample as can be of an interval with mean 8.5 and sd 2
        apart = np.searchsorted(np.cumsum(discretised_gamma(8.5, 2.0, 60)), levels)
        ours = learn_interval(linked(apart), belief)
        # A day's rounding adds 1/6 of a day² to the variance of the difference.
        weight = n / (n + (2.0**2 + 1 / 6) / 1.0)
        assert ours.weight == pytest.approx(weight, abs=0.08)
        assert ours.mean.value == pytest.approx(weight * apart.mean() + (1 - weight) * 8.0, abs=0.1)
        assert ours.dominated is (Dominance.OUTBREAK if n >= 6 else Dominance.PRIOR)

    def test_without_pairs_the_literature_stands(self):
        ours = learn_interval(linked([]), BELIEF)
        assert (ours.n_pairs, ours.weight, ours.dominated) == (0, 0.0, Dominance.PRIOR)
        assert ours.mean.value == pytest.approx(5.0, abs=0.01)
        assert ours.mean.upper == pytest.approx(6.96, abs=0.005)
        assert ours.distribution(30).sum() == pytest.approx(1.0, abs=1e-3)

    def test_pairs_not_a_day_apart_are_left_out_and_counted(self):
        both = learn_interval(linked([4, 0, 5, -2]), BELIEF)
        assert (both.n_pairs, both.n_left_out) == (2, 2)
        assert both.mean == learn_interval(linked([4, 5]), BELIEF).mean

    def test_the_order_of_pairs_does_not_matter(self):
        assert learn_interval(linked([2, 9, 4]), BELIEF) == learn_interval(linked([9, 4, 2]), BELIEF)

    def test_without_cases_the_published_r_stands(self):
        ours = learn_offspring(np.array([], int), SPREAD)
        assert ours.reproduction.value == pytest.approx(2.0)
        assert (ours.weight, ours.dominated, ours.n_pairs) == (0.0, Dominance.PRIOR, 0)

    def test_many_cases_outweigh_the_published_r(self):
        secondary = np.random.default_rng(3).negative_binomial(0.3, 0.3 / (0.3 + 1.2), size=3000)
        ours = learn_offspring(secondary, SPREAD)
        assert ours.dominated is Dominance.OUTBREAK
        assert ours.reproduction.value == pytest.approx(secondary.mean(), rel=0.01)
        assert ours.dispersion.lower < 0.3 < ours.dispersion.upper


class TestTruncation:
    def test_recent_sources_do_not_make_the_interval_short(self):
        rng = np.random.default_rng(5)
        source = rng.choice(60, p=np.exp(0.15 * np.arange(60)) / np.exp(0.15 * np.arange(60)).sum(), size=4000)
        apart = drawn(rng, 7.0, 3.0, 4000)
        known = source + apart <= 60
        pairs = LinkedPairs(source[known], (source + apart)[known], 60)
        assert apart[known].mean() < 6.2
        ours = learn_interval(pairs, IntervalBelief(mean=6.0, mean_sd=2.0, sd=3.0))
        assert ours.mean.lower < 7.0 < ours.mean.upper

    def test_cases_still_under_way_do_not_make_r_small(self):
        rng = np.random.default_rng(6)
        followed = rng.uniform(0.1, 1.0, 2000)
        secondary = rng.poisson(rng.gamma(0.5, 1.8 / 0.5, 2000) * followed)
        ours = learn_offspring(secondary, SPREAD, followed=followed)
        assert ours.reproduction.lower < 1.8 < ours.reproduction.upper
        assert learn_offspring(secondary, SPREAD).reproduction.upper < 1.8


class TestTruth:
    """Truth drawn from the belief, so that 95 % intervals must cover it in 95 % of outbreaks, few pairs or not."""

    binomial = np.sqrt(0.95 * 0.05 / 500)

    def test_intervals_are_covered(self, monkeypatch):
        monkeypatch.setattr(engine, "GRID", 25)
        rng, covered = np.random.default_rng(11), np.zeros(2)
        for _ in range(500):
            mean, sd = rng.normal(5.0, 1.0), 2.5 * np.exp(0.3 * rng.normal())
            source = rng.integers(0, 20, 15)
            apart = drawn(rng, max(mean, 1.01), sd, 15)
            known = source + apart <= 22
            ours = learn_interval(LinkedPairs(source[known], (source + apart)[known], 22), BELIEF)
            covered += [ours.mean.lower < mean < ours.mean.upper, ours.sd.lower < sd < ours.sd.upper]
        assert np.abs(covered / 500 - 0.95).max() < 3 * self.binomial

    def test_offspring_is_covered(self):
        rng, covered = np.random.default_rng(12), np.zeros(2)
        for _ in range(500):
            r, k = 2.0 * np.exp(0.5 * rng.normal()), 0.4 * np.exp(0.8 * rng.normal())
            ours = learn_offspring(rng.poisson(rng.gamma(k, r / k, 20)), SPREAD)
            covered += [
                ours.reproduction.lower < r < ours.reproduction.upper,
                ours.dispersion.lower < k < ours.dispersion.upper,
            ]
        assert np.abs(covered / 500 - 0.95).max() < 3 * self.binomial


class TestRefusals:
    def test_pairs_that_cannot_be(self):
        with pytest.raises(WrongPairs, match="2 sources and 1 infected"):
            LinkedPairs(np.array([1, 2]), np.array([3]), 9)
        with pytest.raises(WrongPairs, match="pair 2 lies after"):
            LinkedPairs(np.array([1, 2]), np.array([3, 10]), 9)

    def test_beliefs_that_cannot_be(self):
        with pytest.raises(NotASerialInterval):
            IntervalBelief(mean=0.8, mean_sd=1.0, sd=1.0)
        with pytest.raises(WrongPairs):
            IntervalBelief(mean=5.0, mean_sd=0.0, sd=1.0)
        with pytest.raises(WrongPairs):
            OffspringBelief(2.0, 0.5, 0.0, 0.5)

    @pytest.mark.parametrize(
        ("secondary", "followed"), [([-1], None), ([1], [0.0]), ([1], [1.5]), ([1, 2], [1.0]), ([1], [np.nan])]
    )
    def test_offspring_that_cannot_be(self, secondary, followed):
        with pytest.raises(WrongPairs):
            learn_offspring(np.array(secondary), SPREAD, followed=None if followed is None else np.array(followed))
