"""
The location ledger, one person at a time: arriving somewhere ends the stay before it.

Lists of published facts enter through `register.move`; these verbs serve an officer at a door, so
they refuse what cannot be instead of mending it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import (
    Account,
    Contact,
    IsolationRoom,
    IsolationSite,
    Outbreak,
    Person,
    Place,
    RoomPlacement,
    Stay,
)
from sizao.records.models.room_placement import OPEN_PLACEMENTS
from sizao.response import tracing
from sizao.response.isolation import placements, sites
from sizao.terms import ContactState, Right, SiteState, StayKind


class AlreadyThere(SizaoError):
    code = "stay.already_there"
    message = "{number} is there already, since {since:%Y-%m-%d %H:%M}. Nothing was changed."


class TwoPlacesAtOnce(SizaoError):
    code = "stay.two_places_at_once"
    message = (
        "{number} has a stay from {since:%Y-%m-%d %H:%M}, so cannot arrive elsewhere at {at:%Y-%m-%d %H:%M}. "
        "Check the time, or correct the other stay first."
    )


class RoomTaken(SizaoError):
    code = "stay.room_taken"
    message = "{place} is a single room and another household is in it at {at:%Y-%m-%d %H:%M}. Choose another room."


class PlaceFull(SizaoError):
    code = "stay.place_full"
    message = "{place} holds {capacity} people, and as many are in it at {at:%Y-%m-%d %H:%M}. Choose another place."


class KeptForOthers(SizaoError):
    code = "stay.kept_for_others"
    message = "{place} is kept for another household. Choose another room, or change theirs first."


class SiteTakesNobody(SizaoError):
    code = "stay.site_takes_nobody"
    message = (
        "{site} is “{state}”: it takes people only when it has passed its check and is ready. Choose another site."
    )


@transaction.atomic
def arrive(*, person: Person, kind: StayKind, place: Place | None, at: datetime, by: Account, now: datetime) -> Stay:
    """
    Record that a person arrived; the stay before it ends at that moment, and a found contact is placed.

    `place` may be None at home and outside. Arriving in a room that was proposed or kept closes that placement, and
    puts a site that was ready to use. Raise AlreadyThere, TwoPlacesAtOnce for a time before the present stay,
    RoomTaken where another household is in a single room, KeptForOthers where it is kept for one, PlaceFull where no
    bed or seat is left, and SiteTakesNobody for a site that is not ready.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    area_code = place.area_code if place else person.area_code
    access.require(by, Right.TASK_WORK, area_code=area_code)
    _lock_places(person, place)
    if kind == StayKind.ROOM and place is not None:
        _admit(person, place, by=by, now=now)
    _end_present_stay(person, kind, place, at)
    stay = Stay(
        person=person,
        kind=kind,
        place=place,
        area_code=area_code,
        period=DateTimeTZRange(at, None, "[)"),
        party=person.household_id or -person.pk,
        single_room=bool(place and place.single_household),
        recorded_at=now,
        source_key=f"stay:{person.pk}:{at.isoformat()}",
    )
    _save(stay)
    journal.write("person.arrived", stay, by=by, at=now, kind=str(kind))
    placements.close_by_arrival(person, kind, place, by=by, now=now)
    if kind in PLACING:
        place_contacts(None, [person.pk], by=by, now=now)
    return stay


def depart(*, person: Person, at: datetime, by: Account, now: datetime, vehicle: Place | None = None) -> Stay:
    """Record that a person left where they were: into a vehicle, or outside."""
    kind = StayKind.VEHICLE if vehicle else StayKind.OUTSIDE
    return arrive(person=person, kind=kind, place=vehicle, at=at, by=by, now=now)


PLACING = (StayKind.ROOM, StayKind.BED)


def place_contacts(outbreak: Outbreak | None, people: Iterable[int], *, by: Account | None, now: datetime) -> int:
    """Move found contacts among people who are in a room or bed to placed; return how many."""
    waiting = Contact.objects.filter(person__in=people, state=ContactState.FOUND, found_at__lte=now).order_by("pk")
    if outbreak is not None:
        waiting = waiting.filter(outbreak=outbreak)
    moved = tracing.move_contacts(contacts=list(waiting), state=ContactState.PLACED, by=by, now=now)
    return len(moved)


def _lock_places(person: Person, place: Place | None) -> None:
    """Lock where a held person is and goes to, in order: two people who change rooms never wait for each other."""
    present = Stay.objects.filter(person=person, period__endswith__isnull=True).values_list("place", flat=True)
    spots = {*present, place.pk if place else None} - {None}
    # Only a place with a capacity is locked by its trigger; homes and venues need no waiting.
    limited = Place.objects.filter(pk__in=spots, capacity__isnull=False).order_by("pk")
    list(limited.select_for_update(no_key=True).values_list("pk"))


def _admit(person: Person, place: Place, *, by: Account, now: datetime) -> None:
    """Look whether a room of an isolation site may take this person. Raise SiteTakesNobody or KeptForOthers."""
    room = IsolationRoom.objects.filter(place=place).select_related("site__place").first()
    if room is None:
        return
    site = room.site
    if site.state not in sites.USABLE:
        raise SiteTakesNobody(site=site.place.name, state=SiteState(site.state))
    party = person.household_id or -person.pk
    kept = RoomPlacement.objects.filter(room=room, state__in=OPEN_PLACEMENTS)
    if kept.exclude(party=party).exists():
        raise KeptForOthers(place=place.name)
    put_to_use(site, by=by, now=now)


def put_to_use(site: IsolationSite, *, by: Account | None, now: datetime) -> None:
    """Put a ready site to use: its first arrival does it."""
    if site.state != SiteState.READY:
        return
    held = type(site).objects.select_for_update(of=["self"]).get(pk=site.pk)
    if held.state == SiteState.READY:
        held.place = site.place
        sites.put(held, SiteState.IN_USE, by=by, now=now)


def _end_present_stay(person: Person, kind: StayKind, place: Place | None, at: datetime) -> None:
    present = Stay.objects.filter(person=person, period__endswith__isnull=True).select_for_update().first()
    if present is None:
        return
    since = present.period.lower
    if present.kind == kind and present.place_id == (place and place.pk):
        raise AlreadyThere(number=person.number, since=since)
    if at <= since:
        raise TwoPlacesAtOnce(number=person.number, since=since, at=at)
    present.period = DateTimeTZRange(since, at, "[)")
    present.save(update_fields=["period"])


def _save(stay: Stay) -> None:
    try:
        with transaction.atomic():
            stay.save(force_insert=True)
    except IntegrityError as clash:
        at = stay.period.lower
        if "stay_one_household_per_single_room" in str(clash):
            raise RoomTaken(place=stay.place.name, at=at) from clash
        if "stay_within_capacity" in str(clash):
            raise PlaceFull(place=stay.place.name, capacity=stay.place.capacity, at=at) from clash
        # Either a stay that ended covers the moment, or the same arrival was entered already.
        last = Stay.objects.filter(person=stay.person).order_by("-period").first()
        raise TwoPlacesAtOnce(number=stay.person.number, since=last.period.lower, at=at) from clash
