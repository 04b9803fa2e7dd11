"""A request of another authority: accepted or refused, and answered person by person."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, CooperationPerson, CooperationRequest
from sizao.response.cooperation.asking import ReasonMissing
from sizao.response.cooperation.messages import put_out
from sizao.response.cooperation.standing import RequestCannotMove, held, restate
from sizao.terms import REQUEST_MOVES, MessageKind, PersonAnswer, RequestState, Right, Words

NOTE_LENGTH = 300


class NotOnTheList(SizaoError):
    code = "cooperation.not_on_list.unreadable"
    message = "Request {number} has nobody under {refs} on its list of {count}. Check the numbers; nothing was kept."


@transaction.atomic
def accept(*, request: CooperationRequest, by: Account, now: datetime) -> CooperationRequest:
    """Take another authority's request up, in an officer's own name. Raise RequestCannotMove."""
    request = held(request, by=by, to=RequestState.ACCEPTED)
    request.decided_at, request.decided_by, request.refuse_reason = now, by.username, ""
    restate(request)
    put_out(request, MessageKind.ACCEPTED, {}, now=now)
    journal.write("cooperation.accepted", request, by=by, at=now)
    return request


@transaction.atomic
def refuse(*, request: CooperationRequest, reason: str, by: Account, now: datetime) -> CooperationRequest:
    """Refuse another authority's request, with the reason that it is told."""
    if not reason.strip():
        raise ReasonMissing
    request = held(request, by=by, to=RequestState.REFUSED)
    request.decided_at, request.decided_by, request.refuse_reason = now, by.username, reason.strip()[:NOTE_LENGTH]
    restate(request)
    put_out(request, MessageKind.REFUSED, {"reason": request.refuse_reason}, now=now)
    journal.write("cooperation.refused", request, by=by, at=now, reason=request.refuse_reason)
    return request


@transaction.atomic
def answer(
    *, request: CooperationRequest, found: Mapping[int, tuple[PersonAnswer, str]], by: Account, now: datetime
) -> CooperationRequest:
    """
    Say what became of some people of a request, by their numbers on its list; a later answer replaces a former one.

    On another authority's request that authority is told; on a request of ours that went by letter, these are the
    answers that came back. Raise NotOnTheList, or RequestCannotMove for a request that is over or was refused.
    """
    access.require(by, Right.COOPERATE, area_code=request.area_code)
    rows = CooperationRequest.objects.select_for_update(of=["self"]).select_related("authority")
    request = rows.get(pk=request.pk)
    was = RequestState(request.state)
    if was != RequestState.ANSWERED and RequestState.ANSWERED not in REQUEST_MOVES[was]:
        allowed = Words(sorted(REQUEST_MOVES[was]))
        raise RequestCannotMove(number=request.number, was=was, state=RequestState.ANSWERED, allowed=allowed)
    people = {one.ref: one for one in request.people.select_for_update()}
    unknown = sorted(set(found) - set(people))
    if unknown:
        refs = ", ".join(map(str, unknown[:5]))
        raise NotOnTheList(number=request.number, refs=refs, count=len(people))
    answered = []
    for ref, (said, note) in found.items():
        one = people[ref]
        one.answer, one.answer_note = said, note.strip()[:NOTE_LENGTH] or None
        one.answered_at, one.answered_by = now, by.username
        answered.append(one)
    CooperationPerson.objects.bulk_update(answered, ["answer", "answer_note", "answered_at", "answered_by"])
    if request.is_incoming:
        put_out(request, MessageKind.ANSWER, {"people": [_told(one) for one in answered]}, now=now)
    elif request.received_at is None:
        request.received_at = now
    restate(request)
    journal.write("cooperation.answered", request, by=by, at=now, people=len(answered))
    return request


def _told(one: CooperationPerson) -> dict[str, object]:
    assert one.answered_at is not None
    return {
        "ref": one.ref, "answer": str(one.answer), "note": one.answer_note, "answered_at": one.answered_at.isoformat(),
    }  # fmt: skip
