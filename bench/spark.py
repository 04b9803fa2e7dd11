"""Presences as tables of Parquet: size, seconds by phase and bytes shuffled as they grow, on DuckDB and Spark."""

import json
import shutil
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.presences_made import BEYOND, MIDNIGHT, make, people_of, token

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "tables"
LEAST = 600
CASES = (1, 100)


@click.command("spark")
@click.option("--millions", "sizes", default="3,10,30", show_default=True, help="Sizes, in millions of presences.")
@click.option("--rounds", default=3, show_default=True, help="Interleaved rounds; medians are printed.")
def command(sizes: str, rounds: int) -> None:
    """Write tables of several sizes below var/bench and ask DuckDB, Spark and the store for the same companions."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    millions = [float(one) for one in sizes.split(",")]
    measured: dict[str, list[float]] = defaultdict(list)
    print(f"with 64-bit hashes for persons {_hashed():.1f} bytes a presence in both orders, at one million")
    for size in millions:
        for name, value in _of_size(int(size * 1e6), rounds).items():
            measured[name].append(value)
        print(f"{size:g} million presences: all engines gave the same rows", flush=True)
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir()
    print(f"\n{'at ' + ', '.join(f'{one:g}' for one in millions) + ' million presences':48}  exponent")
    for name, values in measured.items():
        shown = "  ".join(f"{value:10.4g}" for value in values)
        exponent = f"{_exponent(millions, values):8.2f}" if len(values) > 1 and min(values) > 0 else ""
        print(f"{name:40} {shown}  {exponent}")


def _of_size(rows: int, rounds: int) -> dict[str, float]:
    from sizao.adapters.presence_tables import export
    from sizao.adapters.visits import VisitStore, VisitWriter

    n_people = people_of(rows)
    source, store, tables = (FOLDER / name for name in ("made.parquet", "store", "tables"))
    make(source, n_people)
    with VisitWriter(store) as writer:
        writer.ingest(source)
    began, worked = time.perf_counter(), time.process_time()
    told = export(store, tables)
    found = {"export, s": time.perf_counter() - began, "export, CPU s": time.process_time() - worked}
    found |= {f"bytes a presence, {name}": _size(tables / name) / told.rows for name in ("by_place", "by_person")}
    found["files"] = len(list(tables.rglob("*.parquet")))
    asked = {n_cases: _windows(n_cases, n_people) for n_cases in CASES}
    ours = {n_cases: VisitStore(store).companions(windows, least_seconds=LEAST) for n_cases, windows in asked.items()}
    found |= _asked(tables, asked, ours, rounds)
    return found


def _windows(n_cases: int, n_people: int) -> list[Any]:
    from sizao.adapters.visits import Window

    people = np.random.default_rng(n_cases).choice(n_people, n_cases, replace=False)
    return [Window(token(int(one)), MIDNIGHT, BEYOND) for one in people]


def _hashed() -> float:
    """Write a million presences with persons as 64-bit hashes, and give the bytes of a presence in both orders."""
    from sizao.adapters.presence_tables import export
    from sizao.adapters.visits import VisitWriter

    path, store, tables = (FOLDER / f"hashed{end}" for end in (".parquet", "-store", "-tables"))
    make(path, people_of(1_000_000))
    plain = pq.read_table(path)
    person = np.asarray(plain["person"]).astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # the last steps of splitmix64
        person = (person ^ (person >> np.uint64(shift))) * np.uint64(factor)
    hashed = plain.set_column(0, "person", pa.array((person ^ (person >> np.uint64(31))).view(np.int64)))
    pq.write_table(hashed, path)
    with VisitWriter(store) as writer:
        writer.ingest(path)
    told = export(store, tables)
    return _size(tables) / told.rows


class Watched:
    """An engine whose questions are timed, by the table that goes with them."""

    def __init__(self, name: str, engine: Any, context: Any = None) -> None:
        self.name, self.engine, self.context = name, engine, context
        self.label = ""
        self.seconds: dict[str, list[float]] = defaultdict(list)

    def ask(self, question: Any, given: Any) -> pa.Table:
        phase = "exposures" if "cases" in given else "companions"
        if self.context:
            self.context.setJobDescription(f"{self.label}, {phase}")
        began, worked = time.perf_counter(), time.process_time()
        answer = self.engine.ask(question, given)
        if self.label:
            self.seconds[f"{self.label}, {phase}, s"].append(time.perf_counter() - began)
            if not self.context:  # what Spark works is in its own log, not in this process
                self.seconds[f"{self.label}, {phase}, CPU s"].append(time.process_time() - worked)
        return answer


def _asked(tables: Path, asked: dict[int, list[Any]], ours: dict[int, pa.Table], rounds: int) -> dict[str, float]:
    from sizao.adapters.presence_tables import PresenceTables

    found: dict[str, float] = {}
    log = FOLDER / "log"
    log.mkdir()
    with _engines(tables, log) as engines:
        for turn in range(rounds + 1):
            for n_cases, windows in asked.items():
                for one in engines:
                    one.label = f"{n_cases} cases" if turn else ""  # the first round warms up
                    answer = PresenceTables(tables, one).companions(windows, least_seconds=LEAST)
                    _same(answer, ours[n_cases])
        for one in engines:
            found |= {f"{one.name}, {name}": statistics.median(times) for name, times in one.seconds.items()}
    for label, told in _tasks(log).items():
        for name, value in told.items():
            found[f"Spark, {label}, {name}"] = value / rounds
    return found | {f"rows of the answer, {n_cases} cases": len(found) for n_cases, found in ours.items()}


@contextmanager
def _engines(tables: Path, log: Path) -> Iterator[list[Watched]]:
    from sizao.adapters.presence_tables.on_duckdb import duckdb_engine
    from sizao.adapters.presence_tables.on_spark import OnSpark, spark_session

    settings = {
        "spark.driver.memory": "4g",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": f"file://{log}",
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "false",
        # Bytes that are read ahead by other threads are in nobody's count.
        "spark.hadoop.parquet.hadoop.vectored.io.enabled": "false",
    }
    with ExitStack() as held:
        session = held.enter_context(spark_session("local[2]", settings))
        duck = held.enter_context(duckdb_engine(tables))
        yield [Watched("DuckDB", duck), Watched("Spark", OnSpark(session, tables), session.sparkContext)]


def _tasks(log: Path) -> dict[str, dict[str, float]]:
    """Add up what Spark says of its tasks, by the phase that they worked for."""
    labels: dict[int, str] = {}
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    (path,) = log.iterdir()
    for line in path.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["Event"] == "SparkListenerJobStart":
            said = event["Properties"].get("spark.job.description", "")
            labels |= dict.fromkeys(event["Stage IDs"], said)
        if event["Event"] == "SparkListenerTaskEnd" and labels.get(event["Stage ID"], "")[:1].isdigit():
            told, metrics = found[labels[event["Stage ID"]]], event["Task Metrics"]
            told["CPU s"] += metrics["Executor CPU Time"] / 1e9
            told["bytes read"] += metrics["Input Metrics"]["Bytes Read"]
            told["bytes shuffled"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
    return found


def _same(found: pa.Table, wanted: pa.Table) -> None:
    order = [("case", "ascending"), ("person", "ascending")]
    assert found.sort_by(order).equals(wanted.sort_by(order)), "the rows differ"


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.parquet"))


def _exponent(sizes: list[float], values: list[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])
