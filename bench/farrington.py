"""Weeks a second of Farrington's methods, beside R's `surveillance` on the same series."""

import csv
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import click
import numpy as np

YEARS_BEFORE, YEARS_JUDGED, WEEKS = 5, 5, 52
PAPER = {"b": 5, "w": 3, "alpha": 0.005, "no_periods": 10, "past_weeks_excluded": 26}
FLEXIBLE = "glmWarnings = FALSE, b = 5, w = 3, alpha = 0.005, noPeriods = 10, pastWeeksNotIncluded = 26, trend = TRUE"
WAYS = {
    "improved, nbPlugin": (
        "farrington-flexible",
        {**PAPER, "threshold": "nbPlugin", "as_surveillance": True},
        f'farringtonFlexible(one, list(range = range, {FLEXIBLE}, thresholdMethod = "nbPlugin"))',
    ),
    "improved, muan": (
        "farrington-flexible",
        {**PAPER, "threshold": "muan", "as_surveillance": True},
        f'farringtonFlexible(one, list(range = range, {FLEXIBLE}, thresholdMethod = "muan"))',
    ),
    "original": (
        "farrington",
        {"b": 5, "w": 3, "alpha": 0.005},
        "farrington(one, list(range = range, b = 5, w = 3, alpha = 0.005), verbose = FALSE)",
    ),
}

# Its time is that of the judging alone: neither the start of R nor reading the file. Both times are those of the
# processor, one core each, so that others at work on the machine weigh less on the ratio.
IN_R = """
suppressMessages(library(surveillance)); options(warn = -1)
arguments <- commandArgs(trailingOnly = TRUE)
counts <- as.matrix(read.csv(arguments[1], header = FALSE))
range <- {first}:{last}
judge <- function(i) {{
  one <- sts(observed = matrix(counts[i, ]), frequency = 52, start = c(2000, 1))
  {call}
}}
invisible(judge(1))
began <- proc.time()[["user.self"]]
judged <- lapply(seq_len(nrow(counts)), judge)
cat(proc.time()[["user.self"]] - began, "\\n")
for (one in judged) cat(as.integer(one@alarm %in% TRUE), sep = ",", fill = FALSE, "\\n")
for (one in judged) cat(formatC(as.numeric(one@upperbound), digits = 15, format = "g", width = 1), sep = ",", "\\n")
"""


@click.command("farrington")
@click.option("--series", "n_series", default=1000, show_default=True, help="Series in one call.")
@click.option("--series-in-r", default=3, show_default=True, help="How many of them R does.")
@click.option("--weeks-in-r", default=52, show_default=True, help="How many of the last weeks R judges in each.")
def command(n_series: int, series_in_r: int, weeks_in_r: int) -> None:
    """Judge five years of weeks with five years before them, all series in one call on one core; R one by one."""
    from sizao.engines.detection import methods

    counts = _series(n_series)
    weeks = YEARS_JUDGED * WEEKS
    print(f"{n_series:,} series of {counts.shape[1]} weeks, the last {weeks} judged")
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f}")
    for title, (name, keys, in_r) in WAYS.items():
        keys = {**keys, "range": counts.shape[1] - weeks + 1}

        def judge(some: np.ndarray, name: str = name, keys: dict = keys) -> object:
            return methods.run(name, counts=some, settings=keys)

        seconds = _seconds(judge, counts)
        print(f"\n{title}: {n_series * weeks / seconds:,.0f} weeks a second ({seconds:.1f} s for all)")
        theirs = _in_r(counts[:series_in_r], weeks_in_r, in_r)
        if theirs is None:
            print("R with `surveillance` is not installed: nothing to compare with")
            continue
        per_week, alarms, upper = theirs
        ours = judge(counts[:series_in_r])
        print(f"R: {1 / per_week:,.0f} weeks a second; ratio {per_week / (seconds / (n_series * weeks)):,.0f}")
        mine, told = ours.upperbound[:, -weeks_in_r:], np.isfinite(upper) & (upper > 0)
        other = np.max(np.abs(mine[told] / upper[told] - 1))
        apart = int((ours.alarm[:, -weeks_in_r:] != (alarms == 1)).sum())
        print(f"largest relative difference of bounds: {other:.1e}; alarms that differ: {apart}")


def _series(n: int) -> np.ndarray:
    """Simulate seasonal, overdispersed series from rare to common, with trends and an outbreak each."""
    dice = np.random.default_rng(1)
    time = np.arange((YEARS_BEFORE + YEARS_JUDGED) * WEEKS + 4)
    mean = np.exp(
        dice.uniform(-1, 4, (n, 1))
        + dice.uniform(0, 1, (n, 1)) * np.cos(2 * np.pi * time / WEEKS)
        + dice.uniform(-0.001, 0.002, (n, 1)) * time
    )
    mean *= 1 + 3 * (np.abs(time - dice.uniform(0, len(time), (n, 1))) < 4)
    return dice.negative_binomial(mean, 0.5).astype(float)


def _seconds(judge, counts: np.ndarray) -> float:  # noqa: ANN001
    judge(counts[:2])  # compiles
    began = time.process_time()
    judge(counts)
    return time.process_time() - began


def _in_r(counts: np.ndarray, weeks: int, call: str) -> tuple[float, np.ndarray, np.ndarray] | None:
    """Seconds a week in R, its alarms and its bounds."""
    if shutil.which("Rscript") is None:
        return None
    last = counts.shape[1]
    with tempfile.TemporaryDirectory() as folder:
        script, data = Path(folder) / "time.R", Path(folder) / "counts.csv"
        script.write_text(IN_R.format(first=last - weeks + 1, last=last, call=call), encoding="utf-8")
        np.savetxt(data, counts, fmt="%d", delimiter=",")
        done = subprocess.run(["Rscript", script, data], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    seconds, *lines = done.stdout.splitlines()
    values = [
        [np.nan if cell.strip() in ("NA", "NaN") else float(cell) for cell in row[:weeks]] for row in csv.reader(lines)
    ]
    return float(seconds) / counts.size * last / weeks, np.array(values[: len(counts)]), np.array(values[len(counts) :])
