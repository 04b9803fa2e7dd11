"""The units in which the risk of an area lies, from the household up to the township, with people and points."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Count, F
from django.utils import timezone

from sizao.engines.zone_cover import Units
from sizao.engines.zone_risk import RiskWeights, visit_points
from sizao.protocol import Rules
from sizao.records.models import Area, Case, Contact, Outbreak, Person, Place, Test, Visit
from sizao.response.zoning.ties import AT_HOME
from sizao.terms import AREA_DIGITS, AreaLevel, ContactKind, PlaceKind, TestResult, ZoneUnit

UNIT_OF_PLACE = {
    PlaceKind.RESIDENTIAL: ZoneUnit.COMPOUND,
    PlaceKind.BUILDING: ZoneUnit.BUILDING,
    PlaceKind.STAIRWELL: ZoneUnit.STAIRWELL,
    PlaceKind.FLOOR: ZoneUnit.FLOOR,
    PlaceKind.HOME: ZoneUnit.HOUSEHOLD,
}
VILLAGE, STREET, COUNTY = (AREA_DIGITS[one] for one in (AreaLevel.VILLAGE, AreaLevel.STREET, AreaLevel.COUNTY))
_UNIT_OF_DIGITS = {VILLAGE: ZoneUnit.VILLAGE, STREET: ZoneUnit.STREET, COUNTY: ZoneUnit.COUNTY}
Key = str | int  # a division code, or the id of a place
# Without a number for lifting, ties of two weeks count: the longest that any edition asks for.
_WINDOW_DAYS = 14


@dataclass(frozen=True, slots=True)
class Unit:
    """
    One unit with all its parts: whom it touches and the points of risk it holds.

    `people` is None where nobody knows. `is_estimated`: the people of what holds it, shared out evenly.
    """

    key: Key
    unit: ZoneUnit
    name: str
    area_code: str
    people: int | None
    points: int
    is_estimated: bool


@dataclass(frozen=True, slots=True, eq=False)
class RiskTree:
    """
    The units of an area that hold risk and what holds them, ready for the engine.

    `allowed` units may be named; one of unknown people is never proposed, since its price is not known.
    `unplaced` are points known only to more than a township.
    """

    units: tuple[Unit, ...]
    columns: Units
    unplaced: int


@dataclass(slots=True)
class _Node:
    key: Key
    unit: ZoneUnit
    name: str
    area_code: str
    parent: Key | None
    own_people: int = 0
    people: int | None = 0
    is_estimated: bool = False
    own_points: int = 0
    parts: list["_Node"] = field(default_factory=list)


def risk_tree(
    outbreak: Outbreak, area_code: str, rules: Rules, named: frozenset[ZoneUnit], now: datetime,
    weights: RiskWeights = RiskWeights(),  # noqa: B008 — frozen
) -> RiskTree:  # fmt: skip
    """
    Gather what ties places of an area to the cases, tests and contacts known at `now`, unit by unit.

    Ties count for as many days as the strict level lasts: an older one would be lifted by now.
    """
    points = points_of(outbreak, area_code, rules, now, weights)
    nodes = _nodes(points)
    _people(nodes)
    return _tree(nodes, named, sum(points.values()) - sum(node.own_points for node in nodes.values()))


def points_of(
    outbreak: Outbreak, area_code: str, rules: Rules, now: datetime, weights: RiskWeights
) -> Counter[Key]:  # fmt: skip
    """Sum the points at each place or area; a home without a place counts at its village."""
    days = rules.need("zones.strict_lift_days").whole if rules.says("zones.strict_lift_days") else _WINDOW_DAYS
    since = outbreak.day_of(now) - timedelta(days=days)
    found: Counter[Key] = Counter()
    case_people = _cases(found, outbreak, area_code, since, now, weights)
    _tests(found, outbreak, area_code, since, now, case_people, weights)
    _contacts(found, outbreak, area_code, since, now, weights)
    _visits(found, outbreak, area_code, since, now, case_people, weights)
    return found


def _home(place_id: int | None, place_kind: str | None, area_code: str) -> Key:
    return place_id if place_id is not None and place_kind in UNIT_OF_PLACE else area_code


_HOME = ("person__household__place_id", "person__household__place__kind", "area_code")


def _cases(
    found: Counter[Key], outbreak: Outbreak, area_code: str, since: date, now: datetime, weights: RiskWeights
) -> dict[int, date]:
    """Add the homes of cases; give the day from which each was infectious, by person."""
    cases = Case.objects.standing().known_at(now).filter(outbreak=outbreak)
    rows = cases.values_list("person_id", *_HOME, "opened_at", "onset_date", "first_positive_date")
    start = {}
    for person, place, kind, code, opened_at, onset, positive in rows.order_by("pk"):
        day = timezone.localtime(opened_at).date()
        if day < since:
            continue
        start[person] = (onset or positive or day) - timedelta(days=2)
        if code.startswith(area_code):
            found[_home(place, kind, code)] += weights.case_at_home
    return start


def _tests(
    found: Counter[Key], outbreak: Outbreak, area_code: str, since: date, now: datetime,
    case_people: Mapping[int, date], weights: RiskWeights,
) -> None:  # fmt: skip
    positive = Test.objects.filter(
        outbreak=outbreak, result=TestResult.POSITIVE, recorded_at__lte=now, taken_date__gte=since,
        area_code__startswith=area_code,
    ).exclude(person__in=list(case_people))  # fmt: skip
    rows = positive.exclude(person__cases__outbreak=outbreak).values_list("person_id", *_HOME).distinct()
    for _, place, kind, code in rows:
        found[_home(place, kind, code)] += weights.positive_test


def _contacts(
    found: Counter[Key], outbreak: Outbreak, area_code: str, since: date, now: datetime, weights: RiskWeights
) -> None:
    contacts = Contact.objects.filter(
        outbreak=outbreak, kind=ContactKind.CLOSE, found_at__lte=now, found_at__date__gte=since,
        area_code__startswith=area_code,
    )  # fmt: skip
    for place, kind, code in contacts.values_list(*_HOME):
        found[_home(place, kind, code)] += weights.contact


def _visits(
    found: Counter[Key], outbreak: Outbreak, area_code: str, since: date, now: datetime,
    case_people: Mapping[int, date], weights: RiskWeights,
) -> None:  # fmt: skip
    visits = Visit.objects.filter(
        outbreak=outbreak, recorded_at__lte=now, last_date__gte=since, person__in=list(case_people),
        area_code__startswith=area_code,
    ).exclude(kind__in=AT_HOME)  # fmt: skip
    rows = visits.values_list(
        "person_id", "place_id", "place__kind", "area_code", "last_date", "started_at", "ended_at"
    )
    for person, place, kind, code, last, started, ended in rows:
        if last >= case_people[person]:
            minutes = (ended - started).total_seconds() / 60 if started and ended else None
            found[_home(place, kind, code)] += visit_points(minutes, weights)


# --- The tree ----------------------------------------------------------------------------------


def _nodes(points: Mapping[Key, int]) -> dict[Key, _Node]:
    """Make a node of each unit with risk, of all units of its village, and of what holds them."""
    ids = [key for key in points if isinstance(key, int)]
    codes = {key for key in points if isinstance(key, str) and len(key) >= STREET}
    codes |= set(Place.objects.filter(pk__in=ids).values_list("area_code", flat=True))
    wanted = {code[:digits] for code in codes for digits in (STREET, VILLAGE) if digits <= len(code)}
    names = dict(Area.objects.filter(code__in=wanted).values_list("code", "short_name"))
    nodes: dict[Key, _Node] = {}
    for code in sorted(wanted, key=lambda one: (len(one), one)):
        parent = code[:STREET] if len(code) == VILLAGE else None
        nodes[code] = _Node(code, _UNIT_OF_DIGITS[len(code)], names.get(code, code), code, parent)
    _add_places(nodes)
    for key, n in points.items():
        if key in nodes:  # what is known to a county only has no unit here
            nodes[key].own_points += n
    return nodes


def _add_places(nodes: dict[Key, _Node]) -> None:
    places = Place.objects.filter(area_code__in=list(nodes), kind__in=list(UNIT_OF_PLACE))
    rows = {one[0]: one for one in places.values_list("pk", "kind", "name", "area_code", "parent_id").order_by("pk")}

    def add(pk: int) -> None:
        if pk in nodes:
            return
        _, kind, name, code, parent = rows[pk]
        if parent in rows:
            add(parent)
        nodes[pk] = _Node(
            pk, UNIT_OF_PLACE[PlaceKind(kind)], name, code, parent if parent in rows else code
        )  # fmt: skip

    for pk in rows:
        add(pk)


def _people(nodes: dict[Key, _Node]) -> None:
    """Count the people of each unit: those registered in places, the census of an area, or a share of the county's."""
    ids = [key for key in nodes if isinstance(key, int)]
    counted = (
        Person.objects.filter(household__place__in=ids).values(place=F("household__place")).annotate(n=Count("pk"))
    )
    for row in counted:
        nodes[row["place"]].own_people = row["n"]
    for node in nodes.values():
        if node.parent is not None:
            nodes[node.parent].parts.append(node)
    for node in reversed(list(nodes.values())):
        # Nobody registered in a building is nobody known, not an empty building.
        node.people = node.own_people + sum(part.people or 0 for part in node.parts) or None
    areas = [node for node in nodes.values() if isinstance(node.key, str)]
    census = _census(node.area_code for node in areas)
    for node in reversed(areas):
        _count_area(node, census)


