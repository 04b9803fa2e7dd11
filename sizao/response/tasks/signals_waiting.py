"""Signals that no rule could verify: somebody looks at each of them."""

from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils import timezone

from sizao.protocol import Rules
from sizao.records.models import Outbreak, Signal, Task
from sizao.response.clocks import clock
from sizao.response.tasks.closing import closed, still_open
from sizao.response.tasks.gathered import COUNTY, area_names
from sizao.terms import Role, SignalState, TaskEnd, TaskKind

HOURS = "report.cdc_review_hours"


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:
    """Ask for each signal that waits to be verified."""
    asked = Task.objects.filter(subject_kind="signal", subject_id=OuterRef("pk"), kind=TaskKind.VERIFY_SIGNAL)
    waiting = Signal.objects.filter(~Exists(asked), outbreak=outbreak, state=SignalState.NEW, received_at__lte=now)
    signals = list(waiting.order_by("id"))
    names = area_names(signal.area_code[:COUNTY] for signal in signals)
    return [_task(signal, rules, names) for signal in signals]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks whose signal was verified or dismissed."""
    waiting = list(still_open(outbreak, TaskKind.VERIFY_SIGNAL))
    signals = Signal.objects.filter(pk__in=[task.subject_id for task in waiting]).exclude(state=SignalState.NEW)
    moments = {signal.pk: signal.settled_at or now for signal in signals}
    return [
        closed(task, TaskEnd.FACT_ARRIVED, moments[task.subject_id]) for task in waiting if task.subject_id in moments
    ]


def _task(signal: Signal, rules: Rules, names: dict[str, str]) -> Task:
    county = signal.area_code[:COUNTY]
    due_at, cited = clock(rules, HOURS, signal.received_at)
    return Task(
        outbreak_id=signal.outbreak_id,
        kind=TaskKind.VERIFY_SIGNAL,
        role=Role.DUTY_OFFICER,
        area_code=county,
        subject_kind="signal",
        subject_id=signal.pk,
        subject_label=f"{names.get(county, county)} {timezone.localtime(signal.occurred_at):%Y-%m-%d}",
        basis=cited,
        asked_at=signal.received_at,
        due_at=due_at,
        source_key=f"task:{TaskKind.VERIFY_SIGNAL}:{signal.pk}",
    )
