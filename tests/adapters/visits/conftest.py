"""Stores of presences, small and known."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

MIDNIGHT = 1_609_459_200  # of 1 January 2021
DAYS = 3


def made(seed, n_people=60, n_places=8, days=DAYS):
    """Presences over some days, some of them across midnight, some told twice."""
    rng = np.random.default_rng(seed)
    n = n_people * days * 4
    start = MIDNIGHT + rng.integers(0, days * 86_400, n)
    rows = {
        "person": rng.integers(0, n_people, n) * 17 + 5,
        "place": rng.integers(0, n_places, n) + 900,
        "start": start,
        "end": start + rng.integers(60, 30_000, n),
    }
    again = rng.choice(n, n // 20, replace=False)
    return pa.table({name: np.concatenate([column, column[again]]) for name, column in rows.items()})


def as_rows(table):
    columns = (table.column(name).to_pylist() for name in ("person", "place", "start", "end"))
    return list(zip(*columns, strict=True))


@pytest.fixture
def presences(tmp_path):
    """A Parquet file of presences."""
    path = tmp_path / "presences.parquet"
    pq.write_table(made(1), path, row_group_size=100)
    return path
