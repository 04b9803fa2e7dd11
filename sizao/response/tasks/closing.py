"""Which tasks are open, and closing one in memory; the rule writes them all at once."""

from datetime import datetime

from django.db.models import QuerySet

from sizao.records import journal
from sizao.records.models import Outbreak, Task
from sizao.terms import TaskEnd, TaskKind, TaskState

OPEN_STATES = (TaskState.OPEN, TaskState.RECEIVED)


def still_open(outbreak: Outbreak | None, *kinds: TaskKind) -> QuerySet[Task]:
    """Give the open tasks of some kinds, of an outbreak or of none."""
    return Task.objects.filter(outbreak=outbreak, kind__in=kinds, state__in=OPEN_STATES)


def closed(task: Task, why: TaskEnd, at: datetime, *, state: TaskState = TaskState.DONE) -> Task:
    """Mark a task as closed by rule, without writing it."""
    task.state, task.done_at, task.done_by, task.outcome = state, at, journal.SYSTEM, str(why)
    return task
