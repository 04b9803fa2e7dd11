"""
Who is inside a zone, home by home: where the ledger has each of them, what they need, what was brought and is due.

Where people are is the ledger's and nobody's list. Whoever has no stay on record is said to be unknown, not at home;
who died is said to have died.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from sizao.protocol.zone_services import shipped_zone_services
from sizao.records import journal
from sizao.records.models import Account, Person, PersonNeed, Zone, ZoneRequest
from sizao.response.zoning import households_sql as sql
from sizao.response.zoning.asking import FINAL, open_requests, within
from sizao.response.zoning.inside import home_places
from sizao.terms import NeedKind, Right, Whereabouts, ZoneOutcome, ZoneRequestKind

MOST_HOMES = 60  # of one page; a phone shows no more
SHOWN = tuple(sql.PAGES)


@dataclass(frozen=True, slots=True)
class InsideSummary:
    """
    A zone from inside at a moment: people by where they are, homes, needs, requests, and goods.

    `late` requests are past their clock; `care_waiting` of the open ones ask for care. `homes_due` have waited longer
    for goods than the table of services says, of `homes_inside` in which anybody is.
    """

    people: int
    by_place: Mapping[Whereabouts, int]
    homes: int
    needs: tuple[tuple[NeedKind, int], ...]
    open: int
    late: int
    care_waiting: int
    served: int
    refused: int
    homes_inside: int
    homes_due: int


@dataclass(frozen=True, slots=True)
class Inhabitant:
    """Somebody who lives in a home inside a zone, as far as whoever knocks needs to know."""

    id: int
    number: str
    name: str | None
    phone: str | None
    place: Whereabouts
    needs: tuple[NeedKind, ...]


@dataclass(slots=True)
class Home:
    """A home inside a zone: where it is, who lives there, what waits, when goods came last and are due."""

    key: int
    area_code: str
    address: str | None
    brought_at: datetime | None
    due_at: datetime
    people: list[Inhabitant] = field(default_factory=list)
    requests: list[ZoneRequest] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HomesPage:
    """A page of homes, and the key behind which the next begins; None on the last."""

    homes: tuple[Home, ...]
    more: int | None


def summary(zone: Zone, *, by: Account, as_of: datetime) -> InsideSummary:
    """Count who is inside a zone and what is asked for there, in the part of it that somebody looks after."""
    given = _given(zone, within(zone, by), as_of)
    with connection.cursor() as cursor:
        cursor.execute(sql.SUMMARY, given)
        places, homes, inside, due, known = cursor.fetchone()
    by_place = {Whereabouts(place): n for place, n in (places or {}).items()}
    needs = Counter({NeedKind(kind): n for kind, n in (known or {}).items()})
    mine = open_requests(zone, as_of=as_of).filter(area_code__startswith=within(zone, by))
    waiting = list(mine.values_list("kind", "due_at"))
    asked = ZoneRequest.objects.filter(zone=zone, area_code__startswith=within(zone, by), recorded_at__lte=as_of)
    over = Counter(asked.filter(done_at__lte=as_of, outcome__in=FINAL).values_list("outcome", flat=True))
    return InsideSummary(
        people=sum(by_place.values()),
        by_place={place: by_place.get(place, 0) for place in Whereabouts},
        homes=homes,
        needs=tuple(needs.most_common()),
        open=len(waiting),
        late=sum(due_at is not None and due_at < as_of for _, due_at in waiting),
        care_waiting=sum(kind == ZoneRequestKind.CARE for kind, _ in waiting),
        served=over[ZoneOutcome.SERVED],
        refused=over[ZoneOutcome.REFUSED],
        homes_inside=inside,
        homes_due=due,
    )


def homes(
    zone: Zone, *, by: Account, as_of: datetime, now: datetime, shown: str = "all", after: int | None = None,
    most: int = MOST_HOMES,
) -> HomesPage:  # fmt: skip
    """
    List the homes of a zone, or of the part somebody looks after, a page at a time; the reading is journalled.

    `shown` is one of SHOWN. People without a household stand alone, under the negative of their row.
    """
    given = _given(zone, within(zone, by), as_of)
    waiting = list(open_requests(zone, as_of=as_of).filter(area_code__startswith=within(zone, by)))
    given |= {"open": [one.pk for one in waiting], "after": after if after is not None else -(2**62), "most": most + 1}
    with connection.cursor() as cursor:
        cursor.execute(sql.PAGES[shown], given)
        rows = cursor.fetchall()
    more = rows[most - 1][0] if len(rows) > most else None
    found = _homes(zone, rows[:most], waiting, as_of)
    people = [one.id for home in found for one in home.people]
    journal.write_many(
        [
            journal.line("person.read", person, by=by, at=now, right=str(Right.ZONE_SERVE), purpose="zone")
            for person in Person.objects.filter(pk__in=people).only("pk", "area_code")
        ]
    )
    return HomesPage(tuple(found), more)


def _given(zone: Zone, area: str, as_of: datetime) -> dict[str, Any]:
    return {
        "within": f"{area}%",
        "places": home_places(zone),
        "as_of": as_of,
        "zone": zone.pk,
        "outbreak": zone.outbreak_id,
        "since": zone.published_at or zone.proposed_at,
        "every": shipped_zone_services().supplies_every,
    }


def _homes(zone: Zone, rows: Sequence[tuple[Any, ...]], waiting: Iterable[ZoneRequest], as_of: datetime) -> list[Home]:
    every, since = shipped_zone_services().supplies_every, zone.published_at or zone.proposed_at
    found = {key: Home(key, zone.area_code, None, at, (at or since) + every) for key, *_, at in rows}
    alone = [-key for key in found if key < 0]
    people = list(Person.objects.filter(household__in=[key for key in found if key > 0]).order_by("pk"))
    people += Person.objects.filter(pk__in=alone)
    where, needs = _where(people, zone.outbreak_id, as_of), _needs(people, as_of)
    for person in people:
        home = found[person.household_id or -person.pk]
        home.area_code, home.address = person.area_code, home.address or person.address
        home.people.append(
            Inhabitant(
                person.pk,
                person.number,
                person.name,
                person.phone,
                where[person.pk],
                tuple(needs.get(person.pk, ())),
            )  # fmt: skip
        )
    for request in sorted(waiting, key=lambda one: (one.due_at is None, one.due_at, one.pk)):
        home = found.get(request.household_id or -(request.person_id or 0))
        if home is not None:
            home.requests.append(request)
    return list(found.values())


def _where(people: Iterable[Person], outbreak_id: int, as_of: datetime) -> dict[int, Whereabouts]:
    with connection.cursor() as cursor:
        cursor.execute(sql.WHERE, {"people": [one.pk for one in people], "outbreak": outbreak_id, "as_of": as_of})
        return {person: Whereabouts(kind) for person, kind in cursor.fetchall()}


def _needs(people: Iterable[Person], as_of: datetime) -> dict[int, list[NeedKind]]:
    found: dict[int, list[NeedKind]] = defaultdict(list)
    known = PersonNeed.objects.filter(person__in=[one.pk for one in people], recorded_at__lte=as_of)
    for person, kind, ended in known.order_by("kind").values_list("person_id", "kind", "ended_at"):
        if ended is None or ended > as_of:
            found[person].append(NeedKind(kind))
    return found
