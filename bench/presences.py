"""
Who was there: whole answers (tokens in, Arrow table out) of the store beside other engines, interleaved in one run.

Four questions: one case over venues (V1), one over venues and cells (A1), a hundred of each (V100, A100). What is
made below var/bench (the fortnight, the store, the sorted tables) is kept for the next run, until --rebuild.
"""

import os
import shutil
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pyarrow as pa

from bench import presences_made as made
from bench.presences_beside import LEAST, Postgres, SortedTables, Unsorted, fingerprint

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "presences"
SLOW = 3  # a way that took so many times as long as another of its engine is not asked again
ONCE_SECONDS = 5  # nor is an engine asked again that took this long


@dataclass(frozen=True)
class Asked:
    """One of the four questions."""

    name: str
    cases: list[int]
    only_venues: bool


@click.command("presences")
@click.option("--rows", multiple=True, type=int, default=(10_000_000,), show_default=True,
              help="How many presences; several times for how cost grows.")  # fmt: skip
@click.option("--rounds", default=5, show_default=True, help="Interleaved rounds; medians are printed.")
@click.option("--postgres-rows", default=10_000_000, show_default=True, help="PostgreSQL up to this size; 0 for none.")
@click.option("--beside/--alone", default=True, show_default=True, help="Whether other engines are asked too.")
@click.option("--cold/--warm", default=True, show_default=True, help="Whether to measure with nothing in memory.")
@click.option("--rebuild", is_flag=True, help="Make store and tables anew, and compare how long that takes.")
@click.option("--store", "only", type=click.Path(path_type=Path), help="Keep everything in this folder.")
def command(**asked) -> None:  # noqa: ANN003
    """Make a fortnight below var/bench, take it in, and ask for the companions of one and of 100 cases."""
    folder = asked["only"] or FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    print(f"load of this machine when it began: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    times = {}
    for rows in sorted(asked["rows"]):
        times[rows] = _at(rows, folder, asked)
    if len(times) > 1:
        _growth(times)


def _at(rows: int, folder: Path, asked: dict) -> dict[str, tuple[float, int]]:
    from sizao.adapters.visits import VisitStore

    n_people = made.people_of(rows)
    source, path = folder / f"fortnight-{rows}.parquet", folder / f"store-{rows}"
    if not source.exists():
        made.make(source, n_people)
    if asked["rebuild"]:
        shutil.rmtree(path, ignore_errors=True)
        (folder / f"sorted-{rows}.duckdb").unlink(missing_ok=True)
    engines = _engines(rows, source, folder, asked)
    _build(path, source, engines)
    questions = [_question(name, n_people) for name in ("V1", "A1", "V100", "A100")]
    store = VisitStore(path)
    print(f"{store.told}, {n_people:,} people asked about")
    found = _warm(store, engines, questions, asked["rounds"])
    _more(store, questions, asked["rounds"])
    del store
    if asked["cold"]:
        from bench import presences_cold

        presences_cold.report(path, source, questions)
        presences_cold.report_memory(path, questions)
    print()
    return found


def _engines(rows: int, source: Path, folder: Path, asked: dict) -> list:
    if not asked["beside"]:
        return []
    engines = [SortedTables(source, folder / f"sorted-{rows}.duckdb"), Unsorted(source)]
    if rows <= asked["postgres_rows"]:
        engines.append(Postgres(source, folder / "postgres", rows))
    return engines


def _question(name: str, n_people: int) -> Asked:
    n_cases = int(name[1:])
    people = np.random.default_rng(n_cases).choice(n_people, n_cases, replace=False)
    return Asked(name, [made.token(int(one)) for one in people], name[0] == "V")


def _build(path: Path, source: Path, engines: list) -> None:
    from sizao.adapters.visits import VisitWriter

    seconds = None
    if not path.exists():
        began = time.perf_counter()
        with VisitWriter(path) as writer:
            taken = writer.ingest(source)["taken"]
        seconds = time.perf_counter() - began
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        print(
            f"taken in, both orders, durable: {taken / seconds / 1e6:.2f} million a second, "
            f"{size / taken:.1f} bytes a presence"
        )
    for engine in engines:
        theirs = engine.build()
        if theirs and seconds:
            print(f"{engine.name} was built in {theirs / seconds:.1f} times that time")


def ask(store, question: Asked) -> pa.Table:  # noqa: ANN001
    """Ask the store: tokens in, Arrow table out."""
    from sizao.adapters.visits import Window

    windows = [Window(one, made.MIDNIGHT, made.BEYOND) for one in question.cases]
    return store.companions(windows, least_seconds=LEAST, places=_venues(store) if question.only_venues else None)


def _venues(store) -> np.ndarray:  # noqa: ANN001
    """Say of each place whether it is a venue; known once a store is open."""
    if not hasattr(store, "venues_for_the_bench"):
        store.venues_for_the_bench = store.place_tokens.to_numpy() < made.FIRST_CELL
    return store.venues_for_the_bench


def _warm(store, engines: list, questions: list[Asked], rounds: int) -> dict[str, tuple[float, int]]:  # noqa: ANN001
    print(
        f"\nmilliseconds of a whole answer, medians of {rounds} interleaved rounds ((1): asked once); × those of sizao;"
    )
    print("in brackets × the CPU time of sizao, which other work on the machine changes less (not of PostgreSQL)")
    found = {}
    for question in questions:
        told, answer = _ask_all(store, engines, question, rounds)
        meetings = int(np.asarray(answer["meetings"]).sum())
        print(f"\n{question.name}: {answer.num_rows:,} rows, {meetings:,} meetings", flush=True)
        for name, one in told.items():
            print(f"   {name:30}{_said(one, told['sizao'])}", flush=True)
        found[question.name] = told["sizao"].seconds, meetings
    return found


@dataclass(frozen=True)
class Told:
    """What a way took: median seconds and CPU seconds, whether it was asked once only, and whether it agreed."""

    seconds: float
    cpu_seconds: float
    once: bool
    same: bool


def _ask_all(store, engines: list, question: Asked, rounds: int) -> tuple[dict[str, Told], pa.Table]:  # noqa: ANN001
    """Ask all ways in turn, round by round."""
    ways = {f"{engine.name}{way}": (engine, way) for engine in engines for way in engine.ways}
    asks = {"sizao": lambda: ask(store, question)}
    asks |= {name: lambda engine=engine, way=way: engine.ask(question, way) for name, (engine, way) in ways.items()}
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in asks}
    again, prints, answer = set(asks), {}, None
    for turn in range(rounds + 1):
        for name, way in asks.items():
            if name not in again:
                continue
            began, cpu = time.perf_counter(), time.process_time()
            found = way()
            seconds[name].append((time.perf_counter() - began, time.process_time() - cpu))
            if turn == 0:
                prints[name] = fingerprint(found)
                answer = found if answer is None else answer
        if turn == 0:
            again = {name for name in asks if not _hopeless(name, seconds)}
    told = {}
    for name, times in seconds.items():
        wall, cpu = (statistics.median(one[at] for one in times[1:] or times) for at in (0, 1))
        told[name] = Told(wall, cpu, len(times) == 1, prints[name] == prints["sizao"])
    return told, answer


