"""`sizao plan round`: the guide's files in, a plan out, and what is refused with which sentence."""

import csv
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from sizao.cli import main

EXAMPLE = Path(__file__).parents[2] / "docs" / "guide" / "testing-rounds"
FILES = ("villages", "sites", "laboratories")


@pytest.fixture
def run(tmp_path):
    for name in FILES:
        shutil.copy(EXAMPLE / f"{name}.csv", tmp_path / f"{name}.csv")

    def invoke(*options, out="PLAN.csv", edition="edition-7"):
        files = [word for name in FILES for word in (f"--{name}", str(tmp_path / f"{name}.csv"))]
        chosen = ["--edition", edition] if edition else []
        return CliRunner().invoke(main, ["plan", "round", *files, *chosen, "--out", str(tmp_path / out), *options])

    return invoke


def rows_of(path):
    with path.open() as rows:
        return list(csv.DictReader(rows))


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def population():
    return sum(int(row["population"]) for row in rows_of(EXAMPLE / "villages.csv"))


class TestAPlan:
    def test_says_where_everybody_goes(self, run, tmp_path):
        result = run("--walk-minutes", "0")
        assert result.exit_code == 0, result.output
        sent = rows_of(tmp_path / "PLAN.csv")
        by_village = {row["code"]: int(row["population"]) for row in rows_of(EXAMPLE / "villages.csv")}
        for code, people in by_village.items():
            assert sum(int(row["people"]) for row in sent if row["village"] == code) == people
        assert all(row["site"] for row in sent)

    def test_adds_up_across_its_tables(self, run, tmp_path):
        assert run().exit_code == 0
        sites = rows_of(tmp_path / "PLAN-sites.csv")
        carried = rows_of(tmp_path / "PLAN-laboratories.csv")
        load = rows_of(tmp_path / "PLAN-load.csv")
        assert sum(int(row["people"]) for row in sites) == population()
        assert sum(int(row["tubes"]) for row in sites) == sum(int(row["tubes"]) for row in carried)
        assert sum(float(row["people"]) for row in load) == pytest.approx(population(), rel=1e-3)
        hours = [row for row in rows_of(tmp_path / "PLAN-hours.csv") if not row["laboratory"]]
        assert sum(float(row["people_swabbed"]) for row in hours) == pytest.approx(population(), rel=1e-3)
        assert float(hours[-1]["tubes_waiting"]) == 0

    def test_tells_its_end_and_its_gap_in_sentences(self, run):
        said = run().output
        assert "48 h allowed." in said
        assert "more than the best one possible." in said
        assert "Not confirmed by an authority: testing.region.transport_hours = 4." in said

    def test_tells_what_is_short_by_how_much(self, run, tmp_path):
        said = run(edition="edition-8").output
        assert "Short of sampling sites: 18 sites needed, 14 given" in said
        assert "1,000 given; this concerns" in said
        left = [row for row in rows_of(tmp_path / "PLAN.csv") if not row["site"]]
        missing = sum(int(row["people"]) for row in left)
        assert f"{missing:,} people have no place yet" in said
        assert missing + sum(int(row["people"]) for row in rows_of(tmp_path / "PLAN-sites.csv")) == population()

    def test_is_a_workbook_too(self, run, tmp_path):
        assert run("--plot", str(tmp_path / "plan.svg"), out="PLAN.xlsx").exit_code == 0
        book = CalamineWorkbook.from_path(tmp_path / "PLAN.xlsx")
        assert book.sheet_names == ["villages", "sites", "laboratories", "load", "hours", "summary"]
        rows = book.get_sheet_by_name("villages").to_python()
        assert rows[0] == ["village", "site", "people", "walk_metres"]
        assert sum(row[2] for row in rows[1:]) == population()
        assert b"<svg" in (tmp_path / "plan.svg").read_bytes()

    def test_made_again_moves_only_the_people_of_a_closed_site(self, run, tmp_path):
        assert run().exit_code == 0
        before = rows_of(tmp_path / "PLAN.csv")
        closed = rows_of(tmp_path / "PLAN-sites.csv")[0]
        room = next(row["tables"] for row in rows_of(tmp_path / "sites.csv") if row["code"] == closed["site"])
        change(tmp_path / "sites.csv", f"{closed['site']},{room},", f"{closed['site']},0,")
        result = run("--keep", str(tmp_path / "PLAN.csv"), out="AGAIN.csv")
        assert f"{int(closed['people']):,} people go to another site" in result.output
        after = rows_of(tmp_path / "AGAIN.csv")
        kept = {(row["village"], row["site"]) for row in after}
        assert {(row["village"], row["site"]) for row in before if row["site"] != closed["site"]} <= kept
        assert not [row for row in after if row["site"] == closed["site"]]


