"""
What waits in numbers is asked for once: one task a county and day, not one for each person.

Contacts to be moved, orders and zones to be decided on, and places to be matched.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from sizao.protocol import Rules
from sizao.records.models import Area, Contact, IsolationOrder, Outbreak, Task, UnmatchedPlace, Zone
from sizao.response import outbreaks
from sizao.response.clocks import clock
from sizao.response.tasks.closing import closed, still_open
from sizao.terms import (
    AREA_DIGITS,
    AreaLevel,
    ContactKind,
    ContactState,
    OrderState,
    Role,
    TaskEnd,
    TaskKind,
    ZoneState,
)

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]


@dataclass(frozen=True, slots=True)
class Gathering:
    """One kind of group: who is asked, what waits (area, moment), and the clock that runs, if any."""

    kind: TaskKind
    role: Role
    subject_kind: str
    waiting: Callable[[Outbreak, datetime], Iterable[tuple[str, datetime]]]
    hours: str | None = None


def _contacts(outbreak: Outbreak, now: datetime) -> Iterable[tuple[str, datetime]]:
    waiting = Contact.objects.filter(outbreak=outbreak, kind=ContactKind.CLOSE, state=ContactState.FOUND)
    return waiting.filter(found_at__lte=now).values_list("area_code", "found_at")


def _orders(outbreak: Outbreak, now: datetime) -> Iterable[tuple[str, datetime]]:
    waiting = IsolationOrder.objects.filter(outbreak=outbreak, state=OrderState.PROPOSED)
    return waiting.filter(proposed_at__lte=now).values_list("area_code", "proposed_at")


def _zones(outbreak: Outbreak, now: datetime) -> Iterable[tuple[str, datetime]]:
    waiting = Zone.objects.filter(outbreak=outbreak, state=ZoneState.PROPOSED)
    return waiting.filter(proposed_at__lte=now).values_list("area_code", "proposed_at")


def _places(outbreak: Outbreak, now: datetime) -> Iterable[tuple[str, datetime]]:
    waiting = UnmatchedPlace.objects.filter(outbreak=outbreak, place=None)
    return waiting.filter(noted_at__lte=now).values_list("area_code", "noted_at")


GATHERINGS = (
    Gathering(
        TaskKind.TRANSFER_CONTACT,
        Role.ISOLATION_COORDINATOR,
        "contact",
        _contacts,
        "contacts.close.transfer_hours",
    ),
    # An order must be decided before the person can be moved, so the clock of the transfer runs.
    Gathering(
        TaskKind.SIGN_ORDER, Role.ISOLATION_COORDINATOR, "order", _orders, "contacts.close.transfer_hours"
    ),
    Gathering(TaskKind.DECIDE_ZONE, Role.AREA_OFFICER, "zone", _zones),
    Gathering(TaskKind.MATCH_PLACE, Role.DATA_OFFICER, "place", _places),
)  # fmt: skip
KINDS = tuple(gathering.kind for gathering in GATHERINGS)


@dataclass(slots=True)
class Group:
    """What waits in one county since one day."""

    county: str
    day: date
    count: int
    first_at: datetime


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — each county has its own
    """Ask for each group that is not being asked about; bring the counts of open tasks up to date."""
    rules_of = outbreaks.rules_by_area(outbreak, now)
    found = _waiting(outbreak, now)
    names = area_names(group.county for _, group in found.values())
    standing = {_base(task): task for task in still_open(outbreak, *KINDS)}
    _relabel(standing, found, names)
    closed_before = set(Task.objects.filter(source_key__in=found).values_list("source_key", flat=True))
    return [
        # A group that fills again after its task was closed is asked for anew.
        _task(
            f"{key}@{now.isoformat()}" if key in closed_before else key,
            outbreak,
            *found[key],
            rules_of(found[key][1].county),
            names,
        )  # fmt: skip
        for key in found
        if key not in standing
    ]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of groups in which nothing waits any more."""
    waiting = _waiting(outbreak, now)
    return [
        closed(task, TaskEnd.NOTHING_WAITS, now) for task in still_open(outbreak, *KINDS) if _base(task) not in waiting
    ]


def _waiting(outbreak: Outbreak, now: datetime) -> dict[str, tuple[Gathering, Group]]:
    return {
        _key(outbreak, gathering, group): (gathering, group)
        for gathering in GATHERINGS
        for group in _groups(outbreak, gathering, now)
    }


def _base(task: Task) -> str:
    return task.source_key.partition("@")[0]


def _groups(outbreak: Outbreak, gathering: Gathering, now: datetime) -> list[Group]:
    moments: dict[tuple[str, date], list[datetime]] = defaultdict(list)
    for area_code, moment in gathering.waiting(outbreak, now):
        county = area_code[:COUNTY] or outbreak.area_code
        moments[county, timezone.localtime(moment).date()].append(moment)
    return [Group(county, day, len(all_of), min(all_of)) for (county, day), all_of in sorted(moments.items())]


def _key(outbreak: Outbreak, gathering: Gathering, group: Group) -> str:
    return f"task:{gathering.kind}:{outbreak.pk}:{group.county}:{group.day}"


def area_names(codes: Iterable[str]) -> dict[str, str]:
    """Read the short names of areas by code; one that is not registered is left out."""
    return dict(Area.objects.filter(code__in=set(codes)).values_list("code", "short_name"))


def _label(group: Group, names: dict[str, str]) -> str:
    return f"{names.get(group.county, group.county)} {group.day} × {group.count}"


def _relabel(standing: dict[str, Task], found: dict[str, tuple[Gathering, Group]], names: dict[str, str]) -> None:
    changed = []
    for key in standing.keys() & found.keys():
        task, label = standing[key], _label(found[key][1], names)
        if task.subject_label != label:
            task.subject_label = label
            changed.append(task)
    Task.objects.bulk_update(changed, ["subject_label"], batch_size=500)


def _task(
    key: str, outbreak: Outbreak, gathering: Gathering, group: Group, rules: Rules, names: dict[str, str]
) -> Task:
    due_at, cited = clock(rules, gathering.hours, group.first_at)
    return Task(
        outbreak=outbreak,
        kind=gathering.kind,
        role=gathering.role,
        area_code=group.county,
        subject_kind=gathering.subject_kind,
        subject_id=int(group.county),  # the group has no row of its own: its county stands for it
        subject_label=_label(group, names),
        basis=cited,
        asked_at=group.first_at,
        due_at=due_at,
        source_key=key,
    )
