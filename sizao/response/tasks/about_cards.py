"""A diagnosed case without a signed disease card is asked for by the edition's clock; a signed one is the answer."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from sizao.protocol import Rules
from sizao.records.models import Card, Case, Outbreak, Task
from sizao.response import outbreaks
from sizao.response.clocks import clock
from sizao.response.tasks.closing import closed, still_open
from sizao.terms import AREA_DIGITS, AreaLevel, CardState, CaseStatus, OutbreakKind, Role, TaskEnd, TaskKind, TaskState

CLOCK = "report.case_report_hours"  # institution to network direct report, from the diagnosis
FORM = "disease-card"
REPORTED = (CaseStatus.SUSPECTED, CaseStatus.ASYMPTOMATIC, CaseStatus.CONFIRMED)
COUNTY = AREA_DIGITS[AreaLevel.COUNTY]


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:  # noqa: ARG001 — each county has its own
    """
    Ask for the card of each diagnosed case that has none and was not asked about.

    The cases of a replay were known to the authorities by their cards, so none is asked for there.
    """
    if outbreak.kind == OutbreakKind.REPLAY:
        return []
    asked = Task.objects.filter(subject_kind="case", subject_id=OuterRef("pk"), kind=TaskKind.FILL_CARD)
    cases = _diagnosed(Case.objects.filter(~Exists(asked), ~Exists(_signed()), outbreak=outbreak, status__in=REPORTED))
    rules_of = outbreaks.rules_by_area(outbreak, now)
    waiting = [(one, rules_of(one.area_code[:COUNTY])) for one in cases if one.diagnosed_at and one.diagnosed_at <= now]
    return [_task(case, own) for case, own in waiting if own.says(CLOCK)]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close the tasks of cases whose card was signed; one that was discarded needs none any more."""
    tasks = list(still_open(outbreak, TaskKind.FILL_CARD))
    ids = [task.subject_id for task in tasks]
    cards = Card.objects.filter(case__in=ids, form=FORM, signed_at__lte=now)
    signed = dict(cards.values("case").annotate(first=Min("signed_at")).values_list("case", "first"))
    discarded = set(Case.objects.filter(pk__in=ids, status=CaseStatus.DISCARDED).values_list("pk", flat=True))
    done = [closed(task, TaskEnd.FACT_ARRIVED, signed[key]) for task in tasks if (key := task.subject_id) in signed]
    return done + [
        closed(task, TaskEnd.CASE_DISCARDED, now, state=TaskState.CANCELLED)
        for task in tasks
        if task.subject_id in discarded and task.subject_id not in signed
    ]


def _signed() -> QuerySet[Card]:
    return Card.objects.filter(case=OuterRef("pk"), form=FORM).exclude(state=CardState.DRAFT)


def _diagnosed(cases: QuerySet[Case]) -> list[Any]:
    first = Min("changes__at", filter=Q(changes__status__in=REPORTED))
    return list(cases.annotate(diagnosed_at=first).order_by("pk"))


def _task(case: Any, rules: Rules) -> Task:
    due_at, cited = clock(rules, CLOCK, case.diagnosed_at)
    return Task(
        outbreak_id=case.outbreak_id,
        kind=TaskKind.FILL_CARD,
        role=Role.INVESTIGATOR,
        area_code=case.area_code[:COUNTY],
        subject_kind="case",
        subject_id=case.pk,
        subject_label=case.number,
        basis=cited,
        asked_at=case.diagnosed_at,
        due_at=due_at,
        source_key=f"task:{TaskKind.FILL_CARD}:{case.pk}",
    )
