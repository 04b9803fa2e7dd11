"""Scans in space and time: windows a second, and beside the R packages where they are installed."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from sizao.engines.detection.scan import Scan, ScanPlan, intervals_of, permutation_scan, poisson_scan
from sizao.engines.detection.scan_circles import Circles, Limits, circles, on_plane

SCRIPT = Path(__file__).with_suffix(".R")


@click.command("scan")
@click.option("--areas", "n_areas", default=1000, show_default=True, help="How many areas.")
@click.option("--days", "n_days", default=60, show_default=True, help="How many days.")
@click.option("--replicas", default=999, show_default=True, help="How many replicas.")
@click.option("--areas-beside-r", default=60, show_default=True, help="How many areas where R does the same.")
def command(n_areas: int, n_days: int, replicas: int, areas_beside_r: int) -> None:
    """Scan made-up areas with circles up to half of them and windows up to half of the days, on one core."""
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f}; seconds are those of the clock\n")
    xy, counts = _made_up(n_areas, n_days)
    around = _around(xy, n_areas // 2)
    plan = ScanPlan(longest=n_days // 2, replicas=replicas)
    n_windows = len(around) * len(intervals_of(n_days, plan))
    print(f"{n_areas} areas, {n_days} days, {counts.sum():,.0f} cases, {n_windows:,} windows, {replicas} replicas")
    _warm_up()
    for name, scan in (("permutation", _permutation), ("Poisson", _poisson)):
        seconds = _timed(scan, counts, around, plan)
        rate = n_windows * (replicas + 1) / seconds
        print(f"{name:16}{seconds:8.2f} s {rate / 1e6:10,.0f} million windows a second")
    _beside_r(areas_beside_r, n_days // 2, replicas)


def _beside_r(n_areas: int, n_days: int, replicas: int) -> None:
    xy, counts = _made_up(n_areas, n_days)
    around = _around(xy, n_areas // 2)
    spatial = _timed(_spatial, counts, around, ScanPlan(replicas=replicas))
    in_time = _timed(_permutation, counts, around, ScanPlan(longest=n_days, replicas=replicas))
    print(f"\n{n_areas} areas, {n_days} days, circles up to half of the areas, {replicas} replicas")
    if not shutil.which("Rscript"):
        print("R is not installed: nothing to compare with.")
        return
    told = dict(line.split() for line in _ask_r(xy, counts, n_areas // 2, replicas).splitlines())
    for name, package, seconds in (("space", "SpatialEpi", spatial), ("permutation", "scanstatistics", in_time)):
        if package in told:
            theirs = float(told[package])
            print(f"{name:16}{seconds:8.3f} s   {package} {theirs:.2f} s: {theirs / seconds:,.0f} times")
        else:
            print(f"{name:16}{seconds:8.3f} s   ({package} is not installed in R)")


def _ask_r(xy: np.ndarray, counts: np.ndarray, most_areas: int, replicas: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        np.savetxt(Path(folder) / "xy.csv", xy, delimiter=",", header="x,y", comments="")
        header = ",".join(f"a{n}" for n in range(len(counts)))
        np.savetxt(Path(folder) / "counts.csv", counts.T, fmt="%d", delimiter=",", header=header, comments="")
        call = ["Rscript", str(SCRIPT), folder, str(most_areas), str(replicas)]
        return subprocess.run(call, check=True, capture_output=True, text=True).stdout


def _made_up(n_areas: int, n_days: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    rate = rng.gamma(2, 1, n_areas)[:, None] * np.ones(n_days) / 60
    return rng.random((n_areas, 2)), rng.poisson(rate).astype(float)


def _around(xy: np.ndarray, most_areas: int) -> Circles:
    return circles(on_plane(xy[:, 0], xy[:, 1]), np.ones(len(xy)), Limits(share=1.0, areas=most_areas))


def _warm_up() -> None:
    """Compile, or load what was compiled, before the clock runs."""
    xy, counts = _made_up(5, 4)
    for scan in (_permutation, _poisson, _spatial):
        scan(counts + 1, _around(xy, 2), ScanPlan(longest=2, replicas=1))


def _permutation(counts: np.ndarray, around: Circles, plan: ScanPlan) -> Scan:
    return permutation_scan(counts, around, plan, np.random.default_rng(1))


def _poisson(counts: np.ndarray, around: Circles, plan: ScanPlan) -> Scan:
    return poisson_scan(counts, np.ones_like(counts), around, plan, np.random.default_rng(1))


def _spatial(counts: np.ndarray, around: Circles, plan: ScanPlan) -> Scan:
    return poisson_scan(counts.sum(axis=1), np.ones(len(counts)), around, plan, np.random.default_rng(1))


def _timed(
    scan: Callable[[np.ndarray, Circles, ScanPlan], Scan], counts: np.ndarray, around: Circles, plan: ScanPlan
) -> float:
    began = time.perf_counter()
    scan(counts, around, plan)
    return time.perf_counter() - began
