"""
Outcomes in a drill, entered by who investigates: severe, no longer severe, died, discharged, released.

How ill somebody is, the city knows and a hospital sees; who may leave follows from the tests on record (`wards`).
"""

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from sizao.drill.rehearsal.command.acts import Waiting
from sizao.drill.rehearsal.illness import Course
from sizao.drill.rehearsal.lodging import DISCHARGED
from sizao.drill.rehearsal.office import Office
from sizao.records.models import Case, CaseFact, FactKeeping, Stay
from sizao.response.reports import case_facts
from sizao.terms import CaseFactKind, CaseStatus, Role

_SEVERITY = (CaseFactKind.SEVERE, CaseFactKind.EASED)
_LEAVES = {CaseStatus.CONFIRMED: CaseFactKind.DISCHARGED, CaseStatus.ASYMPTOMATIC: CaseFactKind.RELEASED}


def waiting(office: Office, now: datetime) -> Iterator[Waiting]:
    """Give what is to be entered of cases by now, and that all of it is entered from the first day on."""
    if not FactKeeping.objects.filter(outbreak=office.outbreak).exists():
        yield Waiting("outcomes:kept", "keep_outcomes", Role.REPORTER, now, lambda at: _keep(office, at))
    known = _entered(office)
    confirmed = list(
        office.outbreak.cases.filter(status=CaseStatus.CONFIRMED).select_related("person", "outbreak").order_by("pk")
    )
    for case, kind in _course(office, confirmed, known, now):
        yield _entry(office, case, kind, now)
    left = Stay.objects.filter(source_key__startswith=DISCHARGED, recorded_at__lte=now).values("person")
    gone = Case.objects.filter(outbreak=office.outbreak, person__in=left, status__in=_LEAVES)
    for case in gone.select_related("person", "outbreak").order_by("pk"):
        kind = _LEAVES[CaseStatus(case.status)]
        if not known.get(case.pk, set()) & {kind, CaseFactKind.DIED}:
            yield _entry(office, case, kind, now)


def _keep(office: Office, at: datetime) -> None:
    case_facts.keep(
        outbreak=office.outbreak, area_code=office.outbreak.area_code, first_date=office.outbreak.first_date,
        severity_too=True, by=office.staff[Role.REPORTER], now=at,
    )  # fmt: skip


def _entered(office: Office) -> dict[int, set[str]]:
    known: dict[int, set[str]] = {}
    rows = CaseFact.objects.filter(case__outbreak=office.outbreak, withdrawn_at=None)
    for case, kind in rows.values_list("case_id", "kind"):
        known.setdefault(case, set()).add(kind)
    return known


def _course(
    office: Office, cases: list[Case], known: dict[int, set[str]], now: datetime
) -> Iterator[tuple[Case, CaseFactKind]]:
    """Say what the illness of each case has come to by a day and is not entered yet."""
    life, today = office.asking.life, office.asking.life.day_of(now)
    mine = {life.person(one.person.number): one for one in cases if life.is_mine(one.person.number)}
    courses = office.asking.illness.courses(np.fromiter(mine, np.int64, len(mine)))
    for person, course in sorted(courses.items()):
        kind = _turn(course, known.get(mine[person].pk, set()), today)
        if kind is not None:
            yield mine[person], kind


def _turn(course: Course, entered: set[str], today: int) -> CaseFactKind | None:
    """Say what is to be entered next of an illness by a day; None where all of it is."""
    if entered & {CaseFactKind.DISCHARGED, CaseFactKind.DIED} or today < course.severe:
        return None
    if today >= course.ends and course.dies:
        return CaseFactKind.DIED
    if today < course.ends:
        return None if CaseFactKind.SEVERE in entered else CaseFactKind.SEVERE
    return CaseFactKind.EASED if entered & {*_SEVERITY} == {CaseFactKind.SEVERE} else None


def _entry(office: Office, case: Case, kind: CaseFactKind, now: datetime) -> Waiting:
    return Waiting(
        f"outcome:{case.number}:{kind}", "enter_outcomes", Role.INVESTIGATOR, now,
        lambda at: case_facts.enter(
            case=case, kind=kind, happened_at=at, by=office.staff[Role.INVESTIGATOR], now=at
        ),
    )  # fmt: skip
