"""
Extending an order: an act of its own, for a cause that the edition knows, and never beyond what it gives from there.

A local wish is no cause where the edition in force forbids local bodies to lengthen isolation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.protocol.basis import entry as cite
from sizao.protocol.days import numbered_dates, period_end
from sizao.protocol.quarantine import stages
from sizao.records import journal
from sizao.records.models import Account, IsolationOrder
from sizao.response import outbreaks
from sizao.response.isolation import order_history, orders
from sizao.terms import ContactKind, OrderAct, OrderCause, OrderEnd, OrderKind, OrderState, Right

LOCAL_DAYS = "limits.local_extension_of_days"
RESTART = "isolation_site.exposure_restart_days"
_TESTS = {OrderKind.CENTRAL: "contacts.close.central_test_days"}
_HOME_TESTS = "contacts.close.home_test_days"


class OrderOver(SizaoError):
    code = "order.over"
    message = "The last day of this order was {ends_date}; it cannot be changed any more. Propose a new one if need be."


class LocalExtensionForbidden(SizaoError):
    code = "order.local_extension"
    message = (
        "{edition} does not let local bodies lengthen isolation. Name a new exposure, a positive test of somebody "
        "exposed together, or an exposure in the site, with its day."
    )


class BeyondTheEdition(SizaoError):
    code = "order.beyond_the_edition"
    message = (
        "Counted from {day}, {edition} gives {latest} as the last day. Choose a day after {ends_date} and up to that."
    )


class NothingGiven(SizaoError):
    code = "order.nothing_given"
    message = "{edition} gives no such period from {day}, so that this order cannot be extended. Let it end."


class CauseOutside(SizaoError):
    code = "order.cause_day.unreadable"
    message = "The cause of an extension has a day from {first} to {last}. Give the day of the exposure or of the test."


@dataclass(frozen=True, slots=True)
class Given:
    """The last day that the edition gives from the day of a cause, the tests until then, and the values used."""

    latest: date
    test_dates: tuple[date, ...]
    basis: tuple[dict[str, Any], ...]


@transaction.atomic
def extend(  # noqa: PLR0913 — what an extension has to state
    *,
    order: IsolationOrder,
    because: OrderCause,
    on: date,
    reason: str,
    by: Account,
    now: datetime,
    until: date | None = None,
    basis: Sequence[dict[str, Any]] = (),
) -> IsolationOrder:
    """
    Extend an issued order because of something that happened `on` a day, up to what the edition gives from that day.

    Without `until`, to exactly that. `basis` adds what the caller rests on (a judged exposure). Raise the door's
    refusal, NotStanding, OrderOver, ReasonMissing, CauseOutside, LocalExtensionForbidden, NothingGiven,
    BeyondTheEdition, AlreadyIsolating where another order stands then, or that a value is not confirmed.
    """
    reason = orders.given_reason(reason)
    order = orders.held_issued(order, to=Right.ORDER_ISSUE, by=by)
    _still_running(order, now)
    _within(order, on, now)
    rules = outbreaks.rules_at(order.outbreak, now, area_code=order.area_code)
    given = what_is_given(order, because, on, rules)
    until = until or given.latest
    if not order.ends_date < until <= given.latest:
        raise BeyondTheEdition(day=on, edition=rules.source, latest=given.latest, ends_date=order.ends_date)
    was = order.ends_date
    order.ends_date = until
    order.test_dates = sorted({*order.test_dates, *(day for day in given.test_dates if day <= until)})
    order.basis = [*order.basis, *given.basis, *basis]
    order.reason = order.reason | {"extended_because": str(because), "extended_from": on.isoformat()}
    _end_proposals_beside(order, now)
    _save(order)
    order_history.write([
        order_history.entry(
            order, OrderAct.EXTENDED, by=by, at=now, was=was, reason=reason, basis=[*given.basis, *basis]
        )
    ])  # fmt: skip
    journal.write("order.extended", order, by=by, at=now, protocol=rules.source, because=str(because))
    return order


def what_is_given(order: IsolationOrder, because: OrderCause, on: date, rules: Rules) -> Given:
    """
    Say up to when the edition lets an order run for a cause on a day, and on which days to test.

    Raise LocalExtensionForbidden, NothingGiven, or that a value is not confirmed.
    """
    if because == OrderCause.LOCAL and not rules.need(LOCAL_DAYS).flag:
        raise LocalExtensionForbidden(edition=rules.source)
    cited = [cite(rules.need(LOCAL_DAYS), gives="extension")] if because == OrderCause.LOCAL else []
    if because == OrderCause.SITE_EXPOSURE and rules.says(RESTART):
        value = rules.need(RESTART)
        total = period_end(on, value)
        tests = _tests(order, on, total.result, rules)
        return Given(total.result, tests, (*cited, cite(value, total, gives="ends_date")))
    kind = ContactKind(order.reason.get("contact_kind", ContactKind.CLOSE))
    kind = kind if because == OrderCause.LOCAL else ContactKind.CLOSE
    found = [one for one in stages(rules, kind, on) if one.kind == order.kind]
    if not found:
        raise NothingGiven(edition=rules.source, day=on)
    last = max(found, key=lambda one: one.last_date)
    return Given(last.last_date, tuple(one.result for one in last.tests), (*cited, *last.basis))


def _tests(order: IsolationOrder, on: date, until: date, rules: Rules) -> tuple[date, ...]:
    key = _TESTS.get(OrderKind(order.kind), _HOME_TESTS)
    if not rules.says(key):
        return ()
    return tuple(one.result for one in numbered_dates(on, rules.need(key)) if one.result <= until)


def _still_running(order: IsolationOrder, now: datetime) -> None:
    if order.ends_date < order.outbreak.day_of(now):
        raise OrderOver(ends_date=order.ends_date)


def _within(order: IsolationOrder, on: date, now: datetime) -> None:
    """Refuse a cause of another time: what lies before the order is what it was made for."""
    first, last = order.starts_date - timedelta(days=1), order.outbreak.day_of(now)
    if not first <= on <= last:
        raise CauseOutside(first=first, last=last)


def _end_proposals_beside(order: IsolationOrder, now: datetime) -> None:
    """End what was proposed to the same person for the days that the order covers now."""
    beside = IsolationOrder.objects.select_for_update().filter(
        person=order.person_id, state=OrderState.PROPOSED, kind=order.kind, ends_date__lte=order.ends_date
    )
    orders.end_orders(list(beside.order_by("pk")), str(OrderEnd.REPLACED), by=None, at=now)


def _save(order: IsolationOrder) -> None:
    try:
        with transaction.atomic():
            order.save(update_fields=["ends_date", "test_dates", "basis", "reason"])
    except IntegrityError as clash:
        if "order_one_issued_at_a_time" not in str(clash):
            raise
        raise orders.AlreadyIsolating(until=order.ends_date) from clash
