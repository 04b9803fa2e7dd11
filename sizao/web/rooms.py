"""The coordinator's morning: who waits for a room, what is proposed and why; accepted at once, by site or singly."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import IsolationOrder, IsolationRoom, RoomAllocation, RoomPlacement
from sizao.response.isolation import allocation, occupancy, placements, room_board, sites, waiting
from sizao.response.isolation.waiting import Waiter
from sizao.response.reports.lines import area_names
from sizao.terms import Right, RoomNeed, RoomReason
from sizao.web import refusals, shell
from sizao.web.isolation_sites import common

AT_ONCE = 300  # rows of a page
MOST_TOLD = 5  # refusals told by name; the rest are counted
SHOWN = ("waiting", "proposed", "kept", "late")


class NoSuchRoomAct(SizaoError):
    code = "rooms.act.unreadable"
    message = "“{given}” is nothing that can be done here. Use the buttons of the page."


class NoRoomChosen(SizaoError):
    code = "rooms.no_room_chosen"
    message = "No room was chosen. Choose one from the list, or another site first."


@dataclass(frozen=True, slots=True)
class Line:
    """A placement as it is shown: through the reader's mask, with its reasons in words."""

    placement: RoomPlacement
    identity: access.Identity
    home: str
    why: str
    late: bool


@require_GET
def rooms(request: HttpRequest) -> HttpResponse:
    """Answer: who waits, what is proposed for whom and why, and what lacks?"""
    access.require(request.user, Right.ROOM_ALLOCATE)
    chosen = shell.chosen(request)
    asked = (chosen.outbreak, chosen.area_code)
    lists: dict[str, QuerySet] = {
        "waiting": waiting.orders(*asked, as_of=chosen.as_of),
        "proposed": room_board.proposed_at(*asked, chosen.as_of),
        "kept": room_board.kept_at(*asked, chosen.as_of),
        "late": room_board.late_at(*asked, chosen.as_of),
    }
    counts = {name: found.count() for name, found in lists.items()}
    shown = request.GET.get("shown", "")
    if shown not in SHOWN:
        shown = "proposed" if counts["proposed"] else "waiting"
    page = {
        "shown": shown,
        "counts": counts,
        "run": _run(request),
    }
    start = _start(request)
    if shown == "waiting":
        found = list(lists["waiting"][start : start + AT_ONCE])
        page["waiters"] = _waiters(request, found)
    else:
        page |= _placed(request, lists[shown], start)
    page |= _pager(start, counts[shown])
    return render(request, "web/isolation/rooms.html", page | common(request, "rooms"))


def _waiters(request: HttpRequest, found: Sequence[IsolationOrder]) -> list[dict[str, object]]:
    chosen = shell.chosen(request)
    rows = waiting.waiters(found, chosen.outbreak, as_of=chosen.as_of)
    names = area_names(one.order.area_code for one in rows)
    return [
        {
            "one": one,
            "identity": access.identity(one.person, to=request.user),
            "home": _area(names, one.order.area_code),
            "late": one.due_at is not None and one.due_at < chosen.as_of,
        }
        for one in rows
    ]


def _placed(request: HttpRequest, found: QuerySet, start: int) -> dict[str, object]:
    site = request.GET.get("site", "")
    groups = room_board.by_site(found)
    if site.isdecimal() and len(site) < 19:  # noqa: PLR2004 — digits of a bigint
        found = found.filter(site=int(site))
    rows = list(room_board.shown(found)[start : start + AT_ONCE])
    lines = _lines(request, rows)
    by_site = {key: [one for one in lines if one.placement.site_id == key] for key, _, _ in groups}
    return {
        "groups": [(key, name, n, by_site[key]) for key, name, n in groups if by_site[key]],
        "site": site,
        "n_sites": len(groups),
    }


def _lines(request: HttpRequest, rows: Sequence[RoomPlacement]) -> list[Line]:
    chosen, language = shell.chosen(request), get_language() or "zh"
    names = area_names(one.order.area_code for one in rows if one.order)
    return [
        Line(
            placement=one,
            identity=access.identity(one.person, to=request.user),
            home=_area(names, one.order.area_code if one.order else one.person.area_code),
            why=why(one, language),
            late=one.due_at is not None and one.due_at < chosen.as_of,
        )
        for one in rows
    ]


def why(one: RoomPlacement, language: str) -> str:
    """Tell in one sentence why this room was proposed."""
    parts = []
    for reason in one.reasons:
        if isinstance(reason, dict):
            parts.append(gettext("{hours} h on the way").format(hours=reason["hours"]))
        elif reason in set(RoomReason):
            parts.append(RoomReason(reason).label(language))
    return ("；" if language.startswith("zh") else "; ").join(parts)


