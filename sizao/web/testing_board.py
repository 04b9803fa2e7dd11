"""The live board of a round: figures and no names, read again whenever something changed."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_GET

from sizao.records.models import TestingRound
from sizao.response.reports.lines import area_names
from sizao.response.testing import board, rounds
from sizao.response.testing.board import Board, SiteNow, Spot
from sizao.response.testing.chain import LaboratoryLoad
from sizao.terms import AREA_DIGITS, Right
from sizao.web import shell
from sizao.web.templatetags.said import said
from sizao.web.testing import common, fetch

MOST_SITES, MOST_AREAS = 20, 60  # rows of one screen
MOST_DRAWN = 1_500  # dots of one map; where there are more sites, those of an area are drawn as one
SITES_OF_A_TABLE = 4  # so many sites drawn together are as large as one site with a table more
LEVELS = frozenset(AREA_DIGITS.values())
LATE_QUEUE = 30  # minutes of the site's pace from which a queue is marked


@require_GET
def page(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show the board of a round, or of an area of it; the page reads it again by itself."""
    found = fetch(request, round_id, to=Right.SITUATION_READ)
    shown = _shown(request, found) | {"GOAL": round(100 * board.GOAL)}
    return render(request, "web/testing_board.html", shown | common(request, found, "board"))


@require_GET
def state(request: HttpRequest, round_id: int) -> HttpResponse:
    """Give the inside of the board; 304 while nothing changed within the minute."""
    chosen, found = shell.chosen(request), fetch(request, round_id, to=Right.SITUATION_READ)
    tag = f'"{board.version(found, as_of=chosen.as_of, within=_part(request, found))}-{get_language()}"'
    if request.headers.get("If-None-Match") == tag:
        answer = HttpResponse(status=304)
    else:
        shown = _shown(request, found) | {"GOAL": round(100 * board.GOAL)}
        answer = render(request, "web/testing_board_state.html", shown | common(request, found, "board"))
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _part(request: HttpRequest, found: TestingRound) -> str:
    part, asked = rounds.part_of(found, request.user), request.GET.get("area", "")
    inside = asked.isascii() and asked.isdigit() and asked.startswith(part) and len(asked) in LEVELS
    return asked if inside else part


def _shown(request: HttpRequest, found: TestingRound) -> dict[str, object]:
    chosen, part = shell.chosen(request), _part(request, found)
    told = board.read(found, as_of=chosen.as_of, within=part)
    areas = sorted(told.areas, key=lambda row: (row[1].share or 0.0, row[0]))
    names = area_names([code for code, _ in areas[:MOST_AREAS]] + [part])
    waiting = [one for one in told.sites if one.queue is None or one.queue > 0]
    sites = sorted(waiting, key=lambda one: (-(one.queue or 0), one.number))
    return {
        "part": part,
        "part_name": names.get(part, part),
        "board": told,
        "as_of": chosen.as_of,
        "areas": [(code, names.get(code, code), one, 100 * (one.share or 0.0)) for code, one in areas[:MOST_AREAS]],
        "n_more_areas": max(0, len(areas) - MOST_AREAS),
        "draws_together": len(told.sites) > MOST_DRAWN,
        "narrows": len(part) < max(LEVELS),
        "sites": sites[:MOST_SITES],
        "n_more_sites": max(0, len(sites) - MOST_SITES),
        "queue": sum(one.queue or 0 for one in sites),
        "nobody_waits": bool(told.sites) and not sites,
        "loads": [(one, _share(one)) for one in told.loads],
        "forecast_said": _forecast(found, told),
        "is_late": _is_late(found, told),
        "points": _points(told),
        "query": f"{chosen.query}&area={part}",
    }


def _share(one: LaboratoryLoad) -> float:
    """Say how full a laboratory is: hours of work that wait, against six hours."""
    hours = one.hours_with_arrivals
    return 100.0 if hours is None else min(100.0, 100 * hours / 6)


def _forecast(found: TestingRound, told: Board) -> str:
    forecast = told.forecast
    if forecast is None:
        return gettext("Nothing can be said of its end yet.")
    if forecast.middle is None:
        return gettext("At this pace it does not end within four days.")
    low, high = _clock(forecast.low), _clock(forecast.high)
    return gettext("About {middle}; four times of five between {low} and {high}.").format(
        middle=_clock(forecast.middle), low=low, high=high
    )


def _clock(moment: datetime | None) -> str:
    return gettext("later than four days") if moment is None else said(moment)


def _is_late(found: TestingRound, told: Board) -> bool:
    """Tell whether it will more likely than not end after it must be complete."""
    if told.forecast is None or found.due_at is None:
        return False
    return told.forecast.middle is None or told.forecast.middle > found.due_at


def _points(told: Board) -> dict[str, Any]:
    """Give what the map draws: each site, or where they are many the sites of each township or county together."""
    if len(told.sites) <= MOST_DRAWN:
        drawn = [
            {"at": one.at, "name": one.name, "size": one.tables, "said": _said(one),
             "busy": _is_busy(one.queue, one.last_hour)}
            for one in told.sites
            if one.at is not None
        ]  # fmt: skip
    else:
        together = board.spots(told.sites, most=MOST_DRAWN)
        names = area_names(one.area_code for one in together)
        drawn = [
            {"at": one.at, "name": _together(names.get(one.area_code, one.area_code), one.n_sites),
             "size": one.n_sites / SITES_OF_A_TABLE, "said": _said(one), "busy": _is_busy(one.queue, one.last_hour)}
            for one in together
        ]  # fmt: skip
    return {"villages": [], "sites": drawn, "laboratories": []}


def _together(name: str, n: int) -> str:
    return ngettext("{name}, {n} site", "{name}, {n} sites", n).format(name=name, n=n)


def _said(one: SiteNow | Spot) -> str:
    if one.queue is None:
        return gettext("{n} registered, {pace} in the last hour").format(n=one.registered, pace=one.last_hour)
    return gettext("{queue} should be here by now, {n} registered, {pace} in the last hour").format(
        queue=one.queue, n=one.registered, pace=one.last_hour
    )


def _is_busy(queue: int | None, last_hour: int) -> bool:
    return bool(queue) and queue * 60 > max(last_hour, 1) * LATE_QUEUE
