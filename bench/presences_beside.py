"""The same questions in other engines, each in its best formulation: DuckDB sorted and unsorted, PostgreSQL."""

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from bench import presences_made as made

LEAST = 600
ONE_QUERY, BY_DAY, BY_BUCKET = ", one query", ", a query a day", ", place and day joined"
# Each presence of a case once for every day on which a presence that meets it can have begun.
OWN_BY_DAY = f"""
    , unnest(generate_series((own_start - {made.LONGEST}) // 86400, own_end // 86400)) AS day FROM own
"""


class SortedTables:
    """DuckDB with a table sorted by place and start and one sorted by person and start, in a file of its own."""

    name = "DuckDB sorted"
    ways = (ONE_QUERY, BY_DAY, BY_BUCKET)

    def __init__(self, source: Path, path: Path) -> None:
        import duckdb

        self.source = source
        self.there = path.exists()
        self.engine = duckdb.connect(str(path))
        _limit(self.engine, path.parent)

    def build(self) -> float | None:
        """Sort both tables; give the seconds, None where they were there."""
        if self.there:
            return None
        began = time.perf_counter()
        read = f"FROM read_parquet('{self.source}')"
        self.engine.execute(f"CREATE TABLE by_place AS {read} ORDER BY place, start")
        self.engine.execute(f"CREATE TABLE by_person AS {read} ORDER BY person, start")
        self.engine.execute("CHECKPOINT")
        return time.perf_counter() - began

    def ask(self, question: Any, way: str) -> pa.Table:
        """Ask in one query, or day by day, which keeps the work of a join in cache."""
        self.engine.register("cases", pa.table({"person": question.cases}))
        if way == ONE_QUERY:
            return self.engine.sql(query(question, "by_person", "by_place")).to_arrow_table()
        self.engine.execute("CREATE OR REPLACE TEMP TABLE own AS " + own(question, "by_person"))
        if way == BY_BUCKET:
            told = query(question, None, "by_place", "start // 86400 = day", OWN_BY_DAY)
            return self.engine.sql(told).to_arrow_table()
        nothing = query(question, None, "by_place", "FALSE", "FROM own")
        self.engine.execute("CREATE OR REPLACE TEMP TABLE parts AS " + nothing)
        for day in range(made.DAYS + 1):
            low = made.MIDNIGHT + day * 86_400
            during = f"start >= {low} AND start < {low + 86_400}"
            near = f"FROM own WHERE own_end > {low} AND own_start < {low + 86_400 + made.LONGEST}"
            self.engine.execute("INSERT INTO parts " + query(question, None, "by_place", during, near))
        summed = (
            "sum(seconds)::BIGINT AS seconds, sum(meetings)::BIGINT AS meetings, min(first) AS first, max(last) AS last"
        )
        return self.engine.sql(f"SELECT index_person, person, {summed} FROM parts GROUP BY ALL").to_arrow_table()  # noqa: S608


class Unsorted:
    """DuckDB over the Parquet file as it came."""

    name = "DuckDB unsorted"
    ways = (", a scan",)

    def __init__(self, source: Path) -> None:
        import duckdb

        self.source = source
        self.engine = duckdb.connect()
        _limit(self.engine, source.parent)

    def build(self) -> None:
        """Do nothing: the file is there."""

    def ask(self, question: Any, way: str) -> pa.Table:  # noqa: ARG002
        """Ask in one query, which scans the file twice."""
        self.engine.register("cases", pa.table({"person": question.cases}))
        file = f"read_parquet('{self.source}')"
        return self.engine.sql(query(question, file, file)).to_arrow_table()


