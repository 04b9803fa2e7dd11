"""The ranking of what cases share: against its plain twin, under its null, and on a known truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizao.engines import common_exposures as engine
from sizao.engines.common_exposures import CaseVisits, Windows, common_exposures
from sizao.terms import ExposureScope
from tests.reference import common_exposures as plain

EVENT, PLACE = ExposureScope.EVENT, ExposureScope.PLACE
CLINIC, HALL, MARKET = 1, 2, 3


def ranked(visits, windows, kinds=None):
    case, place, day = (
        (np.array(column, np.int64) for column in zip(*visits, strict=True)) if visits else [np.zeros(0, np.int64)] * 3
    )
    first, last = (np.array(column, np.int64) for column in zip(*windows, strict=True))
    kinds = kinds or dict.fromkeys(range(1000), 0)
    return common_exposures(CaseVisits(case, place, day), Windows(first, last), kinds)


class TestEvents:
    def test_a_wedding_is_a_day_that_beats_the_habit_of_those_who_were_there(self):
        wedding = [(case, HALL, 6) for case in range(10)]
        clinic = [(case, CLINIC, case) for case in range(10)]
        top = ranked(wedding + clinic, [(0, 9)] * 10)[0]
        assert (top.scope, top.place, top.first_day, top.observed) == (EVENT, HALL, 6, 10)
        assert top.p_value < 1e-9

    def test_a_market_that_everybody_visits_every_day_is_no_event(self):
        market = [(case, MARKET, day) for case in range(6) for day in range(8)]
        events = [exposure for exposure in ranked(market, [(0, 7)] * 6) if exposure.scope == EVENT]
        assert len(events) == 8
        assert {exposure.p_value for exposure in events} == {1.0}

    def test_a_day_on_which_everybody_goes_out_makes_every_place_less_of_an_event(self):
        at_hall = [(case, HALL, 3) for case in range(4)]
        outings = [(case, 100 + case, 3) for case in range(12)]
        quiet, holiday = (
            next(exposure for exposure in ranked(rows, [(0, 6)] * 12) if exposure.scope == EVENT)
            for rows in (at_hall, at_hall + outings)
        )
        assert holiday.p_value > 10 * quiet.p_value

    def test_days_after_the_window_do_not_count(self):
        visits = [(case, HALL, 6) for case in range(5)]
        assert ranked(visits, [(0, 5)] * 5) == ()
        assert ranked(visits, [(0, 5)] * 3 + [(0, 9)] * 2)[0].cases == (3, 4)

    def test_one_case_alone_shares_nothing(self):
        assert ranked([(0, HALL, 1), (0, HALL, 2)], [(0, 5)]) == ()

    def test_no_visits_give_no_exposures(self):
        assert ranked([], [(0, 5)]) == ()


class TestPlaces:
    def test_a_place_with_many_more_cases_than_others_of_its_kind_stands_out(self):
        quiet = [(case, 10 + case, case % 5) for case in range(20)]
        busy = [(case, CLINIC, case % 5) for case in range(12)]
        places = [exposure for exposure in ranked(quiet + busy, [(0, 4)] * 20) if exposure.scope == PLACE]
        assert [exposure.place for exposure in places] == [CLINIC]
        assert (places[0].observed, places[0].first_day, places[0].last_day) == (12, 0, 4)
        assert places[0].p_value < 0.001
        assert places[0].expected < 1.1

    def test_the_same_number_is_ordinary_where_places_of_the_kind_are_popular(self):
        visits = [(case, place, case % 5) for place in range(15) for case in range(8)]
        first = next(exposure for exposure in ranked(visits, [(0, 4)] * 8) if exposure.scope == PLACE)
        assert first.p_value > 0.3

    def test_of_a_rare_kind_all_places_say_what_is_popular(self):
        shops = [(case, 10 + case, 0) for case in range(20)]
        kinds = dict.fromkeys(range(10, 40), 0) | {CLINIC: 1}
        rare = ranked(shops + [(case, CLINIC, 0) for case in range(6)], [(0, 4)] * 20, kinds)
        assert next(exposure for exposure in rare if exposure.scope == PLACE).p_value < 0.01


visits = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 9)), max_size=25)
windows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda w: (w[0], w[0] + w[1])), min_size=6, max_size=6
)


class TestLaws:
    @given(visits, windows)
    def test_events_agree_with_the_plain_twin(self, visits, windows):
        for exposure in ranked(visits, windows):
            if exposure.scope == EVENT:
                p_value, expected = plain.event(visits, windows, exposure.place, exposure.first_day)
                assert exposure.p_value == pytest.approx(p_value, rel=1e-9)
                assert exposure.expected == pytest.approx(expected, rel=1e-9)

    @given(st.lists(st.floats(0, 1), max_size=8), st.integers(0, 8))
    def test_the_tail_is_exact(self, chances, at_least):
        tail = engine.poisson_binomial_tail(np.array(chances), at_least)
        assert tail == pytest.approx(max(plain.tail(chances, at_least), engine.TINIEST), rel=1e-9, abs=1e-300)

    @given(st.lists(st.floats(1e-9, 1), min_size=1, max_size=12))
    def test_q_values_agree_with_the_plain_twin(self, p_values):
        assert engine._benjamini_hochberg(p_values) == pytest.approx(plain.benjamini_hochberg(p_values))

    @given(visits, windows, st.randoms(use_true_random=False))
    def test_the_order_of_rows_and_repeats_change_nothing(self, visits, windows, random):
        assert ranked(random.sample(visits, len(visits)) + visits[:3], windows) == ranked(visits, windows)

    @given(visits, windows)
    def test_chances_are_chances_and_the_list_is_in_order(self, visits, windows):
        exposures = ranked(visits, windows)
        assert all(0 < e.p_value <= e.q_value <= 1 and e.observed > 1 for e in exposures)
        assert [e.p_value for e in exposures] == sorted(e.p_value for e in exposures)


def town(rng, n_cases=150, n_places=40, n_days=14):
    """Cases who go about their ways: each place popular in its own measure, each day as good as another."""
    popular = rng.pareto(1.5, n_places) + 0.2
    rows = []
    for case in range(n_cases):
        for place in rng.choice(n_places, size=rng.integers(1, 6), p=popular / popular.sum()):
            days = rng.choice(n_days, size=rng.integers(1, 4), replace=False)
            rows += [(case, int(place), int(day)) for day in days]
    return rows, [(0, n_days - 1)] * n_cases


def test_without_an_event_few_days_look_like_one():
    alarms, tested = 0, 0
    for seed in range(20):
        rows, spans = town(np.random.default_rng(seed))
        case, place, day = (np.array(column) for column in zip(*rows, strict=True))
        windows = Windows(*(np.array(column) for column in zip(*spans, strict=True)))
        events = list(engine._events(engine._in_window(CaseVisits(case, place, day), windows), windows))
        tested += len(events)
        alarms += sum(event.p_value <= 0.05 for event in events)
    assert tested > 5000
    assert alarms / tested <= 0.05


@pytest.mark.parametrize("seed", range(5))
def test_a_wedding_among_the_ways_of_a_town_comes_out_first(seed):
    rows, windows = town(np.random.default_rng(seed))
    wedding = [(case, 99, 5) for case in range(0, 150, 10)]
    top = ranked(rows + wedding, windows)[0]
    assert (top.scope, top.place, top.first_day, top.observed) == (EVENT, 99, 5, 15)
    assert top.q_value < 1e-6
