"""Beds and rooms of a drill: who is taken where as long as there is one, and who goes home, by rule."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from django.db.models import QuerySet

from sizao.drill.rehearsal.office import Office
from sizao.engines.simulation import queues
from sizao.records.models import Case, Contact, IsolationOrder, Person, Place, Stay, Test
from sizao.response import outbreaks, register
from sizao.terms import ContactState, OrderKind, OrderState, PlaceKind, Role, StayKind, TestResult

DISCHARGED = "stay:discharged:"


def take_to_hospital(office: Office, now: datetime) -> int:
    """
    Take cases to hospital: the severely ill first, then who waits longest; who finds no bed goes to a room.
    """
    known = Case.objects.filter(outbreak=office.outbreak).standing().exclude(person__stays__kind=StayKind.BED)
    known = known.exclude(person__stays__source_key__startswith=DISCHARGED)
    waiting = list(known.select_related("person").order_by("opened_at", "pk"))
    taken = Stay.objects.filter(kind=StayKind.BED, period__contains=now).count()
    urgency = [0 if office.asking.is_severe(case.person, now) else 1 for case in waiting]
    queue = queues.arriving(np.arange(len(waiting)), 0, urgency=np.array(urgency, np.int64))
    beds = max(office.rehearsal.means.beds - taken, 0)
    admitted, left = queues.serve(queues.nobody(), queue, beds)
    moves = [_to_bed(office, waiting[one].person, now) for one in admitted.who.tolist()]
    register.move(moves, by=office.staff[Role.ISOLATION_COORDINATOR], now=now)
    in_rooms = Person.objects.filter(stays__in=_stays_in(StayKind.ROOM, now))
    at_home = {case.person for case in waiting} - set(in_rooms)
    to_rooms = [waiting[one].person for one in left.who.tolist() if waiting[one].person in at_home]
    return len(moves) + _to_rooms(office, to_rooms, "case", now)


def discharge(office: Office, now: datetime) -> int:
    """Let cases go home with as many negative tests in a row, as far apart, as the edition in force says."""
    rules = outbreaks.rules_at(office.outbreak, now)
    needed = rules.value("treatment.discharge_tests_count").whole
    apart = timedelta(hours=rules.value("treatment.discharge_test_gap_hours").whole)
    ill = Case.objects.filter(outbreak=office.outbreak).standing().values("person")
    there = Stay.objects.filter(kind__in=(StayKind.BED, StayKind.ROOM), period__contains=now, person__in=ill)
    lying = {stay.person_id: stay for stay in there.select_related("person").order_by("pk")}
    told: dict[int, list[Test]] = defaultdict(list)
    done = Test.objects.filter(outbreak=office.outbreak, person__in=lying, result__isnull=False)
    for test in done.order_by("-taken_date", "-pk"):
        told[test.person_id].append(test)
    free = [
        stay
        for person, stay in lying.items()
        if _is_well(told[person][:needed], needed, apart) and not office.asking.is_severe(stay.person, now)
    ]
    moves = [
        register.Move(one.person, StayKind.HOME, now, f"{DISCHARGED}{one.pk}", one.person.area_code) for one in free
    ]
    register.move(moves, by=office.staff[Role.ISOLATION_COORDINATOR], now=now)
    return len(moves)


def _is_well(latest: list[Test], needed: int, apart: timedelta) -> bool:
    negative = len(latest) == needed and all(test.result == TestResult.NEGATIVE for test in latest)
    days = [test.taken_date for test in latest]
    return negative and all(later - earlier >= apart for later, earlier in pairwise(days))


def _stays_in(kind: StayKind, now: datetime) -> QuerySet[Stay]:
    return Stay.objects.filter(kind=kind, period__contains=now)


def _to_bed(office: Office, person: Person, now: datetime) -> register.Move:
    return register.Move(person, StayKind.BED, now, f"stay:bed:{office.outbreak.pk}:{person.pk}", person.area_code)


def fill_rooms(office: Office, now: datetime) -> int:
    """Take contacts under an order of central isolation to a room, as long as there are rooms."""
    under_order = IsolationOrder.objects.filter(
        outbreak=office.outbreak, state=OrderState.ISSUED, kind=OrderKind.CENTRAL
    )
    waiting = Contact.objects.filter(
        outbreak=office.outbreak, state=ContactState.FOUND, person__in=under_order.values("person")
    ).exclude(person__stays__in=_stays_in(StayKind.ROOM, now))
    people = [one.person for one in waiting.select_related("person").order_by("found_at", "pk")]
    return _to_rooms(office, people, "contact", now)


def _to_rooms(office: Office, people: list[Person], whose: str, now: datetime) -> int:
    """Take people to rooms, as long as there are rooms."""
    room = max(office.rehearsal.means.rooms - _stays_in(StayKind.ROOM, now).count(), 0)
    if not people or not room:
        return 0
    site = _site(office, now)
    moves = [
        register.Move(one, StayKind.ROOM, now, f"stay:room:{whose}:{one.pk}:{now.date()}", site.area_code, site)
        for one in people[:room]
    ]
    register.move(moves, by=office.staff[Role.ISOLATION_COORDINATOR], now=now)
    return len(moves)


def free_rooms(office: Office, now: datetime) -> int:
    """Let people go home whose order has ended."""
    free = Contact.objects.filter(outbreak=office.outbreak, state=ContactState.RELEASED)
    there = Stay.objects.filter(kind=StayKind.ROOM, period__contains=now, person__in=free.values("person"))
    moves = [
        register.Move(stay.person, StayKind.HOME, now, f"stay:home:{stay.pk}", stay.person.area_code)
        for stay in there.select_related("person").order_by("pk")
    ]
    register.move(moves, by=office.staff[Role.ISOLATION_COORDINATOR], now=now)
    return len(moves)


def _site(office: Office, now: datetime) -> Place:
    key = f"drill:{office.rehearsal.slug}:site"
    entry = register.PlaceEntry(key, PlaceKind.ISOLATION_SITE, "演练隔离点", office.rehearsal.area_code)
    return register.register_places([entry], by=None, now=now)[key]
