"""One isolation site: its rooms and who is in them, its checks, its state; rooms added and looked after."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from sizao.adapters import photographs, uploads
from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import IsolationRoom, IsolationSite
from sizao.response import outbreaks
from sizao.response.isolation import occupancy, room_board, rooms, site_checks, site_lists, sites
from sizao.response.reports.lines import area_names
from sizao.terms import SITE_MOVES, CheckMark, Right, RoomStatus, SiteCheckItem, SiteState
from sizao.web import refusals, shell, uploaded
from sizao.web.isolation_sites import common

MOST_ROOMS = 600
ROOM_COLUMNS: Mapping[str, Sequence[str]] = {
    "number": ("房号", "房间号"),
    "building": ("楼栋",),
    "floor": ("楼层",),
    "position": ("位置",),
    "opposite": ("对侧",),
    "beds": ("床位", "床位数"),
    "is_accessible": ("无障碍",),
    "is_family": ("家庭房",),
    "has_carer_bed": ("陪护床",),
}


class NoRoomFile(SizaoError):
    code = "isolation.no_room_file"
    message = "No file was chosen. Choose the workbook or CSV file that lists the rooms."


class NoSuchSiteAct(SizaoError):
    code = "isolation.site_act.unreadable"
    message = "“{given}” is nothing that can be done here. Use the buttons of the page."


class NotAWholeNumber(SizaoError):
    code = "isolation.number.unreadable"
    message = "“{given}” is no whole number. Give floors, rooms and beds as whole numbers."


def fetch(request: HttpRequest, site_id: int, *, to: Right) -> IsolationSite:
    """Fetch a site through the door."""
    found = access.row(IsolationSite.objects.select_related("place"), what="site", to=to, by=request.user, pk=site_id)
    if found.registered_at > shell.chosen(request).as_of:
        raise access.NotYours(what="site", area=request.user.area_code)
    return found


@require_GET
def one(request: HttpRequest, site_id: int) -> HttpResponse:
    """Answer: how does this site stand, room by room, and what may be done with it?"""
    found = fetch(request, site_id, to=Right.SITUATION_READ)
    return _page(request, found)


def _page(request: HttpRequest, found: IsolationSite, **more: object) -> HttpResponse:
    chosen = shell.chosen(request)
    status = request.GET.get("status", "")
    rows = occupancy.rooms_of(found, as_of=chosen.as_of)
    shown = [row for row in rows if not status or row[1].status == status]
    manages = access.may(request.user, Right.SITE_MANAGE) and access.covers(request.user, found.area_code)
    inside = _inside(request, found) if access.may(request.user, Right.PERSON_LIST) else {}
    check = sites.latest_check(found)
    page = {
        "site": found,
        "area": area_names([found.area_code]).get(found.area_code, found.area_code),
        "rows": [(room, standing, inside.get(room.place_id, [])) for room, standing in shown[:MOST_ROOMS]],
        "n_more": max(0, len(shown) - MOST_ROOMS),
        "total": occupancy.by_site([found.pk], as_of=chosen.as_of)[found.pk],
        "statuses": [(one, sum(row[1].status == one for row in rows)) for one in RoomStatus],
        "status": status,
        "check": check,
        "checks": found.checks.filter(recorded_at__lte=chosen.as_of).order_by("-checked_at", "-pk")[:10],
        "manages": manages,
        "works": access.may(request.user, Right.SITE_WORK) and access.covers(request.user, found.area_code),
        "moves": sorted(SITE_MOVES[SiteState(found.state)]) if manages else [],
        "room_columns": [(column, headings[0], _should()[column]) for column, headings in ROOM_COLUMNS.items()],
    }
    return render(request, "web/isolation/site.html", page | more | common(request, "site"))


def _inside(request: HttpRequest, found: IsolationSite) -> dict[int, list[access.Identity]]:
    inside = room_board.people_in(found, as_of=shell.chosen(request).as_of)
    return {place: [access.identity(stay.person, to=request.user) for stay in stays] for place, stays in inside.items()}


# --- Acts on the site --------------------------------------------------------------------------


@require_POST
def move(request: HttpRequest, site_id: int) -> HttpResponse:
    """Make a site ready, put it to use or into reserve, or close it, in one's own name."""
    found = fetch(request, site_id, to=Right.SITE_MANAGE)
    given = request.POST.get("state", "")
    if given not in set(SiteState):
        raise NoSuchSiteAct(given=given[:40])

    def act(now: datetime) -> str:
        reason = request.POST.get("reason", "")
        done = sites.move_site(site=found, state=SiteState(given), reason=reason, by=request.user, now=now)
        label = SiteState(done.state).label(request.LANGUAGE_CODE)
        return gettext("{name} is now “{state}”, in your name.").format(name=done.place.name, state=label)

    return _done(request, found, act)


