"""
The four clears (四个查清) of an outbreak, an area and a moment: how many people, who, where, under what control.

Everybody concerned is in exactly one cell of group, place and control. The groups are reconciled with their sources:
each row that is nobody of a figure says why, and what is left without a reason is shown as unexplained.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left

from sizao.records.models import Area, Case, CaseChange, Contact, IsolationOrder, Outbreak, Person, PoolMember, Zone
from sizao.response.reports import four_clears_sql as sql
from sizao.response.reports.line_list import LOOKED_AFTER, looked_after, stood_at
from sizao.response.reports.standing_zones import zones_at
from sizao.terms import (
    AREA_DIGITS,
    CaseStatus,
    Clear,
    Concern,
    ContactKind,
    Control,
    NotCounted,
    OrderKind,
    Unclear,
    Whereabouts,
    ZoneLevel,
    ZoneState,
    ZoneUnit,
)

LEVELS = sorted(AREA_DIGITS.values())
CONCERNS = tuple(Concern)
CONTACT_KINDS = (ContactKind.CLOSE, ContactKind.SECONDARY, ContactKind.GENERAL)
ORDER_KINDS = (OrderKind.CENTRAL, OrderKind.HOME, OrderKind.MONITORING)
COUNTED_LEVELS = (ZoneLevel.HIGH, ZoneLevel.MEDIUM)
# A zone of these is known by its code; a part of a village is known by its place, else by nobody.
CODED_UNITS = (ZoneUnit.PROVINCE, ZoneUnit.CITY, ZoneUnit.COUNTY, ZoneUnit.STREET, ZoneUnit.VILLAGE)


@dataclass(frozen=True, slots=True)
class GroupClears:
    """
    A group, reconciled: how many rows its source has in the area, how many people are counted, and why not the others.

    `unexplained` is what no reason covers; it is 0 unless the records contradict each other.
    """

    concern: Concern
    rows: int
    people: int
    not_counted: tuple[tuple[NotCounted, int], ...]
    unexplained: int


@dataclass(frozen=True, slots=True)
class AreaClears:
    """An area below: its people, and for each of the four clears how many it lacks."""

    area_code: str
    name: str
    people: int
    lacking: tuple[tuple[Clear, int], ...]
    is_known_below: bool  # False: people known to no area below, so that figures still add up

    @property
    def is_clear(self) -> bool:
        return not any(count for _, count in self.lacking)


@dataclass(frozen=True, slots=True)
class FourClears:
    """
    The answer for one area at one moment.

    `cells` count people by group, whereabouts and control; `unclear` counts those for whom something is to be settled.
    `zones_unread` are risk areas whose people the register cannot tell: drawn by hand, or a part of a village.
    """

    area_code: str
    as_of: datetime
    people: int
    cells: Mapping[tuple[Concern, Whereabouts, Control], int]
    groups: tuple[GroupClears, ...]
    areas: tuple[AreaClears, ...]
    unclear: tuple[tuple[Unclear, int], ...]
    uncounted_cases: int
    zones_unread: tuple[str, ...]

    @property
    def unexplained(self) -> int:
        return sum(abs(group.unexplained) for group in self.groups)

    @property
    def n_clear(self) -> int:
        return sum(area.is_clear for area in self.areas)

    def by_place(self, concern: Concern | None = None) -> Mapping[tuple[Whereabouts, Control], int]:
        """Sum the cells of one group, or of all, by place and control."""
        summed: Counter[tuple[Whereabouts, Control]] = Counter()
        for (group, place, control), count in self.cells.items():
            if concern in (None, group):
                summed[place, control] += count
        return summed


def four_clears(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> FourClears:
    """Say whom an outbreak concerns in an area at a moment, where each is, under what control, and what is unclear."""
    zones = _zones(outbreak, as_of)
    given = question(outbreak, area_code, as_of=as_of, zones=zones)
    with connection.cursor() as cursor:
        cursor.execute(sql.CELLS, given)
        rows = cursor.fetchall()
    found = [row for row in rows if row[0] is not None]
    counted = {CONCERNS[rank]: (n, elsewhere, first) for area, rank, _, _, n, elsewhere, first, *_ in rows if not area}
    sources, uncounted = _sources(outbreak, area_code, zones, as_of)
    cells: Counter[tuple[Concern, Whereabouts, Control]] = Counter()
    for _, rank, place, control, count, *_ in found:
        cells[CONCERNS[rank], Whereabouts(place), Control(control)] += count
    unclear = [sum(row[6 + place] for row in found) for place in range(len(Unclear))]
    return FourClears(
        area_code=area_code,
        as_of=as_of,
        people=sum(cells.values()),
        cells=cells,
        groups=tuple(_groups(cells, counted, sources)),
        areas=_areas(found, uncounted, area_code),
        unclear=tuple((Unclear(name), n) for name, n in zip(sql.UNCLEAR_COLUMNS, unclear, strict=True)),
        uncounted_cases=sum(uncounted.values()),
        zones_unread=zones.unread,
    )


# --- What is asked -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Zones:
    """The risk areas that stand: by code, by place, and those whose people nobody can tell."""

    codes: tuple[str, ...]
    places: tuple[int, ...]
    unread: tuple[str, ...]


def question(outbreak: Outbreak, area_code: str, *, as_of: datetime, zones: Zones | None = None) -> dict[str, Any]:
    """Give what the question is asked with."""
    zones = zones or _zones(outbreak, as_of)
    return {
        "outbreak": outbreak.pk,
        "as_of": as_of,
        "within": f"{area_code}%",
        "below": below(area_code),
        "open": [str(state) for state in LOOKED_AFTER],
        "kinds": [str(kind) for kind in CONTACT_KINDS],
        "order_kinds": [str(kind) for kind in ORDER_KINDS],
        "discarded": str(CaseStatus.DISCARDED),
        "zone_codes": list(zones.codes),
        "zone_places": list(zones.places),
    }


def below(area_code: str) -> int:
    """Give the digits of the areas directly below; of a village itself."""
    return next((digits for digits in LEVELS if digits > len(area_code)), LEVELS[-1])


def _zones(outbreak: Outbreak, as_of: datetime) -> Zones:
    standing = [
        one.id
        for one in zones_at(outbreak, "", as_of=as_of)
        if one.state == ZoneState.PUBLISHED and one.level in COUNTED_LEVELS
    ]
    codes, places, unread = set(), [], []
    for zone in Zone.objects.filter(pk__in=standing).order_by("pk"):
        if zone.place_id:
            places.append(zone.place_id)
        elif zone.boundary or zone.unit not in set(CODED_UNITS):
            unread.append(zone.name)
        else:
            codes.add(zone.area_code)
    # Whoever lives in a zone inside a zone is found once.
    widest = {code for code in codes if not any(code != other and code.startswith(other) for other in codes)}
    return Zones(tuple(sorted(widest)), tuple(places), tuple(unread))


# --- What is answered --------------------------------------------------------------------------


def _areas(found: Iterable[tuple[Any, ...]], uncounted: Mapping[str, int], area_code: str) -> tuple[AreaClears, ...]:
    summed: dict[str, Counter[str]] = defaultdict(Counter)
    for code, _, _, _, people, uncontrolled, *counts in found:
        named = dict(zip(sql.UNCLEAR_COLUMNS, counts, strict=True))
        summed[code].update(people=people, identity=named["no_name"], location=named["no_place"], control=uncontrolled)
    for code, count in uncounted.items():
        summed[code].update(number=count)
    names = dict(Area.objects.filter(code__in=summed).values_list("code", "name"))
    digits = below(area_code)
    return tuple(
        AreaClears(
            area_code=code,
            name=names.get(code, code),
            people=counts["people"],
            lacking=tuple((clear, counts[str(clear)]) for clear in Clear),
            is_known_below=len(code) >= digits,
        )
        for code, counts in sorted(summed.items())
    )


def _groups(
    cells: Mapping[tuple[Concern, Whereabouts, Control], int],
    counted: Mapping[Concern, tuple[int, int, int]],
    sources: Mapping[Concern, tuple[int, int]],
) -> Iterable[GroupClears]:
    """Set each group's own list against its figure: `counted` are its rows, those in other groups, and its people."""
    for concern in Concern:
        source, nobody = sources[concern]
        n, elsewhere, first = counted.get(concern, (0, 0, 0))
        people = sum(count for (group, _, _), count in cells.items() if group == concern)
        again = n - elsewhere - first
        reasons = ((NotCounted.OTHER_GROUP, elsewhere), (NotCounted.TWICE, again), (NotCounted.NOT_REGISTERED, nobody))
        yield GroupClears(
            concern=concern,
            rows=source,
            people=people,
            not_counted=tuple((why, count) for why, count in reasons if count),
            unexplained=source - people - sum(count for _, count in reasons),
        )


