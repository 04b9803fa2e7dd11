"""
What happens to a case besides its classification, entered by a person in their name: outcomes, severity, moves.

Nobody guesses from the location ledger: who leaves a bed may go home, to another hospital, or be dead.
"""

from datetime import date, datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Area, Case, CaseChange, CaseFact, FactKeeping, Outbreak
from sizao.response import register
from sizao.terms import CaseFactKind, CaseStatus, Right

# Of whom a fact can be said, and after which facts it cannot any more.
OF_STATUS: dict[CaseFactKind, CaseStatus] = {
    CaseFactKind.DISCHARGED: CaseStatus.CONFIRMED,
    CaseFactKind.DIED: CaseStatus.CONFIRMED,
    CaseFactKind.RELEASED: CaseStatus.ASYMPTOMATIC,
    CaseFactKind.SEVERE: CaseStatus.CONFIRMED,
    CaseFactKind.EASED: CaseStatus.CONFIRMED,
}
ENDS = (CaseFactKind.DISCHARGED, CaseFactKind.DIED, CaseFactKind.RELEASED)


class FactDoesNotFit(SizaoError):
    code = "case_fact.does_not_fit"
    message = "Case {number} was {status} at that moment; {kind} is said of {of} cases only. Classify the case first."


class AlreadyEnded(SizaoError):
    code = "case_fact.ended"
    message = "Case {number} is entered as {kind} on {date}. Withdraw that entry first if it is wrong."


class NotYet(SizaoError):
    code = "case_fact.future"
    message = "{at} has not come yet. Enter what has happened."


class NoSuchArea(SizaoError):
    code = "case_fact.no_such_area"
    message = "There is no area with the code {area} in this outbreak. Choose a county of it."


class FactReasonMissing(SizaoError):
    code = "case_fact.reason_missing"
    message = "Say why: the reports of two areas change with it."


class MoveStays(SizaoError):
    code = "case_fact.move_stays"
    message = "A move is not withdrawn: both areas have reported it. Move case {number} back, with the reason."


class AlreadyWithdrawn(SizaoError):
    code = "case_fact.withdrawn"
    message = "This entry was withdrawn already."


class AlreadyKept(SizaoError):
    code = "case_fact.kept"
    message = "Outcomes of {area} are entered since {date} already. Withdraw that statement first."


@transaction.atomic
def enter(
    *, case: Case, kind: CaseFactKind, happened_at: datetime, by: Account, now: datetime, reason: str = ""
) -> CaseFact:
    """
    Enter that a case was discharged, died, was released, became severe or is no longer severe.

    Who died occupies no bed or room any more. A withdrawal does not bring the stay back: say where the person is.
    Raise FactDoesNotFit where the case was no such case then, AlreadyEnded, NotYet or the door's refusal.
    """
    access.require(by, Right.CASE_CLASSIFY, area_code=case.area_code)
    Case.objects.select_for_update().get(pk=case.pk)
    if happened_at > now:
        raise NotYet(at=happened_at.isoformat(timespec="minutes"))
    _require_fit(case, kind, happened_at)
    if kind == CaseFactKind.DIED:
        register.end_stay(person=case.person, at=happened_at, by=by, now=now)
    return _written(case, kind, happened_at, case.area_code, "", reason, by, now)


def _require_fit(case: Case, kind: CaseFactKind, happened_at: datetime) -> None:
    of = OF_STATUS.get(kind)
    before = CaseChange.objects.filter(case=case, at__lte=happened_at).order_by("-at", "-id")
    status = before.values_list("status", flat=True).first()
    if of is None or status != of:
        said = CaseStatus(status) if status else "—"
        raise FactDoesNotFit(number=case.number, status=said, kind=kind, of=of or "—")
    ended = CaseFact.objects.filter(case=case, kind__in=ENDS, withdrawn_at__isnull=True).first()
    # An asymptomatic infection that was released may fall ill later: that is another course.
    if ended is not None and OF_STATUS[CaseFactKind(ended.kind)] == of:
        raise AlreadyEnded(number=case.number, kind=CaseFactKind(ended.kind), date=ended.happened_at.date())


