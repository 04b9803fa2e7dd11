"""Writing to the store: bulk beside DuckDB's sort, durable small batches until seen, and questions meanwhile."""

import itertools
import multiprocessing
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.presences_made import BEYOND, MIDNIGHT, make, people_of, token

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "visits"
BATCH = 10_000
LEAST = 600
PAUSE = 0.002  # between two looks of whoever waits for what is new


@click.command("visits")
@click.option("--rows", default=10_000_000, show_default=True, help="How many presences are taken in at once.")
@click.option("--batches", default=400, show_default=True, help="How many batches of 10,000 are appended.")
@click.option("--rounds", default=3, show_default=True, help="Interleaved rounds of taking in; medians are printed.")
def command(rows: int, batches: int, rounds: int) -> None:
    """Take in a made-up fortnight beside DuckDB, append small batches while somebody looks, ask while both happen."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    source, store = FOLDER / f"{rows}.parquet", FOLDER / "store"
    if not source.exists():
        make(source, people_of(rows))
    _bulk(source, store, rounds)
    parts = _parts(source, batches)
    _small(parts)
    _meanwhile(source, store, parts, people_of(rows))
    shutil.rmtree(store)


def _bulk(source: Path, store: Path, rounds: int) -> None:
    import duckdb

    beside = duckdb.connect()
    beside.execute("SET threads = 2")
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    taken = 0
    for turn in range(rounds + 1):
        began = time.perf_counter()
        taken = _ingest(source, store)["taken"]
        between = time.perf_counter()
        beside.execute(f"CREATE OR REPLACE TABLE by_place AS FROM read_parquet('{source}') ORDER BY place, start")
        if turn:  # the first round compiles and warms up
            seconds["ours"].append(between - began)
            seconds["theirs"].append(time.perf_counter() - between)
    ours, theirs = (statistics.median(times) for times in seconds.values())
    size = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
    print(f"{taken:,} presences taken in, both orders, durable: {taken / ours / 1e6:.2f} million a second;")
    print(f"DuckDB sorted one order, in memory, in {theirs / ours:.2f} times that time (medians of {rounds} rounds)")
    print(f"{size / taken:.1f} bytes a presence on disk, tokens included\n")


def _ingest(source: Path, store: Path, **intake: Any) -> dict[str, int]:
    from sizao.adapters.visits import VisitWriter

    shutil.rmtree(store, ignore_errors=True)
    with VisitWriter(store, **intake) as writer:
        return writer.ingest(source)


def _small(parts: list[pa.RecordBatch]) -> None:
    """Append small batches as fast as it goes; a second process says when it could ask about each."""
    folder = FOLDER / "small"
    _append(parts[:20], folder)
    begun, told, seconds = _append(parts, folder, alone=False)
    waits = sorted((np.array([when for _, when in told]) - begun[: len(told)]) * 1000)
    rate = sum(len(part) for part in parts) / seconds / 1e6
    print(f"batches of {BATCH:,}, each durable before the next: {rate:.2f} million a second;")
    print(f"to be asked about after {statistics.median(waits):.0f} ms in the median, {waits[-1]:.0f} ms at most\n")
    shutil.rmtree(folder)


def _append(parts: list[pa.RecordBatch], folder: Path, *, alone: bool = True) -> tuple[Any, list[Any], float]:
    """Return when each batch was handed in, when each was seen, and the seconds that all took."""
    from sizao.adapters.visits import VisitWriter

    shutil.rmtree(folder, ignore_errors=True)
    begun, totals = [], []
    with VisitWriter(folder) as writer:
        writer.append(parts[0], key="first")
        context = multiprocessing.get_context("spawn")
        told, ready = context.Queue(), context.Event()
        looker = context.Process(target=_look, args=(folder, len(parts), told, ready))
        if not alone:
            looker.start()
            ready.wait()
        first = time.perf_counter()
        for number, part in enumerate(parts[1:]):
            begun.append(time.perf_counter())
            writer.append(part, key=str(number))
            totals.append(writer.manifest.told["taken"])
        seconds = time.perf_counter() - first
        if alone:
            return begun, [], seconds
        sightings = told.get()
        looker.join()
    seen = [next(pair for pair in sightings if pair[0] >= total) for total in totals]
    return np.array(begun), seen, seconds


def _look(folder: Path, n_batches: int, told: Any, ready: Any) -> None:
    """Note when how many presences can be asked about, until all have come."""
    from sizao.adapters.visits import VisitStore

    store, sightings = VisitStore(folder), []
    ready.set()
    while store.manifest.arrivals < n_batches:
        store = store.refreshed()
        sightings.append((store.manifest.told["taken"], time.perf_counter()))
        time.sleep(PAUSE)
    told.put(sightings)


def _meanwhile(source: Path, store: Path, parts: list[pa.RecordBatch], n_people: int) -> None:
    """Ask about one case after the other, in a second process, while nothing and while everything happens."""
    from sizao.adapters.visits import VisitWriter, compact

    with _asking(store, n_people) as asked:
        time.sleep(3)
        quiet = asked()
        for name, intake in (("taking in a file", {}), ("taking in a file, gently", {"gentle": True})):
            _ingest(source, FOLDER / "beside", **intake)
            _say(name, asked(), quiet)
        with VisitWriter(store) as writer:
            for number, part in enumerate(parts):
                writer.append(part, key=f"meanwhile {number}")
        _say("appending and merging", asked(), quiet)
        compact(store)
        _say("compacting", asked(), quiet)
    shutil.rmtree(FOLDER / "beside")


def _say(name: str, seconds: list[float], quiet: list[float]) -> None:
    ratio = statistics.median(seconds) / statistics.median(quiet)
    print(f"one case, while {name}: {ratio:.2f} times as long as before, medians of {len(seconds)} and {len(quiet)}")


@contextmanager
def _asking(store: Path, n_people: int) -> Iterator[Any]:
    """Start who asks; what this yields gives the seconds of all answers since it was last called."""
    context = multiprocessing.get_context("spawn")
    told, ready, stopped = context.Queue(), context.Event(), context.Event()
    asker = context.Process(target=_ask, args=(store, n_people, told, ready, stopped))
    asker.start()
    ready.wait()

    def since() -> list[float]:
        return [told.get() for _ in range(told.qsize())]

    yield since
    stopped.set()
    since()
    asker.join()


def _ask(store: Path, n_people: int, told: Any, ready: Any, stopped: Any) -> None:
    from sizao.adapters.visits import VisitStore, Window

    dice = np.random.default_rng(3)
    opened = VisitStore(store)
    told.cancel_join_thread()
    for turn in itertools.count():
        if stopped.is_set():
            return
        opened = opened.refreshed()
        windows = [Window(int(token(int(dice.integers(n_people)))), MIDNIGHT, BEYOND)]
        began = time.perf_counter()
        opened.companions(windows, least_seconds=LEAST)
        if turn >= 20:  # the first compile and warm up
            told.put(time.perf_counter() - began)
            ready.set()
        time.sleep(PAUSE)


def _parts(source: Path, n: int) -> list[pa.RecordBatch]:
    """Give the first rows of a file as small batches, as they would come in one after the other."""
    file = pq.ParquetFile(source)
    return list(itertools.islice(file.iter_batches(BATCH), n))
