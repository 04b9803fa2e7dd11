"""Made-up areas and counts for the scans; `python -m tests.reference.scan_r.inputs` writes them for `scan.R`."""

import csv
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def areas():
    """Areas on a grid, so that many distances are equal, with two districts above the rest."""
    rng = np.random.default_rng(20210102)
    x, y = (axis.ravel().astype(float) for axis in np.meshgrid(np.arange(8), np.arange(7)))
    population = rng.integers(800, 9000, len(x))
    rate = np.where((x < 2) & (y < 2), 3.0, np.where((x > 5) & (y > 4), 2.2, 1.0))
    cases = rng.multinomial(900, rate * population / (rate * population).sum())
    return x, y, population, cases


def days():
    """Counts of 30 areas over 14 days (days by areas), with a district that rises in the last three."""
    rng = np.random.default_rng(20210103)
    x, y = rng.random((2, 30)).round(4) * 100
    population = rng.integers(500, 5000, 30)
    rate = np.outer(1 + 0.5 * np.sin(np.arange(14)), population / 2500)
    near = np.hypot(x - x[4], y - y[4]).argsort()[:4]
    rate[-3:, near] *= 5
    return x, y, population, rng.poisson(rate)


def write():
    x, y, population, cases = areas()
    _write("areas.csv", ["x", "y", "population", "cases"], zip(x, y, population, cases, strict=True))
    x, y, population, counts = days()
    _write("places.csv", ["x", "y", "population"], zip(x, y, population, strict=True))
    _write("days.csv", [f"area{n + 1}" for n in range(counts.shape[1])], counts)


def _write(name, header, rows):
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([value.item() for value in row] for row in rows)


if __name__ == "__main__":
    write()
