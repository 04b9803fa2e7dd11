"""
Somebody in a site is found positive: which rooms were near, who was in them, and what an officer judged of each.

By rule the rooms are listed and a clock runs. Who was exposed, and whether their days begin anew, a named person says;
the database lengthens nothing by itself.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from sizao.engines.neighbours import Reach, RoomAt, neighbours
from sizao.errors import SizaoError
from sizao.protocol import Rules, basis
from sizao.protocol.days import Sum, period_end
from sizao.records import access, journal
from sizao.records.models import (
    Account,
    Case,
    IsolationOrder,
    IsolationRoom,
    IsolationSite,
    Outbreak,
    Person,
    SiteExposure,
    Stay,
    Test,
)
from sizao.response import outbreaks
from sizao.response.clocks import clock
from sizao.response.isolation import extending
from sizao.response.isolation.days.inside import orders_of
from sizao.terms import NextDoor, OrderCause, Right, StayKind, TestResult

HOURS = "isolation_site.positive_found_review_hours"
SIDE = "isolation_site.neighbour_rooms_same_side"
ACROSS = "isolation_site.neighbour_rooms_opposite"
VERTICAL = "isolation_site.neighbour_rooms_vertical"
RESTART = "isolation_site.exposure_restart_days"
WINDOW = "investigation.contact_window_days"


class JudgedAlready(SizaoError):
    code = "exposure.judged_already"
    message = "{by} judged this on {at:%Y-%m-%d %H:%M}. What was judged stays; a further positive is judged by itself."


class RoomNotJudged(SizaoError):
    code = "exposure.room_not_judged"
    message = "Room {room} is not judged yet. Say of each room whether who was in it was exposed."


class JudgementReasonMissing(SizaoError):
    code = "exposure.reason_missing"
    message = "Say in a few words what the judgement rests on: who is asked to stay longer will ask."


class NotJudgedYet(SizaoError):
    code = "exposure.not_judged_yet"
    message = "Nobody has judged yet who was exposed. Judge the rooms first."


class NotExposed(SizaoError):
    code = "exposure.not_exposed"
    message = "{number} was not judged to be exposed here, so their order is not lengthened for it."


class LastsLongEnough(SizaoError):
    code = "exposure.lasts_long_enough"
    message = "The order of {number} lasts until {until} already. Nothing is to be lengthened."


class NoOrderToLengthen(SizaoError):
    code = "exposure.no_order"
    message = "{number} is under no order that stands, so none can be lengthened. Name them as a contact instead."


@dataclass(frozen=True, slots=True)
class Near:
    """A room near somebody positive: how it lies, who was in it in the days concerned, and what was judged."""

    room: IsolationRoom
    lies: NextDoor
    people: tuple[tuple[Person, datetime, datetime | None], ...]
    exposed: bool | None


@dataclass(frozen=True, slots=True)
class Restart:
    """Somebody judged to be exposed: their order, and until when it would last by the edition; None: not to be said."""

    person: Person
    order: IsolationOrder | None
    left_risk: date
    until: Sum[date] | None


# --- By rule -----------------------------------------------------------------------------------


@transaction.atomic
def propose(*, outbreak: Outbreak, rules: Rules, by: Account | None, now: datetime) -> int:
    """
    List the rooms near each person found positive while in a room of a site; return how many were found anew.

    It touches nobody: who was exposed is judged by a person, before the edition's hours are over.
    """
    found = _positives(outbreak, now)
    if not found:
        return 0
    stays = Stay.objects.filter(
        kind=StayKind.ROOM, person__in=found, place__isolation_room__isnull=False, recorded_at__lte=now
    ).select_related("place__isolation_room__site")
    # By person and room: a stay is laid anew, under another number, when something is told late of it.
    known = set(SiteExposure.objects.filter(outbreak=outbreak).values_list("person", "room"))
    fresh = []
    for stay in stays.order_by("period", "pk"):
        where = stay.person_id, stay.place.isolation_room.pk
        if where not in known and _concerns(stay, found[stay.person_id]):
            known.add(where)
            fresh.append(_proposal(outbreak, stay, found[stay.person_id], rules))
    SiteExposure.objects.bulk_create(fresh)
    lines = [journal.line("exposure.proposed", one, by=None, at=now, protocol=rules.source) for one in fresh]
    journal.write_many(lines)
    return len(fresh) + _follow_leaving(outbreak)


@dataclass(frozen=True, slots=True)
class _Positive:
    """The day of somebody's first positive specimen or onset, and the moment it became known."""

    day: date
    found_at: datetime