def _sources(
    outbreak: Outbreak, area_code: str, zones: Zones, as_of: datetime
) -> tuple[dict[Concern, tuple[int, int]], dict[str, int]]:
    """
    Count the rows of each group by its own table, as its own list does, and those that name nobody of the register.

    Then, by the areas below, the cases of whom nobody has been asked yet for others.
    """
    cases, uncounted = _cases(outbreak, area_code, as_of)
    contacts = Contact.objects.filter(
        looked_after(as_of), outbreak=outbreak, found_at__lte=as_of, area_code__startswith=area_code
    )
    of_kind = dict(contacts.order_by().values_list("kind").annotate(n=Count("pk")))
    held = _held(outbreak, as_of).filter(area_code__startswith=area_code)
    ordered = _ordered(outbreak, as_of).filter(area_code__startswith=area_code)
    return {
        Concern.CASE: (cases, 0),
        **{concern: (of_kind.get(str(concern), 0), 0) for concern in CONCERNS if concern in CONTACT_KINDS},
        Concern.POOL: (held.count(), held.filter(person__isnull=True).count()),
        Concern.ORDERED: (ordered.count(), 0),
        Concern.ZONE: (_in_zones(area_code, zones, as_of), 0),
    }, uncounted


def _cases(outbreak: Outbreak, area_code: str, as_of: datetime) -> tuple[int, dict[str, int]]:
    known = Case.objects.filter(outbreak=outbreak, opened_at__lte=as_of, area_code__startswith=area_code)
    known = known.exclude(stood_at(CaseChange, "case", "status", [CaseStatus.DISCARDED], as_of))
    not_asked = Q(investigated_at__isnull=True) | Q(investigated_at__gt=as_of)
    rows = known.values_list(Left("area_code", below(area_code))).annotate(
        n=Count("pk"), uncounted=Count("pk", filter=not_asked)
    )
    found = list(rows)
    return sum(n for _, n, _ in found), {code: uncounted for code, _, uncounted in found if uncounted}


