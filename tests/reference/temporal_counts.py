"""
Made-up counts for comparing detectors with R: `python tests/reference/temporal_counts.py` writes both files.

Six weekly series of 200 weeks and six daily streams of 150 days, drawn without R from one seed: level, season, weekday,
trend, outbreaks, many zeros, and stretches of one same count.
"""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
N_WEEKS, N_DAYS = 200, 150
FIRST_DAY = date(2020, 9, 2)


def weekly(rng):
    week = np.arange(N_WEEKS)
    season = 1 + 0.6 * np.sin(2 * np.pi * week / 52)
    steady = rng.poisson(6, N_WEEKS)
    seasonal = rng.negative_binomial(4, 4 / (4 + 12 * season))
    outbreak = rng.poisson(8 * season)
    outbreak[150:158] += rng.poisson(15, 8)
    large = rng.negative_binomial(20, 20 / (20 + 300 * season * (1 + week / 400)))
    sparse = rng.binomial(1, 0.15, N_WEEKS)
    quiet = np.where(week % 40 < 25, 3, rng.poisson(3, N_WEEKS))
    return {name: value for name, value in locals().items() if name not in ("rng", "week", "season")}


def daily(rng):
    day = np.arange(N_DAYS)
    weekday = (day + FIRST_DAY.weekday()) % 7
    working = np.where(weekday < 5, 1.0, 0.35)
    clinic = rng.poisson(60 * working)
    outbreak = rng.poisson(40 * working)
    outbreak[100:110] += rng.poisson(60, 10)
    rising = rng.negative_binomial(50, 50 / (50 + 30 * working * (1 + day / 100)))
    flat = rng.poisson(4, N_DAYS)
    sparse = rng.binomial(2, 0.1, N_DAYS)
    quiet = np.where(day % 60 < 40, 0, rng.poisson(2, N_DAYS))
    return {name: value for name, value in locals().items() if name not in ("rng", "day", "weekday", "working")}


def write(name, series, day_of):
    with (HERE / name).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["series", "index", "date", "count"])
        for label, counts in series.items():
            writer.writerows([label, index, day_of(index), count] for index, count in enumerate(counts, start=1))


if __name__ == "__main__":
    rng = np.random.default_rng(20210102)
    write("temporal_weekly.csv", weekly(rng), lambda index: "")
    write("temporal_daily.csv", daily(rng), lambda index: FIRST_DAY + timedelta(days=index - 1))
