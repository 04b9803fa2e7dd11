"""The series of ../shared/data/surveillance and the R numbers kept beside the plain twins."""

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data" / "surveillance"
REFERENCE = ROOT / "tests" / "reference" / "epiestim"


def counts(file, column):
    path = DATA / file
    if not path.exists():
        pytest.skip("../shared/data/surveillance is not here")
    with path.open(encoding="utf-8") as lines:
        return np.array([float(row[column]) for row in csv.DictReader(lines)])


def baltimore():
    return counts("influenza_baltimore_1918_daily.csv", "cases")


def zika():
    return counts("zika_girardot_2015_daily.csv", "cases")


def covid():
    return counts("covid_example_confirmed_2020_daily.csv", "confirmed")


def reference(name):
    """Rows of a file of R numbers by case: a dictionary of arrays, NaN where R says NA."""
    rows = defaultdict(list)
    with (REFERENCE / name).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            rows[row.pop("case")].append({key: float(value) if value else np.nan for key, value in row.items()})
    return {case: {key: np.array([row[key] for row in group]) for key in group[0]} for case, group in rows.items()}


def difference(ours, theirs):
    """Largest relative difference; infinite where only one of both is NaN."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if (np.isnan(ours) != np.isnan(theirs)).any():
        return np.inf
    kept = ~np.isnan(theirs)
    scale = np.maximum(np.abs(theirs[kept]), np.finfo(float).tiny)
    return float((np.abs(ours[kept] - theirs[kept]) / scale).max(initial=0.0))