def _held(outbreak: Outbreak, as_of: datetime) -> QuerySet[PoolMember]:
    held = PoolMember.objects.filter(round__outbreak=outbreak, added_at__lte=as_of)
    return held.filter(_open("ended_at", as_of), _open("hold__ended_at", as_of), _open("hold__declined_at", as_of))


def _ordered(outbreak: Outbreak, as_of: datetime) -> QuerySet[IsolationOrder]:
    known = IsolationOrder.objects.filter(outbreak=outbreak, proposed_at__lte=as_of)
    return known.filter(_open("ended_at", as_of), _open("declined_at", as_of))


def _open(moment: str, as_of: datetime) -> Q:
    return Q(**{f"{moment}__isnull": True}) | Q(**{f"{moment}__gt": as_of})


def _in_zones(area_code: str, zones: Zones, as_of: datetime) -> int:
    """Count rows: somebody in a zone of a code and in a place of another stands in both."""
    known = Person.objects.filter(registered_at__lte=as_of, area_code__startswith=area_code)
    by_code = sum(known.filter(area_code__startswith=code).count() for code in zones.codes)
    return by_code + known.filter(household__place__in=_within(zones.places)).count()


def _within(places: Iterable[int]) -> set[int]:
    """Give places with all that lies in them: a compound, its buildings, their floors and homes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE inside(id) AS (
                SELECT unnest(%s::bigint[])
                UNION SELECT below.id FROM records_place below JOIN inside ON below.parent_id = inside.id
            ) SELECT id FROM inside""",
            [list(places)],
        )
        return {pk for (pk,) in cursor.fetchall()}
