"""What ships beside an outbreak as files: boundaries for its map, and the series its authority published."""

import csv
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise

_CITY = 4  # digits of a division code that name a city


def _file(slug: str, name: str) -> Traversable | None:
    found = files("sizao").joinpath("drill", "scenarios", slug, name)
    return found if found.is_file() else None


@cache
def boundaries(slug: str, area_code: str) -> bytes | None:
    """
    Give the boundaries of an outbreak's counties as GeoJSON, `adcode` and `name` each; None without a map.

    One that ships none of its own, as a drill, has those of its city, where any outbreak ships them.
    """
    found = _file(slug, "counties.geojson")
    return found.read_bytes() if found else _counties_of(area_code[:_CITY])


def _counties_of(city: str) -> bytes | None:
    for shipped in sorted(files("sizao").joinpath("drill", "scenarios").iterdir(), key=lambda one: one.name):
        found = shipped.joinpath("counties.geojson")
        told = json.loads(found.read_bytes()) if found.is_file() else {"features": []}
        inside = [one for one in told["features"] if str(one["properties"]["adcode"]).startswith(city)]
        if inside:
            return json.dumps(told | {"features": inside}, ensure_ascii=False).encode()
    return None


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
