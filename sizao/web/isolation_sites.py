"""Isolation sites: the board with its map, and the reserve of each county."""

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from sizao.adapters.spreadsheets import Sheet
from sizao.records import access
from sizao.response.isolation import reserve as reserves
from sizao.response.isolation import room_board
from sizao.response.isolation.room_board import SiteLine
from sizao.response.reports.lines import area_names
from sizao.terms import Right, RoomStatus, SiteState
from sizao.web import shell, spreadsheet

MOST_LINES = 400
SHOWN = ("usable", "full", "late", "tomorrow", "reserve", "closed", "all")


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Answer: where is room, which sites are full, who should have arrived, what will be free tomorrow?"""
    access.require(request.user, Right.SITUATION_READ)
    chosen = shell.chosen(request)
    found = room_board.board(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    usable = any(one.is_usable for one in found.lines)
    shown = request.GET.get("shown", "")
    shown = shown if shown in SHOWN else ("usable" if usable else "all")
    lines = [one for one in found.lines if _is_shown(one, shown)]
    names = area_names(one.site.area_code for one in lines[:MOST_LINES])
    return render(
        request,
        "web/isolation/board.html",
        {
            "board": found,
            "lines": [(one, names.get(one.site.area_code, one.site.area_code)) for one in lines[:MOST_LINES]],
            "n_more": max(0, len(lines) - MOST_LINES),
            "shown": shown,
            "counts": {name: sum(_is_shown(one, name) for one in found.lines) for name in SHOWN},
            "statuses": [(status, found.total.by_status[status]) for status in RoomStatus],
        }
        | common(request, "board"),
    )


def common(request: HttpRequest, here: str) -> dict[str, object]:
    """Give what stands on every page of isolation sites."""
    return {
        "here": here,
        "may_manage": access.may(request.user, Right.SITE_MANAGE),
        "may_allocate": access.may(request.user, Right.ROOM_ALLOCATE),
    }


def _is_shown(one: SiteLine, shown: str) -> bool:
    tests = {
        "all": True,
        "usable": one.is_usable,
        "full": one.is_usable and one.occupancy.is_full,
        "late": one.late > 0,
        "tomorrow": one.tomorrow > 0,
        "reserve": one.site.state == SiteState.RESERVE,
        "closed": one.site.state == SiteState.CLOSED,
    }
    return bool(tests[shown])


@require_GET
def points(request: HttpRequest) -> JsonResponse:
    """Give the sites whose place is known, for the map: larger with more rooms, marked where none is free."""
    access.require(request.user, Right.SITUATION_READ)
    chosen = shell.chosen(request)
    found = room_board.board(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    said = gettext("{state}: {free} of {rooms} rooms free, {people} people inside")
    placed = [one for one in found.lines if one.site.place.longitude is not None]
    sites = [
        {
            "at": [one.site.place.longitude, one.site.place.latitude],
            "name": one.site.place.name,
            "size": max(1, one.occupancy.rooms // 20) if one.is_usable else 0,
            "busy": one.occupancy.is_full,
            "said": said.format(
                state=SiteState(one.site.state).label(request.LANGUAGE_CODE), free=one.occupancy.free,
                rooms=one.occupancy.rooms, people=one.occupancy.people,
            ),
        }
        for one in placed
    ]  # fmt: skip
    return JsonResponse({"sites": sites, "villages": [], "laboratories": []})


@require_GET
def export(request: HttpRequest) -> FileResponse:
    """Give the board as a workbook; rooms that were made up stand in a column of their own."""
    access.require(request.user, Right.SITUATION_READ)
    chosen = shell.chosen(request)
    found = room_board.board(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    language = request.LANGUAGE_CODE
    heads = (
        gettext("Area"), gettext("Isolation site"), gettext("State"), gettext("Rooms"), gettext("of which generated"),
        *(status.label(language) for status in RoomStatus), gettext("People inside"), gettext("Late"),
        gettext("Free tomorrow"),
    )  # fmt: skip
    rows = [
        (
            one.site.area_code, one.site.place.name, SiteState(one.site.state).label(language), one.occupancy.rooms,
            one.occupancy.generated, *(one.occupancy.by_status[status] for status in RoomStatus),
            one.occupancy.people, one.late, one.tomorrow,
        )
        for one in found.lines
    ]  # fmt: skip
    return spreadsheet.send(f"sizao-sites-{chosen.day}.xlsx", [Sheet(gettext("Isolation sites"), heads, rows)])


@require_GET
def reserve(request: HttpRequest) -> HttpResponse:
    """Answer: how many rooms for how many people has each county, and which falls short?"""
    access.require(request.user, Right.SITUATION_READ)
    chosen = shell.chosen(request)
    found = reserves.reserve(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    return render(request, "web/isolation/reserve.html", {"reserve": found} | common(request, "reserve"))
