"""Taking an objection, by whatever way it comes; it gets a number, and a moment by which somebody else decides."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.protocol import basis, deadline
from sizao.protocol.laws import shipped_laws
from sizao.records import access, journal
from sizao.records.models import Account, IsolationOrder, Objection, Outbreak
from sizao.response.isolation import order_history
from sizao.response.objections.measures import Measure, NothingToObjectTo, measure_of
from sizao.terms import ObjectionAbout, ObjectionChannel, ObjectionState, OrderAct, Right

CLOCK = "decide_objection_hours"
BY_THEMSELVES = "public"
LONGEST_TEXT = 2000


class ObjectionEmpty(SizaoError):
    code = "objection.text.unreadable"
    message = "Say in a few words what is wrong with the measure, so that somebody can decide on it."


class ObjectedAlready(SizaoError):
    code = "objection.already"
    message = "Objection {number} against this is waiting to be decided by {due:%Y-%m-%d %H:%M}. Wait for that answer."


@transaction.atomic
def take(
    *, about: ObjectionAbout, subject_id: int, text: str, channel: ObjectionChannel, by: Account | None, now: datetime
) -> Objection:
    """
    Take an objection against a measure that stands.

    `by` is None for a person who objects on the public page, who came there with the code of their letter. Raise
    NothingToObjectTo, ObjectionEmpty, ObjectedAlready while one waits, or the door's refusal.
    """
    measure = measure_of(about, subject_id)
    if by is not None:
        access.require(by, Right.ORDER_SERVE, area_code=measure.area_code)
    if not text.strip():
        raise ObjectionEmpty
    Outbreak.objects.select_for_update().get(pk=measure.outbreak.pk)  # one at a time, so that none is taken twice
    if not measure.stands:
        raise NothingToObjectTo(about=about)
    waiting = concerning(measure).filter(state=ObjectionState.RECEIVED).first()
    if waiting:
        raise ObjectedAlready(number=waiting.number, due=timezone.localtime(waiting.due_at))
    value = shipped_laws().clocks[CLOCK]
    due = deadline(timezone.localtime(now), value)
    taken = Objection.objects.create(
        outbreak=measure.outbreak,
        number=f"{about}:{subject_id}:{now.timestamp()}"[:30],
        about=about,
        subject_id=subject_id,
        area_code=measure.area_code,
        person=measure.person,
        text=text.strip()[:LONGEST_TEXT],
        state=ObjectionState.RECEIVED,
        channel=channel,
        received_at=now,
        received_by=by.username if by else BY_THEMSELVES,
        due_at=due.result,
        basis=[basis.entry(value, due, gives="due_at")],
        source_key=f"objection:{about}:{subject_id}:{now.isoformat()}",
    )
    taken.number = f"YY{timezone.localtime(now):%y%m%d}{taken.pk:05d}"
    taken.save(update_fields=["number"])
    note(measure, OrderAct.OBJECTED, taken, by=by, now=now)
    journal.write("objection.taken", taken, by=by, at=now, about=str(about), channel=str(channel))
    return taken


def note(measure: Measure, act: OrderAct, objection: Objection, *, by: Account | None, now: datetime) -> None:
    """Leave an entry in the history of the order that an objection is against."""
    if isinstance(measure.row, IsolationOrder):
        entry = order_history.entry(measure.row, act, by=by, at=now, reason=objection.number, basis=objection.basis)
        if by is None and act == OrderAct.OBJECTED:
            entry.by = BY_THEMSELVES
        order_history.write([entry])


def concerning(measure: Measure) -> QuerySet[Objection]:
    """Give the objections against a measure, the latest first."""
    return Objection.objects.filter(about=measure.about, subject_id=measure.row.pk).order_by("-received_at", "-pk")


def known_at(outbreak: Outbreak, area_code: str, as_of: datetime) -> QuerySet[Objection]:
    """Give the objections of an area that had been received by a moment."""
    found = Objection.objects.filter(outbreak=outbreak, area_code__startswith=area_code, received_at__lte=as_of)
    return found.select_related("person", "decided_by")


def state_at(objection: Objection, as_of: datetime) -> ObjectionState | None:
    """Say where an objection stood at a moment; None before it was received."""
    if objection.received_at > as_of:
        return None
    if objection.state == ObjectionState.WITHDRAWN:
        return ObjectionState.WITHDRAWN
    decided = objection.decided_at is not None and objection.decided_at <= as_of
    return ObjectionState(objection.state) if decided else ObjectionState.RECEIVED
