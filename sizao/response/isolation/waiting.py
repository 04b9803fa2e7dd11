"""Who waits for a room: under an order of central isolation, not yet in a room or bed, and none kept for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from sizao.protocol import Rules, basis, deadline
from sizao.protocol.quarantine import age_on
from sizao.records.models import IsolationOrder, Outbreak, Person, Place, RoomPlacement, Stay
from sizao.response import outbreaks
from sizao.response.clocks import AWAITS
from sizao.response.isolation import needs
from sizao.terms import NeedKind, OrderKind, StayKind

HOURS = "contacts.close.transfer_hours"
CHILD_AGE = "contacts.close.child_age_up_to_years"
CHILD_YEARS = 14  # up to which nobody is left alone in a room where the edition says no age
ADULT_YEARS = 18
_THERE = (StayKind.ROOM, StayKind.BED)
_ACCESSIBLE = frozenset({NeedKind.WHEELCHAIR, NeedKind.STRETCHER})
_CARER_BED = frozenset({NeedKind.NOT_SELF_CARING, NeedKind.STRETCHER})


@dataclass(frozen=True, slots=True)
class Waiter:
    """
    Somebody who waits for a room, and what decides which.

    `longitude` and `latitude` are of the home, None where unknown; `cluster` is the index case, -1 where none is known;
    `age` None where unknown. `due_at` is None where no deadline is known or confirmed.
    """

    order: IsolationOrder
    party: int
    due_at: datetime | None
    cluster: int
    age: int | None
    kinds: tuple[NeedKind, ...]
    longitude: float | None
    latitude: float | None
    child_years: int = CHILD_YEARS

    @property
    def person(self) -> Person:
        return self.order.person

    @property
    def is_child(self) -> bool:
        return self.age is not None and self.age <= self.child_years

    @property
    def may_care(self) -> bool:
        """Tell whether a child may be left with them; an unknown age counts as grown up."""
        grown = self.age is None or self.age >= ADULT_YEARS
        return grown and not _CARER_BED & set(self.kinds)

    @property
    def accessible(self) -> bool:
        return bool(_ACCESSIBLE & set(self.kinds))

    @property
    def family(self) -> bool:
        return NeedKind.INFANT in self.kinds

    @property
    def carer_bed(self) -> bool:
        return bool(_CARER_BED & set(self.kinds))


@dataclass(frozen=True, slots=True)
class Due:
    """How long after somebody was found they should be in a room; None where no value says so or it is unconfirmed."""

    hours: int | None
    entries: tuple[dict[str, Any], ...]

    def at(self, found_at: datetime) -> datetime | None:
        return None if self.hours is None else found_at + timedelta(hours=self.hours)


def due(rules: Rules, now: datetime) -> Due:
    """Read the deadline of a transfer. A value that waits for confirmation sets none, and is named as such."""
    if not rules.says(HOURS):
        return Due(None, ())
    if rules.awaits_confirmation(rules.value(HOURS)):
        return Due(None, (basis.entry(rules.value(HOURS), gives=AWAITS),))
    value = rules.need(HOURS)
    total = deadline(timezone.localtime(now), value)
    return Due(total.amount, (basis.entry(value, gives="due_at"),))


def orders(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> QuerySet[IsolationOrder]:
    """Give the orders, proposed or issued, of people of an area who wait for a room at a moment; first found first."""
    day = outbreak.day_of(as_of)
    mine = {"person": OuterRef("person"), "recorded_at__lte": as_of}
    there = Stay.objects.filter(**mine, period__contains=as_of, kind__in=_THERE)
    kept = RoomPlacement.objects.filter(person=OuterRef("person"), proposed_at__lte=as_of)
    issued = IsolationOrder.objects.filter(
        person=OuterRef("person"), outbreak=outbreak, kind=OrderKind.CENTRAL, pk__lt=OuterRef("pk")
    )
    found = _open(IsolationOrder.objects.filter(outbreak=outbreak, kind=OrderKind.CENTRAL), as_of, day)
    return (
        found.filter(area_code__startswith=area_code)
        .exclude(Exists(there))
        .exclude(Exists(kept.filter(Q(ended_at=None) | Q(ended_at__gt=as_of))))
        .exclude(Exists(_open(issued, as_of, day)))  # one row a person
        .annotate(found_at=Coalesce(F("contact__found_at"), F("proposed_at")))
        .select_related("person", "contact")
        .order_by("found_at", "pk")
    )


def _open(found: QuerySet[IsolationOrder], as_of: datetime, day: date) -> QuerySet[IsolationOrder]:
    stands = Q(declined_at=None) | Q(declined_at__gt=as_of)
    lasts = Q(ended_at=None) | Q(ended_at__gt=as_of)
    # A stage is proposed the day before it begins, so that a room is there in time.
    soon = {"starts_date__lte": day + timedelta(days=1), "ends_date__gte": day}
    return found.filter(stands, lasts, proposed_at__lte=as_of, **soon)


def waiters(found: Sequence[IsolationOrder], outbreak: Outbreak, *, as_of: datetime) -> list[Waiter]:
    """Say of each of many waiting orders, in their order, what decides about a room."""
    rules = outbreaks.rules_at(outbreak, as_of)
    day, clock = outbreak.day_of(as_of), due(rules, as_of)
    known = needs.of_people([one.person_id for one in found], as_of=as_of, day=day)
    homes = _homes([one.person for one in found])
    child = rules.value(CHILD_AGE)
    years = child.whole if child.value is not None else CHILD_YEARS
    return [
        Waiter(
            order=one,
            party=one.person.household_id or -one.person_id,
            due_at=clock.at(one.found_at),
            cluster=(one.contact.index_case_id if one.contact else None) or -1,
            age=age_on(one.person.birth_date, day),
            kinds=known.get(one.person_id, ()),
            longitude=homes[one.person_id][0],
            latitude=homes[one.person_id][1],
            child_years=years,
        )
        for one in found
    ]


def _homes(people: Sequence[Person]) -> dict[int, tuple[float | None, float | None]]:
    """Place each person at the house of their household, else amid the known places of their village, else nowhere."""
    houses = {
        row[0]: row[1:]
        for row in Person.objects.filter(
            pk__in=[one.pk for one in people], household__place__latitude__isnull=False
        ).values_list("pk", "household__place__longitude", "household__place__latitude")
    }
    codes = {one.area_code for one in people if one.pk not in houses}
    located = Place.objects.filter(area_code__in=codes, latitude__isnull=False).values("area_code")
    middles = {
        row["area_code"]: (row["x"], row["y"]) for row in located.annotate(x=Avg("longitude"), y=Avg("latitude"))
    }
    return {one.pk: houses.get(one.pk) or middles.get(one.area_code, (None, None)) for one in people}
