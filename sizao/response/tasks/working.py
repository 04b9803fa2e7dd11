"""What people do with a task, and which tasks stood at a moment."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Outbreak, Task
from sizao.response.tasks.about_directives import SUBJECT
from sizao.terms import AREA_DIGITS, TASK_MOVES, Right, Role, TaskState, Words

# Who may take or hand on what another role was asked: they answer for all of it.
IN_CHARGE = (Role.DUTY_OFFICER, Role.COMMANDER)


class TaskCannotMove(SizaoError):
    code = "task.cannot_move"
    message = "This task is {was}, so it cannot become {state}. From here it may become: {allowed}."


class NotForYourRole(SizaoError):
    code = "task.not_for_your_role"
    message = "This task is asked of the role {role}. Leave it to them, or let a duty officer assign it to you."


class TheyCannotTakeIt(SizaoError):
    code = "task.they_cannot_take_it"
    message = "{username} ({role}, {area}) cannot take this task. Choose an account of the area {task_area}."


class OutcomeMissing(SizaoError):
    code = "task.outcome_missing"
    message = "Say in a few words what came of the task, or why it is not needed."


@transaction.atomic
def receive(*, task: Task, by: Account, now: datetime) -> Task:
    """Say that a task was seen and is being worked on."""
    task = _held(task, by, TaskState.RECEIVED)
    task.state, task.received_at, task.received_by = TaskState.RECEIVED, now, by.username
    task.save(update_fields=["state", "received_at", "received_by"])
    journal.write("task.received", task, by=by, at=now, kind=task.kind)
    return task


@transaction.atomic
def finish(*, task: Task, outcome: str, by: Account, now: datetime) -> Task:
    """Say that a task is done, and what came of it."""
    return _close(task, TaskState.DONE, outcome, by=by, now=now)


@transaction.atomic
def cancel(*, task: Task, reason: str, by: Account, now: datetime) -> Task:
    """Say that a task is not needed any more, and why."""
    return _close(task, TaskState.CANCELLED, reason, by=by, now=now)


@transaction.atomic
def assign(*, task: Task, to: Account, by: Account, now: datetime) -> Task:
    """Give a task to one account. Raise TheyCannotTakeIt unless it may work on tasks of that area."""
    task = _locked(task, by)
    if not access.may(to, Right.TASK_WORK) or not access.covers(to, task.area_code):
        raise TheyCannotTakeIt(
            username=to.username, role=Role(to.role), area=to.area_code, task_area=task.area_code
        )  # fmt: skip
    if not TASK_MOVES[TaskState(task.state)]:
        raise TaskCannotMove(was=TaskState(task.state), state=TaskState.OPEN, allowed=Words())
    task.assigned_to = to
    task.save(update_fields=["assigned_to"])
    journal.write("task.assigned", task, by=by, at=now, kind=task.kind, to=to.username)
    return task


def known_at(outbreak: Outbreak, as_of: datetime) -> QuerySet[Task]:
    """Give the tasks of an outbreak that had been asked by a moment."""
    return Task.objects.filter(outbreak=outbreak, asked_at__lte=as_of)


def open_at(outbreak: Outbreak, as_of: datetime) -> QuerySet[Task]:
    """Give the tasks of an outbreak that were asked and not closed at a moment."""
    return known_at(outbreak, as_of).filter(Q(done_at__isnull=True) | Q(done_at__gt=as_of))


def late_at(outbreak: Outbreak, as_of: datetime) -> QuerySet[Task]:
    """Give the open tasks whose time had passed at a moment; a task without a clock is never late."""
    return open_at(outbreak, as_of).filter(due_at__lt=as_of)


def in_hand(outbreaks: Sequence[Outbreak], as_of: datetime, *, now: datetime) -> QuerySet[Task]:
    """
    Give the tasks of some outbreaks, and of none, that were asked and not closed at a moment.

    What is open at this very moment is found without looking at all that was ever done.
    """
    known = Task.objects.filter(Q(outbreak__isnull=True) | Q(outbreak__in=list(outbreaks)), asked_at__lte=as_of)
    if as_of >= now:
        return known.filter(done_at__isnull=True)
    return known.filter(Q(done_at__isnull=True) | Q(done_at__gt=as_of))


def of_account(account: Account, rows: QuerySet[Task]) -> QuerySet[Task]:
    """
    Keep the tasks of an account: asked of its role in its area, assigned or raised to it; the nearest clock first.

    A directive is asked of one area: that of its part, not of those above it too.
    """
    asked = Q(role=account.role, area_code__startswith=account.area_code, assigned_to=None)
    asked &= ~Q(subject_kind=SUBJECT) | Q(area_code=account.area_code)
    mine = rows.filter(asked | Q(assigned_to=account) | Q(raised_to=account))
    return mine.order_by("due_at", "id")  # NULL comes last in PostgreSQL


def late_by_area(account: Account, rows: QuerySet[Task], as_of: datetime) -> list[tuple[str, int]]:
    """Count what is late in each area one level below an account's own, the most first; and in its own as such."""
    digits = next((one for one in sorted(AREA_DIGITS.values()) if one > len(account.area_code)), None)
    digits = digits or len(account.area_code)
    late = rows.filter(area_code__startswith=account.area_code, due_at__lt=as_of)
    counted = late.order_by().annotate(part=Substr("area_code", 1, digits)).values("part").annotate(n=Count("pk"))
    return [(row["part"], row["n"]) for row in counted.order_by("-n", "part")]


def waiting_for(account: Account, outbreak: Outbreak, as_of: datetime) -> QuerySet[Task]:
    """Give the open tasks of an account in one outbreak; the nearest clock first."""
    return of_account(account, open_at(outbreak, as_of))


def state_at(task: Task, as_of: datetime) -> TaskState | None:
    """Say the state of a task at a moment; None before it was asked."""
    if task.asked_at > as_of:
        return None
    if task.done_at is not None and task.done_at <= as_of:
        return TaskState(task.state)
    received = task.received_at is not None and task.received_at <= as_of
    return TaskState.RECEIVED if received else TaskState.OPEN


def _close(task: Task, state: TaskState, outcome: str, *, by: Account, now: datetime) -> Task:
    if not outcome.strip():
        raise OutcomeMissing
    task = _held(task, by, state)
    task.state, task.done_at, task.done_by, task.outcome = state, now, by.username, outcome.strip()[:300]
    task.save(update_fields=["state", "done_at", "done_by", "outcome"])
    journal.write(f"task.{state}", task, by=by, at=now, kind=task.kind)
    return task


def _held(task: Task, by: Account, state: TaskState) -> Task:
    task = _locked(task, by)
    was = TaskState(task.state)
    if state not in TASK_MOVES[was]:
        raise TaskCannotMove(was=was, state=state, allowed=Words(sorted(TASK_MOVES[was])))
    return task


def _locked(task: Task, by: Account) -> Task:
    """Lock a task for somebody who may work on it: the role asked, whom it was given or raised to, who is in charge."""
    task = Task.objects.select_for_update(of=["self"]).get(pk=task.pk)
    access.require(by, Right.TASK_WORK, area_code=task.area_code)
    named = by.pk in (task.assigned_to_id, task.raised_to_id)
    if by.role != task.role and by.role not in IN_CHARGE and not named:
        raise NotForYourRole(role=Role(task.role))
    return task
