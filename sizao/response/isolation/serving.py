"""Serving an order: how, by whom, when, and whether the family knows; an order nobody was told of is asked after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from sizao.errors import SizaoError
from sizao.protocol import basis, deadline
from sizao.protocol.laws import shipped_laws
from sizao.records import journal
from sizao.records.models import Account, IsolationOrder, Outbreak
from sizao.response.isolation import order_history, orders
from sizao.response.isolation.extending import OrderOver
from sizao.terms import FamilyTold, OrderAct, OrderState, Right, ServedHow

CLOCK = "serve_hours"
LONGEST_NAME = 150


class ServedAlready(SizaoError):
    code = "order.served_already"
    message = "This order was served by {by} on {at:%Y-%m-%d %H:%M}. Nothing was changed."


class WitnessMissing(SizaoError):
    code = "order.witness.unreadable"
    message = "A letter left at the door needs a second person who saw it. Name them."


class ServedOutside(SizaoError):
    code = "order.served_at.unreadable"
    message = "An order is served after {earliest:%Y-%m-%d %H:%M}, when it was issued, and by now. Check the time."


@dataclass(frozen=True, slots=True)
class Service:
    """How one order was served; `with_whom` is the second officer, or the witness of a letter left at the door."""

    how: ServedHow
    family: FamilyTold
    with_whom: str = ""
    at: datetime | None = None


@transaction.atomic
def serve(*, order: IsolationOrder, service: Service, by: Account, now: datetime) -> IsolationOrder:
    """
    Record that the person was told of an issued order.

    Raise the door's refusal, NotStanding, OrderOver, ServedAlready, WitnessMissing, or ServedOutside for a moment
    before it was issued or to come.
    """
    order = orders.held_issued(order, to=Right.ORDER_SERVE, by=by)
    if order.ends_date < order.outbreak.day_of(now):
        raise OrderOver(ends_date=order.ends_date)
    if order.served_at is not None:
        raise ServedAlready(by=order.served_by, at=order.served_at)
    if service.how == ServedHow.LEFT and not service.with_whom.strip():
        raise WitnessMissing
    at = service.at or now
    if not order.issued_at <= at <= now:
        raise ServedOutside(earliest=order.issued_at)
    order.served_at, order.served_by, order.served_how = at, by.username, service.how
    order.served_with, order.family_told = service.with_whom.strip()[:LONGEST_NAME], service.family
    order.save(update_fields=["served_at", "served_by", "served_how", "served_with", "family_told"])
    order_history.write([order_history.entry(order, OrderAct.SERVED, by=by, at=now, reason=str(service.how))])
    journal.write("order.served", order, by=by, at=now, how=str(service.how), family=str(service.family))
    return order


@transaction.atomic
def serve_many(
    *, chosen: Sequence[IsolationOrder], service: Service, by: Account, now: datetime
) -> tuple[list[IsolationOrder], list[SizaoError]]:
    """Record that several people of one door were told; return the served orders, and why others were refused."""
    served, refused = [], []
    for one in chosen:
        try:
            served.append(serve(order=one, service=service, by=by, now=now))
        except SizaoError as refusal:
            refused.append(refusal)
    return served, refused


def unserved(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> QuerySet[IsolationOrder]:
    """List the orders of an area that stood at a moment and nobody had been told of, the longest waiting first."""
    standing = IsolationOrder.objects.filter(
        outbreak=outbreak, area_code__startswith=area_code, issued_at__lte=as_of, ends_date__gte=outbreak.day_of(as_of)
    )
    standing = standing.exclude(ended_at__lte=as_of).exclude(served_at__lte=as_of)
    return standing.filter(state__in=(OrderState.ISSUED, OrderState.ENDED)).order_by("issued_at", "pk")


def due(issued_at: datetime) -> tuple[datetime, list[dict[str, object]]]:
    """Say by when an order issued at a moment is to be served, with the value it follows from."""
    value = shipped_laws().clocks[CLOCK]
    total = deadline(issued_at, value)
    return total.result, [basis.entry(value, total, gives="due_at")]


def hours() -> int:
    """Say within how many hours an order is to be served."""
    return shipped_laws().clocks[CLOCK].whole


def late(outbreak: Outbreak, now: datetime) -> QuerySet[IsolationOrder]:
    """List the standing orders of an outbreak that were to be served by now and were not."""
    return unserved(outbreak, "", as_of=now).filter(issued_at__lte=now - timedelta(hours=hours()))
