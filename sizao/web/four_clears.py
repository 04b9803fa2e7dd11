"""The four clears of an outbreak: how many people, where, under what control; each figure opens to its people."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from sizao.errors import SizaoError
from sizao.records import access
from sizao.response.reports.four_clears import FourClears, four_clears
from sizao.response.reports.four_clears_people import PAGE_PEOPLE, Narrowed, OnePerson, everybody, people
from sizao.response.reports.lines import area_names
from sizao.terms import Clear, Concern, Control, LineColumn, Right, Unclear, Whereabouts, Word, Words
from sizao.web import shell, spreadsheet

CHOICES: dict[str, type[Word]] = {
    "concern": Concern,
    "place": Whereabouts,
    "control": Control,
    "unclear": Unclear,
    "clear": Clear,
}


class NotAFigure(SizaoError):
    code = "four_clears.not_a_figure.unreadable"
    message = "“{given}” is nothing that the four clears count. Open the page again and choose a figure."


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Answer: whom does the outbreak concern here, where is everybody, under what control, and what is unclear?"""
    chosen, area_code = shell.chosen(request), _area(request)
    found = four_clears(chosen.outbreak, area_code, as_of=chosen.as_of)
    group = _narrowed(request).concern
    shown = {
        "found": found,
        "group": group,
        "groups": [(one, _share(one.people, found.people)) for one in found.groups],
        "table": _table(found, group),
        "controls": list(Control),
        "unclear": [(word, count) for word, count in found.unclear if count],
        "clears": [(clear, sum(dict(area.lacking)[clear] for area in found.areas)) for clear in Clear],
        "area_code": area_code,
        "area_name": area_names([area_code]).get(area_code, area_code),
        "wider": _wider(chosen.area_code, area_code),
        "may_list": access.may(request.user, Right.PERSON_LIST),
    }
    return render(request, "web/four_clears.html", shown)


@require_GET
def named(request: HttpRequest) -> HttpResponse:
    """Answer: who is in this figure? Masked where the reader's jurisdiction does not cover the home."""
    chosen, area_code = shell.chosen(request), _area(request)
    access.require(request.user, Right.PERSON_LIST)
    narrowed, after = _narrowed(request), request.GET.get("after", "")
    rows = people(
        chosen.outbreak,
        area_code,
        narrowed,
        as_of=chosen.as_of,
        by=request.user,
        after=int(after) if after.isdecimal() and len(after) < 19 else 0,  # noqa: PLR2004 — digits of a bigint
        size=PAGE_PEOPLE + 1,
    )
    shown = {
        "people": rows[:PAGE_PEOPLE],
        "more": rows[PAGE_PEOPLE - 1].id if len(rows) > PAGE_PEOPLE else "",
        "chips": [word for word in (getattr(narrowed, name) for name in CHOICES) if word is not None],
        "address": f"{chosen.query}&{_query(area_code, narrowed)}",
        "area_code": area_code,
        "area_name": area_names([area_code]).get(area_code, area_code),
        "may_export": access.may(request.user, Right.PERSON_EXPORT),
    }
    return render(request, "web/four_clears_people.html", shown)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Give the people of a figure as a workbook; the taking away is journalled with its size."""
    chosen, area_code = shell.chosen(request), _area(request)
    access.require(request.user, Right.PERSON_EXPORT)
    narrowed, language = _narrowed(request), get_language() or "zh"
    rows = everybody(chosen.outbreak, area_code, narrowed, as_of=chosen.as_of, by=request.user)
    heads = (
        LineColumn.NUMBER,
        LineColumn.NAME,
        LineColumn.HOME,
        LineColumn.KIND,
        LineColumn.WHEREABOUTS,
        Clear.CONTROL,
    )
    return spreadsheet.of_people(
        request,
        name=f"four-clears-{area_code}-{chosen.day}",
        title="四个查清" if language.startswith("zh") else "Four clears",
        heads=[
            *(head.label(language) for head in heads),
            *(LineColumn.KNOWN_SINCE.label(language),),
            _unclear(language),
        ],
        rows=_cells(rows, language),
        asked=_query(area_code, narrowed),
    )


def _cells(rows: Iterator[OnePerson], language: str) -> Iterator[list[object]]:
    for one in rows:
        yield [
            one.number,
            one.name,
            one.area,
            one.concern,
            one.place,
            one.control,
            one.since,
            Words(one.unclear).label(language) if one.unclear else "",
        ]


def _unclear(language: str) -> str:
    return "未查清" if language.startswith("zh") else "Not clear"


def _area(request: HttpRequest) -> str:
    area_code = request.GET.get("area", "").strip() or shell.chosen(request).area_code
    access.require(request.user, Right.SITUATION_READ, area_code=area_code)
    return area_code


def _narrowed(request: HttpRequest) -> Narrowed:
    chosen = {}
    for name, words in CHOICES.items():
        if given := request.GET.get(name, ""):
            found = next((word for word in words if word == given), None)
            if found is None:
                raise NotAFigure(given=given[:40])
            chosen[name] = found
    return Narrowed(**chosen)


def _query(area_code: str, narrowed: Narrowed) -> str:
    pairs = {name: str(getattr(narrowed, name)) for name in CHOICES if getattr(narrowed, name) is not None}
    return urlencode({"area": area_code} | pairs)


def _table(found: FourClears, group: Concern | None) -> list[tuple[Whereabouts, list[tuple[Control, int]], int]]:
    """Give places down, controls across; rows and columns of nobody stay, so that nothing seems forgotten."""
    cells = found.by_place(group)
    return [
        (place, [(control, cells.get((place, control), 0)) for control in Control], sum(
            count for (at, _), count in cells.items() if at == place
        ))
        for place in Whereabouts
    ]  # fmt: skip


def _share(count: int, total: int) -> int:
    return round(100 * count / total) if total else 0


def _wider(top: str, area_code: str) -> str:
    return next((area_code[:d] for d in (9, 6, 4, 2) if len(top) <= d < len(area_code)), "")
