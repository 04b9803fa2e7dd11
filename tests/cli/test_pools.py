"""`sizao pools` and `sizao prevalence`: what goes in, what comes out, and what is refused with which sentence."""

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

from sizao.cli import main

POOLS = Path(__file__).parents[2] / "docs" / "guide" / "testing-rounds" / "pools.csv"


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def rows(result):
    return list(csv.DictReader(io.StringIO(result.stdout)))


class TestPools:
    def test_compares_the_sizes_an_edition_allows(self):
        result = run("pools", "--prevalence", "0.001", "--edition", "edition-7", "--people", "10000")
        assert result.exit_code == 0, result.output
        assert [row["size"] for row in rows(result)] == ["5", "10"]
        assert rows(result)[1]["tubes"] == "1000"
        assert rows(result)[0]["first_hours"] == ""
        assert "Tubes of 10 take the fewest tests" in result.stderr

    def test_takes_sizes_hours_and_how_positives_gather(self, tmp_path):
        options = ("--size", 1, "--size", 8, "--tubes-per-hour", 100, "--plot", tmp_path / "pools.svg")
        alone, gathered = (
            rows(run("pools", "--prevalence", "0.01", "--correlation", rho, *options)) for rho in ("0", "0.3")
        )
        assert [row["size"] for row in alone] == ["1", "8"]
        assert float(alone[1]["first_hours"]) == pytest.approx(1250 / 100 + 6)
        assert float(gathered[1]["positive_tubes"]) < float(alone[1]["positive_tubes"])
        assert b"<svg" in (tmp_path / "pools.svg").read_bytes()

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--prevalence", "1.2", "--size", "5"), "1.2 is not in the range"),
            (("--prevalence", "nan", "--size", "5"), "not a number"),
            (("--prevalence", "0.1"), "Say --edition NAME or --on DAY"),
            (("--prevalence", "0.1", "--size", "0"), "0 is not in the range"),
        ],
    )
    def test_refuses_what_is_no_share_and_no_size(self, options, said):
        result = run("pools", *options)
        assert result.exit_code != 0
        assert said in result.output


class TestPrevalence:
    def test_tells_each_group(self):
        result = run("prevalence", POOLS, "--by", "area")
        told = {row["area"]: row for row in rows(result)}
        assert list(told) == ["A", "B", "C"]
        assert told["A"]["people"] == str(4120 * 10 + 260)
        assert float(told["A"]["lower"]) < float(told["A"]["prevalence"]) < float(told["A"]["upper"])
        assert told["B"]["prevalence"] == "0.0"

    def test_without_groups_adds_all_up(self):
        (row,) = rows(run("prevalence", POOLS, "--interval", "likelihood", "--level", "0.8"))
        assert row["positive"] == "24"

    def test_of_a_poor_test_is_higher(self):
        perfect, poor = (
            float(rows(run("prevalence", POOLS, "--sensitivity", one))[0]["prevalence"]) for one in ("1", "0.6")
        )
        assert poor > 1.5 * perfect

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("size,tubes,positive\n10,5,6\n", "line 2: 6 tubes are positive of 5"),
            ("size,tubes,positive\n0,5,1\n", "line 2: size is 0"),
            ("size,tubes,positive\n10,0,0\n", "No tube has a result"),
            ("size,tubes,positive\n10,5,1.5\n", "positive is '1.5'"),
            ("size,tubes\n10,5\n", "the column positive is missing"),
            ("size,tubes,positive\n2000,5,1\n", "A tube of 2000 swabs is not possible"),
        ],
    )
    def test_refuses_in_one_sentence(self, tmp_path, text, said):
        (tmp_path / "pools.csv").write_text(text, encoding="utf-8")
        result = run("prevalence", tmp_path / "pools.csv")
        assert result.exit_code == 1
        assert said in result.output

    def test_refuses_a_test_that_tells_nothing(self):
        assert "no more likely" in run("prevalence", POOLS, "--sensitivity", "0.4", "--specificity", "0.5").output
