"""Push lists are received and answered where people live; who came back undelivered goes to the sender."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone

from sizao.protocol import Rules, basis, deadline
from sizao.protocol.escalation import shipped_escalation
from sizao.records.models import Outbreak, PushList, Task
from sizao.response.tasks.closing import closed, still_open
from sizao.terms import UNDELIVERED, Role, TaskEnd, TaskKind, Urgency

SUBJECT = "push_list"
KINDS = (TaskKind.RECEIVE_PUSH, TaskKind.ANSWER_PUSH, TaskKind.RESOLVE_PUSH)
Waiting = tuple[PushList, str, datetime, datetime | None, list[dict[str, Any]]]
"""A list, the area asked, since when, until when, and why."""


def lacking(outbreak: Outbreak | None, rules: Rules | None, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask for the receipt of each list, for its results, and for what became of those who came back."""
    asked = set(still_open(outbreak, *KINDS).values_list("kind", "subject_id"))
    return [
        _task(kind, one, now)
        for kind, waiting in _WAITING.items()
        for one in waiting(outbreak, now)
        if (kind, one[0].pk) not in asked
    ]


def settled(outbreak: Outbreak | None, now: datetime) -> list[Task]:
    """Close the tasks of lists that were received, answered, or whose returned people were seen to."""
    tasks = list(still_open(outbreak, *KINDS))
    kinds = {TaskKind(task.kind) for task in tasks}  # type: ignore[call-arg]
    waiting = {(kind, one[0].pk) for kind in kinds for one in _WAITING[kind](outbreak, now)}
    return [
        closed(task, TaskEnd.FACT_ARRIVED, now) for task in tasks if (task.kind, task.subject_id) not in waiting
    ]  # fmt: skip


def _pushed(outbreak: Outbreak | None, now: datetime) -> Any:
    return PushList.objects.filter(outbreak=outbreak, pushed_at__lte=now).order_by("pk")


def _to_receive(outbreak: Outbreak | None, now: datetime) -> Iterable[Waiting]:
    for one in _pushed(outbreak, now).filter(received_at=None):
        yield one, one.area_code, one.pushed_at, one.receipt_due_at, one.receipt_basis


def _to_answer(outbreak: Outbreak | None, now: datetime) -> Iterable[Waiting]:
    for one in _pushed(outbreak, now).filter(received_at__lte=now, done_at=None):
        yield one, one.area_code, one.received_at, one.due_at, one.basis


def _to_resolve(outbreak: Outbreak | None, now: datetime) -> Iterable[Waiting]:
    back = Q(entries__result__in=UNDELIVERED, entries__end="")
    counted = _pushed(outbreak, now).annotate(
        back=Count("entries", filter=back), since=Min("entries__told_at", filter=back)
    )
    hours = shipped_escalation().receipt(Urgency.URGENT)
    for one in counted.filter(back__gt=0):
        total = deadline(timezone.localtime(one.since), hours)
        yield one, one.from_area_code, one.since, total.result, [basis.entry(hours, total, gives="due_at")]


_WAITING: dict[TaskKind, Callable[[Outbreak | None, datetime], Iterable[Waiting]]] = {
    TaskKind.RECEIVE_PUSH: _to_receive,
    TaskKind.ANSWER_PUSH: _to_answer,
    TaskKind.RESOLVE_PUSH: _to_resolve,
}


def _task(kind: TaskKind, waiting: Waiting, now: datetime) -> Task:
    push_list, area_code, since, due_at, cited = waiting
    return Task(
        outbreak_id=push_list.outbreak_id,
        kind=kind,
        role=Role.DATA_OFFICER,
        area_code=area_code,
        subject_kind=SUBJECT,
        subject_id=push_list.pk,
        subject_label=f"{push_list.number} × {push_list.n_people}",
        basis=cited,
        asked_at=since,
        due_at=due_at,
        # Somebody may come back after the others were seen to: then it is asked anew.
        source_key=f"task:{kind}:{push_list.pk}:{(now if kind == TaskKind.RESOLVE_PUSH else since).isoformat()}",
    )
