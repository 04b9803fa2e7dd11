"""Examples of who counts as having shared a place, on the plain twin and on the engine."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines import tracing
from tests.reference import tracing as plain

title = "Who counts as having shared a place"

DAY_MINUTES = 24 * 60


def test_only_the_overlap_counts(trace):
    """Someone who arrives as the index case leaves was never there together."""
    trace(
        visits="""
            person | place | arrived | departed
            index  | cafe  | 10:00   | 11:00
            near   | cafe  | 10:30   | 12:00
            late   | cafe  | 11:00   | 12:00
            away   | bank  | 10:00   | 11:00
        """,
        expect={"near": 30},
    )


def test_meetings_add_up(trace):
    """Two meetings on one day, and one at another place, are one pair with all their minutes."""
    trace(
        visits="""
            person | place | arrived | departed
            index  | cafe  | 10:00   | 11:00
            index  | bank  | 14:00   | 14:20
            near   | cafe  | 09:00   | 10:10
            near   | cafe  | 10:50   | 12:00
            near   | bank  | 14:00   | 15:00
        """,
        expect={"near": 40},
    )


def test_a_visit_told_twice_counts_once(trace):
    """Two reports of one stay, overlapping, are one stay."""
    trace(
        visits="""
            person | place | arrived | departed
            index  | cafe  | 10:00   | 11:00
            index  | cafe  | 10:30   | 11:30
            near   | cafe  | 10:00   | 12:00
        """,
        expect={"near": 90},
    )


def test_known_only_to_the_day_is_the_same_day_with_unknown_minutes(trace):
    """A visit without clock times meets everyone of that day and place, for nobody knows how long."""
    trace(
        visits="""
            person | place | arrived | departed
            index  | cafe  |         |
            near   | cafe  | 10:30   | 12:00
            vague  | cafe  |         |
            away   | bank  |         |
        """,
        expect={"near": None, "vague": None},
    )


def test_a_known_meeting_is_not_lost_beside_an_unknown_one(trace):
    """Minutes are those that are known; a further meeting of unknown length does not erase them."""
    trace(
        visits="""
            person | place | arrived | departed
            index  | cafe  | 10:00   | 11:00
            index  | bank  |         |
            near   | cafe  | 10:30   | 12:00
            near   | bank  | 14:00   | 15:00
        """,
        expect={"near": 30},
    )


def test_an_instant_is_no_time(trace):
    """Who only passed, at one moment, shared no time."""
    trace(
        visits="""
            person | place | arrived | departed
            index  | cafe  | 10:00   | 11:00
            near   | cafe  | 10:30   | 10:30
        """,
        expect={},
    )


@pytest.fixture(params=["plain", "engine"])
def trace(request):
    """Run a table of visits on one engine and compare the minutes shared with `index`."""

    def run(visits, expect):
        rows, people = _read(visits)
        found = {"plain": plain.shared, "engine": engine_shared}[request.param](rows, {people["index"]})
        names = {number: name for name, number in people.items()}
        minutes = {names[one if one != people["index"] else other]: row[0] for (one, other), row in found.items()}
        assert minutes == expect

    return run


def _read(table):
    header, *lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    visits = [dict(zip(header, line, strict=True)) for line in lines]
    people = {name: number for number, name in enumerate(dict.fromkeys(visit["person"] for visit in visits))}
    places = {name: number for number, name in enumerate(dict.fromkeys(visit["place"] for visit in visits))}
    rows = []
    for visit in visits:
        exact = bool(visit["arrived"])
        start, end = (_minute(visit["arrived"]), _minute(visit["departed"])) if exact else (0, DAY_MINUTES)
        rows.append((people[visit["person"]], places[visit["place"]], start, end, exact))
    return rows, people


def _minute(clock):
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def columns(rows):
    person, place, start, end, exact = zip(*rows, strict=True) if rows else ((),) * 5
    return tracing.Visits(
        np.array(person, np.int64), np.array(place, np.int64), np.array(start, float), np.array(end, float),
        np.array(exact, bool),
    )  # fmt: skip


def as_pairs(found):
    return {
        (int(one), int(other)): (None if np.isnan(minutes) else minutes, meetings, unknown, first, last)
        for one, other, minutes, meetings, unknown, first, last in zip(
            found.one, found.other, found.minutes, found.meetings, found.meetings_unknown, found.first, found.last,
            strict=True,
        )
    }  # fmt: skip


def engine_shared(rows, index=None):
    index = None if index is None else np.array(sorted(index), np.int64)
    return as_pairs(tracing.shared(columns(rows), index=index))


spans = st.tuples(st.integers(0, 30), st.integers(0, 12)).map(lambda span: (span[0], span[0] + span[1]))
visit_rows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 2), spans, st.booleans()).map(lambda v: (v[0], v[1], *v[2], v[3])),
    max_size=25,
)
persons = st.sets(st.integers(0, 5))


class TestGenerated:
    @given(visit_rows, st.none() | persons)
    def test_both_engines_agree(self, rows, index):
        assert engine_shared(rows, index) == plain.shared(rows, index)

    @given(visit_rows, st.integers(1, 7))
    def test_the_size_of_the_blocks_changes_nothing(self, rows, pairs_at_once):
        whole = engine_shared(rows)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tracing, "PAIRS_AT_ONCE", pairs_at_once)
            assert engine_shared(rows) == whole

    @given(visit_rows, st.randoms(use_true_random=False))
    def test_the_order_of_rows_changes_nothing(self, rows, random):
        assert engine_shared(random.sample(rows, len(rows))) == engine_shared(rows)

    @given(visit_rows, st.integers(0, 5))
    def test_a_visit_elsewhere_changes_nothing(self, rows, person):
        assert engine_shared([*rows, (person, 99, 0, 30, True)]) == engine_shared(rows)

    @settings(max_examples=200)
    @given(visit_rows, persons, persons, st.data())
    def test_the_second_ring_agrees(self, rows, contacts, cases, data):
        exposed = {person: data.draw(st.integers(0, 20)) for person in contacts}
        until = {person: data.draw(st.none() | st.integers(0, 40)) for person in contacts}
        people = np.array(sorted(contacts), np.int64)
        found = tracing.second_ring(
            columns(rows),
            people=people,
            exposed_from=np.array([exposed[person] for person in people], float),
            until=np.array([np.nan if until[person] is None else until[person] for person in people], float),
            known=np.array(sorted(cases), np.int64),
        )
        assert as_pairs(found) == plain.second_ring(rows, exposed, until, cases)


def test_a_visit_that_ends_before_it_starts_is_refused():
    with pytest.raises(tracing.VisitEndsBeforeItStarts, match="Visit 1 ends"):
        columns([(0, 0, 1, 2, True), (0, 0, 5, 4, True)])


def test_no_visits_share_nothing():
    assert len(tracing.shared(columns([]))) == 0
