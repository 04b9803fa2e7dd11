"""Whether a home will do for isolation: looked at item by item by somebody who stood there."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from sizao.errors import SizaoError
from sizao.protocol.home_care import CheckRule, shipped_home_rules
from sizao.records import access, journal
from sizao.records.models import Account, HomeCheck, HomeVisit, IsolationOrder, Outbreak
from sizao.terms import CheckMark, HomeCheckItem, OrderKind, OrderState, Right, VisitKind, Words

OPEN_ORDERS = (OrderState.PROPOSED, OrderState.ISSUED)
BRING = "bring:"  # what to bring is kept by the items' codes and said in the reader's language


class ItemsUnanswered(SizaoError):
    code = "home.check.unanswered"
    message = "These items decide whether the home will do, and have no answer yet: {items}."


class NotForThisOrder(SizaoError):
    code = "home.check.not_home"
    message = "This order is for {kind} and {state}; only an open order to stay at home asks for a check of the home."


@transaction.atomic
def record_check(
    *,
    order: IsolationOrder,
    marks: Mapping[HomeCheckItem, CheckMark],
    by: Account,
    now: datetime,
    checked_at: datetime | None = None,
    note: str = "",
) -> HomeCheck:
    """
    Record what somebody found at a home, item by item; whether it will do follows from the items that decide.

    A missing item that can be brought becomes a delivery of today. A home that will not do asks the coordinator for a
    room by a task. Raise ItemsUnanswered, NotForThisOrder, or the door's refusal.
    """
    order = IsolationOrder.objects.select_related("person", "outbreak").select_for_update(of=["self"]).get(pk=order.pk)
    area_code = home_area(order)
    access.require(by, Right.HOME_CARE, area_code=area_code)
    if order.kind != OrderKind.HOME or order.state not in OPEN_ORDERS:
        raise NotForThisOrder(kind=OrderKind(order.kind), state=OrderState(order.state))
    rules = shipped_home_rules().checks
    unanswered = [one.item for one in rules if one.decides and marks.get(one.item) not in _ANSWERS]
    if unanswered:
        raise ItemsUnanswered(items=Words(unanswered))
    found = HomeCheck.objects.create(
        outbreak=order.outbreak,
        person=order.person,
        order=order,
        area_code=area_code,
        checked_at=min(checked_at or now, now),
        recorded_at=now,
        checked_by=by.username,
        items={str(item): str(mark) for item, mark in marks.items()},
        passed=not failing(marks),
        note=note.strip() or None,
        source_key=f"home-check:{order.pk}:{now.isoformat()}",
    )
    journal.write("home.checked", found, by=by, at=now, passed=found.passed)
    _bring([one.item for one in rules if one.bring and marks.get(one.item) == CheckMark.FAILED], order, by=by, now=now)
    return found


def home_area(order: IsolationOrder) -> str:
    """Say in which area the home of an order lies: that of the person where it is the narrower one."""
    own = order.person.area_code
    return own if own.startswith(order.area_code) else order.area_code


_ANSWERS = (CheckMark.PASSED, CheckMark.FAILED)


def failing(marks: Mapping[HomeCheckItem, CheckMark]) -> list[CheckRule]:
    """Give the items for want of which a home will not do."""
    return [one for one in shipped_home_rules().checks if one.decides and marks.get(one.item) == CheckMark.FAILED]


def failing_items(check: HomeCheck) -> list[HomeCheckItem]:
    """Say for want of what a checked home will not do."""
    return [one.item for one in failing({HomeCheckItem(k): CheckMark(v) for k, v in check.items.items()})]


def unchecked(outbreak: Outbreak, *, as_of: datetime) -> QuerySet[IsolationOrder]:
    """Give the open orders to isolate at home for which nobody had looked at the home by a moment."""
    looked = HomeCheck.objects.filter(order=OuterRef("pk"), recorded_at__lte=as_of)
    return _open(outbreak, as_of).filter(~Exists(looked))


def unfit(outbreak: Outbreak, *, as_of: datetime) -> list[HomeCheck]:
    """Give the latest check of each open order to isolate at home, where it says that the home will not do."""
    known = HomeCheck.objects.filter(order__in=_open(outbreak, as_of), recorded_at__lte=as_of)
    latest = known.order_by("order", "-checked_at", "-pk").distinct("order").select_related("person", "order")
    return [one for one in latest if not one.passed]


def _open(outbreak: Outbreak, as_of: datetime) -> QuerySet[IsolationOrder]:
    known = IsolationOrder.objects.filter(outbreak=outbreak, kind=OrderKind.HOME, proposed_at__lte=as_of)
    for moment in ("declined_at", "ended_at"):
        known = known.filter(Q(**{f"{moment}__isnull": True}) | Q(**{f"{moment}__gt": as_of}))
    return known


def _bring(items: list[HomeCheckItem], order: IsolationOrder, *, by: Account, now: datetime) -> None:
    if not items:
        return
    day = order.outbreak.day_of(now)
    visit, is_new = HomeVisit.objects.get_or_create(
        source_key=f"visit:{order.pk}:bring:{day}",
        defaults={
            "outbreak": order.outbreak,
            "person": order.person,
            "order": order,
            "area_code": home_area(order),
            "kind": VisitKind.DELIVERY,
            "what": BRING + ",".join(map(str, items)),
            "planned_at": now,
            "planned_by": by.username,
            "due_date": day,
        },
    )
    if is_new:
        journal.write("visit.asked", visit, by=by, at=now, kind=visit.kind)
