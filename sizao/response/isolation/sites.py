"""
Isolation sites: registered, made ready by a passed check, used, emptied, closed.

A site takes people only while ready or in use. Nobody is put into one that has not passed its check.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, IsolationSite, Place, RoomPlacement, SiteCheck, Stay
from sizao.records.models.room_placement import OPEN_PLACEMENTS
from sizao.terms import SITE_MOVES, Phrase, PlaceKind, Right, SiteState, Words

USABLE = (SiteState.READY, SiteState.IN_USE)


class IsolationSiteUnreadable(SizaoError):
    code = "isolation.site.unreadable"
    message = "The site cannot be taken: {reason}. Correct it and send it again; nothing was kept."


class SiteKnown(SizaoError):
    code = "isolation.site_known"
    message = "{name} is registered in this area already. Open it from the list, or give this one another name."


class SiteCannotMove(SizaoError):
    code = "isolation.site_cannot_move"
    message = "{name} is {was}, so it cannot become {state}. From here it may become: {allowed}."


class SiteNotChecked(SizaoError):
    code = "isolation.site_not_checked"
    message = "{name} has not passed a check since it was last closed. Check it item by item first."


class SiteHasNoRooms(SizaoError):
    code = "isolation.site_has_no_rooms"
    message = "{name} has no rooms on record, so it cannot take anybody. Add its rooms first."


class PeopleInside(SizaoError):
    code = "isolation.people_inside"
    message = "{people} people are in {name} or have a room kept there. Give them other rooms first."


class SiteReasonMissing(SizaoError):
    code = "isolation.site_reason_missing"
    message = "Say in a few words why {name} is closed: who asks later will read it."


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """A site to be registered; unknown coordinates are None. `source` says where it was found."""

    name: str
    area_code: str
    latitude: float | None = None
    longitude: float | None = None
    phone: str = ""
    in_closed_loop: bool = True
    note: str = ""
    source: str = ""

    @property
    def key(self) -> str:
        return f"isolation-site:{self.area_code}:{self.name.strip()}"[:200]


def fault_of(entry: SiteEntry) -> tuple[str, Phrase] | None:
    """Name the field of a site that cannot be taken, and why; None where all can."""
    if not entry.name.strip() or len(entry.name.strip()) > 100:  # noqa: PLR2004 — leaves room for a room's number
        return "name", Phrase("is empty or longer than 100 characters", "为空或超过100字")
    if len(entry.phone) > 40 or len(entry.note) > 300 or len(entry.source) > 200:  # noqa: PLR2004 — of the columns
        return ("phone" if len(entry.phone) > 40 else "note"), Phrase("is too long", "过长")  # noqa: PLR2004
    if (entry.latitude is None) != (entry.longitude is None):
        return "longitude", Phrase("stands alone: give both degrees or none", "须与纬度同时填写或同时留空")
    if entry.latitude is not None and entry.longitude is not None:
        if not -90 <= entry.latitude <= 90:  # noqa: PLR2004 — poles
            return "latitude", Phrase("is no degree from -90 to 90", "不在-90至90之间")
        if not -180 <= entry.longitude <= 180:  # noqa: PLR2004 — date line
            return "longitude", Phrase("is no degree from -180 to 180", "不在-180至180之间")
    return None


@transaction.atomic
def register_site(*, entry: SiteEntry, by: Account, now: datetime) -> IsolationSite:
    """Register one site in reserve. Raise IsolationSiteUnreadable, SiteKnown or the door's refusal."""
    if fault := fault_of(entry):
        raise IsolationSiteUnreadable(reason=Phrase(f"{fault[0]} {fault[1]}", f"{fault[0]} {fault[1].zh}"))
    if not Area.objects.filter(code=entry.area_code).exists():
        code = entry.area_code[:20]
        raise IsolationSiteUnreadable(
            reason=Phrase(f"area_code {code} is no area of the register", f"区划代码 {code} 未登记")
        )
    access.require(by, Right.SITE_MANAGE, area_code=entry.area_code)
    made = register_sites(entries=[entry], by=by, now=now)
    if not made:
        raise SiteKnown(name=entry.name)
    return made[0]


