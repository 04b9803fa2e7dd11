"""The other questions that a store answers, each as the plain twin does."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sizao.adapters.visits import Limits, VisitStore, VisitWriter, Window, compact
from tests.adapters.visits.conftest import DAYS, MIDNIGHT, as_rows, made
from tests.reference import presences as plain

END = MIDNIGHT + DAYS * 86_400
LEAST = 600
CASES = (5, 22, 39)


@pytest.fixture
def store(presences, tmp_path):
    with VisitWriter(tmp_path / "store") as writer:
        writer.ingest(presences)
    return VisitStore(tmp_path / "store")


@pytest.fixture
def rows():
    return as_rows(made(1))


def windows_of(cases=CASES):
    return [Window(case, MIDNIGHT, END) for case in cases]


class TestCommonSources:
    def test_are_those_of_the_twin(self, store, rows):
        found = store.common_sources(windows_of(), span_seconds=21_600, least_seconds=LEAST).to_pylist()
        wanted = plain.common_sources(rows, {case: [(MIDNIGHT, END)] for case in CASES}, 21_600, LEAST)
        assert {(one["scope"], one["place"], one["from"]) for one in found} == set(wanted)
        for one in found:
            people, visitors, *numbers = wanted[one["scope"], one["place"], one["from"]]
            assert (set(one["people"]), one["cases"], one["visitors"]) == (people, len(people), visitors)
            assert [one["expected"], one["p_value"], one["q_value"]] == pytest.approx(numbers)
        assert [one["p_value"] for one in found] == sorted(one["p_value"] for one in found)

    def test_of_nobody_known_are_none(self, store):
        assert store.common_sources(windows_of((1, 2)), span_seconds=21_600, least_seconds=LEAST).num_rows == 0

    def test_the_people_who_were_there_on_request(self, store, rows):
        since, until = MIDNIGHT + 30_000, MIDNIGHT + 60_000
        found = store.visitors(903, since, until, least_seconds=LEAST).to_pylist()
        wanted = plain.visitors(rows, 903, since, until, LEAST)
        assert {one["person"]: (round(one["minutes"] * 60), one["presences"], one["first"], one["last"])
                for one in found} == wanted  # fmt: skip
        assert store.visitors(1, since, until, least_seconds=LEAST).num_rows == 0

    def test_of_texts_and_times_come_back_as_they_came(self, tmp_path):
        times = pa.array([0, 60, 0], pa.timestamp("us", "UTC")), pa.array([10**10] * 3, pa.timestamp("us", "UTC"))
        names = ["person", "place", "start", "end"]
        pq.write_table(pa.table([pa.array(["a", "b", "c"]), pa.array(["x", "x", "y"]), *times], names),
                       tmp_path / "texts.parquet")  # fmt: skip
        with VisitWriter(tmp_path / "store") as writer:
            writer.ingest(tmp_path / "texts.parquet")
        windows = [Window("a", 0, 86_400), Window("b", 0, 86_400)]
        found = VisitStore(tmp_path / "store").common_sources(windows, span_seconds=3_600, least_seconds=60)
        assert found.column("people").to_pylist()[0] == ["a", "b"]
        assert found.schema.field("first").type == pa.timestamp("s", "UTC")


class TestSecondRing:
    def test_is_that_of_the_twin(self, tmp_path):
        table = made(7, n_people=400, n_places=60)
        with VisitWriter(tmp_path / "store") as writer:
            for number, batch in enumerate(table.to_batches(max_chunksize=2_000)):
                writer.append(batch, key=str(number))
        compact(tmp_path / "store")
        store, rows = VisitStore(tmp_path / "store"), as_rows(table)
        since = {}
        for case in CASES:
            for person, (_, _, first, _) in plain.companions(rows, case, [(MIDNIGHT, END)], LEAST).items():
                since[person] = min(first, since.get(person, first))
        contacts = {person: (first, 2**32) for person, first in since.items() if person not in CASES}
        apart = dict.fromkeys(list(contacts)[::3], MIDNIGHT + 100_000)
        contacts |= {person: (contacts[person][0], moment) for person, moment in apart.items()}
        wanted = plain.second_ring(rows, contacts, {*CASES, *contacts, 107}, LEAST)
        found = store.second_ring(windows_of(), least_seconds=LEAST, limits=Limits(apart, [107]))
        assert len(wanted) > 50
        assert {
            one["person"]: (round(one["minutes"] * 60), one["meetings"], one["first"], one["last"])
            for one in found.to_pylist()
        } == {person: told[:4] for person, told in wanted.items()}
        assert all(one["contact_exposed"] == contacts[one["contact"]][0] for one in found.to_pylist())

    def test_of_nobody_is_empty(self, store):
        assert store.second_ring(windows_of((1,)), least_seconds=LEAST).num_rows == 0


class TestCrowds:
    def test_hotspots_are_those_of_the_twin(self, store, rows):
        since = MIDNIGHT + 50_000
        found = store.hotspots(windows_of(), since=since).to_pylist()
        wanted = plain.hotspots([row for row in rows if row[3] > since], {case: [(MIDNIGHT, END)] for case in CASES},
                                since, END)  # fmt: skip
        assert {
            one["place"]: (round(one["minutes"] * 60), one["cases"], one["first"], one["last"], one["visitors"])
            for one in found
        } == {place: told[:5] for place, told in wanted.items()}

    def test_crowds_are_those_of_the_twin_and_the_closest_come_first(self, store, rows):
        found = store.crowding(windows_of(), least_seconds=LEAST).to_pylist()
        wanted = {
            (case, who): told
            for case in CASES
            for who, told in plain.crowding(rows, case, [(MIDNIGHT, END)], LEAST).items()
        }
        assert {(one["case"], one["person"]) for one in found} == set(wanted)
        for one in found:
            told = one["minutes"] * 60, one["weighted_minutes"] * 60, one["smallest_crowd"]
            assert told == pytest.approx(wanted[one["case"], one["person"]])
        weights = [one["weighted_minutes"] for one in found]
        assert weights == sorted(weights, reverse=True)
        told = store.dilution(windows_of(), least_seconds=LEAST, keep=10)
        assert told.by_minutes.sum() == told.by_crowd.sum() == len(wanted) == told.left_out + 10

    def test_of_nobody_are_empty(self, store):
        assert store.hotspots(windows_of((1,))).num_rows == 0
        assert store.crowding(windows_of((1,)), least_seconds=LEAST).num_rows == 0
