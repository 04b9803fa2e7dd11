"""Traces: who was there with a case, asked with a purpose by a named officer; people only through the mask."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, act_at, now, outbreak
from sizao.api.shapes import Who, answers
from sizao.records import access
from sizao.records.models import Account, Case, Outbreak, Person, Trace
from sizao.response import tracing
from sizao.response.tracing import access_report, trace_page
from sizao.response.tracing.naming import IdentityRow
from sizao.response.tracing.traces import OneCaseAtATime
from sizao.terms import Layer, Right, Role, Tier, TraceCause, TracePurpose, TraceQuestion, TraceState

router = Router(tags=["tracing"])
MOST_CASES = 200
ROWS_AT_ONCE = 1000


class TraceIn(Schema):
    """A question about one case, or with several about what they shared before they fell ill."""

    cases: list[str] = Field(min_length=1, max_length=MOST_CASES, description="Numbers of confirmed cases.")
    purpose: TracePurpose
    reason: str = Field(min_length=1, max_length=500, description="What is looked for, and what it rests on.")
    least_minutes: float | None = Field(None, ge=1, le=1440, description="A meeting counts from so many minutes on.")
    question: TraceQuestion | None = Field(
        None, description="Without one: companions of one case, or the common source of several."
    )
    since: datetime | None = Field(None, description="Of places of infectious time: what passed there from then on.")


class Answer(Schema):
    """What a question returned at one moment, and why it was asked then."""

    at: datetime
    cause: TraceCause
    found: int
    new: int
    gone: int


class SourceOut(Schema):
    """A place, or a span of time there, that links cases before they fell ill."""

    scope: str
    place: str
    start: datetime
    end: datetime
    cases: int
    expected: float
    visitors: int
    p_value: float
    q_value: float


class HotspotOut(Schema):
    """A place and the infectious minutes of cases that passed there; `expected` cases were they like everybody."""

    place: str
    minutes: float
    cases: int
    expected: float
    visitors: int
    first: datetime
    last: datetime


class TraceOut(Schema):
    """
    One question and how it stood at the moment asked for.

    `sources` where it asks for a common source, `hotspots` where it asks for places of infectious time.
    """

    id: int
    number: str
    question: TraceQuestion
    purpose: TracePurpose
    reason: str
    case: str | None
    state: TraceState
    begins_at: datetime
    ends_at: datetime
    least_minutes: float
    asked_at: datetime
    asked_by: str
    last_date: date
    found: int
    known: int
    is_generated: bool
    answers: list[Answer]
    sources: list[SourceOut]
    hotspots: list[HotspotOut]


class TraceLineOut(Schema):
    """One question in a list."""

    id: int
    number: str
    question: TraceQuestion
    purpose: TracePurpose
    case: str | None
    state: TraceState
    asked_at: datetime
    last_date: date
    found: int
    known: int


class TraceLines(Schema):
    """Some questions, latest first; `next` asks for those after them and is null at the end."""

    rows: list[TraceLineOut]
    next: int | None


class Match(Schema):
    """Somebody who was found, by the rank of the layer asked for; `who` is null where the register does not know."""

    id: int
    rank: int
    tier: Tier
    minutes: float
    meetings: int
    days: int
    score: float | None
    first_at: datetime
    last_at: datetime
    area_code: str
    is_case: bool
    is_contact: bool
    is_generated: bool
    who: Who | None


class Matches(Schema):
    """Some of those found in one layer, the closest first; `next` is empty at the end."""

    layer: Layer
    rows: list[Match]
    next: str


class IdentityIn(Schema):
    """Who somebody is, as an authority says."""

    id_number: str = Field("", max_length=40)
    phone: str = Field("", max_length=40)
    name: str = Field(max_length=60)
    address: str = Field("", max_length=300)
    area_code: str = Field(pattern=r"^\d{6}(\d{3}(\d{3})?)?$")


class IdentitiesIn(Schema):
    """Identities for people whom a trace found."""

    people: list[IdentityIn] = Field(min_length=1, max_length=ROWS_AT_ONCE)


class NamedOut(Schema):
    """
    How many people are linked to the trace now, and how many were registered by it.

    `skipped` are the rows, from 1, about nobody whom the trace found; nothing of them was kept.
    """

    linked: int
    new: int
    skipped: list[int]


class Why(Schema):
    """Why a question is asked no more."""

    reason: str = Field("", max_length=300)


class LookedOut(Schema):
    """One time that somebody looked at a person's record: the desk and its area, never the officer's name."""

    at: datetime
    desk: Role | None
    area_code: str
    right: str
    purpose: TracePurpose | None
    trace: str | None


class ReturnedOut(Schema):
    """A question that returned this person; minutes and days are null once the matches are destroyed."""

    trace: str
    outbreak: str
    purpose: TracePurpose
    desk: Role | None
    asked_at: datetime
    found_at: datetime
    minutes: float | None
    days: int | None
    last_date: date
    closed_at: datetime | None
    became_contact: bool
    is_generated: bool


class AccessReportOut(Schema):
    """Who looked at one person's data; the number of a case is never told."""

    person: str
    at: datetime
    returned: list[ReturnedOut]
    looked: list[LookedOut]


