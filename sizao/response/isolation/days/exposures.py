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
    known = set(SiteExposure.objects.filter(outbreak=outbreak).values_list("source_key", flat=True))
    fresh = [
        _proposal(outbreak, stay, found[stay.person_id], rules)
        for stay in stays.order_by("pk")
        if f"exposure:{stay.pk}" not in known and _concerns(stay, found[stay.person_id])
    ]
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
        source_key=f"exposure:{stay.pk}",
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
    open_ones = list(SiteExposure.objects.filter(outbreak=outbreak, last_risk_at=None).order_by("pk"))
    stays = Stay.objects.in_bulk([int(one.source_key.rpartition(":")[2]) for one in open_ones])
    left = []
    for one in open_ones:
        stay = stays.get(int(one.source_key.rpartition(":")[2]))
        if stay is not None and stay.period.upper is not None:
            one.last_risk_at = stay.period.upper
            left.append(one)
    SiteExposure.objects.bulk_update(left, ["last_risk_at"], batch_size=500)
    return len(left)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


# --- Looking -----------------------------------------------------------------------------------


def of_site(site: IsolationSite, *, as_of: datetime) -> list[SiteExposure]:
    """Give what was found in a site by a moment: not judged yet first, then the latest."""
    found = SiteExposure.objects.filter(site=site, found_at__lte=as_of).select_related("room", "person", "decided_by")
    return sorted(found, key=lambda one: (one.decided_at is not None, -one.found_at.timestamp()))


def near(exposure: SiteExposure, *, as_of: datetime) -> list[Near]:
    """Give the rooms near somebody positive, with who was in each in the days concerned by the ledger of a moment."""
    rooms = {one.pk: one for one in IsolationRoom.objects.filter(pk__in=[one["room"] for one in exposure.rooms])}
    people = _people(exposure, rooms.values(), as_of=as_of)
    return [
        Near(rooms[one["room"]], _lying(one["lies"]), tuple(people.get(one["room"], ())), one["exposed"])
        for one in exposure.rooms
        if one["room"] in rooms
    ]


def people_waiting(site: IsolationSite, *, as_of: datetime) -> set[int]:
    """Say who (by id) was near a positive that nobody has judged yet, or is that person."""
    open_ones = SiteExposure.objects.filter(site=site, found_at__lte=as_of).filter(
        Q(decided_at=None) | Q(decided_at__gt=as_of)
    )
    found: set[int] = set()
    for exposure in open_ones:
        found |= {exposure.person_id}
        found |= {person.pk for room in near(exposure, as_of=as_of) for person, _, _ in room.people}
    return found


def _lying(code: str) -> NextDoor:
    return NextDoor(code)  # type: ignore[call-arg]


def _people(
    exposure: SiteExposure, rooms: Collection[IsolationRoom], *, as_of: datetime
) -> Mapping[int, list[tuple[Person, datetime, datetime | None]]]:
    of_place = {one.place_id: one.pk for one in rooms}
    until = exposure.last_risk_at or as_of
    stays = Stay.objects.filter(
        Q(period__endswith__isnull=True) | Q(period__endswith__gt=exposure.first_risk_at),
        kind=StayKind.ROOM,
        place__in=of_place,
        recorded_at__lte=as_of,
        period__startswith__lt=until,
    )
    found: dict[int, list[tuple[Person, datetime, datetime | None]]] = defaultdict(list)
    for stay in stays.exclude(person=exposure.person_id).select_related("person").order_by("period"):
        found[of_place[stay.place_id]].append((stay.person, stay.period.lower, stay.period.upper))
    return found


# --- Judging -----------------------------------------------------------------------------------


@transaction.atomic
def judge(
    *, exposure: SiteExposure, exposed: Mapping[int, bool], decision: str, by: Account, now: datetime
) -> SiteExposure:
    """
    Say room by room (by id) whether who was in it was exposed, in an officer's own name, with what it rests on.

    A room of the same site that was not listed may be added. Raise JudgedAlready, RoomNotJudged,
    JudgementReasonMissing or the door's refusal.
    """
    found = SiteExposure.objects.select_for_update(of=["self"]).select_related("site", "decided_by").get(pk=exposure.pk)
    access.require(by, Right.ORDER_ISSUE, area_code=found.site.area_code)
    if found.decided_at is not None:
        raise JudgedAlready(by=found.decided_by.username, at=timezone.localtime(found.decided_at))
    if not decision.strip():
        raise JudgementReasonMissing
    listed = [one["room"] for one in found.rooms]
    added = IsolationRoom.objects.filter(site=found.site, pk__in=set(exposed) - set(listed)).order_by("pk")
    numbers = dict(IsolationRoom.objects.filter(pk__in=listed).values_list("pk", "number"))
    for pk in listed:
        if pk not in exposed:
            raise RoomNotJudged(room=numbers[pk])
    more = [{"room": one.pk, "lies": str(NextDoor.UNPLACED), "exposed": None} for one in added]
    found.rooms = [one | {"exposed": exposed[one["room"]]} for one in [*found.rooms, *more]]
    found.decided_at, found.decided_by, found.decision = now, by, decision.strip()[:500]
    found.save(update_fields=["rooms", "decided_at", "decided_by", "decision"])
    n_exposed = sum(exposed.values())
    journal.write("exposure.judged", found, by=by, at=now, rooms=len(found.rooms), exposed=n_exposed)
    return found


def restarts(exposure: SiteExposure, *, as_of: datetime) -> list[Restart]:
    """
    Propose for each person judged to be exposed until when their order would last: the edition's days from the last
    day at risk. None where the edition sets no such days, or they wait for confirmation.
    """
    rules = outbreaks.rules_at(exposure.outbreak, as_of)
    people = {
        person.pk: (person, until)
        for room in near(exposure, as_of=as_of)
        if room.exposed
        for person, _, until in room.people
    }
    orders = orders_of(people, as_of=as_of)
    found = []
    for pk, (person, until) in sorted(people.items(), key=lambda one: one[1][0].number):
        left_risk = _left_risk(exposure, until, as_of)
        found.append(Restart(person, orders.get(pk), left_risk, _restarted(left_risk, rules)))
    return found


def _left_risk(exposure: SiteExposure, left: datetime | None, as_of: datetime) -> date:
    """Say on which day somebody left the risk: their own room, or the positive person theirs, whichever came first."""
    ended = min(one for one in (exposure.last_risk_at, left, as_of) if one is not None)
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
