"""A store written as tables: what lies where, and that all of it comes back."""

import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sizao.adapters.presence_tables import PresenceTables, export, presences_file, read
from sizao.adapters.presence_tables.errors import FolderTaken, NothingToExport, TablesDamaged, TablesMissing
from sizao.adapters.presence_tables.layout import DAY_SECONDS, FILE, buckets_of
from sizao.adapters.presence_tables.on_duckdb import duckdb_engine
from sizao.adapters.visits import StoreDamaged, StoreMissing, VisitStore, VisitWriter
from tests.adapters.visits.conftest import as_rows, made
from tests.presence_tables import store_of


@pytest.fixture
def folder(tmp_path):
    export(store_of(made(1), tmp_path), tmp_path / "tables", buckets=4)
    return tmp_path / "tables"


def files_of(folder, order):
    """Map day and bucket to the rows of a file."""
    return {
        tuple(int(part.partition("=")[2]) for part in path.parent.relative_to(folder / order).parts): pq.read_table(
            path, partitioning=None
        )
        for path in (folder / order).glob(f"*/*/{FILE}")
    }


class TestExport:
    @pytest.mark.parametrize(("order", "key"), [("by_place", "place"), ("by_person", "person")])
    def test_puts_each_presence_once_where_it_belongs(self, folder, order, key):
        files = files_of(folder, order)
        rows = [row for table in files.values() for row in as_rows(table)]
        assert len(rows) == len(set(rows))
        assert set(rows) == set(as_rows(made(1)))
        assert len(files) > 6
        for (day, bucket), table in files.items():
            assert set((np.asarray(table["start"]) // DAY_SECONDS).tolist()) == {day}
            assert {zlib.crc32(str(one).encode()) % 4 for one in table[key].to_pylist()} == {bucket}
            keys, starts = table[key].to_pylist(), table["start"].to_pylist()
            assert list(zip(keys, starts, strict=True)) == sorted(zip(keys, starts, strict=True))

    def test_describes_what_is_there(self, folder):
        tables = read(folder)
        rows = set(as_rows(made(1)))
        assert (tables.rows, tables.buckets, tables.kinds["person"]) == (len(rows), 4, "integers")
        for one in tables.days:
            there = [row for row in rows if row[2] // DAY_SECONDS == one.day]
            told = (len(there), min(row[2] for row in there), max(row[3] for row in there))
            assert (one.rows, one.first_start, one.latest_end) == told

    def test_writes_once_what_two_batches_tell_alike(self, tmp_path):
        rows = made(2)
        with VisitWriter(tmp_path / "store") as writer:
            for number, batch in enumerate((rows, rows.slice(100), rows.slice(0, 300))):
                for one in batch.combine_chunks().to_batches():
                    writer.append(one, key=str(number))
        tables = export(tmp_path / "store", tmp_path / "tables")
        assert tables.rows == len(set(as_rows(rows)))
        assert tables.buckets == 1

    def test_finds_a_presence_of_no_length_at_midnight(self, tmp_path):
        rows = pa.table({"person": [1, 2], "place": [1, 1], "start": [DAY_SECONDS, 5], "end": [DAY_SECONDS, 9]})
        assert export(store_of(rows, tmp_path), tmp_path / "tables").rows == 2

    def test_keeps_what_was_closed_by_rule_apart(self, tmp_path):
        ends = pa.array([None, 50], pa.int64())
        rows = pa.table({"person": [1, 2], "place": [1, 1], "start": [0, 0], "end": ends})
        export(store_of(rows, tmp_path), tmp_path / "tables")
        (found,) = files_of(tmp_path / "tables", "by_place").values()
        assert dict(zip(found["person"].to_pylist(), found["imputed"].to_pylist(), strict=True)) == {1: True, 2: False}

    def test_that_stops_half_way_leaves_nothing(self, tmp_path):
        store = store_of(made(1), tmp_path)

        def stop(_rows):
            raise OSError(28, "No space left on device")

        with pytest.raises(OSError, match="No space"):
            export(store, tmp_path / "tables", tick=stop)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["presences.parquet", "store"]


class TestExportRefuses:
    def test_a_folder_that_is_there(self, folder, tmp_path):
        with pytest.raises(FolderTaken):
            export(tmp_path / "store", folder)

    def test_what_is_no_store(self, tmp_path):
        with pytest.raises(StoreMissing):
            export(tmp_path, tmp_path / "tables")

    def test_a_store_without_presences(self, tmp_path):
        with VisitWriter(tmp_path / "store") as writer:
            writer.append(pa.RecordBatch.from_pylist([], schema=made(1).schema), key="none")
        with pytest.raises(NothingToExport):
            export(tmp_path / "store", tmp_path / "tables")

    def test_a_store_that_was_changed_on_disk(self, tmp_path):
        store = store_of(made(1), tmp_path)
        segment = store / VisitStore(store).manifest.segments[0].file
        data = bytearray(segment.read_bytes())
        data[-4096] ^= 255  # the last page: records, and nothing after them but padding
        segment.write_bytes(data)
        with pytest.raises(StoreDamaged):
            export(store, tmp_path / "tables")
        assert not (tmp_path / "tables").exists()


class TestReadingBack:
    @pytest.mark.parametrize("times", [None, pa.timestamp("us"), pa.timestamp("ms", "Asia/Shanghai")])
    def test_gives_the_same_store(self, tmp_path, times):
        rows = made(3)
        if times:
            texts = {name: rows[name].cast(pa.string()) for name in ("person", "place")}
            stamps = {name: rows[name].cast(pa.timestamp("s")).cast(times) for name in ("start", "end")}
            rows = pa.table(texts | stamps)
        store = store_of(rows, tmp_path)
        export(store, tmp_path / "tables", buckets=2)
        with presences_file(tmp_path / "tables") as file, VisitWriter(tmp_path / "again") as writer:
            found = writer.ingest(file)
        assert (found["repeated"], found["refused"]) == (0, 0)
        export(tmp_path / "again", tmp_path / "twice", buckets=2)
        assert VisitStore(tmp_path / "again").manifest.kinds == VisitStore(store).manifest.kinds
        assert read(tmp_path / "twice").days == read(tmp_path / "tables").days
        for order in ("by_place", "by_person"):
            first, second = files_of(tmp_path / "tables", order), files_of(tmp_path / "twice", order)
            assert {at: sorted(as_rows(one)) for at, one in first.items()} == {
                at: sorted(as_rows(one)) for at, one in second.items()
            }

    @pytest.mark.parametrize("order", ["by_place", "by_person"])
    def test_refuses_tables_of_which_a_file_is_gone_or_cut_off_or_too_many(self, folder, order):
        with duckdb_engine(folder) as engine:
            assert PresenceTables(folder, engine).tables.rows
            file = next((folder / order).glob(f"*/*/{FILE}"))
            data = file.read_bytes()
            beside = folder / order / "day=7" / "bucket=0" / FILE
            beside.parent.mkdir(parents=True)
            for told, spoil in (
                ("is not there", file.unlink),
                (f"bytes, not {len(data):,}", lambda: file.write_bytes(data[:-1])),
                ("does not belong to it", lambda: beside.write_bytes(b"") + file.write_bytes(data)),
            ):
                spoil()
                with pytest.raises(TablesDamaged, match=told):
                    PresenceTables(folder, engine)
                with pytest.raises(TablesDamaged, match=told), presences_file(folder):
                    pass

    def test_refuses_what_is_no_table(self, tmp_path):
        with pytest.raises(TablesMissing):
            read(tmp_path)
        (tmp_path / "tables.json").write_text("{}")
        with pytest.raises(TablesDamaged):
            read(tmp_path)


def test_a_bucket_is_the_crc_32_of_the_text():
    texts = ["", "a", "百分", "x" * 300]
    assert buckets_of(pa.array(texts), 97).tolist() == [zlib.crc32(one.encode()) % 97 for one in texts]
    numbers = pa.array([0, -5, 10**17, 42]).slice(1)
    assert buckets_of(numbers, 97).tolist() == [zlib.crc32(str(one).encode()) % 97 for one in numbers.to_pylist()]
    assert buckets_of(pa.array([], pa.int64()), 97).tolist() == []