@transaction.atomic
def move(*, case: Case, area_code: str, reason: str, by: Account, now: datetime) -> CaseFact:
    """
    Count a case in another area from now on; both areas' reports show it. Needs the right in both.

    Raise NoSuchArea, FactReasonMissing or the door's refusal.
    """
    for code in (case.area_code, area_code):
        access.require(by, Right.CASE_CLASSIFY, area_code=code)
    case = Case.objects.select_for_update(of=["self"]).select_related("outbreak").get(pk=case.pk)
    inside = area_code.startswith(case.outbreak.area_code) and area_code != case.area_code
    if not inside or not Area.objects.filter(code=area_code).exists():
        raise NoSuchArea(area=area_code)
    if not reason.strip():
        raise FactReasonMissing
    was = case.area_code
    case.area_code = area_code
    case.save(update_fields=["area_code"])
    return _written(case, CaseFactKind.MOVED, now, area_code, was, reason, by, now)


def _written(  # noqa: PLR0913
    case: Case, kind: CaseFactKind, happened_at: datetime, area_code: str, was: str, reason: str, by: Account,
    now: datetime,
) -> CaseFact:  # fmt: skip
    fact = CaseFact.objects.create(
        case=case, kind=kind, happened_at=happened_at, was_area_code=was, area_code=area_code, recorded_at=now,
        by=by.username, reason=reason.strip()[:300],
    )  # fmt: skip
    journal.write("case.fact_entered", case, by=by, at=now, kind=str(kind), fact=fact.pk)
    return fact


@transaction.atomic
def withdraw(*, fact: CaseFact, reason: str, by: Account, now: datetime) -> CaseFact:
    """Withdraw an entry that was wrong; what was reported with it stays, and shows as a difference."""
    fact = CaseFact.objects.select_for_update(of=["self"]).select_related("case").get(pk=fact.pk)
    access.require(by, Right.CASE_CLASSIFY, area_code=fact.case.area_code)
    if fact.kind == CaseFactKind.MOVED:
        raise MoveStays(number=fact.case.number)
    if fact.withdrawn_at is not None:
        raise AlreadyWithdrawn
    if not reason.strip():
        raise FactReasonMissing
    fact.withdrawn_at, fact.withdrawn_by = now, by.username
    fact.save(update_fields=["withdrawn_at", "withdrawn_by"])
    journal.write("case.fact_withdrawn", fact.case, by=by, at=now, fact=fact.pk, reason=reason.strip()[:300])
    return fact


@transaction.atomic
def keep(
    *, outbreak: Outbreak, area_code: str, first_date: date, severity_too: bool, by: Account, now: datetime
) -> FactKeeping:
    """
    State that every outcome of an area's cases is entered from a day on, and all of before it that count.

    From that day on none entered means none happened: the figures resting on outcomes become numbers.
    """
    access.require(by, Right.REPORT_SUBMIT, area_code=area_code)
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)
    standing = FactKeeping.objects.filter(outbreak=outbreak, area_code=area_code, withdrawn_at__isnull=True).first()
    if standing is not None:
        raise AlreadyKept(area=area_code, date=standing.first_date)
    kept = FactKeeping.objects.create(
        outbreak=outbreak, area_code=area_code, first_date=first_date, severity_too=severity_too, by=by.username,
        recorded_at=now,
    )  # fmt: skip
    journal.write("report.outcomes_kept", kept, by=by, at=now, first_date=str(first_date), severity=severity_too)
    return kept


@transaction.atomic
def stop_keeping(*, kept: FactKeeping, by: Account, now: datetime) -> FactKeeping:
    """Withdraw the statement that outcomes are entered; the figures resting on them are unknown again."""
    access.require(by, Right.REPORT_SUBMIT, area_code=kept.area_code)
    kept = FactKeeping.objects.select_for_update().get(pk=kept.pk)
    if kept.withdrawn_at is not None:
        raise AlreadyWithdrawn
    kept.withdrawn_at = now
    kept.save(update_fields=["withdrawn_at"])
    journal.write("report.outcomes_not_kept", kept, by=by, at=now)
    return kept
