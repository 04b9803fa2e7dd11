"""
The rooms of a site: added by hand, by range or from a list; taken out of service and put back; disinfected.

A room is a place whose parent is the place of its site; who is in it stands in the location ledger alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, IsolationRoom, IsolationSite, Place, RoomPlacement, Stay
from sizao.records.models.room_placement import OPEN_PLACEMENTS
from sizao.terms import Phrase, PlaceKind, Right

MOST_ROOMS = 5_000  # of one site; a larger number is a slip of the hand
MOST_BEDS = 20
FLOORS = range(-5, 101)
LONGEST = 20
NO_BED = Phrase("it has no bed, or too many", "没有床位，或床位过多")


class RoomUnreadable(SizaoError):
    code = "isolation.room.unreadable"
    message = (
        "Room “{number}” cannot be taken: {reason}. Give a number of at most 20 characters, 1 to 20 beds and a floor "
        "from -5 to 100."
    )


class RoomTwice(SizaoError):
    code = "isolation.room_twice"
    message = "Room {number} is there already in building “{building}” of {site}. Nothing was added; leave it out."


class TooManyRooms(SizaoError):
    code = "isolation.too_many_rooms.unreadable"
    message = "A site has at most {most:,} rooms; this would make {count:,}. Check floors and rooms a floor."


class RoomNotEmpty(SizaoError):
    code = "isolation.room_not_empty"
    message = "Room {number} is in use or kept for {people} people. Give them another room first."


class RoomReasonMissing(SizaoError):
    code = "isolation.room_reason_missing"
    message = "Say in a few words why room {number} is out of service: who looks for rooms will read it."


class NotOutOfService(SizaoError):
    code = "isolation.not_out_of_service"
    message = "Room {number} is in service already. Nothing was changed."


class RoomInUse(SizaoError):
    code = "isolation.room_in_use"
    message = "Somebody is in room {number}, so it cannot be finally disinfected. Wait until they have left."


@dataclass(frozen=True, slots=True)
class RoomEntry:
    """A room to be added; `position` counts from 1 along its side of the corridor, None where it is not known."""

    number: str
    building: str = ""
    floor: int = 1
    position: int | None = None
    opposite: bool = False
    beds: int = 1
    is_accessible: bool = False
    is_family: bool = False
    has_carer_bed: bool = False


@dataclass(frozen=True, slots=True)
class RoomRange:
    """Rooms numbered floor by floor: floor 3 with 20 rooms from 1 gives 301 to 320."""

    first_floor: int
    n_floors: int
    per_floor: int
    first_number: int = 1
    building: str = ""
    beds: int = 1
    two_sided: bool = True  # odd numbers on one side of the corridor, even ones opposite, as hotels do

    def entries(self) -> list[RoomEntry]:
        """List the rooms of the range, lowest floor first. Raise TooManyRooms."""
        count = self.n_floors * self.per_floor
        if min(self.n_floors, self.per_floor) < 1 or count > MOST_ROOMS:
            raise TooManyRooms(most=MOST_ROOMS, count=max(count, 0))
        return [
            self._entry(floor, number)
            for floor in range(self.first_floor, self.first_floor + self.n_floors)
            for number in range(self.first_number, self.first_number + self.per_floor)
        ]

    def _entry(self, floor: int, number: int) -> RoomEntry:
        digits = max(2, len(str(self.first_number + self.per_floor - 1)))
        along = number - self.first_number
        return RoomEntry(
            number=f"{floor}{number:0{digits}d}",
            building=self.building,
            floor=floor,
            position=along // 2 + 1 if self.two_sided else along + 1,
            opposite=self.two_sided and along % 2 == 1,
            beds=self.beds,
        )


@transaction.atomic
def add_rooms(
    *, site: IsolationSite, entries: Sequence[RoomEntry], by: Account | None, now: datetime, is_generated: bool = False
) -> list[IsolationRoom]:
    """
    Add rooms to a site; each becomes a place of the register that holds one household and as many as it has beds.

    `is_generated` marks rooms that were made up because no capacity is published. All are added or none. Raise
    RoomUnreadable, RoomTwice, TooManyRooms or the door's refusal.
    """
    if by is not None:
        access.require(by, Right.SITE_MANAGE, area_code=site.area_code)
    site = IsolationSite.objects.select_related("place").select_for_update(of=["self"]).get(pk=site.pk)
    _check(site, entries)
    places = Place.objects.bulk_create([_place(site, one) for one in entries], batch_size=1000)
    fresh = [_room(site, one, place, is_generated) for one, place in zip(entries, places, strict=True)]
    made = IsolationRoom.objects.bulk_create(fresh, batch_size=1000)
    journal.write("site.rooms_added", site, by=by, at=now, count=len(made), generated=is_generated)
    return made


def _check(site: IsolationSite, entries: Sequence[RoomEntry]) -> None:
    known = set(site.rooms.values_list("building", "number"))
    if len(known) + len(entries) > MOST_ROOMS:
        raise TooManyRooms(most=MOST_ROOMS, count=len(known) + len(entries))
    for one in entries:
        if reason := fault_of(one):
            raise RoomUnreadable(number=one.number[:40], reason=reason)
        if (one.building, one.number) in known:
            raise RoomTwice(number=one.number, building=one.building, site=site.place.name)
        known.add((one.building, one.number))


def fault_of(one: RoomEntry) -> str:
    """Say what is wrong with a room as it was given; empty where nothing is."""
    if not one.number.strip() or len(one.number) > LONGEST or len(one.building) > LONGEST:
        return Phrase("its number or building is empty or too long", "房号或楼栋为空或过长")
    if not 1 <= one.beds <= MOST_BEDS:
        return NO_BED
    if one.floor not in FLOORS:
        return Phrase("there is no such floor", "没有这个楼层")
    fits = one.position is None or 1 <= one.position <= MOST_ROOMS
    return "" if fits else Phrase("its position along the corridor is no count", "走廊位置不是序号")


def _key(site: IsolationSite, one: RoomEntry) -> str:
    return f"room:{site.pk}:{one.building}:{one.number}"


def _place(site: IsolationSite, one: RoomEntry) -> Place:
    building = f"{one.building} " if one.building else ""
    return Place(
        kind=PlaceKind.ISOLATION_SITE,
        name=f"{site.place.name} {building}{one.number}"[:200],
        area_code=site.area_code,
        latitude=site.place.latitude,
        longitude=site.place.longitude,
        parent=site.place,
        single_household=True,
        capacity=one.beds,
        source_key=_key(site, one),
    )


def _room(site: IsolationSite, one: RoomEntry, place: Place, is_generated: bool) -> IsolationRoom:  # noqa: FBT001
    return IsolationRoom(
        site=site,
        place=place,
        building=one.building,
        floor=one.floor,
        number=one.number.strip(),
        position=one.position,
        opposite=one.opposite,
        beds=one.beds,
        is_accessible=one.is_accessible,
        is_family=one.is_family,
        has_carer_bed=one.has_carer_bed,
        is_generated=is_generated,
        source_key=_key(site, one),
    )


# --- One room ----------------------------------------------------------------------------------


@transaction.atomic
def take_out(*, room: IsolationRoom, reason: str, by: Account, now: datetime) -> IsolationRoom:
    """Take a room out of service, with the reason. Raise RoomReasonMissing, RoomNotEmpty or the door's refusal."""
    room = held(room, by)
    if not reason.strip():
        raise RoomReasonMissing(number=room.number)
    if people := people_of(room):
        raise RoomNotEmpty(number=room.number, people=people)
    room.out_of_service_reason = reason.strip()[:200]
    room.save(update_fields=["out_of_service_reason"])
    _written("room.out_of_service", room, by=by, now=now, reason=room.out_of_service_reason)
    return room


