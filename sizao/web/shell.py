"""
What every page shows around its content: the outbreak, the chosen day, and where the reader may go.

The chosen day stands in the address (`?day=2021-01-08`), so that a screen can be sent to a colleague
and shows the same knowledge there. All that a screen reads, it reads as of the end of that civil day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, Outbreak
from sizao.response.tasks import notices
from sizao.terms import OutbreakKind, Right, Role
from sizao.web.demonstration import demonstration


class NoOutbreak(SizaoError):
    code = "web.no_outbreak.not_found"
    message = "There is no such outbreak in your jurisdiction. Load one with `sizao load`, or ask your administrator."


class NotADay(SizaoError):
    code = "web.day.unreadable"
    message = "“{day}” is not a date. Write the day as year-month-day, for example 2021-01-08."


class DayOutside(SizaoError):
    code = "web.day_outside.unreadable"
    message = "{day} lies outside this outbreak, which runs from {first} to {last}. Choose a day between them."


@dataclass(frozen=True, slots=True)
class Place:
    """
    One entry of the navigation: a named address, its words, the right it takes, and what lies behind it.

    `group` is the part of the menu it stands in, none for what everybody needs at once. `in_drill`: only where a
    drill is rehearsed.
    """

    name: str
    label: str | Promise
    right: Right
    behind: tuple[str, ...] = ()
    group: str | Promise = ""
    in_drill: bool = False


# The parts of the menu, in the order of a response. A menu of few entries shows them side by side.
WARNING, TRACING, TESTING = _("Early warning"), _("Investigation"), _("Testing")
ISOLATION, AREAS, COMMAND, RULES = _("Isolation and transport"), _("Risk areas"), _("Command"), _("Rules and records")
MOST_SIDE_BY_SIDE = 9

NAVIGATION: tuple[Place, ...] = (
    Place("situation", _("Situation"), Right.SITUATION_READ),
    Place("tasks", _("My tasks"), Right.TASK_WORK),
    Place("directives", _("Directives"), Right.DIRECTIVE_WORK, ("directive_one", "directive_part", "directive_on")),
    Place("outlook", _("Outlook"), Right.SITUATION_READ, group=WARNING),
    Place("what_ifs", _("What if"), Right.SITUATION_READ, ("what_if_ask", "what_if_one"), group=WARNING),
    Place(
        "signals", _("Signals"), Right.SITUATION_READ, ("streams", "stream", "stream_scores", "alert"), group=WARNING
    ),
    Place("people", _("Line list"), Right.PERSON_LIST, ("person",), group=TRACING),
    Place("graph", _("Exposures"), Right.PERSON_LIST, group=TRACING),
    Place("traces", _("Traces"), Right.TRACE_ASK, group=TRACING),
    Place("contacts", _("Contacts"), Right.PERSON_LIST, ("order_next",), group=TRACING),
    Place("four_clears", _("Four clears"), Right.SITUATION_READ, group=TRACING),
    Place("isolation", _("Isolation"), Right.SITUATION_READ, group=ISOLATION),
    Place("orders_to_serve", _("Orders"), Right.ORDER_SERVE, ("order_one", "orders_freed"), group=ISOLATION),
    Place(
        "cooperation", _("Other authorities"), Right.COOPERATE, ("cooperation_new", "cooperation_one"), group=TRACING
    ),
    Place("objections", _("Objections"), Right.OBJECTION_DECIDE, ("objection",), group=ISOLATION),
    Place("testing", _("Testing"), Right.SITUATION_READ, group=TESTING),
    Place(
        "laboratories",
        _("Laboratories"),
        Right.LAB_WORK,
        ("laboratory", "laboratory_plates", "laboratory_queue", "lab_plate", "lab_run"),
        group=TESTING,
    ),
    Place(
        "site_days",
        _("In the sites"),
        Right.SITE_WORK,
        ("site_day", "site_sheet", "site_leaving", "site_near", "site_near_one", "site_staff"),
        group=ISOLATION,
    ),
    Place("doors", _("Doors of today"), Right.HOME_CARE, group=ISOLATION),
    Place("home_care", _("At home"), Right.HOME_CARE, group=ISOLATION),
    Place("site_hand_overs", _("Coming home"), Right.HOME_CARE, group=ISOLATION),
    Place("transfers", _("Transfers"), Right.SITUATION_READ, group=ISOLATION),
    Place("crew", _("For the crew"), Right.TRANSFER_CARRY, group=ISOLATION),
    Place("zones", _("Zones"), Right.SITUATION_READ, ("zone",), group=AREAS),
    Place("inside", _("Inside the zones"), Right.ZONE_SERVE, group=AREAS),
    Place("places_unmatched", _("Places"), Right.PLACE_MATCH, group=TRACING),
    Place("command", _("Command centre"), Right.SITUATION_READ, group=COMMAND),
    Place("level", _("Response level"), Right.SITUATION_READ, group=COMMAND),
    Place("teams", _("Teams"), Right.SITUATION_READ, ("team",), group=COMMAND),
    Place(
        "reports", _("Daily report"), Right.REPORT_READ, ("report_area", "report_units", "report_unit"), group=COMMAND
    ),
    Place("cards", _("Disease cards"), Right.CARD_FILL, ("card",), group=TRACING),
    Place("bulletins", _("Bulletins"), Right.REPORT_READ, ("bulletin", "situation_report"), group=COMMAND),
    Place(
        "oversight",
        _("Oversight"),
        Right.REPORT_READ,
        ("findings", "finding", "finding_new", "rewards"),
        group=COMMAND,
    ),
    Place("complaints", _("Complaints"), Right.COMPLAINT_TAKE, ("complaint",), group=COMMAND),
    Place("protocol", _("Protocol"), Right.PROTOCOL_READ, group=RULES),
    Place("journal", _("Journal"), Right.JOURNAL_READ, group=RULES),
    Place("drill", _("Drill"), Right.SITUATION_READ, in_drill=True),
)

MOST_DIGITS = 6  # of a row's number in an address
_RIGHTS = frozenset(place.right for place in NAVIGATION)

# Who works at a door, a table or in a vehicle starts there.
STARTS: dict[Role, str] = {
    Role.GRID_WORKER: "tasks",
    Role.SITE_WORKER: "site_days",
    Role.CREW: "crew",
    Role.LAB_TECHNICIAN: "laboratories",
    Role.LAB_REVIEWER: "laboratories",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the menu as one reader sees it."""

    address: str
    label: str | Promise
    group: str | Promise
    here: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """
    What the reader looks at: an outbreak, on one day, from one jurisdiction.

    `as_of` is the last moment of the day, never later than now except in a replay, where all is over. `moment` is the
    time that an act done on this screen bears: now (in a drill its clock's), or in a replay the chosen day.
    """

    outbreak: Outbreak
    day: date
    as_of: datetime
    moment: datetime
    first_date: date
    last_date: date
    area_code: str

    @property
    def n_days(self) -> int:
        """Days that the slider runs over, counted from 0."""
        return (self.last_date - self.first_date).days

    @property
    def position(self) -> int:
        return (self.day - self.first_date).days

    @property
    def before(self) -> date | None:
        return self.day - timedelta(days=1) if self.day > self.first_date else None

    @property
    def after(self) -> date | None:
        return self.day + timedelta(days=1) if self.day < self.last_date else None

    @property
    def query(self) -> str:
        """The part of an address that keeps the choice across links."""
        return f"outbreak={self.outbreak.slug}&day={self.day.isoformat()}"


