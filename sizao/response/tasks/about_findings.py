"""Findings to be mended and residents to be answered, each by its clock; who did not answer in time is told above."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from django.db.models import Q

from sizao.protocol import Rules
from sizao.records.models import Complaint, Finding, Outbreak, Task
from sizao.response.tasks.closing import closed, still_open
from sizao.terms import FindingState, Role, TaskEnd, TaskKind

KINDS = (TaskKind.MEND_FINDING, TaskKind.ANSWER_COMPLAINT)
_TO_MEND = (FindingState.NOTIFIED, FindingState.RETURNED)


def lacking(outbreak: Outbreak | None, rules: Rules | None, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask whoever was named to mend, else the duty officer; and the duty officer to answer each resident."""
    wanted = dict(_wanted(outbreak, now))
    asked = set(Task.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    return [make() for key, make in wanted.items() if key not in asked]


def settled(outbreak: Outbreak | None, now: datetime) -> list[Task]:
    """Close the tasks of findings that were mended, and of residents who were answered."""
    waiting = list(still_open(outbreak, *KINDS))
    left = set(dict(_wanted(outbreak, now))) if waiting else set()
    return [closed(task, TaskEnd.FACT_ARRIVED, now) for task in waiting if task.source_key not in left]


def _wanted(outbreak: Outbreak | None, now: datetime) -> Iterator[tuple[str, Callable[[], Task]]]:
    """Give the key of each task that is wanted, and what makes it: nearly all were asked before."""
    to_mend = Finding.objects.filter(outbreak=outbreak, state__in=_TO_MEND, notified_at__lte=now)
    for one in to_mend.select_related("answerable").order_by("pk"):
        key = f"task:{TaskKind.MEND_FINDING}:{one.pk}:{one.returns}"
        yield key, partial(_to_mend, key, one, outbreak)
    if outbreak is None:
        unanswered = Complaint.objects.filter(Q(answered_at__isnull=True), received_at__lte=now)
        for complaint in unanswered.only(*_READ).order_by("pk"):
            yield _answer(complaint, Role.DUTY_OFFICER, complaint.area_code, complaint.received_at)
            if complaint.raised_at is not None:
                yield _answer(complaint, Role.COMMANDER, complaint.raised_to, complaint.raised_at)


_READ = ("id", "number", "area_code", "received_at", "due_at", "basis", "raised_at", "raised_to")


def _answer(one: Complaint, role: Role, area_code: str, asked_at: datetime) -> tuple[str, Callable[[], Task]]:
    key = f"task:{TaskKind.ANSWER_COMPLAINT}:{one.pk}:{asked_at.isoformat()}"
    return key, partial(_to_answer, key, one, role, area_code, asked_at)


def _to_mend(key: str, one: Finding, outbreak: Outbreak | None) -> Task:
    return Task(
        outbreak=outbreak,
        kind=TaskKind.MEND_FINDING,
        role=one.answerable.role if one.answerable else Role.DUTY_OFFICER,
        area_code=one.area_code,
        assigned_to=one.answerable,
        subject_kind="finding",
        subject_id=one.pk,
        subject_label=one.number,
        basis=one.basis,
        asked_at=one.notified_at,
        due_at=one.due_at,
        source_key=key,
    )


def _to_answer(key: str, one: Complaint, role: Role, area_code: str, asked_at: datetime) -> Task:
    return Task(
        outbreak=None,
        kind=TaskKind.ANSWER_COMPLAINT,
        role=role,
        area_code=area_code,
        subject_kind="complaint",
        subject_id=one.pk,
        subject_label=one.number,
        basis=one.basis,
        asked_at=asked_at,
        due_at=one.due_at,
        source_key=key,
    )
