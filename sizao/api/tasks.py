"""Tasks: what somebody is asked to do, received and finished."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, act_at, now, outbreak
from sizao.api.shapes import PageOf, answers, page
from sizao.records import access, keyset
from sizao.records.models import Task
from sizao.response import tasks
from sizao.terms import Right, Role, TaskKind, TaskState

router = Router(tags=["tasks"])


class TaskOut(Schema):
    """One task: what, of whom, by when, and how it stood."""

    id: int
    kind: TaskKind
    state: TaskState
    role: Role
    area_code: str
    subject_kind: str
    subject_label: str
    asked_at: datetime
    due_at: datetime | None
    is_late: bool
    assigned_to: str | None
    received_at: datetime | None
    received_by: str
    done_at: datetime | None
    done_by: str
    outcome: str
    raised_to: str | None
    raised_at: datetime | None
    basis: list[dict[str, Any]]


class Outcome(Schema):
    """What came of it."""

    outcome: str = Field(max_length=300)


@router.get("/outbreaks/{slug}/tasks", response=answers(PageOf[TaskOut]))
def list_tasks(
    request: HttpRequest,
    slug: str,
    asked: Query[AskedList],
    *,
    mine: bool = False,
    still_open: bool = False,
    kind: TaskKind | None = None,
) -> Any:
    """List the tasks of the jurisdiction; `mine` keeps those asked of the token's role or account."""
    within = outbreak(request, slug, to=Right.TASK_WORK)
    reader, as_of = account(request), asked.moment(request)
    rows = tasks.open_at(within, as_of) if still_open else tasks.known_at(within, as_of)
    rows = rows.filter(area_code__startswith=asked.area_code(reader, Right.TASK_WORK)).select_related(
        "assigned_to", "raised_to"
    )
    if mine:
        rows = rows.filter(pk__in=tasks.waiting_for(reader, within, as_of).order_by().values("pk"))
    if kind:
        rows = rows.filter(kind=kind)
    found = keyset.page(rows, moment="asked_at", older_than=asked.key(), size=asked.size)
    return page(found, lambda row: _task(row, as_of))


@router.get("/tasks", response=answers(PageOf[TaskOut]))
def list_my_tasks(request: HttpRequest, asked: Query[AskedList], *, mine: bool = True) -> Any:
    """List what is open in the jurisdiction over all outbreaks, and of work that belongs to none: one queue."""
    reader, as_of = account(request), asked.moment(request)
    area_code = asked.area_code(reader, Right.TASK_WORK)
    rows = tasks.in_hand(list(access.outbreaks(reader)), as_of, now=now(request))
    if mine:
        rows = tasks.of_account(reader, rows).order_by()
    rows = rows.filter(area_code__startswith=area_code).select_related("assigned_to", "raised_to")
    found = keyset.page(rows, moment="asked_at", older_than=asked.key(), size=asked.size)
    return page(found, lambda row: _task(row, as_of))


@router.post("/tasks/{number}/receive", response=answers(TaskOut))
def receive(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Say that a task was seen and is being worked on."""
    found = _found(request, number)
    at = _moment(request, found, asked)
    return _task(tasks.receive(task=found, by=account(request), now=at), at)


@router.post("/tasks/{number}/finish", response=answers(TaskOut))
def finish(request: HttpRequest, number: int, asked: Query[Asked], what: Outcome) -> Any:
    """Say that a task is done, and what came of it."""
    found = _found(request, number)
    at = _moment(request, found, asked)
    done = tasks.finish(task=found, outcome=what.outcome, by=account(request), now=at)
    return _task(done, at)


def _found(request: HttpRequest, number: int) -> Task:
    found: Task = access.row(Task.objects.all(), what="task", to=Right.TASK_WORK, by=account(request), pk=number)
    return found


def _moment(request: HttpRequest, task: Task, asked: Asked) -> datetime:
    """Say which moment an act bears; of work that belongs to no outbreak, now."""
    return now(request) if task.outbreak is None else act_at(request, task.outbreak, asked)


def _task(row: Task, as_of: datetime) -> TaskOut:
    received = row.received_at is not None and row.received_at <= as_of
    raised = row.raised_at is not None and row.raised_at <= as_of
    done = row.done_at is not None and row.done_at <= as_of
    return TaskOut(
        id=row.pk,
        kind=TaskKind(row.kind),  # type: ignore[call-arg]
        state=tasks.state_at(row, as_of) or TaskState.OPEN,
        role=Role(row.role),  # type: ignore[call-arg]
        area_code=row.area_code,
        subject_kind=row.subject_kind,
        subject_label=row.subject_label,
        asked_at=row.asked_at,
        due_at=row.due_at,
        is_late=not done and row.due_at is not None and row.due_at < as_of,
        assigned_to=row.assigned_to.username if row.assigned_to else None,
        received_at=row.received_at if received else None,
        received_by=row.received_by if received else "",
        done_at=row.done_at if done else None,
        done_by=row.done_by if done else "",
        outcome=row.outcome if done else "",
        raised_to=row.raised_to.username if row.raised_to and raised else None,
        raised_at=row.raised_at if raised else None,
        basis=row.basis,
    )
