"""The files of `sizao scan`: areas with their places, and counts by area and day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from sizao.adapters.tables import Table, read_table
from sizao.errors import SizaoError


class ColumnsMissing(SizaoError):
    code = "scan.columns_missing"
    message = "{path} has no {column}: {reason} Nothing was written."


class DaysMissing(SizaoError):
    code = "scan.days_missing"
    message = (
        "{path} has no count of {area} on {day} ({missing} counts are missing). Add them, or say --absent-is-zero if "
        "what is not listed was looked for and not found. Nothing was written."
    )


@dataclass(frozen=True)
class Areas:
    """One entry an area; `population`, `expected` and `cases` are None where the file has no such column."""

    path: Path
    names: list[str]
    is_on_earth: bool
    north: np.ndarray  # latitude or y
    east: np.ndarray  # longitude or x
    population: np.ndarray | None
    expected: np.ndarray | None
    cases: np.ndarray | None


@dataclass(frozen=True)
class Counts:
    """Counts of shape (areas, times); `expected` is None where the file has no such column."""

    days: list[date]
    counts: np.ndarray
    expected: np.ndarray | None


def read_areas(path: Path) -> Areas:
    """Read areas; a refusal names the line at fault."""
    table = read_table(path, needs=("area",), may_have=("lat", "lon", "x", "y", "population", "expected", "cases"))
    is_on_earth = "lat" in table and "lon" in table
    if not is_on_earth and not ("x" in table and "y" in table):
        raise ColumnsMissing(path=path, column="lat and lon, nor x and y", reason="areas need coordinates.")
    north, east = (table.numbers(name) for name in (("lat", "lon") if is_on_earth else ("y", "x")))
    if is_on_earth:
        _check_degrees(table, north, east)
    return Areas(
        path=path,
        names=_names(table),
        is_on_earth=is_on_earth,
        north=north,
        east=east,
        population=_above_zero(table, "population"),
        expected=_above_zero(table, "expected"),
        cases=table.counts("cases") if "cases" in table else None,
    )


def read_counts(path: Path, areas: Areas, *, step_days: int, absent_is_zero: bool) -> Counts:
    """Read counts by area and day; a refusal names the line at fault, or the first area and day that is missing."""
    table = read_table(path, needs=("area", "date", "count"), may_have=("expected",))
    number_of = {name: number for number, name in enumerate(areas.names)}
    rows = [_known(table, row, name, number_of) for row, name in enumerate(table.columns["area"])]
    days = _days(table, step_days)
    columns = [(day - days[0]).days // step_days for day in table.days("date") if day]
    listed = np.full((len(number_of), len(days)), -1)
    for row, cell in enumerate(zip(rows, columns, strict=True)):
        if listed[cell] >= 0:
            where = f"{areas.names[cell[0]]} on {days[cell[1]]} was already given in line {table.lines[listed[cell]]}."
            raise table.refuse(row, where)
        listed[cell] = row
    if (listed < 0).any() and (not absent_is_zero or "expected" in table):
        area, time = np.argwhere(listed < 0)[0]
        raise DaysMissing(path=path, area=areas.names[area], day=days[time], missing=int((listed < 0).sum()))
    expected = _above_zero(table, "expected")
    return Counts(
        days=days,
        counts=np.where(listed < 0, 0.0, table.counts("count")[listed]),
        expected=None if expected is None else expected[listed],
    )


def _names(table: Table) -> list[str]:
    first: dict[str, int] = {}
    for row, name in enumerate(table.columns["area"]):
        if not name or " " in name:
            raise table.refuse(row, f"area is {name!r}; it should be a code without spaces.")
        if name in first:
            raise table.refuse(row, f"area {name} was already given in line {table.lines[first[name]]}.")
        first[name] = row
    return list(first)


def _above_zero(table: Table, name: str) -> np.ndarray | None:
    if name not in table:
        return None
    values = table.numbers(name)
    wrong = np.flatnonzero(values <= 0)
    if len(wrong):
        text = table.columns[name][wrong[0]]
        raise table.refuse(int(wrong[0]), f"{name} is {text}; where nobody can fall ill there is nothing to compare.")
    return values


def _check_degrees(table: Table, north: np.ndarray, east: np.ndarray) -> None:
    wrong = np.flatnonzero((np.abs(north) > 90) | (np.abs(east) > 180))
    if len(wrong):
        row = int(wrong[0])
        raise table.refuse(row, f"latitude {north[row]:g}, longitude {east[row]:g} is no place on earth.")


def _known(table: Table, row: int, name: str, number_of: dict[str, int]) -> int:
    if name not in number_of:
        raise table.refuse(row, f"area {name!r} is not among the areas.")
    return number_of[name]


def _days(table: Table, step_days: int) -> list[date]:
    """List every day from the first to the last that is counted, in steps."""
    given: Sequence[Any] = table.days("date")
    first, last = min(given), max(given)
    for row, day in enumerate(given):
        if (day - first).days % step_days:
            raise table.refuse(row, f"{day} is not a whole number of steps of {step_days} days after {first}.")
    return [first + timedelta(days=past) for past in range(0, (last - first).days + 1, step_days)]