def _area(names: dict[str, str], code: str) -> str:
    return names.get(code) or names.get(code[:6]) or code


def _run(request: HttpRequest) -> dict[str, object] | None:
    """Tell of the latest run how many it placed, how near to the best, and which rooms lacked."""
    chosen, language = shell.chosen(request), get_language() or "zh"
    found = RoomAllocation.objects.filter(outbreak=chosen.outbreak, made_at__lte=chosen.as_of)
    run = found.filter(area_code__startswith=chosen.area_code).order_by("-made_at").first()
    if run is None:
        return None
    return {
        "made": run,
        "gap_percent": 100 * (run.value / run.bound - 1) if run.bound > 0 else None,
        "left": run.n_waiting - run.n_placed,
        "shortages": [(_needs(one["needs"], language), one) for one in run.shortages],
        "reasons": [
            (RoomReason(code).label(language) if code in set(RoomReason) else gettext("taken by others meanwhile"), n)
            for code, n in run.settings.get("left", {}).items()
        ],
    }


def _needs(needs: Sequence[str], language: str) -> str:
    """Name what rooms that are short must have; nothing in particular where any would do."""
    return " + ".join(RoomNeed(one).label(language) for one in needs or (RoomNeed.ANY,))


def _start(request: HttpRequest) -> int:
    given = request.GET.get("from", "")
    return int(given) if given.isdecimal() and len(given) < 7 else 0  # noqa: PLR2004 — rows of a list


def _pager(start: int, total: int) -> dict[str, object]:
    return {
        "before": max(0, start - AT_ONCE) if start else None,
        "after": start + AT_ONCE if start + AT_ONCE < total else None,
        "first": start + 1,
        "last": min(total, start + AT_ONCE),
    }


# --- Acts --------------------------------------------------------------------------------------


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Propose rooms, or decide on all that are proposed, on those of a site, or on those ticked."""
    access.require(request.user, Right.ROOM_ALLOCATE)
    acts = {"propose": _propose, "anew": _anew, "accept": _accept}
    given = request.POST.get("act", "")
    if given not in acts:
        raise NoSuchRoomAct(given=given[:40])
    try:
        messages.success(request, acts[given](request))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    shown = "kept" if given == "accept" and not _proposed(request).exists() else "proposed"
    return redirect(f"{reverse('isolation_rooms')}?{shell.chosen(request).query}&shown={shown}")


def _propose(request: HttpRequest) -> str:
    chosen = shell.chosen(request)
    run = allocation.propose(
        outbreak=chosen.outbreak, area_code=chosen.area_code, by=request.user, now=chosen.moment
    )  # fmt: skip
    said = gettext("{placed} of {waiting} people have a room proposed. Nobody is touched until you accept.")
    return said.format(placed=run.n_placed, waiting=run.n_waiting)


def _anew(request: HttpRequest) -> str:
    chosen = shell.chosen(request)
    allocation.withdraw(outbreak=chosen.outbreak, area_code=chosen.area_code, by=request.user, now=chosen.moment)
    return _propose(request)


def _proposed(request: HttpRequest) -> QuerySet[RoomPlacement]:
    chosen = shell.chosen(request)
    return room_board.proposed_at(chosen.outbreak, chosen.area_code, chosen.as_of)


def _accept(request: HttpRequest) -> str:
    found = _proposed(request)
    if site := request.POST.get("site", ""):
        found = found.filter(site=int(site) if site.isdecimal() and len(site) < 19 else 0)  # noqa: PLR2004
    ticked = [int(one) for one in request.POST.getlist("placement") if one.isdecimal() and len(one) < 19]  # noqa: PLR2004
    if request.POST.get("which") == "ticked":
        found = found.filter(pk__in=ticked)
    kept, refused = placements.accept_many(
        placements=list(found), by=request.user, now=shell.chosen(request).moment
    )  # fmt: skip
    for refusal in refused[:MOST_TOLD]:
        messages.warning(request, refusals.sentence(refusal))
    if len(refused) > MOST_TOLD:
        more = len(refused) - MOST_TOLD
        messages.warning(request, ngettext("and {n} more", "and {n} more", more).format(n=more))
    return ngettext("{n} room is kept, in your name.", "{n} rooms are kept, in your name.", len(kept)).format(
        n=len(kept)
    )


# --- One person --------------------------------------------------------------------------------


@require_GET
def one(request: HttpRequest, placement_id: int) -> HttpResponse:
    """Answer: why this room, and which others would do?"""
    held = _fetch(request, placement_id)
    waiter = room_board.waiter_of(held, as_of=shell.chosen(request).as_of)
    return _choice(request, waiter, {"line": _lines(request, [held])[0], "placement": held})


@require_GET
def by_hand(request: HttpRequest, order_id: int) -> HttpResponse:
    """Answer: which rooms would do for somebody for whom none was proposed?"""
    order = _order(request, order_id)
    waiter = waiting.waiters([order], order.outbreak, as_of=shell.chosen(request).as_of)[0]
    identity = access.identity(order.person, to=request.user)
    return _choice(request, waiter, {"order": order, "identity": identity})


def _choice(request: HttpRequest, waiter: Waiter | None, about: dict[str, object]) -> HttpResponse:
    chosen = shell.chosen(request)
    placement = about.get("placement")
    has = placement.room_id if isinstance(placement, RoomPlacement) else None
    usable = list(sites.within(request.user.area_code, chosen.as_of).filter(state__in=sites.USABLE))
    wanted = request.GET.get("site", "")
    other = next((one for one in usable if str(one.pk) == wanted), None)
    shown = {
        "waiter": waiter,
        "fitting": room_board.fitting(waiter, request.user, as_of=chosen.as_of, but=has) if waiter else [],
        "sites": sorted(usable, key=lambda one: one.place.name),
        "site": other,
        "rooms": occupancy.rooms_of(other, as_of=chosen.as_of) if other else [],
    }
    return render(request, "web/isolation/choice.html", shown | about | common(request, "rooms"))


@require_POST
def decide(request: HttpRequest, placement_id: int) -> HttpResponse:
    """Accept, change or refuse one placement, in one's own name."""
    held, chosen = _fetch(request, placement_id), shell.chosen(request)
    given, reason = request.POST.get("act", ""), request.POST.get("reason", "")
    facts = {"placement": held, "by": request.user, "now": chosen.moment}
    try:
        if given == "accept":
            placements.accept(**facts)
            said = gettext("Kept for {number}: {room}.")
        elif given == "change":
            held = placements.change(room=_chosen_room(request), reason=reason, **facts)
            said = gettext("Kept for {number}: {room}.")
        elif given == "refuse":
            placements.refuse(reason=reason, **facts)
            said = gettext("Not taken; {number} waits again.")
        else:
            raise NoSuchRoomAct(given=given[:40])
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
        return redirect(f"{reverse('isolation_room', args=[placement_id])}?{chosen.query}")
    room = placements.name_of(IsolationRoom.objects.select_related("place").get(pk=held.room_id))
    messages.success(request, said.format(number=held.person.number, room=room))
    return redirect(f"{reverse('isolation_rooms')}?{chosen.query}")


