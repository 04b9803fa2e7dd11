"""One picture of an outbreak on a day: what is known, what is late, what is proposed, what was decided."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from sizao.adapters import outbreak_files
from sizao.records.models import (
    Area,
    Contact,
    ContactChange,
    IsolationOrder,
    OfficialArea,
    Outbreak,
    Task,
    Test,
)
from sizao.response.reports.curve import Curve, curve
from sizao.response.reports.known_cases import COUNTY_DIGITS, KnownCases, known_cases
from sizao.response.reports.line_list import stood_at
from sizao.response.reports.standing_zones import StandingZone, in_force, official_on, standing, zones_at
from sizao.terms import LEFT_TO_PEOPLE, CaseStatus, ContactState, OutbreakKind, TaskState, ZoneLevel

PROVINCE_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of a day from rows; `new` is that civil day alone, everything else as it stood at its end."""

    confirmed: int
    confirmed_new: int
    asymptomatic: int
    asymptomatic_new: int
    preliminary: int
    contacts_placed: int
    contacts_unplaced: int
    orders_waiting: int
    tests: int
    tests_new: int
    areas_high: int
    areas_medium: int
    zones_high: int
    zones_medium: int
    official_high: int
    official_medium: int
    tasks_open: int
    tasks_late: int


@dataclass(frozen=True, slots=True)
class County:
    """What stands in one county."""

    code: str
    name: str
    confirmed: int
    asymptomatic: int
    new: int
    zones_high: int
    zones_medium: int
    official_high: int
    official_medium: int


