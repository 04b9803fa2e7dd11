"""`sizao nowcast`: what goes in, what comes out, and what is refused with which sentence."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from sizao.cli import main

MADE = Path(__file__).parents[1] / "reference" / "nowcast"


@pytest.fixture
def run(tmp_path):
    def invoke(text, *options, now="2021-01-20", out="now.csv"):
        lines = tmp_path / "lines.csv"
        lines.write_text(text, encoding="utf-8")
        arguments = ["nowcast", str(lines), "--event", "onset", "--report", "told", "--now", now, "--max-delay", "3"]
        return CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / out), *options])

    return invoke


def rows_of(path):
    with path.open() as rows:
        return list(csv.DictReader(rows))


def level_outbreak(days=20, each=4):
    """Each day four cases fall ill; they are reported 0, 1, 2 and 3 days later."""
    first = date(2021, 1, 1)
    lines = [
        f"{first + timedelta(day)},{first + timedelta(day + delay % 4)}" for day in range(days) for delay in range(each)
    ]
    return "onset,told\n" + "\n".join(lines) + "\n"


class TestNowcast:
    def test_completes_days_that_wait_for_reports(self, run, tmp_path):
        result = run(level_outbreak(), "--method", "lawless")
        assert result.exit_code == 0
        rows = rows_of(tmp_path / "now.csv")
        assert list(rows[0]) == ["date", "observed", "expected", "median", "lower", "upper"]
        assert [row["date"] for row in rows[:2]] == ["2021-01-01", "2021-01-02"]
        assert [row["observed"] for row in rows[-4:]] == ["4", "3", "2", "1"]
        # One of four, two of four and three of four were seen by then.
        assert [int(row["median"]) for row in rows[-4:-2]] == [4, 4]
        assert int(rows[-1]["lower"]) <= 4 <= int(rows[-1]["upper"])
        assert "6 cases were reported after 2021-01-20" in result.output

    @pytest.mark.parametrize("method", ["lawless", "bayes.notrunc.bnb"])
    @pytest.mark.parametrize(
        ("case", "file", "now", "options"),
        [
            ("daily", "lines_daily.csv", "2021-01-26", ["--max-delay", "12"]),
            ("weekly", "lines_weekly.csv", "2010-07-05", ["--max-delay", "8", "--step", "week"]),
        ],
    )
    def test_gives_the_numbers_of_surveillance(self, tmp_path, method, case, file, now, options):
        arguments = ["nowcast", str(MADE / file), "--event", "event", "--report", "report", "--count", "count"]
        arguments += ["--now", now, "--method", method, "--out", str(tmp_path / "now.csv"), *options]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0
        ours = {row["date"]: row for row in rows_of(tmp_path / "now.csv")}
        made = [row for row in rows_of(MADE / "nowcast.csv") if (row["case"], row["way"]) == (case, "all")]
        theirs = [row for row in made if row["method"] == method and row["upper"] != "0"]
        assert len(theirs) > 5
        for row in theirs:
            names = ("observed", "median", "lower", "upper")
            assert [ours[row["date"]][name] for name in names] == [row[name] for name in names]

    def test_the_same_seed_gives_the_same_file(self, run, tmp_path):
        for name in ("one.csv", "other.csv"):
            assert run(level_outbreak(), "--seed", "4", out=name).exit_code == 0
        assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "other.csv").read_bytes()

    def test_leaves_a_cell_empty_where_it_cannot_tell(self, run, tmp_path):
        lines = [f"2021-01-{day:02},2021-01-{day + 2:02}" for day in range(1, 19)]
        result = run("onset,told\n" + "\n".join(lines) + "\n", "--method", "lawless")
        assert result.exit_code == 0
        assert rows_of(tmp_path / "now.csv")[-1]["median"] == ""

    def test_tells_what_is_left_out_or_cut(self, run):
        text = level_outbreak() + "2021-01-05,\n,2021-01-06\n2021-01-02,2021-01-19\n2021-01-22,2021-01-23\n"
        result = run(text)
        assert result.exit_code == 0
        assert "2 cases have no day of event or of report and were left out." in result.output
        assert "1 cases took longer than 3 days and were counted as that." in result.output
        assert "7 cases were reported after 2021-01-20" in result.output

    def test_tells_of_a_week_that_is_not_over(self, run):
        text = level_outbreak(days=50)
        assert "The week of 2021-02-10 is not over" in run(text, "--step", "week", now="2021-02-10").output
        assert "is not over" not in run(text, "--step", "week", now="2021-02-14").output

    def test_draws_a_picture(self, run, tmp_path):
        assert run(level_outbreak(), "--plot", str(tmp_path / "now.png")).exit_code == 0
        assert (tmp_path / "now.png").read_bytes().startswith(b"\x89PNG")


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "options", "reason"),
        [
            ("onset,told\n2021-01-05,2021-01-04\n", (), "line 2: it was reported on 2021-01-04, before it happened"),
            ("onset,told\n2021-01-05,soon\n", (), "told is 'soon'; it should be a day like 2021-01-08"),
            ("onset,heard\n2021-01-05,2021-01-06\n", (), "the column told is missing; there is onset, heard"),
            ("onset,told\n", (), "there is no row below the header"),
            ("onset,told\n2021-03-01,2021-03-02\n", (), "No row was reported by then"),
            ("onset,told\n2021-01-19,2021-01-19\n", (), "longest delay of 3 takes at least 4"),
            (level_outbreak(), ("--window", "2"), "A window of 2 cannot show the longest delay of 3"),
            (level_outbreak(), ("--window-shape", "lawless1994"), "goes with the method lawless"),
            (level_outbreak(), ("--plot", "now.txt"), "a picture ends in"),
        ],
    )
    def test_one_sentence_and_nothing_is_written(self, run, tmp_path, text, options, reason):
        result = run(text, *options)
        assert result.exit_code == 1
        assert reason in result.output
        assert not (tmp_path / "now.csv").exists()

    def test_a_method_that_needs_another_program(self, run):
        result = run(level_outbreak(), "--method", "bayes.trunc.ddcp")
        assert result.exit_code == 2
        assert "bayes.trunc.ddcp" in result.output
