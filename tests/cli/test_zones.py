"""`sizao zones durations` on plain files, and on the real lists where they are at hand."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from sizao.cli import main

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "risk_areas"
REAL = DATA / "risk_area_intervals_2022-04_2022-12_three_provinces.csv"
ROWS = """level,province,city,county,area,first_date,last_date
high,河北省,石家庄市,藁城区,从前村,2022-07-01,2022-07-09
high,河北省,石家庄市,藁城区,增村镇小果庄村,2022-08-01,2022-08-07
medium,河北省,石家庄市,高新开发新区,天一合院,2022-08-01,2022-08-20
high,河北省,石家庄市,藁城区,后来村,2022-12-01,2022-12-15
"""


def run(*words):
    return CliRunner().invoke(main, ["zones", "durations", *map(str, words)])


def test_sets_real_days_beside_the_rule(tmp_path):
    (tmp_path / "in.csv").write_text(ROWS, encoding="utf-8")
    answer = run(tmp_path / "in.csv", "--out", tmp_path / "out.csv", "--plot", tmp_path / "out.png")
    assert answer.exit_code == 0, answer.output
    rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8")))
    told = {(row["edition"], row["level"]): (row["kept"], row["longer"], row["cut"]) for row in rows}
    assert told == {
        ("edition-9", "high"): ("1", "0", "1"),
        ("edition-9", "medium"): ("0", "1", "0"),
        ("twenty-measures", "high"): ("0", "0", "1"),
    }
    assert (tmp_path / "out.png").stat().st_size > 1000
    assert "1 rows lie in 1 counties" in answer.output


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [("high,", "grave,", "is no level of risk"), ("2022-08-07", "2022-07-07", "is no last day after the first")],
)
def test_says_which_line_is_wrong(tmp_path, old, new, words):
    (tmp_path / "in.csv").write_text(ROWS.replace(old, new), encoding="utf-8")
    answer = run(tmp_path / "in.csv")
    assert answer.exit_code == 1
    assert words in answer.output


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/risk_areas is not here")
def test_the_lists_of_2022(tmp_path):
    answer = run(REAL, "--out", tmp_path / "out.csv")
    assert "24884 rows" in answer.output
    rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8")))
    judged = {(row["edition"], row["level"], row["rule_days"]): row for row in rows}
    # What the guide says of the real lists (docs/guide/risk-areas.md).
    strict = judged["twenty-measures", "high", "5"]
    assert [int(strict[name]) for name in ("judged", "shorter", "kept", "longer")] == [16642, 5259, 8889, 2494]
    assert float(judged["edition-9", "high", "7"]["median_days"]) == 7
    assert sum(int(row["n"]) for row in rows) == 24_653
    assert "1194 rows lie in 16 counties or zones" in answer.output
