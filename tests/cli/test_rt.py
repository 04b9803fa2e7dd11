"""`sizao rt`: EpiEstim's numbers from files, and what is refused with which sentence."""

import csv

import numpy as np
import pytest
from click.testing import CliRunner

from sizao.cli import main
from tests.engines.transmission import series

FLU = [0, 0.233, 0.359, 0.198, 0.103, 0.053, 0.027, 0.014, 0.007, 0.003, 0.002, 0.001]
HEADER = "dataset,t_start,t_end,mean,std,q025,q05,q25,median,q75,q95,q975"
GAMMA = ("--si-mean", "2.6", "--si-sd", "1.5")


@pytest.fixture
def run(tmp_path):
    def invoke(*options, incidence=None):
        path = tmp_path / "incidence.csv"
        if incidence is not None:
            path.write_text(incidence, encoding="utf-8")
        return CliRunner().invoke(main, ["rt", str(path), "--out", str(tmp_path / "out.csv"), *map(str, options)])

    return invoke


@pytest.fixture
def told(tmp_path):
    def read(dataset):
        with (tmp_path / "out.csv").open(encoding="utf-8") as lines:
            rows = [row for row in csv.DictReader(lines) if row["dataset"] == dataset]
        columns = (name for name in HEADER.split(",") if name != "dataset")
        return {name: np.array([float(row[name]) if row[name] else np.nan for row in rows]) for name in columns}

    return read


@pytest.fixture
def interval(tmp_path):
    def write(text):
        path = tmp_path / "si.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def table(**datasets):
    rows = [f"{name},{t},{count:g}" for name, counts in datasets.items() for t, count in enumerate(counts, start=1)]
    return "\n".join(["dataset,t,incidence", *rows]) + "\n"


def distribution(chances, start=0):
    return "k,probability\n" + "".join(f"{k},{chance}\n" for k, chance in enumerate(chances, start=start))


class TestNumbers:
    def assert_as_in_r(self, ours, case):
        theirs = series.reference("reproduction.csv")[case]
        assert set(ours) == set(theirs)
        for column in theirs:
            assert series.difference(ours[column], theirs[column]) < 1e-10, column

    def test_several_datasets_of_several_lengths_are_those_of_epiestim(self, run, told, tmp_path):
        counts = table(flu=series.baltimore(), short=series.baltimore()[:9], other=series.baltimore())
        assert run(*GAMMA, incidence=counts).exit_code == 0
        assert (tmp_path / "out.csv").read_text().splitlines()[0] == HEADER
        self.assert_as_in_r(told("flu"), "baltimore-gamma")
        self.assert_as_in_r(told("other"), "baltimore-gamma")
        assert told("short")["t_end"].tolist() == [8, 9]

    @pytest.mark.parametrize("start", [0, 1])
    def test_a_distribution_of_a_file(self, run, told, interval, start):
        path = interval(distribution(FLU[start:], start))
        assert run("--serial-interval", path, incidence=table(flu=series.baltimore())).exit_code == 0
        self.assert_as_in_r(told("flu"), "baltimore-distribution")

    def test_a_window_and_a_prior(self, run, told):
        run(*GAMMA, "--prior-mean", 1.2, "--prior-sd", 0.4, incidence=table(flu=series.baltimore()))
        self.assert_as_in_r(told("flu"), "baltimore-narrow-prior")
        run("--si-mean", 6.3, "--si-sd", 4.2, "--window", 14, incidence=table(covid=series.covid()))
        self.assert_as_in_r(told("covid"), "covid-fortnight")

    def test_imported_cases(self, run, told):
        imported = series.covid() // 5
        local = series.covid() - imported
        rows = [f"c,{t},{a:g},{b:g}" for t, (a, b) in enumerate(zip(local, imported, strict=True), start=1)]
        counts = "\n".join(["dataset,t,local,imported", *rows])
        assert run("--si-mean", 4.7, "--si-sd", 2.9, incidence=counts).exit_code == 0
        self.assert_as_in_r(told("c"), "covid-imported")

    def test_rows_in_any_order_and_days_from_anywhere(self, run, told):
        rows = [f"b,{t},{count:g}" for t, count in enumerate(series.baltimore(), start=-4)]
        run(*GAMMA, incidence="\n".join(["dataset,t,incidence", *rows[::-1]]))
        theirs = series.reference("reproduction.csv")["baltimore-gamma"]
        assert (told("b")["t_start"] == theirs["t_start"] - 5).all()
        assert series.difference(told("b")["mean"], theirs["mean"]) < 1e-10

    def test_a_window_that_is_too_early_is_empty(self, run, told, interval):
        path = interval(distribution([0] * 10 + [0.1] * 10))
        run("--serial-interval", path, incidence=table(z=series.zika()))
        self.assert_as_in_r(told("z"), "zika-late-distribution")

    def test_cohorts(self, run, told, interval):
        path = interval(distribution(FLU))
        assert (
            run(
                "--serial-interval", path, "--method", "wallinga-teunis", incidence=table(b=series.baltimore())
            ).exit_code
            == 0
        )
        theirs = series.reference("cohort_reproduction.csv")["baltimore"]
        assert series.difference(told("b")["mean"], theirs["mean"]) < 1e-10
        assert (told("b")["q025"] <= told("b")["median"]).all()

    def test_cohorts_of_a_gamma(self, run, told):
        assert run(*GAMMA, "--method", "wallinga-teunis", incidence=table(b=series.baltimore())).exit_code == 0
        assert np.isfinite(told("b")["mean"]).all()

    def test_an_uncertain_interval_comes_again_with_its_seed(self, run, told):
        options = (*GAMMA, "--si-mean-sd", 1, "--si-sd-sd", 0.5, "--si-mean-range", 1, 4.2, "--si-sd-range", 0.5, 2.5)
        counts = table(b=series.baltimore())
        assert run(*options, incidence=counts).exit_code == 0
        once = told("b")["median"]
        theirs = series.reference("reproduction_uncertain.csv")["baltimore"]
        assert (np.abs(once - theirs["median"]) < 0.35 * theirs["std"]).all()
        run(*options, incidence=counts)
        assert (told("b")["median"] == once).all()
        run(*options, "--seed", 2, incidence=counts)
        assert (told("b")["median"] != once).any()


