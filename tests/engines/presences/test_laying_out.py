"""Rows into a store and out again: ends closed, lines told twice left out, whatever the order and the way in."""

import shutil

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sizao.adapters.visits import VisitWriter, compact
from sizao.engines.presences.layout import IMPUTED
from tests.adapters.visits.test_faults import MIDNIGHT, held, rows

LONGEST = 30
# A few seconds before and after midnight, so that what follows may be of another day.
starts = st.integers(MIDNIGHT + 86_400 - 40, MIDNIGHT + 86_400 + 40)
told = st.tuples(st.integers(0, 2), st.integers(0, 2), starts, st.none() | st.integers(0, 50))
many = st.lists(told, min_size=1, max_size=30)


def plain(given_rows):
    """Close each open end by the person's next later start or the longest stay; say each stay once."""
    kept = set()
    for person, place, start, length in given_rows:
        if length is not None:
            kept.add((person, place, start, length, 0))
            continue
        if any(row[:3] == (person, place, start) and row[3] is not None for row in given_rows):
            continue
        later = [row[2] - start for row in given_rows if row[0] == person and row[2] > start]
        kept.add((person, place, start, min([LONGEST, *later]), int(IMPUTED)))
    return sorted(kept)


def as_batch(given_rows):
    return rows(*[(person, place, start, None if length is None else start + length)
                  for person, place, start, length in given_rows])  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(many)
def test_a_file_is_held_as_the_plain_twin_says(tmp_path, given_rows):
    shutil.rmtree(tmp_path / "store", ignore_errors=True)
    path = tmp_path / f"{abs(hash(tuple(given_rows)))}.parquet"
    pq.write_table(pa.Table.from_batches([as_batch(given_rows)]), path)
    with VisitWriter(tmp_path / "store", longest_hours=LONGEST / 3600) as writer:
        writer.ingest(path)
    assert held(tmp_path / "store") == plain(given_rows)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(many, st.integers(1, 4))
def test_batches_are_held_as_the_plain_twin_says_before_they_are_merged_and_after(tmp_path, given_rows, parts):
    shutil.rmtree(tmp_path / "store", ignore_errors=True)
    with VisitWriter(tmp_path / "store", longest_hours=LONGEST / 3600) as writer:
        for part in range(parts):
            if given_rows[part::parts]:
                writer.append(as_batch(given_rows[part::parts]), key=str(part))
    assert held(tmp_path / "store") == plain(given_rows)
    compact(tmp_path / "store")
    assert held(tmp_path / "store") == plain(given_rows)
