"""The three clocks of each case: first information, core information, full report."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from sizao.protocol import Rules
from sizao.records.models import Case, Outbreak, Task
from sizao.response import outbreaks
from sizao.response.clocks import clock
from sizao.response.tasks.closing import closed, still_open
from sizao.terms import AREA_DIGITS, AreaLevel, CaseStatus, Role, TaskEnd, TaskKind, TaskState

CLOCKS = {
    TaskKind.FIRST_INFORMATION: "investigation.first_report_hours",
    TaskKind.CORE_INFORMATION: "investigation.core_info_hours",
    TaskKind.FULL_REPORT: "investigation.full_report_hours",
}
COUNTY = AREA_DIGITS[AreaLevel.COUNTY]


def lacking(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Task]:
    """Ask for the three pieces of each case that has not been asked about."""
    if not rules.need("investigation.enabled").flag:
        return []
    asked = Task.objects.filter(subject_kind="case", subject_id=OuterRef("pk"), kind=TaskKind.FULL_REPORT)
    cases = _with_moments(Case.objects.standing().known_at(now).filter(~Exists(asked), outbreak=outbreak))
    # A county may have shortened its hours, so the rules are those of the place.
    rules_of = outbreaks.rules_by_area(outbreak, now)
    tasks = [
        (case, _task(case, kind, key, rules_of(case.area_code[:COUNTY])))
        for case in cases
        for kind, key in CLOCKS.items()
    ]
    # What is on record already is asked and answered in one line.
    return [_settle(task, case, now) or task for case, task in tasks]


def settled(outbreak: Outbreak, now: datetime) -> list[Task]:
    """Close what has arrived, at the moment it arrived; a discarded case needs nothing more."""
    waiting = list(still_open(outbreak, *CLOCKS))
    found = _with_moments(Case.objects.filter(pk__in={task.subject_id for task in waiting}))
    cases = {case.pk: case for case in found}
    return [done for task in waiting if (done := _settle(task, cases[task.subject_id], now)) is not None]


def _task(case: Case, kind: TaskKind, key: str, rules: Rules) -> Task:
    due_at, cited = clock(rules, key, case.opened_at)
    return Task(
        outbreak_id=case.outbreak_id,
        kind=kind,
        role=Role.INVESTIGATOR,
        area_code=case.area_code[:COUNTY],
        subject_kind="case",
        subject_id=case.pk,
        subject_label=case.number,
        basis=cited,
        asked_at=case.opened_at,
        due_at=due_at,
        source_key=f"task:{kind}:{case.pk}",
    )


def _with_moments(cases: QuerySet[Case]) -> list[Any]:
    """Read cases with the moment at which each was first classified."""
    classed = Q(changes__status__in=[CaseStatus.SUSPECTED, CaseStatus.ASYMPTOMATIC, CaseStatus.CONFIRMED])
    return list(cases.annotate(classed_at=Min("changes__at", filter=classed)).order_by("id"))


def _settle(task: Task, case: Any, now: datetime) -> Task | None:
    if case.status == CaseStatus.DISCARDED:
        return closed(task, TaskEnd.CASE_DISCARDED, now, state=TaskState.CANCELLED)
    moment = _ARRIVED[TaskKind(task.kind)](case)
    if moment is None or moment > now:
        return None
    return closed(task, TaskEnd.FACT_ARRIVED, moment)


def _first_information(case: Any) -> datetime | None:
    """Who and where: known with the case itself once its county is."""
    return case.opened_at if len(case.area_code) >= COUNTY else case.investigated_at


def _core_information(case: Any) -> datetime | None:
    """The class of the case, or its trajectory, whichever came first."""
    return min((moment for moment in (case.classed_at, case.investigated_at) if moment), default=None)


def _full_report(case: Any) -> datetime | None:
    return case.investigated_at


_ARRIVED = {
    TaskKind.FIRST_INFORMATION: _first_information,
    TaskKind.CORE_INFORMATION: _core_information,
    TaskKind.FULL_REPORT: _full_report,
}
