"""Give tables back as one file of presences, as a store takes them in."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sizao.adapters.presence_tables import layout


@contextmanager
def presences_file(path: Path) -> Iterator[Path]:
    """Give a file of presences as it is, and of a folder of tables one file for a while."""
    if path.is_dir():
        with _one_file(path) as file:
            yield file
    else:
        yield path


@contextmanager
def _one_file(folder: Path) -> Iterator[Path]:
    """Put all presences of some tables into one Parquet file for a while, times as they were given."""
    tables = layout.read_whole(folder)
    schema = tables.schema.remove(tables.schema.get_field_index("imputed"))
    for name in ("start", "end"):
        schema = schema.set(schema.get_field_index(name), pa.field(name, tables.time))
    with tempfile.TemporaryDirectory(prefix="sizao-tables-") as held:
        path = Path(held) / "presences.parquet"
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for name in sorted(one for one in tables.files if one.startswith("by_place/")):
                for batch in pq.ParquetFile(folder / name).iter_batches(columns=schema.names):
                    writer.write_table(pa.Table.from_batches([batch]).cast(schema))
        yield path
