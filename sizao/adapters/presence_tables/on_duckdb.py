"""Ask tables of presences through DuckDB, in this process."""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from sizao.adapters.presence_tables import layout
from sizao.adapters.presence_tables.errors import EngineFailed, EngineMissing, first_line
from sizao.adapters.presence_tables.questions import Question

INSTALL = "the package `sizao[duckdb]`"


class OnDuckDB:
    """A connection that sees the tables of one folder."""

    def __init__(self, connection: Any, folder: Path) -> None:
        self.connection = connection
        self.connection.execute("SET enable_progress_bar = false")
        # Footers are read once, not for each question.
        self.connection.execute("SET parquet_metadata_cache = true")
        held = layout.read(folder).files
        for name in layout.ORDERS:
            files = ", ".join(_quoted(str(folder / one)) for one in held if one.startswith(f"{name}/"))
            kinds = "{'day': INTEGER, 'bucket': INTEGER}"
            self.connection.execute(
                f"CREATE VIEW {name} AS FROM read_parquet([{files}], hive_partitioning = true, hive_types = {kinds})"
            )

    def ask(self, question: Question, given: Mapping[str, pa.Table]) -> pa.Table:
        """Answer a question."""
        for name, table in given.items():
            self.connection.register(name, table)
        try:
            return self.connection.sql(question.text, params=list(question.values)).to_arrow_table()
        finally:
            for name in given:
                self.connection.unregister(name)


@contextmanager
def duckdb_engine(folder: Path) -> Iterator[OnDuckDB]:
    """Open DuckDB over the tables of a folder. Raise EngineMissing, TablesMissing or, when asked, EngineFailed."""
    layout.read(folder)
    try:
        duckdb = importlib.import_module("duckdb")
    except ImportError as fault:
        raise EngineMissing(engine="duckdb", reason="the package duckdb is not here", install=INSTALL) from fault
    with duckdb.connect() as connection:
        try:
            yield OnDuckDB(connection, folder)
        except duckdb.Error as fault:
            raise EngineFailed(engine="duckdb", path=folder, reason=first_line(fault)) from fault


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
