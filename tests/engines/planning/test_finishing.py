"""When a round will be through: the same hours as a plain count gives, and an interval that holds what it says."""

import numpy as np
import pytest

from sizao.engines.planning.finishing import NoHoursYet, dispersion, finishing, hours_until
from tests.reference import finishing as plain

ALWAYS = np.ones(80, bool)


def test_hours_are_those_of_a_plain_count():
    rng = np.random.default_rng(3)
    for _ in range(20):
        left, pace = rng.uniform(0, 300, 7), rng.gamma(2, 10, (9, 7))
        shared, opened = rng.lognormal(0, 0.2, (9, 30)), rng.random(30) < 0.7
        wanted = 0.9 * left.sum()
        expect = plain.hours_until(wanted, left, pace, shared, opened)
        assert hours_until(wanted, left, pace, shared, opened) == pytest.approx(expect)


@pytest.mark.parametrize("goal", [0.9, 0.98])
def test_the_interval_of_80_percent_holds_about_80_percent(goal):
    rng, inside, below = np.random.default_rng(20210220), 0, 0
    n_rounds = 250
    for _ in range(n_rounds):
        expected, came = plain.simulated_round(rng)
        now = int(rng.integers(3, 7))
        told = finishing(expected, came[:now].sum(axis=0), came[:now][-4:], open_ahead=ALWAYS, goal=goal, rng=rng)
        sums = np.cumsum(came.sum(axis=1))
        hour = int(np.argmax(sums >= goal * expected.sum()))
        before = sums[hour - 1] if hour else 0.0
        true = hour + (goal * expected.sum() - before) / (sums[hour] - before) - now
        inside += told.low <= true <= told.high
        below += true < told.low
    assert 0.72 <= inside / n_rounds <= 0.88
    # Neither end is missed much more often than the other.
    assert 0.04 <= below / n_rounds <= 0.20


def test_tables_that_are_closed_add_their_hours():
    by_hour = np.full((3, 1), 100.0)
    night = np.ones(40, bool)
    night[2:12] = False
    by_day = finishing(np.array([1000.0]), np.array([300.0]), by_hour, open_ahead=ALWAYS, goal=1.0,
                       rng=np.random.default_rng(1))  # fmt: skip
    at_night = finishing(np.array([1000.0]), np.array([300.0]), by_hour, open_ahead=night, goal=1.0,
                         rng=np.random.default_rng(1))  # fmt: skip
    assert at_night.middle == pytest.approx(by_day.middle + 10)
    assert by_day.low < 7 < by_day.high
    assert by_day.pace == 100


def test_a_round_that_stands_still_never_ends():
    told = finishing(np.array([1000.0]), np.array([300.0]), np.zeros((4, 1)), open_ahead=ALWAYS, goal=0.98,
                     rng=np.random.default_rng(1))  # fmt: skip
    assert told.middle == float("inf")


def test_a_round_that_is_through_needs_no_hour():
    told = finishing(np.array([10.0, 0.0]), np.array([10.0, 0.0]), np.ones((1, 2)), open_ahead=ALWAYS, goal=0.98,
                     rng=np.random.default_rng(1))  # fmt: skip
    assert (told.low, told.middle, told.high) == (0, 0, 0)


def test_more_than_expected_in_one_area_makes_up_for_nobody_in_another():
    told = finishing(np.array([10.0, 100.0]), np.array([90.0, 0.0]), np.array([[0.0, 10.0]] * 3), open_ahead=ALWAYS,
                     goal=0.95, rng=np.random.default_rng(1))  # fmt: skip
    assert told.low > 5


def test_nothing_is_said_before_an_hour_is_over():
    with pytest.raises(NoHoursYet):
        finishing(np.ones(1), np.zeros(1), np.zeros((0, 1)), open_ahead=ALWAYS, goal=1, rng=np.random.default_rng(1))


def test_scatter_is_told_from_what_all_areas_share():
    rng = np.random.default_rng(5)
    shared = rng.lognormal(0, 0.5, (200, 1))
    assert dispersion(rng.poisson(60 * shared * np.ones((200, 30))).astype(float)) == pytest.approx(1, abs=0.1)
    wide = rng.negative_binomial(60 * shared / 2 * np.ones((200, 30)), 1 / 3).astype(float)
    assert dispersion(wide) == pytest.approx(3, rel=0.1)
