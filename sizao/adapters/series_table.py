"""
Counts of many series in one CSV file: rows in any order become arrays, and verdicts become rows again.

Columns `series,index,date,count[,population]`. The index counts times in equal steps; what is missing between the
first and the last index of a series is a gap (NaN), never a zero.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sizao.adapters.tables import Table, read_table

Floats = NDArray[np.float64]
MOST_MISSING = 5000  # times; a longer gap is a mistyped index
MONTHS, QUARTERS, YEARS = (28, 31), (90, 92), (365, 366)  # steps of equal length in the calendar, in days


@dataclass(frozen=True)
class Block:
    """Series of the same times: counts and population (series, times), dates and index (times,)."""

    names: tuple[str, ...]
    index: NDArray[np.int64]
    dates: NDArray[np.datetime64] | None
    counts: Floats
    population: Floats | None


class SeriesFile:
    """
    The rows as read, and the same as blocks of series that share their times.

    `names`, `index` and `counts` have one entry a row, in the order of the file.
    """

    def __init__(self, names: list[str], index: list[int], counts: Floats, lines: Sequence["_Line"]) -> None:
        self.names, self.index, self.counts = names, index, counts
        self._lines = sorted(lines, key=lambda line: line.times)

    def __len__(self) -> int:
        return len(self._lines)

    def blocks(self, at_once: int) -> Iterator[Block]:
        """Give blocks of at most so many series."""
        for lines in self._groups(at_once):
            first = lines[0]
            yield Block(
                names=tuple(line.name for line in lines),
                index=first.first_index + np.arange(len(first.counts)),
                dates=first.dates,
                counts=np.stack([line.counts for line in lines]),
                population=_stacked([line.population for line in lines]),
            )

    def by_row(self, arrays: Sequence[NDArray[Any]], at_once: int) -> list[Any]:
        """Put values, one array (series, times) for each block, in the order of the rows that were read."""
        values: list[Any] = [None] * len(self.names)
        for lines, array in zip(self._groups(at_once), arrays, strict=True):
            for line, told in zip(lines, array.tolist(), strict=True):
                for row, place in zip(line.rows, line.places, strict=True):
                    values[row] = told[place]
        return values

    def _groups(self, at_once: int) -> Iterator[list["_Line"]]:
        group: list[_Line] = []
        for line in self._lines:
            if group and (len(group) == at_once or line.times != group[0].times):
                yield group
                group = []
            group.append(line)
        if group:
            yield group


@dataclass(frozen=True)
class _Line:
    """One series: its rows in the file, their places in time, and its arrays."""

    name: str
    rows: tuple[int, ...]
    places: tuple[int, ...]
    first_index: int
    dates: NDArray[np.datetime64] | None
    counts: Floats
    population: Floats | None

    @property
    def times(self) -> tuple[int, int, bytes]:
        return self.first_index, len(self.counts), b"" if self.dates is None else self.dates.tobytes()


def read_series(path: Path) -> SeriesFile:
    """
    Read series of counts.

    An empty count and a missing index are gaps. Raise TableUnreadable, naming the line, for a count that is negative
    or not whole, an index that is doubled or jumps more than 5,000 times, a population that is not above zero (or,
    where some are given, unknown beside a known count), dates that some times of a series have and others have not,
    that do not rise with the index, or whose steps are not equal.
    """
    table = read_table(path, needs=("series", "index", "count"), may_have=("date", "population"))
    names = table.read("series", str, what="the name of a series")
    index = table.read("index", int, what="a whole number")
    counts = table.counts("count", empty=np.nan)
    days = table.days("date", may_be_empty=True) if "date" in table else [None] * len(table)
    population = _population(table, counts)
    rows_of: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        rows_of.setdefault(name, []).append(row)
    lines = []
    for name, unordered in rows_of.items():
        rows = sorted(unordered, key=lambda row: index[row])
        places = _places(table, rows, index)
        dates = _dates(table, rows, places, days)
        people = None if population is None else _spread(population, rows, places)
        lines.append(_Line(name, tuple(rows), places, index[rows[0]], dates, _spread(counts, rows, places), people))
    return SeriesFile(names, index, counts, lines)


def _population(table: Table, counts: Floats) -> Floats | None:
    if "population" not in table or not any(table.columns["population"]):
        return None
    population = table.numbers("population", empty=np.nan)
    for row in np.flatnonzero(~(population > 0)):
        if not np.isnan(population[row]) or not np.isnan(counts[row]):
            said = table.columns["population"][row] or "empty"
            raise table.refuse(int(row), f"population is {said}; where a count is known it should be above zero.")
    return population


def _places(table: Table, rows: Sequence[int], index: Sequence[int]) -> tuple[int, ...]:
    for before, row in zip(rows, rows[1:], strict=False):
        step = index[row] - index[before]
        if step == 0:
            said = f"index {index[row]} of series {table.columns['series'][row]!r} stands twice"
            raise table.refuse(max(row, before), f"{said}, first in line {table.lines[min(row, before)]}.")
        if step > MOST_MISSING:
            raise table.refuse(
                row, f"index jumps from {index[before]} to {index[row]}; so many times cannot be missing."
            )
    return tuple(index[row] - index[rows[0]] for row in rows)


def _dates(
    table: Table, rows: Sequence[int], places: Sequence[int], days: Sequence[date | None]
) -> NDArray[np.datetime64] | None:
    """Give the date of every time from first to last index; those of missing times lie evenly between."""
    known = [row for row in rows if days[row] is not None]
    if not known:
        return None
    if len(known) < len(rows):
        row = next(row for row in rows if days[row] is None)
        raise table.refuse(row, "date is empty, and other times of this series have one; give all or none.")
    ordinals = np.array([days[row].toordinal() for row in rows], dtype=np.float64)  # type: ignore[union-attr]
    steps = np.diff(ordinals) / np.diff(places)
    if len(steps):
        _check_steps(table, rows, steps)
    filled = np.round(np.interp(np.arange(places[-1] + 1), places, ordinals)).astype(np.int64)
    dates: NDArray[np.datetime64] = (filled - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    return dates


def _check_steps(table: Table, rows: Sequence[int], steps: Floats) -> None:
    usual = float(np.median(steps))
    if usual <= 0:
        raise table.refuse(rows[1], "dates do not rise with the index.")
    least, most = next((span for span in (MONTHS, QUARTERS, YEARS) if span[0] <= usual <= span[1]), (usual, usual))
    wrong = np.flatnonzero((steps < least) | (steps > most))
    if len(wrong):
        at = int(wrong[0])
        reason = (
            f"date is {steps[at]:g} days a time after the one before, elsewhere in this series it is {usual:g}; "
            "a missing time leaves out its index too."
        )
        raise table.refuse(rows[at + 1], reason)


def _spread(values: Floats, rows: Sequence[int], places: Sequence[int]) -> Floats:
    spread = np.full(places[-1] + 1, np.nan)
    spread[list(places)] = values[list(rows)]
    return spread


def _stacked(rows: Sequence[Floats | None]) -> Floats | None:
    known = [row for row in rows if row is not None]
    return np.stack(known) if known else None
