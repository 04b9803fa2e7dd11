"""The commands of `docs/guide/tracing.md` run, and say what the guide says they say."""

import csv
import re
import shlex
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from sizao.cli import main

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "tracing.md"
BLOCK = re.compile(r"^```(python|sh|text)\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Run all blocks of the guide in an empty folder; give what was said, and what the guide says was."""
    monkeypatch.chdir(tmp_path)
    said, quoted = "", []
    for kind, text in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if kind == "python":
            exec(compile(text, "make.py", "exec"), {})  # noqa: S102  (the guide's own text)
        elif kind == "text":
            quoted += text.splitlines()
        else:
            for line in text.splitlines():
                done = CliRunner().invoke(main, shlex.split(line)[1:])
                assert done.exit_code == 0, (line, done.output)
                said += done.output
    return said, quoted


def test_the_example_runs_and_says_what_the_guide_quotes(told, tmp_path):
    said, quoted = told
    assert quoted
    assert [line for line in quoted if line not in said] == []
    first, *_ = shared = pq.read_table(tmp_path / "shared.parquet").to_pylist()
    assert first["place"] == "banquet hall"
    assert (first["cases"], first["visitors"], round(first["expected"], 1)) == (4, 10, 0.8)
    assert (round(first["p_value"], 3), round(first["q_value"], 2)) == (0.004, 0.48)
    assert max(row["cases"] for row in shared if row["place"] == "station") == 3
    assert min(row["p_value"] for row in shared if row["place"] == "station") > 0.1
    with (tmp_path / "links.csv").open() as rows:
        sources = {row["case"]: row["source"] for row in csv.DictReader(rows) if row["rank"] in ("1", "")}
    assert sources["guest-10"] == sources["guest-20"] == sources["guest-35"] == "guest-0"
    assert sources["child-35"] == "guest-35"
    assert (tmp_path / "links.svg").stat().st_size > 10_000