@transaction.atomic
def register_sites(*, entries: Sequence[SiteEntry], by: Account | None, now: datetime) -> list[IsolationSite]:
    """
    Register sites in reserve; return those that are new. One that is registered stays as it is.

    The entries were checked by who read them (`fault_of`); `by` None is the machine's own administrator.
    """
    wanted = {entry.key: entry for entry in entries}
    if by is not None:
        for entry in wanted.values():
            access.require(by, Right.SITE_MANAGE, area_code=entry.area_code)
    known = set(IsolationSite.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    fresh = [entry for key, entry in wanted.items() if key not in known]
    places = Place.objects.bulk_create([_place(entry) for entry in fresh], ignore_conflicts=False)
    who = journal.actor_name(by)
    made = IsolationSite.objects.bulk_create(
        [
            IsolationSite(
                place=place, area_code=entry.area_code, state=SiteState.RESERVE, phone=entry.phone,
                in_closed_loop=entry.in_closed_loop, registered_at=now, registered_by=who, note=entry.note,
                source=entry.source, source_key=entry.key,
            )
            for entry, place in zip(fresh, places, strict=True)
        ]
    )  # fmt: skip
    journal.write_many([journal.line("site.registered", one, by=by, at=now) for one in made])
    return made


def _place(entry: SiteEntry) -> Place:
    return Place(
        kind=PlaceKind.ISOLATION_SITE,
        name=entry.name.strip(),
        area_code=entry.area_code,
        latitude=entry.latitude,
        longitude=entry.longitude,
        source_key=entry.key,
    )


# --- States ------------------------------------------------------------------------------------


@transaction.atomic
def move_site(*, site: IsolationSite, state: SiteState, by: Account, now: datetime, reason: str = "") -> IsolationSite:
    """
    Make a site ready, put it to use or back into reserve, or close it, in one's own name.

    Raise SiteCannotMove, SiteNotChecked and SiteHasNoRooms before it may take people, PeopleInside where it would
    stop taking them while some are there, SiteReasonMissing for closing without one, or the door's refusal.
    """
    if state != SiteState.IN_USE:
        # Whoever is about to put somebody into a room waits here, and then sees the new state.
        spots = Place.objects.select_for_update(no_key=True, of=["self"]).filter(isolation_room__site=site)
        list(spots.order_by("pk").values_list("pk"))
    site = held(site, by)
    was = SiteState(site.state)
    if state not in SITE_MOVES[was]:
        raise SiteCannotMove(name=site.place.name, was=was, state=state, allowed=Words(sorted(SITE_MOVES[was])))
    if state in USABLE:
        _may_take_people(site)
    if state != SiteState.IN_USE and (people := people_of(site)):
        raise PeopleInside(people=people, name=site.place.name)
    if state == SiteState.CLOSED and not reason.strip():
        raise SiteReasonMissing(name=site.place.name)
    return put(site, state, by=by, now=now, reason=reason.strip())


def put(site: IsolationSite, state: SiteState, *, by: Account | None, now: datetime, reason: str = "") -> IsolationSite:
    """Write a held site's new state. For verbs that have decided; screens call `move_site`."""
    site.state = state
    site.opened_at = now if state == SiteState.IN_USE and site.opened_at is None else site.opened_at
    site.closed_at = now if state == SiteState.CLOSED else site.closed_at
    site.save(update_fields=["state", "opened_at", "closed_at"])
    facts = {"reason": reason} if reason else {}
    journal.write(f"site.{state}", site, by=by, at=now, **facts)
    return site


def held(site: IsolationSite, by: Account, right: Right = Right.SITE_MANAGE) -> IsolationSite:
    """Lock a site for somebody who may act on it."""
    found = IsolationSite.objects.select_for_update(of=["self"]).select_related("place").get(pk=site.pk)
    access.require(by, right, area_code=found.area_code)
    return found


def latest_check(site: IsolationSite) -> SiteCheck | None:
    """Give the last check of a site that counts: made since it was last closed."""
    made = SiteCheck.objects.filter(site=site)
    if site.closed_at is not None:
        made = made.filter(checked_at__gt=site.closed_at)
    return made.order_by("-checked_at", "-pk").first()


def _may_take_people(site: IsolationSite) -> None:
    check = latest_check(site)
    if check is None or not check.passed:
        raise SiteNotChecked(name=site.place.name)
    if not site.rooms.exists():
        raise SiteHasNoRooms(name=site.place.name)


def people_of(site: IsolationSite) -> int:
    """Count the people who are in a site, or for whom a room is proposed or kept there."""
    here = Q(place=site.place_id) | Q(place__isolation_room__site=site)
    inside = Stay.objects.filter(here, period__endswith__isnull=True).values_list("person", flat=True)
    kept = RoomPlacement.objects.filter(site=site, state__in=OPEN_PLACEMENTS).values_list("person", flat=True)
    return len({*inside, *kept})


def within(area_code: str, as_of: datetime) -> QuerySet[IsolationSite]:
    """Give the sites of an area that were registered by a moment."""
    found = IsolationSite.objects.filter(area_code__startswith=area_code, registered_at__lte=as_of)
    return found.select_related("place")
