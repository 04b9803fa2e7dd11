"""Requests of other authorities are answered by their clock; they have no outbreak here."""

from datetime import datetime

from sizao.protocol import Rules
from sizao.records.models import CooperationRequest, Outbreak, Task
from sizao.response.tasks.closing import closed, still_open
from sizao.terms import RequestState, Role, TaskEnd, TaskKind

WAITING = (RequestState.RECEIVED, RequestState.ACCEPTED)


def lacking(outbreak: Outbreak | None, rules: Rules | None, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask the data officers of the area for an answer to each request that came in."""
    tasks = {task.source_key: task for task in map(_task, _waiting(now))} if outbreak is None else {}
    asked = set(Task.objects.filter(source_key__in=tasks).values_list("source_key", flat=True))
    return [task for key, task in tasks.items() if key not in asked]


def settled(outbreak: Outbreak | None, now: datetime) -> list[Task]:
    """Close the tasks of requests that were answered, refused, closed or withdrawn."""
    tasks = list(still_open(outbreak, TaskKind.ANSWER_COOPERATION))
    waiting = {one.pk for one in _waiting(now)} if tasks else set()
    return [closed(task, TaskEnd.FACT_ARRIVED, now) for task in tasks if task.subject_id not in waiting]


def _waiting(now: datetime) -> list[CooperationRequest]:
    found = CooperationRequest.objects.filter(is_incoming=True, state__in=WAITING, received_at__lte=now)
    return list(found.order_by("pk"))


def _task(one: CooperationRequest) -> Task:
    return Task(
        outbreak=None,
        kind=TaskKind.ANSWER_COOPERATION,
        role=Role.DATA_OFFICER,
        area_code=one.area_code,
        subject_kind="cooperation",
        subject_id=one.pk,
        subject_label=one.number,
        basis=one.basis,
        asked_at=one.received_at or one.told_at,
        due_at=one.due_at,
        source_key=f"task:{TaskKind.ANSWER_COOPERATION}:{one.pk}",
    )
