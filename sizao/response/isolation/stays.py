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
from sizao.records.models import Account, Contact, Outbreak, Person, Place, Stay
from sizao.response import tracing
from sizao.terms import ContactState, Right, StayKind


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


@transaction.atomic
def arrive(*, person: Person, kind: StayKind, place: Place | None, at: datetime, by: Account, now: datetime) -> Stay:
    """
    Record that a person arrived; the stay before it ends at that moment, and a found contact is placed.

    `place` may be None at home and outside. Raise AlreadyThere, TwoPlacesAtOnce for a time before the
    present stay, and RoomTaken where another household is in a single room.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    area_code = place.area_code if place else person.area_code
    access.require(by, Right.TASK_WORK, area_code=area_code)
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
        # Either a stay that ended covers the moment, or the same arrival was entered already.
        last = Stay.objects.filter(person=stay.person).order_by("-period").first()
        raise TwoPlacesAtOnce(number=stay.person.number, since=last.period.lower, at=at) from clash
