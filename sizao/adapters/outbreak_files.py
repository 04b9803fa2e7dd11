"""What ships beside an outbreak as files: boundaries for its map, and the series its authority published."""

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise


def _file(slug: str, name: str) -> Traversable | None:
    found = files("sizao").joinpath("drill", "scenarios", slug, name)
    return found if found.is_file() else None


@cache
def boundaries(slug: str) -> bytes | None:
    """Give the boundaries of the outbreak's counties as GeoJSON, `adcode` and `name` each; None without a map."""
    found = _file(slug, "counties.geojson")
    return found.read_bytes() if found else None


@cache
def official_new_confirmed(slug: str) -> Mapping[date, int]:
    """
    Give the confirmed cases that the province announced per day, from its cumulative series.

    A day without a published figure, and the day after it, are absent.
    """
    found = _file(slug, "daily_official.csv")
    if found is None:
        return {}
    rows = csv.DictReader(found.read_text(encoding="utf-8").splitlines())
    totals = [(date.fromisoformat(row["date"]), row["confirmed_cumulative"]) for row in rows]
    return {
        day: int(total) - int(before)
        for (day_before, before), (day, total) in pairwise(totals)
        if before and total and (day - day_before).days == 1
    }
