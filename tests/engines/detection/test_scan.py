"""Where, and since when, are there more cases than elsewhere?"""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sizao.engines.detection import scan, scan_circles
from sizao.engines.detection.scan import NotScannable, ScanPlan, intervals_of, permutation_scan, poisson_scan
from sizao.engines.detection.scan_circles import Limits, NoCircle, circles, on_earth, on_plane
from sizao.engines.detection.scan_kernels import log_ratio
from tests.reference import scan as plain

FROM_R = Path(__file__).resolve().parents[2] / "reference" / "scan_r"
OBSERVED = ScanPlan(replicas=0)


def table(name):
    with (FROM_R / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def column(rows, name):
    return np.array([float(row[name]) for row in rows])


def areas_of(text):
    return frozenset(int(number) - 1 for number in text.split())


@pytest.fixture(scope="module")
def space():
    """The areas that R saw, and the circles around them."""
    rows = table("areas.csv")
    population = column(rows, "population")
    around = circles(on_plane(column(rows, "x"), column(rows, "y")), population, Limits(share=0.4))
    return column(rows, "cases"), population, around


@pytest.fixture(scope="module")
def days():
    """The counts by area and day that R saw, and circles of eight areas at most."""
    places = table("places.csv")
    counts = np.array([[float(count) for count in row.values()] for row in table("days.csv")]).T
    distances = on_plane(column(places, "x"), column(places, "y"))
    around = circles(distances, np.ones(len(places)), Limits(share=1.0, areas=8))
    return counts, column(places, "population"), around


def made_up(seed, n_areas=12, n_days=6, rate=0.6):
    rng = np.random.default_rng(seed)
    return rng.random((n_areas, 2)).round(2) * 10, rng.poisson(rate, (n_areas, n_days)).astype(float)


def distance_on_plane(one, other):
    return np.hypot(*(np.array(one) - np.array(other)))


class TestSpaceBesideR:
    def test_looks_at_the_same_circles(self, space):
        rows = table("r_space_circles.csv")
        centres = np.repeat(np.arange(len(space[0])), np.diff(space[2].starts))
        assert centres.tolist() == [int(row["centre"]) - 1 for row in rows]
        assert space[2].areas.tolist() == [int(row["last"]) - 1 for row in rows]

    def test_gives_the_same_ratio_of_every_circle(self, space):
        cases, population, around = space
        expected = population * cases.sum() / population.sum()
        found = [
            log_ratio(cases[list(zone)].sum(), expected[list(zone)].sum(), cases.sum())
            for centre, start in enumerate(around.starts[:-1])
            for zone in (around.around(centre, size + 1) for size in range(around.starts[centre + 1] - start))
        ]
        np.testing.assert_allclose(found, column(table("r_space_circles.csv"), "log_ratio"), rtol=1e-9, atol=1e-9)

    def test_finds_the_same_clusters(self, space):
        cases, population, around = space
        found = poisson_scan(cases, population, around, ScanPlan(), np.random.default_rng(1)).clusters
        from_r = table("r_space.csv")
        assert [frozenset(one.areas) for one in found] == [areas_of(row["areas"]) for row in from_r]
        assert [one.observed for one in found] == [int(row["observed"]) for row in from_r]
        np.testing.assert_allclose([one.log_ratio for one in found], column(from_r, "log_ratio"), rtol=1e-9)
        assert [one.p_value for one in found] == [0.001, 0.001]


class TestSpaceAndTimeBesideR:
    @pytest.mark.parametrize("name", ["permutation", "poisson"])
    def test_finds_the_same_most_likely_cluster(self, days, name):
        counts, population, around = days
        plan = replace(OBSERVED, longest=14)
        best = scan_by(name, counts, population, around, plan, 1).clusters[0]
        top = table(f"r_{name}.csv")[0]
        assert frozenset(best.areas) == areas_of(top["areas"])
        assert (best.first, best.last) == (14 - int(top["days"]), 13)
        assert best.log_ratio == pytest.approx(float(top["log_ratio"]), rel=1e-9)
        assert best.ratio == pytest.approx(float(top["inside"]), rel=1e-9)
        assert best.relative_risk == pytest.approx(float(top["inside"]) / float(top["outside"]), rel=1e-9)

    @pytest.mark.parametrize("name", ["permutation", "poisson"])
    def test_gives_the_same_ratio_of_the_400_best_windows(self, days, name):
        counts, population, _ = days
        expected = np.outer(population, np.ones(14)) if name == "poisson" else np.array(plain.from_margins(counts))
        expected *= counts.sum() / expected.sum()
        for row in table(f"r_{name}.csv"):
            zone, since = sorted(areas_of(row["areas"])), 14 - int(row["days"])
            found = log_ratio(counts[zone, since:].sum(), expected[zone, since:].sum(), counts.sum())
            assert found == pytest.approx(float(row["log_ratio"]), rel=1e-9)

    @pytest.mark.parametrize("name", ["space", "permutation", "poisson"])
    def test_has_replicas_of_the_same_distribution(self, space, days, name):
        if name == "space":
            mine = poisson_scan(*space, ScanPlan(replicas=999), np.random.default_rng(4))
        else:
            mine = scan_by(name, *days, ScanPlan(replicas=999, longest=14), 4)
        assert stats.ks_2samp(mine.largest_of_replicas, column(table("r_replicas.csv"), name)).pvalue > 0.001


def scan_by(name, counts, population, around, plan, seed):
    rng = np.random.default_rng(seed)
    if name == "permutation":
        return permutation_scan(counts, around, plan, rng)
    return poisson_scan(counts, np.outer(population, np.ones(counts.shape[1])), around, plan, rng)


class TestBesideTheTwin:
    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 10_000), st.booleans(), st.integers(1, 6), st.sampled_from(["permutation", "poisson"]))
    def test_finds_the_same_clusters(self, seed, any_end, longest, name):
        places, counts = made_up(seed)
        population = np.random.default_rng(seed).integers(1, 40, len(places)).astype(float)
        around = circles(on_plane(*places.T), population, Limits(share=0.5))
        plan = replace(OBSERVED, longest=longest, any_end=any_end)
        expected = plain.from_margins(counts) if name == "permutation" else np.outer(population, np.ones(6)).tolist()
        zones = list(plain.circles(places.tolist(), population.tolist(), 0.5, distance_on_plane))
        left = list(plain.windows(counts.tolist(), expected, zones, longest, any_end))
        for one in scan_by(name, counts, population, around, plan, 1).clusters:
            # Of equally good windows either may be told: each must be as good as the best that is left.
            assert one.log_ratio == pytest.approx(max(window[0] for window in left), rel=1e-9)
            ratio_of = {window[1:]: window[0] for window in left}
            assert ratio_of[frozenset(one.areas), one.first, one.last] == pytest.approx(one.log_ratio, rel=1e-9)
            left = [window for window in left if not window[1] & set(one.areas)]
        assert max((window[0] for window in left), default=0.0) < 1e-9

    @pytest.mark.parametrize("name", ["permutation", "poisson"])
    def test_gives_replicas_the_ratio_that_the_counts_would_have(self, name):
        """A replica that equals the counts must reach their ratio: dice that change nothing are the proof."""
        places, counts = made_up(5, n_areas=20, n_days=8, rate=2.0)
        around = circles(on_plane(*places.T), np.ones(20), Limits())
        plan = ScanPlan(longest=4, replicas=3)
        once = scan_by(name, counts, np.ones(20), around, plan, 9)
        # Draw the second replica again with the same dice, and scan it as if it had been counted.
        rng = np.random.default_rng(9)
        cells = [drawn(name, counts, rng) for _ in range(3)]
        for replica, largest in zip(cells, once.largest_of_replicas, strict=True):
            expected = np.array(plain.from_margins(counts)) if name == "permutation" else np.ones_like(counts)
            zones = list(plain.circles(places.tolist(), [1] * 20, 0.5, distance_on_plane))
            told = max(
                window[0] for window in plain.windows(replica.tolist(), expected.tolist(), zones, 4, any_end=False)
            )
            assert largest == pytest.approx(told, rel=1e-9)


