"""Places as somebody wrote them that the register does not know: a person says which place is meant."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Place, UnmatchedPlace
from sizao.response import register
from sizao.response.register import PlaceEntry
from sizao.response.reports import queues
from sizao.response.reports.lines import area_names
from sizao.response.reports.places import candidates
from sizao.terms import PlaceKind, Right
from sizao.web import refusals, shell

PAGE_ROWS = 30


class PlaceMissing(SizaoError):
    code = "places.place_missing"
    message = "Choose one of the places, or give the code of the area in which “{text}” lies to register it."


@require_GET
def unmatched(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.PLACE_MATCH)
    waiting = queues.unmatched(chosen.outbreak, chosen.area_code, as_of=chosen.as_of)
    given = request.GET.get("from", "")
    # Most mentioned first; the position is the mentions and the row, so that going on skips nothing.
    mentions, _, row = given.partition("-")
    rest = (
        queues.after_mentions(waiting, int(mentions), int(row)) if mentions.isdecimal() and row.isdecimal() else waiting
    )
    rows = list(rest.order_by("-mentions", "pk")[: PAGE_ROWS + 1])
    names = area_names(one.area_code for one in rows)
    likes = candidates(rows[:PAGE_ROWS])
    shown = {
        "rows": [(one, names.get(one.area_code, one.area_code), likes[one.pk]) for one in rows[:PAGE_ROWS]],
        "more": f"{rows[PAGE_ROWS - 1].mentions}-{rows[PAGE_ROWS - 1].pk}" if len(rows) > PAGE_ROWS else "",
        "n_waiting": waiting.count(),
        "kinds": tuple(PlaceKind),
    }
    return render(request, "web/unmatched.html", shown)


@require_POST
def match(request: HttpRequest, unmatched_id: int) -> HttpResponse:
    """Match a text to a registered place, or register it as a place of its own."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.PLACE_MATCH)
    waiting = queues.unmatched(chosen.outbreak, request.user.area_code, as_of=chosen.as_of)
    one = waiting.filter(pk=unmatched_id).first()
    if one is None:
        raise access.NotYours(what="place", area=request.user.area_code)
    try:
        place = _place(request, one)
        register.match_place(unmatched=one, place=place, by=request.user, now=chosen.moment)
        messages.success(request, gettext("“{text}” is now {place}.").format(text=one.text, place=place.name))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return redirect(f"{reverse('places_unmatched')}?{chosen.query}")


def _place(request: HttpRequest, one: UnmatchedPlace) -> Place:
    given = request.POST
    if given.get("place", "").isdecimal():
        found = Place.objects.filter(pk=int(given["place"])).first()
        if found:
            return found
    area_code = given.get("area", "").strip()
    if not area_code:
        raise PlaceMissing(text=one.text)
    access.require(request.user, Right.PLACE_MATCH, area_code=area_code)
    key = f"place:{area_code}:{one.text}"[:200]
    kind = PlaceKind(given["kind"]) if given.get("kind") in set(PlaceKind) else PlaceKind(one.kind)
    entry = PlaceEntry(source_key=key, name=one.text, area_code=area_code, kind=kind)
    return register.register_places([entry], by=request.user, now=shell.chosen(request).moment)[key]
