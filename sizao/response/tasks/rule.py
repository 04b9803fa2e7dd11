"""Asking and closing by rule: the loop's part of the stage."""

from datetime import datetime

from django.db import transaction

from sizao.records import journal
from sizao.records.models import Outbreak, Task
from sizao.response import outbreaks
from sizao.response.tasks import about_cases, gathered, reporting, signals_waiting
from sizao.terms import TaskState

ASKING = (about_cases, signals_waiting, gathered, reporting)


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """Ask for what the records lack, close the tasks whose fact has arrived; return how many changed."""
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    rules = outbreaks.rules_at(outbreak, now)
    changed = 0
    for part in ASKING:
        changed += _ask(part.lacking(outbreak, rules, now), now=now)
        changed += _close(part.settled(outbreak, now), now=now)
    return changed


def _ask(tasks: list[Task], *, now: datetime) -> int:
    Task.objects.bulk_create(tasks, batch_size=500)
    journal.write_many([journal.line("task.asked", task, by=None, at=now, kind=task.kind) for task in tasks])
    return len(tasks)


def _close(tasks: list[Task], *, now: datetime) -> int:
    Task.objects.bulk_update(tasks, ["state", "done_at", "done_by", "outcome"], batch_size=500)
    verbs = {TaskState.DONE: "task.done", TaskState.CANCELLED: "task.cancelled"}
    lines = [journal.line(verbs[TaskState(one.state)], one, by=None, at=now, kind=one.kind) for one in tasks]
    journal.write_many(lines)
    return len(tasks)
