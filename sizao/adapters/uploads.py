"""
A small table that somebody uploads, as workbook or CSV: named columns of text, or one sentence that names the cell.

Cells are text. A workbook writes long numbers as floats and loses their last digits; such a cell is refused.
"""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from python_calamine import CalamineError, CalamineWorkbook

from sizao.errors import SizaoError
from sizao.terms import Phrase

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
LONGEST_CELL = 500
MOST_TITLES = 5  # lines above the headings, as offices write them: a title over all columns, who made the list, when
# Whole numbers above it do not all have a float of their own.
SURE_DIGITS = 2**53

_NEITHER = Phrase(
    "it is neither a workbook (xlsx) nor CSV text; save an older workbook (xls) as xlsx",
    "既不是工作簿（xlsx）也不是CSV文本；旧版xls文件请另存为xlsx",
)


class UploadUnreadable(SizaoError):
    code = "upload.unreadable"
    message = "{name} cannot be read: {reason}. Correct it and send it again; nothing was kept."


@dataclass(frozen=True, slots=True)
class Upload:
    """Rows of text by column name, of each row the line of the file on which it stands, and what heads each column."""

    rows: tuple[Mapping[str, str], ...]
    lines: tuple[int, ...]
    headings: Mapping[str, str]


def read(content: bytes, name: str, *, columns: Mapping[str, Sequence[str]], needs: Sequence[str]) -> Upload:
    """
    Read an uploaded table: `columns` gives each wanted column the headings that may stand over it.

    Other columns, empty rows and titles above the headings are left aside. Raise UploadUnreadable, which names the
    line and column at fault.
    """
    if len(content) > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise UploadUnreadable(name=name, reason=Phrase(f"it is larger than {most} MB", f"文件超过{most} MB"))
    table = _of_workbook(content, name) if content[:2] == b"PK" else _of_text(content, name)
    if not table:
        raise UploadUnreadable(name=name, reason=Phrase("there is nothing in it", "文件为空"))
    top = _headings_at(table, columns, needs)
    at = _places(table[top], name, columns, needs)
    below = enumerate(table[top + 1 :], start=top + 2)
    kept = [(line, row) for line, row in below if any(cell.strip() for cell in row)]
    if not kept:
        raise UploadUnreadable(name=name, reason=Phrase("there is no row below the headings", "表头以下没有数据行"))
    if len(kept) > MOST_ROWS:
        reason = Phrase(f"it has more than {MOST_ROWS:,} rows", f"数据超过{MOST_ROWS}行，请分批上传")
        raise UploadUnreadable(name=name, reason=reason)
    rows = [{column: row[place].strip() if place < len(row) else "" for column, place in at.items()} for _, row in kept]
    for (line, _), row in zip(kept, rows, strict=True):
        for column, cell in row.items():
            if len(cell) > LONGEST_CELL:
                reason = Phrase(
                    f"line {line}, {column}: it is longer than {LONGEST_CELL} characters",
                    f"第{line}行“{_in_chinese(column, columns)}”超过{LONGEST_CELL}个字符",
                )
                raise UploadUnreadable(name=name, reason=reason)
    headings = {column: table[top][place].strip() for column, place in at.items()}
    return Upload(tuple(rows), tuple(line for line, _ in kept), headings)


def _headings_at(table: Sequence[Sequence[str]], columns: Mapping[str, Sequence[str]], needs: Sequence[str]) -> int:
    """Find the line of the headings: the first that has all columns that are needed, below at most a few titles."""
    for place, row in enumerate(table[: MOST_TITLES + 1]):
        told = {_heading(cell) for cell in row}
        if all(told & _names(column, columns[column]) for column in needs):
            return place
    return 0


def _heading(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).split()).lower()


def _names(column: str, headings: Sequence[str]) -> set[str]:
    return {_heading(one) for one in (column, *headings)}


def _in_chinese(column: str, columns: Mapping[str, Sequence[str]]) -> str:
    return next(iter(columns[column]), column)


def _places(
    header: Sequence[str], name: str, columns: Mapping[str, Sequence[str]], needs: Sequence[str]
) -> dict[str, int]:
    told = [_heading(cell) for cell in header]
    at: dict[str, int] = {}
    for column, headings in columns.items():
        found = [place for place, cell in enumerate(told) if cell in _names(column, headings)]
        said = _in_chinese(column, columns)
        if len(found) > 1:
            reason = Phrase(f"the column {column} stands there {len(found)} times", f"“{said}”列出现{len(found)}次")
            raise UploadUnreadable(name=name, reason=reason)
        if found:
            at[column] = found[0]
        elif column in needs:
            others = ", ".join(headings)
            reason = Phrase(
                f"the column {column} ({others}) is missing; its headings were looked for in the first lines"
                if headings else f"the column {column} is missing",
                f"前几行中未找到“{said}”列的表头（可写作：{'、'.join((*headings, column))}）",
            )  # fmt: skip
            raise UploadUnreadable(name=name, reason=reason)
    return at


def _of_text(content: bytes, name: str) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")  # what office programs in China write when asked for CSV
        except UnicodeDecodeError as fault:
            raise UploadUnreadable(name=name, reason=_NEITHER) from fault
    if "\0" in text:
        raise UploadUnreadable(name=name, reason=_NEITHER)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as fault:
        raise UploadUnreadable(name=name, reason=Phrase(f"it is no CSV ({fault})", "不是有效的CSV文件")) from fault


def _delimiter(text: str) -> str:
    """Tell what parts the cells: a comma, or what office programs of other languages and “Unicode text” write."""
    first = "\n".join(text.split("\n", MOST_TITLES + 1)[: MOST_TITLES + 1])
    return "," if "," in first else max(";\t", key=first.count) if any(one in first for one in ";\t") else ","


def _of_workbook(content: bytes, name: str) -> list[list[str]]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as fault:
        raise UploadUnreadable(
            name=name, reason=Phrase("it is a damaged workbook, or none", "工作簿已损坏，或不是工作簿")
        ) from fault
    return [
        [_cell(cell, line, place, name) for place, cell in enumerate(row, start=1)]
        for line, row in enumerate(rows, start=1)
    ]


def _cell(cell: object, line: int, place: int, name: str) -> str:
    if isinstance(cell, float):
        if abs(cell) > SURE_DIGITS:
            reason = Phrase(
                f"line {line}, column {place}: a number so long has lost its last digits; "
                "make the column text and enter its numbers again",
                f"第{line}行第{place}列的数字过长，末几位已丢失；请将该列设为文本格式后重新录入号码",
            )
            raise UploadUnreadable(name=name, reason=reason)
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
