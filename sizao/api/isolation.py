"""Orders: proposed by rule, decided by a named officer."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, Moment, account, act_at, now, outbreak
from sizao.api.shapes import PageOf, answers, page
from sizao.records import access, keyset
from sizao.records.models import IsolationOrder
from sizao.response import isolation
from sizao.response.isolation import letter_codes, order_history
from sizao.response.isolation.serving import Service
from sizao.terms import FamilyTold, OrderAct, OrderCause, OrderKind, OrderState, Right, ServedHow

router = Router(tags=["isolation"])


class OrderOut(Schema):
    """What one person is asked to do, until when, and by which value of which edition."""

    id: int
    number: str
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
    legal_basis: str
    served_at: datetime | None


class OrderReason(Schema):
    """Why it is declined, or ended."""

    reason: str = Field(max_length=300)


class Basis(Schema):
    """The law an order rests on; null: the one that was proposed with it."""

    legal_basis: str | None = Field(None, max_length=300)


class Serving(Schema):
    """How the person was told; `at` is null where it is now."""

    how: ServedHow
    family: FamilyTold
    with_whom: str = Field("", max_length=150)
    at: Moment | None = None


class Extension(Schema):
    """Why an order is extended, from which day, and until when; without `until`, as the edition gives."""

    because: OrderCause
    on: date
    until: date | None = None
    reason: str = Field(max_length=300)


class Home(Schema):
    """Which of the edition's groups a person belongs to who may isolate at home, and why."""

    group: str = Field("", max_length=60)
    reason: str = Field(max_length=300)


class OrderChangeOut(Schema):
    """One entry of an order's history."""

    act: OrderAct
    at: datetime
    by: str
    ends_date: date
    was_ends_date: date | None
    reason: str
    basis: list[dict[str, Any]]


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
def issue(request: HttpRequest, number: int, asked: Query[Asked], basis: Basis | None = None) -> Any:
    """Issue a proposed order in the name of the token's account, by the law it rests on."""
    found = _found(request, number, Right.ORDER_ISSUE)
    at = act_at(request, found.outbreak, asked)
    law = basis.legal_basis if basis else None
    return _order(isolation.issue(order=found, legal_basis=law, by=account(request), now=at), at)


@router.post("/orders/{number}/decline", response=answers(OrderOut))
def decline(request: HttpRequest, number: int, asked: Query[Asked], why: OrderReason) -> Any:
    """Decline a proposed order, with the reason."""
    found = _found(request, number, Right.ORDER_ISSUE)
    at = act_at(request, found.outbreak, asked)
    done = isolation.decline(order=found, reason=why.reason, by=account(request), now=at)
    return _order(done, at)


@router.get("/orders/{number}/changes", response=answers(list[OrderChangeOut]))
def read_changes(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Read the history of an order, oldest first. It is a reading of the person, and journalled as such."""
    reader, as_of = account(request), asked.moment(request)
    found = _found(request, number, Right.PERSON_READ)
    access.person(found.person.number, to=Right.PERSON_READ, by=reader, now=now(request), purpose=f"order {number}")
    return [
        OrderChangeOut(
            act=OrderAct(one.act),  # type: ignore[call-arg]
            at=one.at,
            by=one.by,
            ends_date=one.ends_date,
            was_ends_date=one.was_ends_date,
            reason=one.reason,
            basis=one.basis,
        )
        for one in order_history.of(found, as_of)
    ]


@router.post("/orders/{number}/serve", response=answers(OrderOut))
def serve(request: HttpRequest, number: int, asked: Query[Asked], how: Serving) -> Any:
    """Record that the person was told."""
    found = _found(request, number, Right.ORDER_SERVE)
    at = act_at(request, found.outbreak, asked)
    service = Service(how=how.how, family=how.family, with_whom=how.with_whom, at=how.at)
    return _order(isolation.serve(order=found, service=service, by=account(request), now=at), at)


@router.post("/orders/{number}/extend", response=answers(OrderOut))
def extend(request: HttpRequest, number: int, asked: Query[Asked], why: Extension) -> Any:
    """Extend an issued order for a cause that the edition knows."""
    found = _found(request, number, Right.ORDER_ISSUE)
    at = act_at(request, found.outbreak, asked)
    done = isolation.extend(
        order=found, because=why.because, on=why.on, until=why.until, reason=why.reason, by=account(request), now=at
    )
    return _order(done, at)


@router.post("/orders/{number}/home", response=answers(OrderOut))
def move_home(request: HttpRequest, number: int, asked: Query[Asked], why: Home) -> Any:
    """Let somebody serve at home what is left of an order; answer with the new order."""
    found = _found(request, number, Right.ORDER_ISSUE)
    at = act_at(request, found.outbreak, asked)
    made = isolation.move_home(order=found, group=why.group, reason=why.reason, by=account(request), now=at)
    return _order(made, at)


@router.post("/orders/{number}/end", response=answers(OrderOut))
def end(request: HttpRequest, number: int, asked: Query[Asked], why: OrderReason) -> Any:
    """End an order before its last day, with the reason."""
    found = _found(request, number, Right.ORDER_ISSUE)
    at = act_at(request, found.outbreak, asked)
    return _order(isolation.end(order=found, reason=why.reason, by=account(request), now=at), at)


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
        number=letter_codes.number_of(row),
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
        legal_basis=row.legal_basis,
        served_at=row.served_at if row.served_at is not None and row.served_at <= as_of else None,
    )