@require_POST
def add_rooms(request: HttpRequest, site_id: int) -> HttpResponse:
    """Add rooms by range, by hand, or from a list."""
    found = fetch(request, site_id, to=Right.SITE_MANAGE)
    ways = {"range": _by_range, "hand": _by_hand, "file": _by_file}
    way = request.POST.get("way", "")
    if way not in ways:
        raise NoSuchSiteAct(given=way[:40])
    try:
        messages.success(request, ways[way](request, found))
    except site_lists.RoomsRefused as refusal:
        messages.warning(request, uploaded.said(refusal))
        return _page(request, found, **uploaded.faults(refusal.facts["errors"], _upload(request), _should()))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return _back(request, found)


def _by_range(request: HttpRequest, found: IsolationSite) -> str:
    plan = rooms.RoomRange(
        first_floor=_whole(request, "first_floor"),
        n_floors=_whole(request, "floors"),
        per_floor=_whole(request, "per_floor"),
        first_number=_whole(request, "first_number"),
        building=request.POST.get("building", "").strip(),
        beds=_whole(request, "beds"),
        two_sided=request.POST.get("two_sided") == "1",
    )
    return _added(request, found, plan.entries())


def _by_hand(request: HttpRequest, found: IsolationSite) -> str:
    entry = rooms.RoomEntry(
        number=request.POST.get("number", "").strip(),
        building=request.POST.get("building", "").strip(),
        floor=_whole(request, "floor"),
        beds=_whole(request, "beds"),
        **{name: request.POST.get(name) == "1" for name in rooms.ATTRIBUTES},
    )
    return _added(request, found, [entry])


def _by_file(request: HttpRequest, found: IsolationSite) -> str:
    rehearsed = request.POST.get("dry_run") == "1"
    now = shell.chosen(request).moment
    taken = site_lists.take_rooms(
        site=found, rows=_upload(request).rows, by=request.user, now=now, dry_run=rehearsed
    )  # fmt: skip
    if rehearsed:
        return ngettext(
            "The file is right: {n} room would be added. Nothing was kept.",
            "The file is right: {n} rooms would be added. Nothing was kept.",
            taken.rooms,
        ).format(n=taken.rooms)
    return ngettext("{n} room was added.", "{n} rooms were added.", taken.rooms).format(n=taken.rooms)


def _added(request: HttpRequest, found: IsolationSite, entries: Sequence[rooms.RoomEntry]) -> str:
    now = shell.chosen(request).moment
    made = rooms.add_rooms(site=found, entries=entries, by=request.user, now=now)
    return ngettext("{n} room was added.", "{n} rooms were added.", len(made)).format(n=len(made))


def _whole(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "").strip()
    digits = given.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 7):  # noqa: PLR2004 — no floor has so many rooms
        raise NotAWholeNumber(given=given[:40])
    return int(given)


def _upload(request: HttpRequest) -> uploads.Upload:
    return uploaded.read(request, "room_file", columns=ROOM_COLUMNS, needs=("number",), missing=NoRoomFile)


def _should() -> dict[str, str]:
    flag = gettext("yes or no (是, 否); empty: no")
    return {
        "number": gettext("the number of the room, each once in its building; at most 20 characters"),
        "building": gettext("the building; empty where there is one"),
        "floor": gettext("a whole number from -5 to 100; empty: 1"),
        "position": gettext("how many doors along its side of the corridor, from 1; empty where unknown"),
        "opposite": gettext("whether on the other side of the corridor: yes or no"),
        "beds": gettext("1 to 20; empty: 1"),
        "is_accessible": flag,
        "is_family": flag,
        "has_carer_bed": flag,
    }


