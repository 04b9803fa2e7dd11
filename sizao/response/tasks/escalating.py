"""An overdue task goes up by itself to the next named person: of its own area, then of the area above, step by step."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from sizao.protocol.escalation import shipped_escalation
from sizao.records import journal
from sizao.records.models import Account, Outbreak, Task, TaskStep
from sizao.response.tasks.answering import Ladder
from sizao.response.tasks.closing import OPEN_STATES


@transaction.atomic
def raise_late(*, outbreak: Outbreak | None, now: datetime) -> int:
    """
    Raise each open task whose time has passed, one step at a time; return how many went up.

    The first step comes when the task is late, each further one some hours after the one before, so that whoever it
    was raised to has had time for it. A task for which nobody is left above stays where it is.
    """
    hours = shipped_escalation()
    first = Q(raised_steps=0, due_at__lt=now - hours.hours("first_step_hours"))
    further = Q(raised_steps__gt=0, raised_at__lte=now - hours.hours("next_step_hours"))
    late = Task.objects.select_for_update(of=["self"], skip_locked=True).filter(
        first | further, outbreak=outbreak, done_at__isnull=True, state__in=OPEN_STATES
    )
    rows = late.only("area_code", "role", "kind", "assigned_to", "raised_to", "raised_steps", "outbreak")
    tasks = list(rows.order_by("pk"))
    ladder = Ladder([task.area_code for task in tasks])
    going = [(task, to) for task in tasks if (to := _next(task, ladder)) is not None]
    _write(going, now)
    return len(going)


def _next(task: Task, ladder: Ladder) -> Account | None:
    """Give who comes after whom it stands with now; those above are asked anew each time, as people change."""
    above = ladder.above(task)
    keys = [one.pk for one in above]
    if task.raised_steps == 0:
        place = 0
    elif task.raised_to_id in keys:
        place = keys.index(task.raised_to_id) + 1
    else:
        place = task.raised_steps
    return above[place] if place < len(above) else None


def _write(going: list[tuple[Task, Account]], now: datetime) -> None:
    names = dict(
        Account.objects.filter(pk__in={task.raised_to_id for task, _ in going if task.raised_to_id}).values_list(
            "pk", "username"
        )
    )
    TaskStep.objects.bulk_create(
        [
            TaskStep(
                task=task, step=task.raised_steps + 1, raised_at=now, raised_to=to, area_code=to.area_code,
                before=names.get(task.raised_to_id, task.role),
            )
            for task, to in going
        ],
        batch_size=1_000,
    )  # fmt: skip
    alike: dict[int, list[int]] = defaultdict(list)
    for task, to in going:
        alike[to.pk].append(task.pk)
    for account, keys in alike.items():
        Task.objects.filter(pk__in=keys).update(raised_to=account, raised_at=now, raised_steps=F("raised_steps") + 1)
    journal.write_many(
        [
            journal.line(
                "task.raised", task, by=None, at=now, kind=task.kind, to=to.username, step=task.raised_steps + 1
            )
            for task, to in going
        ]
    )
