"""
Tracing on real data: presences made from published records go through the store, and the answers are held
against what is known. The data are partly non-commercial: they stay in `../shared/data`, outside the repository.

`python -m tests.real` prints the table of `docs/guide/tracing.md`.
"""

import csv
import gzip
import io
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pytest

from sizao.adapters.visits import VisitStore, VisitWriter

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def rows_of(folder: str, name: str) -> list[dict[str, str]]:
    """Read a table of ../shared/data; skip the test where it is absent."""
    path = DATA / folder / name
    if not path.exists():
        pytest.skip(f"../shared/data/{folder}/{name} is not here")
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def store_of(presences: Iterable[tuple[str, str, int, int]]) -> tuple[VisitStore, dict[str, int]]:
    """Write presences into a store of their own; give it open, and what the writer counted."""
    columns = zip(*presences, strict=True)
    batch = pa.record_batch([pa.array(column) for column in columns], names=["person", "place", "start", "end"])
    with tempfile.TemporaryDirectory(prefix="sizao-real-") as folder:
        with VisitWriter(Path(folder)) as writer:
            told = writer.append(batch, key="all")
        # The files are mapped when the store is opened, and stay readable when their names are gone.
        return VisitStore(Path(folder)), told
