"""
Rooms and beds of a drill: who waits for one, who may leave, and the moves, by the script or by people at the screens.

Works on records alone, so that pages need no city. How many rooms and beds there are stands in the line of the journal
with which the drill began.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import transaction
from django.db.models import QuerySet

from sizao.drill.rehearsal.steering import BEGUN, lines
from sizao.errors import SizaoError
from sizao.records.models import Account, Case, CaseFact, Contact, IsolationOrder, Outbreak, Person, Place, Stay, Test
from sizao.response import outbreaks, register
from sizao.terms import CaseFactKind, ContactState, OrderKind, OrderState, PlaceKind, StayKind, TestResult

DISCHARGED = "stay:discharged:"
LYING = (StayKind.BED, StayKind.ROOM)


class NoneLeft(SizaoError):
    code = "drill.none_left"
    message = "{people} people were chosen, and {left} are free. Choose fewer, or let people go first."


@dataclass(frozen=True, slots=True)
class Means:
    """How many rooms and beds a drill has."""

    rooms: int
    beds: int


def means_of(outbreak: Outbreak) -> Means:
    """Give the rooms and beds that a drill was begun with; none where nothing says so."""
    begun = lines(outbreak, BEGUN).first()
    facts = begun.facts if begun else {}
    return Means(facts.get("rooms", 0), facts.get("beds", 0))


def taken(kind: StayKind, now: datetime) -> int:
    """Count the rooms, or beds, in which somebody is."""
    return stays_in(kind, now).count()


def stays_in(kind: StayKind, now: datetime) -> QuerySet[Stay]:
    """Give who is in a room, or a bed, at a moment."""
    return Stay.objects.filter(kind=kind, period__contains=now)


# --- Who waits, and who may leave ---------------------------------------------------------------


def waiting_for_bed(outbreak: Outbreak) -> QuerySet[Case]:
    """Give the cases that never had a bed, were never let go and live, by how long they have been known."""
    died = CaseFact.objects.filter(case__outbreak=outbreak, kind=CaseFactKind.DIED, withdrawn_at=None)
    known = Case.objects.filter(outbreak=outbreak).standing().exclude(person__stays__kind=StayKind.BED)
    known = known.exclude(person__stays__source_key__startswith=DISCHARGED).exclude(pk__in=died.values("case"))
    return known.select_related("person").order_by("opened_at", "pk")


def waiting_for_room(outbreak: Outbreak, now: datetime) -> QuerySet[Contact]:
    """Give the contacts under an order of central isolation who are in no room yet, by when they were found."""
    under_order = IsolationOrder.objects.filter(outbreak=outbreak, state=OrderState.ISSUED, kind=OrderKind.CENTRAL)
    waiting = Contact.objects.filter(
        outbreak=outbreak, state=ContactState.FOUND, person__in=under_order.values("person")
    ).exclude(person__stays__in=stays_in(StayKind.ROOM, now))
    return waiting.select_related("person").order_by("found_at", "pk")


def recovered(outbreak: Outbreak, now: datetime) -> list[Stay]:
    """Give the cases that lie with as many negative tests in a row, as far apart, as the edition in force asks."""
    rules = outbreaks.rules_at(outbreak, now)
    needed = rules.value("treatment.discharge_tests_count").whole
    apart = timedelta(hours=rules.value("treatment.discharge_test_gap_hours").whole)
    ill = Case.objects.filter(outbreak=outbreak).standing().values("person")
    there = Stay.objects.filter(kind__in=LYING, period__contains=now, person__in=ill)
    lying = {stay.person_id: stay for stay in there.select_related("person").order_by("pk")}
    told: dict[int, list[Test]] = defaultdict(list)
    for test in Test.objects.filter(outbreak=outbreak, person__in=lying, result__isnull=False).order_by(
        "-taken_date", "-pk"
    ):
        told[test.person_id].append(test)
    return [stay for person, stay in lying.items() if _is_well(told[person][:needed], needed, apart)]


def _is_well(latest: list[Test], needed: int, apart: timedelta) -> bool:
    negative = len(latest) == needed and all(test.result == TestResult.NEGATIVE for test in latest)
    days = [test.taken_date for test in latest]
    return negative and all(later - earlier >= apart for later, earlier in pairwise(days))


def released(outbreak: Outbreak, now: datetime) -> QuerySet[Stay]:
    """Give the contacts whose orders are over and who are still in a room."""
    free = Contact.objects.filter(outbreak=outbreak, state=ContactState.RELEASED)
    there = stays_in(StayKind.ROOM, now).filter(person__in=free.values("person"))
    return there.select_related("person").order_by("pk")


# --- Moves --------------------------------------------------------------------------------------


@transaction.atomic
def to_beds(outbreak: Outbreak, people: Sequence[Person], *, beds: int, by: Account, now: datetime) -> int:
    """Take people to hospital, which has so many beds. Raise NoneLeft where fewer are free."""
    left = beds - taken(StayKind.BED, now)
    if len(people) > left:
        raise NoneLeft(people=len(people), left=max(left, 0))
    moves = [register.Move(one, StayKind.BED, now, f"stay:bed:{outbreak.pk}:{one.pk}", one.area_code) for one in people]
    return len(register.move(moves, by=by, now=now))


@transaction.atomic
def to_rooms(
    outbreak: Outbreak, people: Sequence[Person], *, rooms: int, whose: str, by: Account, now: datetime
) -> int:
    """Take people to the drill's isolation site, which has so many rooms, as contacts or cases. Raise NoneLeft."""
    left = rooms - taken(StayKind.ROOM, now)
    if len(people) > left:
        raise NoneLeft(people=len(people), left=max(left, 0))
    if not people:
        return 0
    site = _site(outbreak, now)
    moves = [
        register.Move(one, StayKind.ROOM, now, f"stay:room:{whose}:{one.pk}:{now.date()}", site.area_code, site)
        for one in people
    ]
    return len(register.move(moves, by=by, now=now))


def send_home(stays: Sequence[Stay], *, discharged: bool, by: Account, now: datetime) -> int:
    """Let people go home from where they lie: `discharged` as cases that are well, else when their order is over."""
    key = DISCHARGED if discharged else "stay:home:"
    moves = [register.Move(one.person, StayKind.HOME, now, f"{key}{one.pk}", one.person.area_code) for one in stays]
    return len(register.move(moves, by=by, now=now))


def _site(outbreak: Outbreak, now: datetime) -> Place:
    key = f"drill:{outbreak.slug}:site"
    entry = register.PlaceEntry(key, PlaceKind.ISOLATION_SITE, "演练隔离点", outbreak.area_code)
    return register.register_places([entry], by=None, now=now)[key]
