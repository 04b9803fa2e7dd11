"""A store answers as the plain twin does, however its presences came in."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sizao.adapters import visits
from sizao.adapters.visits import StoreDamaged, StoreMissing, TokensDiffer, VisitStore, VisitWriter, Window
from sizao.adapters.visits.errors import PresencesUnreadable, StoreBusy
from sizao.engines.presences.layout import Presences
from tests.adapters.visits.conftest import DAYS, MIDNIGHT, as_rows, made
from tests.reference import presences as plain

END = MIDNIGHT + DAYS * 86_400
LEAST = 600
NOW = datetime(2021, 1, 20, 8, tzinfo=UTC)


def answers(store, cases=(5, 22, 39), least=LEAST):
    """Ask a store about some cases; map case and companion to what was found."""
    found = VisitStore(store).companions([Window(case, MIDNIGHT, END) for case in cases], least_seconds=least)
    names = ("case", "person", "minutes", "meetings", "first", "last")
    rows = zip(*(found.column(name).to_pylist() for name in names), strict=True)
    return {(case, person): (round(minutes * 60), *rest) for case, person, minutes, *rest in rows}


def expected(table, cases=(5, 22, 39), least=LEAST):
    rows = as_rows(table)
    return {
        (case, person): tuple(told)
        for case in cases
        for person, told in plain.companions(rows, case, [(MIDNIGHT, END)], least).items()
    }


class TestIngest:
    def test_a_file_answers_as_its_rows(self, presences, tmp_path):
        with VisitWriter(tmp_path / "store") as writer:
            found = writer.ingest(presences)
        assert found["repeated"] == len(made(1)) - len(set(as_rows(made(1))))
        assert found["taken"] == len(set(as_rows(made(1))))
        assert answers(tmp_path / "store") == expected(made(1))
        assert visits.verify(tmp_path / "store") == []

    def test_the_same_file_again_changes_nothing(self, presences, tmp_path):
        for _ in range(2):
            with VisitWriter(tmp_path / "store") as writer:
                found = writer.ingest(presences)
        assert found == {"taken before": len(made(1))}
        assert VisitStore(tmp_path / "store").manifest.rows == len(set(as_rows(made(1))))

    def test_small_batches_answer_as_one_file(self, tmp_path):
        table = made(2)
        with VisitWriter(tmp_path / "store") as writer:
            for number, batch in enumerate(table.to_batches(max_chunksize=50)):
                writer.append(batch, key=str(number))
        assert answers(tmp_path / "store") == expected(table)
        assert visits.compact(tmp_path / "store") > 0
        assert len(VisitStore(tmp_path / "store").manifest.segments) == DAYS
        assert answers(tmp_path / "store") == expected(table)
        assert visits.compact(tmp_path / "store") == 0

    def test_texts_and_timestamps_come_back_as_they_came(self, tmp_path):
        table = made(3)
        times = {name: pc.cast(table.column(name), pa.timestamp("s", "UTC")) for name in ("start", "end")}
        texts = {name: pc.cast(table.column(name), pa.string()) for name in ("person", "place")}
        pq.write_table(pa.table(texts | times), tmp_path / "texts.parquet")
        with VisitWriter(tmp_path / "store") as writer:
            writer.ingest(tmp_path / "texts.parquet")
        found = VisitStore(tmp_path / "store").companions([Window("5", MIDNIGHT, END)], least_seconds=LEAST)
        assert found.schema.field("first").type == pa.timestamp("s", "UTC")
        wanted = {person: told[2] for (_, person), told in expected(table, cases=(5,)).items()}
        firsts = pc.cast(found.column("first"), pa.int64()).to_pylist()
        assert dict(zip(map(int, found.column("person").to_pylist()), firsts, strict=True)) == wanted

    def test_what_cannot_be_used_is_kept_with_its_reason(self, tmp_path):
        table = pa.table(
            {
                "person": [1, 2, None, 3, 4],
                "place": [7, 7, 7, None, 7],
                "start": [MIDNIGHT, MIDNIGHT + 50, MIDNIGHT, MIDNIGHT, -5],
                "end": [MIDNIGHT + 100, MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + 1, 9],
            }
        )
        pq.write_table(table, tmp_path / "odd.parquet")
        with VisitWriter(tmp_path / "store") as writer:
            found = writer.ingest(tmp_path / "odd.parquet")
        assert (found["taken"], found["refused"]) == (1, 4)
        kept = pq.read_table(next((tmp_path / "store" / "refused").glob("*.parquet")))
        reasons = ["ends before it starts", "no person", "no place", "start out of range"]
        assert kept.column("reason").to_pylist() == reasons

    def test_a_missing_end_is_closed_and_counted(self, tmp_path):
        rows = {"person": [1, 1, 2], "place": [7, 8, 7], "start": [MIDNIGHT, MIDNIGHT + 900, MIDNIGHT]}
        pq.write_table(pa.table(rows | {"end": pa.array([None, MIDNIGHT + 999, None], pa.int64())}),
                       tmp_path / "open.parquet")  # fmt: skip
        with VisitWriter(tmp_path / "store", longest_hours=2) as writer:
            assert writer.ingest(tmp_path / "open.parquet")["imputed"] == 2
        assert answers(tmp_path / "store", cases=(1,)) == {(1, 2): (900, 1, MIDNIGHT, MIDNIGHT + 900)}


class TestHeld:
    def test_days_laid_out_at_once_let_go_of_the_same_files(self, tmp_path, monkeypatch):
        with VisitWriter(tmp_path / "store") as writer:
            writer.append(made(1).to_batches()[0], key="0")
            some = np.zeros(1, np.uint32)
            apart, _ = writer.laid_out(Presences(some, some, some + MIDNIGHT, some + 600))
            live = writer.manifest.segments
            monkeypatch.setattr(writer.held, "_mapped", {f"gone-{number}": None for number in range(20_000)})
            interval = sys.getswitchinterval()
            sys.setswitchinterval(1e-6)
            try:
                with ThreadPoolExecutor(8) as threads:
                    asked = [threads.submit(writer.held.bearing, live, apart, by_day=True) for _ in range(8)]
                    answers = [one.result() for one in asked]
            finally:
                sys.setswitchinterval(interval)
            assert answers == [answers[0]] * 8
            assert set(writer.held._mapped) <= {one.file for one in live}


class TestRefusals:
    def test_no_store(self, tmp_path):
        with pytest.raises(StoreMissing, match="sizao visits ingest"):
            VisitStore(tmp_path)

    def test_other_tokens(self, presences, tmp_path):
        with VisitWriter(tmp_path / "store") as writer:
            writer.ingest(presences)
        batch = pa.record_batch({"person": ["a"], "place": [900], "start": [MIDNIGHT], "end": [MIDNIGHT + 1]})
        with VisitWriter(tmp_path / "store") as writer, pytest.raises(TokensDiffer, match="person holds texts"):
            writer.append(batch, key="other")

    def test_a_missing_column(self, tmp_path):
        pq.write_table(pa.table({"person": [1]}), tmp_path / "bad.parquet")
        with VisitWriter(tmp_path / "store") as writer, pytest.raises(PresencesUnreadable, match="place is missing"):
            writer.ingest(tmp_path / "bad.parquet")

    def test_a_file_cut_off_half_way(self, presences, tmp_path):
        whole = presences.read_bytes()
        presences.write_bytes(whole[: len(whole) // 2])
        with VisitWriter(tmp_path / "store") as writer, pytest.raises(PresencesUnreadable, match="not a whole Parquet"):
            writer.ingest(presences)

    def test_a_second_writer(self, tmp_path):
        with VisitWriter(tmp_path / "store"), pytest.raises(StoreBusy), VisitWriter(tmp_path / "store"):
            pass

    def test_a_changed_directory(self, presences, tmp_path):
        store = tmp_path / "store"
        with VisitWriter(store) as writer:
            writer.ingest(presences)
        segment = next(store.glob("segment-*"))
        data = bytearray(segment.read_bytes())
        data[4096 + 1] ^= 1
        segment.write_bytes(data)
        with pytest.raises(StoreDamaged, match="checksum"):
            VisitStore(store)

    def test_a_changed_record_is_found_by_verify(self, presences, tmp_path):
        store = tmp_path / "store"
        with VisitWriter(store) as writer:
            writer.ingest(presences)
        segment = next(store.glob("segment-*"))
        data = bytearray(segment.read_bytes())
        data[-4096] ^= 1  # the first record by person
        segment.write_bytes(data)
        assert "checksum of by_person differs" in visits.verify(store)[0]


class TestForget:
    def test_destroys_what_started_before_and_the_tokens_nobody_bears(self, presences, tmp_path):
        store, cut = tmp_path / "store", MIDNIGHT + 86_400 + 3_600
        with VisitWriter(store) as writer:
            writer.ingest(presences)
        only_early = pa.record_batch({"person": [1], "place": [900], "start": [MIDNIGHT], "end": [MIDNIGHT + 9]})
        with VisitWriter(store) as writer:
            writer.append(only_early, key="early")
        told = visits.forget(store, before=cut, by="data officer", reason="past its last day", now=NOW)
        table = made(1)
        kept = table.filter(pc.greater_equal(table.column("start"), cut))
        assert told["destroyed_presences"] == len(set(as_rows(table))) - len(set(as_rows(kept))) + 1
        assert told["destroyed_tokens"] == 1
        assert answers(store) == expected(kept)
        assert VisitStore(store).unknown([1, 5]) == [1]
        assert visits.verify(store) == []
        assert len(list((store / "certificates").glob("*.json"))) == 1
