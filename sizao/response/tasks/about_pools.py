"""Positive pools: an officer decides on the hold, and grid workers call its members back for a swab of their own."""

from datetime import datetime

from sizao.protocol import Rules
from sizao.records.models import Outbreak, PoolHold, Task
from sizao.response.tasks.closing import closed, still_open
from sizao.response.tasks.gathered import area_names
from sizao.response.testing import recalls
from sizao.terms import HoldState, Role, TaskEnd, TaskKind


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask an officer to decide on each proposed hold, and grid workers for the single swabs of each ordered one."""
    wanted = {task.source_key: task for task in (*_to_decide(outbreak, now), *_to_recall(outbreak, now))}
    asked = set(Task.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    return [task for key, task in wanted.items() if key not in asked]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of holds that were decided or ended, and of villages where everybody was swabbed or is free."""
    left = {task.source_key for task in (*_to_decide(outbreak, now), *_to_recall(outbreak, now))}
    ends = {TaskKind.DECIDE_HOLD: TaskEnd.FACT_ARRIVED, TaskKind.RECALL_POOL: TaskEnd.NOTHING_WAITS}
    return [
        closed(task, ends[TaskKind(task.kind)], now)
        for task in still_open(outbreak, *ends)
        if task.source_key not in left
    ]


def _holds(outbreak: Outbreak, state: HoldState, now: datetime) -> list[PoolHold]:
    found = PoolHold.objects.filter(round__outbreak=outbreak, round__archived_at=None, state=state)
    return list(found.filter(proposed_at__lte=now).select_related("round").order_by("pk"))


def _to_decide(outbreak: Outbreak, now: datetime) -> list[Task]:
    return [
        _task(outbreak, one, TaskKind.DECIDE_HOLD, Role.DUTY_OFFICER, one.area_code, "", one.proposed_at, None)
        for one in _holds(outbreak, HoldState.PROPOSED, now)
    ]


def _to_recall(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Give a task for each village in which somebody of an ordered pool was not swabbed singly yet."""
    holds = _holds(outbreak, HoldState.ORDERED, now)
    if not holds:
        return []
    waiting = recalls.waiting_villages(holds)
    names = area_names(code for villages in waiting.values() for code in villages)
    return [
        _task(
            outbreak,
            one,
            TaskKind.RECALL_POOL,
            Role.GRID_WORKER,
            code,
            names.get(code, code),
            one.ordered_at or now,
            one.recall_due_at or one.expires_at,
        )  # fmt: skip
        for one in holds
        for code in waiting.get(one.pk, {})
    ]


def _task(  # noqa: PLR0913 — what the two kinds differ in
    outbreak: Outbreak,
    hold: PoolHold,
    kind: TaskKind,
    role: Role,
    area_code: str,
    where: str,
    asked_at: datetime,
    due_at: datetime | None,
) -> Task:
    # A hold that is proposed anew, or ordered again, is asked about anew.
    key = f"task:{kind}:{hold.pk}:{area_code}:{asked_at.isoformat()}"
    return Task(
        outbreak=outbreak,
        kind=kind,
        role=role,
        area_code=area_code,
        subject_kind="hold",
        subject_id=hold.pk,
        subject_label=f"{hold.round.number} {hold.tube} {where}".strip()[:200],
        basis=hold.basis,
        asked_at=asked_at,
        due_at=due_at,
        source_key=key,
    )
