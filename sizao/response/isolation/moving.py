"""
Changing the kind of an order to a milder one: a child, a pregnant woman, somebody who cannot care for themselves.

The order ends and another takes its place for the days that are left, so that the history shows what was asked when.
"""

from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.protocol import Rules, basis
from sizao.protocol.laws import proposed_basis
from sizao.records import journal
from sizao.records.models import Account, IsolationOrder
from sizao.response import outbreaks
from sizao.response.isolation import order_history, orders
from sizao.response.isolation.extending import OrderOver
from sizao.terms import OrderAct, OrderEnd, OrderKind, OrderState, Right

GROUPS = "contacts.close.home_exempt_groups"
GENERALLY = "contacts.close.home_allowed_generally"


class NotMilder(SizaoError):
    code = "order.not_milder"
    message = "This order is {was}; only isolation in a site can be changed to {allowed}. Else end it, with a reason."


class GroupUnknown(SizaoError):
    code = "order.group.unreadable"
    message = "{edition} lets people isolate at home of these groups: {allowed}. Choose the one this person belongs to."


@transaction.atomic
def move_home(
    *,
    order: IsolationOrder,
    group: str,
    reason: str,
    by: Account,
    now: datetime,
) -> IsolationOrder:
    """
    Let somebody in a site, or on their way there, serve what is left of an order at home; return the new order.

    `group` is one of the edition's that may isolate at home, or empty where it allows that to everybody. Raise the
    door's refusal, NotStanding, OrderOver, NotMilder, GroupUnknown, ReasonMissing, or that a value is not confirmed.
    """
    reason = orders.given_reason(reason)
    order = orders.held_issued(order, to=Right.ORDER_ISSUE, by=by)
    today = order.outbreak.day_of(now)
    if order.ends_date < today:
        raise OrderOver(ends_date=order.ends_date)
    if order.kind != OrderKind.CENTRAL:
        raise NotMilder(was=OrderKind(order.kind), allowed=OrderKind.HOME)
    rules = outbreaks.rules_at(order.outbreak, now, area_code=order.area_code)
    cited = _why_home(rules, group)
    order_history.write([order_history.entry(order, OrderAct.MOVED, by=by, at=now, reason=reason, basis=cited)])
    orders.end_orders([order], str(OrderEnd.MOVED), by=by, at=now)
    made = IsolationOrder.objects.create(
        outbreak=order.outbreak,
        person=order.person,
        contact=order.contact,
        kind=OrderKind.HOME,
        state=OrderState.ISSUED,
        area_code=order.area_code,
        starts_date=max(order.starts_date, today),
        ends_date=order.ends_date,
        test_dates=order.test_dates,
        reason=order.reason | {"group": group} if group else order.reason,
        basis=[*order.basis, *cited],
        proposed_at=now,
        issued_at=now,
        issued_by=by,
        legal_basis=proposed_basis(OrderKind.HOME, today) or order.legal_basis,
        follows=order,
        source_key=f"{order.source_key}:home:{now.isoformat()}",
    )
    order_history.write([
        order_history.entry(made, OrderAct.PROPOSED, by=by, at=now, reason=reason),
        order_history.entry(made, OrderAct.ISSUED, by=by, at=now, reason=reason, basis=made.basis),
    ])  # fmt: skip
    journal.write("order.moved", made, by=by, at=now, protocol=rules.source, group=group)
    return made


def groups(rules: Rules) -> tuple[str, ...]:
    """List the groups that the edition lets isolate at home; empty where it names none."""
    return rules.value(GROUPS).texts if rules.says(GROUPS) else ()


def _why_home(rules: Rules, group: str) -> list[dict[str, object]]:
    if rules.says(GENERALLY) and rules.value(GENERALLY).flag:
        return [basis.entry(rules.need(GENERALLY), gives="kind")]
    allowed = groups(rules)
    if group not in allowed:
        raise GroupUnknown(edition=rules.source, allowed=", ".join(allowed) or "—")
    return [basis.entry(rules.need(GROUPS), gives="kind")]
