"""`sizao visits export` and `sizao trace --engine` on files."""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from sizao.cli import main
from tests.presence_tables import ENGINES

PRESENCES = {
    "person": ["case", "ten", "nine", "away", "o'brien\\"],
    "place": ["cafe", "cafe", "cafe", "bank", "cafe"],
    "start": [0, 3000, 3060, 0, 100],
    "end": [3600, 7200, 7200, 3600, 90_000],
}


def sizao(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture
def files(tmp_path):
    pq.write_table(pa.table(PRESENCES), tmp_path / "presences.parquet")
    (tmp_path / "cases.csv").write_text("person,from,to\ncase,0,86400\nnobody,0,1970-01-02\n", encoding="utf-8")
    assert sizao("visits", "ingest", tmp_path / "presences.parquet", "--store", tmp_path / "store").exit_code == 0
    done = sizao("visits", "export", tmp_path / "store", "--out", tmp_path / "tables", "--buckets", 2)
    assert done.stdout == f"5 presences of 1 days in 2 buckets are in {tmp_path / 'tables'}.\n", done.stderr
    return tmp_path


def trace(files, source, *options):
    return sizao("trace", files / source, "--cases", files / "cases.csv", "--min-minutes", 10,
                 "--out", files / "out.parquet", *options)  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_answers_as_the_store(files, engine, request):
    assert trace(files, "store").exit_code == 0
    wanted = pq.read_table(files / "out.parquet")
    options = ["--engine", engine, "--timing", files / "timing.json"]
    if engine == "spark":
        cluster, _ = request.getfixturevalue("spark")
        options += ["--master", cluster.address]
    done = trace(files, "tables", *options)
    assert done.exit_code == 0, done.stderr
    assert "2 companions of 1 cases." in done.stderr
    assert "1 cases have no presence in the store: nobody" in done.stderr
    found = pq.read_table(files / "out.parquet")
    assert found.schema.equals(wanted.schema)
    assert found.sort_by("person").to_pylist() == wanted.sort_by("person").to_pylist()
    assert json.loads((files / "timing.json").read_text())["rows"] == 2


def test_tables_become_a_store_again(files):
    taken = sizao("visits", "ingest", files / "tables", "--store", files / "again")
    assert taken.stdout.startswith("5 presences taken; 0 rows refused"), taken.stderr
    again = sizao("visits", "ingest", files / "tables", "--store", files / "again")
    assert again.stdout.startswith("This file was taken before"), again.stderr
    for source in ("store", "again", "tables"):
        assert trace(files, source).exit_code == 0
        assert set(pq.read_table(files / "out.parquet").column("person").to_pylist()) == {"ten", "o'brien\\"}


class TestRefusals:
    def test_an_engine_needs_tables(self, files):
        done = trace(files, "store", "--engine", "duckdb")
        assert done.exit_code == 1
        assert "sizao visits export" in done.stderr

    @pytest.mark.parametrize("option", ["--hotspots", "--common-source", "--second-ring"])
    def test_other_questions_are_for_a_store(self, files, option):
        done = trace(files, "tables", "--engine", "duckdb", option)
        assert done.exit_code == 1
        assert f"ask {option} of a store" in done.stderr

    def test_a_folder_that_is_there_is_not_written_over(self, files):
        done = sizao("visits", "export", files / "store", "--out", files / "tables")
        assert done.exit_code == 1
        assert "is there already" in done.stderr

    def test_without_java_says_what_to_install(self, files, monkeypatch):
        monkeypatch.setenv("PATH", str(files))
        monkeypatch.delenv("JAVA_HOME", raising=False)
        done = trace(files, "tables", "--engine", "spark")
        assert done.exit_code == 1
        assert "there is no Java here. Install Java 17 (Debian: openjdk-17-jre-headless)" in done.stderr

    def test_with_an_old_java_says_what_to_install(self, files, monkeypatch):
        java = files / "java"
        java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
        java.chmod(0o755)
        monkeypatch.setenv("PATH", f"{files}:/usr/bin:/bin")
        monkeypatch.delenv("JAVA_HOME", raising=False)
        done = trace(files, "tables", "--engine", "spark")
        assert done.exit_code == 1
        assert "its Java is 11, too old. Install Java 17" in done.stderr

    @pytest.mark.parametrize(("engine", "package"), [("spark", "pyspark.sql"), ("duckdb", "duckdb")])
    def test_without_its_package_says_what_to_install(self, files, monkeypatch, engine, package):
        monkeypatch.setitem(sys.modules, package, None)
        done = trace(files, "tables", "--engine", engine)
        assert done.exit_code == 1
        assert f"Install the package `sizao[{engine}]`, or use --engine kernel" in done.stderr

    @pytest.mark.parametrize("engine", ENGINES)
    def test_files_that_hold_something_else_are_told_in_a_sentence(self, files, engine, request):
        for path in (files / "tables").rglob("*.parquet"):
            path.write_bytes(path.read_bytes()[:4].ljust(path.stat().st_size - 4, b"\1") + b"PAR1")
        options = ["--engine", engine]
        if engine == "spark":
            options += ["--master", request.getfixturevalue("spark")[0].address]
        done = trace(files, "tables", *options)
        assert done.exit_code == 1
        assert f"The engine {engine} could not read {files / 'tables'}: " in done.stderr
        assert "Export the store again; nothing was written." in done.stderr
        assert not (files / "out.parquet").exists()

    def test_a_cluster_that_is_not_there_is_told_at_once(self, files):
        done = trace(files, "tables", "--engine", "spark", "--master", "spark://127.0.0.1:9")
        assert done.exit_code == 1
        assert "The Spark cluster spark://127.0.0.1:9 cannot be used: [Errno 111]" in done.stderr
