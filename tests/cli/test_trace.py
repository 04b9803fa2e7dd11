"""`sizao visits` and `sizao trace` on files."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from sizao.cli import main

PRESENCES = {
    "person": ["case", "ten", "nine", "away", "late"],
    "place": ["cafe", "cafe", "cafe", "bank", "cafe"],
    "start": [0, 3000, 3060, 0, 5000],
    "end": [3600, 7200, 7200, 3600, 6000],
}


def sizao(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture
def files(tmp_path):
    pq.write_table(pa.table(PRESENCES), tmp_path / "presences.parquet")
    (tmp_path / "cases.csv").write_text("person,from,to\ncase,0,86400\nnobody,0,1970-01-02\n", encoding="utf-8")
    return tmp_path


def test_a_store_and_a_file_give_the_same_companions(files):
    taken = sizao("visits", "ingest", files / "presences.parquet", "--store", files / "store")
    assert taken.stdout.startswith("5 presences taken; 0 rows refused"), taken.stderr
    for source in ("store", "presences.parquet"):
        done = sizao("trace", files / source, "--cases", files / "cases.csv", "--min-minutes", 10,
                     "--out", files / "out.parquet", "--timing", files / "timing.json")  # fmt: skip
        assert done.exit_code == 0, done.stderr
        assert "1 cases have no presence in the store: nobody" in done.stderr
        assert pq.read_table(files / "out.parquet").to_pylist() == [
            {"case": "case", "person": "ten", "minutes": 10.0, "meetings": 1, "first": 3000, "last": 3600}
        ]
        assert json.loads((files / "timing.json").read_text())["rows"] == 1


def test_the_store_is_looked_after(files):
    store = files / "store"
    sizao("visits", "ingest", files / "presences.parquet", "--store", store)
    again = sizao("visits", "ingest", files / "presences.parquet", "--store", store)
    assert again.stdout == "This file was taken before (5 rows); nothing changed.\n"
    assert sizao("visits", "verify", store).stdout.startswith("All is as it was written: 5 presences of 5 people")
    gone = sizao("visits", "forget", store, "--before", 3000, "--by", "data officer", "--reason", "past its day")
    assert json.loads(gone.stdout)["destroyed_presences"] == 2
    assert sizao("visits", "compact", store).exit_code == 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("case,10,5", "line 2: the window of case ends before it begins"),
        ("case,soon,5", "line 2: from is 'soon'; it should be a whole second"),
        ("case,,5", "line 2: from is empty"),
    ],
)
def test_a_wrong_case_is_one_sentence(files, line, told):
    (files / "cases.csv").write_text(f"person,from,to\n{line}\n", encoding="utf-8")
    done = sizao("trace", files / "presences.parquet", "--cases", files / "cases.csv", "--out", files / "out.parquet")
    assert done.exit_code == 1
    assert told in done.stderr
    assert not (files / "out.parquet").exists()


def test_no_store_says_how_to_make_one(tmp_path):
    (tmp_path / "empty").mkdir()
    done = sizao("trace", tmp_path / "empty", "--cases", tmp_path / "cases.csv", "--out", tmp_path / "out.parquet")
    assert done.exit_code == 1
    assert "sizao visits ingest" in done.stderr
