"""The temporal detectors give the numbers of R, case by case (the calls are in tests/reference/temporal_*.R)."""

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from sizao.engines.detection import methods

HERE = Path(__file__).resolve().parents[2] / "reference"
FIRST_MONITORED = "105"  # as `start` in temporal_detectors.R
CLOSE = 1e-6  # relative
# What rounding leaves of a statistic that is zero, and of a p-value which R takes as one less a number near one.
NOISE = 1e-9


def counts_of(file):
    rows = defaultdict(list)
    with (HERE / file).open() as lines:
        for row in csv.DictReader(lines):
            rows[row["series"]].append(row)
    dates = np.array([row["date"] for row in next(iter(rows.values()))], dtype="datetime64[D]")
    return {name: np.array([[float(row["count"]) for row in told]]) for name, told in rows.items()}, dates


def cases(file):
    said = defaultdict(list)
    with (HERE / file).open() as lines:
        for row in csv.DictReader(lines):
            said[row["case"], row["series"]].append(row)
    return said


def number(text):
    return float(text) if text not in ("", "NA") else np.nan


def compare(verdicts, rows):
    at = np.array([int(row["index"]) - 1 for row in rows])
    for name in ("expected", "upperbound", "statistic", "p_value"):
        if name in rows[0]:
            theirs = np.array([number(row[name]) for row in rows])
            np.testing.assert_allclose(getattr(verdicts, name)[0, at], theirs, rtol=CLOSE, atol=NOISE, err_msg=name)
    # Where R says NA it says so for want of a bound; there is no alarm then.
    alarms = np.array([number(row["alarm"]) == 1 for row in rows])
    np.testing.assert_array_equal(verdicts.alarm[0, at], alarms)


def settings_of(case):
    return dict(pair.split("=") for pair in case.split())


class TestAgainstR:
    @pytest.mark.parametrize("method", ["ears", "cusum", "glrnb"])
    def test_gives_every_bound_and_alarm_of_surveillance(self, method):
        counts, _ = counts_of("temporal_weekly.csv")
        compared = cases(f"temporal_{method}.csv")
        for (case, name), rows in compared.items():
            settings = settings_of(case)
            called = settings.pop("method", method)
            if method != "ears":
                settings["range"] = FIRST_MONITORED
            compare(methods.run(called, counts=counts[name], settings=settings), rows)
        assert len(compared) > 40
        assert any(row["alarm"] == "1" for rows in compared.values() for row in rows)

    def test_gives_every_forecast_p_value_and_alarm_of_essence(self):
        counts, dates = counts_of("temporal_daily.csv")
        compared = cases("temporal_essence.csv")
        for (case, name), rows in compared.items():
            compare(methods.run("essence", counts=counts[name], dates=dates, settings=settings_of(case)), rows)
        assert len(compared) == 24

    def test_a_year_s_wave_and_all_transformations_are_among_them(self):
        told = {case for case, _ in cases("temporal_cusum.csv")}
        assert {"m=glm trans=rossi", "trans=anscombe2nd", "trans=pearsonnegbin", "trans=none"} <= told
