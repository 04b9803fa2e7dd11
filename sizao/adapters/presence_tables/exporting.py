"""Write a store as tables: a file for each day and bucket, in both orders; whole or not at all."""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sizao.adapters.presence_tables import layout
from sizao.adapters.presence_tables.errors import FolderTaken, NothingToExport
from sizao.adapters.presence_tables.layout import DAY_SECONDS, Day, Tables
from sizao.adapters.visits import StoreDamaged, VisitStore, verify
from sizao.adapters.visits.tokens import Tokens
from sizao.engines.presences.layout import IMPUTED, LENGTH, LENGTH_MASK, LONGEST, OTHER, START, Order, Presences, Words
from sizao.engines.presences.sorting import lay_out, unsorted

THREADS = 2
# Small enough that a case's few rows are read with little beside them, large enough for columns to pack well.
ROW_GROUP = 20_000
# A file of so many rows is some 30 MB: many a day for a cluster to share out, few enough to list.
ROWS_A_FILE = 3_000_000


@dataclass(frozen=True, slots=True)
class Ranked:
    """Tokens in sorted order; for each number of the store its rank, and for each rank its bucket."""

    tokens: pa.Array
    rank: Words
    bucket: Words


def export(store: Path, out: Path, *, buckets: int | None = None, tick: Callable[[int], None] | None = None) -> Tables:
    """
    Write the presences of a store as tables into a new folder; `tick` hears of rows written.

    Presences that several batches told alike are written once. Raise StoreMissing, StoreDamaged, FolderTaken or
    NothingToExport.
    """
    opened = VisitStore(store)
    if faults := verify(store):
        raise StoreDamaged(path=store, reason=faults[0])
    if out.exists():
        raise FolderTaken(path=out)
    days = _days(opened)
    if not days:
        raise NothingToExport(path=store)
    buckets = buckets or _buckets(opened.manifest.rows / len(days))
    persons, places = (_ranked(tokens, buckets) for tokens in (opened.persons, opened.places))
    kinds = {name: opened.manifest.kinds.get(name, "") for name in ("person", "place", "time")}
    schema = Tables(kinds, buckets, (), {}).schema
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        whole = Path(folder) / "tables"

        def write_day(day: int) -> Day | None:
            written = _write_day(whole, day, _starting_on(opened, day), persons, places, schema)
            if tick and written:
                tick(written.rows)
            return written

        with ThreadPoolExecutor(THREADS) as threads:
            written = tuple(one for one in threads.map(write_day, days) if one)
        tables = Tables(kinds, buckets, written, layout.files_in(whole))
        layout.write(whole, tables)
        whole.rename(out)
    return tables


def _days(store: VisitStore) -> list[int]:
    spans = [(one.first_start // DAY_SECONDS, one.last_start // DAY_SECONDS) for one in store.manifest.segments]
    return sorted({day for first, last in spans for day in range(first, last + 1)})


def _buckets(rows_a_day: float) -> int:
    return 1 << max(int(np.ceil(np.log2(max(rows_a_day / ROWS_A_FILE, 1)))), 0)


def _ranked(tokens: Tokens, n_buckets: int) -> Ranked:
    known = tokens.known.combine_chunks()
    order = pc.sort_indices(known).to_numpy()
    rank = np.empty(len(order), np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    ordered = known.take(pa.array(order))
    return Ranked(ordered, rank, layout.buckets_of(ordered, n_buckets))


def _starting_on(store: VisitStore, day: int) -> Presences:
    """Gather the presences that start on a day, from all segments that hold any."""
    low, high = day * DAY_SECONDS, (day + 1) * DAY_SECONDS
    # One second more, for a presence of no length at the day's first second: it ends where the day begins.
    parts = [unsorted(mapped.segment) for _, mapped in store.during(low - 1, high)]
    within = [one.where((one.start >= low) & (one.start < high)) for one in parts]
    return Presences(
        *(np.concatenate([np.zeros(0, np.uint32), *(getattr(one, name) for one in within)]).astype(np.uint32)
          for name in Presences.__slots__)
    )  # fmt: skip


def _write_day(
    folder: Path, day: int, presences: Presences, persons: Ranked, places: Ranked, schema: pa.Schema
) -> Day | None:
    """Write what starts on one day in both orders."""
    if not len(presences):
        return None
    person, place = persons.rank[presences.person], places.rank[presences.place]
    ranked = Presences(person, place, presences.start, presences.length)
    n_persons, n_places = len(persons.rank), len(places.rank)
    segment, _ = lay_out(ranked, n_persons=n_persons, n_places=n_places, longest_seconds=LONGEST)
    for name, order, keys, others in (
        ("by_place", segment.by_place, places, persons),
        ("by_person", segment.by_person, persons, places),
    ):
        key, other = ("place", "person") if name == "by_place" else ("person", "place")
        for bucket, numbers, records in _by_bucket(order, keys):
            columns = {key: keys.tokens.take(pa.array(numbers)), other: others.tokens.take(pa.array(records[:, OTHER]))}
            path = folder / name / f"day={day}" / f"bucket={bucket}" / layout.FILE
            path.parent.mkdir(parents=True)
            _write(path, pa.table(columns | _times(records)).select(schema.names).cast(schema), key)
    return Day(day, len(segment), segment.first_start, segment.latest_end)


def _by_bucket(order: Order, keys: Ranked) -> Iterator[tuple[int, Words, Words]]:
    """Yield each bucket of an order with the ranks of its keys and its records, still sorted."""
    counts = np.diff(order.offsets)
    numbers = np.repeat(order.keys if len(order.keys) else np.arange(len(counts), dtype=np.uint32), counts)
    bucket = keys.bucket[numbers]
    rows = np.argsort(bucket, kind="stable")
    held, begins = np.unique(bucket[rows], return_index=True)
    for one, some in zip(held.tolist(), np.split(rows, begins[1:]), strict=True):
        yield one, numbers[some], order.records[some]


def _times(records: Words) -> dict[str, NDArray[np.int64] | NDArray[np.bool_]]:
    start = records[:, START].astype(np.int64)
    length = records[:, LENGTH]
    return {"start": start, "end": start + (length & LENGTH_MASK), "imputed": (length & IMPUTED) > 0}


def _write(path: Path, table: pa.Table, key: str) -> None:
    """
    Write one file.

    Differences of what is sorted and of persons take a third less room than dictionaries of them; the places of
    one person's day repeat, and are better looked up.
    """
    other = "person" if key == "place" else ""
    by_difference = [name for name in (key, other, "start", "end") if name and pa.types.is_integer(table[name].type)]
    pq.write_table(
        table, path, row_group_size=ROW_GROUP, compression="zstd",
        use_dictionary=[name for name in table.column_names if name not in by_difference],
        column_encoding=dict.fromkeys(by_difference, "DELTA_BINARY_PACKED"),
    )  # fmt: skip
