"""What comes wrong is refused in one sentence, counted or set right, and never silently dropped."""

import errno
import os
import resource
import subprocess
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sizao.adapters import visits
from sizao.adapters.visits import StoreDamaged, VisitStore, VisitWriter, Window, ledger
from sizao.adapters.visits.errors import EpochsDiffer, PlaceCodesUnusable, PresencesUnreadable, StoreFull, TooManyShifts
from sizao.adapters.visits.ledger import keys_of
from sizao.adapters.visits.merging import presences_of
from sizao.engines.presences.layout import IMPUTED, LENGTH_MASK, SHIFT_BITS
from tests.adapters.visits.conftest import MIDNIGHT, made

NAMES = ("person", "place", "start", "end")
DAY = 86_400


def rows(*told, names=NAMES):
    columns = [pa.array(column) if name == "source" else pa.array(column, pa.int64())
               for name, column in zip(names, zip(*told, strict=True), strict=True)]  # fmt: skip
    return pa.record_batch(columns, list(names))


def held(store):
    """Read presences out: person, place, start, seconds, flags."""
    opened = VisitStore(store)
    found = []
    for entry in opened.manifest.segments:
        part = presences_of(store, entry)
        seconds, flags = part.length & LENGTH_MASK, part.length & ~LENGTH_MASK
        person = opened.persons.known.take(pa.array(part.person)).to_pylist()
        place = opened.places.known.take(pa.array(part.place)).to_pylist()
        found += zip(person, place, part.start.tolist(), seconds.tolist(), flags.tolist(), strict=True)
    return sorted(found)


def written(tmp_path, batch, name="rows"):
    path = tmp_path / f"{name}.parquet"
    pq.write_table(pa.Table.from_batches([batch]), path)
    return path


