"""Examples of what links cases before they fell ill: on the plain twin and on the kernel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.common_exposures import poisson_binomial_tail
from sizao.engines.presences import common_sources
from tests.reference import presences as plain
from tests.specs.test_companions import HOUR, MINUTE, _seconds, presence_rows, segment_of

title = "What several cases shared before they fell ill"

SPAN = 6 * HOUR


def test_a_rare_place_comes_before_one_that_everybody_visits(sources):
    """Both cases were at the station and at the clinic; so was everybody at the station."""
    sources(
        presences="""
            person | place   | from  | to
            ann    | station | 08:00 | 09:00
            ben    | station | 08:00 | 09:00
            col    | station | 08:00 | 09:00
            dan    | station | 08:00 | 09:00
            eve    | station | 08:00 | 09:00
            ann    | clinic  | 10:00 | 11:00
            ben    | clinic  | 10:30 | 11:00
        """,
        cases={"ann", "ben"},
        expect=["clinic", "station"],
    )


def test_whoever_comes_again_and_again_makes_no_place_popular(sources):
    """The kiosk has one regular who comes four times, the bar three guests: the kiosk is the rarer place."""
    sources(
        presences="""
            person | place | from  | to
            ann    | kiosk | 08:00 | 09:00
            ben    | kiosk | 08:00 | 09:00
            reg    | kiosk | 06:00 | 06:30
            reg    | kiosk | 07:00 | 07:30
            reg    | kiosk | 08:00 | 08:30
            reg    | kiosk | 09:00 | 09:30
            ann    | bar   | 10:00 | 11:00
            ben    | bar   | 10:00 | 11:00
            col    | bar   | 10:00 | 11:00
            dan    | bar   | 10:00 | 11:00
            eve    | bar   | 10:00 | 11:00
        """,
        cases={"ann", "ben"},
        expect=["kiosk", "bar"],
    )


def test_what_came_after_falling_ill_is_no_source(sources):
    """Both were in the ward, after their window."""
    sources(
        presences="""
            person | place | from  | to
            ann    | ward  | 13:00 | 14:00
            ben    | ward  | 13:00 | 14:00
            col    | shop  | 08:00 | 09:00
        """,
        cases={"ann", "ben"},
        window=("00:00", "12:00"),
        expect=[],
    )


@pytest.fixture(params=["plain", "kernel"])
def sources(request):
    """Rank the spans of six hours that cases shared for at least ten minutes; name their places in order."""

    def run(presences, cases, expect, window=("00:00", "24:00")):
        _, *lines = [[cell.strip() for cell in line.split("|")] for line in presences.strip().splitlines()]
        people = {name: number for number, name in enumerate(dict.fromkeys(line[0] for line in lines))}
        places = {name: number for number, name in enumerate(dict.fromkeys(line[1] for line in lines))}
        rows = [(people[who], places[where], _seconds(low), _seconds(high)) for who, where, low, high in lines]
        engine = {"plain": plain.common_sources, "kernel": kernel}[request.param]
        windows = {people[case]: [tuple(map(_seconds, window))] for case in cases}
        found = engine(rows, windows, SPAN, 10 * MINUTE)
        events = sorted((told[3], place) for (scope, place, _), told in found.items() if scope == "event")
        assert [list(places)[place] for _, place in events] == expect

    return run


def kernel(rows, windows, span, least, parts=1):
    """Lay the rows out in some segments and rank with the kernel; map as the twin does."""
    dated = []
    for part in range(parts):
        if mine := rows[part::parts]:
            times = min(row[2] for row in mine), max(row[3] for row in mine)
            dated.append(common_sources.Dated(segment_of(mine)[0], *times))
    found = common_sources.common_sources(
        dated, {case: np.array(one, np.int64) for case, one in windows.items()}, span_seconds=span,
        least_seconds=least, n_persons=max(row[0] for row in rows) + 1, n_places=max(row[1] for row in rows) + 1,
    )  # fmt: skip
    people = list(windows)
    return {
        (str(one.shared.scope), one.shared.place, one.shared.begins): (
            {people[case] for case in one.shared.cases}, one.visitors, one.expected, one.p_value, one.q_value,
        )
        for one in found
    }  # fmt: skip


class TestGenerated:
    @settings(max_examples=200, deadline=None)
    @given(presence_rows, st.sets(st.integers(0, 5), min_size=1, max_size=4), st.integers(1, 30), st.integers(0, 6),
           st.integers(1, 3))  # fmt: skip
    def test_the_kernel_agrees_with_its_twin(self, rows, cases, span, least, parts):
        rows = sorted(set(rows))
        windows = {case: [(3 * case, 20 + 5 * case)] for case in cases}
        wanted = plain.common_sources(rows, windows, span, least)
        found = kernel(rows, windows, span, least, parts)
        assert found.keys() == wanted.keys()
        for key, told in found.items():
            assert told[:2] == wanted[key][:2]
            assert told[2:] == pytest.approx(wanted[key][2:], rel=1e-9, abs=1e-300)

    @settings(deadline=None)
    @given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(1, 6))
    def test_its_tail_is_the_one_of_common_exposures(self, chances, at_least):
        chances = np.array(chances)
        everybody = np.ones(len(chances), bool)
        expected, tail = common_sources._tail(1.0, chances, everybody, at_least)
        assert expected == pytest.approx(chances.sum())
        if at_least <= len(chances):
            assert max(tail, common_sources.TINIEST) == pytest.approx(poisson_binomial_tail(chances, at_least))


@pytest.fixture(scope="module")
def city():
    rng = np.random.default_rng(3)
    n = 60_000
    place = (rng.pareto(1.1, n) * 10).astype(int) % 2_000
    start = rng.integers(0, 5 * 86_400, n)
    columns = rng.integers(0, 4_000, n), place, start, start + rng.integers(600, 7_200, n)
    return list(zip(*(one.tolist() for one in columns), strict=True))


class TestMadeUpCity:
    """Thousands of people, heavy-tailed places: what is planted is found, and chance is not."""

    def test_a_planted_event_stands_first(self, city):
        cases = list(range(0, 400, 20))
        party = [(case, 1_999, 2 * 86_400 + 68_000, 2 * 86_400 + 75_000) for case in cases[:6]]
        found = kernel([*city, *party], {case: [(0, 5 * 86_400)] for case in cases}, 86_400, 600)
        (_, place, begins), (there, _, expected, _, q_value) = next(iter(found.items()))
        assert (place, begins) == (1_999, 2 * 86_400)
        assert set(cases[:6]) <= there
        assert expected < 1
        assert q_value < 1e-6

    def test_cases_by_chance_give_no_small_p_too_often(self, city):
        rng = np.random.default_rng(9)
        n_small = n_tests = 0
        for _ in range(20):
            cases = rng.choice(4_000, 30, replace=False).tolist()
            found = kernel(city, {case: [(0, 5 * 86_400)] for case in cases}, 86_400, 600)
            # Of places that two or more cases are expected at, the test is on whether more were there.
            busy = [told for told in found.values() if told[2] >= 2]
            n_small += sum(told[3] < 0.05 for told in busy)
            n_tests += len(busy)
            assert min(told[4] for told in found.values()) > 0.01
        assert n_tests > 100
        assert n_small / n_tests < 0.08
