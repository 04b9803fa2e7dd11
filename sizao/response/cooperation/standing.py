"""What a request is, from what is known of it: one function for both sides, whatever came first."""

from collections.abc import Sequence
from copy import copy
from datetime import datetime

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, CooperationRequest
from sizao.terms import REQUEST_MOVES, RequestState, Right, Words


class RequestCannotMove(SizaoError):
    code = "cooperation.cannot_move"
    message = "Request {number} is {was}, so it cannot become {state}. From here it may become: {allowed}."


def state_of(request: CooperationRequest, *, open_people: int) -> RequestState:
    """Say the state of a request of whose people so many have no answer yet."""
    reached = (
        (request.withdrawn_at, RequestState.WITHDRAWN),
        (request.closed_at, RequestState.CLOSED),
        (request.answered_at if not open_people else None, RequestState.ANSWERED),
        (request.decided_at if request.refuse_reason else None, RequestState.REFUSED),
        (request.decided_at, RequestState.ACCEPTED),
        (request.received_at, RequestState.RECEIVED),
        (request.sent_at, RequestState.SENT),
    )
    return next((state for moment, state in reached if moment is not None), RequestState.DRAFT)


_MOMENTS = (
    "sent_at", "received_at", "decided_at", "closed_at", "withdrawn_at", "reminded_at", "destroyed_at",
)  # fmt: skip


def as_known(
    request: CooperationRequest, answered: Sequence[datetime | None], *, as_of: datetime
) -> CooperationRequest:  # fmt: skip
    """
    Give a copy of a request as it was known at a moment, for reading alone: what came later is taken out of it.

    `answered` holds when each of its people was answered about, None for who was not.
    """
    stood = copy(request)
    for name in _MOMENTS:
        if (moment := getattr(request, name)) is not None and moment > as_of:
            setattr(stood, name, None)
    if stood.decided_at is None:
        stood.decided_by = stood.refuse_reason = ""
    given = [moment for moment in answered if moment is not None and moment <= as_of]
    stood.answered_at = max(given) if given and len(given) == len(answered) else None
    stood.state = state_of(stood, open_people=len(answered) - len(given))
    return stood


def restate(request: CooperationRequest) -> None:
    """Bring the state of a held request up to what is known of it, and save the whole row."""
    answered = list(request.people.values_list("answered_at", flat=True))
    missing = sum(moment is None for moment in answered)
    given = [moment for moment in answered if moment is not None]
    request.answered_at = max(given) if given and not missing else None
    request.state = state_of(request, open_people=missing)
    request.save()


def held(request: CooperationRequest, *, by: Account, to: RequestState) -> CooperationRequest:
    """Lock a request for somebody who may work on it, and who may move it there. Raise RequestCannotMove."""
    access.require(by, Right.COOPERATE, area_code=request.area_code)
    rows = CooperationRequest.objects.select_for_update(of=["self"]).select_related("authority", "outbreak")
    request = rows.get(pk=request.pk)
    was = RequestState(request.state)
    if to not in REQUEST_MOVES[was]:
        raise RequestCannotMove(number=request.number, was=was, state=to, allowed=Words(sorted(REQUEST_MOVES[was])))
    return request


def is_late(request: CooperationRequest, now: datetime) -> bool:
    """Tell whether an answer is due and not there."""
    over = (RequestState.ANSWERED, RequestState.CLOSED, RequestState.WITHDRAWN, RequestState.REFUSED)
    return request.due_at is not None and request.due_at < now and request.state not in over
