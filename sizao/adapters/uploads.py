"""
A small table that somebody uploads, as workbook or CSV: named columns of text, or one sentence that names the cell.

Cells are text. A workbook writes long numbers as floats and loses their last digits; such a cell is refused.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from python_calamine import CalamineError, CalamineWorkbook

from sizao.errors import SizaoError

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
LONGEST_CELL = 500
# Whole numbers above it do not all have a float of their own.
SURE_DIGITS = 2**53


class UploadUnreadable(SizaoError):
    code = "upload.unreadable"
    message = "{name} cannot be read: {reason} Correct it and send it again; nothing was kept."


@dataclass(frozen=True, slots=True)
class Upload:
    """Rows of text by column name, and of each row the line of the file on which it stands."""

    rows: tuple[Mapping[str, str], ...]
    lines: tuple[int, ...]


def read(content: bytes, name: str, *, columns: Mapping[str, Sequence[str]], needs: Sequence[str]) -> Upload:
    """
    Read an uploaded table: `columns` gives each wanted column the headings that may stand over it.

    Other columns and empty rows are left aside. Raise UploadUnreadable, which names the line and column at fault.
    """
    if len(content) > MOST_BYTES:
        raise UploadUnreadable(name=name, reason=f"it is larger than {MOST_BYTES // 1_000_000} MB.")
    table = _of_workbook(content, name) if content[:2] == b"PK" else _of_text(content, name)
    if not table:
        raise UploadUnreadable(name=name, reason="there is nothing in it.")
    at = _places(table[0], name, columns, needs)
    kept = [(line, row) for line, row in enumerate(table[1:], start=2) if any(cell.strip() for cell in row)]
    if not kept:
        raise UploadUnreadable(name=name, reason="there is no row below the headings.")
    if len(kept) > MOST_ROWS:
        raise UploadUnreadable(name=name, reason=f"it has more than {MOST_ROWS:,} rows.")
    rows = [{column: row[place].strip() if place < len(row) else "" for column, place in at.items()} for _, row in kept]
    for (line, _), row in zip(kept, rows, strict=True):
        for column, cell in row.items():
            if len(cell) > LONGEST_CELL:
                reason = f"line {line}, {column}: it is longer than {LONGEST_CELL} characters."
                raise UploadUnreadable(name=name, reason=reason)
    return Upload(tuple(rows), tuple(line for line, _ in kept))


def _places(
    header: Sequence[str], name: str, columns: Mapping[str, Sequence[str]], needs: Sequence[str]
) -> dict[str, int]:
    told = [cell.strip().lower() for cell in header]
    at: dict[str, int] = {}
    for column, headings in columns.items():
        found = [place for place, cell in enumerate(told) if cell in {one.lower() for one in (column, *headings)}]
        if len(found) > 1:
            raise UploadUnreadable(name=name, reason=f"the column {column} stands there {len(found)} times.")
        if found:
            at[column] = found[0]
        elif column in needs:
            raise UploadUnreadable(name=name, reason=f"the column {column} ({', '.join(headings)}) is missing.")
    return at


def _of_text(content: bytes, name: str) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")  # what office programs in China write when asked for CSV
        except UnicodeDecodeError as fault:
            raise UploadUnreadable(name=name, reason="it is neither a workbook (xlsx) nor CSV text.") from fault
    if "\0" in text:
        raise UploadUnreadable(name=name, reason="it is neither a workbook (xlsx) nor CSV text.")
    try:
        return list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as fault:
        raise UploadUnreadable(name=name, reason=f"it is no CSV ({fault}).") from fault


def _of_workbook(content: bytes, name: str) -> list[list[str]]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as fault:
        raise UploadUnreadable(name=name, reason="it is a damaged workbook, or none.") from fault
    return [
        [_cell(cell, line, place, name) for place, cell in enumerate(row, start=1)]
        for line, row in enumerate(rows, start=1)
    ]


def _cell(cell: object, line: int, place: int, name: str) -> str:
    if isinstance(cell, float):
        if abs(cell) > SURE_DIGITS:
            reason = f"line {line}, column {place}: a number so long has lost digits; make the column text."
            raise UploadUnreadable(name=name, reason=reason)
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