@router.get("/outbreaks/{slug}/traces", response=answers(TraceLines))
def list_traces(request: HttpRequest, slug: str, asked: Query[AskedList], before: int | None = None) -> Any:
    """List the questions about cases of the jurisdiction that had been asked by the moment asked for."""
    within = outbreak(request, slug, to=Right.TRACE_ASK)
    reader, as_of = account(request), asked.moment(request)
    rows = trace_page.traces_at(within, asked.area_code(reader, Right.TRACE_ASK), as_of=as_of).select_related("case")
    rows = rows.filter(pk__lt=before) if before else rows
    found = list(rows.order_by("-pk")[: asked.size + 1])
    lines = trace_page.lines(found[: asked.size], reader=reader, day=within.day_of(as_of), as_of=as_of)
    return TraceLines(
        rows=[_line(one) for one in lines], next=found[asked.size - 1].pk if len(found) > asked.size else None
    )


@router.post("/outbreaks/{slug}/traces", response=answers(TraceOut))
def ask(request: HttpRequest, slug: str, sent: TraceIn, asked: Query[Asked]) -> Any:
    """Ask who was there with a confirmed case, who met its contacts, where it was, or what several cases shared."""
    within = outbreak(request, slug, to=Right.TRACE_ASK)
    at, by = act_at(request, within, asked), account(request)
    cases = [_case(within, number, by) for number in sent.cases]
    facts: Mapping[str, Any] = {"outbreak": within, "reason": sent.reason, "by": by, "now": at}
    return _trace(_asked(sent, cases, facts), by=by, at=at, as_of=at)


def _asked(sent: TraceIn, cases: list[Case], facts: Mapping[str, Any]) -> Trace:
    usual = TraceQuestion.COMMON_SOURCE if len(cases) > 1 else TraceQuestion.COMPANIONS
    question, least = sent.question or usual, {"least_minutes": sent.least_minutes}
    if question == TraceQuestion.COMMON_SOURCE:
        return tracing.ask_common_source(cases=cases, **least, **facts)
    if question == TraceQuestion.HOTSPOTS:
        return tracing.ask_hotspots(cases=cases, purpose=sent.purpose, since=sent.since, **facts)
    if len(cases) > 1:
        raise OneCaseAtATime
    return tracing.ask(case=cases[0], purpose=sent.purpose, question=question, **least, **facts)


