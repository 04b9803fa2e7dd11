"""Series-weeks per second of each temporal detector, beside R on the same counts."""

import csv
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import click
import numpy as np

from bench import farrington
from sizao.engines.detection import methods

FIRST_DAY = np.datetime64("2016-01-04")
REPEATS = 5
HERE = Path(__file__).resolve().parent
# What each method is measured with: its settings, and how many of the series R is given (it is slow at some).
MEASURED: dict[str, tuple[dict[str, object], int]] = {
    "ears-c1": ({}, 50),
    "ears-c2": ({}, 50),
    "ears-c3": ({}, 50),
    "cusum": ({"range": 105}, 50),
    "glrnb": ({"range": 105, "alpha": 0.1}, 10),
    "percentile": ({"b": 2}, 0),
    "threshold": ({"threshold": 20}, 0),
    "essence": ({}, 2),
}


@click.command("detection")
@click.option("--series", "n_series", default=1000, show_default=True, help="How many made-up series.")
@click.option("--weeks", "n_times", default=260, show_default=True, help="How many times in each.")
def command(n_series: int, n_times: int) -> None:
    """Time each detector over all series at once, and R (surveillance, Rnssp where its files are) inside R."""
    counts = made_up(n_series, n_times)
    print(f"{n_series:,} series of {n_times} times; every time evaluated; processor time, best of {REPEATS}, one core")
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f}; processors: {os.cpu_count()}\n")
    of_r = timed_in_r(counts)
    print(f"{'method':22}{'series-weeks/s':>16}{'ms a call':>11}{'R, series-weeks/s':>20}{'times R':>10}")
    for name, (settings, _) in MEASURED.items():
        seconds = best_time(name, counts, settings)
        rate, theirs = counts.size / seconds, of_r.get(name)
        beside = f"{theirs:20,.0f}{rate / theirs:10,.0f}" if theirs else f"{'-':>20}{'-':>10}"
        print(f"{name:22}{rate:16,.0f}{1000 * seconds:11.1f}{beside}")
    if not of_r:
        print("\nR was not measured: Rscript with the package surveillance is not installed.")
    print("\nFarrington's methods, which need years before the first judged week:\n")
    click.get_current_context().invoke(farrington.command, n_series=n_series)


def made_up(n_series: int, n_times: int) -> np.ndarray:
    """Draw counts with level, season and overdispersion."""
    rng = np.random.default_rng(7)
    level = rng.lognormal(2.0, 0.7, (n_series, 1))
    mean = level * (1 + 0.4 * np.sin(2 * np.pi * np.arange(n_times) / 52))
    return rng.negative_binomial(5, 5 / (5 + mean)).astype(float)


def best_time(name: str, counts: np.ndarray, settings: dict[str, object]) -> float:
    """Processor seconds of the fastest call, after one that compiles: others at work lengthen the clock, not these."""
    dates = FIRST_DAY + np.arange(counts.shape[1]) if name == "essence" else None
    methods.run(name, counts=counts[:2], dates=dates, settings=settings)
    times = []
    for _ in range(REPEATS):
        began = time.process_time()
        methods.run(name, counts=counts, dates=dates, settings=settings)
        times.append(time.process_time() - began)
    return min(times)


def timed_in_r(counts: np.ndarray) -> dict[str, float]:
    """Series-weeks per second of R, timed inside R without its start; nothing where there is no R."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "counts.csv"
        np.savetxt(file, counts[: max(n for _, n in MEASURED.values())].T, fmt="%d", delimiter=",")
        wanted = [f"{name}={n}" for name, (_, n) in MEASURED.items() if n]
        command = ["Rscript", str(HERE / "detection.R"), str(file), *wanted]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return {name: float(rate) for name, rate in csv.reader(said.splitlines())}
