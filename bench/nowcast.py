"""Nowcasts a second of each method, and fits of delays, beside R on the same data."""

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "reference" / "nowcast" / "lines_daily.csv"
NOW, MAX_DELAY, SAMPLES = "2021-01-26", 12, 1000
METHODS = ("lawless", "bayes.notrunc.bnb", "bayes.notrunc", "bayes.trunc")
ROUNDS = 5

# Its time is that of nowcast() alone: neither the start of R nor reading the file.
IN_R = """
suppressMessages(library(surveillance)); options(warn = -1)
arguments <- commandArgs(trailingOnly = TRUE)
lines <- read.csv(arguments[1]); rows <- rep(seq_len(nrow(lines)), lines$count)
data <- data.frame(event = as.Date(lines$event)[rows], report = as.Date(lines$report)[rows])
now <- as.Date("{now}"); when <- seq(now, by = "-1 day", length.out = {max_delay})
prior <- structure("poisgamma", mean.lambda = 50, var.lambda = 3000)
control <- list(nSamples = {samples}, N.tInf.prior = prior)
once <- function(method) nowcast(now = now, when = when, data = data, dEventCol = "event", dReportCol = "report",
                                 D = {max_delay}, method = method, control = control)
seconds <- sapply(strsplit(arguments[2], ",")[[1]], function(method) {{
  invisible(capture.output(suppressMessages(once(method))))
  began <- proc.time()[["elapsed"]]
  for (i in 1:2) invisible(capture.output(suppressMessages(once(method))))
  (proc.time()[["elapsed"]] - began) / 2
}})
cat("\\n", sprintf("%.6f", seconds), "\\n")
"""


@click.command("nowcast")
def command() -> None:
    """Time one nowcast of a line list of some hundred cases, triangle included, with 1,000 samples as in R."""
    print(
        f"{MAX_DELAY} days open, {SAMPLES:,} samples, support to 300; load of the machine: {os.getloadavg()[0]:.1f}\n"
    )
    ours = [_median(lambda method=method: _nowcast(method)) for method in METHODS]
    theirs = _in_r()
    print(f"{'method':20}{'sizao ms':>10}{'R ms':>10}{'ratio':>8}")
    for row, method in enumerate(METHODS):
        beside = f"{theirs[row] * 1000:10.1f}{theirs[row] / ours[row]:8.0f}" if theirs else f"{'no R':>10}"
        print(f"{method:20}{ours[row] * 1000:10.1f}{beside}")
    print(f"\nthree families fitted to 300 delays cut off at now: {_median(_fit) * 1000:.0f} ms")


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def _lines() -> tuple[np.ndarray, np.ndarray]:
    rows = [line.split(",") for line in DATA.read_text(encoding="utf-8").splitlines()[1:]]
    days = np.array([[date.fromisoformat(day).toordinal() for day in row[:2]] for row in rows])
    days = np.repeat(days, [int(row[2]) for row in rows], axis=0)
    return days[:, 0], days[:, 1]


def _nowcast(method: str) -> object:
    from sizao.engines.transmission.nowcasting import NowcastMethod, NowcastRules, nowcast, reporting_triangle

    rules = NowcastRules(largest=300, prior_mean=50, prior_variance=3000, samples=SAMPLES)
    now = date.fromisoformat(NOW).toordinal()
    triangle = reporting_triangle(*_lines(), now=now, max_delay=MAX_DELAY)
    return nowcast(triangle, method=NowcastMethod(method), rules=rules, rng=np.random.default_rng(1))


def _fit() -> object:
    from sizao.engines.transmission.delays import Pairs, fit_delay

    event, report = _lines()
    until = date.fromisoformat(NOW).toordinal()
    seen = np.flatnonzero(report <= until)[:300]
    return fit_delay(Pairs.of_days(event[seen], report[seen]), now=until + 1.0)


def _in_r() -> list[float] | None:
    if shutil.which("Rscript") is None:
        return None
    script = IN_R.format(now=NOW, max_delay=MAX_DELAY, samples=SAMPLES)
    called = ["Rscript", "-e", script, str(DATA), ",".join(METHODS)]
    done = subprocess.run(called, capture_output=True, text=True, check=False)
    return [float(seconds) for seconds in done.stdout.split("\n")[-2].split()] if done.returncode == 0 else None