def _hopeless(name: str, seconds: dict[str, list[tuple[float, float]]]) -> bool:
    """Say whether a way takes long and cannot be the best of its engine, so that it is not asked again."""
    engine = name.split(",", maxsplit=1)[0]
    took = seconds[name][0][0]
    best = min(times[0][0] for other, times in seconds.items() if other.split(",", maxsplit=1)[0] == engine)
    return name != "sizao" and (took > SLOW * best or (took > ONCE_SECONDS and "sorted" not in engine.split()))


def _said(one: Told, ours: Told) -> str:
    said = f"{one.seconds * 1000:12,.1f}"
    if one is not ours:
        said += f"  × {one.seconds / ours.seconds:6.1f}"
        said += f"  [{one.cpu_seconds / ours.cpu_seconds:.1f}]" if one.cpu_seconds > one.seconds / 50 else ""
        said += "  identical rows" if one.same else "  ROWS DIFFER"
    return said + ("  (1)" if one.once else "")


def _more(store, questions: list[Asked], rounds: int) -> None:  # noqa: ANN001
    """Measure the other questions of a hundred cases, warm: medians."""
    from sizao.adapters.visits import Limits, Window

    one, many = ([Window(case, made.MIDNIGHT, made.BEYOND) for case in asked.cases] for asked in questions[1::2])
    last_days = [Window(window.person, made.BEYOND - 5 * 86_400, made.BEYOND) for window in many]
    hour = 3_600
    others = {
        "second ring of the 1,000 closest contacts of one case": lambda: store.second_ring(
            one, least_seconds=LEAST, limits=Limits(closest=1_000)
        ),
        "second ring of all contacts of one case": lambda: store.second_ring(one, least_seconds=LEAST),
        "hotspots of 100 cases": lambda: store.hotspots(many),
        "common sources of 100 cases over 5 days": lambda: store.common_sources(
            last_days, span_seconds=hour, least_seconds=LEAST
        ),
    }
    print()
    for name, way in others.items():
        times = []
        for _ in range(rounds + 1):
            began = time.perf_counter()
            found = way()
            times.append(time.perf_counter() - began)
        print(f"{name}: {statistics.median(times[1:]) * 1000:,.1f} ms, {found.num_rows:,} rows")


def _growth(times: dict[int, dict[str, tuple[float, int]]]) -> None:
    """Fit straight lines to logarithms: how time grows with rows, and with meetings."""
    print("exponent of time against presences (against meetings found), least squares on logarithms:")
    rows = np.log(list(times))
    for name in next(iter(times.values())):
        seconds, meetings = (np.log([found[name][at] for found in times.values()]) for at in (0, 1))
        print(f"   {name}: {np.polyfit(rows, seconds, 1)[0]:.2f} ({np.polyfit(meetings, seconds, 1)[0]:.2f})")