@pytest.fixture
def small_disk(tmp_path):
    """A disk of a megabyte and a half, where this process may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1536k", "none", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    # What the test opened is let go of when it likes; the disk goes with the last of it.
    subprocess.run(["umount", "--lazy", folder], check=True)


def filled(store, batches):
    """Append until the disk is full; return the keys that were acknowledged."""
    acknowledged = []

    def fill(writer):
        for number, batch in enumerate(batches):
            writer.append(batch, key=str(number))
            acknowledged.append(str(number))

    with VisitWriter(store) as writer, pytest.raises(StoreFull, match="no room left .* as it was before"):
        fill(writer)
    return acknowledged


class TestFullDisk:
    def test_leaves_what_was_acknowledged_and_goes_on_when_there_is_room(self, small_disk):
        store, batches = small_disk / "store", made(4, n_people=4_000).to_batches(max_chunksize=1_000)
        acknowledged = filled(store, batches)
        assert keys_of(store) == acknowledged
        assert visits.verify(store) == []
        before = held(store)
        assert len(before) > 1_000
        subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
        with VisitWriter(store) as writer:
            for number, batch in enumerate(batches):
                writer.append(batch, key=str(number))
        assert keys_of(store) == [str(number) for number in range(len(batches))]
        assert set(before) <= set(held(store))
        assert visits.verify(store) == []

    def test_refuses_a_whole_file_and_leaves_no_part_of_it(self, small_disk, tmp_path):
        store = small_disk / "store"
        with VisitWriter(store) as writer:
            writer.append(made(1).to_batches()[0], key="first")
        before, names = held(store), sorted(path.name for path in store.iterdir())
        pq.write_table(made(5, n_people=6_000), tmp_path / "large.parquet")
        with VisitWriter(store) as writer, pytest.raises(StoreFull):
            writer.ingest(tmp_path / "large.parquet")
        assert held(store) == before
        assert sorted(path.name for path in store.iterdir()) == names

    def test_a_limit_on_files_is_told_the_same_way(self, tmp_path):
        store = tmp_path / "store"
        with VisitWriter(store) as writer:
            writer.append(made(1).to_batches()[0], key="first")
        before = held(store)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, hard))
        try:
            with VisitWriter(store) as writer, pytest.raises(StoreFull, match=os.strerror(errno.EFBIG)):
                writer.append(made(2, n_people=2_000).to_batches()[0], key="second")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert (held(store), keys_of(store)) == (before, ["first"])
        assert visits.verify(store) == []

    def test_a_line_of_the_log_that_found_no_room_is_cut_off(self, tmp_path, monkeypatch):
        """The batch is whole on disk, and its line half: it was not acknowledged, and may be sent again."""
        store = tmp_path / "store"
        batches = made(2).to_batches(max_chunksize=100)
        with VisitWriter(store) as writer:
            writer.append(batches[0], key="0")
            whole = ledger._write_whole

            def half(handle, data):
                whole(handle, data[: len(data) // 2])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            monkeypatch.setattr(ledger, "_write_whole", half)
            with pytest.raises(StoreFull):
                writer.append(batches[1], key="1")
            monkeypatch.undo()
            assert keys_of(store) == ["0"]
            assert writer.append(batches[1], key="1")["taken"] > 0
        assert keys_of(store) == ["0", "1"]
        assert visits.verify(store) == []


class TestLog:
    def test_a_line_that_was_being_written_is_no_change(self, tmp_path):
        with VisitWriter(tmp_path) as writer:
            for number, batch in enumerate(made(2).to_batches(max_chunksize=300)):
                writer.append(batch, key=str(number))
        log = next(tmp_path.glob("log-*"))
        whole, n = log.read_bytes(), len(keys_of(tmp_path))
        log.write_bytes(whole[:-10])
        assert len(keys_of(tmp_path)) == n - 1
        assert visits.verify(tmp_path) == []
        with VisitWriter(tmp_path) as writer:
            writer.append(made(2).to_batches(max_chunksize=300)[-1], key=str(n - 1))
        assert len(keys_of(tmp_path)) == n

    def test_a_changed_line_is_damage(self, tmp_path):
        with VisitWriter(tmp_path) as writer:
            writer.append(made(2).to_batches()[0], key="first")
        log = next(tmp_path.glob("log-*"))
        data = bytearray(log.read_bytes())
        data[40] ^= 1
        log.write_bytes(data)
        with pytest.raises(StoreDamaged, match="checksum of its line"):
            VisitStore(tmp_path)

    def test_folds_into_a_base_and_still_knows_every_batch(self, tmp_path, monkeypatch):
        monkeypatch.setattr(ledger, "FOLD_AFTER", 3)
        batches = made(2).to_batches(max_chunksize=60)
        for _ in range(2):
            with VisitWriter(tmp_path) as writer:
                for number, batch in enumerate(batches):
                    writer.append(batch, key=f"batch {number}\n")
        assert keys_of(tmp_path) == [f"batch {number}\n" for number in range(len(batches))]
        assert len(next(tmp_path.glob("log-*")).read_bytes().splitlines()) <= 3
        assert visits.verify(tmp_path) == []

    def test_a_reader_sees_a_store_that_merges_under_it(self, tmp_path):
        """Files that were merged away stay a while, so that who opens the store finds what the manifest named."""
        batches = made(6, n_people=400).to_batches(max_chunksize=50)
        with VisitWriter(tmp_path) as writer:
            for number, batch in enumerate(batches):
                writer.append(batch, key=str(number))
                seen = VisitStore(tmp_path).companions([Window(5, MIDNIGHT, MIDNIGHT + DAY)], least_seconds=600)
        assert len(VisitStore(tmp_path).manifest.segments) < len(batches) // 2
        assert seen.num_rows > 0


class TestMissingEnds:
    def test_are_closed_by_the_next_presence_also_on_another_day(self, tmp_path):
        late = MIDNIGHT + DAY - 1_800
        told = [(1, 7, late, None), (1, 8, late + 3_600, late + 4_000), (2, 7, late, None), (3, 9, late, late + 60)]
        with VisitWriter(tmp_path / "store", longest_hours=6) as writer:
            found = writer.ingest(written(tmp_path, rows(*told)))
        assert found["imputed"] == 2
        assert held(tmp_path / "store") == [
            (1, 7, late, 3_600, int(IMPUTED)), (1, 8, late + 3_600, 400, 0),
            (2, 7, late, 6 * 3_600, int(IMPUTED)), (3, 9, late, 60, 0),
        ]  # fmt: skip

    def test_are_cut_when_a_later_batch_tells_what_followed(self, tmp_path):
        with VisitWriter(tmp_path) as writer:
            writer.append(rows((1, 7, MIDNIGHT, None)), key="first")
            assert held(tmp_path)[0] == (1, 7, MIDNIGHT, 12 * 3_600, int(IMPUTED))
            writer.append(rows((1, 8, MIDNIGHT + 900, MIDNIGHT + 950)), key="second")
        assert held(tmp_path)[0] == (1, 7, MIDNIGHT, 900, int(IMPUTED))
        visits.compact(tmp_path)
        assert held(tmp_path)[0] == (1, 7, MIDNIGHT, 900, int(IMPUTED))

    def test_give_way_to_the_end_when_it_is_told(self, tmp_path):
        with VisitWriter(tmp_path) as writer:
            writer.append(rows((1, 7, MIDNIGHT, None), (2, 7, MIDNIGHT, MIDNIGHT + 5)), key="first")
            writer.append(rows((1, 7, MIDNIGHT, MIDNIGHT + 700)), key="second")
        assert held(tmp_path) == [(1, 7, MIDNIGHT, 700, 0), (2, 7, MIDNIGHT, 5, 0)]
        assert VisitStore(tmp_path).manifest.told["repeated"] == 1


class TestOddRows:
    def test_each_is_counted(self, tmp_path):
        told = [
            (1, 7, MIDNIGHT, MIDNIGHT + 900), (1, 7, MIDNIGHT, MIDNIGHT + 900),  # told twice
            (1, 8, MIDNIGHT + 300, MIDNIGHT + 600),  # in two places at once
            (2, 7, MIDNIGHT, MIDNIGHT - 1),  # ends before it starts
            (3, 7, MIDNIGHT, None),
        ]  # fmt: skip
        with VisitWriter(tmp_path) as writer:
            found = writer.append(rows(*told), key="odd")
        counts = {"taken": 3, "refused": 1, "imputed": 1, "repeated": 1, "elsewhere": 1, "overlapping": 0}
        assert {name: found[name] for name in counts} == counts
        assert VisitStore(tmp_path).manifest.told == found

    def test_a_stay_across_midnight_is_found_from_both_days(self, tmp_path):
        late = MIDNIGHT + DAY - 600
        told = [(1, 7, late, late + 1_200), (2, 7, late, late + 500), (3, 7, late + 700, late + 1_200)]
        with VisitWriter(tmp_path / "store") as writer:
            writer.ingest(written(tmp_path, rows(*told)))
        assert len(VisitStore(tmp_path / "store").manifest.segments) == 2
        found = VisitStore(tmp_path / "store").companions([Window(1, MIDNIGHT, MIDNIGHT + 2 * DAY)], least_seconds=300)
        assert sorted(found["person"].to_pylist()) == [2, 3]

    def test_pages_that_cannot_be_read_are_told(self, tmp_path):
        path = tmp_path / "rows.parquet"
        pq.write_table(made(1), path, compression="zstd", use_dictionary=False)
        data = bytearray(path.read_bytes())
        data[200:4_000] = bytes(3_800)
        path.write_bytes(data)
        with (
            VisitWriter(tmp_path / "store") as writer,
            pytest.raises(PresencesUnreadable, match="rows.parquet: its pages"),
        ):
            writer.ingest(path)
        assert not list((tmp_path / "store").glob("segment-*")) + list((tmp_path / "store").glob("spool-*"))


class TestEpochs:
    def test_two_do_not_mix(self, tmp_path):
        batch = rows((1, 7, MIDNIGHT, MIDNIGHT + 900))
        other = batch.replace_schema_metadata({"epoch": "2021-02"})
        with VisitWriter(tmp_path, epoch="2021-01") as writer:
            writer.append(batch, key="first")
            with pytest.raises(EpochsDiffer, match="of 2021-02, and those of the store are of 2021-01"):
                writer.append(other, key="second")
        with VisitWriter(tmp_path, epoch="2021-02") as writer, pytest.raises(EpochsDiffer):
            writer.append(batch, key="third")
        assert (VisitStore(tmp_path).manifest.epoch, keys_of(tmp_path)) == ("2021-01", ["first"])

    def test_a_file_may_say_its_own(self, tmp_path):
        batch = rows((1, 7, MIDNIGHT, MIDNIGHT + 900)).replace_schema_metadata({"epoch": "2021-03"})
        path = written(tmp_path, batch)
        with VisitWriter(tmp_path / "store") as writer:
            writer.ingest(path)
        assert VisitStore(tmp_path / "store").manifest.epoch == "2021-03"
        with VisitWriter(tmp_path / "store", epoch="2021-04") as writer, pytest.raises(EpochsDiffer):
            writer.append(rows((2, 7, MIDNIGHT, MIDNIGHT + 900)), key="second")

    def test_a_store_without_one_takes_none_later(self, tmp_path):
        with VisitWriter(tmp_path) as writer:
            writer.append(rows((1, 7, MIDNIGHT, MIDNIGHT + 900)), key="first")
        with VisitWriter(tmp_path, epoch="2021-02") as writer, pytest.raises(EpochsDiffer, match="of no named epoch"):
            writer.append(rows((2, 7, MIDNIGHT, MIDNIGHT + 900)), key="second")


class TestPlaceCodes:
    def test_old_codes_are_those_of_today(self, tmp_path):
        told = [
            (1, 7, MIDNIGHT, MIDNIGHT + 9),
            (1, 8, MIDNIGHT + 10, MIDNIGHT + 19),
            (1, 9, MIDNIGHT + 20, MIDNIGHT + 29),
        ]
        with VisitWriter(tmp_path, place_codes={"7": "8", "8": "80"}) as writer:
            found = writer.append(rows(*told), key="first")
        assert found["renamed"] == 2
        assert [place for _, place, *_ in held(tmp_path)] == [9, 80, 80]

    @pytest.mark.parametrize(("codes", "reason"), [({"7": "8", "8": "7"}, "leads back"), ({"a": "8"}, "'a' is none")])
    def test_that_cannot_be_used_are_refused(self, tmp_path, codes, reason):
        with VisitWriter(tmp_path, place_codes=codes) as writer, pytest.raises(PlaceCodesUnusable, match=reason):
            writer.append(rows((1, 7, MIDNIGHT, MIDNIGHT + 9)), key="first")


class TestShifts:
    NAMES = (*NAMES, "source")

    def test_move_one_source_and_can_be_taken_back(self, tmp_path):
        told = [(1, 7, MIDNIGHT, MIDNIGHT + 9, "gate"), (2, 7, MIDNIGHT, MIDNIGHT + 9, "cell")]
        with VisitWriter(tmp_path, shifts={"gate": 3_600}) as writer:
            assert writer.append(rows(*told, names=self.NAMES), key="first")["shifted"] == 1
        with VisitWriter(tmp_path, shifts={"gate": -60}) as writer:
            writer.append(rows((3, 7, MIDNIGHT, None, "gate"), names=self.NAMES), key="second")
        visits.compact(tmp_path)
        shifts = {one.number: one.seconds for one in VisitStore(tmp_path).manifest.shifts}
        assert shifts == {1: 3_600, 2: -60}
        as_told = [
            (person, start - shifts.get(flags >> SHIFT_BITS, 0)) for person, _, start, _, flags in held(tmp_path)
        ]
        assert sorted(as_told) == [(1, MIDNIGHT), (2, MIDNIGHT), (3, MIDNIGHT)]
        assert held(tmp_path)[-1][4] & int(IMPUTED)

    def test_are_as_many_as_a_presence_can_bear(self, tmp_path):
        shifts = {f"gate {number}": number for number in range(8)}
        with VisitWriter(tmp_path, shifts=shifts) as writer, pytest.raises(TooManyShifts):
            writer.append(rows((1, 7, MIDNIGHT, None, "gate"), names=self.NAMES), key="first")


class TestForgettingDays:
    def test_drops_whole_segments_unread(self, tmp_path, monkeypatch):
        pq.write_table(made(1, days=4), tmp_path / "rows.parquet")
        with VisitWriter(tmp_path / "store") as writer:
            writer.ingest(tmp_path / "rows.parquet")
        monkeypatch.setattr("sizao.adapters.visits.upkeep.presences_of", None)  # to read one would fail
        table = made(1, days=4)
        now = datetime(2021, 1, 5, 3, tzinfo=UTC)
        told = visits.keep_days(tmp_path / "store", days=2, by="officer", reason="past its day", now=now)
        kept = set(zip(*(table.filter(pc.greater_equal(table["start"], MIDNIGHT + 2 * DAY))[name].to_pylist()
                         for name in NAMES), strict=True))  # fmt: skip
        assert {
            (one, place, start, start + seconds) for one, place, start, seconds, _ in held(tmp_path / "store")
        } == kept
        assert told["starting_before"] == MIDNIGHT + 2 * DAY
        assert len(told["segments"]) == 2
