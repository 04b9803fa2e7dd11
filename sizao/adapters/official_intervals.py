"""Read a table of official risk areas with their first and last listed day, and find them in the divisions."""

import csv
import gzip
import io
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from sizao.adapters.tables import read_table
from sizao.engines import official_areas, official_lists
from sizao.engines.area_names import Register
from sizao.engines.zone_durations import Listed
from sizao.errors import SizaoError
from sizao.terms import AREA_DIGITS, AreaLevel, ZoneLevel

COLUMNS = ("level", "province", "city", "county", "area", "first_date", "last_date")
_COUNTY, _STREET = AREA_DIGITS[AreaLevel.COUNTY], AREA_DIGITS[AreaLevel.STREET]


class IntervalFaulty(SizaoError):
    code = "intervals.faulty"
    message = "{path}, line {line}: {value} is no {what}. Correct the file and read it again."


@dataclass(frozen=True, slots=True)
class Intervals:
    """
    The areas of a table, and how finely each was found in the official divisions.

    `found` counts rows by the deepest division that holds them (street, county, city); `unknown_counties` are
    names that stand in no division (development zones, mostly), with their rows.
    """

    listed: tuple[Listed, ...]
    found: dict[str, int]
    unknown_counties: dict[str, int]


def read_intervals(path: Path) -> Intervals:
    """Read the table. Raise TableUnreadable or IntervalFaulty, naming the line."""
    table = read_table(path, needs=COLUMNS)
    register = _divisions()
    levels = {str(level): level for level in ZoneLevel}
    days = {name: table.days(name) for name in ("first_date", "last_date")}
    listed, found, unknown = [], Counter[str](), Counter[str]()
    cells = [table.columns[name] for name in ("level", "province", "city", "county", "area")]
    for row, (level, province, city, county, area) in enumerate(zip(*cells, strict=True)):
        if level not in levels:
            raise IntervalFaulty(path=path, line=table.lines[row], value=level or "(empty)", what="level of risk")
        first, last = days["first_date"][row], days["last_date"][row]
        assert first is not None  # an empty cell was refused
        assert last is not None
        if last < first:
            raise IntervalFaulty(path=path, line=table.lines[row], value=last, what="last day after the first")
        code = _county(register, province, city, county)
        one = official_lists.Listed(first, level, code[:4] or None, code or None, county, area)
        matched = official_areas.match(one, register)
        found[_depth(matched.area_code if code else "")] += 1
        if not code:
            unknown[f"{city}{county}"] += 1
        listed.append(Listed(f"{province}{city}{county}", area, str(matched.unit), levels[level], first, last))
    return Intervals(tuple(listed), dict(found), dict(unknown))


def _depth(code: str) -> str:
    return "street" if len(code) >= _STREET else "county" if len(code) >= _COUNTY else "none"


def _county(register: Register, province: str, city: str, county: str) -> str:
    codes = _by_name()
    top = codes.get(("", province), "")
    inside = codes.get((top, city), "")
    # A county that the province runs itself stands under no city of its own name.
    return register.county_names(inside or top).get(county, "") if top else ""


@cache
def _divisions() -> Register:
    packed = files("sizao").joinpath("adapters", "divisions.csv.gz").read_bytes()
    rows = csv.DictReader(io.StringIO(gzip.decompress(packed).decode("utf-8")))
    # A code may stand a second time with a name of earlier days.
    return Register({row["code"]: row["name"] for row in rows if not row["former"]})


@cache
def _by_name() -> dict[tuple[str, str], str]:
    register = _divisions()
    top = {("", register.names[code]): code for code in register.children("")}
    cities = {(one, register.names[code]): code for one in top.values() for code in register.children(one)}
    return top | cities
