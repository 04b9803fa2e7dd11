"""Runs of laboratories: one that was recorded waits for a second person, who is asked to release it."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from sizao.protocol import Rules
from sizao.records.models import LabReading, LabRun, Outbreak, Task, TestingRound
from sizao.response.tasks.closing import closed, still_open
from sizao.terms import Role, RunState, TaskEnd, TaskKind


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask a reviewer for each run that waits and holds readings of this outbreak's rounds; once for each."""
    rounds = TestingRound.objects.filter(outbreak=outbreak, archived_at=None, opened_at__lte=now)
    readings = LabReading.objects.filter(run=OuterRef("pk"), round__in=list(rounds.values_list("pk", flat=True)))
    waiting = LabRun.objects.filter(Exists(readings), state=RunState.RECORDED, recorded_at__lte=now)
    wanted = {_key(run, outbreak): run for run in waiting.select_related("laboratory").order_by("recorded_at", "pk")}
    asked = set(Task.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    return [_task(key, run, outbreak) for key, run in wanted.items() if key not in asked]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of runs that were released or withdrawn."""
    waiting = list(still_open(outbreak, TaskKind.RELEASE_RUN))
    runs = LabRun.objects.in_bulk([task.subject_id for task in waiting])
    ends = {pk: run.withdrawn_at or run.released_at for pk, run in runs.items()}
    return [
        closed(task, TaskEnd.FACT_ARRIVED, ends[task.subject_id])
        for task in waiting
        if ends[task.subject_id] is not None and ends[task.subject_id] <= now
    ]


def _key(run: LabRun, outbreak: Outbreak) -> str:
    return f"task:{TaskKind.RELEASE_RUN}:{outbreak.pk}:{run.pk}"


def _task(key: str, run: LabRun, outbreak: Outbreak) -> Task:
    return Task(
        outbreak=outbreak,
        kind=TaskKind.RELEASE_RUN,
        role=Role.LAB_REVIEWER,
        area_code=run.laboratory.area_code,
        subject_kind="run",
        subject_id=run.pk,
        subject_label=f"{run.laboratory.name}: {run.name}"[:200],
        basis=[],
        asked_at=run.recorded_at,
        due_at=None,
        source_key=key,
    )
