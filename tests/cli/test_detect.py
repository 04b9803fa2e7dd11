"""`sizao detect` as analysts use it: files in, one row for each row out, or one sentence."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sizao.cli import main
from sizao.engines.detection import methods

HEADER = "series,index,date,count\n"
OUT = ["series", "index", "count", "expected", "upperbound", "statistic", "alarm", "trend"]


@pytest.fixture
def detect(tmp_path, monkeypatch):
    """Run the command on text."""
    monkeypatch.chdir(tmp_path)

    def run(text, *options, method="ears-c1"):
        Path("in.csv").write_text(text, encoding="utf-8")
        return CliRunner().invoke(main, ["detect", "in.csv", "--method", method, "--out", "out.csv", *options])

    return run


@pytest.fixture
def shell(tmp_path):
    """Run it as a shell would, in a process of its own."""

    def run(text, *options):
        (tmp_path / "in.csv").write_text(text, encoding="utf-8")
        command = [sys.executable, "-c", "from sizao.cli import main; main()", "detect", "in.csv", *options]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def rows_of(tmp_path):
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def lines(name, counts, first=1):
    return [f"{name},{first + place},,{count}" for place, count in enumerate(counts)]


STEADY = [5, 4, 6, 5, 7, 4, 5, 6, 20, 5]


class TestDetect:
    def test_gives_one_row_for_each_row_in_the_same_order(self, detect, tmp_path):
        rows = lines("甲县", STEADY) + lines("乙县", reversed(STEADY))
        shuffled = [rows[place] for place in np.random.default_rng(1).permutation(len(rows))]
        result = detect(HEADER + "\n".join(shuffled) + "\n")
        assert result.exit_code == 0, result.stderr
        told = rows_of(tmp_path)
        assert list(told[0]) == OUT
        assert [f"{row['series']},{row['index']},,{row['count']}" for row in told] == shuffled
        assert "2 series, 20 times: 6 judged, 1 alarms." in result.stderr

    def test_gives_the_numbers_of_the_engine_and_empty_cells_where_nothing_is_said(self, detect, tmp_path):
        detect(HEADER + "\n".join(lines("a", STEADY)) + "\n", "--set", "baseline=5", "--set", "minSigma=0.5")
        verdicts = methods.run("ears-c1", counts=np.array([STEADY], float), settings={"baseline": 5, "min_sigma": 0.5})
        for row, bound, alarm, judged in zip(
            rows_of(tmp_path), verdicts.upperbound[0], verdicts.alarm[0], verdicts.judged[0], strict=True
        ):
            assert row["upperbound"] == (repr(float(bound)) if judged else "")
            assert row["alarm"] == (str(int(alarm)) if judged else "")
            assert row["trend"] == ("0" if judged else "")

    def test_takes_a_missing_index_and_an_empty_count_for_a_gap_not_for_zero(self, detect, tmp_path):
        missing = [row for row in lines("a", STEADY) if not row.startswith("a,5,")]
        assert detect(HEADER + "\n".join(missing) + "\n").exit_code == 0
        told = rows_of(tmp_path)
        assert len(told) == len(STEADY) - 1
        assert {row["alarm"] for row in told} == {""}
        empty = lines("a", STEADY[:4] + [""] + STEADY[5:])
        assert detect(HEADER + "\n".join(empty) + "\n").exit_code == 0
        assert {row["alarm"] for row in rows_of(tmp_path)} == {""}

    def test_says_when_a_series_is_too_short_to_be_judged(self, detect):
        result = detect(HEADER + "\n".join(lines("a", STEADY) + lines("b", [1, 2])) + "\n")
        assert result.exit_code == 0
        assert "1 series have too few counts" in result.stderr

    def test_knows_weekdays_by_the_dates(self, detect, tmp_path):
        days = np.datetime64("2021-01-01") + np.arange(60)
        counts = np.where(np.is_busday(days), 50, 9) + np.arange(60) % 5
        counts[50] = 150
        rows = [f"a,{place},{day},{count}" for place, (day, count) in enumerate(zip(days, counts, strict=True))]
        assert detect(HEADER + "\n".join(rows) + "\n", method="essence").exit_code == 0
        told = rows_of(tmp_path)
        assert [row["index"] for row in told if row["alarm"] == "1"] == ["50"]

    def test_compares_rates_where_the_population_is_known(self, detect, tmp_path):
        text = "series,index,count,population\na,1,5,100000\na,2,5,1000000\n"
        detect(text, "--set", "threshold=2", "--set", "per=100000", method="threshold")
        assert [row["alarm"] for row in rows_of(tmp_path)] == ["1", "0"]

    def test_draws_a_picture(self, detect, tmp_path):
        result = detect(HEADER + "\n".join(lines("a", STEADY)) + "\n", "--plot", "seen.png")
        assert result.exit_code == 0, result.stderr
        assert (tmp_path / "seen.png").read_bytes().startswith(b"\x89PNG")


class TestAsAProcess:
    def test_writes_to_the_standard_output_and_tells_the_rest_beside_it(self, shell):
        result = shell(HEADER + "\n".join(lines("a", STEADY)) + "\n", "--method", "ears-c1")
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith(",".join(OUT) + "\n")
        assert result.stdout.count("\n") == 1 + len(STEADY)
        assert result.stderr == "1 series, 10 times: 3 judged, 1 alarms.\n"

    def test_refuses_in_one_line(self, shell, tmp_path):
        result = shell(HEADER + "a,1,,-3\n", "--method", "ears-c1", "--out", "out.csv")
        assert result.returncode == 1
        assert result.stderr.startswith("Error: in.csv, line 2: count is '-3'")
        assert result.stderr.count("\n") == 1
        assert not (tmp_path / "out.csv").exists()


class TestBadInput:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (HEADER + "a,1,,-3\n", "line 2: count is '-3'; it should be a count"),
            (HEADER + "a,1,,2.5\n", "line 2: count is '2.5'; it should be a count"),
            (HEADER + "a,1.5,,2\n", "line 2: index is '1.5'; it should be a whole number"),
            (HEADER + "a,1,,2\na,1,,3\n", "line 3: index 1 of series 'a' stands twice, first in line 2."),
            (HEADER + "a,1,,2\na,90000,,3\n", "line 3: index jumps from 1 to 90000"),
            (HEADER + ",1,,2\n", "line 2: series is empty"),
            (HEADER + "a,1,2021-01-04,2\na,2,,3\n", "line 3: date is empty, and other times of this series have one"),
            (HEADER + "a,1,2021-01-04,2\na,2,2021-01-04,3\n", "line 3: dates do not rise"),
            (
                HEADER + "a,1,2021-01-04,2\na,2,2021-01-11,3\na,3,2021-01-25,3\na,4,2021-02-01,3\n",
                "line 4: date is 14 days a time after the one before, elsewhere in this series it is 7",
            ),
            (HEADER + "a,1,4 January,2\n", "line 2: date is '4 January'; it should be a day"),
            ("series,index,count,population\na,1,2,0\n", "line 2: population is 0; where a count is known"),
            ("series,index,count,population\na,1,2,\na,2,2,9\n", "line 2: population is empty; where a count is known"),
            ("series,index,date\na,1,\n", "the column count is missing"),
            (HEADER, "there is no row below the header"),
        ],
    )
    def test_is_refused_in_one_sentence_that_names_the_line(self, detect, tmp_path, text, sentence):
        result = detect(text)
        assert result.exit_code == 1
        assert sentence in result.stderr
        assert "Traceback" not in result.stderr
        assert not (tmp_path / "out.csv").exists()

    def test_months_may_be_of_unequal_length(self, detect):
        months = [f"a,{place},{2020 + place // 12}-{place % 12 + 1:02}-01,5" for place in range(24)]
        assert detect(HEADER + "\n".join(months) + "\n").exit_code == 0

    @pytest.mark.parametrize(
        ("options", "method", "sentence"),
        [
            ((), "ears-c4", "There is no method ears-c4. There are: ears-c1"),
            (("--set", "alpha"), "ears-c1", "it is not KEY=VALUE"),
            (("--set", "alpha=0.1", "--set", "alpha=0.2"), "ears-c1", "its key is given twice"),
            (("--set", "k=1"), "ears-c1", "has no setting k. It has: alpha, baseline, min_sigma"),
            (("--set", "alpha=2"), "ears-c1", "It must be a number between 0 and 1"),
            (("--plot", "seen.txt"), "ears-c1", "a picture ends in"),
            ((), "essence", "Give a date for each day"),
        ],
    )
    def test_of_options_is_refused_too(self, detect, options, method, sentence):
        result = detect(HEADER + "\n".join(lines("a", STEADY)) + "\n", *options, method=method)
        assert result.exit_code == 1
        assert sentence in result.stderr


class TestHelp:
    @pytest.mark.parametrize("order", [("--method", "glrnb", "--help"), ("--help", "--method=glrnb")])
    def test_lists_every_setting_of_the_method_with_its_default(self, order):
        shown = CliRunner().invoke(main, ["detect", *order]).output
        for key, row in methods.METHODS["glrnb"].keys.items():
            assert re.search(rf"^  {key}\b", shown, re.MULTILINE), key
            assert row.default in shown

    def test_lists_the_methods_when_none_is_named(self):
        shown = CliRunner().invoke(main, ["detect", "--help"]).output
        assert all(name in shown for name in methods.METHODS)
