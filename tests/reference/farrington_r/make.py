"""
Write the series and runs that `judge.R` judges. From this folder, with R's `surveillance` installed:

    python make.py && Rscript judge.R series.csv runs.csv verdicts.csv
    python make.py DENGUE.csv dengue.csv && Rscript judge.R dengue.csv dengue_runs.csv dengue_verdicts.csv

DENGUE.csv is dengue_puerto_rico_weekly_onset_report.csv; dengue.csv need not be kept.
"""

import csv
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np

SEED = 20130312
WEEKS = 52 * 5 + 24
KEYS = [
    "run",
    "series",
    "method",
    "first",
    "last",
    "freq",
    "corrected",
    "b",
    "w",
    "alpha",
    "reweight",
    "trend",
    "limit54",
]
KEYS += ["powertrans", "fitFun", "weightsThreshold", "pThresholdTrend", "noPeriods", "pastWeeksNotIncluded"]
KEYS += ["thresholdMethod", "populationOffset"]

PAPER = {"noPeriods": 10, "pastWeeksNotIncluded": 26, "weightsThreshold": 2.58}
RUNS = [
    {"method": "farrington", "b": 3},
    {"method": "farrington", "b": 5, "w": 2, "alpha": 0.01, "powertrans": "1/2", "limit54": "0 4"},
    {"method": "farrington-flexible", "b": 4, "thresholdMethod": "delta", "alpha": 0.01},
    {"method": "farrington-flexible", "b": 4, "w": 2, "noPeriods": 5, "pThresholdTrend": 1, "powertrans": "none"},
    {"method": "farrington-flexible", "b": 5, "thresholdMethod": "nbPlugin", "alpha": 0.005, **PAPER},
    {"method": "farrington-flexible", "b": 3, "thresholdMethod": "muan", "limit54": "0 4", **PAPER},
    {"method": "farrington-flexible", "b": 4, "noPeriods": 10, "thresholdMethod": "muan", "weightsThreshold": 1},
    {"method": "farrington-flexible", "b": 4, "reweight": "FALSE", "trend": "FALSE", "noPeriods": 2},
]


def simulated():
    """Each series with its dates and population: quiet, seasonal, sparse, growing, with gaps between seasons, …"""
    dice = np.random.default_rng(SEED)
    time = np.arange(WEEKS)
    season = np.cos(2 * np.pi * (time - 4) / 52.18)
    summer = season < -0.2
    weeks = [date(2004, 1, 5) + timedelta(weeks=int(week)) for week in time]  # 2004 and 2009 have 53 weeks
    people = np.round(40_000 * np.exp(0.002 * time))

    def spread(mean, dispersion):
        return dice.negative_binomial(np.maximum(mean, 1e-9) / (dispersion - 1), 1 / dispersion)

    outbreak = np.where((time > 100) & (time < 108) | (time > WEEKS - 5), 25, 0)
    yield "seasonal", weeks, None, spread(12 * np.exp(season), 2.5) + outbreak
    yield "poisson", None, None, dice.poisson(6 * np.exp(0.004 * time))
    yield "sparse", weeks, None, dice.poisson(0.08 + 0.1 * (season > 0)) + np.where(time > WEEKS - 4, 2, 0)
    yield "summer", weeks, None, np.where(summer, spread(8.0 + 0 * time, 3), 0) + np.where(time > WEEKS - 3, 3, 0)
    yield "growing", weeks, people, spread(people / 4_000, 1.6)
    yield "never", None, None, np.where(time > WEEKS - 3, 4, 0)
    yield "large", None, None, spread(20_000 * np.exp(0.4 * season), 30)


def dengue(path):
    """Cases by week of onset from 1996 on; a week that the file does not have is a gap."""
    counts = Counter()
    with Path(path).open() as file:
        for row in csv.DictReader(file):
            counts[date.fromisoformat(row["onset_week"])] += int(row["count"])
    weeks = [date(1996, 1, 1) + timedelta(weeks=week) for week in range(779)]
    assert set(weeks) - set(counts) == {date(2000, 5, 22)}
    yield "dengue", weeks, None, [counts.get(week, "") for week in weeks]


def write(path, header, rows):
    with Path(path).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def series_rows(series):
    for name, weeks, people, counts in series:
        for index, count in enumerate(counts):
            yield (
                name,
                index + 1,
                weeks[index].isoformat() if weeks else "",
                count,
                int(people[index]) if people is not None else "",
            )


def run_rows(names, *, span, with_population):
    number = 1000 * span[0]
    for name in names:
        for run in RUNS:
            for corrected in (0, 1) if run["method"] == "farrington-flexible" else (0,):
                number += 1
                filled = {"run": number, "series": name, "freq": 52, "corrected": corrected, **run}
                filled |= {"first": span[0], "last": span[1]}
                if name in with_population:
                    offset = {"fitFun": "algo.farrington.fitGLM.populationOffset", "populationOffset": "TRUE"}
                    filled |= {
                        key: offset[key] for key in offset if (key == "fitFun") == (run["method"] == "farrington")
                    }
                yield [filled.get(key, "") for key in KEYS]


def main():
    if len(sys.argv) == 3:
        write(sys.argv[2], ["series", "index", "date", "count", "population"], series_rows(dengue(sys.argv[1])))
        # Weeks whose five years begin around the gap of May 2000, and the last weeks of the file.
        rows = (row for span in ((480, 489), (770, 779)) for row in run_rows(["dengue"], span=span, with_population=()))
        write("dengue_runs.csv", KEYS, rows)
        return
    series = list(simulated())
    names = [name for name, *_ in series]
    write("series.csv", ["series", "index", "date", "count", "population"], series_rows(series))
    write("runs.csv", KEYS, run_rows(names, span=(WEEKS - 7, WEEKS), with_population=("growing",)))


main()