def drawn(name, counts, rng):
    if name == "poisson":
        return rng.multinomial(int(counts.sum()), np.full(counts.size, 1 / counts.size)).reshape(counts.shape)
    area, time = (np.repeat(axis.ravel(), counts.ravel().astype(int)) for axis in np.indices(counts.shape))
    flat = area * counts.shape[1] + rng.permutation(time)
    return np.bincount(flat, minlength=counts.size).reshape(counts.shape)


class TestByHand:
    def test_two_areas_one_with_all_the_cases(self):
        # Ten cases in one of two equal areas: 10 ln(10 / 5), and nothing is left outside.
        around = circles(on_plane(np.array([0.0, 1.0]), np.zeros(2)), np.ones(2), Limits())
        best = poisson_scan(np.array([10.0, 0.0]), np.ones(2), around, OBSERVED, np.random.default_rng(1)).clusters[0]
        assert best.log_ratio == pytest.approx(10 * np.log(2))
        assert (best.areas, best.observed, best.expected) == ((0,), 10, 5.0)
        assert best.relative_risk == np.inf
        assert np.isnan(best.p_value)

    def test_permutation_of_two_areas_and_two_days(self):
        # Margins 6 and 6, 6 and 6: three expected in each cell; five were seen today in the first.
        counts = np.array([[1.0, 5.0], [5.0, 1.0]])
        around = circles(on_plane(np.array([0.0, 1.0]), np.zeros(2)), np.ones(2), Limits())
        best = permutation_scan(counts, around, OBSERVED, np.random.default_rng(1)).clusters[0]
        assert (best.areas, best.first, best.last, best.expected) == ((0,), 1, 1, 3.0)
        assert best.log_ratio == pytest.approx(5 * np.log(5 / 3) + 7 * np.log(7 / 9))