class Postgres:
    """PostgreSQL with btrees on (place, start) and person; starts are bounded by the longest presence there is."""

    name = "PostgreSQL btree"
    ways = ("",)

    def __init__(self, source: Path, folder: Path, rows: int) -> None:
        self.source, self.folder, self.table = source, folder, f"visits_{rows}"

    def build(self) -> float | None:
        """Load with COPY and index, where it was not done; the seconds."""
        import psycopg

        from sizao.adapters import postgres

        self.engine = psycopg.connect(postgres.start(self.folder, database="bench"), autocommit=True)
        for setting in ("work_mem = '512MB'", "maintenance_work_mem = '1GB'", "jit = off", "random_page_cost = 1.1",
                        "effective_cache_size = '8GB'", "max_parallel_workers_per_gather = 2"):  # fmt: skip
            self.engine.execute(f"SET {setting}")
        there = self.engine.execute("SELECT to_regclass(%s)", [self.table]).fetchone()[0]
        began = time.perf_counter()
        if not there:
            self._load()
        self.longest = self.engine.execute(f'SELECT max("end" - start) FROM {self.table}').fetchone()[0]  # noqa: S608
        return None if there else time.perf_counter() - began

    def _load(self) -> None:
        table = self.table
        self.engine.execute("DROP TABLE IF EXISTS loading")
        self.engine.execute('CREATE UNLOGGED TABLE loading (person bigint, place bigint, start bigint, "end" bigint)')
        with self.engine.cursor().copy("COPY loading FROM STDIN (FORMAT csv)") as copy:
            for batch in pq.ParquetFile(self.source).iter_batches(1 << 18):
                text = io.BytesIO()
                pa.csv.write_csv(batch, text, pa.csv.WriteOptions(include_header=False))
                copy.write(text.getvalue())
        self.engine.execute("CREATE INDEX ON loading (place, start)")
        self.engine.execute("CREATE INDEX ON loading (person)")
        self.engine.execute("VACUUM ANALYZE loading")
        self.engine.execute(f"ALTER TABLE loading RENAME TO {table}")

    def ask(self, question: Any, way: str) -> pa.Table:  # noqa: ARG002
        """Ask in one query, copied out as text, which is the fastest way out of PostgreSQL into Arrow."""
        self.engine.execute("CREATE TEMP TABLE IF NOT EXISTS cases (person bigint)")
        self.engine.execute("TRUNCATE cases")
        with self.engine.cursor().copy("COPY cases FROM STDIN") as copy:
            for one in question.cases:
                copy.write_row([one])
        self.engine.execute("ANALYZE cases")
        bound = f"start > own_start - {self.longest}"
        text = io.BytesIO()
        with self.engine.cursor().copy(
            f"COPY ({query(question, self.table, self.table, bound)}) TO STDOUT (FORMAT csv)"
        ) as copy:
            for data in copy:
                text.write(data)
        names = ["index_person", "person", "seconds", "meetings", "first", "last"]
        text.seek(0)
        return pa.csv.read_csv(text, pa.csv.ReadOptions(column_names=names, block_size=1 << 24))


def own(question: Any, by_person: str) -> str:
    """Say in SQL where the people of the table `cases` were."""
    return f"""
        SELECT person AS index_person, place, greatest(start, {made.MIDNIGHT}) AS own_start,
               least("end", {made.BEYOND}) AS own_end
        FROM {by_person} WHERE person IN (SELECT person FROM cases) AND {_venues(question)}
    """  # noqa: S608 — made of constants


def query(question: Any, by_person: str | None, by_place: str, during: str = "TRUE", near: str = "") -> str:
    """Say in SQL who was with them for at least LEAST seconds; `near` gives where they were if that is known."""
    return f"""
        WITH those AS ({own(question, by_person) if by_person else "SELECT * " + near})
        SELECT index_person, person, CAST(sum(least(own_end, "end") - greatest(own_start, start)) AS BIGINT) AS seconds,
               count(*) AS meetings, min(greatest(own_start, start)) AS first, max(least(own_end, "end")) AS last
        FROM those JOIN {by_place} AS other USING (place)
        WHERE {during} AND {_venues(question)} AND person <> index_person AND start <= own_end - {LEAST}
          AND "end" >= own_start + {LEAST} AND least(own_end, "end") - greatest(own_start, start) >= {LEAST}
        GROUP BY index_person, person
    """  # noqa: S608 — made of constants


def _venues(question: Any) -> str:
    return f"place < {made.FIRST_CELL}" if question.only_venues else "TRUE"


def fingerprint(found: pa.Table) -> tuple[int, int, int]:
    """Tell a table's rows by their number, and the sum and exclusive or of a 64-bit mix of each, in any order."""
    case = "case" if "case" in found.column_names else "index_person"
    seconds = np.round(np.asarray(found["minutes"]) * 60) if case == "case" else np.asarray(found["seconds"])
    columns = [np.asarray(found[case]), np.asarray(found["person"]), seconds]
    columns += [np.asarray(found[name]) for name in ("meetings", "first", "last")]
    mixed = np.zeros(found.num_rows, np.uint64)
    for column in columns:
        mixed ^= column.astype(np.int64).view(np.uint64)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return found.num_rows, int(mixed.sum(dtype=np.uint64)), int(np.bitwise_xor.reduce(mixed)) if len(mixed) else 0


def _limit(engine: Any, folder: Path) -> None:
    engine.execute("SET threads = 2")
    engine.execute("SET memory_limit = '8GB'")
    engine.execute(f"SET temp_directory = '{folder / 'duckdb-spill'}'")
