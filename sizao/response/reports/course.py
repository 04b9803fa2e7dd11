"""The course of one person's illness as known at a moment: onset, infectious window, isolation."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from sizao.records.models import Case, CaseChange, Contact, ContactChange, Outbreak, Person, Stay
from sizao.response import outbreaks
from sizao.response.reports.line_list import UNDER_CONTROL_AT
from sizao.terms import CaseStatus, ContactState, Window

WINDOW_KEY = "investigation.contact_window_days"


@dataclass(frozen=True, slots=True)
class Course:
    """
    Where a person stands, and the days that part their course; unknown is None.

    `infectious_from` is counted back from the onset, or from the first positive where there are no
    symptoms, by the rule `window_days` of `edition`.
    """

    case: Case | None = None
    status: CaseStatus | None = None
    contact: Contact | None = None
    contact_state: ContactState | None = None
    investigated_at: datetime | None = None
    onset_date: date | None = None
    infectious_from: date | None = None
    isolated_from: date | None = None
    window_days: int | None = None
    edition: str = ""
    unread: tuple[str, ...] = ()
    unread_spans: int | None = None

    def window(self, first_date: date, last_date: date) -> Window | None:
        """Say which part of the course some days belong to; the riskier where they reach into two."""
        if self.infectious_from is None or last_date < self.infectious_from:
            return Window.BEFORE if self.infectious_from else None
        if self.isolated_from is not None and first_date >= self.isolated_from:
            return Window.ISOLATED
        return Window.INFECTIOUS


def course(person: Person, outbreak: Outbreak, *, as_of: datetime) -> Course:
    """Say where a person stands in an outbreak, by what was known at `as_of`."""
    case = Case.objects.filter(person=person, outbreak=outbreak, opened_at__lte=as_of).first()
    contact = (
        Contact.objects.filter(person=person, outbreak=outbreak, found_at__lte=as_of)
        .select_related("index_case__person")
        .first()
    )
    state = _latest(ContactChange.objects.filter(contact=contact, at__lte=as_of), "state") if contact else None
    as_contact = {"contact": contact, "contact_state": ContactState(state) if state else None}
    if case is None:
        return Course(**as_contact)
    status = _latest(CaseChange.objects.filter(case=case, at__lte=as_of), "status")
    investigated = case.investigated_at is not None and case.investigated_at <= as_of
    onset = case.onset_date if investigated else None
    rules = outbreaks.rules_at(outbreak, as_of)
    window_days = rules.investigation.contact_window_days
    began = onset or case.first_positive_date
    return Course(
        case=case,
        status=CaseStatus(status) if status else None,
        **as_contact,
        investigated_at=case.investigated_at if investigated else None,
        onset_date=onset,
        infectious_from=began - timedelta(days=window_days) if began and window_days is not None else None,
        isolated_from=_isolated_from(person, outbreak, as_of),
        window_days=window_days,
        edition=rules.value(WINDOW_KEY).origin,
        unread=tuple(case.unread) if investigated else (),
        unread_spans=case.unread_spans if investigated else None,
    )


def _latest(changes: QuerySet, field: str) -> str | None:
    return changes.order_by("-at", "-pk").values_list(field, flat=True).first()


def _isolated_from(person: Person, outbreak: Outbreak, as_of: datetime) -> date | None:
    stays = Stay.objects.filter(person=person, kind__in=UNDER_CONTROL_AT, recorded_at__lte=as_of)
    first = stays.order_by("period").first()
    return outbreak.day_of(first.period.lower) if first else None