class TestChance:
    @pytest.mark.parametrize("name", ["permutation", "poisson"])
    def test_gives_uniform_p_values_when_there_is_no_cluster(self, name):
        rng = np.random.default_rng(17)
        places, population = rng.random((25, 2)), rng.integers(20, 60, 25).astype(float)
        around = circles(on_plane(*places.T), population, Limits())
        p_values = [
            scan_by(name, rng.poisson(np.outer(population, np.full(5, 0.03))).astype(float), population, around,
                    ScanPlan(longest=3, replicas=99), seed).clusters[0].p_value
            for seed in range(300)
        ]  # fmt: skip
        for level in (0.05, 0.2, 0.5):
            share = np.mean(np.array(p_values) <= level)
            assert abs(share - level) < 3.5 * np.sqrt(level * (1 - level) / 300)

    def test_is_the_same_for_the_same_seed(self, space):
        first, again, other = (
            poisson_scan(*space, ScanPlan(replicas=50), np.random.default_rng(seed)) for seed in (3, 3, 4)
        )
        assert first.clusters == again.clusters
        np.testing.assert_array_equal(first.largest_of_replicas, again.largest_of_replicas)
        assert (first.largest_of_replicas != other.largest_of_replicas).any()

    def test_recovers_what_was_planted(self):
        rng = np.random.default_rng(6)
        hits = 0
        for seed in range(40):
            places = rng.random((80, 2))
            planted = np.hypot(*(places - places[7]).T).argsort()[:6]
            rate = np.full((80, 20), 0.4)
            rate[planted, -4:] *= 5
            around = circles(on_plane(*places.T), np.ones(80), Limits(share=0.3))
            best = permutation_scan(rng.poisson(rate).astype(float), around, ScanPlan(longest=10, replicas=99),
                                    np.random.default_rng(seed)).clusters[0]  # fmt: skip
            shared = set(best.areas) & set(planted.tolist())
            hits += best.p_value <= 0.05 and len(shared) >= 4 and len(best.areas) <= 9 and best.first in (15, 16, 17)
        assert hits >= 36

    def test_finds_two_that_do_not_touch_and_says_which_is_stronger(self, space):
        found = poisson_scan(*space, ScanPlan(), np.random.default_rng(1)).clusters
        assert found[0].log_ratio > found[1].log_ratio
        assert not set(found[0].areas) & set(found[1].areas)

    def test_tells_every_cluster_where_no_replica_was_asked_for(self, space):
        assert len(poisson_scan(*space, OBSERVED, np.random.default_rng(1)).clusters) > 2
        one = replace(OBSERVED, max_clusters=1)
        assert len(poisson_scan(*space, one, np.random.default_rng(1)).clusters) == 1


