"""What stands between this authority and others: requests, late first; and whom to ask about, by where they live."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from sizao.records import access, journal
from sizao.records.models import (
    Account,
    Authority,
    Contact,
    CooperationPerson,
    CooperationRequest,
    ExchangeMessage,
    Outbreak,
)
from sizao.response.cooperation.standing import as_known, is_late
from sizao.terms import ContactState, Right

OPEN_CONTACTS = (ContactState.FOUND, ContactState.PLACED)
COUNTY_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A request with how many of its people have an answer, and whether it is late."""

    request: CooperationRequest
    people: int
    answered: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Contacts found here who live in one county elsewhere: a list to be sent to who answers for that place."""

    area_code: str
    contacts: tuple[Contact, ...]
    asked: int  # of them, how many are on a request that was sent already


def known(by: Account) -> QuerySet[CooperationRequest]:
    """Give the requests of an account's jurisdiction."""
    access.require(by, Right.COOPERATE)
    return CooperationRequest.objects.filter(area_code__startswith=by.area_code).select_related("authority", "outbreak")


def lines(by: Account, *, as_of: datetime, most: int, known_at: datetime | None = None) -> list[Line]:
    """
    Give the requests that stood, those due first, and then those that were over; at most so many.

    They are late or not at `as_of`; all that was known until `known_at` counts, where that is later.
    """
    known_at = known_at or as_of
    was_over = Q(closed_at__lte=known_at) | Q(withdrawn_at__lte=known_at)
    rows = known(by).filter(made_at__lte=known_at)
    standing = list(rows.exclude(was_over).order_by(F("due_at").asc(nulls_last=True), "pk")[:most])
    over = list(rows.filter(was_over).order_by("-pk")[: most - len(standing)])
    counted: dict[int, list[datetime | None]] = defaultdict(list)
    shown = [*standing, *over]
    people = CooperationPerson.objects.filter(request__in=shown).values_list("request_id", "answered_at")
    for request_id, answered_at in people:
        counted[request_id].append(answered_at)
    return [_line(one, counted[one.pk], as_of, known_at) for one in shown]


def _line(
    request: CooperationRequest, answered: list[datetime | None], as_of: datetime, known_at: datetime
) -> Line:  # fmt: skip
    told = as_known(request, answered, as_of=known_at)
    given = sum(moment is not None and moment <= known_at for moment in answered)
    return Line(told, len(answered), given, is_late(told, as_of))


def fetch(pk: int, *, by: Account) -> CooperationRequest:
    """Fetch one request of the jurisdiction, or refuse as if it were not there."""
    rows = CooperationRequest.objects.select_related("authority", "outbreak")
    found: CooperationRequest = access.row(rows, what="cooperation", to=Right.COOPERATE, by=by, pk=pk)
    return found


def people_of(
    request: CooperationRequest, *, by: Account, now: datetime, as_of: datetime
) -> list[CooperationPerson]:  # fmt: skip
    """Read the people of a request as it was known at a moment; that it was read is journalled."""
    people = list(request.people.select_related("person").order_by("ref"))
    journal.write("cooperation.read", request, by=by, at=now, people=len(people))
    for one in people:
        if one.answered_at is not None and one.answered_at > as_of:
            one.answer, one.answer_note, one.answered_at, one.answered_by = "", None, None, ""
    return people


def stood(request: CooperationRequest, *, as_of: datetime) -> CooperationRequest:
    """Give a copy of a request as it was known at a moment, for reading alone."""
    return as_known(request, list(request.people.values_list("answered_at", flat=True)), as_of=as_of)


def messages_of(request: CooperationRequest, *, as_of: datetime) -> list[ExchangeMessage]:
    """Give the messages about a request that were known at a moment, oldest first, without their words."""
    found = ExchangeMessage.objects.filter(number=request.number, recorded_at__lte=as_of)
    told = list(found.defer("body").order_by("made_at", "pk"))
    for one in told:
        if one.delivered_at is not None and one.delivered_at > as_of:
            one.delivered_at = None
    return told


def elsewhere(outbreak: Outbreak, *, by: Account, as_of: datetime) -> list[Elsewhere]:
    """Group the contacts of cases of the jurisdiction who live outside of it by their county, the most first."""
    access.require(by, Right.COOPERATE)
    mine = Q(index_case__area_code__startswith=by.area_code) & ~Q(person__area_code__startswith=by.area_code)
    rows = Contact.objects.filter(mine, outbreak=outbreak, state__in=OPEN_CONTACTS, found_at__lte=as_of)
    groups: dict[str, list[Contact]] = defaultdict(list)
    for one in rows.select_related("person", "index_case").order_by("found_at", "pk"):
        groups[one.person.area_code[:COUNTY_DIGITS]].append(one)
    sent = set(
        CooperationPerson.objects.filter(
            request__outbreak=outbreak, request__is_incoming=False, request__withdrawn_at__isnull=True
        ).values_list("person_id", flat=True)
    )
    found = [
        Elsewhere(code, tuple(contacts), sum(one.person_id in sent for one in contacts))
        for code, contacts in groups.items()
    ]
    return sorted(found, key=lambda one: (-len(one.contacts), one.area_code))


def authorities() -> QuerySet[Authority]:
    """Give the authorities that may be asked, by their area."""
    return Authority.objects.filter(ended_at__isnull=True).order_by("area_code", "pk")