def chosen(request: HttpRequest) -> Chosen:
    """Say what the reader looks at; refuse a day or an outbreak that is not there."""
    if not hasattr(request, "_chosen"):
        try:
            request._chosen = _choose(request)
        except SizaoError as refusal:
            request._chosen = refusal  # a page may ask for each of its links
    if isinstance(request._chosen, SizaoError):
        raise request._chosen
    return request._chosen


def _choose(request: HttpRequest) -> Chosen:
    found = access.outbreaks(request.user)
    if slug := request.GET.get("outbreak"):
        found = found.filter(slug=slug)
    outbreak = found.order_by("-opened_at", "-pk").first()
    if outbreak is None:
        raise NoOutbreak
    last = _last_day(outbreak, request.now)
    day = _day(request.GET.get("day"), outbreak.first_date, last)
    as_of = end_of(day)
    if outbreak.kind != OutbreakKind.REPLAY:
        as_of = min(as_of, request.now)
    return Chosen(
        outbreak=outbreak,
        day=day,
        as_of=as_of,
        moment=as_of if outbreak.kind == OutbreakKind.REPLAY else request.now,
        first_date=outbreak.first_date,
        last_date=last,
        area_code=max(outbreak.area_code, request.user.area_code, key=len),
    )


def _last_day(outbreak: Outbreak, now: datetime) -> date:
    """Give the last day there is anything to see of: today, or the last one of what is over."""
    today = max(timezone.localtime(now).date(), outbreak.first_date)
    if outbreak.last_date is None:
        return today
    return min(outbreak.last_date, today) if outbreak.kind == OutbreakKind.DRILL else outbreak.last_date


