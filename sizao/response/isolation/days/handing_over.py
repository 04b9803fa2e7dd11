"""
From a site to the community: it is told who comes home, what they are asked next, and somebody there takes over.

Transport finds a hand-over that nobody has received of somebody still in their room, and carries them.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, CommunityHandOver, IsolationOrder, Outbreak, SiteRelease
from sizao.terms import OrderKind, OrderState, Right

AT_HOME = (OrderKind.HOME, OrderKind.MONITORING)


class ReceivedAlready(SizaoError):
    code = "hand_over.received_already"
    message = "{number} was received already, by {by}. Nothing was changed."


@transaction.atomic
def tell(*, release: SiteRelease, by: Account, now: datetime) -> CommunityHandOver:
    """
    Tell the community of somebody's home that they leave a site, once; it names the order that comes next.

    They are to be received by the end of the last day of their order.
    """
    order = IsolationOrder.objects.select_related("person").get(pk=release.order_id)
    end = datetime.combine(order.ends_date + timedelta(days=1), time())
    told, is_new = CommunityHandOver.objects.get_or_create(
        source_key=f"hand-over:{order.pk}",
        defaults={
            "outbreak_id": order.outbreak_id,
            "person": order.person,
            "order": order,
            "follow_order": following(order),
            "site": release.site,
            "area_code": order.person.area_code,
            "told_at": now,
            "told_by": by.username,
            "due_at": timezone.make_aware(end),
        },
    )
    if is_new:
        journal.write("hand_over.told", told, by=by, at=now)
    return told


def following(order: IsolationOrder) -> IsolationOrder | None:
    """Give the order at home that comes after one in a site; None while it is not proposed, or none is asked."""
    found = IsolationOrder.objects.filter(
        person=order.person_id,
        outbreak=order.outbreak_id,
        kind__in=AT_HOME,
        state__in=(OrderState.PROPOSED, OrderState.ISSUED),
        ends_date__gt=order.ends_date,
    )
    return found.order_by("starts_date", "pk").first()


@transaction.atomic
def receive(*, hand_over: CommunityHandOver, note: str = "", by: Account, now: datetime) -> CommunityHandOver:
    """Take over somebody who came home, in one's own name. Raise ReceivedAlready or the door's refusal."""
    found = CommunityHandOver.objects.select_for_update(of=["self"]).select_related("person").get(pk=hand_over.pk)
    access.require(by, Right.HOME_CARE, area_code=found.area_code)
    if found.received_at is not None:
        raise ReceivedAlready(number=found.person.number, by=found.received_by)
    found.received_at, found.received_by, found.note = now, by.username, note.strip()[:300] or found.note
    found.follow_order = found.follow_order or following(found.order)
    found.save(update_fields=["received_at", "received_by", "note", "follow_order"])
    journal.write("hand_over.received", found, by=by, at=now)
    return found


@transaction.atomic
def link_following(*, outbreak: Outbreak, by: Account | None, now: datetime) -> int:
    """Name on hand-overs the order that was proposed since; return how many."""
    open_ones = CommunityHandOver.objects.filter(outbreak=outbreak, follow_order=None, told_at__lte=now)
    linked = [one for one in open_ones.select_related("order").order_by("pk") if _named(one)]
    CommunityHandOver.objects.bulk_update(linked, ["follow_order"], batch_size=500)
    journal.write_many([journal.line("hand_over.linked", one, by=by, at=now) for one in linked])
    return len(linked)


def coming(by: Account, outbreak: Outbreak, *, as_of: datetime) -> QuerySet[CommunityHandOver]:
    """Give who comes home to an account's area and was not received at a moment, who is due first."""
    access.require(by, Right.HOME_CARE)
    found = CommunityHandOver.objects.filter(
        outbreak=outbreak, area_code__startswith=by.area_code, told_at__lte=as_of
    ).exclude(received_at__lte=as_of)
    return found.select_related("person", "order", "follow_order", "site__place").order_by("due_at", "pk")


@transaction.atomic
def take_back(*, orders: Sequence[int], by: Account | None, now: datetime) -> int:
    """Tell communities no more of people (by their orders) who do not leave after all; return how many."""
    waiting = list(CommunityHandOver.objects.filter(order__in=orders, received_at=None).order_by("pk"))
    journal.write_many([journal.line("hand_over.taken_back", one, by=by, at=now) for one in waiting])
    CommunityHandOver.objects.filter(pk__in=[one.pk for one in waiting]).delete()
    return len(waiting)


def _named(one: CommunityHandOver) -> bool:
    one.follow_order = following(one.order)
    return one.follow_order is not None