def _positives(outbreak: Outbreak, now: datetime) -> Mapping[int, _Positive]:
    if not IsolationRoom.objects.exists():
        return {}
    found: dict[int, _Positive] = {}
    tests = Test.objects.filter(outbreak=outbreak, result=TestResult.POSITIVE, recorded_at__lte=now)
    for person, day, at in tests.order_by("recorded_at").values_list("person", "taken_date", "recorded_at"):
        known = found.get(person)
        found[person] = _Positive(min(day, known.day), min(at, known.found_at)) if known else _Positive(day, at)
    for case in Case.objects.standing().known_at(now).filter(outbreak=outbreak).order_by("opened_at"):
        days = [one for one in (case.onset_date, case.first_positive_date) if one]
        at = min(case.opened_at, found[case.person_id].found_at) if case.person_id in found else case.opened_at
        if case.person_id in found:
            days.append(found[case.person_id].day)
        found[case.person_id] = _Positive(min(days, default=outbreak.day_of(case.opened_at)), at)
    return found


def _concerns(stay: Stay, positive: _Positive) -> bool:
    """Tell whether somebody was in that room when they were, or became, infectious, before it was known."""
    ended = stay.period.upper
    return stay.period.lower <= positive.found_at and (ended is None or ended >= _start_of(positive.day))


def _proposal(outbreak: Outbreak, stay: Stay, positive: _Positive, rules: Rules) -> SiteExposure:
    room = stay.place.isolation_room
    window = rules.value(WINDOW)
    days = window.whole if window.value is not None else 0
    due_at, cited = clock(rules, HOURS, positive.found_at)
    reach, cited_reach = _reach(rules)
    return SiteExposure(
        outbreak=outbreak,
        site=room.site,
        room=room,
        person_id=stay.person_id,
        found_at=positive.found_at,
        first_risk_at=max(stay.period.lower, _start_of(positive.day - timedelta(days=days))),
        last_risk_at=stay.period.upper,
        due_at=due_at,
        basis=[*cited, *cited_reach, *([basis.entry(window, gives="first_risk_at")] if days else [])],
        rooms=[{"room": one, "lies": str(how), "exposed": None} for one, how in _rooms_near(room, reach)],
        source_key=f"exposure:{outbreak.pk}:{stay.person_id}:{room.pk}",
    )


def _reach(rules: Rules) -> tuple[Reach | None, list[dict[str, Any]]]:
    """Say how far is near by the edition; None where it says nothing of one direction."""
    values = [rules.value(key) for key in (SIDE, ACROSS, VERTICAL)]
    if any(one.value is None for one in values):
        return None, []
    return Reach(*(one.whole for one in values)), [basis.entry(one, gives="rooms") for one in values]


def _rooms_near(room: IsolationRoom, reach: Reach | None) -> list[tuple[int, NextDoor]]:
    rooms = IsolationRoom.objects.filter(site=room.site_id, building=room.building)
    lying = {one.pk: _at(one) for one in rooms}
    of = lying[room.pk]
    if reach is None:
        # Where the edition draws no line, somebody looks at the whole floor.
        of, reach = RoomAt(of.key, of.building, of.floor), Reach(0, 0, 0)
    return [(one.key, how) for one, how in neighbours(of, lying.values(), reach)]


def _at(room: IsolationRoom) -> RoomAt:
    return RoomAt(room.pk, room.building, room.floor, room.position, room.opposite)


def _follow_leaving(outbreak: Outbreak) -> int:
    """Note when somebody left the room in which they were found positive: the risk ended then."""
    open_ones = SiteExposure.objects.filter(outbreak=outbreak, last_risk_at=None).select_related("room")
    people = {one.person_id for one in open_ones}
    ends: dict[tuple[int, int], datetime | None] = {}
    stays = Stay.objects.filter(kind=StayKind.ROOM, person__in=people, place__isolation_room__isnull=False)
    for stay in stays.order_by("period"):  # the last one in a room says whether they are still in it
        ends[stay.person_id, stay.place_id] = stay.period.upper
    left = []
    for one in open_ones:
        if ended := ends.get((one.person_id, one.room.place_id)):
            one.last_risk_at = ended
            left.append(one)
    SiteExposure.objects.bulk_update(left, ["last_risk_at"], batch_size=500)
    return len(left)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


# --- Looking -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FoundRoom:
    """
    A room in which people were found positive, judged together: one household is one question to its neighbours.

    `latest` is what was asked last: what is not judged yet, else the judgement that came last.
    """

    latest: SiteExposure
    people: int
    found_at: datetime
    due_at: datetime | None


