"""Objections: taken by whoever serves, decided by somebody who had no part in the measure."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, act_at, outbreak
from sizao.api.shapes import PageOf, answers, page
from sizao.records import access, keyset
from sizao.records.models import Objection
from sizao.response import objections
from sizao.terms import ObjectionAbout, ObjectionChannel, ObjectionDecision, ObjectionState, Right

router = Router(tags=["objections"])
_BIGGEST = 2**63 - 1


class ObjectionOut(Schema):
    """An objection, by when it is to be decided, and what was decided. What the person said is read on the screen."""

    id: int
    number: str
    about: ObjectionAbout
    subject_id: int
    area_code: str
    state: ObjectionState
    channel: ObjectionChannel
    received_at: datetime
    due_at: datetime
    is_late: bool
    basis: list[dict[str, Any]]
    decided_at: datetime | None
    decided_by: str | None
    decision: ObjectionDecision | None


class ObjectionIn(Schema):
    """Against what somebody objects, what they say, and how it came."""

    about: ObjectionAbout
    subject_id: int = Field(ge=1, le=_BIGGEST)
    text: str = Field(max_length=2000)
    channel: ObjectionChannel


class DecisionIn(Schema):
    """What is decided, and why; `until` where an order ends earlier in part."""

    decision: ObjectionDecision
    reason: str = Field(max_length=2000)
    until: date | None = None


@router.get("/outbreaks/{slug}/objections", response=answers(PageOf[ObjectionOut]))
def list_objections(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """List the objections of the jurisdiction as they stood at the moment asked for."""
    within = outbreak(request, slug, to=Right.OBJECTION_DECIDE)
    as_of = asked.moment(request)
    rows = objections.known_at(within, asked.area_code(account(request), Right.OBJECTION_DECIDE), as_of)
    found = keyset.page(rows, moment="received_at", older_than=asked.key(), size=asked.size)
    return page(found, lambda row: _objection(row, as_of))


@router.post("/outbreaks/{slug}/objections", response=answers(ObjectionOut))
def take(request: HttpRequest, slug: str, asked: Query[Asked], said: ObjectionIn) -> Any:
    """Take an objection against a measure that stands."""
    within = outbreak(request, slug, to=Right.ORDER_SERVE)
    at = act_at(request, within, asked)
    measure = objections.measure_of(said.about, said.subject_id)
    if measure.outbreak != within:
        raise objections.NothingToObjectTo(about=said.about)
    taken = objections.take(
        about=said.about, subject_id=said.subject_id, text=said.text, channel=said.channel, by=account(request), now=at
    )
    return _objection(taken, at)


@router.post("/objections/{number}/decide", response=answers(ObjectionOut))
def decide(request: HttpRequest, number: int, asked: Query[Asked], what: DecisionIn) -> Any:
    """Decide on an objection in the name of the token's account."""
    rows = Objection.objects.select_related("outbreak", "decided_by")
    found = access.row(rows, what="objection", to=Right.OBJECTION_DECIDE, by=account(request), pk=number)
    at = act_at(request, found.outbreak, asked)
    done = objections.decide(
        objection=found, decision=what.decision, reason=what.reason, until=what.until, by=account(request), now=at
    )
    return _objection(done, at)


def _objection(row: Objection, as_of: datetime) -> ObjectionOut:
    state = objections.state_at(row, as_of) or ObjectionState.RECEIVED
    decided = state == ObjectionState.DECIDED
    return ObjectionOut(
        id=row.pk,
        number=row.number,
        about=ObjectionAbout(row.about),  # type: ignore[call-arg]
        subject_id=row.subject_id,
        area_code=row.area_code,
        state=state,
        channel=ObjectionChannel(row.channel),  # type: ignore[call-arg]
        received_at=row.received_at,
        due_at=row.due_at,
        is_late=state == ObjectionState.RECEIVED and row.due_at <= as_of,
        basis=row.basis,
        decided_at=row.decided_at if decided else None,
        decided_by=row.decided_by.username if decided and row.decided_by else None,
        decision=ObjectionDecision(row.decision) if decided else None,  # type: ignore[call-arg]
    )
