"""One trace: who was there with the case, why each is listed, what a cut would leave out, how it was learnt."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Trace
from sizao.response.reports.lines import area_names
from sizao.response.tracing import rides, says, trace_page, trace_places, trace_ranking
from sizao.terms import Layer, Right, Seating, TraceQuestion, TraceState
from sizao.web import boundaries, refusals, shell, trace_seats, trace_sources, traces_hotspots

COUNTY_DIGITS = 6


class NoSuchLayer(SizaoError):
    code = "traces.layer.unreadable"
    message = "“{given}” is no layer. Choose one of: {allowed}."


class NoSuchSeating(SizaoError):
    code = "traces.seating.unreadable"
    message = "“{given}” is nothing that seats say. Choose one of: {allowed}."


class NoSuchLength(SizaoError):
    code = "traces.keep.unreadable"
    message = "“{given}” is no length of a list. Write a whole number, 1 or more."


def fetch(request: HttpRequest, trace_id: int, *, to: Right = Right.TRACE_ASK) -> Trace:
    """Fetch a trace through the door: of a case of the reader's jurisdiction, in the outbreak that is looked at."""
    rows = Trace.objects.filter(outbreak=shell.chosen(request).outbreak).select_related("outbreak", "case__person")
    return access.row(rows, what="trace", to=to, by=request.user, pk=trace_id)


@require_GET
def one(request: HttpRequest, trace_id: int) -> HttpResponse:
    """Answer: how many, who, what is to be done, until when?"""
    chosen, trace = shell.chosen(request), fetch(request, trace_id)
    view = trace_page.read(trace, by=request.user, now=request.now, day=chosen.day, as_of=chosen.as_of)
    if trace.question == TraceQuestion.HOTSPOTS:
        return traces_hotspots.page(request, view)
    if trace.question == TraceQuestion.COMMON_SOURCE:
        return trace_sources.page(request, view)
    layer, keep = _layer(request, view), _keep(request)
    seating = _seating(request, view) if layer is Layer.VEHICLE else None
    ranking = trace_ranking.ranked(
        trace, layer, reader=request.user, as_of=chosen.as_of, after=request.GET.get("after", ""), seating=seating
    )
    shown = {
        "view": view,
        "trace": trace,
        "layer": layer,
        "seating": seating,
        "ranking": ranking,
        "rows": [(row, trace_seats.in_short(row.rides)) for row in ranking.rows],
        "areas": area_names(row.match.area_code for row in ranking.rows),
        "after": request.GET.get("after", ""),
        "keep": keep,
        "cut": trace_ranking.cut_at(trace, layer, as_of=chosen.as_of, keep=keep) if keep else None,
        "says": says.of_layers(trace, [one.layer for one in view.layers] or [Layer.VENUE], at=chosen.as_of),
        "seat_rules": _seat_rules(trace, view, chosen),
        "since": trace_page.come_since(trace, as_of=chosen.as_of, now=request.now),
        "is_second_ring": trace.question == TraceQuestion.SECOND_RING,
        "is_standing": view.state is TraceState.STANDING,
        "has_map": boundaries.of(chosen.outbreak) is not None,
        "map_remark": boundaries.remark(chosen.outbreak),
        "may": _may(request),
        "words": _words(),
    }
    return render(request, "web/traces_one.html", shown)


def _may(request: HttpRequest) -> dict[str, bool]:
    """What this reader may do here, so that only those forms are shown; the verbs decide again."""
    return {"contact": access.may(request.user, Right.CONTACT_TRACE)}


def _layer(request: HttpRequest, view: trace_page.TraceView) -> Layer:
    """Read which layer is shown; without a choice the first that found anybody."""
    given = request.GET.get("layer", "")
    if not given:
        return view.layers[0].layer if view.layers else Layer.VENUE
    try:
        return Layer(given)
    except ValueError as fault:
        raise NoSuchLayer(given=given[:40], allowed=", ".join(Layer)) from fault


def _seating(request: HttpRequest, view: trace_page.TraceView) -> Seating | None:
    """Read which seats are shown; without a choice the nearest that anybody had, "all" for everybody."""
    given = request.GET.get("seating", "")
    if given == "all":
        return None
    if not given:
        return view.seatings[0].seating if view.seatings else None
    if given not in set(Seating):
        raise NoSuchSeating(given=given[:40], allowed=", ".join((*Seating, "all")))
    return Seating(given)


def _seat_rules(trace: Trace, view: trace_page.TraceView, chosen: shell.Chosen) -> list[tuple[str, str]]:
    """Say who counts in which kind of vehicle, where anybody was found in one."""
    if not view.seatings:
        return []
    language = get_language() or "zh"
    rules = rides.rules_of(trace, chosen.as_of)
    return [(kind.label(language), trace_seats.rule_said(row.rule)) for kind, row in rules.items()]