def of_site(site: IsolationSite, *, as_of: datetime, outbreak: Outbreak) -> list[FoundRoom]:
    """Give the rooms of a site in which somebody was found positive by a moment: not judged yet first, then latest."""
    rows = SiteExposure.objects.filter(site=site, outbreak=outbreak, found_at__lte=as_of).select_related(
        "room", "decided_by"
    )
    by_room: dict[int, list[SiteExposure]] = defaultdict(list)
    for one in rows.order_by("found_at", "pk"):
        by_room[one.room_id].append(one)
    found = []
    for all_of_room in by_room.values():
        waiting = [one for one in all_of_room if one.decided_at is None]
        latest = waiting[0] if waiting else max(all_of_room, key=lambda one: one.decided_at)
        due_at = min((one.due_at for one in waiting if one.due_at), default=None)
        found.append(FoundRoom(latest, len({one.person_id for one in all_of_room}), all_of_room[0].found_at, due_at))
    return sorted(found, key=lambda one: (one.latest.decided_at is not None, -one.found_at.timestamp()))


def together(exposure: SiteExposure, *, as_of: datetime) -> list[SiteExposure]:
    """Give those found positive in one room who are judged together: the ones that wait, or those of one judgement."""
    of_room = SiteExposure.objects.filter(outbreak=exposure.outbreak_id, room=exposure.room_id)
    alike = Q(decided_at=exposure.decided_at, found_at__lte=as_of) | Q(pk=exposure.pk)
    return list(of_room.filter(alike).select_related("person").order_by("found_at", "pk"))


def near(exposure: SiteExposure, *, as_of: datetime) -> list[Near]:
    """
    Give the rooms near a room in which people are positive, with who was in each in the days concerned.

    The days are those of all who are judged together, by the ledger of a moment.
    """
    judged = together(exposure, as_of=as_of)
    listed = {one["room"]: one for row in judged for one in row.rooms}
    rooms = {one.pk: one for one in IsolationRoom.objects.filter(pk__in=listed)}
    people = _people(judged, rooms.values(), as_of=as_of)
    return [
        Near(rooms[pk], _lying(one["lies"]), tuple(people.get(pk, ())), one["exposed"])
        for pk, one in listed.items()
        if pk in rooms
    ]


def left_at(judged: Collection[SiteExposure]) -> datetime | None:
    """Say when the last of those positive left the room; None while one of them is in it."""
    ends = [one.last_risk_at for one in judged]
    return None if None in ends else max(end for end in ends if end is not None)


def people_waiting(site: IsolationSite, *, as_of: datetime) -> set[int]:
    """Say who (by id) was near a positive that nobody has judged yet, or is that person."""
    open_ones = SiteExposure.objects.filter(site=site, found_at__lte=as_of).filter(
        Q(decided_at=None) | Q(decided_at__gt=as_of)
    )
    by_room = {(one.outbreak_id, one.room_id, one.decided_at): one for one in open_ones}
    found = {one.person_id for one in open_ones}
    for exposure in by_room.values():
        found |= {person.pk for room in near(exposure, as_of=as_of) for person, _, _ in room.people}
    return found


def _lying(code: str) -> NextDoor:
    return NextDoor(code)  # type: ignore[call-arg]


def _people(
    judged: Collection[SiteExposure], rooms: Collection[IsolationRoom], *, as_of: datetime
) -> Mapping[int, list[tuple[Person, datetime, datetime | None]]]:
    of_place = {one.place_id: one.pk for one in rooms}
    until = left_at(judged) or as_of
    since = min(one.first_risk_at for one in judged)
    stays = Stay.objects.filter(
        Q(period__endswith__isnull=True) | Q(period__endswith__gt=since),
        kind=StayKind.ROOM,
        place__in=of_place,
        recorded_at__lte=as_of,
        period__startswith__lt=until,
    )
    found: dict[int, list[tuple[Person, datetime, datetime | None]]] = defaultdict(list)
    for stay in stays.exclude(person__in={one.person_id for one in judged}).select_related("person").order_by("period"):
        found[of_place[stay.place_id]].append((stay.person, stay.period.lower, stay.period.upper))
    return found


# --- Judging -----------------------------------------------------------------------------------


