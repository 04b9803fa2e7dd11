"""Rounds of testing: one that the loop prepared waits to be opened, and somebody looks for those who were missed."""

from datetime import datetime

from sizao.protocol import Rules
from sizao.records.models import Outbreak, Task, TestingRound
from sizao.response.tasks.closing import closed, still_open
from sizao.response.tasks.gathered import area_names
from sizao.response.testing import coverage
from sizao.terms import AREA_DIGITS, AreaLevel, Role, TaskEnd, TaskKind

VILLAGE = AREA_DIGITS[AreaLevel.VILLAGE]


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask a coordinator to open each round that the loop prepared, and grid workers to find who was missed."""
    wanted = {task.source_key: task for task in (*_to_open(outbreak), *_to_find(outbreak, now))}
    asked = set(Task.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    return [task for key, task in wanted.items() if key not in asked]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of rounds that were opened, and of villages where everybody missed has a reason."""
    opened = dict(TestingRound.objects.filter(outbreak=outbreak, opened_at__lte=now).values_list("pk", "opened_at"))
    done = [
        closed(task, TaskEnd.FACT_ARRIVED, opened[task.subject_id])
        for task in still_open(outbreak, TaskKind.OPEN_ROUND)
        if task.subject_id in opened
    ]
    left = {task.source_key for task in _to_find(outbreak, now)}
    return done + [
        closed(task, TaskEnd.NOTHING_WAITS, now)
        for task in still_open(outbreak, TaskKind.FIND_MISSED)
        if task.source_key not in left
    ]


def _to_open(outbreak: Outbreak) -> list[Task]:
    waiting = TestingRound.objects.filter(outbreak=outbreak, opened_at=None, key_group__isnull=False)
    return [
        Task(
            outbreak=outbreak,
            kind=TaskKind.OPEN_ROUND,
            role=Role.TESTING_COORDINATOR,
            area_code=one.area_code,
            subject_kind="round",
            subject_id=one.pk,
            subject_label=f"{one.number} {one.name}"[:200],
            basis=one.basis,
            asked_at=one.planned_at,
            due_at=one.begins_at,
            source_key=f"task:{TaskKind.OPEN_ROUND}:{one.pk}",
        )
        for one in waiting.order_by("pk")
    ]


def _to_find(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Give a task for each village of a round that is over, or past its time, in which people are missed."""
    rounds = TestingRound.objects.filter(outbreak=outbreak, opened_at__lte=now, archived_at=None).order_by("pk")
    over = [one for one in rounds if one.closed_at is not None or (one.due_at is not None and one.due_at <= now)]
    return [task for one in over for task in _by_village(one, outbreak, now)]


def _by_village(one: TestingRound, outbreak: Outbreak, now: datetime) -> list[Task]:
    since = min(moment for moment in (one.closed_at, one.due_at) if moment is not None)
    found = coverage.by_area(one, as_of=now, digits=VILLAGE)
    missing = [code for code, figures in found.items() if figures.unexplained > 0]
    names = area_names(missing)
    return [
        Task(
            outbreak=outbreak,
            kind=TaskKind.FIND_MISSED,
            role=Role.GRID_WORKER,
            area_code=code,
            subject_kind="round",
            subject_id=one.pk,
            subject_label=f"{one.number} {names.get(code, code)}"[:200],
            asked_at=since,
            source_key=f"task:{TaskKind.FIND_MISSED}:{one.pk}:{code}",
        )
        for code in missing
    ]