@dataclass(frozen=True, slots=True)
class Late:
    """Tasks of one kind for one role that are past their hour and not done; `since` is the oldest's hour."""

    kind: str
    role: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """The areas of one level that the official list of a day names in one county."""

    level: ZoneLevel
    county_name: str
    areas: tuple[OfficialArea, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """
    The picture of a day.

    `undecided` is what waits past its hour for a person in a replay: nobody signs or submits there, so
    counting it as late would hide what the published facts really show to be late.
    """

    figures: Figures
    counties: tuple[County, ...]
    curve: Curve
    late: tuple[Late, ...]
    undecided: tuple[Late, ...]
    proposed: tuple[StandingZone, ...]
    proposed_today: tuple[StandingZone, ...]
    official: tuple[Listed, ...]


def read(outbreak: Outbreak, area_code: str, *, day: date, last_date: date, as_of: datetime) -> Situation:
    """
    Read the picture of `day` for an area, by what was known at `as_of`.

    `last_date` is the end of the curve's axis, so that it stands still while the day moves.
    """
    cases = known_cases(outbreak, area_code, as_of=as_of)
    zones = sorted(standing(zones_at(outbreak, area_code, as_of=as_of)), key=_gravest_first)
    official = official_on(outbreak, area_code, day=day)
    overdue = _overdue(outbreak, area_code, as_of)
    undecided = tuple(one for one in overdue if outbreak.kind == OutbreakKind.REPLAY and one.kind in LEFT_TO_PEOPLE)
    late = tuple(one for one in overdue if one not in undecided)
    counties = _counties(cases, zones, official, day)
    # The published series is of the whole province; beside a part of it, it would mislead.
    series = outbreak_files.official_new_confirmed(outbreak.slug) if len(area_code) <= PROVINCE_DIGITS else {}
    return Situation(
        figures=_figures(outbreak, area_code, cases, zones, official, sum(one.count for one in late), day, as_of),
        counties=counties,
        curve=curve(cases, series, first_date=outbreak.first_date, day=day, last_date=last_date),
        late=late,
        undecided=undecided,
        proposed=tuple(zones),
        proposed_today=tuple(zone for zone in zones if zone.proposed_date == day),
        official=_listed(official, {county.code: county.name for county in counties}),
    )


def _gravest_first(zone: StandingZone) -> tuple[bool, str]:
    return zone.level is not ZoneLevel.HIGH, zone.area_code


def _figures(
    outbreak: Outbreak,
    area_code: str,
    cases: list[KnownCases],
    zones: list[StandingZone],
    official: list[OfficialArea],
    n_late: int,
    day: date,
    as_of: datetime,
) -> Figures:
    status: Counter[CaseStatus] = Counter()
    new: Counter[CaseStatus] = Counter()
    for group in cases:
        status[group.status] += group.count
        new[group.status] += group.count * (group.status_date == day)
    proposed = Counter(zone.level for zone in zones)
    listed = Counter(area.level for area in official)
    held = Counter(ZoneLevel(one.level) for group in in_force(official, zones) for one in group)
    tests = _tests(outbreak, area_code, day, as_of)
    return Figures(
        confirmed=status[CaseStatus.CONFIRMED],
        confirmed_new=new[CaseStatus.CONFIRMED],
        asymptomatic=status[CaseStatus.ASYMPTOMATIC],
        asymptomatic_new=new[CaseStatus.ASYMPTOMATIC],
        preliminary=status[CaseStatus.POSITIVE] + status[CaseStatus.SUSPECTED],
        contacts_placed=_contacts(outbreak, area_code, ContactState.PLACED, as_of),
        contacts_unplaced=_contacts(outbreak, area_code, ContactState.FOUND, as_of),
        orders_waiting=_orders_waiting(outbreak, area_code, as_of),
        tests=tests["all"],
        tests_new=tests["new"],
        areas_high=held[ZoneLevel.HIGH],
        areas_medium=held[ZoneLevel.MEDIUM],
        zones_high=proposed[ZoneLevel.HIGH],
        zones_medium=proposed[ZoneLevel.MEDIUM],
        official_high=listed[ZoneLevel.HIGH],
        official_medium=listed[ZoneLevel.MEDIUM],
        tasks_open=_open_tasks(outbreak, area_code, as_of).count(),
        tasks_late=n_late,
    )


def _contacts(outbreak: Outbreak, area_code: str, state: ContactState, as_of: datetime) -> int:
    known = Contact.objects.filter(outbreak=outbreak, area_code__startswith=area_code, found_at__lte=as_of)
    return known.filter(stood_at(ContactChange, "contact", "state", [state], as_of)).count()


def _orders_waiting(outbreak: Outbreak, area_code: str, as_of: datetime) -> int:
    asked = IsolationOrder.objects.filter(outbreak=outbreak, area_code__startswith=area_code, proposed_at__lte=as_of)
    settled = Q(issued_at__lte=as_of) | Q(declined_at__lte=as_of) | Q(ended_at__lte=as_of)
    return asked.exclude(settled).count()


def _tests(outbreak: Outbreak, area_code: str, day: date, as_of: datetime) -> dict[str, int]:
    midnight = timezone.make_aware(datetime.combine(day, time()))
    known = Test.objects.filter(outbreak=outbreak, area_code__startswith=area_code, recorded_at__lte=as_of)
    return known.aggregate(all=Count("id"), new=Count("id", filter=Q(recorded_at__gte=midnight)))


def _open_tasks(outbreak: Outbreak, area_code: str, as_of: datetime) -> QuerySet[Task]:
    asked = Task.objects.filter(outbreak=outbreak, area_code__startswith=area_code, asked_at__lte=as_of)
    over = Q(done_at__lte=as_of) | Q(state=TaskState.CANCELLED, done_at__isnull=True)
    return asked.exclude(over)


def _overdue(outbreak: Outbreak, area_code: str, as_of: datetime) -> tuple[Late, ...]:
    overdue = _open_tasks(outbreak, area_code, as_of).filter(due_at__lt=as_of)
    groups = overdue.values("kind", "role").annotate(count=Count("id"), since=Min("due_at"))
    return tuple(Late(**group) for group in groups.order_by("since", "kind"))


def _counties(
    cases: Iterable[KnownCases], zones: Iterable[StandingZone], official: Iterable[OfficialArea], day: date
) -> tuple[County, ...]:
    by_county: dict[str, Counter[str]] = {}

    def count(area_code: str, what: str, n: int = 1) -> None:
        by_county.setdefault(area_code[:COUNTY_DIGITS], Counter())[what] += n

    for group in cases:
        count(group.county_code, str(group.status), group.count)
        count(group.county_code, "new", group.count * (group.status_date == day))
    for zone in zones:
        count(zone.area_code, f"zones_{zone.level}")
    for area in official:
        count(area.area_code, f"official_{area.level}")
    names = dict(Area.objects.filter(code__in=by_county).values_list("code", "name"))
    rows = (_county(code, names.get(code, ""), counts) for code, counts in by_county.items())
    return tuple(sorted(rows, key=lambda county: (-county.confirmed - county.asymptomatic, county.code)))


def _listed(official: Iterable[OfficialArea], names: Mapping[str, str]) -> tuple[Listed, ...]:
    # They come gravest first and by area, so equal neighbours are one group.
    grouped = groupby(official, key=lambda area: (area.level, area.area_code[:COUNTY_DIGITS]))
    return tuple(Listed(ZoneLevel(level), names.get(code, ""), tuple(areas)) for (level, code), areas in grouped)


def _county(code: str, name: str, counts: Counter[str]) -> County:
    return County(
        code=code,
        name=name,
        confirmed=counts[CaseStatus.CONFIRMED],
        asymptomatic=counts[CaseStatus.ASYMPTOMATIC],
        new=counts["new"],
        zones_high=counts["zones_high"],
        zones_medium=counts["zones_medium"],
        official_high=counts["official_high"],
        official_medium=counts["official_medium"],
    )