class TestInvariance:
    def test_a_far_area_without_cases_changes_nothing_in_a_permutation(self):
        places, counts = made_up(2, rate=2.0)
        near = circles(on_plane(*places.T), counts.sum(axis=1), Limits())
        far = np.vstack([places, [[1e6, 1e6]]])
        more = np.vstack([counts, np.zeros((1, 6))])
        around = circles(on_plane(*far.T), more.sum(axis=1), Limits())
        plan = ScanPlan(longest=3, replicas=99)
        first, second = (
            permutation_scan(values, zones, plan, np.random.default_rng(1))
            for values, zones in ((counts, near), (more, around))
        )
        assert first.clusters == second.clusters
        np.testing.assert_array_equal(first.largest_of_replicas, second.largest_of_replicas)

    def test_the_unit_of_the_expected_numbers_does_not_matter(self, space):
        cases, population, around = space
        small, large = (
            poisson_scan(cases, population * unit, around, ScanPlan(replicas=20), np.random.default_rng(1)).clusters
            for unit in (1e-6, 1e6)
        )
        assert [one.areas for one in small] == [one.areas for one in large]
        assert small[0].log_ratio == pytest.approx(large[0].log_ratio, rel=1e-12)

    def test_nothing_counted_gives_no_cluster(self, space):
        none = poisson_scan(np.zeros(56), space[1], space[2], ScanPlan(replicas=9), np.random.default_rng(1))
        assert none.clusters == ()

    def test_the_same_everywhere_gives_no_cluster(self):
        around = circles(on_plane(np.arange(4.0), np.zeros(4)), np.ones(4), Limits())
        assert (
            poisson_scan(np.full(4, 6.0), np.ones(4), around, ScanPlan(replicas=9), np.random.default_rng(1)).clusters
            == ()
        )


class TestIntervals:
    def test_end_today_unless_asked(self):
        assert intervals_of(5, ScanPlan(longest=3)).tolist() == [[4, 4], [3, 4], [2, 4]]
        assert intervals_of(3, ScanPlan(longest=2, any_end=True)).tolist() == [[2, 2], [1, 1], [0, 0], [1, 2], [0, 1]]

    def test_are_no_longer_than_the_days_there_are(self):
        assert len(intervals_of(3, ScanPlan(longest=99))) == 3


