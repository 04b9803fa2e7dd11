"""
What an officer does with a proposed order: issue it with the law it rests on, decline it with a reason, end it early.

Each act leaves an entry in the history of the order.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from sizao.errors import SizaoError
from sizao.protocol.laws import proposed_basis
from sizao.records import access, journal
from sizao.records.models import Account, IsolationOrder, Outbreak
from sizao.response import outbreaks
from sizao.response.isolation import order_history
from sizao.response.isolation.home import dependents
from sizao.terms import ORDER_MOVES, ContactKind, OrderAct, OrderEnd, OrderKind, OrderState, Right, Words


class OrderCannotMove(SizaoError):
    code = "order.cannot_move"
    message = "This order is {was}, so it cannot become {state}. From here it may become: {allowed}."


class AlreadyIsolating(SizaoError):
    code = "order.already_isolating"
    message = "An order for this person stands until {until}. End that one first, or decline this proposal."


class NoEpidemiologicalLink(SizaoError):
    code = "order.no_link"
    message = (
        "No case is recorded that this person was in contact with, so no order can be issued. "
        "Record the index case on the contact first, or decline the proposal."
    )


class NothingLeftToServe(SizaoError):
    code = "order.nothing_left"
    message = "The period ended on {ends_date}, so there is nothing left to serve. Decline the proposal."


class ReasonMissing(SizaoError):
    code = "order.reason_missing"
    message = "Give the reason in a few words: the person concerned may ask for it."


class LegalBasisMissing(SizaoError):
    code = "order.legal_basis.unreadable"
    message = "Name the law and article this order rests on ({kind}, {day}): it is printed on the letter."


class NotStanding(SizaoError):
    code = "order.not_standing"
    message = (
        "This order is {was}, and only one that was issued and has not ended can be acted on. Open the person again."
    )


_ISSUED_FIELDS = ["state", "issued_at", "issued_by", "reason", "legal_basis"]
_ENDED_FIELDS = ["state", "ended_at", "end_reason"]


@transaction.atomic
def issue(*, order: IsolationOrder, by: Account, now: datetime, legal_basis: str | None = None) -> IsolationOrder:
    """
    Issue a proposed order in an officer's own name, with the law it rests on.

    Without `legal_basis` it rests on the law that was proposed with it. The order of a secondary contact gives way to
    that of the same person as a close contact. Raise the door's refusal where the officer lacks the right or the area,
    NoEpidemiologicalLink for a person without an index case, NothingLeftToServe after the last day, LegalBasisMissing,
    LeftAlone where somebody dependent would be alone at home, and AlreadyIsolating while another issued order of the
    same days stands.
    """
    order = _held(order, by, OrderState.ISSUED)
    dependents.require_carer(order, now=now)
    standing = _standing_beside(order)
    gives_way = _issued(order, standing, by=by, now=now, legal_basis=legal_basis)
    if gives_way:
        end_orders([gives_way], str(OrderEnd.UPGRADED), by=by, at=now)
    _save_issued(order)
    rules = outbreaks.rules_at(order.outbreak, now)
    order_history.write([order_history.entry(order, OrderAct.ISSUED, by=by, at=now, basis=order.basis)])
    journal.write("order.issued", order, by=by, at=now, protocol=rules.source, kind=order.kind)
    return order


@transaction.atomic
def issue_many(
    *, orders: Sequence[IsolationOrder], by: Account, now: datetime
) -> tuple[list[IsolationOrder], list[SizaoError]]:
    """
    Issue, in an officer's own name, those of many proposed orders that `issue` would issue, in the order given.

    Return the issued ones, and why each of the others was refused. Where another officer issues at the same moment,
    each is issued by itself.
    """
    locked = IsolationOrder.objects.select_for_update(of=["self"]).select_related("contact__index_case", "outbreak")
    held = {one.pk: one for one in locked.filter(pk__in=[one.pk for one in orders]).order_by("pk")}
    standing: dict[int, list[IsolationOrder]] = defaultdict(list)
    people = {one.person_id for one in held.values()}
    for one in IsolationOrder.objects.filter(person__in=people, state=OrderState.ISSUED).order_by("-ends_date"):
        standing[one.person_id].append(one)
    issued, refused, giving_way = [], [], []
    alone = dependents.left_alone(list(held.values()), now=now)
    for one in (held[order.pk] for order in orders if order.pk in held):
        try:
            _allow(one, by, OrderState.ISSUED)
            dependents.require_nobody_left(alone.get(one.pk, ()))
            beside = [other for other in standing[one.person_id] if _overlap(one, other)]
            gives_way = _issued(one, beside[0] if beside else None, by=by, now=now)
        except SizaoError as refusal:
            refused.append(refusal)
            continue
        if gives_way:
            standing[one.person_id].remove(gives_way)
            giving_way.append(gives_way)
        standing[one.person_id].append(one)
        issued.append(one)
    try:
        with transaction.atomic():
            end_orders(giving_way, str(OrderEnd.UPGRADED), by=by, at=now)
            IsolationOrder.objects.bulk_update(issued, _ISSUED_FIELDS, batch_size=500)
    except IntegrityError as clash:
        if "order_one_issued_at_a_time" not in str(clash):
            raise
        return _one_by_one(issued, refused, by=by, now=now)
    of = {one.outbreak_id: one.outbreak for one in issued}
    sources = {pk: outbreaks.rules_at(outbreak, now).source for pk, outbreak in of.items()}
    order_history.write(order_history.entry(one, OrderAct.ISSUED, by=by, at=now, basis=one.basis) for one in issued)
    journal.write_many(
        [
            journal.line("order.issued", one, by=by, at=now, protocol=sources[one.outbreak_id], kind=one.kind)
            for one in issued
        ]
    )
    return issued, refused


def _one_by_one(
    orders: Sequence[IsolationOrder], refused: list[SizaoError], *, by: Account, now: datetime
) -> tuple[list[IsolationOrder], list[SizaoError]]:
    issued = []
    for order in orders:
        try:
            issued.append(issue(order=order, by=by, now=now))
        except SizaoError as refusal:
            refused.append(refusal)
    return issued, refused


@transaction.atomic
def decline(*, order: IsolationOrder, reason: str, by: Account, now: datetime) -> IsolationOrder:
    """Refuse a proposal, with the reason; it is not made again on the same grounds."""
    reason = given_reason(reason)
    order = _held(order, by, OrderState.DECLINED)
    order.state, order.declined_at, order.decline_reason = OrderState.DECLINED, now, reason
    order.save(update_fields=["state", "declined_at", "decline_reason"])
    order_history.write([order_history.entry(order, OrderAct.DECLINED, by=by, at=now, reason=reason)])
    journal.write("order.declined", order, by=by, at=now, kind=order.kind)
    return order


@transaction.atomic
def end(*, order: IsolationOrder, reason: str, by: Account, now: datetime) -> IsolationOrder:
    """End an order before its last day, with the reason."""
    reason = given_reason(reason)
    order = _held(order, by, OrderState.ENDED)
    end_orders([order], reason, by=by, at=now)
    return order


@transaction.atomic
def end_on_objection(*, order: IsolationOrder, reason: str, by: Account | None, now: datetime) -> IsolationOrder:
    """End an order because an objection is right, or (`by` None) was not decided in time. Raise as `held_issued`."""
    order = held_issued(order, to=Right.OBJECTION_DECIDE, by=by)
    end_orders([order], reason, by=by, at=now)
    return order


@transaction.atomic
def shorten_on_objection(
    *, order: IsolationOrder, until: date, reason: str, by: Account, now: datetime
) -> IsolationOrder:
    """Give an order an earlier last day because an objection is right in part. Raise as `held_issued`."""
    order = held_issued(order, to=Right.OBJECTION_DECIDE, by=by)
    was, order.ends_date = order.ends_date, until
    order.test_dates = [day for day in order.test_dates if day <= until]
    order.save(update_fields=["ends_date", "test_dates"])
    order_history.write([order_history.entry(order, OrderAct.SHORTENED, by=by, at=now, was=was, reason=reason)])
    journal.write("order.shortened", order, by=by, at=now)
    return order


def end_orders(orders: Sequence[IsolationOrder], reason: str, *, by: Account | None, at: datetime) -> None:
    """End orders that the caller holds and may end; with their histories and the journal."""
    for one in orders:
        one.state, one.ended_at, one.end_reason = OrderState.ENDED, at, reason
    IsolationOrder.objects.bulk_update(orders, _ENDED_FIELDS, batch_size=500)
    order_history.write(order_history.entry(one, OrderAct.ENDED, by=by, at=at, reason=reason) for one in orders)
    journal.write_many([journal.line("order.ended", one, by=by, at=at, kind=one.kind) for one in orders])


def known_at(outbreak: Outbreak, as_of: datetime) -> QuerySet[IsolationOrder]:
    """Give the orders that had been proposed by a moment."""
    return IsolationOrder.objects.filter(outbreak=outbreak, proposed_at__lte=as_of)


def state_at(order: IsolationOrder, as_of: datetime) -> OrderState | None:
    """Say the state of an order at a moment; None before it was proposed."""
    reached = (
        (order.proposed_at, OrderState.PROPOSED),
        (order.issued_at, OrderState.ISSUED),
        (order.declined_at, OrderState.DECLINED),
        (order.ended_at, OrderState.ENDED),
    )
    states = [state for moment, state in reached if moment is not None and moment <= as_of]
    return states[-1] if states else None


def given_reason(reason: str) -> str:
    """Read a reason. Raise ReasonMissing for none."""
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[: order_history.LONGEST_TEXT]


def _held(order: IsolationOrder, by: Account, state: OrderState) -> IsolationOrder:
    """Lock an order for an officer who may decide on it, and who may move it there."""
    locked = IsolationOrder.objects.select_for_update(of=["self"]).select_related("contact__index_case", "outbreak")
    order = locked.get(pk=order.pk)
    _allow(order, by, state)
    return order


def held_issued(order: IsolationOrder, *, to: Right, by: Account | None) -> IsolationOrder:
    """Lock an order that stands for somebody who may act on it. Raise the door's refusal, or NotStanding."""
    locked = IsolationOrder.objects.select_for_update(of=["self"]).select_related("contact", "outbreak", "person")
    order = locked.get(pk=order.pk)
    if by is not None:
        access.require(by, to, area_code=order.area_code)
    if order.state != OrderState.ISSUED:
        raise NotStanding(was=OrderState(order.state))
    return order