def _day(text: str | None, first: date, last: date) -> date:
    if not text:
        return last
    try:
        day = date.fromisoformat(text)
    except ValueError as fault:
        raise NotADay(day=text[:40]) from fault
    if not first <= day <= last:
        raise DayOutside(day=day, first=first, last=last)
    return day


def end_of(day: date) -> datetime:
    """The last moment of a civil day of the jurisdiction."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time())) - timedelta(microseconds=1)


def home(account: Account) -> str:
    """Give the address that an account starts from: its own work in the field, else the first place it may see."""
    if own := STARTS.get(Role(account.role)):
        return reverse(own)
    return next((reverse(place.name) for place in NAVIGATION if access.may(account, place.right)), "/")


def rows_before(request: HttpRequest) -> int:
    """Say how many rows of a list stand before those asked for; none where the address gives no such number."""
    text = request.GET.get("start", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


def _menu_of(request: HttpRequest, now_at: Chosen | None) -> SafeString:
    """Give the menu of one reader; readers of the same rights on the same page see the same one."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    held = frozenset(right for right in _RIGHTS if access.may(request.user, right))
    query = now_at.query if now_at else ""
    return _written(held, bool(request.drill), here, query, (get_language() or "", get_script_prefix()))


# `around`: the language and the prefix of all addresses, which are in force while it is written.
@lru_cache(maxsize=1000)
def _written(
    held: frozenset[Right],
    in_drill: bool,  # noqa: FBT001
    here: str,
    query: str,
    around: tuple[str, str],  # noqa: ARG001
) -> SafeString:
    return render_to_string("web/menu.html", {"navigation": _menu(list(_entries(held, in_drill, here, query)))})


def _entries(held: frozenset[Right], in_drill: bool, here: str, query: str) -> Iterator[Entry]:  # noqa: FBT001
    for place in NAVIGATION:
        if place.right in held and (in_drill or not place.in_drill):
            is_here = here in (place.name, *place.behind) or here.startswith(f"{place.name}_")
            address = reverse(place.name) + (f"?{query}" if query else "")
            yield Entry(address, place.label, place.group, is_here)


def _menu(entries: list[Entry]) -> list[dict[str, object]]:
    """Gather entries into the parts of the menu, each where its first entry stands; a part of one is that entry."""
    parts: dict[object, list[Entry]] = {}
    for entry in entries:
        alone = not entry.group or len(entries) <= MOST_SIDE_BY_SIDE
        parts.setdefault(entry.address if alone else entry.group, []).append(entry)
    return [
        {"label": group, "entries": found, "alone": len(found) == 1, "here": any(one.here for one in found)}
        for group, found in parts.items()
    ]


def context(request: HttpRequest) -> dict[str, object]:
    """Give the templates what stands on every page; a refusal here must not hide the refusal shown."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"demonstration": demonstration}
    try:
        now_at = chosen(request)
    except SizaoError:
        now_at = None
    others = [(key, value) for key, value in request.GET.items() if key not in {"day", "outbreak"}]
    return {
        "chosen": now_at,
        "menu": _menu_of(request, now_at),
        "home": home(request.user),
        "n_unread": SimpleLazyObject(lambda: notices.unread(request.user)),
        "other_query": others,
    }
