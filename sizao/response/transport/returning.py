"""
The way back from medical care: who was carried to a doctor is carried back to the room, or home.

Nobody guesses when care is over: somebody says so. The room they left is kept for them from then on, else another one
that is chosen; whoever is under no order of central isolation any more goes home.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import (
    Account,
    IsolationOrder,
    IsolationRoom,
    Outbreak,
    RoomPlacement,
    Stay,
    TransferRequest,
)
from sizao.records.models.transfer import OPEN_TRANSFERS
from sizao.response.isolation import placements
from sizao.response.transport.requests import BACK, Asking, TransferOpen, given, hold, make
from sizao.terms import OrderKind, OrderState, Right, StayKind, TransferKind, TransferState

TO_CARE = (TransferKind.CARE, TransferKind.FEVER)


class NotAtCare(SizaoError):
    code = "transport.not_at_care"
    message = (
        "{number} is not where transfer {transfer} brought them, so there is no way back from there. "
        "Look up where they are, and ask for a transfer from that place."
    )


class NoRoomLeft(SizaoError):
    code = "transport.no_room_left"
    message = "{number} is to stay in a site by their order and left no room to go back to. Choose a room for them."


def at_care(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> QuerySet[TransferRequest]:
    """
    Give the transfers that brought people of an area to care where they still were at a moment, the longest first.

    Who has a transfer open already, and whose stay is another by the ledger, is not among them.
    """
    there = Stay.objects.current(as_of).filter(
        person=OuterRef("person"), place=OuterRef("to_place"), kind__in=(StayKind.BED, StayKind.OUTSIDE)
    )
    later = TransferRequest.objects.filter(
        person=OuterRef("person"), state=TransferState.DONE, ended_at__gt=OuterRef("ended_at"), ended_at__lte=as_of
    )
    open_ones = TransferRequest.objects.filter(person=OuterRef("person"), asked_at__lte=as_of).exclude(
        ended_at__lte=as_of
    )
    done = TransferRequest.objects.filter(
        outbreak=outbreak, area_code__startswith=area_code, kind__in=TO_CARE, state=TransferState.DONE,
        ended_at__lte=as_of, placement=None, to_place__isnull=False,
    ).exclude(source_key__startswith=BACK)  # fmt: skip
    found = done.filter(Exists(there.filter(recorded_at__lte=as_of)), ~Exists(later), ~Exists(open_ones))
    return found.select_related("person", "to_place", "from_place__isolation_room__site__place").order_by(
        "ended_at", "pk"
    )


@transaction.atomic
def bring_back(
    *, request: TransferRequest, reason: str, by: Account, now: datetime, room: IsolationRoom | None = None
) -> TransferRequest:
    """
    Ask that somebody be carried back from care, to the room they left or to `room`, or home without such an order.

    The room is kept for them from now on, which takes the right to give rooms. Raise NotAtCare, NoRoomLeft,
    TransferOpen, TransferReasonMissing, what `placements.keep` raises, or the door's refusal.
    """
    hold(request.outbreak_id)
    went = TransferRequest.objects.select_related("outbreak", "person", "to_place", "from_place__isolation_room").get(
        pk=request.pk
    )
    access.require(by, Right.TRANSFER_ASK, area_code=went.to_area_code)
    reason = given(reason)
    _require_at_care(went, now)
    order = _order_in_a_site(went, now)
    placement = _kept(went, order, room, reason, by=by, now=now) if order else None
    # Without a room the way ends at home, which is read from the person.
    asking = Asking(
        went.person, TransferKind.CARE, f"{BACK}{went.pk}:{now.isoformat()}", placement and placement.room.place,
        reason=reason, placement=placement, order=order,
    )  # fmt: skip
    [made] = make(went.outbreak, [asking], by=by.username, now=now)
    journal.write("transfer.asked", made, by=by, at=now, kind=made.kind, back_from=went.number)
    return made


def _require_at_care(went: TransferRequest, now: datetime) -> None:
    held = TransferRequest.objects.filter(person=went.person, state__in=OPEN_TRANSFERS).first()
    if held:
        raise TransferOpen(number=went.person.number, transfer=held.number, state=TransferState(held.state))
    if not at_care(went.outbreak, "", as_of=now).filter(pk=went.pk).exists():
        raise NotAtCare(number=went.person.number, transfer=went.number)


def _order_in_a_site(went: TransferRequest, now: datetime) -> IsolationOrder | None:
    issued = IsolationOrder.objects.filter(
        person=went.person, outbreak=went.outbreak, kind=OrderKind.CENTRAL, state=OrderState.ISSUED,
        issued_at__lte=now, ends_date__gte=went.outbreak.day_of(now),
    )  # fmt: skip
    return issued.order_by("-ends_date", "-pk").first()


def _kept(
    went: TransferRequest, order: IsolationOrder, room: IsolationRoom | None, reason: str, *, by: Account, now: datetime
) -> RoomPlacement:
    chosen = room or left_room(went)
    if chosen is None:
        raise NoRoomLeft(number=went.person.number)
    return placements.keep(order=order, room=chosen, reason=reason, by=by, now=now)


def left_room(went: TransferRequest) -> IsolationRoom | None:
    """Give the room that somebody left for care; None who came from no room of a site."""
    return getattr(went.from_place, "isolation_room", None)
