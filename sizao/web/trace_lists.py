"""Whom a trace found, by the place where they live: the lists that the authorities there need, to be taken away."""

from collections.abc import Iterator, Sequence

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from sizao.adapters.spreadsheets import Cell, Sheet
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Trace
from sizao.response.cooperation import pushed, pushing
from sizao.response.reports.lines import area_names
from sizao.response.tracing import push_lists, trace_page
from sizao.response.tracing.push_lists import NOWHERE, AreaList, Pushed
from sizao.terms import Right, TracePurpose
from sizao.web import officers, shell, spreadsheet, trace


class NoSuchList(SizaoError):
    code = "traces.list.unreadable"
    message = "This trace has no list for “{area}” on this day. Choose one of the lists that it shows."


class NamesPlaces(SizaoError):
    code = "traces.names_places.not_found"
    message = "{number} names places and only counts people, so it has no lists. Ask who was with one of its cases."


@require_GET
def lists(request: HttpRequest, trace_id: int) -> HttpResponse:
    """Answer: who has to be told of whom, and what is ready to be taken away?"""
    chosen, found = shell.chosen(request), trace.fetch(request, trace_id)
    _known_by(found, chosen)
    read = push_lists.lists(found, as_of=chosen.as_of)
    names = area_names(one.area_code for one in (*read.inside, *read.outside))
    lists_there = pushed.of_trace(found, as_of=chosen.as_of)
    shown = {
        "trace": found,
        "read": read,
        "names": names,
        "groups": [(gettext("In this province"), read.inside), (gettext("In other provinces"), read.outside)],
        "nowhere": NOWHERE,
        "pushed": {one.area_code: lists_there.get(one.area_code, []) for one in (*read.inside, *read.outside)},
        "to_push": pushing.n_to_push(found, as_of=chosen.as_of),
        "may_push": access.may(request.user, Right.COOPERATE),
        "may_export": access.may(request.user, Right.PERSON_EXPORT),
    }
    return render(request, "web/traces_lists.html", shown)


@require_GET
def export(request: HttpRequest, trace_id: int) -> FileResponse:
    """Give one list as a workbook that says on each row for whom, by whom, when and why it was made."""
    chosen, found = shell.chosen(request), trace.fetch(request, trace_id, to=Right.PERSON_EXPORT)
    _known_by(found, chosen)
    asked = request.GET.get("area", "")
    wanted = _wanted(found, asked, chosen)
    code = wanted.area_code
    mark = _watermark(request, found)
    rows = push_lists.export(found, code, by=request.user, now=request.now, as_of=chosen.as_of)
    language = get_language() or "zh"
    names = area_names([code]) if code else {}
    title = names.get(code, code) or gettext("Home not known")
    people = Sheet(title, _heads(), (_cells(row, mark, language) for row in rows))
    origin = Sheet(gettext("Origin"), (gettext("What"), gettext("Value")), _origin(request, found, title, wanted))
    return spreadsheet.send(f"sizao-{found.number}-{code or NOWHERE}-{chosen.day}.xlsx", [people, origin])


def _known_by(found: Trace, chosen: shell.Chosen) -> None:
    if found.case_id is None:
        raise NamesPlaces(number=found.number)
    if found.asked_at > chosen.as_of:
        raise trace_page.NotKnownYet(first=found.outbreak.day_of(found.asked_at))


def _wanted(found: Trace, asked: str, chosen: shell.Chosen) -> AreaList:
    read = push_lists.lists(found, as_of=chosen.as_of)
    if asked == NOWHERE and read.nowhere:
        return read.nowhere
    for one in (*read.inside, *read.outside):
        if one.area_code == asked:
            return one
    raise NoSuchList(area=asked[:40])


def _heads() -> Sequence[str]:
    return (
        gettext("Number"),
        gettext("Token"),
        gettext("Name"),
        gettext("Phone"),
        gettext("Home area"),
        gettext("Layer"),
        gettext("How near"),
        gettext("Minutes"),
        gettext("Last together"),
        gettext("Generated"),
        gettext("Watermark"),
    )


def _cells(row: Pushed, mark: str, language: str) -> Sequence[Cell]:
    return (
        row.number,
        "" if row.number else row.token,  # who has a number needs no token
        row.name,
        gettext("masked") if row.masked else row.phone,
        row.area_code,
        row.layer.label(language),
        (row.seating or row.tier).label(language),
        round(row.minutes),
        timezone.localtime(row.last_at),
        gettext("made by a model") if row.is_generated else "",
        mark,
    )


def _watermark(request: HttpRequest, found: Trace) -> str:
    purpose = TracePurpose(found.purpose).label(get_language() or "zh")
    return f"{request.user.username} · {timezone.localtime(request.now):%Y-%m-%d %H:%M} · {found.number} · {purpose}"


def _origin(request: HttpRequest, found: Trace, title: str, wanted: AreaList) -> Iterator[Sequence[Cell]]:
    chosen = shell.chosen(request)
    yield gettext("Taken by"), officers.taken_by(request)
    yield gettext("Taken at"), f"{timezone.localtime(request.now):%Y-%m-%d %H:%M}"
    yield gettext("Outbreak"), chosen.outbreak.slug
    yield gettext("Trace"), found.number
    yield gettext("Purpose"), TracePurpose(found.purpose).label(get_language() or "zh")
    yield gettext("Reason"), found.reason
    yield gettext("Lives in"), title
    yield gettext("Known at the end of"), chosen.day.isoformat()
    yield gettext("People"), wanted.people
    yield gettext("Notice"), gettext("Personal data. Do not pass on; destroy when no longer needed.")
    yield gettext("Notice"), gettext("Being listed is no proof of contact. A person decides what follows.")
