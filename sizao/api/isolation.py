"""Orders: proposed by rule, decided by a named officer."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, act_at, now, outbreak
from sizao.api.shapes import PageOf, answers, page
from sizao.records import access, keyset
from sizao.records.models import IsolationOrder
from sizao.response import isolation
from sizao.terms import OrderKind, OrderState, Right

router = Router(tags=["isolation"])


class OrderOut(Schema):
    """What one person is asked to do, until when, and by which value of which edition."""

    id: int
    person: str
    kind: OrderKind
    state: OrderState
    area_code: str
    starts_date: date
    ends_date: date
    test_dates: list[date]
    basis: list[dict[str, Any]]
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str | None


class Reason(Schema):
    """Why it is declined."""

    reason: str


@router.get("/outbreaks/{slug}/orders", response=answers(PageOf[OrderOut]))
def list_orders(request: HttpRequest, slug: str, asked: Query[AskedList], state: OrderState | None = None) -> Any:
    """List the orders of the jurisdiction as they stood at the moment asked for."""
    within = outbreak(request, slug, to=Right.PERSON_LIST)
    as_of = asked.moment(request)
    area_code = asked.area_code(account(request), Right.PERSON_LIST)
    known = isolation.known_at(within, as_of).filter(area_code__startswith=area_code)
    if state:
        known = known.filter(_stood(state, as_of))
    rows = known.select_related("person", "issued_by")
    return page(
        keyset.page(rows, moment="proposed_at", older_than=asked.key(), size=asked.size), lambda row: _order(row, as_of)
    )


@router.get("/orders/{number}", response=answers(OrderOut))
def read_order(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Read one order. It is a reading of the person, and journalled as such."""
    reader, as_of = account(request), asked.moment(request)
    found = _found(request, number, Right.PERSON_READ)
    access.person(found.person.number, to=Right.PERSON_READ, by=reader, now=now(request), purpose=f"order {number}")
    return _order(found, as_of)


@router.post("/orders/{number}/issue", response=answers(OrderOut))
def issue(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Issue a proposed order in the name of the token's account."""
    found = _found(request, number, Right.ORDER_ISSUE)
    at = act_at(request, found.outbreak, asked)
    return _order(isolation.issue(order=found, by=account(request), now=at), at)


@router.post("/orders/{number}/decline", response=answers(OrderOut))
def decline(request: HttpRequest, number: int, asked: Query[Asked], why: Reason) -> Any:
    """Decline a proposed order, with the reason."""
    found = _found(request, number, Right.ORDER_ISSUE)
    at = act_at(request, found.outbreak, asked)
    done = isolation.decline(order=found, reason=why.reason, by=account(request), now=at)
    return _order(done, at)


def _stood(state: OrderState, as_of: datetime) -> Q:
    issued, declined, ended = (Q(**{f"{move}_at__lte": as_of}) for move in ("issued", "declined", "ended"))
    stood = {
        OrderState.PROPOSED: ~issued & ~declined & ~ended,
        OrderState.ISSUED: issued & ~ended,
        OrderState.DECLINED: declined,
        OrderState.ENDED: ended,
    }
    return stood[state]


def _found(request: HttpRequest, number: int, to: Right) -> IsolationOrder:
    rows = IsolationOrder.objects.select_related("person", "issued_by")
    found: IsolationOrder = access.row(rows, what="order", to=to, by=account(request), pk=number)
    return found


def _order(row: IsolationOrder, as_of: datetime) -> OrderOut:
    issued = row.issued_at is not None and row.issued_at <= as_of
    return OrderOut(
        id=row.pk,
        person=row.person.number,
        kind=OrderKind(row.kind),  # type: ignore[call-arg]
        state=isolation.state_at(row, as_of) or OrderState.PROPOSED,
        area_code=row.area_code,
        starts_date=row.starts_date,
        ends_date=row.ends_date,
        test_dates=row.test_dates,
        basis=row.basis,
        proposed_at=row.proposed_at,
        decided_at=row.issued_at if issued else None,
        decided_by=row.issued_by.username if issued and row.issued_by else None,
    )