class TestCircles:
    def test_measure_the_earth_as_the_twin_does(self):
        rng = np.random.default_rng(1)
        lat, lon = rng.uniform(-80, 80, 30), rng.uniform(-180, 180, 30)
        told = [plain.haversine_km((lat[3], lon[3]), place) for place in zip(lat, lon, strict=True)]
        np.testing.assert_allclose(on_earth(lat, lon)(3), told, rtol=1e-12, atol=1e-9)

    def test_know_the_distance_from_beijing_to_shijiazhuang(self):
        km = on_earth(np.array([39.9042, 38.0428]), np.array([116.4074, 114.5149]))(0)[1]
        assert km == pytest.approx(263, abs=2)

    def test_stop_at_a_distance_and_at_a_number(self):
        distances = on_plane(np.array([0.0, 1.0, 5.0]), np.zeros(3))
        assert circles(distances, np.ones(3), Limits(share=1.0, distance=2.0)).areas.tolist() == [0, 1, 1, 0, 2]
        assert circles(distances, np.ones(3), Limits(share=1.0, areas=1)).areas.tolist() == [0, 1, 2]

    def test_leave_out_an_area_that_is_too_large_alone(self):
        around = circles(on_plane(np.arange(3.0), np.zeros(3)), np.array([8.0, 1.0, 1.0]), Limits())
        assert around.areas.tolist() == [1, 2, 1]

    def test_hold_whatever_weighs_nothing(self):
        around = circles(on_plane(np.arange(2.0), np.zeros(2)), np.zeros(2), Limits())
        assert around.areas.tolist() == [0, 1, 1, 0]
        assert len(around) == 4

    def test_are_refused_when_they_would_fill_the_memory(self, monkeypatch):
        monkeypatch.setattr(scan_circles, "MOST", 8)
        with pytest.raises(NoCircle, match="more than 8 circles"):
            circles(on_plane(np.arange(3.0), np.zeros(3)), np.ones(3), Limits(share=1.0))

    @pytest.mark.parametrize(
        ("make", "reason"),
        [
            (lambda: circles(on_plane(np.zeros(1), np.zeros(1)), np.ones(1), Limits()), "there is only one"),
            (lambda: circles(on_plane(np.zeros(2), np.zeros(2)), np.ones(2), Limits(share=0.1)), "more than 0.1"),
            (lambda: on_plane(np.array([0.0, np.nan]), np.zeros(2)), "area number 2 has no coordinates"),
            (lambda: on_earth(np.array([0.0, 95.0]), np.zeros(2)), "area number 2 lies at latitude 95.0"),
        ],
    )
    def test_refuse_what_has_no_place(self, make, reason):
        with pytest.raises(NoCircle, match=reason):
            make()


class TestRefusals:
    @pytest.fixture
    def pair(self):
        return circles(on_plane(np.array([0.0, 1.0]), np.zeros(2)), np.ones(2), Limits())

    @pytest.mark.parametrize("wrong", [-1.0, 0.5, np.nan])
    def test_name_the_area_whose_count_is_none(self, pair, wrong):
        with pytest.raises(NotScannable, match="area number 2 has a count"):
            poisson_scan(np.array([1.0, wrong]), np.ones(2), pair, OBSERVED, np.random.default_rng(1))
        with pytest.raises(NotScannable, match="area number 2 has a count"):
            permutation_scan(np.array([[1.0, 2.0], [wrong, 1.0]]), pair, OBSERVED, np.random.default_rng(1))

    @pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, np.inf])
    def test_name_the_area_that_expects_nothing(self, pair, wrong):
        with pytest.raises(NotScannable, match="area number 1 expects no case"):
            poisson_scan(np.ones(2), np.array([wrong, 1.0]), pair, OBSERVED, np.random.default_rng(1))

    def test_ask_for_as_many_expected_numbers_as_counts(self, pair):
        with pytest.raises(NotScannable, match="expected numbers"):
            poisson_scan(np.ones(2), np.ones((2, 3)), pair, OBSERVED, np.random.default_rng(1))

    def test_stop_before_the_memory_is_full(self, pair, monkeypatch):
        monkeypatch.setattr(scan, "MOST_SUMS", 100)
        with pytest.raises(NotScannable, match="2 areas with 2 intervals are too many"):
            permutation_scan(np.ones((2, 2)), pair, replace(OBSERVED, longest=2), np.random.default_rng(1))

    def test_ask_for_two_days_where_no_population_is_known(self, pair):
        with pytest.raises(NotScannable, match="two days at least"):
            permutation_scan(np.ones((2, 1)), pair, OBSERVED, np.random.default_rng(1))
