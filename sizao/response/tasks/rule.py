"""Asking and closing by rule: the loop's part of the stage."""

from collections import defaultdict
from datetime import datetime

from django.db import connection, transaction

from sizao.records import journal
from sizao.records.models import Outbreak, Task
from sizao.response import outbreaks
from sizao.response.tasks import (
    about_boxes,
    about_cards,
    about_cases,
    about_cooperation,
    about_directives,
    about_findings,
    about_homes,
    about_orders,
    about_pools,
    about_pushes,
    about_rounds,
    about_runs,
    about_sites,
    about_transfers,
    about_zone_needs,
    about_zones,
    alerts_waiting,
    escalating,
    gathered,
    reporting,
    signals_waiting,
    unconfirmed,
)

ASKING = (
    unconfirmed,
    alerts_waiting,
    about_cases,
    signals_waiting,
    gathered,
    about_rounds,
    about_pools,
    about_boxes,
    about_runs,
    about_sites,
    about_homes,
    about_orders,
    about_transfers,
    about_zones,
    about_zone_needs,
    about_directives,
    about_findings,
    about_pushes,
    about_cards,
    reporting,
)
# What is asked also while there is no outbreak, and of work that belongs to none.
STANDING = (about_directives, about_cooperation, about_findings)
_LOCK = 7_408_138  # the advisory lock of one run at a time


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """Ask for what the records lack, close the tasks whose fact has arrived; return how many changed."""
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    rules = outbreaks.rules_at(outbreak, now)
    changed = 0
    for part in ASKING:
        changed += _ask(part.lacking(outbreak, rules, now), now=now)
        changed += _close(part.settled(outbreak, now), now=now)
    return changed + escalating.raise_late(outbreak=outbreak, now=now)


@transaction.atomic
def advance_standing(*, now: datetime) -> int:
    """
    Do the same for work that belongs to no outbreak: routine directives, requests of other authorities.

    A second run at one moment changes nothing. Return how many rows changed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    changed = 0
    for part in STANDING:
        changed += _ask(part.lacking(None, None, now), now=now)
        changed += _close(part.settled(None, now), now=now)
    return changed + escalating.raise_late(outbreak=None, now=now)


def _ask(tasks: list[Task], *, now: datetime) -> int:
    Task.objects.bulk_create(tasks, batch_size=500)
    journal.write_many([journal.line("task.asked", task, by=None, at=now, kind=task.kind) for task in tasks])
    _note_closed([task for task in tasks if task.done_at is not None], now=now)
    return len(tasks)


def _close(tasks: list[Task], *, now: datetime) -> int:
    # Most tasks end alike, and one UPDATE for each way to end is far cheaper than one value for each row.
    alike: dict[tuple[str, datetime | None, str], list[int]] = defaultdict(list)
    for task in tasks:
        alike[task.state, task.done_at, task.outcome].append(task.pk)
    for (state, done_at, outcome), ids in alike.items():
        Task.objects.filter(pk__in=ids).update(state=state, done_at=done_at, done_by=journal.SYSTEM, outcome=outcome)
    _note_closed(tasks, now=now)
    return len(tasks)


def _note_closed(tasks: list[Task], *, now: datetime) -> None:
    journal.write_many([journal.line(f"task.{one.state}", one, by=None, at=now, kind=one.kind) for one in tasks])
