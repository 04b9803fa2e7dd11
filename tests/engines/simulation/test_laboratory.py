"""The laboratory: sensitivity curves recovered by simulation, dilution, hours of results."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.drill import variants
from sizao.engines.simulation import laboratory, rng
from tests.reference import simulation_queues as plain

KEY = rng.stream(5, "swab")


class TestSwabs:
    @pytest.mark.parametrize("name", variants.names())
    @pytest.mark.parametrize("size", [1, 5, 10, 20])
    def test_recover_the_curve_of_the_variant(self, name, size):
        curve = variants.read(name).pcr
        people = np.arange(20_000)
        for since in range(-1, len(curve) + 2):
            found = laboratory.swabs(KEY, curve, people, np.full(len(people), since), 40 + since, size=size)
            single = curve[since] if 0 <= since < len(curve) else 0.0
            expected = plain.sensitivity(single, size, laboratory.LOSS_PER_DOUBLING)
            assert found.mean() == pytest.approx(expected, abs=4.5 * np.sqrt(0.25 / len(people)))

    def test_find_in_a_pool_nobody_who_is_not_found_alone(self):
        curve, people = variants.read("ancestral").pcr, np.arange(5000)
        since = people % len(curve)
        alone, pooled = (laboratory.swabs(KEY, curve, people, since, 3, size=size) for size in (1, 20))
        assert (alone | ~pooled).all()
        assert pooled.sum() < alone.sum()

    def test_of_two_days_are_draws_apart(self):
        curve, people = np.array([0.5, 0.5]), np.arange(20_000)
        one, other = (laboratory.swabs(KEY, curve, people, people * 0, day) for day in (-3, 4))
        assert np.corrcoef(one, other)[0, 1] == pytest.approx(0, abs=0.03)


class TestSensitivity:
    @given(st.floats(0, 1), st.sampled_from([1, 5, 10, 20]), st.floats(0, 1))
    def test_is_that_of_the_plain_twin(self, chance, size, loss):
        ours = laboratory.sensitivity(np.array([chance]), np.array([0]), size=size, loss=loss)[0]
        assert ours == pytest.approx(plain.sensitivity(chance, size, loss), abs=1e-9)

    def test_loses_most_where_it_is_low(self):
        curve = np.array([0.77, 0.3, 0.1])
        kept = laboratory.sensitivity(curve, np.arange(3), size=10) / curve
        assert kept.tolist() == sorted(kept.tolist(), reverse=True)
        assert kept[0] == pytest.approx(0.908, abs=0.005)

    def test_of_a_pool_of_nobody_is_refused(self):
        with pytest.raises(laboratory.NoSuchPool):
            laboratory.sensitivity(np.array([0.5]), np.array([0]), size=0)
        with pytest.raises(laboratory.NoSuchPool):
            laboratory.pools_of(9, 0)


class TestPools:
    def test_put_everybody_into_one_and_are_positive_with_any(self):
        pool = laboratory.pools_of(23, 10)
        assert np.bincount(pool).tolist() == [10, 10, 3]
        found = np.zeros(23, bool)
        found[[4, 5, 22]] = True
        assert laboratory.positive_pools(pool, found).tolist() == [True, False, True]
        assert len(laboratory.positive_pools(laboratory.pools_of(0, 5), np.zeros(0, bool))) == 0


TUBES = st.lists(st.tuples(st.integers(-5, 40), st.integers(0, 2)), min_size=1, max_size=30)


class TestResultHours:
    @settings(max_examples=80, deadline=None)
    @given(TUBES, st.integers(1, 60), st.integers(0, 12))
    def test_tell_every_tube_once_as_the_plain_twin(self, tubes, tubes_per_day, run_hours):
        arrival, urgency = (np.array(column, np.int64) for column in zip(*tubes, strict=True))
        told = laboratory.result_hours(arrival, urgency, tubes_per_day=tubes_per_day, run_hours=run_hours)
        assert told.tolist() == plain.result_hours(arrival.tolist(), urgency.tolist(), tubes_per_day, run_hours)
        assert (told >= arrival + run_hours).all()
        begun = np.bincount((told - run_hours - told.min() + run_hours).astype(int))
        assert begun.max() <= -(-tubes_per_day // 24)

    def test_of_the_urgent_come_first_and_the_backlog_waits(self):
        arrival, urgency = np.zeros(100, np.int64), np.r_[np.ones(90, np.int64), np.zeros(10, np.int64)]
        told = laboratory.result_hours(arrival, urgency, tubes_per_day=240, run_hours=6)
        assert told[90:].max() == 6  # ten an hour
        assert told[:90].max() == 6 + 9

    def test_without_capacity_never_come(self):
        told = laboratory.result_hours(np.zeros(3, np.int64), np.zeros(3, np.int64), tubes_per_day=0, run_hours=6)
        assert (told == laboratory.NEVER).all()

    def test_handle_in_a_day_just_what_a_day_allows(self):
        lab = laboratory.Laboratory(tubes_per_day=100, run_hours=4)
        begun = [len(lab.step(np.arange(500) if hour == 0 else np.zeros(0, np.int64))[0]) for hour in range(24)]
        assert sum(begun) == 100
        assert set(begun) <= {4, 5}
        assert len(lab.backlog) == 400
