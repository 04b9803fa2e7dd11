"""Inside a zone: who is there in numbers, what waits, and what other systems tell of requests and gates."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, Moment, account, act_at
from sizao.api.shapes import answers
from sizao.records.access import NotYours
from sizao.records.models import Person, Zone
from sizao.response import zoning
from sizao.response.zoning import asking
from sizao.response.zoning.serving import LONGEST_KEY, Sent
from sizao.terms import (
    DoorAnswer,
    PassOutcome,
    PassReason,
    PassWay,
    ZoneChannel,
    ZoneOutcome,
    ZoneRequestKind,
)

router = Router(tags=["zoning"])
MOST_AT_ONCE, MOST_ROWS = 200, 500
BIG = 2**62


class InsideOut(Schema):
    """A zone from inside, in numbers: people by where they are, needs, requests and goods."""

    people: int
    homes: int
    by_place: dict[str, int]
    needs: dict[str, int]
    open: int
    late: int
    care_waiting: int
    served: int
    refused: int
    homes_inside: int
    homes_due: int


class RequestOut(Schema):
    """A request that waits, by whose number it is, when it was asked and by when it is served."""

    id: int
    kind: ZoneRequestKind
    channel: ZoneChannel
    what: str
    person: str | None
    household: int | None
    area_code: str
    asked_at: datetime
    due_at: datetime | None


class RequestIn(Schema):
    """What somebody inside asks for, by the person's number."""

    person: str = Field(min_length=1, max_length=40)
    kind: ZoneRequestKind
    what: str = Field("", max_length=200)


class ServedIn(Schema):
    """What became of a request, under a key of the sender's own."""

    key: str = Field(min_length=1, max_length=LONGEST_KEY)
    happened_at: Moment
    request: int = Field(ge=1, le=BIG)
    outcome: ZoneOutcome
    reason: str = Field("", max_length=200)


class PassedIn(Schema):
    """Somebody at a gate, under a key of the sender's own."""

    key: str = Field(min_length=1, max_length=LONGEST_KEY)
    happened_at: Moment
    gate: int = Field(ge=1, le=BIG)
    way: PassWay
    reason: PassReason
    outcome: PassOutcome = PassOutcome.PASSED
    bearer: str = Field("", max_length=60)
    person: str = Field("", max_length=40)
    permit: str = Field("", max_length=20)


class InsideActs(Schema):
    """Acts in any order; each is taken once, and one refused keeps none of the others back."""

    served: list[ServedIn] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    passed: list[PassedIn] = Field(default_factory=list, max_length=MOST_AT_ONCE)


class ToldOut(Schema):
    """What became of one act: taken, known already, or refused with a code and a sentence."""

    key: str
    answer: DoorAnswer
    code: str | None
    message: str | None


@router.get("/zones/{number}/inside", response=answers(InsideOut))
def read_inside(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Count who is inside a zone, or in the part of it that the account looks after, and what waits there."""
    found = zoning.summary(_found(request, number), by=account(request), as_of=asked.moment(request))
    return {name: getattr(found, name) for name in InsideOut.model_fields if name not in ("by_place", "needs")} | {
        "by_place": {str(place): n for place, n in found.by_place.items()},
        "needs": {str(need): n for need, n in found.needs},
    }


@router.get("/zones/{number}/requests", response=answers(list[RequestOut]))
def list_requests(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """List what waits inside a zone, the nearest clock first; people stand by their number alone."""
    zone = _found(request, number)
    waiting = zoning.open_requests(zone, as_of=asked.moment(request))
    mine = waiting.filter(area_code__startswith=asking.within(zone, account(request)))
    return [_request(one) for one in mine.select_related("person").order_by("due_at", "pk")[:MOST_ROWS]]


@router.post("/zones/{number}/requests", response=answers(RequestOut))
def ask(request: HttpRequest, number: int, asked: Query[Asked], given: RequestIn) -> Any:
    """Take down what somebody inside a zone asks for; its clock runs from now."""
    zone, by = _found(request, number), account(request)
    area = asking.within(zone, by)
    person = Person.objects.filter(number=given.person, area_code__startswith=area).select_related("household").first()
    if person is None:
        raise NotYours(what="person", area=by.area_code)
    made = zoning.ask(
        zone=zone, kind=given.kind, what=given.what, channel=ZoneChannel.PHONE, person=person, by=by,
        now=act_at(request, zone.outbreak, asked),
    )  # fmt: skip
    return _request(made)


@router.post("/zones/{number}/acts", response=answers(list[ToldOut]))
def record(request: HttpRequest, number: int, asked: Query[Asked], given: InsideActs) -> Any:
    """Take in what was done at doors and gates. A way out to medical care is never refused."""
    zone = _found(request, number)
    acts: list[Sent] = [
        zoning.ServedSent(one.key, one.happened_at, one.request, one.outcome, one.reason) for one in given.served
    ]
    acts += [
        zoning.PassedSent(
            one.key, one.happened_at, one.gate, one.way, one.reason, one.outcome, bearer=one.bearer, person=one.person,
            permit=one.permit,
        )
        for one in given.passed
    ]  # fmt: skip
    told = zoning.record(zone=zone, acts=acts, by=account(request), now=act_at(request, zone.outbreak, asked))
    return [
        {
            "key": one.source_key, "answer": one.answer, "code": one.why.code if one.why else None,
            "message": str(one.why) if one.why else None,
        }
        for one in told
    ]  # fmt: skip


def _found(request: HttpRequest, number: int) -> Zone:
    zone = Zone.objects.filter(pk=number).select_related("outbreak").first()
    by = account(request)
    if zone is None:
        asking.within(Zone(area_code=by.area_code), by)  # whoever lacks the right learns nothing of what there is
        raise NotYours(what="zone", area=by.area_code)
    asking.within(zone, by)
    return zone


def _request(one: Any) -> dict[str, Any]:
    return {
        "id": one.pk, "kind": one.kind, "channel": one.channel, "what": one.what,
        "person": one.person.number if one.person else None, "household": one.household_id,
        "area_code": one.area_code, "asked_at": one.asked_at, "due_at": one.due_at,
    }  # fmt: skip
