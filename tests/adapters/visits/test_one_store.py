"""A store fed from several files and batches, in any order, is the store fed from one file that holds them all."""

import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sizao.adapters.visits import VisitStore, VisitWriter, Window, compact, ledger, verify
from sizao.adapters.visits.merging import presences_of
from sizao.engines.presences.layout import IMPUTED, LENGTH_MASK
from tests.adapters.visits.conftest import MIDNIGHT
from tests.reference import presences as plain

LONGEST_HOURS = 5
LEAST = 300
DAY = 86_400
CASES = (0, 1, 2)
WINDOWS = [Window(case, MIDNIGHT + 3_600, MIDNIGHT + 4 * DAY) for case in CASES]
COUNTED = ("taken", "imputed", "repeated", "refused")


def made_rows(dice, n):
    """Rows of few people at few places over four days: some lack an end, are told twice, or end on another day."""
    start = MIDNIGHT + dice.integers(0, 4 * DAY, n) // 600 * 600
    length = dice.choice([0, 600, 3_600, 20_000], n)
    rows = [
        (int(person), int(place), int(begin), None if missing else int(begin + long))
        for person, place, begin, long, missing in zip(
            dice.integers(0, 6, n), dice.integers(10, 13, n), start, length, dice.random(n) < dice.choice([0.05, 0.4]),
            strict=True,
        )
    ]  # fmt: skip
    again = [rows[one] for one in dice.integers(0, n, n // 4)]
    # The same line, of which one telling lacks the end.
    endless = [(*rows[one][:3], None) for one in dice.integers(0, n, n // 10)]
    return rows + again + endless


def told(rows):
    """Close each open end by the person's next later start or the longest stay; say each stay once: the plain twin."""
    closed = {row[:3] for row in rows if row[3] is not None}
    kept = set()
    for person, place, start, end in rows:
        if end is not None:
            kept.add((person, place, start, end, 0))
        elif (person, place, start) not in closed:
            later = [row[2] for row in rows if row[0] == person and row[2] > start]
            kept.add((person, place, start, min([start + LONGEST_HOURS * 3_600, *later]), int(IMPUTED)))
    return sorted(kept)


def held(folder):
    """Read all that a store holds: person, place, start, end, flags."""
    store, found = VisitStore(folder), []
    for entry in store.manifest.segments:
        part = presences_of(folder, entry)
        person, place = store.person_tokens.take(pa.array(part.person)), store.place_tokens.take(pa.array(part.place))
        end, flags = part.start + (part.length & LENGTH_MASK), part.length & ~LENGTH_MASK
        found += zip(person.to_pylist(), place.to_pylist(), part.start.tolist(), end.tolist(), flags.tolist(),
                     strict=True)  # fmt: skip
        assert entry.closed in (-1, int(((part.length & IMPUTED) != 0).sum()))
    return sorted(found)


def table_of(rows):
    columns = [pa.array(column, pa.int64()) for column in zip(*rows, strict=True)]
    return pa.table(dict(zip(("person", "place", "start", "end"), columns, strict=True)))


def fed(folder, parts, dice, *, first=0):
    """Feed a store, each part as a file or as a small batch, with a writer of its own."""
    for number, rows in enumerate(parts, first):
        with VisitWriter(folder, longest_hours=LONGEST_HOURS) as writer:
            if dice.random() < 0.5:
                writer.append(table_of(rows).combine_chunks().to_batches()[0], key=f"batch {number}")
            else:
                path = folder.parent / f"{folder.name}-{number}.parquet"
                # Each says which it is: a file of the very same bytes would be known as taken before.
                pq.write_table(table_of(rows).replace_schema_metadata({"part": str(number)}), path)
                writer.ingest(path)


def split(rows, n_parts, dice):
    order = dice.permutation(len(rows))
    return [[rows[at] for at in part] for part in np.array_split(order, n_parts) if len(part)]


def companions(folder):
    found = VisitStore(folder).companions(WINDOWS, least_seconds=LEAST).to_pylist()
    return {(row["case"], row["person"]): (round(row["minutes"] * 60), row["meetings"], row["first"], row["last"])
            for row in found}  # fmt: skip


def by_the_twin(rows):
    whole = [row[:4] for row in told(rows)]
    return {
        (one.person, other): tuple(met)
        for one in WINDOWS
        for other, met in plain.companions(whole, one.person, [(one.start, one.end)], LEAST).items()
    }


def counts(folder):
    found = VisitStore(folder).manifest.told
    return {name: found.get(name, 0) for name in COUNTED}


@pytest.mark.parametrize("seed", range(26))
def test_is_the_same_before_and_after_compaction(tmp_path, seed):
    dice = np.random.default_rng(seed)
    rows = made_rows(dice, int(dice.integers(5, 60)))
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    fed(whole, [rows], dice)
    fed(parted, split(rows, int(dice.integers(2, 9)), dice), dice)
    expected, met = told(rows), by_the_twin(rows)
    assert held(whole) == held(parted) == expected
    assert companions(whole) == companions(parted) == met
    assert counts(whole) == counts(parted)
    assert counts(parted)["taken"] + counts(parted)["repeated"] == len(rows)
    compact(parted)
    assert held(parted) == expected
    assert companions(parted) == met
    assert (verify(whole), verify(parted)) == ([], [])


@pytest.mark.parametrize("seed", range(8))
def test_is_the_same_where_one_writer_appends_while_segments_merge(tmp_path, seed):
    """
    Many small batches, so that merging in the background meets segments that are written anew meanwhile.

    With odd seeds they come about in order, each of few days, so that the filters of days are asked.
    """
    dice = np.random.default_rng(100 + seed)
    rows = made_rows(dice, 240)
    parts = split(rows, 60, dice)
    if seed % 2:
        rows.sort(key=lambda row: row[2] + int(dice.integers(0, 30_000)))
        parts = [rows[at : at + 5] for at in range(0, len(rows), 5)]
    with VisitWriter(tmp_path / "store", longest_hours=LONGEST_HOURS) as writer:
        for number, part in enumerate(parts):
            writer.append(table_of(part).combine_chunks().to_batches()[0], key=str(number))
        assert seed % 2 == 0 or writer.held._days
    assert held(tmp_path / "store") == told(rows)
    assert companions(tmp_path / "store") == by_the_twin(rows)
    assert verify(tmp_path / "store") == []


@pytest.mark.parametrize("seed", range(4))
def test_is_the_same_where_a_disk_failed_in_the_middle(tmp_path, monkeypatch, seed):
    """What was not acknowledged changed nothing of what was there, and is sent again."""
    dice = np.random.default_rng(200 + seed)
    rows = made_rows(dice, 40)
    parts = split(rows, 5, dice)
    fed(tmp_path / "store", parts[:3], dice)
    before = held(tmp_path / "store")
    whole = ledger._write_whole

    def half(handle, data):
        whole(handle, data[: len(data) // 2])
        raise OSError(5, "the disk failed")

    monkeypatch.setattr(ledger, "_write_whole", half)
    for _ in range(2):
        with pytest.raises(OSError, match="the disk failed"):
            fed(tmp_path / "store", parts[3:], dice, first=3)
        assert held(tmp_path / "store") == before
    monkeypatch.undo()
    assert sorted(one.name for one in (tmp_path / "store").glob("segment-*")) == sorted(
        one.file for one in VisitStore(tmp_path / "store").manifest.segments
    )
    fed(tmp_path / "store", parts, dice)
    assert held(tmp_path / "store") == told(rows)


def test_of_a_store_that_an_earlier_release_wrote(tmp_path):
    """Its manifest does not say which segments hold ends closed by rule: all are looked at."""
    late = MIDNIGHT + DAY - 600
    fed(tmp_path / "store", [[(1, 10, late, None), (2, 10, late, late + 900)]], np.random.default_rng(1))
    for path in [tmp_path / "store" / "manifest.json", *(tmp_path / "store").glob("log-*")]:
        path.write_bytes(as_before(path.read_bytes()))
    fed(tmp_path / "store", [[(1, 11, late + 1_200, late + 1_300)]], np.random.default_rng(1))
    assert (1, 10, late, late + 1_200, int(IMPUTED)) in held(tmp_path / "store")
    compact(tmp_path / "store")
    assert all(one.closed >= 0 for one in VisitStore(tmp_path / "store").manifest.segments)


def as_before(data):
    """Take out of a manifest or its log what an earlier release did not write."""
    import re
    import zlib

    lines = [re.sub(rb', "closed": -?[0-9]+', b"", line) for line in data.split(b"\n")]
    told = [line[9:] if re.match(rb"[0-9a-f]{8} ", line) else None for line in lines]
    return b"\n".join(line if text is None else b"%08x %s" % (zlib.crc32(text), text)
                      for line, text in zip(lines, told, strict=True))  # fmt: skip


def test_of_small_and_large_segments_that_change(tmp_path, monkeypatch):
    """A large segment is written anew by itself, small ones together with what is new."""
    monkeypatch.setattr("sizao.adapters.visits.writing.SMALL", 3)
    large = [(person, 10, MIDNIGHT + person, None) for person in range(5)]
    small = [(person, 10, MIDNIGHT + person, None) for person in range(5, 7)]
    cutting = [(person, 11, MIDNIGHT + 900 + person, None) for person in (1, 2, 5)]
    shutil.rmtree(tmp_path / "store", ignore_errors=True)
    with VisitWriter(tmp_path / "store", longest_hours=LONGEST_HOURS) as writer:
        for rows in (large, small, cutting):
            writer.append(table_of(rows).combine_chunks().to_batches()[0], key=str(rows))
        assert len(writer.manifest.segments) == 2
    assert held(tmp_path / "store") == told([*large, *small, *cutting])