def _allow(order: IsolationOrder, by: Account, state: OrderState) -> None:
    access.require(by, Right.ORDER_ISSUE, area_code=order.area_code)
    was = OrderState(order.state)
    if state not in ORDER_MOVES[was]:
        raise OrderCannotMove(was=was, state=state, allowed=Words(sorted(ORDER_MOVES[was])))


def _issued(
    order: IsolationOrder,
    standing: IsolationOrder | None,
    *,
    by: Account,
    now: datetime,
    legal_basis: str | None = None,
) -> IsolationOrder | None:
    """Move a held order to issued, not saved yet; return the one that gives way to it. Raise what `issue` raises."""
    if order.contact is None or order.contact.index_case_id is None:
        raise NoEpidemiologicalLink
    if order.ends_date < order.outbreak.day_of(now):
        raise NothingLeftToServe(ends_date=order.ends_date)
    if standing and not _gives_way(standing, order):
        raise AlreadyIsolating(until=standing.ends_date)
    order.legal_basis = _legal_basis(order, legal_basis)
    order.state, order.issued_at, order.issued_by = OrderState.ISSUED, now, by
    # The link may have been found after the proposal was made; the notice names it.
    order.reason = order.reason | {"index_case": order.contact.index_case.number}
    return standing


def _legal_basis(order: IsolationOrder, given: str | None) -> str:
    kind = OrderKind(order.kind)
    proposed = order.legal_basis or proposed_basis(kind, order.starts_date)
    chosen = (proposed if given is None else given).strip()
    if not chosen:
        raise LegalBasisMissing(kind=kind, day=order.starts_date)
    return chosen[: order_history.LONGEST_TEXT]


def _gives_way(standing: IsolationOrder, order: IsolationOrder) -> bool:
    """Tell whether one person's order as a secondary contact gives way to theirs as a close contact."""
    kinds = standing.reason.get("contact_kind"), order.reason.get("contact_kind")
    return standing.contact_id == order.contact_id and kinds == (ContactKind.SECONDARY, ContactKind.CLOSE)


def _overlap(order: IsolationOrder, other: IsolationOrder) -> bool:
    return bool(other.starts_date <= order.ends_date and other.ends_date >= order.starts_date)


def _standing_beside(order: IsolationOrder) -> IsolationOrder | None:
    same_days = Q(starts_date__lte=order.ends_date, ends_date__gte=order.starts_date)
    issued = IsolationOrder.objects.filter(same_days, person=order.person_id, state=OrderState.ISSUED)
    return issued.order_by("-ends_date").first()


def _save_issued(order: IsolationOrder) -> None:
    try:
        with transaction.atomic():
            order.save(update_fields=_ISSUED_FIELDS)
    except IntegrityError as clash:
        # Another officer issued one between our look and our write; the database holds the line.
        if "order_one_issued_at_a_time" not in str(clash):
            raise
        raise AlreadyIsolating(until=order.ends_date) from clash
