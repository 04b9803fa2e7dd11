"""The share of infected people from pools: beside R, beside a plain search, and what must always hold."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sizao.engines.sampling.pooled_test import NoSuchPoolSize, PooledTest
from sizao.engines.sampling.prevalence import NoPools, Pools, UninformativeTest, WrongPools, prevalence
from sizao.terms import PoolInterval
from tests.reference import pools_plain as plain

REFERENCE = Path(__file__).parents[2] / "reference" / "pools" / "prevalence.csv"
INTERVALS = {"score": PoolInterval.SCORE, "skew": PoolInterval.SKEW_SCORE, "likelihood": PoolInterval.LIKELIHOOD}


def rows_of_r():
    with REFERENCE.open() as rows:
        return list(csv.DictReader(rows))


def pools_of(text):
    parts = np.array([[float(one) for one in part.split("/")] for part in text.split()])
    return Pools(parts[:, 0], parts[:, 1], parts[:, 2])


class TestBesideR:
    @pytest.mark.parametrize("row", rows_of_r(), ids=lambda row: f"{row['results']} {row['level']}")
    def test_gives_estimates_and_intervals_of_bin_group_2(self, row):
        for name, interval in INTERVALS.items():
            found = prevalence(pools_of(row["results"]), level=float(row["level"]), interval=interval)
            assert found.value == pytest.approx(float(row["mle"]), rel=1e-8, abs=1e-14)
            assert found.firth == pytest.approx(float(row["firth"]), rel=1e-8, abs=1e-14)
            assert found.lower == pytest.approx(float(row[f"{name}_lower"]), rel=1e-8, abs=1e-12)
            assert found.upper == pytest.approx(float(row[f"{name}_upper"]), rel=1e-8)


class TestAnImperfectTest:
    @pytest.mark.parametrize(
        "rows", [[(4, 100, 10)], [(2, 40, 5), (9, 60, 20)], [(20, 40, 10)], [(1, 50, 10), (2, 9, 1)]]
    )
    @pytest.mark.parametrize("interval", [PoolInterval.LIKELIHOOD, PoolInterval.SCORE])
    def test_has_the_largest_likelihood_of_a_plain_search(self, rows, interval):
        test = PooledTest(0.8, 0.99)
        columns = [np.array(column, float) for column in zip(*rows, strict=True)]
        found = prevalence(Pools(*columns), test=test, interval=interval)
        grid = np.geomspace(1e-6, 0.999, 20_001)
        told = np.array([plain.log_likelihood(p, rows, test.sensitivity_in, test.specificity) for p in grid])
        best = told.argmax()
        assert grid[best - 1] <= found.value <= grid[best + 1]
        if interval is PoolInterval.LIKELIHOOD:
            inside = grid[told >= told.max() - stats.chi2.ppf(0.95, 1) / 2]
            assert found.lower == pytest.approx(inside[0], rel=2e-3, abs=2e-6)
            assert found.upper == pytest.approx(inside[-1], rel=2e-3)
        assert found.lower < found.value < found.upper

    def test_explains_a_few_positives_by_its_errors(self):
        found = prevalence(Pools([1], [1000], [10]), test=PooledTest(0.9, 0.99))
        assert found.value == 0
        assert found.lower == 0
        assert 0 < found.upper < 1e-3

    def test_raises_the_share_by_what_it_misses(self):
        pools = Pools([5], [1000], [10])
        perfect, poor = (prevalence(pools, test=test).value for test in (None, PooledTest(0.5, 1.0, 0.0)))
        assert poor == pytest.approx(2 * perfect, rel=0.01)

    def test_that_tells_nothing_is_refused(self):
        with pytest.raises(UninformativeTest):
            prevalence(Pools([1], [10], [5]), test=PooledTest(0.3, 0.6))


class TestAnInterval:
    @pytest.mark.parametrize(("interval", "least"), [(PoolInterval.SKEW_SCORE, 0.935), (PoolInterval.SCORE, 0.93),
                                                     (PoolInterval.LIKELIHOOD, 0.90)])  # fmt: skip
    @pytest.mark.parametrize("share", [0.002, 0.01, 0.08])
    def test_holds_the_share_as_often_as_it_says(self, interval, least, share):
        """All results that 100 tubes of 10 can have, weighed by their chance: no draw is involved."""
        chances = stats.binom.pmf(np.arange(101), 100, 1 - (1 - share) ** 10)
        holds = 0.0
        for positive, chance in enumerate(chances):
            if chance > 1e-7:
                found = prevalence(Pools([positive], [100], [10]), interval=interval)
                holds += chance * (found.lower <= share <= found.upper)
        assert holds >= least

    def test_of_no_positive_begins_at_nothing_and_is_shorter_with_more_people(self):
        few, many = (prevalence(Pools([0], [tubes], [10])) for tubes in (100, 1000))
        assert few.value == few.lower == few.firth == 0
        assert 0 < many.upper < few.upper

    def test_of_all_positive_ends_at_everybody(self):
        found = prevalence(Pools([50], [50], [5]))
        assert (found.value, found.upper) == (1, 1)
        assert 0 < found.lower < found.firth < 1


class TestPools:
    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 20), st.integers(0, 30), st.sampled_from([1, 5, 10, 20])), min_size=1, max_size=4
        )
    )
    def test_say_the_same_in_any_order_and_split_in_any_way(self, told):
        rows = [(min(positive, tubes), tubes, size) for positive, tubes, size in told if tubes]
        if not rows:
            return
        split = [
            part
            for x, n, m in rows
            for part in ((x // 2, max(x // 2, n // 2), m), (x - x // 2, n - max(x // 2, n // 2), m))
        ]
        one, other = (prevalence(Pools(*zip(*some, strict=True))) for some in (rows, split[::-1]))
        for name in ("value", "firth", "lower", "upper"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-6, abs=1e-12)

    def test_recover_the_share_they_were_made_with(self):
        rng = np.random.default_rng(8)
        sizes, tubes, share = np.array([5, 10, 20]), np.array([4000, 8000, 4000]), 0.003
        test = PooledTest(0.8, 0.999)
        chance = [test.sensitivity_in(m) * (1 - (1 - share) ** m) + 0.001 * (1 - share) ** m for m in sizes]
        found = prevalence(Pools(rng.binomial(tubes, chance), tubes, sizes), test=test)
        assert found.lower < share < found.upper
        assert found.upper < 2 * share

    def test_that_can_be_none_are_refused(self):
        with pytest.raises(NoPools):
            Pools([], [], [])
        with pytest.raises(NoPools):
            Pools([0], [0], [10])
        with pytest.raises(WrongPools, match="Row 2"):
            Pools([1, 6], [5, 5], [10, 10])
        with pytest.raises(NoSuchPoolSize):
            Pools([1], [5], [0])
