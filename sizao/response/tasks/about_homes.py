"""People at home: homes to be checked, rooms where a home will not do, dependents, who is worse, who is not reached."""

from collections.abc import Iterator
from datetime import date, datetime

from sizao.protocol import Rules
from sizao.records.models import IsolationOrder, Outbreak, Task
from sizao.response.isolation import home
from sizao.response.tasks.closing import closed, still_open
from sizao.response.tasks.gathered import COUNTY, area_names
from sizao.terms import Role, TaskEnd, TaskKind

KINDS = (TaskKind.CHECK_HOME, TaskKind.FIND_ROOM, TaskKind.FIND_CARER, TaskKind.REACH_HOME, TaskKind.HELP_WORSE)


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask whoever is near for each home to be looked at, and for each person at home who needs somebody to act."""
    wanted = {task.source_key: task for task in _wanted(outbreak, now)}
    asked = set(Task.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    return [task for key, task in wanted.items() if key not in asked]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of which nothing is left: checked, placed, cared for, met again, or the order is over."""
    waiting = list(still_open(outbreak, *KINDS))
    if not waiting:
        return []
    left = {task.source_key for task in _wanted(outbreak, now)}
    return [closed(task, TaskEnd.FACT_ARRIVED, now) for task in waiting if task.source_key not in left]


def _wanted(outbreak: Outbreak, now: datetime) -> Iterator[Task]:
    yield from _to_check(outbreak, now)
    yield from _to_place(outbreak, now)
    yield from _to_care(outbreak, now)
    yield from _to_help(outbreak, now)
    yield from _to_reach(outbreak, now)


def _to_check(outbreak: Outbreak, now: datetime) -> Iterator[Task]:
    """One task for each village and day on which homes were proposed: several are looked at on one walk."""
    since: dict[tuple[str, date], datetime] = {}
    for order in home.unchecked(outbreak, as_of=now).select_related("person").order_by("proposed_at"):
        since.setdefault((home.home_area(order), outbreak.day_of(order.proposed_at)), order.proposed_at)
    names = area_names(code for code, _ in since)
    for (code, day), first_at in sorted(since.items()):
        yield _task(
            outbreak, TaskKind.CHECK_HOME, Role.GRID_WORKER, code, "area", int(code), f"{names.get(code, code)} {day}",
            first_at, f"{code}:{day}",
        )  # fmt: skip


def _to_place(outbreak: Outbreak, now: datetime) -> Iterator[Task]:
    for check in home.unfit(outbreak, as_of=now):
        yield _task(
            outbreak, TaskKind.FIND_ROOM, Role.ISOLATION_COORDINATOR, check.area_code, "order", check.order_id,
            check.person.number, check.recorded_at, str(check.pk),
        )  # fmt: skip


def _to_care(outbreak: Outbreak, now: datetime) -> Iterator[Task]:
    flagged = home.flagged(outbreak, now=now)
    orders = IsolationOrder.objects.filter(pk__in=flagged).select_related("person").order_by("pk")
    seen: set[int] = set()
    for order in orders:
        for person, number in flagged[order.pk]:
            if person not in seen:  # both parents are ordered away: one child, one task
                seen.add(person)
                yield _task(
                    outbreak, TaskKind.FIND_CARER, Role.GRID_WORKER, home.home_area(order), "order", order.pk, number,
                    order.proposed_at, str(person),
                )  # fmt: skip


def _to_help(outbreak: Outbreak, now: datetime) -> Iterator[Task]:
    for act in home.worse(outbreak, as_of=now):
        yield _task(
            outbreak, TaskKind.HELP_WORSE, Role.ISOLATION_COORDINATOR, act.visit.area_code, "visit", act.visit_id,
            act.visit.person.number, act.recorded_at, str(act.signal_id),
        )  # fmt: skip


def _to_reach(outbreak: Outbreak, now: datetime) -> Iterator[Task]:
    for one in home.unreached(outbreak, as_of=now):
        yield _task(
            outbreak, TaskKind.REACH_HOME, Role.ISOLATION_COORDINATOR, one.area_code, "person", one.person_id,
            one.number, one.since, f"{one.person_id}:{one.since.isoformat()}",
        )  # fmt: skip


def _task(  # noqa: PLR0913 — what the kinds differ in
    outbreak: Outbreak,
    kind: TaskKind,
    role: Role,
    area_code: str,
    subject_kind: str,
    subject_id: int,
    label: str,
    asked_at: datetime,
    key: str,
) -> Task:
    return Task(
        outbreak=outbreak,
        kind=kind,
        role=role,
        # Who walks answers for a village, who decides for a county.
        area_code=area_code if role == Role.GRID_WORKER else area_code[:COUNTY],
        subject_kind=subject_kind,
        subject_id=subject_id,
        subject_label=label[:200],
        asked_at=asked_at,
        source_key=f"task:{kind}:{outbreak.pk}:{key}",
    )
