"""The signals board: what is more than expected, where, how urgent, and who has to answer by when."""

from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from sizao.records import access
from sizao.response import signals
from sizao.response.reports import standing_streams
from sizao.response.reports.known_cases import COUNTY_DIGITS
from sizao.response.reports.lines import area_names
from sizao.terms import AlertState, Right
from sizao.web import alerts, boundaries, narrowing, shell, streams

ALARMED_DAYS = 7  # a stream stays on the board for a week after its last alarm
MOST_TILES = 12
PAGE_ALERTS = 20


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Answer: what is more than expected, and what waits for me?"""
    access.require(request.user, Right.SITUATION_READ)
    chosen = shell.chosen(request)
    asked = narrowing.read(request)
    stood = signals.alerts_at(chosen.outbreak, asked.area, as_of=chosen.as_of, states=asked.states)
    found = [alert for alert in stood if asked.holds(alert)]
    page, more = _page(found, request.GET.get("after", ""))
    counties = _counties(found, asked)
    watched = standing_streams.streams_at(chosen.outbreak, asked.area, as_of=chosen.as_of, kinds=asked.kinds)
    since = chosen.day - timedelta(days=ALARMED_DAYS - 1)
    alarmed = standing_streams.alarmed(watched, since=since, until=chosen.day, as_of=chosen.as_of)
    shown = narrowing.choices(request, asked) | {
        "cards": alerts.cards(request, page),
        "more": more,
        "after": request.GET.get("after", ""),
        "counties": counties,
        "states": tuple(AlertState),
        "confirmed": AlertState.CONFIRMED,
        "n_alerts": len(found),
        "n_late": sum(alert.is_late for alert in found),
        "n_streams": 0 if asked.nothing_left else watched.count(),
        "tiles": [] if asked.nothing_left else streams.tiles(request, watched.filter(pk__in=alarmed[:MOST_TILES])),
        "has_map": boundaries.of(chosen.outbreak) is not None,
        "map_remark": boundaries.remark(chosen.outbreak),
        "drawing": counties,
        "words": _words(),
    }
    return render(request, "web/signals.html", shown)


def _page(found: Sequence[signals.StoodAlert], after: str) -> tuple[Sequence[signals.StoodAlert], str]:
    """Give the alerts behind the one whose number is `after`, and the number that the next page goes on behind."""
    keys = [str(one.alert.pk) for one in found]
    start = keys.index(after) + 1 if after in keys else 0
    end = start + PAGE_ALERTS
    return found[start:end], keys[end - 1] if len(found) > end else ""


def _counties(found: Sequence[signals.StoodAlert], asked: narrowing.Narrowed) -> list[dict[str, object]]:
    """Count alerts by county, the county of the most urgent first."""
    grouped: dict[str, list[signals.StoodAlert]] = {}
    for alert in found:
        grouped.setdefault(alert.area_code[:COUNTY_DIGITS], []).append(alert)
    names = area_names(grouped)
    return [
        {
            "code": code,
            "name": names.get(code, code),
            "alerts": len(rows),
            "late": sum(alert.is_late for alert in rows),
            "confirmed": sum(alert.state == AlertState.CONFIRMED for alert in rows),
            "query": asked.query(area=code),
        }
        for code, rows in grouped.items()
    ]


def _words() -> dict[str, str]:
    """The words that the map shows."""
    return {
        "alerts": gettext("Alerts"),
        "late": gettext("Late"),
        "confirmed": AlertState.CONFIRMED.label(get_language() or "zh"),
        "none": gettext("none"),
        "map": gettext("Map"),
        "zoom_in": gettext("Zoom in"),
        "zoom_out": gettext("Zoom out"),
        "no_map": gettext("The map could not be drawn here; the table below holds the same figures."),
    }
