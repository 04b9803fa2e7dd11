"""Rows of presences made tables, and asked through DuckDB or the Spark cluster of the tests."""

from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sizao.adapters.presence_tables import PresenceTables, export
from sizao.adapters.presence_tables.on_duckdb import duckdb_engine
from sizao.adapters.presence_tables.on_spark import OnSpark
from sizao.adapters.visits import VisitWriter, Window

ENGINES = ["duckdb", pytest.param("spark", marks=pytest.mark.spark)]


def store_of(presences: pa.Table, folder: Path) -> Path:
    """Take presences into a store."""
    file = folder / "presences.parquet"
    pq.write_table(presences, file)
    with VisitWriter(folder / "store") as writer:
        writer.ingest(file)
    return folder / "store"


def tables_of(rows, folder: Path, *, buckets=3) -> Path:
    """Make tables of rows (person, place, start, end)."""
    names = ("person", "place", "start", "end")
    store = store_of(pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))), folder)
    export(store, folder / "tables", buckets=buckets)
    return folder / "tables"


@contextmanager
def asked(engine: str, request: pytest.FixtureRequest, folder: Path):
    """Open tables through an engine, by its name."""
    if engine == "duckdb":
        with duckdb_engine(folder) as opened:
            yield PresenceTables(folder, opened)
    else:
        _, session = request.getfixturevalue("spark")
        yield PresenceTables(folder, OnSpark(session, folder))


def companions_by(engine: str, request: pytest.FixtureRequest, folder: Path):
    """Give a function that answers as the plain twin: a companion to (seconds, meetings, first, last)."""

    def companions(rows, case, windows, least):
        with asked(engine, request, tables_of(rows, folder)) as tables:
            found = tables.companions([Window(case, *window) for window in windows], least_seconds=least)
        return {person: told for (_, person), told in as_twin(found).items()}

    return companions


def as_twin(found: pa.Table):
    """Map case and companion to (seconds, meetings, first, last), and fail where one stands twice."""
    names = ("case", "person", "minutes", "meetings", "first", "last")
    rows = list(zip(*(found.column(name).to_pylist() for name in names), strict=True))
    told = {(case, person): (round(minutes * 60), *rest) for case, person, minutes, *rest in rows}
    assert len(told) == len(rows)
    return told