def _count_area(node: _Node, census: Mapping[str, tuple[int, bool]]) -> None:
    inside = sum(part.people or 0 for part in node.parts)
    if node.area_code not in census:
        node.people = inside or None
        node.is_estimated = bool(inside)
        return
    n, node.is_estimated = census[node.area_code]
    node.people = max(n, inside)
    node.own_people = node.people - inside


def _census(codes: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """Give the people of areas, and whether that is a share of what holds them (evenly, for want of better)."""
    codes = set(codes)
    above = codes | {code[:digits] for code in codes for digits in (STREET, COUNTY) if digits < len(code)}
    known = dict(Area.objects.filter(code__in=above, population__isnull=False).values_list("code", "population"))
    found = {code: (known[code], False) for code in codes if code in known}
    for code in sorted(codes - found.keys(), key=len):
        holder = next((code[:digits] for digits in (STREET, COUNTY) if code[:digits] in known), None)
        if holder is not None:
            siblings = Area.objects.filter(code__startswith=holder, code__regex=rf"^\d{{{len(code)}}}$").count()
            found[code] = (round(known[holder] / max(1, siblings)), True)
    return found


def _tree(nodes: Mapping[Key, _Node], named: frozenset[ZoneUnit], unplaced: int) -> RiskTree:
    rows = {key: row for row, key in enumerate(nodes)}
    units, parents = [], []
    total: dict[Key, int] = defaultdict(int)
    for key in reversed(list(nodes)):
        total[key] += nodes[key].own_points
        if (parent := nodes[key].parent) is not None:
            total[parent] += total[key]
    for key, node in nodes.items():
        parents.append(-1 if node.parent is None else rows[node.parent])
        units.append(Unit(key, node.unit, node.name, node.area_code, node.people, total[key], node.is_estimated))
    columns = Units(
        parent=np.array(parents, np.int64),
        people=np.array([node.own_people for node in nodes.values()], np.int64),
        points=np.array([node.own_points for node in nodes.values()], np.int64),
        allowed=np.array([node.unit in named and node.people is not None for node in nodes.values()], bool),
    )
    return RiskTree(tuple(units), columns, unplaced)
