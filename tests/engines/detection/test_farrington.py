"""Farrington's method and the improved one: beside R, beside the plain twin, and their laws."""

import csv
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.detection import methods
from sizao.engines.detection.farrington_baseline import BaselineImpossible
from sizao.engines.detection.settings import SettingUnreadable
from tests.reference import farrington as plain

ROOT = Path(__file__).resolve().parents[3]
R = ROOT / "tests" / "reference" / "farrington_r"
DENGUE = ROOT.parent / "shared" / "data" / "surveillance" / "dengue_puerto_rico_weekly_onset_report.csv"

PAPER = {"no_periods": 10, "past_weeks_excluded": 26, "threshold": "nbPlugin", "alpha": 0.005}

# What our keys are called in R.
NAMES = {
    "b": "b",
    "w": "w",
    "alpha": "alpha",
    "reweight": "reweight",
    "trend": "trend",
    "limit54": "limit54",
    "powertrans": "power_transform",
    "weightsThreshold": "weights_threshold",
    "pThresholdTrend": "trend_p",
    "noPeriods": "no_periods",
    "pastWeeksNotIncluded": "past_weeks_excluded",
    "thresholdMethod": "threshold",
    "populationOffset": "population_offset",
}


def rows_of(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def number(text):
    return float(text) if text not in ("", "NA", "NaN") else np.nan


def series_in(rows):
    """Counts, dates and populations by name of series."""
    of_name = defaultdict(list)
    for row in rows:
        of_name[row["series"]].append(row)
    return {
        name: {
            "counts": np.array([[number(row["count"]) for row in part]]),
            "dates": np.array([row["date"] for row in part], "datetime64[D]") if part[0]["date"] else None,
            "population": np.array([[number(row["population"]) for row in part]]) if part[0]["population"] else None,
        }
        for name, part in of_name.items()
    }


def dengue():
    """Weeks from 1996 on and their cases; one week is missing in the file."""
    cases = defaultdict(float)
    for row in rows_of(DENGUE):
        cases[date.fromisoformat(row["onset_week"])] += int(row["count"])
    weeks = [date(1996, 1, 1) + timedelta(weeks=week) for week in range(779)]
    return weeks, np.array([[cases.get(week, np.nan) for week in weeks]])


def settings_of(run):
    keys = {ours: run[theirs] for theirs, ours in NAMES.items() if run[theirs]}
    keys["range"] = f"{run['first']}:{run['last']}"
    if run["method"] == "farrington-flexible":
        keys["as_surveillance"] = run["corrected"] == "0"
    elif run["fitFun"]:
        keys["population_offset"] = True
    return keys


def assert_as_in_r(series, runs, verdicts):
    told = defaultdict(list)
    for row in verdicts:
        told[row["run"]].append(row)
    compared = 0
    for run in runs:
        if run["run"] not in told:
            continue  # it stops R with an error
        ours = methods.run(run["method"], **series[run["series"]], settings=settings_of(run))
        at = np.array([int(row["index"]) - 1 for row in told[run["run"]]])
        columns = {"expected": ours.expected, "upperbound": ours.upperbound, "score": ours.statistic, "p": ours.p_value}
        for column, values in columns.items():
            theirs = np.array([number(row[column]) for row in told[run["run"]]])
            np.testing.assert_allclose(values[0, at], theirs, rtol=1e-6, atol=1e-13, err_msg=f"{column} of {run}")
        for column, flags in {"alarm": ours.alarm, "trend": ours.trend}.items():
            theirs = [number(row[column]) == 1 for row in told[run["run"]]]
            assert flags[0, at].tolist() == theirs, f"{column} of {run}"
        assert ours.judged.sum() <= len(at)
        compared += len(at)
    return compared


class TestBesideR:
    def test_gives_the_numbers_of_surveillance_on_simulated_series(self):
        series = series_in(rows_of(R / "series.csv"))
        assert assert_as_in_r(series, rows_of(R / "runs.csv"), rows_of(R / "verdicts.csv")) == 784

    @pytest.mark.skipif(not DENGUE.exists(), reason="needs ../shared/data/surveillance")
    def test_gives_the_numbers_of_surveillance_on_dengue_with_a_gap(self):
        weeks, counts = dengue()
        assert np.isnan(counts).sum() == 1
        series = {"dengue": {"counts": counts, "dates": np.array(weeks, "datetime64[D]")}}
        assert assert_as_in_r(series, rows_of(R / "dengue_runs.csv"), rows_of(R / "dengue_verdicts.csv")) == 270

    @pytest.mark.skipif(not DENGUE.exists(), reason="needs ../shared/data/surveillance")
    def test_the_guide_tells_the_week_of_december_2009_as_it_is(self):
        weeks, counts = dengue()
        now = weeks.index(date(2009, 12, 28))
        told = {}
        for shipped in (False, True):
            keys = {**PAPER, "range": f"{now + 1}:{now + 1}", "as_surveillance": shipped}
            ours = methods.run(
                "farrington-flexible", counts=counts, dates=np.array(weeks, "datetime64[D]"), settings=keys
            )
            alarm, trend = bool(ours.alarm[0, now]), bool(ours.trend[0, now])
            told[shipped] = round(float(ours.expected[0, now]), 2), float(ours.upperbound[0, now]), alarm, trend
        assert counts[0, now] == 98
        assert told == {False: (20.89, 104, False, False), True: (17.35, 96, True, True)}
        guide = (ROOT / "docs" / "guide" / "farrington.md").read_text()
        assert "| expected | 20.89 | 17.35 |" in guide
        assert "| bound by `nbPlugin` | 104 | 96 |" in guide

    def test_every_setting_and_both_flags_are_met_in_the_reference(self):
        told = rows_of(R / "verdicts.csv") + rows_of(R / "dengue_verdicts.csv")
        assert {row["alarm"] for row in told} >= {"0", "1"}
        assert {row["trend"] for row in told} >= {"0", "1"}
        runs = rows_of(R / "runs.csv")
        assert {run["thresholdMethod"] for run in runs} >= {"delta", "nbPlugin", "muan"}
        differing = 0
        by_run = defaultdict(list)
        for row in rows_of(R / "verdicts.csv"):
            by_run[row["run"]].append(row["upperbound"])
        for shipped, corrected in zip(runs, runs[1:], strict=False):
            if (shipped["corrected"], corrected["corrected"]) == ("0", "1"):
                differing += by_run[shipped["run"]] != by_run[corrected["run"]]
        assert differing > 10


@st.composite
def short_years(draw):
    """Counts of five years of thirteen times, some with silent seasons and gaps."""
    size = 13 * 5
    highest = draw(st.sampled_from([1, 4, 60]))
    counts = np.array(draw(st.lists(st.integers(0, highest), min_size=size, max_size=size)), dtype=float)
    if draw(st.booleans()):
        counts[np.arange(size) % 13 < 5] = 0
    for gap in draw(st.lists(st.integers(0, size - 5), max_size=3)):
        counts[gap] = np.nan
    return counts


FIT = {
    "reweight": st.booleans(),
    "trend": st.booleans(),
    "trend_p": st.sampled_from([0.05, 1.0]),
}
NOW = 13 * 5 - 1


def same(verdict, ours):
    for name, values in {"expected": ours.expected, "upperbound": ours.upperbound, "score": ours.statistic}.items():
        np.testing.assert_allclose(values[0, NOW], verdict[name], rtol=1e-6, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(ours.p_value[0, NOW], verdict["p"], rtol=1e-6, atol=1e-12)
    assert ours.alarm[0, NOW] == verdict["alarm"]
    assert ours.trend[0, NOW] == verdict["trend"]


class TestBesideThePlainTwin:
    @settings(max_examples=60, deadline=None)
    @given(counts=short_years(), how=st.fixed_dictionaries(FIT), power=st.sampled_from(["2/3", "1/2", "none"]))
    @pytest.mark.filterwarnings("ignore::RuntimeWarning")
    def test_original_agrees(self, counts, how, power):
        shared = {"b": 3, "w": 2, "alpha": 0.01, "limit54": (5, 4), **how}
        ours = methods.run(
            "farrington",
            counts=counts[None],
            period=13,
            settings={**shared, "power_transform": power, "weights_threshold": 1},
        )
        same(plain.original(counts, NOW, period=13, power=power, threshold=1, **shared), ours)

    @settings(max_examples=100, deadline=None)
    @given(
        counts=short_years(),
        how=st.fixed_dictionaries(FIT | {"as_surveillance": st.booleans()}),
        no_periods=st.sampled_from([1, 3, 5]),
        threshold=st.sampled_from(["delta", "nbplugin"]),
    )
    @pytest.mark.filterwarnings("ignore::RuntimeWarning")
    def test_flexible_agrees(self, counts, how, no_periods, threshold):
        shared = {"b": 4, "w": 1, "alpha": 0.01, "limit54": (5, 4), "no_periods": no_periods, **how}
        ours = methods.run(
            "farrington-flexible",
            counts=counts[None],
            period=13,
            settings={**shared, "past_weeks_excluded": 3, "threshold": threshold},
        )
        verdict = plain.flexible(
            counts, NOW, period=13, excluded=3, threshold_method=threshold, power="2/3", threshold=2.58, **shared
        )
        if verdict is None:
            assert not ours.judged[0, NOW]
        else:
            same(verdict, ours)


def seasonal(*, n_series=3, years=6, seed=1):
    dice = np.random.default_rng(seed)
    time = np.arange(52 * years)
    return dice.poisson(5 * np.exp(0.8 * np.cos(2 * np.pi * time / 52)), size=(n_series, len(time))).astype(float)


BOTH = pytest.mark.parametrize(("method", "keys"), [("farrington", {}), ("farrington-flexible", PAPER)])


def same_verdicts(ours, theirs, *, apart=0.0):
    for name in ("expected", "upperbound", "statistic", "p_value", "alarm", "trend", "judged"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=apart, err_msg=name)


def part(verdicts, where):
    return type(verdicts)(*(getattr(verdicts, name)[where] for name in type(verdicts).__dataclass_fields__))


class TestLaws:
    @BOTH
    def test_series_are_judged_each_alone(self, method, keys):
        counts = seasonal()
        together = methods.run(method, counts=counts, settings=keys)
        turned = methods.run(method, counts=counts[::-1].copy(), settings=keys)
        same_verdicts(part(together, np.s_[::-1]), turned)
        same_verdicts(part(together, np.s_[1:2]), methods.run(method, counts=counts[1:2], settings=keys))

    @BOTH
    def test_a_later_count_changes_no_earlier_verdict(self, method, keys):
        counts = seasonal(years=7)
        corrected = counts.copy()
        corrected[:, 300:] += 40
        before, after = (methods.run(method, counts=known, settings=keys) for known in (counts, corrected))
        same_verdicts(part(before, np.s_[:, :300]), part(after, np.s_[:, :300]))
        assert (before.upperbound[:, 353:] != after.upperbound[:, 353:]).all()

    @BOTH
    def test_an_outbreak_rings_and_a_usual_year_does_not(self, method, keys):
        counts = seasonal(n_series=20, seed=7)
        counts[:10, -1] += 60
        verdicts = methods.run(method, counts=counts, settings={**keys, "alpha": 0.001})
        assert verdicts.alarm[:10, -1].all()
        assert verdicts.alarm[10:].sum() < 0.01 * verdicts.judged[10:].sum()

    def test_a_common_population_changes_nothing_but_rounding(self):
        counts = seasonal()
        keys = {**PAPER, "threshold": "delta"}
        alone = methods.run("farrington-flexible", counts=counts, settings=keys)
        people = np.full_like(counts, 5e5)
        per_head = methods.run(
            "farrington-flexible", counts=counts, population=people, settings={**keys, "population_offset": True}
        )
        np.testing.assert_allclose(per_head.upperbound, alone.upperbound, rtol=1e-9)

    def test_the_correction_matters_only_after_reweighting(self):
        counts = seasonal()
        keys = {**PAPER, "threshold": "muan"}

        def judged(**more):
            return methods.run("farrington-flexible", counts=counts, settings={**keys, **more})

        same_verdicts(judged(reweight=False), judged(reweight=False, as_surveillance=True))
        assert (judged().upperbound != judged(as_surveillance=True).upperbound).any()

    def test_the_bound_of_nbplugin_does_not_need_the_correction_without_trend(self):
        counts = seasonal()
        corrected, shipped = (
            methods.run(
                "farrington-flexible", counts=counts, settings={**PAPER, "trend": False, "as_surveillance": way}
            )
            for way in (False, True)
        )
        same_verdicts(corrected, shipped)

    def test_a_long_calendar_keeps_the_season_over_years_of_53_weeks(self):
        weeks = np.datetime64("2000-01-03") + 7 * np.arange(52 * 13)
        day_of_year = (weeks - weeks.astype("datetime64[Y]")).astype(int)
        # A feast week in each year, at its date: periods of 52 weeks drift away from it, dates do not.
        counts = np.where((day_of_year >= 100) & (day_of_year < 107), 40.0, 4.0)[None]
        keys = {"b": 10, "w": 0, "trend": False, "alpha": 0.01}
        by_dates = methods.run("farrington", counts=counts, dates=weeks, settings=keys)
        by_period = methods.run("farrington", counts=counts, dates=weeks, settings={**keys, "calendar": "period"})
        assert by_dates.alarm.sum() == 0
        assert by_period.alarm.sum() > 0


class TestCalendar:
    @pytest.mark.parametrize(("method", "keys"), [("farrington", {}), ("farrington-flexible", {"no_periods": 3})])
    def test_months_have_no_drift_so_that_dates_and_period_agree(self, method, keys):
        months = np.arange("2001-01", "2009-01", dtype="datetime64[M]").astype("datetime64[D]")
        counts = seasonal(n_series=2, years=2)[:, : len(months)]
        keys = {**keys, "b": 4, "w": 1, "trend": False}
        by_dates = methods.run(method, counts=counts, dates=months, period=12, settings={**keys, "calendar": "dates"})
        by_period = methods.run(method, counts=counts, dates=months, period=12, settings={**keys, "calendar": "period"})
        assert by_dates.judged.any()
        same_verdicts(by_dates, by_period, apart=1e-9)  # the baseline is summed up in another order

    @pytest.mark.parametrize("method", ["farrington", "farrington-flexible"])
    def test_days_go_by_their_date_and_the_29th_of_february_by_the_1st_of_march(self, method):
        days = np.arange("2013-01-01", "2016-03-05", dtype="datetime64[D]")
        march = (days - days.astype("datetime64[Y]")).astype(int) - (
            days.astype("datetime64[Y]") == np.datetime64("2016")
        )
        counts = np.where(march == 59, 90.0, 9.0)[None]  # 1 March of each year, 29 February left out of the count
        keys = {"b": 2, "w": 0, "trend": False, "limit54": "0,1", "range": str(len(days) - 5)}
        verdicts = methods.run(method, counts=counts, dates=days, period=365, settings=keys)
        expected = dict(zip(days.astype(str), verdicts.expected[0], strict=True))
        assert expected["2016-02-28"] == pytest.approx(9)
        assert expected["2016-02-29"] == pytest.approx(90)
        assert expected["2016-03-01"] == pytest.approx(90)
        assert expected["2016-03-02"] == pytest.approx(9)

    def test_a_period_that_dates_do_not_tell_goes_by_position(self):
        counts, weeks = seasonal(), np.datetime64("2000-01-03") + 7 * np.arange(52 * 6)
        keys = {"b": 4, "w": 1}
        dated = methods.run("farrington", counts=counts, dates=weeks, period=26, settings=keys)
        same_verdicts(dated, methods.run("farrington", counts=counts, period=26, settings=keys))


class TestGaps:
    def test_a_gap_in_the_baseline_is_left_out_and_does_not_count_as_zero(self):
        counts = seasonal(n_series=1)
        gap, zero = counts.copy(), counts.copy()
        gap[0, 200], zero[0, 200] = np.nan, 0
        now = 200 + 52
        keys = {**PAPER, "b": 3, "range": f"{now + 1}:{now + 1}"}
        expected = [
            methods.run("farrington-flexible", counts=one, settings=keys).expected[0, now] for one in (gap, zero)
        ]
        assert expected[0] > expected[1] > 0

    @BOTH
    def test_a_gap_at_the_time_itself_is_not_judged(self, method, keys):
        counts = seasonal(n_series=1)
        counts[0, -1] = np.nan
        verdicts = methods.run(method, counts=counts, settings=keys)
        assert verdicts.judged[0, -2]
        assert not verdicts.judged[0, -1]
        assert not verdicts.alarm[0, -1]
        assert np.isnan([verdicts.expected[0, -1], verdicts.upperbound[0, -1], verdicts.statistic[0, -1]]).all()

    @BOTH
    @pytest.mark.parametrize("n_weeks", [0, 3, 156])
    def test_a_series_shorter_than_the_baseline_is_a_gap(self, method, keys, n_weeks):
        verdicts = methods.run(method, counts=seasonal()[:, :n_weeks], settings=keys)
        assert verdicts.upperbound.shape == (3, n_weeks)
        assert not verdicts.judged.any()
        assert np.isnan(verdicts.upperbound).all()

    def test_a_missing_reference_week_under_a_calendar_is_a_gap(self):
        weeks = np.datetime64("2000-01-03") + 7 * np.arange(52 * 6 + 10)
        counts = seasonal(n_series=1, years=7)[:, : len(weeks)]
        there = np.arange(len(weeks)) != 40

        def judged(known):
            verdicts = methods.run(
                "farrington-flexible", counts=counts[:, known], dates=weeks[known], settings={"b": 5}
            )
            return {week for week in weeks[known][verdicts.judged[0]] if week > weeks[270]}

        # The week of 9 October 2000 is what 10 October 2005 is compared with.
        assert judged(there | True) - judged(there) == {np.datetime64("2005-10-10")}

    def test_an_empty_season_gives_no_abort_and_no_infinite_bound(self):
        counts = np.zeros((1, 52 * 6))
        counts[0, 20::52] = 30
        for threshold in ("delta", "nbPlugin", "muan"):
            for as_surveillance in (False, True):
                keys = {**PAPER, "threshold": threshold, "as_surveillance": as_surveillance, "limit54": "0,4"}
                verdicts = methods.run("farrington-flexible", counts=counts, settings=keys)
                assert not np.isinf(verdicts.upperbound).any()
                assert not np.isnan(verdicts.expected[verdicts.judged]).any()

    def test_where_no_case_was_ever_seen_nothing_is_expected_and_nothing_rings(self):
        verdicts = methods.run("farrington-flexible", counts=np.zeros((1, 52 * 6)), settings=PAPER)
        assert (verdicts.expected[0, 264:] == 0).all()
        assert np.isnan(verdicts.upperbound).all()
        assert not verdicts.judged.any()

    def test_too_few_cases_in_four_weeks_do_not_ring_and_the_current_week_counts(self):
        counts = np.zeros((2, 52 * 6))
        counts[:, 13::13] = 1
        counts[:, -1] = [5, 4]
        verdicts = methods.run("farrington", counts=counts, settings={"b": 5})
        assert verdicts.alarm[:, -1].tolist() == [True, False]
        assert verdicts.upperbound[1, -1] == 0


class TestRefusals:
    def test_windows_that_overlap(self):
        with pytest.raises(BaselineImpossible, match="overlap"):
            methods.run("farrington", counts=seasonal(), settings={"w": 26})

    def test_more_seasons_than_a_year_holds(self):
        with pytest.raises(BaselineImpossible, match="no room"):
            methods.run("farrington-flexible", counts=seasonal(), settings={"no_periods": 47})

    def test_a_calendar_without_dates(self):
        with pytest.raises(BaselineImpossible, match="date"):
            methods.run("farrington", counts=seasonal(), settings={"calendar": "dates"})

    def test_a_population_offset_without_population(self):
        with pytest.raises(BaselineImpossible, match="population"):
            methods.run("farrington", counts=seasonal(), settings={"population_offset": True})

    @pytest.mark.parametrize("given", ["5", "5,0", "five,4", "5,4,3", "-5,4"])
    def test_a_rule_of_cases_and_weeks_that_is_none(self, given):
        with pytest.raises(SettingUnreadable, match="CASES,WEEKS"):
            methods.run("farrington", counts=seasonal(), settings={"limit54": given})
