"""DuckDB and a real Spark cluster answer row by row as the plain twin and the store do."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, sleep

import numpy as np
import pyarrow as pa
import pytest

from sizao.adapters.presence_tables import PresenceTables, export
from sizao.adapters.presence_tables.on_spark import OnSpark
from sizao.adapters.presence_tables.questions import LISTED
from sizao.adapters.visits import VisitStore, Window
from tests.presence_tables import ENGINES, as_twin, asked, store_of, tables_of
from tests.reference import presences as plain

HOUR, DAY = 3_600, 86_400
MIDNIGHT = 1_609_459_200  # of 1 January 2021
N_EXAMPLES = 120
APART = 1_000  # between the tokens of two examples


def example(rng):
    """
    Some people at some places over four days, by the hour, so that overlaps of exactly the least length abound.

    Some presences last for days, some are told twice, some last no time at all.
    """
    n = int(rng.integers(1, 30))
    start = rng.integers(0, 4 * 24, n)
    length = np.where(rng.random(n) < 0.15, rng.integers(20, 90, n), rng.integers(0, 9, n))
    rows = np.column_stack((rng.integers(0, 5, n), rng.integers(0, 3, n), start, start + length))
    again = rng.integers(0, n, int(rng.integers(0, 4)))
    cuts = np.sort(rng.choice(110, 2 * int(rng.integers(1, 3)), replace=False)).reshape(-1, 2)
    return np.concatenate((rows, rows[again])), cuts


@pytest.fixture(scope="module")
def examples():
    """Examples of one question, with tokens of their own, so that one query asks for them all."""
    rng = np.random.default_rng(4)
    drawn = [example(rng) for _ in range(N_EXAMPLES)]
    told = []
    for number, (rows, cuts) in enumerate(drawn):
        rows = rows + np.array([number * APART, number * APART, 0, 0])
        rows[:, 2:] = MIDNIGHT + rows[:, 2:] * HOUR
        told.append((list(map(tuple, rows.tolist())), list(map(tuple, (MIDNIGHT + cuts * HOUR).tolist()))))
    return told


@pytest.fixture(scope="module")
def folder(examples, tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    tables_of([row for rows, _ in examples for row in rows], folder)
    return folder


@pytest.mark.parametrize("engine", ENGINES)
class TestGenerated:
    @pytest.mark.parametrize("least", [0, 2 * HOUR])
    def test_agrees_with_the_twin_and_the_store(self, engine, least, examples, folder, request):
        windows = [Window(at * APART, *cut) for at, (_, cuts) in enumerate(examples) for cut in cuts]
        wanted = {
            (at * APART, person): told
            for at, (rows, cuts) in enumerate(examples)
            for person, told in plain.companions(rows, at * APART, cuts, least).items()
        }
        assert len(wanted) > N_EXAMPLES // 4
        with asked(engine, request, folder / "tables") as tables:
            found = tables.companions(windows, least_seconds=least)
        assert as_twin(found) == wanted
        assert as_twin(VisitStore(folder / "store").companions(windows, least_seconds=least)) == wanted

    def test_windows_that_touch_are_one(self, engine, examples, folder, request):
        at, (rows, _) = max(enumerate(examples), key=lambda one: len(one[1][0]))
        case, low, high = at * APART, MIDNIGHT, MIDNIGHT + 5 * DAY
        cut = [(low, low + DAY), (low + DAY, high), (low + 2 * DAY, low + 3 * DAY)]
        with asked(engine, request, folder / "tables") as tables:
            found = tables.companions([Window(case, *one) for one in cut], least_seconds=HOUR)
        assert as_twin(found)
        assert {person: told for (_, person), told in as_twin(found).items()} == plain.companions(
            rows, case, [(low, high)], HOUR
        )

    def test_nobody_met_nobody(self, engine, folder, request):
        windows = [Window(7, MIDNIGHT, MIDNIGHT + DAY), Window(0, 5, 5), Window(0, 10**6, 10**6 + 9)]
        with asked(engine, request, folder / "tables") as tables:
            assert tables.companions(windows, least_seconds=1).num_rows == 0
            assert tables.companions([], least_seconds=1).num_rows == 0
            assert tables.unknown([7, APART + 900]) == [7, APART + 900]
            assert tables.unknown([]) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_texts_and_times_come_back_as_they_came(engine, tmp_path, request):
    """Tokens with every character that SQL knows, and times of a zone."""
    people = ["it's", 'the "case"', "back\\slash", "百分%_", "?", " "]
    times = pa.array([0] * len(people), pa.timestamp("us", "Asia/Shanghai"))
    ends = pa.array([10**10] * len(people), pa.timestamp("us", "Asia/Shanghai"))
    presences = pa.table({"person": people, "place": ["o'clock\\"] * len(people), "start": times, "end": ends})
    store = store_of(presences, tmp_path)
    export(store, tmp_path / "tables", buckets=4)
    windows = [Window(person, 0, DAY) for person in people]
    with asked(engine, request, tmp_path / "tables") as tables:
        found = tables.companions(windows, least_seconds=60)
        assert tables.unknown(["nobody'", "?"]) == ["nobody'"]
    wanted = VisitStore(store).companions(windows, least_seconds=60)
    assert found.num_rows == len(people) * (len(people) - 1)
    assert found.schema.equals(wanted.schema)
    order = [("case", "ascending"), ("person", "ascending")]
    assert found.sort_by(order).equals(wanted.sort_by(order))


@pytest.mark.parametrize("engine", ENGINES)
def test_more_cases_and_places_than_a_list_may_name(engine, tmp_path, request):
    rng = np.random.default_rng(8)
    n_cases = LISTED + 20
    rows = [(person, place, MIDNIGHT + place, MIDNIGHT + place + DAY)
            for person in range(n_cases) for place in rng.choice(n_cases, 3, replace=False).tolist()]  # fmt: skip
    folder = tables_of(rows, tmp_path)
    windows = [Window(person, MIDNIGHT, MIDNIGHT + 2 * DAY) for person in range(n_cases)]
    with asked(engine, request, folder) as tables:
        found = as_twin(tables.companions(windows, least_seconds=60))
    assert found == as_twin(VisitStore(tmp_path / "store").companions(windows, least_seconds=60))
    assert len({case for case, _ in found}) > LISTED


@pytest.mark.spark
class TestACluster:
    def test_works_out_the_buckets_itself(self, spark, folder):
        """So that a job of Spark can write tables too."""
        _, session = spark
        engine = OnSpark(session, folder / "tables").session
        for order, key in (("by_place", "place"), ("by_person", "person")):
            ours = f"count_if(crc32(CAST({key} AS STRING)) % 3 = bucket) AS same"
            found = engine.sql(f"SELECT count(*) AS rows, {ours} FROM {order}").toArrow().to_pylist()  # noqa: S608
            assert found[0]["rows"] == found[0]["same"] > 500

    def test_that_loses_a_worker_in_the_middle_gives_the_same_answer(self, spark, tmp_path):
        cluster, session = spark
        tables, windows, wanted = self.city(session, tmp_path)
        with ThreadPoolExecutor(1) as thread, a_worker_less(cluster):
            asking = thread.submit(tables.companions, windows, least_seconds=600)
            done, of = self.in_the_middle(session)
            cluster.workers[0].kill()
            assert not asking.done(), f"the query was over when the worker was killed, at {done} of {of} parts"
            found = as_twin(asking.result(timeout=300))
        assert found == wanted
        assert as_twin(tables.companions(windows, least_seconds=600)) == wanted  # and once it is whole again

    def city(self, session, folder):
        """Make tables of many files, each of which is a part of the query by itself, and what the store answers."""
        rng = np.random.default_rng(3)
        n = 200_000
        start = MIDNIGHT + rng.integers(0, 4 * DAY, n)
        presences = {"person": rng.integers(0, 4_000, n), "place": rng.integers(0, 300, n), "start": start,
                     "end": start + rng.integers(60, 30_000, n)}  # fmt: skip
        store = store_of(pa.table(presences), folder)
        export(store, folder / "tables", buckets=24)
        windows = [Window(case, MIDNIGHT, MIDNIGHT + 5 * DAY) for case in range(40)]
        engine = OnSpark(session, folder / "tables")
        engine.session.conf.set("spark.sql.files.maxPartitionBytes", "32k")
        wanted = as_twin(VisitStore(store).companions(windows, least_seconds=600))
        assert len(wanted) > 50_000
        return PresenceTables(folder / "tables", engine), windows, wanted

    def in_the_middle(self, session):
        """Wait until some parts of a long stage are done; return how many, of how many."""
        tracker = session.sparkContext.statusTracker()
        until = monotonic() + 240
        while monotonic() < until:
            for number in tracker.getActiveStageIds():
                stage = tracker.getStageInfo(number)
                if stage and stage.numTasks > 50 and stage.numCompletedTasks > 2:
                    return stage.numCompletedTasks, stage.numTasks
            sleep(0.01)
        raise AssertionError("the query never had parts done and parts to do")


@contextmanager
def a_worker_less(cluster):
    """Let a test kill the first worker; put another in its place."""
    try:
        yield
    finally:
        cluster.workers.pop(0).kill()
        cluster.add_worker()
        cluster.ready()
