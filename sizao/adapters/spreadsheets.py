"""Workbooks written row by row. A cell is text or a number, never a formula, whatever it begins with."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from sizao.errors import SizaoError

Cell = str | int | float | date | datetime | None
MOST_ROWS = 1_048_575  # what a sheet of this format holds below its heading


class CannotWrite(SizaoError):
    code = "spreadsheet.cannot_write"
    message = "{path} cannot be written: {reason}. Nothing was left there; free the space or choose another place."


class NotASpreadsheetName(SizaoError):
    code = "spreadsheet.not_a_name"
    message = "{path} is no name of a workbook. End it in .xlsx."


class FileExists(SizaoError):
    code = "spreadsheet.exists"
    message = "{path} exists already. Choose another name, or replace it with --force."


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


@contextmanager
def kept_whole(path: Path, *, replace: bool = False) -> Iterator[IO[bytes]]:
    """
    Open a file that appears under its name only when the block has ended well; else nothing is left.

    Readable by its owner alone. Raise NotASpreadsheetName, FileExists, or CannotWrite with the reason.
    """
    if path.suffix.lower() != ".xlsx":
        raise NotASpreadsheetName(path=path)
    if path.exists() and not replace:
        raise FileExists(path=path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode=0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, XlsxWriterException) as fault:
        raise CannotWrite(path=path, reason=_said(fault)) from fault
    finally:
        part.unlink(missing_ok=True)


def _said(fault: Exception) -> str:
    told = (fault.strerror if isinstance(fault, OSError) else None) or str(fault)
    return told[:1].lower() + told[1:].rstrip(".")


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
