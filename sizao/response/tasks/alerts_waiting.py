"""Alerts: somebody answers each within its clock, by taking it up or deciding on it."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from sizao.protocol import Rules
from sizao.records.models import Alert, Outbreak, Task
from sizao.response import signals
from sizao.response.tasks.closing import closed, still_open
from sizao.response.tasks.gathered import area_names
from sizao.terms import AlertState, OutbreakKind, TaskEnd, TaskKind


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — an alert has its own clock
    """Ask for each alert that nobody has answered; one that was opened again is asked about again."""
    found = signals.alerts_at(outbreak, outbreak.area_code, as_of=now, states=[AlertState.OPEN])
    if outbreak.kind == OutbreakKind.REPLAY:
        # Beside what truly happened, nobody is asked about what a model made up.
        found = [one for one in found if not one.is_generated]
    waiting = {_source_key(one): one for one in sorted(found, key=lambda one: one.alert.pk)}
    asked = set(Task.objects.filter(source_key__in=waiting).values_list("source_key", flat=True))
    names = area_names(one.area_code for one in found)
    return [_task(outbreak, key, one, names) for key, one in waiting.items() if key not in asked]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks whose alert was answered, or became part of another."""
    waiting = list(still_open(outbreak, TaskKind.VERIFY_ALERT))
    answered = Alert.objects.filter(pk__in=[task.subject_id for task in waiting])
    answered = answered.filter(~Q(state=AlertState.OPEN) | Q(merged_into__isnull=False))
    moments = {alert.pk: alert.answered_at or alert.settled_at or now for alert in answered}
    return [
        closed(task, TaskEnd.FACT_ARRIVED, moments[task.subject_id]) for task in waiting if task.subject_id in moments
    ]


def _source_key(one: signals.StoodAlert) -> str:
    # The clock is part of the key: opened again, an alert is another question.
    due = one.due_at.isoformat() if one.due_at else ""
    return f"task:{TaskKind.VERIFY_ALERT}:{one.alert.pk}:{due}"


def _task(outbreak: Outbreak, source_key: str, one: signals.StoodAlert, names: dict[str, str]) -> Task:
    return Task(
        outbreak=outbreak,
        kind=TaskKind.VERIFY_ALERT,
        role=one.role,
        area_code=one.area_code,
        subject_kind="alert",
        subject_id=one.alert.pk,
        subject_label=f"{names.get(one.area_code, one.area_code)} {timezone.localtime(one.opened_at):%Y-%m-%d}",
        basis=one.alert.basis,
        asked_at=one.opened_at,
        due_at=one.due_at,
        source_key=source_key,
    )
