"""A list of people as a workbook: the rows of the screen, a sheet that says who took it, a line in the journal."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from tempfile import TemporaryFile

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext

from sizao.adapters import spreadsheets
from sizao.adapters.spreadsheets import Cell, Sheet
from sizao.records import journal
from sizao.terms import Word
from sizao.web import officers, shell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def of_people(
    request: HttpRequest, *, name: str, title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], asked: str
) -> FileResponse:
    """Write a list of people to a workbook and send it; the taking away is journalled with its size."""
    language = get_language() or "zh"
    n_rows = 0

    def counted() -> Iterable[Sequence[Cell]]:
        nonlocal n_rows
        for row in rows:
            n_rows += 1
            yield [_plain(cell, language) for cell in row]

    people = Sheet(title, heads, counted)
    origin = Sheet(gettext("Origin"), (gettext("What"), gettext("Value")), lambda: _origin(request, asked, n_rows))
    answer = send(f"sizao-{name}.xlsx", [people, origin])
    outbreak = shell.chosen(request).outbreak
    journal.write("people.exported", outbreak, by=request.user, at=request.now, rows=n_rows, asked=asked)
    return answer


def send(filename: str, sheets: Sequence[Sheet]) -> FileResponse:
    """Write sheets to a temporary file and send it; the file is gone when it has been sent."""
    file = TemporaryFile()  # noqa: SIM115 — closed by the answer
    spreadsheets.write(file, sheets)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=XLSX)


def _origin(request: HttpRequest, asked: str, n_rows: int) -> list[tuple[str, Cell]]:
    chosen = shell.chosen(request)
    return [
        (gettext("Taken by"), officers.taken_by(request)),
        (gettext("Taken at"), f"{timezone.localtime(request.now):%Y-%m-%d %H:%M}"),
        (gettext("Outbreak"), chosen.outbreak.slug),
        (gettext("Known at the end of"), chosen.day.isoformat()),
        (gettext("Asked for"), asked),
        (gettext("Rows"), n_rows),
        (gettext("Notice"), gettext("Personal data. Do not pass on; destroy when no longer needed.")),
    ]


def _plain(cell: object, language: str) -> Cell:
    if isinstance(cell, Word):
        return cell.label(language)
    return timezone.localtime(cell) if isinstance(cell, datetime) else cell
