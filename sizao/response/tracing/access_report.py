"""
What a resident may know of who looked at their data: every reading of their record, and every trace that returned them.

The number of a case is never told: it is somebody else's illness.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sizao.records import access, journal
from sizao.records.models import Account, Contact, Event, Outbreak, Person, Trace, TraceMatch
from sizao.response.tracing import tokens
from sizao.terms import Right, Role, TracePurpose

READ, RETURNED = "person.read", "trace.returned"
ACCOUNT_GIVEN = "person.account_given"


@dataclass(frozen=True, slots=True)
class Looked:
    """
    One time that somebody looked: when, who (the desk and its area, never the officer's name), by which right, for
    what purpose. `by` is None where it was the machine itself, or an account that is no more.

    `trace` is the number of the question that returned this person, None where the record itself was read.
    """

    at: datetime
    by: Role | None
    by_area_code: str
    right: str
    purpose: TracePurpose | None
    trace: str | None


@dataclass(frozen=True, slots=True)
class Returned:
    """
    A question that returned this person: when first, which days it asked about, how long they shared a place.

    `minutes` and `days` are None where the matches have been destroyed; `became_contact` says whether an officer made
    them a contact since. Until `last_date` the question may return them again.
    """

    number: str
    outbreak: str
    purpose: TracePurpose
    asked_by: Role | None
    asked_at: datetime
    found_at: datetime
    minutes: float | None
    days: int | None
    last_date: date
    closed_at: datetime | None
    became_contact: bool
    is_generated: bool


@dataclass(frozen=True, slots=True)
class AccessReport:
    """Who looked at one person's data: questions that returned them, and readings of their record, latest first."""

    person: Person
    at: datetime
    returned: tuple[Returned, ...]
    looked: tuple[Looked, ...]


def access_report(person: Person, *, to: Account, now: datetime) -> AccessReport:
    """
    Tell a resident who looked at their data and why; that it was told is journalled.

    `to` is the officer at the desk, `person` came through the access door with the right PERSON_ACCOUNT. Traces that
    returned one of the person's tokens are told also where the register did not know then whose it was.
    """
    access.require(to, Right.PERSON_ACCOUNT)
    returned = tuple(sorted(_returned(person, now), key=lambda one: one.found_at, reverse=True))
    looked = tuple(_looked(person, now))
    journal.write(ACCOUNT_GIVEN, person, by=to, at=now, traces=len(returned), readings=len(looked))
    return AccessReport(person, now, returned, looked)


# --- Questions that returned them --------------------------------------------------------------


def _returned(person: Person, now: datetime) -> Iterator[Returned]:
    kept = _matches(person, now)
    told = {
        (line.outbreak_id, line.facts["trace"]): line.at
        for line in Event.objects.filter(person_id=person.pk, verb=RETURNED, at__lte=now).order_by("-at")
    }
    desks = _desks()
    contact_in = set(Contact.objects.filter(person=person, found_at__lte=now).values_list("outbreak_id", flat=True))
    for trace in _traces(kept, told):
        matches = kept.get(trace.pk, [])
        found_at = [one.found_at for one in matches]
        since = min([*found_at, *filter(None, [told.get((trace.outbreak_id, trace.number))])])
        yield Returned(
            number=trace.number,
            outbreak=trace.outbreak.name,
            purpose=TracePurpose(trace.purpose),
            asked_by=desks.get(trace.asked_by, (None, ""))[0],
            asked_at=trace.asked_at,
            found_at=since,
            minutes=max((one.minutes for one in matches), default=None),
            days=max((one.days for one in matches), default=None),
            last_date=trace.last_date,
            closed_at=trace.closed_at,
            became_contact=trace.outbreak_id in contact_in,
            is_generated=any(one.is_generated for one in matches),
        )


def _matches(person: Person, now: datetime) -> dict[int, list[TraceMatch]]:
    """Find what is kept of this person under any of their tokens, by trace."""
    found: dict[int, list[TraceMatch]] = {}
    for outbreak in Outbreak.objects.filter(token_key__key__isnull=False).order_by("pk"):
        borne = tokens.tokens_of(outbreak, person)
        rows = TraceMatch.objects.filter(trace__outbreak=outbreak, token__in=borne, found_at__lte=now)
        for row in rows.order_by("pk"):
            found.setdefault(row.trace_id, []).append(row)
    return found


def _traces(kept: dict[int, list[TraceMatch]], told: dict[tuple[int, str], datetime]) -> list[Trace]:
    by_line = Trace.objects.filter(
        outbreak__in={outbreak for outbreak, _ in told}, number__in={number for _, number in told}
    )
    rows = Trace.objects.filter(pk__in=kept) | by_line
    return [
        one
        for one in rows.select_related("outbreak").order_by("pk")
        if one.pk in kept or (one.outbreak_id, one.number) in told
    ]


# --- Readings of their record ------------------------------------------------------------------


def _looked(person: Person, now: datetime) -> Iterator[Looked]:
    lines = Event.objects.filter(person_id=person.pk, verb__in=(READ, ACCOUNT_GIVEN), at__lte=now)
    desks = _desks()
    for line in lines.order_by("-at", "-pk"):
        desk, area_code = desks.get(line.actor, (None, ""))
        purpose = line.facts.get("purpose", "")
        yield Looked(
            at=line.at,
            by=desk,
            by_area_code=area_code,
            right=line.facts.get("right", str(Right.PERSON_ACCOUNT)),
            purpose=TracePurpose(purpose) if purpose in set(TracePurpose) else None,
            trace=line.facts.get("trace"),
        )


def _desks() -> dict[str, tuple[Role, str]]:
    rows = Account.objects.values_list("username", "role", "area_code")
    return {username: (Role(role), area_code) for username, role, area_code in rows}
