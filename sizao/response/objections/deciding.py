"""
Deciding on an objection: by somebody who had no part in the measure, with a reason; in the person's favour if too late.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, IsolationOrder, Objection, Outbreak
from sizao.response.isolation.orders import ReasonMissing
from sizao.response.objections import measures
from sizao.response.objections.measures import Measure, measure_of
from sizao.response.objections.taking import note
from sizao.terms import ObjectionAbout, ObjectionDecision, ObjectionState, OrderAct, OrderEnd, Right

LONGEST_REASON = 2000
BY_A_PERSON = (ObjectionDecision.GRANTED, ObjectionDecision.IN_PART, ObjectionDecision.UPHELD)


class DecidedAlready(SizaoError):
    code = "objection.decided_already"
    message = "Objection {number} is not waiting any more ({state}). Open the list of objections again."


class DecidedByTheSame(SizaoError):
    code = "objection.same_person"
    message = "You had a part in this measure, so somebody else decides on {number}. Ask a commander or the supervisor."


class DecisionUnknown(SizaoError):
    code = "objection.decision.unreadable"
    message = "“{given}” is nothing that is decided on an objection. Choose one of: {allowed}."


class NotInPart(SizaoError):
    code = "objection.in_part.unreadable"
    message = (
        "In part only an order is changed, to a last day before {ends_date} and not before today. Choose such a day."
    )


@transaction.atomic
def decide(
    *,
    objection: Objection,
    decision: ObjectionDecision,
    reason: str,
    by: Account,
    now: datetime,
    until: date | None = None,
) -> Objection:
    """
    Decide on an objection in one's own name: the measure ends, is shortened to `until`, or stands.

    Raise the door's refusal, DecidedAlready, DecidedByTheSame, DecisionUnknown, NotInPart, or ReasonMissing.
    """
    objection = Objection.objects.select_for_update().get(pk=objection.pk)
    access.require(by, Right.OBJECTION_DECIDE, area_code=objection.area_code)
    _waits(objection)
    if decision not in BY_A_PERSON:
        raise DecisionUnknown(given=decision, allowed=", ".join(BY_A_PERSON))
    if not reason.strip():
        raise ReasonMissing
    measure = measure_of(ObjectionAbout(objection.about), objection.subject_id)
    if by.username in measure.made_by:
        raise DecidedByTheSame(number=objection.number)
    if decision == ObjectionDecision.GRANTED:
        measures.end(measure, str(OrderEnd.OBJECTION), by=by, now=now)
    elif decision == ObjectionDecision.IN_PART:
        measures.shorten(measure, _earlier(measure, until, now), objection.number, by=by, now=now)
    return _closed(objection, measure, decision, reason.strip(), by=by, now=now)


@transaction.atomic
def withdraw(*, objection: Objection, reason: str, by: Account, now: datetime) -> Objection:
    """Record that the person takes an objection back. Raise the door's refusal, DecidedAlready, or ReasonMissing."""
    objection = Objection.objects.select_for_update().get(pk=objection.pk)
    access.require(by, Right.ORDER_SERVE, area_code=objection.area_code)
    _waits(objection)
    if not reason.strip():
        raise ReasonMissing
    objection.state, objection.decision_reason = ObjectionState.WITHDRAWN, reason.strip()[:LONGEST_REASON]
    objection.save(update_fields=["state", "decision_reason"])
    journal.write("objection.withdrawn", objection, by=by, at=now)
    return objection


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    End the measures whose objection nobody decided in time and that rest on no pathogen test of the person.

    The others stay open, late, for the level above. Return how many objections were closed.
    """
    late = list(overdue(outbreak, now).select_for_update(of=["self"]))
    closed = 0
    for one in late:
        measure = measure_of(ObjectionAbout(one.about), one.subject_id)
        if measure.rests_on_test and measure.stands:
            continue
        measures.end(measure, str(OrderEnd.NOT_HEARD), by=None, now=now)
        _closed(one, measure, ObjectionDecision.NOT_IN_TIME, "", by=None, now=now)
        journal.write("objection.not_in_time", one, by=None, at=now, due=one.due_at.isoformat())
        closed += 1
    return closed


def overdue(outbreak: Outbreak, now: datetime) -> QuerySet[Objection]:
    """Give the objections that wait and were to be decided by now."""
    waiting = Objection.objects.filter(outbreak=outbreak, state=ObjectionState.RECEIVED, due_at__lte=now)
    return waiting.order_by("due_at", "pk")


def _waits(objection: Objection) -> None:
    if objection.state != ObjectionState.RECEIVED:
        raise DecidedAlready(number=objection.number, state=ObjectionState(objection.state))


def _earlier(measure: Measure, until: date | None, now: datetime) -> date:
    row = measure.row
    if not isinstance(row, IsolationOrder) or not measure.stands:
        raise NotInPart(ends_date="—")
    today = max(measure.outbreak.day_of(now), row.starts_date)
    if until is None or not today <= until < row.ends_date:
        raise NotInPart(ends_date=row.ends_date)
    return until


def _closed(
    objection: Objection,
    measure: Measure,
    decision: ObjectionDecision,
    reason: str,
    *,
    by: Account | None,
    now: datetime,
) -> Objection:
    objection.state, objection.decision, objection.decided_at = ObjectionState.DECIDED, decision, now
    objection.decided_by, objection.decision_reason = by, reason[:LONGEST_REASON] or None
    objection.save(update_fields=["state", "decision", "decided_at", "decided_by", "decision_reason"])
    note(measure, OrderAct.DECIDED, objection, by=by, now=now)
    journal.write("objection.decided", objection, by=by, at=now, decision=str(decision))
    return objection
