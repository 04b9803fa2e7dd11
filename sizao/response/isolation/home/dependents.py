"""
Nobody is left alone by an order: before somebody is taken to a site, it is known who looks after whom they care for.

Somebody is dependent who is 14 or under, or has a need that says so. Somebody can look after them who stays at home, is
of age and not dependent. A person whose birthday is not known counts as able: the register says nothing else.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, DependentCare, IsolationOrder, Outbreak, Person
from sizao.response.isolation.home.visits import years_before
from sizao.terms import NeedKind, OrderKind, OrderState, Right, StayKind

CHILD_UNTIL = 15  # 14 or under, as the exemptions of the editions count children
OF_AGE = 18
DEPENDENT = (NeedKind.NOT_SELF_CARING, NeedKind.CHILD_ALONE, NeedKind.OLD_ALONE, NeedKind.STRETCHER, NeedKind.INFANT)
AWAY = (StayKind.ROOM, StayKind.BED, StayKind.VEHICLE)


class LeftAlone(SizaoError):
    code = "order.left_alone"
    message = (
        "Who looks after {people}? This order would leave them alone at home. Record who does, or let them go along."
    )


class CarerMissing(SizaoError):
    code = "home.carer.missing"
    message = "Say who looks after this person and how: moves in, takes them in, or a care home."


_LEFT_ALONE = """
WITH going AS (
    SELECT o.person_id, p.household_id FROM records_isolationorder o JOIN records_person p ON p.id = o.person_id
    WHERE o.kind = %(central)s AND p.household_id = ANY(%(households)s)
      AND (o.id = ANY(%(orders)s) OR (o.state = %(issued)s AND o.ends_date >= %(day)s))
), away AS (
    SELECT person_id FROM going
    UNION SELECT s.person_id FROM records_stay s JOIN records_person p ON p.id = s.person_id
    WHERE p.household_id = ANY(%(households)s) AND s.period @> %(now)s AND s.kind = ANY(%(away)s)
), stays AS (
    SELECT p.id, p.number, p.household_id, p.birth_date,
        (p.birth_date > %(child_since)s OR EXISTS (
            SELECT FROM records_personneed n WHERE n.person_id = p.id AND n.ended_at IS NULL AND n.kind = ANY(%(needs)s)
        )) IS TRUE AS dependent
    FROM records_person p
    WHERE p.household_id = ANY(%(households)s) AND NOT EXISTS (SELECT FROM away WHERE away.person_id = p.id)
)
SELECT d.household_id, d.id, d.number FROM stays d
WHERE d.dependent
  AND NOT EXISTS (
      SELECT FROM stays able WHERE able.household_id = d.household_id AND NOT able.dependent
        AND (able.birth_date IS NULL OR able.birth_date <= %(of_age_since)s)
  )
  AND NOT EXISTS (
      SELECT FROM records_dependentcare c
      WHERE c.person_id = d.id AND c.outbreak_id = %(outbreak)s AND c.ended_at IS NULL
  )
ORDER BY d.id
"""


def left_alone(orders: Sequence[IsolationOrder], *, now: datetime) -> dict[int, tuple[tuple[int, str], ...]]:
    """
    Say for each order to a site whom it would leave alone, as (id, number) of people; orders of nobody's are left out.

    Orders given are taken as issued together, with those issued already. Two questions, however many there are.
    """
    central = [one for one in orders if one.kind == OrderKind.CENTRAL]
    of_household = defaultdict(list)
    people = Person.objects.filter(pk__in=[one.person_id for one in central], household__isnull=False)
    households = dict(people.values_list("pk", "household_id"))
    for one in central:
        if one.person_id in households:
            of_household[households[one.person_id]].append(one.pk)
    if not of_household:
        return {}
    day = central[0].outbreak.day_of(now)
    given = {
        "central": str(OrderKind.CENTRAL),
        "issued": str(OrderState.ISSUED),
        "households": list(of_household),
        "orders": [one.pk for one in central],
        "outbreak": central[0].outbreak_id,
        "day": day,
        "now": now,
        "away": [str(kind) for kind in AWAY],
        "needs": [str(kind) for kind in DEPENDENT],
        "child_since": years_before(day, CHILD_UNTIL),
        "of_age_since": years_before(day, OF_AGE),
    }
    found = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LEFT_ALONE, given)
        for household, person, number in cursor.fetchall():
            found[household].append((person, number))
    return {order: tuple(left) for household, left in found.items() for order in of_household[household]}


def require_carer(order: IsolationOrder, *, now: datetime) -> None:
    """Refuse an order to a site that would leave somebody alone. Raise LeftAlone."""
    require_nobody_left(left_alone([order], now=now).get(order.pk, ()))


def require_nobody_left(left: Sequence[tuple[int, str]]) -> None:
    """Refuse where somebody, told by (id, number), would be left alone. Raise LeftAlone."""
    if left:
        raise LeftAlone(people=", ".join(number for _, number in left))


def flagged(outbreak: Outbreak, *, now: datetime) -> dict[int, tuple[tuple[int, str], ...]]:
    """Say of all proposed orders to a site which would leave whom alone."""
    waiting = IsolationOrder.objects.filter(outbreak=outbreak, kind=OrderKind.CENTRAL, state=OrderState.PROPOSED)
    return left_alone(list(waiting.filter(proposed_at__lte=now).select_related("outbreak").order_by("pk")), now=now)


@transaction.atomic
def name_carer(
    *, outbreak: Outbreak, person: Person, carer: str, phone: str, agreed: str, by: Account, now: datetime
) -> DependentCare:
    """
    Record who looks after somebody dependent, and how it was agreed; the one before ends.

    Raise CarerMissing, or the door's refusal.
    """
    access.require(by, Right.HOME_CARE, area_code=person.area_code)
    if not carer.strip() or not agreed.strip():
        raise CarerMissing
    Person.objects.select_for_update().get(pk=person.pk)
    DependentCare.objects.filter(outbreak=outbreak, person=person, ended_at__isnull=True).update(ended_at=now)
    said = DependentCare.objects.create(
        outbreak=outbreak,
        person=person,
        area_code=person.area_code,
        carer=carer.strip()[:60],
        phone=phone.strip()[:40] or None,
        agreed=agreed.strip()[:200],
        recorded_at=now,
        recorded_by=by.username,
        source_key=f"carer:{outbreak.pk}:{person.pk}:{now.isoformat()}",
    )
    journal.write("carer.named", said, by=by, at=now)
    return said
