"""Rooms and beds of a drill at the screens: who waits for one, and who may go, as the script does for its officers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from sizao.drill.rehearsal import lodging, steering, told_file
from sizao.drill.screens.control import UnknownAct
from sizao.records import access
from sizao.records.models import Account, Outbreak, Person, Stay
from sizao.terms import Right, Role, StayKind

SHOWN = 200  # rows of a list; who waits longest comes first


@dataclass(frozen=True, slots=True)
class Lists:
    """Who of the officer's area waits, and who may go; those of `severe` are severely ill."""

    for_bed: list[Person]
    for_room: list[Person]
    well: list[Stay]
    over: list[Stay]
    severe: frozenset[str]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show who waits for a bed or a room and who may go, with what is free."""
    drill = _drill(request)
    lists, means, now = _lists(drill, request.user, request.now), lodging.means_of(drill), request.now
    shown = {
        "drill": drill,
        "by_people": Role.ISOLATION_COORDINATOR in steering.standing(drill).by_people,
        "severe": lists.severe,
        "for_bed": lists.for_bed[:SHOWN],
        "for_room": lists.for_room[:SHOWN],
        "well": lists.well[:SHOWN],
        "over": lists.over[:SHOWN],
        "waiting": [len(lists.for_bed), len(lists.for_room), len(lists.well) + len(lists.over)],
        "beds": (lodging.taken(StayKind.BED, now), means.beds),
        "rooms": (lodging.taken(StayKind.ROOM, now), means.rooms),
    }
    return render(request, "drill/wards.html", shown)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Move those who were chosen, as far as they stand on a list; say how many."""
    drill, wanted = _drill(request), request.POST.get("act", "")
    if wanted not in ACTS:
        raise UnknownAct(act=wanted[:20])
    chosen = set(request.POST.getlist("person"))
    lists = _lists(drill, request.user, request.now)
    moved = ACTS[wanted](drill, lists, chosen, request.user, request.now)
    messages.success(request, gettext("{n} people were moved.").format(n=moved))
    return redirect("drill_wards")


def _to_bed(drill: Outbreak, lists: Lists, chosen: set[str], by: Account, now: datetime) -> int:
    beds = lodging.means_of(drill).beds
    return lodging.to_beds(drill, _chosen(lists.for_bed, chosen), beds=beds, by=by, now=now)


def _case_to_room(drill: Outbreak, lists: Lists, chosen: set[str], by: Account, now: datetime) -> int:
    in_rooms = set(lodging.stays_in(StayKind.ROOM, now).values_list("person_id", flat=True))
    people = [one for one in _chosen(lists.for_bed, chosen) if one.pk not in in_rooms]
    rooms = lodging.means_of(drill).rooms
    return lodging.to_rooms(drill, people, rooms=rooms, whose="case", by=by, now=now)


def _to_room(drill: Outbreak, lists: Lists, chosen: set[str], by: Account, now: datetime) -> int:
    rooms = lodging.means_of(drill).rooms
    people = _chosen(lists.for_room, chosen)
    return lodging.to_rooms(drill, people, rooms=rooms, whose="contact", by=by, now=now)


def _home(drill: Outbreak, lists: Lists, chosen: set[str], by: Account, now: datetime) -> int:
    del drill
    well, over = ([one for one in stays if one.person.number in chosen] for stays in (lists.well, lists.over))
    sent = lodging.send_home(well, discharged=True, by=by, now=now)
    return sent + lodging.send_home(over, discharged=False, by=by, now=now)


ACTS: dict[str, Callable[[Outbreak, Lists, set[str], Account, datetime], int]] = {
    "bed": _to_bed, "case_room": _case_to_room, "room": _to_room, "home": _home,
}  # fmt: skip


def _chosen(people: Iterable[Person], chosen: set[str]) -> list[Person]:
    return [one for one in people if one.number in chosen]


def _lists(drill: Outbreak, by: Account, now: datetime) -> Lists:
    severe = frozenset(told_file.severe(drill))
    mine = {"person__area_code__startswith": by.area_code}
    beds = [one.person for one in lodging.waiting_for_bed(drill).filter(**mine)]
    well = [one for one in lodging.recovered(drill, now) if access.covers(by, one.person.area_code)]
    return Lists(
        for_bed=sorted(beds, key=lambda one: one.number not in severe),
        for_room=[one.person for one in lodging.waiting_for_room(drill, now).filter(**mine)],
        well=[one for one in well if one.person.number not in severe],
        over=list(lodging.released(drill, now).filter(**mine)),
        severe=severe,
    )


def _drill(request: HttpRequest) -> Outbreak:
    """Fetch the drill for who decides about isolation in it."""
    access.require(request.user, Right.ORDER_ISSUE)
    found: Outbreak = access.outbreak(steering.here().slug, to=Right.ORDER_ISSUE, by=request.user)
    return found
