"""
The doors of a day: what is to be done behind which door, who comes first, for whoever walks from one to the next.

A door has things to do. Each thing says what it is, for whom and by which key it is answered, so that other tasks can
stand at the same door.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, HomeVisit, Outbreak, PersonNeed
from sizao.response.isolation.home.checks import BRING
from sizao.response.isolation.home.visits import UNKNOWN_SUPPLY
from sizao.terms import AREA_DIGITS, AreaLevel, HomeCheckItem, NeedKind, Right, VisitKind, VisitOutcome

STREET, VILLAGE = AREA_DIGITS[AreaLevel.STREET], AREA_DIGITS[AreaLevel.VILLAGE]
CARRIED_OVER = timedelta(days=7)  # what was to be brought is still to be brought; a call of yesterday is over
OF_THE_DAY = (VisitKind.CALL, VisitKind.VISIT)
STILL_OPEN = ("", str(VisitOutcome.NOBODY), str(VisitOutcome.LEFT))
MOST_DOORS = 400  # of one list; nobody walks more in a day


class AreaTooWide(SizaoError):
    code = "home.doors.too_wide"
    message = "Doors are shown for a street or a village, not for a whole county at once. Choose one below."


@dataclass(frozen=True, slots=True)
class Thing:
    """
    One thing to do at a door: by which key it is answered, what it is, for whom, and until when.

    `bring` are items that were found missing; `what` is in somebody's own words.
    """

    key: int
    kind: VisitKind
    person: int
    due_date: date
    is_late: bool
    what: str
    bring: tuple[HomeCheckItem, ...]
    supply_unknown: bool
    outcome: VisitOutcome | None


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody behind a door, as far as whoever knocks needs to know."""

    id: int
    number: str
    name: str | None
    phone: str | None
    needs: tuple[NeedKind, ...]


@dataclass(slots=True)
class Door:
    """A home, where it is, who is in it, and what is to be done there; the most pressing decides its rank."""

    key: str
    area_code: str
    address: str | None
    priority: int
    people: list[Someone] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)


def open_visits(outbreak: Outbreak, within: str, *, day: date, as_of: datetime) -> QuerySet[HomeVisit]:
    """
    Give what is to be done on a day in an area, of orders that stand: of the day itself, and carried over.

    What was answered by `as_of` is left out, unless nobody was met.
    """
    known = HomeVisit.objects.filter(
        outbreak=outbreak, area_code__startswith=within, due_date__lte=day, planned_at__lte=as_of
    )
    known = known.filter(
        Q(due_date=day) | (Q(due_date__gte=day - CARRIED_OVER) & ~Q(kind__in=[str(kind) for kind in OF_THE_DAY]))
    )
    standing = Q(order__isnull=True) | Q(order__ended_at__isnull=True) | Q(order__ended_at__gt=as_of)
    return known.filter(standing).filter(Q(outcome__in=STILL_OPEN) | Q(recorded_at__gt=as_of))


def by_area(outbreak: Outbreak, within: str, *, day: date, as_of: datetime) -> list[tuple[str, int, int]]:
    """Count for each street or village below an area what is to be done, and for how many people."""
    digits = VILLAGE if len(within) >= STREET else STREET
    part = Substr("area_code", 1, digits)
    found = open_visits(outbreak, within, day=day, as_of=as_of).order_by().values(part=part)
    counted = found.annotate(n=Count("pk"), people=Count("person", distinct=True)).order_by("part")
    return [(one["part"], one["n"], one["people"]) for one in counted]


def doors(outbreak: Outbreak, within: str, *, day: date, as_of: datetime, by: Account, now: datetime) -> list[Door]:
    """
    List the doors of a day in a street or village, most pressing first, then by place; the reading is journalled.

    Raise AreaTooWide, or the door's refusal.
    """
    access.require(by, Right.HOME_CARE, area_code=within)
    if len(within) < STREET:
        raise AreaTooWide
    rows = open_visits(outbreak, within, day=day, as_of=as_of).select_related("person")
    visits = list(rows.order_by("-priority", "area_code", "person_id", "kind", "pk")[: MOST_DOORS * 6])
    needs = _needs({one.person_id for one in visits}, as_of)
    found: dict[str, Door] = {}
    people: dict[int, Someone] = {}
    for one in visits:
        key = f"h{one.person.household_id}" if one.person.household_id else f"p{one.person_id}"
        door = found.setdefault(key, Door(key, one.area_code, one.person.address, one.priority))
        door.priority = max(door.priority, one.priority)
        if one.person_id not in people:
            people[one.person_id] = _someone(one, needs)
            door.people.append(people[one.person_id])
        door.things.append(_thing(one, day))
    journal.write_many(
        [
            journal.line("person.read", person, by=by, at=now, right=str(Right.HOME_CARE), purpose="doors")
            for person in {one.person_id: one.person for one in visits}.values()
        ]
    )
    ordered = sorted(found.values(), key=lambda door: (-door.priority, door.area_code, door.address or "", door.key))
    return ordered[:MOST_DOORS]


def _needs(people: Iterable[int], as_of: datetime) -> dict[int, tuple[NeedKind, ...]]:
    found = defaultdict(list)
    known = PersonNeed.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=as_of), person__in=people, recorded_at__lte=as_of
    )
    for person, kind in known.order_by("person", "kind").values_list("person_id", "kind"):
        found[person].append(NeedKind(kind))
    return {person: tuple(kinds) for person, kinds in found.items()}


def _someone(visit: HomeVisit, needs: dict[int, tuple[NeedKind, ...]]) -> Someone:
    person = visit.person
    return Someone(person.pk, person.number, person.name, person.phone, needs.get(person.pk, ()))


def _thing(visit: HomeVisit, day: date) -> Thing:
    items = visit.what.removeprefix(BRING).split(",") if visit.what.startswith(BRING) else []
    is_own = not items and visit.what != UNKNOWN_SUPPLY
    return Thing(
        key=visit.pk,
        kind=VisitKind(visit.kind),
        person=visit.person_id,
        due_date=visit.due_date,
        is_late=visit.due_date < day,
        what=visit.what if is_own else "",
        bring=tuple(HomeCheckItem(one) for one in items),
        supply_unknown=visit.what == UNKNOWN_SUPPLY,
        outcome=VisitOutcome(visit.outcome) if visit.outcome else None,
    )
