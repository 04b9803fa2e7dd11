"""Weekday factors: found where they are, and left alone where chance would explain them."""

import numpy as np
import pytest

from sizao.engines.transmission.weekdays import weekday_factors

FACTORS = np.array([1.3, 1.15, 1.1, 1.05, 1.0, 0.8, 0.6])


def level(days, mean=2000.0):
    return np.random.default_rng(4).poisson(mean * FACTORS[np.arange(days) % 7]).astype(float)


@pytest.mark.parametrize("days", [40, 57, 90, 91, 92])
def test_finds_the_factors_counted_from_the_last_day(days):
    after_the_last = FACTORS[(days - 1 + np.arange(7)) % 7]
    assert weekday_factors(level(days)) == pytest.approx(after_the_last, abs=0.05)


def test_growth_is_no_weekday():
    """Within a growing week its later days weigh more in the mean around a day, which shifts factors a little."""
    counts = level(63) * np.exp(0.08 * np.arange(63))
    assert weekday_factors(counts) == pytest.approx(FACTORS[(62 + np.arange(7)) % 7], abs=0.07)


def test_weekdays_that_are_alike_stay_alike():
    """Of 400 series without weekdays about 1 % may look as if they had some; 3 % would be far too many."""
    series = np.random.default_rng(5).negative_binomial(5, 5 / 55, (400, 60)).astype(float)
    assert sum(not np.array_equal(weekday_factors(one), np.ones(7)) for one in series) <= 12


def test_part_of_a_difference_is_chance():
    """Factors are shrunk: in the mean of many series they lie nearer to one than the weekdays' own means."""
    rng = np.random.default_rng(6)
    series = rng.poisson(12 * FACTORS[np.arange(56) % 7], (100, 56)).astype(float)
    found = [one for one in map(weekday_factors, series) if not np.array_equal(one, np.ones(7))]
    assert len(found) > 80
    raw = [one.reshape(8, 7).mean(axis=0) / one.mean() for one in series]
    assert np.std(found, axis=1).mean() < np.std(raw, axis=1).mean()


@pytest.mark.parametrize("counts", [level(33), np.zeros(90), np.full(90, 7.0), np.empty(0), level(5)])
def test_too_little_to_tell_leaves_weekdays_alike(counts):
    assert weekday_factors(counts).tolist() == [1] * 7


def test_a_weekday_without_reports_leaves_something_to_divide_by():
    counts = level(70)
    counts[np.arange(70) % 7 == 2] = 0
    factors = weekday_factors(counts)
    assert 0 < factors.min() < 0.1
    assert factors.mean() == pytest.approx(1)


def test_weeks_long_past_do_not_count():
    counts = level(120)
    assert np.array_equal(weekday_factors(np.r_[level(30, 9.0), counts]), weekday_factors(counts))