@router.get("/traces/{number}", response=answers(TraceOut))
def read_trace(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Read one question and its answers; the reading is journalled."""
    found = _found(request, number)
    return _trace(found, by=account(request), at=now(request), as_of=asked.moment(request))


@router.get("/traces/{number}/matches", response=answers(Matches))
def list_matches(
    request: HttpRequest, number: int, asked: Query[Asked], layer: Layer = Layer.VENUE, after: str = Query("")
) -> Any:
    """List whom a question found in one layer, the closest first; the reading of the question is journalled."""
    found, by, as_of = _found(request, number), account(request), asked.moment(request)
    trace_page.read(found, by=by, now=now(request), day=found.outbreak.day_of(as_of), as_of=as_of)
    page = trace_page.ranked(found, layer, reader=by, as_of=as_of, after=after)
    return Matches(layer=layer, rows=[_match(one) for one in page.rows], next=page.more)


@router.post("/traces/{number}/close", response=answers(TraceOut))
def close(request: HttpRequest, number: int, asked: Query[Asked], why: Why) -> Any:
    """Say that a question is asked no more."""
    found, by = _found(request, number), account(request)
    at = act_at(request, found.outbreak, asked)
    return _trace(tracing.close(trace=found, by=by, now=at, why=why.reason), by=by, at=at, as_of=at)


@router.post("/traces/{number}/people", response=answers(NamedOut))
def name_people(request: HttpRequest, number: int, sent: IdentitiesIn, asked: Query[Asked]) -> Any:
    """Say who people are whom a question found, all rows or none; rows about anybody else are skipped."""
    found = _found(request, number)
    rows = [IdentityRow(**one.dict()) for one in sent.people]
    at = act_at(request, found.outbreak, asked)
    named = tracing.name_people(trace=found, rows=rows, by=account(request), now=at)
    return NamedOut(linked=named.linked, new=named.new, skipped=list(named.skipped))


@router.get("/outbreaks/{slug}/people/{number}/access-report", response=answers(AccessReportOut))
def report_access(request: HttpRequest, slug: str, number: str) -> Any:
    """Tell who looked at a person's data and why, for that person; telling it is journalled too."""
    outbreak(request, slug, to=Right.PERSON_ACCOUNT)
    by, at = account(request), now(request)
    person: Person = access.person(number, to=Right.PERSON_ACCOUNT, by=by, now=at)
    said = access_report.access_report(person, to=by, now=at)
    return AccessReportOut(
        person=person.number,
        at=said.at,
        returned=[_returned(one) for one in said.returned],
        looked=[
            LookedOut(desk=one.by, area_code=one.by_area_code, **_same(one, "at", "right", "purpose", "trace"))
            for one in said.looked
        ],
    )


def _case(within: Outbreak, number: str, by: Account) -> Case:
    rows = Case.objects.filter(outbreak=within).select_related("person", "outbreak")
    found: Case = access.row(rows, what="case", to=Right.TRACE_ASK, by=by, number=number)
    return found


def _found(request: HttpRequest, number: int) -> Trace:
    rows = Trace.objects.select_related("outbreak", "case__person")
    found: Trace = access.row(rows, what="trace", to=Right.TRACE_ASK, by=account(request), pk=number)
    return found


def _line(one: trace_page.TraceLine) -> TraceLineOut:
    return TraceLineOut(
        case=one.trace.case.number if one.trace.case else None,
        question=one.question,
        purpose=one.purpose,
        state=one.state,
        found=one.n_found,
        known=one.n_known,
        **_same(one.trace, "id", "number", "asked_at", "last_date"),
    )


def _trace(found: Trace, *, by: Account, at: datetime, as_of: datetime) -> TraceOut:
    view = trace_page.read(found, by=by, now=at, day=found.outbreak.day_of(as_of), as_of=as_of)
    latest = found.answers.filter(answered_at__lte=as_of).order_by("-answered_at", "-pk").first()
    sources = latest.facts.get("sources", []) if latest else []
    return TraceOut(
        question=view.question,
        purpose=view.purpose,
        state=view.state,
        case=found.case.number if found.case else None,
        found=view.n_found,
        known=view.n_known,
        is_generated=view.is_generated,
        answers=[
            Answer(at=one.at, cause=one.cause, found=one.n_found, new=one.n_new, gone=one.n_gone)
            for one in view.answers
        ],
        hotspots=latest.facts.get("hotspots", []) if latest else [],
        sources=[SourceOut(start=one["from"], end=one["to"], **_but_span(one)) for one in sources],
        **_same(
            found,
            "id",
            "number",
            "reason",
            "begins_at",
            "ends_at",
            "least_minutes",
            "asked_at",
            "asked_by",
            "last_date",
        ),
    )


def _match(one: trace_page.Listed) -> Match:
    identity = Who.model_validate(one.identity, from_attributes=True) if one.identity else None
    return Match(
        rank=one.rank,
        tier=one.tier,
        is_case=one.case,
        is_contact=one.contact,
        who=identity,
        **_same(
            one.match, "id", "minutes", "meetings", "days", "score", "first_at", "last_at", "area_code", "is_generated"
        ),
    )


def _returned(one: access_report.Returned) -> ReturnedOut:
    names = ("outbreak", "purpose", "asked_at", "found_at", "minutes", "days", "last_date", "closed_at",
             "became_contact", "is_generated")  # fmt: skip
    return ReturnedOut(trace=one.number, desk=one.asked_by, **_same(one, *names))


def _but_span(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("from", "to")}


def _same(one: object, *names: str) -> dict[str, Any]:
    """Take what is called alike."""
    return {name: getattr(one, name) for name in names}
