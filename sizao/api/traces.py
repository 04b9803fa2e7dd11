"""Traces: who was there with a case, asked with a purpose by a named officer; people only through the mask."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from sizao.api.door import Asked, AskedList, account, act_at, now, outbreak
from sizao.api.shapes import Who, answers
from sizao.api.trace_shapes import (
    AccessReportOut,
    Answer,
    IdentitiesIn,
    LookedOut,
    Match,
    Matches,
    NamedOut,
    ReturnedOut,
    RideOut,
    SeatCountOut,
    SeatOut,
    SourceOut,
    TraceIn,
    TraceLineOut,
    TraceLines,
    TraceOut,
    Why,
)
from sizao.engines.presences.seats import Seat
from sizao.records import access
from sizao.records.models import Account, Case, Outbreak, Person, Trace
from sizao.response import tracing
from sizao.response.tracing import access_report, trace_page, trace_ranking
from sizao.response.tracing.naming import IdentityRow
from sizao.response.tracing.rides import Ride
from sizao.response.tracing.traces import OneCaseAtATime
from sizao.terms import Layer, Right, Seating, TraceQuestion

router = Router(tags=["tracing"])


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
    return tracing.ask(
        case=cases[0], purpose=sent.purpose, question=question, vehicle=sent.vehicle or None, **least, **facts
    )


@router.get("/traces/{number}", response=answers(TraceOut))
def read_trace(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Read one question and its answers; the reading is journalled."""
    found = _found(request, number)
    return _trace(found, by=account(request), at=now(request), as_of=asked.moment(request))


@router.get("/traces/{number}/matches", response=answers(Matches))
def list_matches(
    request: HttpRequest, number: int, asked: Query[Asked], layer: Layer = Layer.VENUE, after: str = Query(""),
    seating: Seating | None = None,
) -> Any:  # fmt: skip
    """
    List whom a question found in one layer, the closest first; the reading of the question is journalled.

    With `seating` those in vehicles who sat so.
    """
    found, by, as_of = _found(request, number), account(request), asked.moment(request)
    trace_page.read(found, by=by, now=now(request), day=found.outbreak.day_of(as_of), as_of=as_of)
    page = trace_ranking.ranked(found, layer, reader=by, as_of=as_of, after=after, seating=seating)
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
        vehicle=found.settings.get("vehicle"),
        seatings=[SeatCountOut(**_same(one, "seating", "people")) for one in view.seatings],
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


def _match(one: trace_ranking.Listed) -> Match:
    identity = Who.model_validate(one.identity, from_attributes=True) if one.identity else None
    return Match(
        rank=one.rank,
        tier=one.tier,
        is_case=one.case,
        is_contact=one.contact,
        who=identity,
        seating=one.seating,
        rides=[_ride(ride) for ride in one.rides],
        **_same(
            one.match, "id", "minutes", "meetings", "days", "score", "first_at", "last_at", "area_code", "is_generated"
        ),
    )


def _ride(one: Ride) -> RideOut:
    seats = {"case_seat": _seat(one.of_case), "seat": _seat(one.of_other)}
    return RideOut(vehicle=one.place, **seats, **_same(one, "kind", "reach", "seating", "rows_behind", "minutes"))


def _seat(one: Seat | None) -> SeatOut | None:
    return SeatOut(**_same(one, "carriage", "row", "is_crew")) if one else None


def _returned(one: access_report.Returned) -> ReturnedOut:
    names = ("outbreak", "purpose", "asked_at", "found_at", "minutes", "days", "last_date", "closed_at",
             "became_contact", "is_generated")  # fmt: skip
    return ReturnedOut(trace=one.number, desk=one.asked_by, **_same(one, *names))


def _but_span(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("from", "to")}


def _same(one: object, *names: str) -> dict[str, Any]:
    """Take what is called alike."""
    return {name: getattr(one, name) for name in names}