@require_POST
def room_act(request: HttpRequest, room_id: int) -> HttpResponse:
    """Take a room out of service, put it back, or say that it was disinfected."""
    access.require(request.user, Right.SITUATION_READ)
    room = IsolationRoom.objects.select_related("site__place").filter(
        pk=room_id, site__area_code__startswith=request.user.area_code
    )
    held = room.first()
    if held is None:
        raise access.NotYours(what="room", area=request.user.area_code)
    given = request.POST.get("act", "")

    def act(now: datetime) -> str:
        if given == "out":
            rooms.take_out(room=held, reason=request.POST.get("reason", ""), by=request.user, now=now)
            return gettext("Out of service: room {number}.").format(number=held.number)
        if given == "back":
            rooms.put_back(room=held, by=request.user, now=now)
            return gettext("In service again: room {number}.").format(number=held.number)
        if given == "disinfected":
            rooms.disinfected(room=held, at=now, by=request.user, now=now)
            return gettext("Disinfected and free: room {number}.").format(number=held.number)
        raise NoSuchSiteAct(given=given[:40])

    return _done(request, held.site, act)


# --- The check ---------------------------------------------------------------------------------


@require_GET
def check(request: HttpRequest, site_id: int) -> HttpResponse:
    """Show the form of a check: what the edition asks for, and by which value."""
    return _check_page(request, fetch(request, site_id, to=Right.SITE_MANAGE))


def _check_page(request: HttpRequest, found: IsolationSite) -> HttpResponse:
    chosen = shell.chosen(request)
    rules = outbreaks.rules_at(chosen.outbreak, chosen.moment, area_code=found.area_code)
    shown = {
        "site": found,
        "items": [
            (one, request.POST.get(f"mark-{one.item}", ""), request.POST.get(f"note-{one.item}", ""))
            for one in site_checks.asked(rules)
        ],
        "marks": list(CheckMark),
        "origin": rules.source,
        "given": request.POST,
        "checked_at": f"{timezone.localtime(chosen.moment):%Y-%m-%dT%H:%M}",
    }
    return render(request, "web/isolation/check.html", shown | common(request, "check"))


@require_POST
def check_made(request: HttpRequest, site_id: int) -> HttpResponse:
    """Record a check, signed; a form that is not whole comes back as it was filled in."""
    found = fetch(request, site_id, to=Right.SITE_MANAGE)
    chosen = shell.chosen(request)
    try:
        made = site_checks.check_site(
            site=found,
            outbreak=chosen.outbreak,
            checked_at=min(_moment(request), chosen.moment),
            findings=_findings(request),
            signed_as=request.POST.get("signed_as", ""),
            note=request.POST.get("note", ""),
            photos=_photos(request),
            by=request.user,
            now=chosen.moment,
        )
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
        return _check_page(request, found)
    said = gettext("Passed and signed.") if made.passed else gettext("Signed: the site did not pass.")
    messages.success(request, said)
    return _back(request, found)


def _moment(request: HttpRequest) -> datetime:
    try:
        given = datetime.fromisoformat(request.POST.get("checked_at", ""))
    except ValueError:
        return shell.chosen(request).moment
    return given if given.tzinfo else timezone.make_aware(given)


def _findings(request: HttpRequest) -> dict[SiteCheckItem, site_checks.Finding]:
    marks = {item: request.POST.get(f"mark-{item}", "") for item in SiteCheckItem}
    return {
        item: site_checks.Finding(CheckMark(mark), request.POST.get(f"note-{item}", ""))
        for item, mark in marks.items()
        if mark in set(CheckMark)
    }


def _photos(request: HttpRequest) -> list[site_checks.Taken]:
    given = request.FILES.getlist("photos")
    if len(given) > site_checks.MOST_PHOTOS:
        raise site_checks.TooManyPhotos(most=site_checks.MOST_PHOTOS, count=len(given))
    return [
        site_checks.Taken(photographs.stripped(file.read(photographs.MOST_BYTES + 1), file.name[:60])) for file in given
    ]


@require_GET
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Show a photograph of a check."""
    held = site_checks.photo(photo_id, by=request.user)
    answer = HttpResponse(bytes(held.image), content_type=held.media_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


# --- Answers -----------------------------------------------------------------------------------


def _done(request: HttpRequest, found: IsolationSite, act: Callable[[datetime], str]) -> HttpResponse:
    try:
        messages.success(request, act(shell.chosen(request).moment))
    except SizaoError as refusal:
        messages.warning(request, refusals.sentence(refusal))
    return _back(request, found)


def _back(request: HttpRequest, found: IsolationSite) -> HttpResponse:
    return redirect(f"{reverse('isolation_site', args=[found.pk])}?{shell.chosen(request).query}")
