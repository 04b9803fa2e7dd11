"""Workbooks written row by row. A cell is text or a number, never a formula, whatever it begins with."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter

Cell = str | int | float | date | datetime | None
MOST_ROWS = 1_048_575  # what a sheet of this format holds below its heading


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    One sheet: a title, headings, and rows that are read once.

    `rows` may be a function; it is called when the sheets before it have been written, so that a last
    sheet can say how many rows the first had.
    """

    title: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Cell]] | Callable[[], Iterable[Sequence[Cell]]]


def write(file: IO[bytes], sheets: Sequence[Sheet]) -> int:
    """Write sheets to a file, in constant memory; return the number of rows of the first. More go to a next sheet."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E8EDF1"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        return [_sheet(book, sheet, bold, day, moment) for sheet in sheets][0]


def _sheet(book: Any, sheet: Sheet, bold: Any, day: Any, moment: Any) -> int:
    rows = sheet.rows() if callable(sheet.rows) else sheet.rows
    written = part = 0
    page = _page(book, sheet, part, bold)
    for row in rows:
        if written == MOST_ROWS * (part + 1):
            part += 1
            page = _page(book, sheet, part, bold)
        written += 1
        at = written - part * MOST_ROWS
        for column, cell in enumerate(row):
            _cell(page, at, column, cell, day, moment)
    return written


def _page(book: Any, sheet: Sheet, part: int, bold: Any) -> Any:
    title = "".join("_" if letter in "[]:*?/\\" else letter for letter in sheet.title)[:28]
    page = book.add_worksheet(f"{title} {part + 1}" if part else title)
    page.set_column(0, max(0, len(sheet.heads) - 1), 18)
    page.freeze_panes(1, 0)
    for column, head in enumerate(sheet.heads):
        page.write_string(0, column, head, bold)
    return page


def _cell(page: Any, row: int, column: int, cell: Cell, day: Any, moment: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, datetime):
        page.write_datetime(row, column, cell, moment)
    elif isinstance(cell, date):
        page.write_datetime(row, column, cell, day)
    elif isinstance(cell, str):
        page.write_string(row, column, cell)
    else:
        page.write_number(row, column, cell)
