"""The line list: cases, contacts or all people, chosen by the address, a page at a time or as a spreadsheet."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from sizao.errors import SizaoError
from sizao.records import access, keyset
from sizao.response.reports import line_list
from sizao.response.reports.line_list import KNOWN_SINCE, Choice
from sizao.response.reports.lines import AT_FIRST, COLUMNS, Reading, all_lines, lines
from sizao.terms import CaseStatus, ContactKind, ContactState, Lack, LineColumn, LineList, Right, Word
from sizao.web import shell, spreadsheet
from sizao.web.line_table import area_options, body

LACKS = {
    LineList.CASES: (Lack.IDENTITY, Lack.ONSET, Lack.INVESTIGATION, Lack.UNREAD),
    LineList.CONTACTS: (Lack.IDENTITY, Lack.LOCATION, Lack.CONTROL),
    LineList.PEOPLE: (),
}
STATUSES: dict[LineList, tuple[Word, ...]] = {
    LineList.CASES: tuple(CaseStatus),
    LineList.CONTACTS: tuple(ContactState),
    LineList.PEOPLE: (),
}


class NotAChoice(SizaoError):
    code = "people.not_a_choice.unreadable"
    message = "“{given}” is not something this list can be narrowed by. Choose one of: {allowed}."


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of the list."""

    which: LineList
    choice: Choice
    columns: tuple[LineColumn, ...]

    @property
    def query(self) -> str:
        """The part of an address that asks for the same list again; empty parts are left out."""
        asked = {"list": self.which, "area": self.choice.area_code, "status": self.choice.status}
        asked |= {"kind": self.choice.kind, "lack": self.choice.lack, "q": self.choice.search}
        pairs = [(key, str(value)) for key, value in asked.items() if value]
        if self.columns != AT_FIRST[self.which]:
            pairs += [("column", str(column)) for column in self.columns]
        return urlencode(pairs)


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.PERSON_LIST)
    asked = read_address(request, chosen)
    found = line_list.rows(asked.which, chosen.outbreak, asked.choice, as_of=chosen.as_of)
    page = keyset.page(
        found,
        moment=KNOWN_SINCE[asked.which],
        older_than=_key(request, "after"),
        newer_than=_key(request, "before"),
        count_up_to=keyset.COUNT_SEARCHED_UP_TO if asked.choice.is_narrow else keyset.COUNT_UP_TO,
    )
    reading = Reading(chosen.outbreak, request.user, chosen.as_of)
    found_lines = lines(asked.which, page.rows, asked.columns, reading)
    shown = {
        "asked": asked,
        "page": page,
        "body": body(found_lines, query=chosen.query),
        "lists": tuple(LineList),
        "columns": COLUMNS[asked.which],
        "statuses": STATUSES[asked.which],
        "kinds": tuple(ContactKind) if asked.which == LineList.CONTACTS else (),
        "lacks": LACKS[asked.which],
        "areas": area_options(chosen.area_code, asked.choice.area_code),
        "address": f"{chosen.query}&{asked.query}",
        "may_export": access.may(request.user, Right.PERSON_EXPORT),
    }
    return render(request, "web/people.html", shown)


@require_GET
def people_export(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.PERSON_EXPORT)
    asked = read_address(request, chosen)
    found = line_list.rows(asked.which, chosen.outbreak, asked.choice, as_of=chosen.as_of)
    ordered = found.order_by(f"-{KNOWN_SINCE[asked.which]}", "-pk")
    reading = Reading(chosen.outbreak, request.user, chosen.as_of)
    language = get_language() or "zh"
    return spreadsheet.of_people(
        request,
        name=f"{asked.which}-{chosen.day}",
        title=asked.which.label(language),
        heads=[column.label(language) for column in asked.columns],
        rows=([cell for _, cell in line.cells] for line in all_lines(asked.which, ordered, asked.columns, reading)),
        asked=asked.query,
    )


def read_address(request: HttpRequest, chosen: shell.Chosen) -> Asked:
    """Read what the address asks; refuse words that are no choice and areas outside the jurisdiction."""
    given = request.GET
    which = _one_of(tuple(LineList), given.get("list") or LineList.CASES)
    area_code = given.get("area", "").strip() or chosen.area_code
    access.require(request.user, Right.PERSON_LIST, area_code=area_code)
    columns = tuple(_one_of(tuple(LineColumn), code) for code in given.getlist("column"))
    return Asked(
        which=which,
        choice=Choice(
            area_code=area_code,
            status=_one_of(STATUSES[which], given.get("status", "")),
            kind=_one_of(tuple(ContactKind), given.get("kind", "")),
            lack=_one_of(LACKS[which], given.get("lack", "")),
            search=given.get("q", "").strip()[:100],
        ),
        columns=tuple(column for column in COLUMNS[which] if column in columns) or AT_FIRST[which],
    )


def _one_of(words: tuple[Word, ...], code: str) -> Any:
    for word in words:
        if word == code:
            return word
    if not code:
        return ""
    raise NotAChoice(given=code[:40], allowed=", ".join(words) or "nothing")


def _key(request: HttpRequest, name: str) -> keyset.Key | None:
    given = request.GET.get(name)
    return keyset.read_key(given) if given else None
