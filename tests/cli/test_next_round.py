"""`sizao next-round` and `sizao freedom`: files in, a proposal out, and what is refused with its line."""

import csv
import io

import pytest
from click.testing import CliRunner

from sizao.cli import main

STREETS = ("130109001", "130109002", "130102001")


@pytest.fixture
def run(tmp_path):
    def invoke(*words, **files):
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text)
        return CliRunner().invoke(main, [str(tmp_path / word[1:]) if word.startswith("@") else word for word in words])

    return invoke


def rounds(*, first=(2, 0, 0), second=(0, 0, 0)):
    lines = ["area,day,positives"]
    for day, found in (("2022-01-10", first), ("2022-01-11", second)):
        lines += [f"{street},{day},{n}" for street, n in zip(STREETS, found, strict=True)]
    return "\n".join(lines)


def table(result):
    assert result.exit_code == 0, result.output
    return {row["area"]: row for row in csv.DictReader(io.StringIO(result.stdout))}


ASK = ("next-round", "@rounds.csv", "--today", "2022-01-12", "--edition")


class TestNextRound:
    def test_goes_street_by_street(self, run):
        told = table(run(*ASK, "edition-8", "--cases", "@cases.csv", rounds=rounds(),
                         cases="area,day\n130109002,2022-01-02\n"))  # fmt: skip
        # A case in the last three rounds: daily; within 14 days: every second day; none: every fifth.
        assert [(told[one]["next_date"], told[one]["reason"]) for one in STREETS] == [
            ("2022-01-12", "recent_case"), ("2022-01-13", "case_in_14_days"), ("2022-01-16", "no_case_in_14_days"),
        ]  # fmt: skip
        assert told[STREETS[0]]["clean_rounds"] == "1"

    def test_reaches_the_counties_of_the_affected_streets(self, run):
        result = run(*ASK, "edition-8", rounds=rounds())
        assert [table(result)[one]["in_scope"] for one in STREETS] == ["1", "1", "0"]
        assert "Scope proposed: Affected counties (2 of 3 areas)" in result.stderr
        linked = run(*ASK, "edition-8", "--chain-known", rounds=rounds())
        assert [table(linked)[one]["in_scope"] for one in STREETS] == ["1", "0", "0"]
        wide = run(*ASK, "edition-8", "--wide-from-counties", "1", rounds=rounds())
        assert "The whole city (3 of 3 areas)" in wide.stderr

    def test_says_where_no_areas_are_tested(self, run):
        assert {row["reason"] for row in table(run(*ASK, "class-b", rounds=rounds())).values()} == {"not_by_area"}

    def test_needs_each_area_in_each_round(self, run):
        text = rounds().rsplit("\n", 1)[0]
        assert "says nothing of 130102001 on 2022-01-11" in run(*ASK, "edition-8", rounds=text).output

    @pytest.mark.parametrize(
        ("extra", "said"),
        [("130109001,2022-01-10,1", "stands there already"), ("130109001,someday,1", "line 8"),
         ("130109001,2022-01-13,-1", "line 8")],
    )  # fmt: skip
    def test_names_the_line_at_fault(self, run, extra, said):
        result = run(*ASK, "edition-8", rounds=f"{rounds()}\n{extra}\n")
        assert result.exit_code == 1
        assert said in result.output

    def test_knows_no_case_elsewhere(self, run):
        result = run(*ASK, "edition-8", "--cases", "@cases.csv", rounds=rounds(), cases="area,day\n11,2022-01-02\n")
        assert "11 is no area of the rounds" in result.output


class TestFreedom:
    ROUNDS = "coverage,sensitivity\n0.9,0.8\n0.9,0.8\n"

    def test_says_after_each_round_how_many_can_be_left(self, run):
        result = run("freedom", "@rounds.csv", "--expected-before", "10", "--people", "1000", rounds=self.ROUNDS)
        assert result.exit_code == 0, result.output
        first, second = csv.DictReader(io.StringIO(result.stdout))
        assert float(first["missed"]) == pytest.approx(0.28)
        assert float(second["missed"]) == pytest.approx(0.28**2)
        assert float(second["expected"]) == pytest.approx(0.784)
        assert (first["fewer_than"], second["fewer_than"]) == ("3", "2")
        assert float(first["none_found"]) == pytest.approx(0.28)
        assert first["rounds_needed"] == "3"  # 0.28 to the third is the first below 0.05

    def test_of_those_never_swabbed_no_round_says_anything(self, run):
        result = run("freedom", "@rounds.csv", "--never-swabbed", "0.08", rounds=self.ROUNDS)
        assert list(csv.DictReader(io.StringIO(result.stdout)))[0]["rounds_needed"] == ""

    def test_refuses_what_cannot_be(self, run):
        result = run("freedom", "@rounds.csv", rounds="coverage,sensitivity\n1.2,0.8\n")
        assert result.exit_code == 1
        assert "coverage" in result.output
