"""Orders nobody was told of in time, objections to be decided on, and areas to be lifted because one was right."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db.models.functions import TruncDate
from django.utils import timezone

from sizao.protocol import Rules
from sizao.records.models import Objection, Outbreak, Task, Zone
from sizao.response.isolation import serving
from sizao.response.tasks.closing import closed, still_open
from sizao.response.tasks.gathered import area_names
from sizao.terms import (
    AREA_DIGITS,
    AreaLevel,
    ObjectionAbout,
    ObjectionDecision,
    ObjectionState,
    Role,
    TaskEnd,
    TaskKind,
    ZoneState,
)

_DECIDING = "objection"
_HIGHER = (AREA_DIGITS[AreaLevel.COUNTY], AREA_DIGITS[AreaLevel.CITY], AREA_DIGITS[AreaLevel.PROVINCE])


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask grid workers to serve what is late, commanders to decide, and one level up where they did not."""
    wanted = {task.source_key: task for task in _wanted(outbreak, now)}
    asked = set(Task.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    return [task for key, task in wanted.items() if key not in asked]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of villages where all were told, of objections decided, and of areas lifted."""
    left = {task.source_key for task in _wanted(outbreak, now)}
    waiting = still_open(outbreak, TaskKind.SERVE_ORDER, TaskKind.DECIDE_OBJECTION, TaskKind.DECIDE_LIFT)
    return [
        closed(task, TaskEnd.NOTHING_WAITS if task.kind == TaskKind.SERVE_ORDER else TaskEnd.FACT_ARRIVED, now)
        for task in waiting
        # Areas are asked about by the stage of areas too; those tasks are not ours to close.
        if task.source_key not in left and (task.kind != TaskKind.DECIDE_LIFT or f":{_DECIDING}:" in task.source_key)
    ]


def _wanted(outbreak: Outbreak, now: datetime) -> Iterator[Task]:
    yield from _to_serve(outbreak, now)
    waiting = Objection.objects.filter(outbreak=outbreak, state=ObjectionState.RECEIVED, received_at__lte=now)
    for one in waiting.order_by("pk"):
        yield _to_decide(one, one.area_code, one.received_at)
        if one.due_at <= now:
            yield _to_decide(one, _above(one.area_code), one.due_at)
    yield from _to_lift(outbreak, now)


def _to_serve(outbreak: Outbreak, now: datetime) -> Iterator[Task]:
    """Give a task for each village and day of issuing in which somebody was not told in time."""
    rows = serving.late(outbreak, now).order_by().annotate(day=TruncDate("issued_at"))
    counts = Counter(rows.values_list("area_code", "day"))
    first = {}
    for area_code, day, issued_at in rows.order_by("-issued_at").values_list("area_code", "day", "issued_at"):
        first[area_code, day] = issued_at
    names = area_names(area_code for area_code, _ in counts)
    for (area_code, day), count in sorted(counts.items()):
        due_at, cited = serving.due(timezone.localtime(first[area_code, day]))
        yield Task(
            outbreak=outbreak,
            kind=TaskKind.SERVE_ORDER,
            role=Role.GRID_WORKER,
            area_code=area_code,
            subject_kind="order",
            subject_id=int(area_code),  # the group has no row of its own: its village stands for it
            subject_label=f"{names.get(area_code, area_code)} {day} × {count}",
            basis=cited,
            asked_at=due_at,
            due_at=due_at,
            source_key=f"task:{TaskKind.SERVE_ORDER}:{outbreak.pk}:{area_code}:{day}",
        )


def _to_decide(objection: Objection, area_code: str, asked_at: datetime) -> Task:
    return Task(
        outbreak_id=objection.outbreak_id,
        kind=TaskKind.DECIDE_OBJECTION,
        role=Role.COMMANDER,
        area_code=area_code,
        subject_kind=_DECIDING,
        subject_id=objection.pk,
        subject_label=objection.number,
        basis=objection.basis,
        asked_at=asked_at,
        due_at=objection.due_at,
        source_key=f"task:{TaskKind.DECIDE_OBJECTION}:{objection.pk}:{asked_at.isoformat()}",
    )


def _above(area_code: str) -> str:
    """Give the code of the level above: of a village or street its county, then city, then province."""
    return next((area_code[:digits] for digits in _HIGHER if digits < len(area_code)), area_code)


def _to_lift(outbreak: Outbreak, now: datetime) -> Iterator[Task]:
    granted = Objection.objects.filter(
        outbreak=outbreak, about=ObjectionAbout.ZONE, decision=ObjectionDecision.GRANTED, decided_at__lte=now
    )
    standing = Zone.objects.filter(pk__in=granted.values("subject_id"), state=ZoneState.PUBLISHED)
    zones = {one.pk: one for one in standing}
    for one in granted.order_by("pk"):
        if one.subject_id in zones:
            yield Task(
                outbreak=outbreak,
                kind=TaskKind.DECIDE_LIFT,
                role=Role.AREA_OFFICER,
                area_code=one.area_code,
                subject_kind="zone",
                subject_id=one.subject_id,
                subject_label=f"{zones[one.subject_id].name} · {one.number}"[:200],
                basis=one.basis,
                asked_at=one.decided_at or now,
                due_at=None,
                source_key=f"task:{TaskKind.DECIDE_LIFT}:{_DECIDING}:{one.pk}",
            )
