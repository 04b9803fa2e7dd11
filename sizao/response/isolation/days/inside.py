"""Who is in a site: in one of its rooms by the location ledger. Who works there is not among them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from sizao.records import access
from sizao.records.models import Account, IsolationOrder, IsolationRoom, IsolationSite, Outbreak, Person, Stay
from sizao.terms import OrderState, Right, StayKind


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody in a room of a site since a moment, under an order or under none."""

    person: Person
    room: IsolationRoom
    since: datetime
    order: IsolationOrder | None


def fetch(site_id: int, *, to: Right, by: Account) -> IsolationSite:
    """Fetch a site through the door. Raise the door's refusal."""
    found: IsolationSite = access.row(
        IsolationSite.objects.select_related("place"), what="site", to=to, by=by, pk=site_id
    )
    return found


def sites_of(by: Account, *, to: Right) -> QuerySet[IsolationSite]:
    """Give the sites of an account's area. Raise the door's refusal."""
    access.require(by, to)
    found = IsolationSite.objects.filter(area_code__startswith=by.area_code).select_related("place")
    return found.order_by("area_code", "pk")


def occupied(*, as_of: datetime) -> set[int]:
    """Say in which sites (by id) somebody was at a moment."""
    stays = Stay.objects.filter(kind=StayKind.ROOM, place__isolation_room__isnull=False, recorded_at__lte=as_of)
    return set(stays.current(as_of).values_list("place__isolation_room__site", flat=True))


def rooms_of(site: IsolationSite) -> Mapping[int, IsolationRoom]:
    """Give the rooms of a site by the ids of their places."""
    return {one.place_id: one for one in site.rooms.select_related("place")}


def stays_in(places: Iterable[int]) -> QuerySet[Stay]:
    """Give the stays in rooms, by the ids of their places."""
    return Stay.objects.filter(kind=StayKind.ROOM, place__in=list(places))


def people_in(site: IsolationSite, *, as_of: datetime) -> list[Inside]:
    """Say who was in a site at a moment, as it was known then, in the order in which one walks by."""
    rooms = rooms_of(site)
    stays = stays_in(rooms).current(as_of).filter(recorded_at__lte=as_of).select_related("person")
    found = list(stays)
    orders = orders_of([one.person_id for one in found], as_of=as_of)
    inside = [Inside(one.person, rooms[one.place_id], one.period.lower, orders.get(one.person_id)) for one in found]
    return sorted(inside, key=walking)


def walking(one: Inside) -> tuple[str, int, bool, int, str, str]:
    """Order people building by building, floor by floor, one side of a corridor after the other."""
    room = one.room
    return room.building, room.floor, room.opposite, room.position or 0, room.number, one.person.number


def orders_of(people: Iterable[int], *, as_of: datetime) -> dict[int, IsolationOrder]:
    """Give the order under which each of many people (by id) is at a moment: the latest issued, not ended then."""
    found = IsolationOrder.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=as_of),
        person__in=list(people),
        issued_at__lte=as_of,
        state__in=(OrderState.ISSUED, OrderState.ENDED),
    )
    return {one.person_id: one for one in found.order_by("starts_date", "pk")}


def outbreak_of(one: Inside, otherwise: Outbreak) -> int:
    """Say to which outbreak (by id) what is seen of somebody belongs: that of their order, else that looked at."""
    return one.order.outbreak_id if one.order else otherwise.pk
