"""The line list for machines: the same rows, the same mask as on screen."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Schema

from sizao.api.door import AskedList, account, outbreak
from sizao.records import keyset
from sizao.response.reports.line_list import KNOWN_SINCE, Choice, rows
from sizao.response.reports.lines import COLUMNS, Reading, lines
from sizao.response.reports.lines import Line as ReadLine
from sizao.terms import LineColumn, LineList, Right


class Line(Schema):
    """One person on a list; what a list does not tell, or nobody knows, is null."""

    number: str
    masked: bool
    name: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    county: str | None = None
    home: str | None = None
    status: str | None = None
    kind: str | None = None
    found_by: str | None = None
    onset: date | None = None
    positive: date | None = None
    exposure: date | None = None
    index_case: str | None = None
    whereabouts: str | None = None
    unread: int | None = None
    known_since: datetime | None = None


def line_page(
    request: HttpRequest,
    which: LineList,
    slug: str,
    asked: AskedList,
    *,
    status: str = "",
    kind: str = "",
    search: str = "",
) -> dict[str, object]:
    """Give one page of a list, as it stood at the moment asked for."""
    reader = account(request)
    within = outbreak(request, slug, to=Right.PERSON_LIST)
    choice = Choice(area_code=asked.area_code(reader, Right.PERSON_LIST), status=status, kind=kind, search=search)
    as_of = asked.moment(request)
    found = keyset.page(
        rows(which, within, choice, as_of=as_of), moment=KNOWN_SINCE[which], older_than=asked.key(), size=asked.size
    )
    told = lines(which, found.rows, COLUMNS[which], Reading(within, reader, as_of))
    return {"rows": [_line(one) for one in told], "next": str(found.older) if found.older else None}


def _line(one: ReadLine) -> Line:
    cells: dict[str, Any] = {str(column): cell for column, cell in one.cells if column != LineColumn.NUMBER}
    return Line(number=one.number, masked=one.masked, **cells)