@transaction.atomic
def judge(
    *, exposure: SiteExposure, exposed: Mapping[int, bool], decision: str, by: Account, now: datetime
) -> SiteExposure:
    """
    Say room by room (by id) whether who was in it was exposed, in an officer's own name, with what it rests on.

    It holds for all who were found positive in that room so far: their neighbours are the same.
    A room of the same site that was not listed may be added. Raise JudgedAlready, RoomNotJudged,
    JudgementReasonMissing or the door's refusal.
    """
    of_room = SiteExposure.objects.filter(outbreak=exposure.outbreak_id, room=exposure.room_id)
    list(of_room.select_for_update().order_by("pk"))  # one judgement of a room at a time
    found = of_room.select_related("site", "decided_by").get(pk=exposure.pk)
    access.require(by, Right.ORDER_ISSUE, area_code=found.site.area_code)
    if found.decided_at is not None:
        raise JudgedAlready(by=found.decided_by.username, at=timezone.localtime(found.decided_at))
    if not decision.strip():
        raise JudgementReasonMissing
    judged = together(found, as_of=now)
    listed = [one["room"] for row in judged for one in row.rooms]
    added = IsolationRoom.objects.filter(site=found.site, pk__in=set(exposed) - set(listed)).order_by("pk")
    numbers = dict(IsolationRoom.objects.filter(pk__in=listed).values_list("pk", "number"))
    for pk in listed:
        if pk not in exposed:
            raise RoomNotJudged(room=numbers[pk])
    more = [{"room": one.pk, "lies": str(NextDoor.UNPLACED), "exposed": None} for one in added]
    for row in judged:
        row.rooms = [one | {"exposed": exposed[one["room"]]} for one in [*row.rooms, *more]]
        row.decided_at, row.decided_by, row.decision = now, by, decision.strip()[:500]
    SiteExposure.objects.bulk_update(judged, ["rooms", "decided_at", "decided_by", "decision"])
    n_exposed = sum(exposed.values())
    journal.write_many(
        [journal.line("exposure.judged", one, by=by, at=now, rooms=len(one.rooms), exposed=n_exposed) for one in judged]
    )
    return next(one for one in judged if one.pk == found.pk)


def restarts(exposure: SiteExposure, *, as_of: datetime) -> list[Restart]:
    """
    Propose for each person judged to be exposed until when their order would last: the edition's days from the last
    day at risk. None where the edition sets no such days, or they wait for confirmation.
    """
    rules = outbreaks.rules_at(exposure.outbreak, as_of)
    over_at = left_at(together(exposure, as_of=as_of))
    people = {
        person.pk: (person, until)
        for room in near(exposure, as_of=as_of)
        if room.exposed
        for person, _, until in room.people
    }
    orders = orders_of(people, as_of=as_of)
    found = []
    for pk, (person, until) in sorted(people.items(), key=lambda one: one[1][0].number):
        left_risk = _left_risk(over_at, until, as_of)
        found.append(Restart(person, orders.get(pk), left_risk, _restarted(left_risk, rules)))
    return found


def _left_risk(over_at: datetime | None, left: datetime | None, as_of: datetime) -> date:
    """Say on which day somebody left the risk: their own room, or the positive person theirs, whichever came first."""
    ended = min(one for one in (over_at, left, as_of) if one is not None)
    return timezone.localtime(ended).date()


def _restarted(left_risk: date, rules: Rules) -> Sum[date] | None:
    value = rules.value(RESTART)
    if value.value is None or rules.awaits_confirmation(value):
        return None
    return period_end(left_risk, value)


@transaction.atomic
def lengthen(*, exposure: SiteExposure, person: Person, by: Account, now: datetime) -> IsolationOrder:
    """
    Let the days of somebody judged to be exposed begin anew, as an officer's own act with the edition's days as basis.

    Raise NotJudgedYet, NotExposed, NoOrderToLengthen, LastsLongEnough, or what `extend` raises.
    """
    exposure = SiteExposure.objects.select_related("person", "room", "outbreak").get(pk=exposure.pk)
    if exposure.decided_at is None:
        raise NotJudgedYet
    found = {one.person.pk: one for one in restarts(exposure, as_of=now)}.get(person.pk)
    if found is None:
        raise NotExposed(number=person.number)
    if found.order is None:
        raise NoOrderToLengthen(number=person.number)
    if found.until is not None and found.until.result <= found.order.ends_date:
        raise LastsLongEnough(number=person.number, until=found.order.ends_date)
    return extending.extend(
        order=found.order,
        because=OrderCause.SITE_EXPOSURE,
        on=found.left_risk,
        reason=f"{exposure.room.number}: {exposure.decision}"[:300],
        by=by,
        now=now,
    )
