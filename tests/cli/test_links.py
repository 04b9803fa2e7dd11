"""`sizao links`: what goes in, what comes out, and what is refused with which sentence."""

import csv
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from matplotlib.patches import FancyArrowPatch

from sizao.cli import link_graph, main
from sizao.engines.transmission.links import Course, Interval, Meetings, likely_sources

DAY = 86_400
CASES = "person,onset,house\na,2021-01-01,1\nb,2021-01-06,1\nc,2021-01-07,2\nd,,2\ne,2021-03-01,3\n"
MEETINGS = f"case,person,minutes,first,last\na,b,60,2021-01-02T10:00,2021-01-02T11:00\n\
a,c,10,{18_630 * DAY},{18_630 * DAY + 600}\nb,c,30,2021-01-05T10:00,2021-01-05T10:30\n\
a,d,10,2021-01-02,2021-01-02\na,e,10,2021-01-02,2021-01-02\na,nobody,10,2021-01-02,2021-01-02\n"
INTERVAL = ("--si-mean", "5", "--si-sd", "2")


@pytest.fixture
def run(tmp_path):
    def invoke(*options, cases=CASES, meetings=MEETINGS):
        (tmp_path / "cases.csv").write_text(cases, encoding="utf-8")
        (tmp_path / "meetings.csv").write_text(meetings, encoding="utf-8")
        arguments = ["links", tmp_path / "cases.csv", "--out", tmp_path / "links.csv", *options]
        if "--meetings" not in options:
            arguments += ["--meetings", tmp_path / "meetings.csv"]
        return CliRunner().invoke(main, list(map(str, arguments)))

    return invoke


def rows_of(path):
    with path.open() as rows:
        return list(csv.DictReader(rows))


class TestLinks:
    def test_gives_each_case_its_sources_or_why_there_is_none(self, run, tmp_path):
        done = run(*INTERVAL)
        assert done.exit_code == 0, done.stderr
        rows = rows_of(tmp_path / "links.csv")
        told = [(row["case"], row["source"], row["rank"], row["days"], row["minutes"]) for row in rows]
        assert told[1:3] == [("b", "a", "1", "5", "60.0"), ("c", "a", "1", "6", "10.0")]
        assert ("c", "b", "2", "1", "30.0") in told
        assert sum(float(row["probability"]) for row in rows if row["case"] == "c") == pytest.approx(1)
        why = {row["case"]: row["finding"] for row in rows if not row["source"]}
        assert why == {
            "a": "met no case in time",
            "d": "no onset",
            "e": "no case it met fell ill at a possible interval",
        }
        assert "1 meetings with people who are no cases were passed over." in done.stderr
        assert "2 of 5 cases have a likely source" in done.stderr
        assert "Infected most, as expected numbers: a (1." in done.stderr

    def test_reads_what_trace_writes(self, run, tmp_path):
        times = {name: pa.array([18_629 * DAY + 60], pa.int64()).cast(pa.timestamp("s")) for name in ("first", "last")}
        table = pa.table({"case": ["a"], "person": ["b"], "minutes": [20.0], "meetings": [1], **times})
        pq.write_table(table, tmp_path / "met.parquet")
        assert run(*INTERVAL, "--meetings", tmp_path / "met.parquet").exit_code == 0
        assert [row["minutes"] for row in rows_of(tmp_path / "links.csv") if row["source"]] == ["20.0"]

    def test_takes_meetings_both_ways_and_a_source_that_nobody_knows(self, run, tmp_path):
        meetings = "case,person,minutes,first,last\nb,a,60,2021-01-02,2021-01-02\n"
        assert run(*INTERVAL, "--both-ways", "--unseen-minutes", 60, meetings=meetings).exit_code == 0
        linked = next(row for row in rows_of(tmp_path / "links.csv") if row["source"])
        assert (linked["case"], linked["source"]) == ("b", "a")
        assert float(linked["unseen"]) == pytest.approx(0.5, abs=0.05)

    def test_reads_an_interval_that_may_be_negative(self, run, tmp_path):
        (tmp_path / "k.csv").write_text("k,probability\n-1,0.5\n0,0\n1,0.5\n", encoding="utf-8")
        done = run("--serial-interval", tmp_path / "k.csv", "--infectious-before", 9, "--incubation-least", 0)
        assert done.exit_code == 0, done.stderr
        linked = [(row["case"], row["source"]) for row in rows_of(tmp_path / "links.csv") if row["source"]]
        assert linked == [("c", "b")]

    @pytest.mark.parametrize("options", [(), ("--lanes", "house")])
    def test_draws_the_graph(self, run, tmp_path, options):
        assert run(*INTERVAL, "--plot", tmp_path / "graph.svg", *options).exit_code == 0
        assert "#d1603d" in (tmp_path / "graph.svg").read_text()  # who has no source stands out

    def test_draws_an_arrow_for_each_case_with_a_source_and_no_two_cases_on_one_spot(self):
        onset = np.array([0.0, 5, 5, 6, np.nan])
        ends = np.array([[0, 0, 0, 3], [1, 2, 3, 1]])
        met = Meetings(*ends, np.full(4, 30.0), np.full(4, 2.0), np.full(4, 2.0))
        found = likely_sources(onset, met, Course(Interval.gamma(5, 2), 2, 10))
        figure = link_graph.drawn(found, list("abcde"), onset, ["x", "x", "x", "y", "x"])
        axes = figure.axes[0]
        arrows = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
        assert len(arrows) == 3
        dots = axes.collections[-1].get_offsets().tolist()
        assert len({tuple(dot) for dot in dots}) == len(dots) == 4
        assert "1 cases without an onset are not drawn" in axes.get_title(loc="left")


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "changes", "told"),
        [
            ((), {}, "Give either --serial-interval, or --si-mean with --si-sd"),
            (("--si-mean", "5"), {}, "Give either --serial-interval"),
            ((*INTERVAL, "--lanes", "ward"), {}, "the column ward is missing"),
            ((*INTERVAL, "--plot", "graph.txt"), {}, "cannot be drawn"),
            ((*INTERVAL, "--half-minutes", "0"), {}, "the minutes of half the chance must be above 0"),
            (INTERVAL, {"cases": CASES + "a,2021-01-09,4\n"}, "line 7: a stands twice"),
            (INTERVAL, {"cases": "person,onset\na,soon\n"}, "onset is 'soon'"),
            (INTERVAL, {"meetings": MEETINGS + "a,b,-5,0,9\n"}, "ends before it starts, or has no minutes"),
            (INTERVAL, {"meetings": MEETINGS + "a,b,5,soon,9\n"}, "first is 'soon'"),
            ((*INTERVAL, "--meetings", "nowhere.parquet"), {}, "nowhere.parquet, line 1: it cannot be read as Parquet"),
        ],
    )  # fmt: skip
    def test_are_one_sentence(self, run, tmp_path, options, changes, told):
        done = run(*options, **changes)
        assert done.exit_code == 1
        assert told in done.stderr
        assert not (tmp_path / "links.csv").exists()


def test_needs_no_database():
    code = "import sizao.cli.links, sys; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
