"""When it will be over: against the plain twin, in closed form, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sizao.engines.transmission.ending import NoCases, Offspring, WrongChances, WrongOffspring, ending
from tests.reference import ending as twin

SERIAL = np.array([0.1, 0.2, 0.3, 0.2, 0.1, 0.1])
REPORTING = np.array([0.1, 0.3, 0.3, 0.2, 0.1])
RUNS = 1500


@pytest.mark.parametrize(
    ("reproduction", "dispersion", "reporting"),
    [(0.5, 0.3, REPORTING), (0.8, np.inf, REPORTING), (0.3, 1.0, np.ones(1)), (1.4, 0.2, REPORTING)],
)
def test_gives_the_chances_of_outbreaks_that_run_on(reproduction, dispersion, reporting):
    cases, now = [0, 2, 3, 3, 6, 9, 10, 10], 12
    told = ending(
        np.array(cases),
        now=now,
        offspring=Offspring(reproduction, dispersion),
        serial=SERIAL,
        reporting=reporting,
        days=25,
    )
    rng = np.random.default_rng(17)
    last = twin.last_reports(cases, now, reproduction, dispersion, SERIAL, reporting, rng, RUNS, horizon=40)
    for day, chance in zip(told.days[::4], told.chance[::4], strict=True):
        low, high = stats.binom.ppf([1e-4, 1 - 1e-4], RUNS, chance)
        assert low <= sum(one <= day for one in last) <= high


def test_one_case_and_one_generation_in_closed_form():
    """At once reported and R so small that nobody's infected infect: only the case's own late ones remain."""
    told = ending(np.array([0]), now=2, offspring=Offspring(1e-9, 0.5), serial=SERIAL, days=6)
    beyond = 1 - np.cumsum(SERIAL)
    expected = [1e-9 * (beyond[day - 1] if day <= 6 else 0) for day in range(3, 9)]
    assert 1 - told.chance == pytest.approx(expected, abs=1e-15)


def test_not_knowing_r_is_the_mean_over_its_draws():
    draws = np.array([0.2, 0.9, 1.3])
    arguments = {"now": 9, "serial": SERIAL, "reporting": REPORTING, "days": 30}
    together = ending(np.array([1, 5, 9]), offspring=Offspring(draws, 0.4), **arguments)
    apart = [ending(np.array([1, 5, 9]), offspring=Offspring(float(one), 0.4), **arguments) for one in draws]
    assert together.chance == pytest.approx(np.mean([one.chance for one in apart], axis=0), rel=1e-12)


def test_says_the_day_on_which_it_is_sure():
    told = ending(np.array([0, 3]), now=5, offspring=Offspring(0.4, 0.5), serial=SERIAL, reporting=REPORTING)
    at = told.over_on - 6
    assert told.chance[at] >= 0.95 > told.chance[at - 1]
    assert told.days[0] == 6
    never = ending(np.array([0, 3]), now=5, offspring=Offspring(4.0), serial=SERIAL, days=10)
    assert never.over_on is None


def test_nobody_infected_means_over():
    told = ending(np.array([0]), now=5, offspring=Offspring(0.0), serial=SERIAL, reporting=REPORTING, days=3)
    assert told.chance.tolist() == [1, 1, 1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 20), min_size=1, max_size=12),
    st.floats(0, 3),
    st.floats(0.05, 20),
)
def test_chances_rise_with_time_and_fall_with_cases(days, reproduction, dispersion):
    arguments = {"now": 20, "offspring": Offspring(reproduction, dispersion), "serial": SERIAL, "reporting": REPORTING}
    told = ending(np.array(days), **arguments)
    assert np.all(np.diff(told.chance) >= -1e-12)
    assert np.all((told.chance >= 0) & (told.chance <= 1))
    more = ending(np.array([*days, 20]), **arguments)
    assert np.all(more.chance <= told.chance + 1e-12)


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"case_days": np.array([], int)}, NoCases),
        ({"case_days": np.array([9])}, NoCases),
        ({"offspring": Offspring(-0.1)}, WrongOffspring),
        ({"offspring": Offspring(np.nan)}, WrongOffspring),
        ({"offspring": Offspring(1.0, 0.0)}, WrongOffspring),
        ({"serial": np.array([0.7, 0.7])}, WrongChances),
        ({"serial": np.array([])}, WrongChances),
        ({"reporting": np.array([-0.1, 1.0])}, WrongChances),
    ],
)
def test_refuses_what_cannot_be(arguments, refusal):
    usual = {"case_days": np.array([1]), "offspring": Offspring(0.5), "serial": SERIAL, "now": 5}
    with pytest.raises(refusal):
        ending(**(usual | arguments))
