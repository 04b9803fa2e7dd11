"""Directives to be received, carried out and accepted; what was done by hand elsewhere closes the task by itself."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from sizao.protocol import Rules, Value, basis, deadline
from sizao.protocol.escalation import shipped_escalation
from sizao.records.models import Directive, DirectivePart, Outbreak, Task
from sizao.response.tasks.closing import closed, still_open
from sizao.response.tasks.teams.members import leader_of
from sizao.terms import PartState, Role, TaskEnd, TaskKind, Urgency

SUBJECT = "directive"
_OF_PARTS = (TaskKind.RECEIVE_DIRECTIVE, TaskKind.DO_DIRECTIVE)
_SEEN = Q(received_version__gte=F("directive__version"))
# A directive that was changed is received anew before it is carried out further.
_WAITS = {
    TaskKind.RECEIVE_DIRECTIVE: Q(state__in=[PartState.ISSUED, PartState.RECEIVED, PartState.RETURNED]) & ~_SEEN,
    TaskKind.DO_DIRECTIVE: Q(state__in=[PartState.RECEIVED, PartState.RETURNED]) & _SEEN,
}


def lacking(outbreak: Outbreak | None, rules: Rules | None, now: datetime) -> list[Task]:  # noqa: ARG001 — as every part is asked
    """Ask each area to receive its part and to carry it out, and each command to decide on what was done."""
    return [
        *(_task(kind, part, now) for kind in _OF_PARTS for part in _unasked(kind, outbreak, now)),
        *_to_accept(outbreak, now),
    ]


def settled(outbreak: Outbreak | None, now: datetime) -> list[Task]:
    """Close the tasks of parts that were received, done, decided on or withdrawn."""
    found = [task for kind in _OF_PARTS for task in _moved_on(kind, outbreak, now)]
    waiting = _decisions(outbreak, now)
    accepting = still_open(outbreak, TaskKind.ACCEPT_DIRECTIVE)
    return found + [
        closed(task, TaskEnd.NOTHING_WAITS, now)
        for task in accepting
        if (task.subject_id, task.area_code) not in waiting
    ]


def _unasked(kind: TaskKind, outbreak: Outbreak | None, now: datetime) -> QuerySet[DirectivePart]:
    asked = Task.objects.filter(subject_kind=SUBJECT, subject_id=OuterRef("pk"), kind=kind, done_at__isnull=True)
    parts = DirectivePart.objects.filter(_WAITS[kind], ~Exists(asked), directive__outbreak=outbreak)
    return parts.filter(issued_at__lte=now).select_related("directive", "team").order_by("pk")


def _moved_on(kind: TaskKind, outbreak: Outbreak | None, now: datetime) -> list[Task]:
    waits = DirectivePart.objects.filter(_WAITS[kind], pk=OuterRef("subject_id"))
    tasks = list(still_open(outbreak, kind).filter(~Exists(waits)))
    parts = DirectivePart.objects.select_related("directive").in_bulk([task.subject_id for task in tasks])
    return [_closed(task, parts.get(task.subject_id), now) for task in tasks]


def _closed(task: Task, part: DirectivePart | None, now: datetime) -> Task:
    if part is None or part.state == PartState.WITHDRAWN:
        return closed(task, TaskEnd.WITHDRAWN, now)
    moment = part.received_at if task.kind == TaskKind.RECEIVE_DIRECTIVE else part.closed_at
    # What was received of an older version was not received of this one.
    done_at = moment if moment is not None and moment >= task.asked_at else now
    return closed(task, TaskEnd.FACT_ARRIVED, done_at)


def _task(kind: TaskKind, part: DirectivePart, now: datetime) -> Task:
    directive = part.directive
    asked_at = max(part.issued_at, directive.changed_at or part.issued_at, part.decided_at or part.issued_at)
    if kind == TaskKind.RECEIVE_DIRECTIVE:
        due_at, cited = _clock(shipped_escalation().receipt(Urgency(directive.urgency)), asked_at)
        due_at = min(due_at, part.due_at)
    else:
        due_at, cited = part.due_at, []
    return Task(
        outbreak_id=directive.outbreak_id,
        kind=kind,
        role=part.role,
        area_code=part.area_code,
        assigned_to=leader_of(part.team) if part.team else None,
        subject_kind=SUBJECT,
        subject_id=part.pk,
        subject_label=f"{directive.number} {directive.title}"[:200],
        basis=cited,
        asked_at=asked_at,
        due_at=due_at,
        # Asked anew where somebody said “done” here and the directive says otherwise.
        source_key=f"task:{kind}:{part.pk}:{now.isoformat()}",
    )


def _decisions(outbreak: Outbreak | None, now: datetime) -> dict[tuple[int, str], tuple[int, datetime]]:
    """Say for each directive and area that decides on it how many parts wait, and since when."""
    parts = DirectivePart.objects.filter(
        state=PartState.CLOSED, directive__outbreak=outbreak, directive__withdrawn_at__isnull=True, closed_at__lte=now
    )
    rows = parts.values("directive_id", "above").annotate(n=Count("pk"), since=Min("closed_at")).order_by()
    return {(row["directive_id"], row["above"]): (row["n"], row["since"]) for row in rows}


def _to_accept(outbreak: Outbreak | None, now: datetime) -> list[Task]:
    waiting = _decisions(outbreak, now)
    asked = set(still_open(outbreak, TaskKind.ACCEPT_DIRECTIVE).values_list("subject_id", "area_code"))
    directives = Directive.objects.in_bulk({key for key, _ in waiting})
    return [
        _decision(directives[key], area_code, since, now)
        for (key, area_code), (_, since) in sorted(waiting.items())
        if (key, area_code) not in asked
    ]


def _decision(directive: Directive, area_code: str, since: datetime, now: datetime) -> Task:
    due_at, cited = _clock(shipped_escalation().values["acceptance_hours"], since)
    return Task(
        outbreak_id=directive.outbreak_id,
        kind=TaskKind.ACCEPT_DIRECTIVE,
        role=Role.DUTY_OFFICER,
        area_code=area_code,
        subject_kind=SUBJECT,
        subject_id=directive.pk,
        subject_label=f"{directive.number} {directive.title}"[:200],
        basis=cited,
        asked_at=since,
        due_at=due_at,
        source_key=f"task:{TaskKind.ACCEPT_DIRECTIVE}:{directive.pk}:{area_code}:{now.isoformat()}",
    )


def _clock(hours: Value, start: datetime) -> tuple[datetime, list[dict[str, Any]]]:
    total = deadline(timezone.localtime(start), hours)
    return total.result, [basis.entry(hours, total, gives="due_at")]