def _keep(request: HttpRequest) -> int:
    given = request.GET.get("keep", "").strip()
    if not given:
        return 0
    if not (given.isascii() and given.isdigit() and 0 < int(given) < 10**9):
        raise NoSuchLength(given=given[:40])
    return int(given)


@require_GET
def dilution(request: HttpRequest, trace_id: int) -> JsonResponse:
    """Give the curve of one layer: how much of the weight the first N hold."""
    chosen, trace = shell.chosen(request), fetch(request, trace_id)
    view_of = request.GET.get("layer", "") or Layer.VENUE
    if view_of not in set(Layer):
        raise NoSuchLayer(given=view_of[:40], allowed=", ".join(Layer))
    keep = _keep(request)
    curve = trace_ranking.dilution(trace, Layer(view_of), as_of=chosen.as_of, keep=keep)
    return JsonResponse({"n": curve[-1][0] if curve else 0, "curve": curve, "keep": keep})


@require_GET
def places(request: HttpRequest, trace_id: int) -> JsonResponse:
    """Give where the case was and how many others were there, for the map; times as they were where it happened."""
    chosen, trace = shell.chosen(request), fetch(request, trace_id)
    stays = trace_places.stays_of_case(trace, by=request.user, now=request.now, as_of=chosen.as_of)
    spots = {stay.spot.code: stay.spot for stay in stays}
    numbers = {code: number for number, code in enumerate(spots)}
    names = area_names(spot.area_code for spot in spots.values())
    language = get_language() or "zh"
    told = {
        "spots": [_spot(spot, names, language) for spot in spots.values()],
        "stays": [
            {"spot": numbers[stay.spot.code], "from": clock(stay.start), "to": clock(stay.end), "others": stay.others}
            for stay in stays
        ],
    }
    return JsonResponse(told)


def _spot(spot: trace_places.Spot, names: dict[str, str], language: str) -> dict[str, object]:
    return {
        "name": spot_name(spot),
        "kind": (spot.kind or spot.layer).label(language),
        "area": names.get(spot.area_code, ""),
        "county": spot.area_code[:COUNTY_DIGITS],
        "at": None if spot.latitude is None else [spot.longitude, spot.latitude],
    }


def spot_name(spot: trace_places.Spot) -> str:
    """Name a place of a presence; a cell has no name but its own."""
    return gettext("Cell {code}").format(code=spot.code) if spot.layer is Layer.CELL else spot.name


def clock(moment: datetime) -> str:
    """Write a moment as the clocks there showed it, without its zone: a browser elsewhere must not shift it."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M:%S}"


@require_GET
def match(request: HttpRequest, trace_id: int, match_id: int) -> HttpResponse:
    """Answer: why is this one listed? When and where they were with the case, and what the edition says of it."""
    chosen, trace = shell.chosen(request), fetch(request, trace_id)
    rows = trace_page.standing_matches(trace, as_of=chosen.as_of).select_related("person", "trace__outbreak")
    found = rows.filter(pk=match_id).first()
    if found is None:
        raise access.NotYours(what="match", area=request.user.area_code)
    gone, meetings = "", []
    try:
        meetings = trace_places.meetings(found, by=request.user, now=request.now, as_of=chosen.as_of)
    except trace_places.PresencesGone as refusal:
        gone = refusals.sentence(refusal)
    listed = trace_ranking.one_listed(found, reader=request.user, as_of=chosen.as_of)
    shown = {
        "trace": trace,
        "listed": listed,
        "layer": Layer(found.layer),
        "meetings": [(meeting, spot_name(meeting.spot)) for meeting in meetings],
        "areas": area_names([found.area_code, *(meeting.spot.area_code for meeting in meetings)]),
        "minutes": sum(meeting.minutes for meeting in meetings),
        "rides": [(ride, trace_seats.why(ride)) for ride in listed.rides],
        "since": trace_page.come_since(trace, as_of=chosen.as_of, now=request.now),
        "gone": gone,
        "says": [says.of_match(trace, Layer(found.layer), listed.tier, at=chosen.as_of)],
    }
    return render(request, "web/traces_match.html", shown)


def _words() -> dict[str, str]:
    """The words that the map and the curve show."""
    return {
        "companions": gettext("Companions kept"),
        "share": gettext("Share of the weighted time"),
        "kept": gettext("the first {n} hold {share}"),
        "here_now": gettext("the case is here now"),
        "was_here": gettext("the case was here before"),
        "not_yet": gettext("the case comes later"),
        "by_county": gettext("only the county is known"),
        "at": gettext("{time}: {place}, with {n} others there"),
        "nowhere": gettext("{time}: nothing is known of this hour"),
        "play": gettext("Play the hours"),
        "stop": gettext("Stop"),
        "map": gettext("Map"),
        "zoom_in": gettext("Zoom in"),
        "zoom_out": gettext("Zoom out"),
        "no_places": gettext("No presence of the case itself is here for this time, so there is nothing to draw."),
        "failed": gettext(
            "The picture could not be fetched. Load the page again; if it stays so, ask your administrator."
        ),
    }
