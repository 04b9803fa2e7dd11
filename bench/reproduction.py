"""Windows a second of the reproduction number with three quantiles, beside R's EpiEstim on the same data."""

import csv
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import click
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "surveillance" / "covid_example_confirmed_2020_daily.csv"
MEAN, SD = 4.7, 2.9
QUANTILES = (0.025, 0.5, 0.975)
ROUNDS = 5

# Its time is that of estimate_R alone: neither the start of R nor reading the file. The configuration that it
# needs is made outside too. It has no call for several series, and its quantiles are seven always.
IN_R = """
suppressMessages(library(EpiEstim)); options(warn = -1)
arguments <- commandArgs(trailingOnly = TRUE)
counts <- as.matrix(read.csv(arguments[1], header = FALSE))
config <- make_config(list(mean_si = {mean}, std_si = {sd}, t_start = 2:(ncol(counts) - 6), t_end = 8:ncol(counts)))
once <- function(i) estimate_R(counts[i, ], method = "parametric_si", config = config)$R
first <- once(1)
began <- proc.time()[["elapsed"]]
for (i in seq_len(nrow(counts))) last <- once(i)
seconds <- proc.time()[["elapsed"]] - began
cat(sprintf('{{"seconds": %.17g, "mean": %.17g, "low": %.17g}}', seconds, last[nrow(last), 3], last[nrow(last), 5]))
"""


@click.command("reproduction")
@click.option("--series", "n_series", default=1000, show_default=True, help="Series in one call.")
@click.option("--series-in-r", default=100, show_default=True, help="How many of them R does.")
def command(n_series: int, series_in_r: int) -> None:
    """Time weekly windows over 130 days on one core: one series, and many at once; R one by one."""
    counts = _series(n_series)
    windows = counts.shape[1] - 7
    print(f"{n_series:,} series of {counts.shape[1]} days, {windows} weekly windows each, quantiles {QUANTILES}")
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f}")
    many, one = _ours(counts), _ours(counts[:1])
    print(f"sizao, all in one call:  {len(counts) * windows / many:14,.0f} windows a second")
    print(f"sizao, one series:       {windows / one:14,.0f} windows a second")
    if shutil.which("Rscript") is None:
        print("R is not installed: nothing to compare with")
        return
    per_series = _in_r(counts[:series_in_r])
    if per_series is None:
        print("EpiEstim is not installed: nothing to compare with")
        return
    print(f"EpiEstim, one by one:    {windows / per_series:14,.0f} windows a second")
    print(f"ratio: all in one call {per_series * len(counts) / many:,.0f}, one series {per_series / one:,.0f}")


def _series(n: int) -> np.ndarray:
    """Scatter the counts of an outbreak that was: so many Poisson series around it, each of its own size."""
    rng = np.random.default_rng(1)
    with DATA.open(encoding="utf-8") as lines:
        seen = np.array([float(row["confirmed"]) for row in csv.DictReader(lines)])
    return rng.poisson(seen * rng.uniform(0.02, 1.0, size=(n, 1))).astype(float)


def _ours(counts: np.ndarray) -> float:
    """Median seconds of one call, checking and setting up included."""
    from sizao.engines.transmission.incidence import Incidence
    from sizao.engines.transmission.reproduction import estimate_reproduction_gamma

    times = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        estimate_reproduction_gamma(Incidence.of(counts), MEAN, SD, probabilities=QUANTILES)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def _in_r(counts: np.ndarray) -> float | None:
    """Seconds a series in R; also checks that both give the same."""
    from sizao.engines.transmission.incidence import Incidence
    from sizao.engines.transmission.reproduction import estimate_reproduction_gamma

    with tempfile.TemporaryDirectory() as folder:
        script, data = Path(folder) / "time.R", Path(folder) / "counts.csv"
        script.write_text(IN_R.format(mean=MEAN, sd=SD), encoding="utf-8")
        np.savetxt(data, counts, fmt="%d", delimiter=",")
        done = subprocess.run(["Rscript", script, data], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    told = json.loads(done.stdout)
    ours = estimate_reproduction_gamma(Incidence.of(counts[-1:]), MEAN, SD, probabilities=QUANTILES)
    apart = max(abs(ours.mean[0, -1] / told["mean"] - 1), abs(ours.quantiles[0, -1, 0] / told["low"] - 1))
    print(f"largest relative difference of mean and lower quantile, last window: {apart:.1e}")
    return float(told["seconds"]) / len(counts)