@require_POST
def keep(request: HttpRequest, order_id: int) -> HttpResponse:
    """Keep a room, chosen by hand, for somebody who waits."""
    order, chosen = _order(request, order_id), shell.chosen(request)
    due_at = waiting.waiters([order], order.outbreak, as_of=chosen.as_of)[0].due_at
    reason = request.POST.get("reason", "")
    try:
        made = placements.keep(
            order=order, room=_chosen_room(request), reason=reason, due_at=due_at, by=request.user, now=chosen.moment
        )
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
        return redirect(f"{reverse('isolation_by_hand', args=[order.pk])}?{chosen.query}")
    said = gettext("Kept for {number}: {room}.")
    messages.success(request, said.format(number=order.person.number, room=placements.name_of(made.room)))
    return redirect(f"{reverse('isolation_rooms')}?{chosen.query}&shown=waiting")


def _fetch(request: HttpRequest, placement_id: int) -> RoomPlacement:
    access.require(request.user, Right.ROOM_ALLOCATE)
    mine = RoomPlacement.objects.filter(order__area_code__startswith=request.user.area_code)
    related = ("person", "order__contact", "room__place", "site__place", "outbreak", "decided_by", "instead_of__room")
    held = mine.select_related(*related).filter(pk=placement_id).first()
    if held is None:
        raise access.NotYours(what="placement", area=request.user.area_code)
    return held


def _order(request: HttpRequest, order_id: int) -> IsolationOrder:
    found = IsolationOrder.objects.select_related("person", "contact", "outbreak")
    order = access.row(found, what="order", to=Right.ROOM_ALLOCATE, by=request.user, pk=order_id)
    order.found_at = order.contact.found_at if order.contact else order.proposed_at
    return order


def _chosen_room(request: HttpRequest) -> IsolationRoom:
    given = request.POST.get("room", "")
    found = IsolationRoom.objects.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 19 else None  # noqa: PLR2004
    if found is None:
        raise NoRoomChosen
    return found
