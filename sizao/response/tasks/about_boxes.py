"""Boxes of tubes: one that was not received by the moment the edition sets is brought to its laboratory."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from sizao.protocol import Rules
from sizao.records.models import HandOver, Outbreak, SampleBox, Task
from sizao.response.tasks.closing import closed, still_open
from sizao.terms import HandOverKind, Role, TaskEnd, TaskKind


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask whoever carries a late box, or the coordinator while nobody does; once for each box."""
    wanted = {_key(box): box for box in _late(outbreak, now)}
    asked = set(Task.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    return [_task(key, box, outbreak) for key, box in wanted.items() if key not in asked]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of boxes that were received, and of those that turned out not to be late, or to be empty."""
    waiting = list(still_open(outbreak, TaskKind.FETCH_BOX))
    received = dict(
        SampleBox.objects.filter(pk__in=[one.subject_id for one in waiting], received_at__lte=now).values_list(
            "pk", "received_at"
        )
    )
    late = {box.pk for box in _late(outbreak, now)}
    return [
        closed(task, TaskEnd.FACT_ARRIVED, received[task.subject_id])
        if task.subject_id in received
        else closed(task, TaskEnd.NOTHING_WAITS, now)
        for task in waiting
        if task.subject_id in received or task.subject_id not in late
    ]


def _late(outbreak: Outbreak, now: datetime) -> list[SampleBox]:
    carried = HandOver.objects.filter(
        box=OuterRef("pk"), happened_at__lte=now, kind__in=[HandOverKind.PICKED_UP, HandOverKind.PASSED_ON]
    )
    out = SampleBox.objects.filter(round__outbreak=outbreak, round__archived_at=None, transport_due_at__lt=now)
    late = out.filter(Q(received_at=None) | Q(received_at__gt=now)).annotate(is_carried=Exists(carried))
    return list(late.select_related("site__place", "laboratory", "round").order_by("transport_due_at", "pk"))


def _key(box: SampleBox) -> str:
    return f"task:{TaskKind.FETCH_BOX}:{box.pk}"


def _task(key: str, box: SampleBox, outbreak: Outbreak) -> Task:
    names = [box.code, box.site.place.name if box.site else "", box.laboratory.name if box.laboratory else ""]
    return Task(
        outbreak=outbreak,
        kind=TaskKind.FETCH_BOX,
        role=Role.COURIER if box.is_carried else Role.TESTING_COORDINATOR,
        area_code=box.area_code,
        subject_kind="box",
        subject_id=box.pk,
        subject_label=" → ".join(name for name in names if name)[:200],
        basis=[entry for entry in box.basis if entry["gives"] == "transport_due_at"],
        asked_at=box.transport_due_at,
        due_at=box.transport_due_at,
        source_key=key,
    )
