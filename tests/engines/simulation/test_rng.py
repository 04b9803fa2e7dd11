"""Keyed chance: the same bits from every engine, the laws they should have, and nothing that clings together."""

import math

import numpy as np
import pytest
from scipy import stats

from sizao.engines.simulation import permuting, rng
from tests.reference import simulation_chance as plain

KEY = rng.stream(7, "test")
WORD = np.uint64(KEY)


class TestWord:
    def test_is_the_same_compiled_in_arrays_and_in_plain_numbers(self):
        days = np.arange(-20, 20)
        whens = rng.moment(days, 3, 5)
        drawn = rng.words(KEY, np.arange(40), whens)
        for person in range(40):
            when = plain.moment(int(days[person]), 3, 5)
            assert whens[person] == when
            assert int(drawn[person]) == plain.word(KEY, person, when) == int(rng.word(WORD, person, when))

    def test_differs_by_purpose_seed_person_day_slot_and_turn(self):
        keys = [rng.stream(seed, purpose) for seed in (1, 2) for purpose in ("stay", "goes out")]
        grid = np.meshgrid(np.arange(10), np.arange(10), np.arange(10), np.arange(10))
        person, day, slot, turn = (axis.ravel() for axis in grid)
        drawn = np.concatenate([rng.words(key, person, rng.moment(day, slot, turn)) for key in keys])
        assert len(set(drawn.tolist())) == 4 * 10_000

    @pytest.mark.parametrize("column", ["person", "day", "slot"])
    def test_is_even_and_forgets_its_neighbour(self, column):
        many = np.arange(200_000)
        who = many if column == "person" else 5
        when = {"person": 0, "day": rng.moment(many), "slot": rng.moment(many // 200, many % 200)}[column]
        even = rng.words(KEY, who, when).astype(np.float64) / 2**64
        assert stats.chisquare(np.bincount((even * 256).astype(int), minlength=256)).pvalue > 1e-4
        for lag in (1, 2, 64, 1024):
            assert abs(np.corrcoef(even[:-lag], even[lag:])[0, 1]) * math.sqrt(len(even)) < 4.5


class TestLaws:
    def test_below_and_happens_compare_whole_numbers(self):
        drawn = rng.words(KEY, np.arange(1000), 0)
        assert rng.below(drawn, 7).tolist() == [plain.below(int(one), 7) for one in drawn]
        assert rng.happens(drawn, rng.thresholds(0.3)).tolist() == [
            plain.happens(int(one), 1288490189) for one in drawn
        ]
        assert rng.happens(drawn, rng.ALWAYS).all()
        assert not rng.happens(drawn, 0).any()

    def test_a_chance_beyond_one_is_refused(self):
        with pytest.raises(ValueError, match="from 0 to 1"):
            rng.thresholds([0.2, 1.2])
        with pytest.raises(ValueError, match="not all 0"):
            rng.cumulative([0.0, 0.0])

    def test_a_table_gives_back_its_chances(self):
        chances = np.array([0.1, 0.0, 0.5, 0.4])
        table = rng.cumulative(chances)
        drawn = rng.words(KEY, np.arange(100_000), 1)
        numbers = rng.drawn_from(table, drawn)
        assert numbers[:200].tolist() == [plain.drawn_from(table.tolist(), int(one)) for one in drawn[:200]]
        seen = np.bincount(numbers, minlength=4)
        assert seen[1] == 0
        assert stats.chisquare(seen[[0, 2, 3]], chances[[0, 2, 3]] * 100_000).pvalue > 1e-4

    def test_geometric_and_gamma_have_their_means(self):
        drawn = rng.words(KEY, np.arange(200_000), 2)
        assert rng.drawn_from(rng.geometric(3.0, 100), drawn).mean() == pytest.approx(3.0, abs=0.04)
        factors = rng.gamma_factors(0.3)
        assert factors.mean() / 2**16 == pytest.approx(1, abs=1e-4)
        assert factors.var() / 2**32 == pytest.approx(1 / 0.3, rel=0.03)

    def test_poisson_counts_keep_their_law_after_thinning(self):
        table = rng.poisson_table()
        for mean in (0.0004, 0.7, 3.3, 41.0):
            asked = np.full(60_000, int(mean * rng.MEAN_UNIT))
            counts, bounds = rng.poissons(table, asked, rng.words(KEY, np.arange(60_000), rng.moment(1, 1)))
            who = np.repeat(np.arange(60_000), counts)
            kept = rng.below(rng.words(KEY, who, rng.moment(2, 2, np.arange(len(who)))), bounds[who]) < asked[who]
            left = np.bincount(who[kept], minlength=60_000)
            assert left.mean() == pytest.approx(mean, abs=4.5 * math.sqrt(mean / 60_000))
            assert left.var() == pytest.approx(mean, rel=0.05, abs=4.5 * math.sqrt(mean / 60_000))

    def test_poisson_is_the_same_compiled_in_arrays_and_in_plain_numbers(self):
        table = rng.poisson_table()
        means = np.r_[0, -3, 1, 3, 4, 7, 8, np.arange(1, 33, dtype=np.int64) ** 6]
        drawn = rng.words(KEY, np.arange(len(means)), 5)
        counts, bounds = rng.poissons(table, means, drawn)
        assert (bounds >= means).all()
        for row, mean in enumerate(means.tolist()):
            assert (counts[row], bounds[row]) == plain.poisson(table, mean, int(drawn[row]))
            assert (counts[row], bounds[row]) == rng.poisson(table, mean, drawn[row])


class TestPermuting:
    @pytest.mark.parametrize("n", [1, 2, 3, 5, 7, 64, 65, 256, 257, 3000, 30_000])
    def test_is_one_to_one_and_its_inverse_undoes_it(self, n):
        everybody = np.arange(n)
        at = permuting.positions(WORD, n, everybody)
        assert sorted(at) == everybody.tolist()
        assert (permuting.people_at(WORD, n, at) == everybody).all()
        for person in range(min(n, 40)):
            assert at[person] == plain.position(KEY, n, person) == permuting.position(WORD, n, person)
            assert permuting.person_at(WORD, n, at[person]) == person

    def test_maps_people_of_several_zones_at_once(self):
        keys = np.array([3, 3, 9, 9], np.uint64)
        n = np.array([10, 3000, 999_983, 200])
        people = np.array([4, 2, 999_982, 199])
        found = permuting.positions(keys, n, people)
        assert found.tolist() == [permuting.position(*row) for row in zip(keys, n, people.tolist(), strict=True)]
        assert permuting.people_at(keys, n, found).tolist() == people.tolist()

    @pytest.mark.parametrize("n", [3000, 4096, 30_000])
    def test_neighbours_do_not_stay_together(self, n):
        """People a power of two apart share a cell of ten as often as any two people do."""
        days = np.arange(3000)
        keys = rng.words(KEY, 11, rng.moment(days))
        chosen = np.arange(0, n - 2048, max((n - 2048) // 60, 1))[:60]
        deviations = []
        for offset in (1, 2, 3, 5, 16, 64, 1024, 2048 if n > 3000 else 512):
            pair = [
                permuting.positions(np.repeat(keys, 60), n, np.tile(chosen + add, 3000)) // 10 for add in (0, offset)
            ]
            together = (pair[0] == pair[1]).reshape(3000, 60).sum(axis=0)
            expected = 3000 * 9 / (n - 1)
            deviations.append((together.sum() - 60 * expected) / math.sqrt(60 * expected))
        assert max(map(abs, deviations)) < 3.9, deviations
        assert abs(sum(deviations)) / math.sqrt(len(deviations)) < 3.3, deviations

    def test_a_person_is_equally_often_at_each_position(self):
        keys = rng.words(KEY, 12, rng.moment(np.arange(60_000)))
        for n in (7, 60, 128):
            seen = np.bincount(permuting.positions(keys, n, 3), minlength=n)
            assert stats.chisquare(seen).pvalue > 1e-4

    @pytest.mark.parametrize("n", [3, 5, 8, 16, 33, 64])
    def test_two_people_of_a_small_zone_take_each_pair_of_positions_equally_often(self, n):
        """Also those next to each other, a power of two apart, and at the ends; the old six half rounds fail by far."""
        draws = 60_000
        keys = rng.words(KEY, 13, rng.moment(np.arange(draws)))
        for one, other in {(0, 1), (0, n // 2), (1, n - 1), (n - 1, 0)}:
            pairs = permuting.positions(keys, n, one) * n + permuting.positions(keys, n, other)
            seen = np.bincount(pairs, minlength=n * n).reshape(n, n)
            assert (np.diagonal(seen) == 0).all()
            assert stats.chisquare(seen[~np.eye(n, dtype=bool)]).pvalue > 1e-5