@transaction.atomic
def put_back(*, room: IsolationRoom, by: Account, now: datetime) -> IsolationRoom:
    """Put a room back into service. Raise NotOutOfService or the door's refusal."""
    room = held(room, by)
    if not room.out_of_service_reason:
        raise NotOutOfService(number=room.number)
    room.out_of_service_reason = ""
    room.save(update_fields=["out_of_service_reason"])
    _written("room.in_service", room, by=by, now=now)
    return room


@transaction.atomic
def disinfected(*, room: IsolationRoom, at: datetime, by: Account, now: datetime) -> IsolationRoom:
    """Record that a room was finally disinfected after somebody left. Raise RoomInUse or the door's refusal."""
    room = held(room, by, Right.SITE_WORK)
    if Stay.objects.current(at).filter(place=room.place_id).exists():
        raise RoomInUse(number=room.number)
    if room.disinfected_at is None or room.disinfected_at < at:
        room.disinfected_at = at
        room.save(update_fields=["disinfected_at"])
        _written("room.disinfected", room, by=by, now=now)
    return room


@transaction.atomic
def refurnish(
    *, room: IsolationRoom, beds: int, attributes: dict[str, bool], by: Account, now: datetime
) -> IsolationRoom:
    """
    Change how many beds a room has and what it is fit for (`is_accessible`, `is_family`, `has_carer_bed`).

    Raise RoomUnreadable for beds out of bounds, RoomNotEmpty for fewer beds than people, or the door's refusal.
    """
    room = held(room, by)
    if not 1 <= beds <= MOST_BEDS:
        raise RoomUnreadable(number=room.number, reason=NO_BED)
    if (people := people_of(room)) > beds:
        raise RoomNotEmpty(number=room.number, people=people)
    room.beds = beds
    for name in ATTRIBUTES:
        setattr(room, name, attributes.get(name, getattr(room, name)))
    room.save(update_fields=["beds", *ATTRIBUTES])
    Place.objects.filter(pk=room.place_id).update(capacity=beds)
    _written("room.refurnished", room, by=by, now=now, beds=beds)
    return room


ATTRIBUTES = ("is_accessible", "is_family", "has_carer_bed")


def held(room: IsolationRoom, by: Account, right: Right = Right.SITE_MANAGE) -> IsolationRoom:
    """Lock a room for somebody who may act on it; whoever puts people into it waits for the same place."""
    room = IsolationRoom.objects.select_related("site").get(pk=room.pk)
    access.require(by, right, area_code=room.site.area_code)
    Place.objects.select_for_update(no_key=True).get(pk=room.place_id)
    room.refresh_from_db()
    return room


def people_of(room: IsolationRoom) -> int:
    """Count the people who are in a room now, or for whom it is proposed or kept."""
    inside = Stay.objects.filter(place=room.place_id, period__endswith__isnull=True).values_list("person", flat=True)
    kept = RoomPlacement.objects.filter(room=room, state__in=OPEN_PLACEMENTS).values_list("person", flat=True)
    return len({*inside, *kept})


def _written(verb: str, room: IsolationRoom, *, by: Account, now: datetime, **facts: object) -> None:
    journal.write(verb, room.site, by=by, at=now, room=room.number, **facts)