class TestTheGuide:
    def test_quotes_what_is_said(self, run, tmp_path):
        guide = (EXAMPLE.parent / "testing-rounds.md").read_text(encoding="utf-8")
        quoted = [line for part in guide.split("```")[1::2] for line in part.splitlines() if line.endswith(".")]
        assert run().exit_code == 0
        said = run().output + run("--hours", "14").output + run("--walk-minutes", "0", edition="edition-8").output
        assert run().exit_code == 0
        change(tmp_path / "sites.csv", "S05,4,", "S05,0,")
        said += run("--keep", str(tmp_path / "PLAN.csv"), out="AGAIN.csv").output
        assert len(quoted) == 6
        assert not [line for line in quoted if line not in said]


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "old", "new", "said"),
        [
            ("villages", "V02,", "V01,", "line 3: the code V01 stands on line 2 already"),
            ("villages", "population", "people", "the column population is missing"),
            ("villages", "V01,", "V01,-", "it should be a count"),
            ("sites", "S01,4", "S01,4.5", "line 2: tables is '4.5'"),
            ("sites", "114.", "38,114.", "there are 5 cells, and the header has 4"),
            ("laboratories", "L1,260", "L1,-260", "tubes_per_hour is -260.0; it should be 0 or more"),
            ("laboratories", "L1,260,114.", "L1,260,914.", "longitude is 914."),
        ],
    )
    def test_name_file_line_and_what_should_stand_there(self, run, tmp_path, name, old, new, said):
        change(tmp_path / f"{name}.csv", old, new)
        result = run()
        assert result.exit_code == 1
        assert f"{name}.csv" in result.output
        assert said in result.output
        assert not (tmp_path / "PLAN.csv").exists()

    @pytest.mark.parametrize(
        ("options", "edition", "said"),
        [
            ((), None, "Say --edition NAME or --on DAY"),
            ((), "edition-77", "There is no edition called edition-77"),
            ((), "class-b", "does not test whole areas"),
            (("--pool-size", "7"), "edition-7", "Choose one of: 5, 10"),
            (("--opens", "9", "--closes", "9"), "edition-7", "hours of one day"),
            (("--on", "2019-01-01"), None, "No protocol is in force"),
            (("--plot", "plan.gif"), "edition-7", "plan.gif cannot be drawn"),
            (("--keep", "none.csv"), "edition-7", "none.csv"),
            (("--hours", "nan"), "edition-7", "not a number"),
        ],
    )
    def test_say_what_to_do_next(self, run, tmp_path, options, edition, said):
        result = run(*options, edition=edition)
        assert result.exit_code != 0
        assert said in result.output
        assert not (tmp_path / "PLAN.csv").exists()

    def test_of_a_name_that_is_no_plan(self, run):
        assert "ends in .csv or .xlsx" in run(out="PLAN.txt").output

    def test_of_a_day_whose_rules_set_no_time(self, run):
        assert "does not say within how many hours" in run("--on", "2021-01-15", edition=None).output
        said = run("--on", "2021-01-15", "--hours", "72", edition=None).output
        assert "72 h allowed." in said
        assert "testing.pool.sizes_allowed = [5, 10]" in said
