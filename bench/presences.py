"""Who was there: whole answers of the store beside a sorted DuckDB table, in one run, rows compared."""

import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "presences"
DAYS = 14
MIDNIGHT = 1_609_459_200
BEYOND = MIDNIGHT + DAYS * 86_400
LEAST = 600
STEPS = 10 * DAYS  # presences of one person
# Six dwells in cells (home at night, work, and others) and four venues a day.
DWELLS = ((0, 6), (7, 2), (9, 4), (13, 4), (17, 2), (19, 12))


@click.command("presences")
@click.option("--rows", default=10_000_000, show_default=True, help="How many presences.")
@click.option("--rounds", default=5, show_default=True, help="Interleaved rounds; medians are printed.")
def command(rows: int, rounds: int) -> None:
    """Build a made-up fortnight below var/bench, take it in, and ask for the companions of one and of 100 cases."""
    import duckdb

    from sizao.adapters.visits import VisitStore, VisitWriter

    FOLDER.mkdir(parents=True, exist_ok=True)
    source, store = FOLDER / f"{rows}.parquet", FOLDER / "store"
    n_people = max(rows // STEPS, 1_000)
    if not source.exists():
        _make(source, n_people)
    shutil.rmtree(store, ignore_errors=True)
    began = time.perf_counter()
    with VisitWriter(store) as writer:
        found = writer.ingest(source)
    ours = time.perf_counter() - began
    beside = duckdb.connect()
    beside.execute("SET threads = 2")
    began = time.perf_counter()
    beside.execute(f"CREATE TABLE by_place AS FROM read_parquet('{source}') ORDER BY place, start")
    theirs = time.perf_counter() - began
    beside.execute("CREATE TABLE by_person AS FROM by_place ORDER BY person, start")
    print(f"{found['taken']:,} presences of {n_people:,} people")
    print(f"taken in (both orders, durable) at {found['taken'] / ours / 1e6:.2f} million a second;")
    print(f"DuckDB sorted one order in memory in {theirs / ours:.2f} times that time")
    size = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
    print(f"{size / found['taken']:.1f} bytes a presence on disk, tokens included\n")
    opened = VisitStore(store)
    for n_cases in (1, 100):
        _compare(opened, beside, n_cases, n_people, rounds)


def _compare(store, beside, n_cases: int, n_people: int, rounds: int) -> None:  # noqa: ANN001
    from sizao.adapters.visits import Window

    people = np.random.default_rng(n_cases).choice(n_people, n_cases, replace=False)
    tokens = [_token(int(one)) for one in people]
    windows = [Window(one, MIDNIGHT, BEYOND) for one in tokens]
    beside.register("cases", pa.table({"person": tokens}))
    ways: dict[str, Callable[[], pa.Table]] = {
        "sizao": lambda: store.companions(windows, least_seconds=LEAST),
        "DuckDB, one query": lambda: beside.sql(_sql("TRUE")).to_arrow_table(),
        "DuckDB, a query a day": lambda: _by_day(beside),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    answers = {}
    for turn in range(rounds + 1):
        for name, ask in ways.items():
            began = time.perf_counter()
            answers[name] = ask()
            if turn:  # the first round warms up
                seconds[name].append(time.perf_counter() - began)
    rows = {name: _sorted(found) for name, found in answers.items()}
    same = all(np.array_equal(rows["sizao"], found) for found in rows.values())
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    best = min(value for name, value in medians.items() if name != "sizao")
    print(f"{n_cases} cases: {len(rows['sizao']):,} rows, {'identical' if same else 'DIFFERENT'}; DuckDB's best way")
    print(f"took {best / medians['sizao']:.1f} times as long as sizao, medians of {rounds} interleaved rounds")
    print("   " + ", ".join(f"{name} {value * 1000:.0f} ms" for name, value in medians.items()))


def _sql(during: str) -> str:
    return f"""
        WITH own AS (
            SELECT person AS index_person, place, start AS own_start, least("end", {BEYOND}) AS own_end
            FROM by_person WHERE person IN (SELECT person FROM cases)
        )
        SELECT index_person, person, sum(least(own_end, "end") - greatest(own_start, start)) AS seconds,
               count(*) AS meetings, min(greatest(own_start, start)) AS first, max(least(own_end, "end")) AS last
        FROM own JOIN by_place USING (place)
        WHERE {during} AND person <> index_person AND start <= own_end - {LEAST} AND "end" >= own_start + {LEAST}
          AND least(own_end, "end") - greatest(own_start, start) >= {LEAST}
        GROUP BY ALL
    """  # noqa: S608 — made of constants


def _by_day(beside) -> pa.Table:  # noqa: ANN001
    """Ask day by day, which keeps the work of a join in cache, and sum the answers."""
    beside.execute("CREATE OR REPLACE TEMP TABLE parts AS " + _sql("FALSE"))
    for day in range(DAYS + 1):
        low = MIDNIGHT + day * 86_400
        beside.execute("INSERT INTO parts " + _sql(f"start >= {low} AND start < {low + 86_400}"))
    summed = "sum(seconds) AS seconds, sum(meetings) AS meetings, min(first) AS first, max(last) AS last"
    return beside.sql(f"SELECT index_person, person, {summed} FROM parts GROUP BY ALL").to_arrow_table()  # noqa: S608


def _sorted(found: pa.Table) -> np.ndarray:
    case = "case" if "case" in found.column_names else "index_person"
    seconds = np.asarray(found["minutes"]) * 60 if case == "case" else np.asarray(found["seconds"], dtype=np.float64)
    columns = [np.asarray(found[name]) for name in (case, "person")]
    rest = [np.asarray(found[name], dtype=np.float64) for name in ("meetings", "first", "last")]
    rank = np.lexsort((columns[1], columns[0]))
    return np.column_stack([*columns, np.round(seconds), *rest])[rank]


def _token(person: int | np.ndarray) -> int | np.ndarray:
    return person * 7_919 + 11


def _make(path: Path, n_people: int) -> None:
    rng = np.random.default_rng(1)
    people = np.arange(n_people)
    with pq.ParquetWriter(path, pa.schema({name: pa.int64() for name in ("person", "place", "start", "end")})) as file:
        for day in range(DAYS):
            parts = [
                *(_dwell(rng, people, day, slot) for slot in range(6)),
                *(_venue(rng, people, day) for _ in "1234"),
            ]
            place, start, end = (np.concatenate(column) for column in zip(*parts, strict=True))
            rows = {"person": np.tile(_token(people), 10), "place": place, "start": start, "end": end}
            mixed = rng.permutation(len(place))
            file.write_table(pa.table({name: column[mixed] for name, column in rows.items()}), 1 << 20)


def _dwell(rng: np.random.Generator, people: np.ndarray, day: int, slot: int) -> tuple[np.ndarray, ...]:
    hour, hours = DWELLS[slot]
    start = MIDNIGHT + day * 86_400 + hour * 3_600 + rng.integers(0, 1_800, len(people))
    length = rng.integers(900, hours * 3_600 - 1_800, len(people))
    popular = (rng.pareto(1.2, len(people)) * 50).astype(np.int64) % (len(people) // 20 + 1)
    cell = people // 50 if slot in (0, 5) else popular
    return 10_000_000 + cell, start, start + length


def _venue(rng: np.random.Generator, people: np.ndarray, day: int) -> tuple[np.ndarray, ...]:
    start = MIDNIGHT + day * 86_400 + rng.integers(8 * 3_600, 20 * 3_600, len(people))
    venue = (rng.pareto(1.1, len(people)) * 20).astype(np.int64) % (len(people) // 5 + 1)
    return venue, start, start + rng.integers(300, 7_200, len(people))
