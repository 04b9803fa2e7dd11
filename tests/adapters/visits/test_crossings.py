"""Where one person was, and where and when two people were together."""

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.adapters.visits import VisitStore, VisitWriter, Window
from sizao.adapters.visits.crossings import Stay, crossings, stays
from tests.adapters.visits.conftest import MIDNIGHT, made

CASE, OTHER, NOBODY = 5, 22, 99_999
WINDOW = Window(CASE, MIDNIGHT, MIDNIGHT + 2 * 86_400)
HOUR = 3600


def stored(path, rows):
    names = ("person", "place", "start", "end")
    columns = [pa.array(column, pa.int64()) for column in zip(*rows, strict=True)]
    with VisitWriter(path) as writer:
        writer.append(pa.record_batch(columns, list(names)), key="one")
    return VisitStore(path)


def minutes_together(rows, case, other, window, least):
    """Look at each minute: the plain twin, for times that are whole minutes."""

    def there(person):
        return {
            (place, minute)
            for who, place, start, end in rows
            if who == person
            for minute in range(max(start, window.start) // 60, min(end, window.end) // 60)
        }

    both = sorted(there(case) & there(other))
    runs = []
    for place, minute in both:
        if runs and runs[-1][0] == place and runs[-1][2] == minute:
            runs[-1][2] = minute + 1
        else:
            runs.append([place, minute, minute + 1])
    return sorted((start * 60, end * 60, place) for place, start, end in runs if (end - start) * 60 >= least)


class TestStays:
    def test_are_cut_to_the_window_and_made_one_where_they_touch(self, tmp_path):
        rows = [
            (CASE, 1, MIDNIGHT - HOUR, MIDNIGHT + HOUR),
            (CASE, 1, MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR),
            (CASE, 2, MIDNIGHT + 3 * HOUR, MIDNIGHT + 4 * HOUR),
            (OTHER, 3, MIDNIGHT, MIDNIGHT + HOUR),
        ]
        assert stays(stored(tmp_path, rows), [WINDOW]) == [
            Stay(1, MIDNIGHT, MIDNIGHT + 2 * HOUR),
            Stay(2, MIDNIGHT + 3 * HOUR, MIDNIGHT + 4 * HOUR),
        ]

    def test_of_a_stranger_are_none(self, tmp_path):
        store = stored(tmp_path, [(OTHER, 3, MIDNIGHT, MIDNIGHT + HOUR)])
        assert stays(store, [Window(NOBODY, MIDNIGHT, MIDNIGHT + HOUR)]) == []


class TestCrossings:
    def test_of_exactly_the_least_length_count(self, tmp_path):
        rows = [(CASE, 1, MIDNIGHT, MIDNIGHT + HOUR), (OTHER, 1, MIDNIGHT + HOUR - 600, MIDNIGHT + 2 * HOUR)]
        store = stored(tmp_path, rows)
        assert crossings(store, [WINDOW], OTHER, least_seconds=600) == [Stay(1, MIDNIGHT + HOUR - 600, MIDNIGHT + HOUR)]
        assert crossings(store, [WINDOW], OTHER, least_seconds=601) == []
        assert crossings(store, [WINDOW], NOBODY, least_seconds=1) == []

    def test_at_neighbours_tell_where_the_other_was(self, tmp_path):
        rows = [(CASE, 1, MIDNIGHT, MIDNIGHT + HOUR), (OTHER, 2, MIDNIGHT, MIDNIGHT + HOUR)]
        store = stored(tmp_path, rows)
        beside = crossings(store, [WINDOW], OTHER, least_seconds=1, near=lambda place: [place + 1])
        assert beside == [Stay(2, MIDNIGHT, MIDNIGHT + HOUR)]
        assert crossings(store, [WINDOW], OTHER, least_seconds=1) == []

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.tuples(st.sampled_from([CASE, OTHER]), st.integers(1, 3), st.integers(-30, 200), st.integers(1, 90)),
            min_size=1, max_size=12,
        ),
        st.integers(0, 40),
    )  # fmt: skip
    def test_are_the_minutes_that_both_were_there(self, tmp_path_factory, told, least):
        rows = [(who, place, MIDNIGHT + at * 60, MIDNIGHT + (at + long) * 60) for who, place, at, long in told]
        store = stored(tmp_path_factory.mktemp("store"), [*rows, (NOBODY - 1, 1, MIDNIGHT, MIDNIGHT + 60)])
        found = crossings(store, [WINDOW], OTHER, least_seconds=least * 60)
        plain = minutes_together(rows, CASE, OTHER, WINDOW, max(least * 60, 1))
        assert [(one.start, one.end, one.place) for one in found] == plain

    def test_are_found_among_many(self, tmp_path):
        with VisitWriter(tmp_path) as writer:
            writer.append(made(3).to_batches()[0], key="many")
        store = VisitStore(tmp_path)
        window = Window(CASE, MIDNIGHT, MIDNIGHT + 3 * 86_400)
        told = store.companions([window], least_seconds=60).to_pylist()
        assert all(crossings(store, [window], row["person"], least_seconds=60) for row in told)
        assert len(told) > 30
