"""
Tables of plain files: named columns in, named columns out, or one sentence that names line and column.

Every command for analysts reads and writes through this page, so that a wrong cell is told the same way
everywhere and a file is written whole or not at all.
"""

import csv
import io
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from sizao.errors import SizaoError

Cell = Callable[[str], Any]


class TableUnreadable(SizaoError):
    """A file that cannot be used as it is."""

    code = "table.unreadable"
    message = "{path}, line {line}: {reason} Correct the file and try again; nothing was written."


class TableUnwritable(SizaoError):
    """A result that cannot be put where it was asked for."""

    code = "table.unwritable"
    message = "{path} cannot be written ({reason}). Choose another --out; nothing was written."


class Table:
    """
    The rows of a CSV file as text, column by column.

    `lines[i]` is the line of the file on which row `i` stands, for refusals.
    """

    def __init__(self, path: Path, columns: Mapping[str, list[str]], lines: Sequence[int]) -> None:
        self.path, self.columns, self.lines = path, columns, lines

    def __len__(self) -> int:
        return len(self.lines)

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def refuse(self, row: int, reason: str) -> TableUnreadable:
        """Compose the refusal of one row; the caller raises it."""
        return TableUnreadable(path=self.path, line=self.lines[row], reason=reason)

    def read(self, name: str, cell: Cell, *, what: str, empty: Any = None) -> list[Any]:
        """
        Read a column cell by cell.

        `cell` raises ValueError for what it cannot read, and `what` says what it wanted ("a count: a whole
        number, zero or more"). An empty cell becomes `empty`, or is refused when that is left out.
        """
        values = []
        for row, text in enumerate(self.columns[name]):
            if not text:
                if empty is None:
                    raise self.refuse(row, f"{name} is empty; it should be {what}.")
                values.append(empty)
                continue
            try:
                values.append(cell(text))
            except ValueError as fault:
                raise self.refuse(row, f"{name} is {text[:40]!r}; it should be {what}.") from fault
        return values

    def counts(self, name: str, *, empty: float | None = None) -> np.ndarray:
        """Read a column of counts as floats: whole numbers, zero or more; `empty` (NaN) where gaps may be."""
        what = "a count: a whole number, zero or more"
        return np.array(self.read(name, _count, what=what, empty=empty), dtype=np.float64)

    def numbers(self, name: str, *, empty: float | None = None) -> np.ndarray:
        """Read a column of finite numbers."""
        return np.array(self.read(name, _number, what="a number", empty=empty), dtype=np.float64)

    def days(self, name: str, *, may_be_empty: bool = False) -> list[date | None]:
        """Read a column of days; None where a gap is allowed and stands."""
        cells = enumerate(self.columns[name])
        return [self._day(name, row, text, may_be_empty=may_be_empty) for row, text in cells]

    def _day(self, name: str, row: int, text: str, *, may_be_empty: bool) -> date | None:
        if not text and may_be_empty:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError as fault:
            raise self.refuse(row, f"{name} is {text[:40]!r}; it should be a day like 2021-01-08.") from fault


def read_table(path: Path, *, needs: Sequence[str], may_have: Sequence[str] = ()) -> Table:
    """
    Read a CSV file with a header; other columns are left aside.

    Raise TableUnreadable, naming the line, for a file that cannot be opened or is not UTF-8, for a missing
    or doubled column, for a row that is longer or shorter than the header, and for a file without rows.
    """
    reader = csv.reader(io.StringIO(_text(path), newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header, needs)
        lines, rows = [], []
        for row in reader:
            if not row or (len(row) == 1 and not row[0].strip() and len(header) > 1):
                continue  # an empty line at the end of a file says nothing
            if len(row) != len(header):
                reason = f"there are {len(row)} cells, and the header has {len(header)}."
                raise TableUnreadable(path=path, line=reader.line_num, reason=reason)
            lines.append(reader.line_num)
            rows.append(row)
    except csv.Error as fault:
        raise TableUnreadable(path=path, line=reader.line_num, reason=f"it is not CSV ({fault}).") from fault
    if not rows:
        raise TableUnreadable(path=path, line=1, reason="there is no row below the header.")
    wanted = [name for name in (*needs, *may_have) if name in header]
    columns = {name: [row[header.index(name)].strip() for row in rows] for name in wanted}
    return Table(path, columns, lines)


def write_table(path: Path | None, columns: Mapping[str, Sequence[Any] | np.ndarray]) -> None:
    """
    Write columns of equal length as CSV, whole or not at all; to the standard output without a path.

    Floats are written so that reading them gives the same number; NaN and None become an empty cell,
    true and false 1 and 0.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(_cells(column) for column in columns.values()), strict=True))
    if path is None:
        sys.stdout.write(text.getvalue())
    else:
        write_whole(path, text.getvalue().encode())


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: beside it first, which then takes the name. Raise TableUnwritable."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as fault:
        raise TableUnwritable(path=path, reason=fault.strerror) from fault
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)  # mkstemp makes it private
        Path(name).replace(path)
    except OSError as fault:
        raise TableUnwritable(path=path, reason=fault.strerror) from fault
    finally:
        Path(name).unlink(missing_ok=True)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise TableUnreadable(path=path, line=1, reason=f"it cannot be opened ({fault.strerror}).") from fault
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise TableUnreadable(path=path, line=line, reason="it is not UTF-8 text.") from fault


def _check_header(path: Path, header: Sequence[str], needs: Sequence[str]) -> None:
    missing = [name for name in needs if name not in header]
    if missing:
        reason = f"the column {missing[0]} is missing; there is {', '.join(header) or 'no header'}."
        raise TableUnreadable(path=path, line=1, reason=reason)
    doubled = [name for name in header if header.count(name) > 1]
    if doubled:
        raise TableUnreadable(path=path, line=1, reason=f"the column {doubled[0]} stands twice.")


def _count(text: str) -> float:
    value = _number(text)
    if value < 0 or value != int(value):
        raise ValueError(text)
    return value


def _number(text: str) -> float:
    value = float(text)
    if not np.isfinite(value):
        raise ValueError(text)
    return value


def _cells(column: Sequence[Any] | np.ndarray) -> list[Any]:
    values = column.tolist() if isinstance(column, np.ndarray) else list(column)
    return [_cell(value) for value in values]


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, bool):
        return int(value)
    return repr(value) if isinstance(value, float) else value
