"""`sizao visits` on files: clocks, shifts, codes and epochs from the command line."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from click.testing import CliRunner

from sizao.adapters.visits import VisitStore
from sizao.cli.visits import command

MIDNIGHT = 1_609_459_200


def run(*words):
    return CliRunner().invoke(command, [str(word) for word in words])


def two_sources(path, *, ahead):
    """People change cells, and pass gates as they do; the clock of the gates is ahead."""
    rng = np.random.default_rng(2)
    person = np.repeat(np.arange(200), 12)
    start = MIDNIGHT + np.tile(np.arange(12), 200) * 14_400 + rng.integers(0, 14_000, len(person))
    gate = rng.random(len(person)) < 0.3
    parts = [
        (person, 10_000 + person % 7, start, start + 3_000, ["cells"] * len(person)),
        (person[gate], 5 + person[gate] % 3, start[gate] + ahead, start[gate] + ahead + 60, ["gates"] * gate.sum()),
    ]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]  # fmt: skip
    pq.write_table(pa.table(columns, ["person", "place", "start", "end", "source"]), path)


def test_a_clock_that_is_off_is_told_and_set_right_when_asked(tmp_path):
    two_sources(tmp_path / "rows.parquet", ahead=7_200)
    told = run("clocks", tmp_path / "rows.parquet")
    assert told.exit_code == 0
    assert "gates: 7,200 seconds ahead" in told.output
    assert "--shift gates=-7200" in told.output
    done = run("ingest", tmp_path / "rows.parquet", "--store", tmp_path / "store", "--shift", "gates=-7200")
    assert done.exit_code == 0, done.output
    assert "presences whose clock was off and set right" in done.output
    manifest = VisitStore(tmp_path / "store").manifest
    assert [(one.source, one.seconds) for one in manifest.shifts] == [("gates", -7_200)]


def test_without_sources_clocks_have_no_names(tmp_path):
    pq.write_table(pa.table({name: [1] for name in ("person", "place", "start", "end")}), tmp_path / "rows.parquet")
    refused = run("clocks", tmp_path / "rows.parquet")
    assert "the column source is missing" in str(refused.exception)


def test_codes_and_an_epoch(tmp_path):
    rows = {"person": [1], "place": [7], "start": [MIDNIGHT], "end": [MIDNIGHT + 60]}
    pq.write_table(pa.table(rows), tmp_path / "rows.parquet")
    (tmp_path / "codes.csv").write_text("old,new\n7,70\n")
    store = tmp_path / "store"
    words = ("--store", store, "--epoch", "2021-01", "--place-codes", tmp_path / "codes.csv", "--gentle")
    done = run("ingest", tmp_path / "rows.parquet", *words)
    assert done.exit_code == 0, done.output
    assert "1 places under a code they had before" in done.output
    opened = VisitStore(store)
    assert (opened.manifest.epoch, opened.places.known.to_pylist()) == ("2021-01", [70])


def test_a_shift_that_is_none(tmp_path):
    refused = run("ingest", tmp_path / "rows.parquet", "--store", tmp_path, "--shift", "gates")
    assert refused.exit_code == 2
    assert "Write SOURCE=SECONDS" in refused.output


def test_keeping_days_destroys_what_is_older(tmp_path):
    rows = {"person": [1], "place": [7], "start": [MIDNIGHT], "end": [MIDNIGHT + 60]}
    pq.write_table(pa.table(rows), tmp_path / "rows.parquet")
    assert run("ingest", tmp_path / "rows.parquet", "--store", tmp_path / "store").exit_code == 0
    words = ("--by", "data officer", "--reason", "past its day")
    assert run("forget", tmp_path / "store", *words).exit_code == 2
    done = run("forget", tmp_path / "store", "--keep-days", "14", *words)
    assert done.exit_code == 0, done.output
    assert '"destroyed_presences": 1' in done.output
    assert VisitStore(tmp_path / "store").manifest.rows == 0
