"""What came in since a mark: which cases must be asked for again, in whatever order presences arrive."""

import shutil
from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.adapters.visits import VisitStore, VisitWriter, Window, compact, forget, segment_file
from tests.adapters.visits.conftest import MIDNIGHT, as_rows, made
from tests.reference import presences as plain
from tests.specs.test_companions import presence_rows

LEAST = 3
CASES = (0, 1, 2)
WINDOWS = [Window(0, 0, 60), Window(1, 5, 20), Window(2, 10, 15), Window(2, 30, 50)]


def batch_of(rows):
    names = ("person", "place", "start", "end")
    columns = [pa.array(column, pa.int64()) for column in zip(*rows, strict=True)]
    return pa.record_batch(columns, list(names))


def answers(store, cases=CASES, windows=WINDOWS, least=LEAST):
    asked = [one for one in windows if one.person in cases]
    found = store.companions(asked, least_seconds=least).to_pylist()
    by_case = {case: {} for case in cases}
    for row in found:
        numbers = round(row["minutes"] * 60), row["meetings"], row["first"], row["last"]
        by_case[row["case"]][row["person"]] = numbers
    return by_case


def appended(folder, rows, key):
    with VisitWriter(folder) as writer:
        writer.append(batch_of(rows), key=key)


class TestAffected:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(presence_rows, st.randoms(use_true_random=False), st.integers(2, 5), st.sampled_from(["", "mid", "each"]))
    def test_asking_again_for_those_alone_gives_what_asking_for_all_would(self, tmp_path, rows, dice, parts, merging):
        """For any split into batches in any order, merged in between or not."""
        rows = list(dict.fromkeys(rows))
        dice.shuffle(rows)
        batches = [rows[part::parts] for part in range(parts) if rows[part::parts]]
        shutil.rmtree(tmp_path / "store", ignore_errors=True)
        standing, mark, store = {case: {} for case in CASES}, None, None
        for number, batch in enumerate(batches):
            appended(tmp_path / "store", batch, str(number))
            if merging == "each" or (merging == "mid" and number == len(batches) // 2):
                compact(tmp_path / "store")
            store = store.refreshed() if store else VisitStore(tmp_path / "store")
            again = CASES if mark is None else store.affected(WINDOWS, least_seconds=LEAST, since=mark)
            standing |= answers(store, again)
            mark = store.mark
        windows = {case: [(one.start, one.end) for one in WINDOWS if one.person == case] for case in CASES}
        assert standing == {case: plain.companions(rows, case, windows[case], LEAST) for case in CASES}

    def test_are_those_whom_news_met_and_nobody_else(self, tmp_path):
        appended(tmp_path, [(0, 7, 0, 50), (1, 8, 0, 50), (9, 9, 0, 9)], "first")
        mark = VisitStore(tmp_path).mark
        appended(tmp_path, [(5, 7, 40, 60), (5, 8, 18, 30)], "second")  # with 1 for two seconds in its window
        store = VisitStore(tmp_path)
        assert store.affected(WINDOWS, least_seconds=LEAST, since=mark) == [0]
        assert store.affected(WINDOWS, least_seconds=2, since=mark) == [0, 1]
        assert store.affected(WINDOWS, least_seconds=LEAST, since=store.mark) == []

    def test_are_those_of_whom_news_tells(self, tmp_path):
        appended(tmp_path, [(0, 7, 0, 50), (5, 8, 0, 50), (2, 7, 90, 99)], "first")
        mark = VisitStore(tmp_path).mark
        appended(tmp_path, [(1, 8, 0, 50), (2, 8, 20, 30)], "second")  # that of 2 lies outside its windows
        assert VisitStore(tmp_path).affected(WINDOWS, least_seconds=LEAST, since=mark) == [1]

    def test_are_all_for_a_mark_that_the_store_never_gave(self, tmp_path):
        appended(tmp_path, [(0, 7, 0, 50), (1, 8, 0, 50)], "first")
        assert VisitStore(tmp_path).affected(WINDOWS, least_seconds=LEAST, since=7) == [0, 1]

    def test_are_none_after_merging_and_forgetting(self, tmp_path):
        rows = sorted(set(as_rows(made(3))))
        windows = [Window(case, MIDNIGHT, MIDNIGHT + 3 * 86_400) for case in (5, 22, 39)]
        for part in range(4):
            appended(tmp_path, rows[part::4], str(part))
        mark = VisitStore(tmp_path).mark
        assert compact(tmp_path) > 0
        forgotten(tmp_path, MIDNIGHT + 40_000)
        store = VisitStore(tmp_path)
        assert (store.mark, store.affected(windows, least_seconds=600, since=mark)) == (mark, [])

    def test_are_none_for_lines_told_again(self, tmp_path):
        appended(tmp_path, [(0, 7, 0, 50), (5, 7, 0, 50)], "first")
        before = VisitStore(tmp_path)
        appended(tmp_path, [(5, 7, 0, 50), (0, 7, 0, 50)], "second")
        after = VisitStore(tmp_path)
        assert answers(before)[0] == answers(after)[0] == {5: (50, 1, 0, 50)}
        assert after.mark == before.mark + 1
        assert after.affected(WINDOWS, least_seconds=LEAST, since=before.mark) == []

    def test_are_those_of_an_end_that_what_is_new_cuts(self, tmp_path):
        appended(tmp_path, [(0, 7, 0, 50), (5, 7, 0, None), (1, 8, 0, 50)], "first")
        before = VisitStore(tmp_path)
        appended(tmp_path, [(5, 9, 4, 9)], "second")
        after = VisitStore(tmp_path)
        assert (answers(before)[0], answers(after)[0]) == ({5: (50, 1, 0, 50)}, {5: (4, 1, 0, 4)})
        assert after.affected(WINDOWS, least_seconds=LEAST, since=before.mark) == [0]

    def test_read_only_what_is_new(self, tmp_path, monkeypatch):
        """Of segments that were seen, no record by place is asked for."""
        rows = as_rows(made(3))
        appended(tmp_path, rows, "first")
        mark = VisitStore(tmp_path).mark
        appended(tmp_path, [(5, 900, MIDNIGHT, MIDNIGHT + 900), (7, 901, MIDNIGHT, MIDNIGHT + 9_000)], "second")
        asked = set()
        whole = segment_file.MappedSegment.will_need
        monkeypatch.setattr(
            segment_file.MappedSegment, "will_need", lambda one, rows: asked.add(len(one.segment)) or whole(one, rows)
        )
        windows = [Window(case, MIDNIGHT, MIDNIGHT + 3 * 86_400) for case in (22, 39)]
        VisitStore(tmp_path).affected(windows, least_seconds=600, since=mark)
        assert asked == {2}


class TestRefreshed:
    def test_is_itself_where_nothing_was_written(self, tmp_path):
        appended(tmp_path, [(0, 7, 0, 50)], "first")
        store = VisitStore(tmp_path)
        assert store.refreshed() is store

    def test_sees_what_was_written_and_shares_what_it_had(self, tmp_path, monkeypatch):
        appended(tmp_path, [(0, 7, 0, 50), (1, 8, 0, 50)], "first")
        store = VisitStore(tmp_path)
        appended(tmp_path, [(5, 7, 0, 50), (6, 9, 0, 50)], "second")
        opened = []
        monkeypatch.setattr("sizao.adapters.visits.reading.open_segment", lambda path: opened.append(path.name) or
                            segment_file.open_segment(path))  # fmt: skip
        fresh = store.refreshed()
        assert len(opened) == 1
        assert (answers(store)[0], answers(fresh)[0]) == ({}, {5: (50, 1, 0, 50)})
        assert fresh.unknown([0, 5, 6, 7]) == [7]

    def test_sees_that_tokens_were_destroyed(self, tmp_path):
        appended(tmp_path, [(0, 7, MIDNIGHT, MIDNIGHT + 50), (1, 7, MIDNIGHT + 86_400, MIDNIGHT + 86_500)], "first")
        store = VisitStore(tmp_path)
        forgotten(tmp_path, MIDNIGHT + 86_400)
        assert store.refreshed().unknown([0, 1]) == [0]


def forgotten(folder, before):
    forget(folder, before=before, by="tests", reason="tests", now=datetime(2021, 2, 1, tzinfo=UTC))