class TestPicture:
    def test_is_drawn_for_the_first_datasets(self, run, tmp_path):
        counts = table(**{f"d{number}": series.baltimore() for number in range(8)}, none=np.zeros(20))
        result = run(*GAMMA, "--plot", tmp_path / "r.png", incidence=counts)
        assert result.exit_code == 0
        assert "first 6 of 9" in result.output
        assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")

    def test_where_nothing_is_known(self, run, tmp_path, interval):
        path = interval(distribution([0] * 30 + [1]))
        counts = table(z=np.ones(20))
        assert run("--serial-interval", path, "--plot", tmp_path / "r.svg", incidence=counts).exit_code == 0

    def test_a_name_that_is_no_picture(self, run, tmp_path):
        result = run(*GAMMA, "--plot", tmp_path / "r.txt", incidence=table(a=[1] * 20))
        assert result.exit_code == 1
        assert not (tmp_path / "out.csv").exists()


class TestRefusals:
    @pytest.mark.parametrize(
        ("counts", "reason"),
        [
            ("dataset,t,incidence\na,1,3\na,2,-1\n", "line 3: incidence is '-1'; it should be a count"),
            ("dataset,t,incidence\na,1,3\na,2,1.5\n", "line 3: incidence is '1.5'"),
            ("dataset,t,incidence\na,1,3\na,2,\n", "line 3: incidence is empty"),
            ("dataset,t,incidence\na,1,3\na,2,nan\n", "line 3: incidence is 'nan'"),
            ("dataset,t,incidence\na,1,3\na,3,1\n", "line 3: dataset a goes from t = 1 to 3"),
            ("dataset,t,incidence\na,1,3\na,1,1\n", "line 3: dataset a has t = 1 twice"),
            ("dataset,t,incidence\na,1.5,3\n", "line 2: t is '1.5'"),
            ("dataset,t,incidence\na,99999999999999999999,3\n", "line 2: t is '99999999999999999999'"),
            ("dataset,t,local\na,1,3\n", "the column incidence is missing"),
            ("dataset,incidence\na,3\n", "the column t is missing"),
            ("dataset,t,incidence\na,1,3\na,2,3\n", "dataset a: The series has 2 days"),
        ],
    )
    def test_incidence_that_is_none(self, run, tmp_path, counts, reason):
        result = run(*GAMMA, incidence=counts)
        assert result.exit_code == 1
        assert reason in result.output
        assert not (tmp_path / "out.csv").exists()

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (distribution([0, 0.5, 0.4]), "the chances sum to 0.9; they must sum to 1"),
            (distribution([0.2, 0.8]), "the chance of 0 days is 0.2"),
            (distribution([0, 1.5, -0.5]), "zero or more"),
            ("k,probability\n0,0\n2,1\n", "line 3: k is 2; 1 comes next"),
            ("k,probability\n5,1\n", "line 2: k is 5; 0 comes next"),
            ("k,probability\n0,0\n1,x\n", "line 3: probability is 'x'"),
            ("a,b\n0,0\n", "the column k is missing"),
        ],
    )
    def test_a_file_that_holds_no_interval(self, run, interval, text, reason):
        result = run("--serial-interval", interval(text), incidence=table(a=[1] * 20))
        assert result.exit_code == 1
        assert reason in result.output

    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            ((), "The serial interval is missing."),
            (("--si-mean", 3), "The serial interval is missing."),
            (("--si-mean", 1, "--si-sd", 1), "its mean is 1 days"),
            (("--si-mean", 3, "--si-sd", 0), "its standard deviation is 0 days"),
            ((*GAMMA, "--si-mean-sd", 1), "go together"),
            ((*GAMMA, "--prior-sd", 0), "both must be more than 0"),
            ((*GAMMA, "--window", 0), "a window of 0 days"),
            ((*GAMMA, "--serial-interval", "nowhere.csv"), "given twice"),
            (("--serial-interval", "nowhere.csv"), "cannot be opened"),
        ],
    )
    def test_options_that_do_not_go_together(self, run, options, reason):
        result = run(*options, incidence=table(a=[1] * 20))
        assert result.exit_code == 1
        assert reason in result.output

    def test_a_file_that_is_not_there(self, run):
        result = run(*GAMMA)
        assert result.exit_code == 1
        assert "cannot be opened" in result.output
