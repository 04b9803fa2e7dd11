"""
People on the way, in the location ledger: in the vehicle from boarding on, where they went from arriving on.

A phone tells late, so these moves are put into the past by their own moment: what came before ends there, what comes
after begins where it began, and nobody is in two places or in none. What others said of where somebody is (a site, an
officer) is never changed; a trip that contradicts it is not written into the ledger, and waits for a person.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.records.models import IsolationRoom, Place, RoomPlacement, Stay, TransferLeg
from sizao.records.models.room_placement import OPEN_PLACEMENTS
from sizao.response.isolation.stays import PLACING, place_contacts, put_to_use
from sizao.response.ledger import Course, courses_of, write_ends
from sizao.response.zoning import passing
from sizao.terms import PlaceKind, PlacementState, StayKind, TransferKind, TransferOddityKind

OURS = "leg:"  # how the keys of stays begin that crews told of

Odd = tuple[TransferLeg, TransferOddityKind, dict[str, object]]


class Refused(Exception):  # noqa: N818 — says what it is; caught in this file
    """The ledger does not take a move."""

    def __init__(self, kind: TransferOddityKind) -> None:
        super().__init__(kind)
        self.kind = kind


def lay(legs: Sequence[TransferLeg], *, now: datetime) -> list[Odd]:
    """
    Write what crews told of these people into the ledger, anew; return what contradicts it and was left out.

    All legs that may touch each other are given together, so that the outcome does not depend on what came first.
    """
    told = sorted((leg for leg in legs if leg.boarded_at or leg.arrived_at), key=_order)
    courses = courses_of(leg.request.person_id for leg in legs)
    standing = _ours(courses, {leg.pk for leg in legs})
    # A gate sees less than a crew does: what gates told is laid on what crews did.
    for course in courses.values():
        passing.take_out(course)
    odd, done = _laid(told, courses, standing, now)
    passing.lay(courses, now=now)
    leg_of = {leg.request.person_id: leg for leg in sorted(legs, key=lambda one: one.pk)}
    odd += [
        _pushed_out(course, stay, until, leg_of[course.person.pk], now) for course, stay, until in write_ends(courses)
    ]
    _close_placements(done, now=now)
    return odd


def _laid(
    told: Sequence[TransferLeg], courses: dict[int, Course], standing: list[Stay], now: datetime
) -> tuple[list[Odd], list[TransferLeg]]:
    """Take out all that crews had told before and lay it again, the earliest boarding first."""
    for stay in standing:
        courses[stay.person_id].take_out(stay)
    odd: list[Odd] = []
    done: list[TransferLeg] = []
    riding: dict[int, TransferLeg] = {}
    ahead: dict[int, list[datetime]] = defaultdict(list)
    for leg in reversed(told):
        ahead[leg.request.person_id].append(_start(leg))
    for leg in told:
        course = courses[leg.request.person_id]
        ahead[course.person.pk].pop()
        course.next_at = next((at for at in reversed(ahead[course.person.pk]) if at > _start(leg)), None)
        former = riding.get(course.person.pk)
        if former is not None and (former.arrived_at is None or former.arrived_at > _start(leg)):
            odd.append((leg, TransferOddityKind.IN_TWO_VEHICLES, {"other_trip": former.trip_id}))
            course.go_on(_start(leg))
            continue
        before = [(one, one.period) for one in course.stays]
        try:
            with transaction.atomic():
                found = list(_lay_one(leg, course, now))
        except Refused as refusal:
            course.stays = [one for one, _ in before]
            for one, period in before:
                one.period = period
            odd.append((leg, refusal.kind, {}))
            course.go_on(_start(leg))
            continue
        odd += found
        riding[course.person.pk] = leg
        done.append(leg)
    return odd, done


def _pushed_out(course: Course, stay: Stay, until: datetime | None, leg: TransferLeg, now: datetime) -> Odd:
    """Put outside, until a person says where they are, whoever never left a room that somebody else is in by now."""
    outside = _stay(leg, StayKind.OUTSIDE, None, "there", now)
    outside.period = DateTimeTZRange(stay.period.upper, until, "[)")
    outside.save(force_insert=True)
    course.stays.append(outside)
    return leg, TransferOddityKind.ROOM_TAKEN, {"since": stay.period.upper.isoformat()}


def _lay_one(leg: TransferLeg, course: Course, now: datetime) -> Iterator[Odd]:
    """Put one ride into the ledger. Raise Refused where it does not hold together with what others said."""
    kind, place = destination(leg)
    since, until = _start(leg), leg.arrived_at
    met = course.starting(since, until)
    if any(one.period.lower == since for one in met) and not _is_there(met[0], kind, place):
        raise Refused(TransferOddityKind.ELSEWHERE)
    elsewhere = [one for one in met if not _is_there(one, kind, place)]
    # Without a word of arriving, whoever saw them next says where the ride ended.
    if elsewhere and until is not None:
        yield leg, TransferOddityKind.ELSEWHERE, {"since": elsewhere[0].period.lower.isoformat()}
    # Where they went comes first, so that the ride never seems to last beyond it, into the vehicle's next one.
    if until is not None and not met:
        _put_in(course, _stay(leg, kind, place, "there", now), until, TransferOddityKind.ROOM_TAKEN)
    if leg.boarded_at is not None and leg.boarded_at != until and not (met and met[0].period.lower == since):
        vehicle = leg.trip.vehicle.place
        alone = vehicle.single_household or leg.request.kind != TransferKind.HOME
        ride = _stay(leg, StayKind.VEHICLE, vehicle, "vehicle", now)
        ride.single_room = alone
        _put_in(course, ride, since, TransferOddityKind.VEHICLE_TAKEN)


def _put_in(course: Course, stay: Stay, at: datetime, otherwise: TransferOddityKind) -> None:
    try:
        with transaction.atomic():
            course.put_in(stay, at)
    except IntegrityError as clash:
        if "stay_" not in str(clash):
            raise
        raise Refused(otherwise) from clash


def destination(leg: TransferLeg) -> tuple[StayKind, Place | None]:
    """Say where somebody is once they have arrived: a room, a bed, at home, or outside."""
    request = leg.request
    place = request.to_place
    if place is None:
        household = request.person.household
        return StayKind.HOME, household.place if household else None
    if hasattr(place, "isolation_room") or place.kind == PlaceKind.ISOLATION_SITE:
        return StayKind.ROOM, place
    if place.kind in (PlaceKind.HOSPITAL, PlaceKind.CLINIC):
        return StayKind.BED, place
    return (StayKind.HOME if place.kind == PlaceKind.HOME else StayKind.OUTSIDE), place


def _stay(leg: TransferLeg, kind: StayKind, place: Place | None, what: str, now: datetime) -> Stay:
    person = leg.request.person
    return Stay(
        person=person,
        kind=kind,
        place=place,
        area_code=place.area_code if place else leg.request.to_area_code,
        party=person.household_id or -person.pk,
        single_room=bool(place and place.single_household),
        recorded_at=now,
        source_key=f"{OURS}{leg.pk}:{what}",
    )


def _ours(courses: dict[int, Course], legs: set[int]) -> list[Stay]:
    """Give the stays that these very legs left; those of older trips stand as anybody's word does."""
    keys = {f"{OURS}{pk}:{what}" for pk in legs for what in ("vehicle", "there")}
    return [one for course in courses.values() for one in course.stays if one.source_key in keys]


def _close_placements(legs: Sequence[TransferLeg], *, now: datetime) -> None:
    """Say of rooms that were kept for people who arrived that they are in them; found contacts are placed."""
    there = [leg for leg in legs if leg.arrived_at and destination(leg)[0] in PLACING]
    kept = {leg.request.placement_id: leg.arrived_at for leg in there if leg.request.placement_id}
    for placement in RoomPlacement.objects.filter(pk__in=kept, state__in=OPEN_PLACEMENTS):
        placement.state, placement.ended_at = PlacementState.ARRIVED, kept[placement.pk]
        placement.save(update_fields=["state", "ended_at"])
    for room in IsolationRoom.objects.filter(place__in=[leg.request.to_place_id for leg in there]).select_related(
        "site__place"
    ):
        put_to_use(room.site, by=None, now=now)
    if there:
        place_contacts(None, [leg.request.person_id for leg in there], by=None, now=now)


def _order(leg: TransferLeg) -> tuple[datetime, int]:
    return _start(leg), leg.pk


def _start(leg: TransferLeg) -> datetime:
    return leg.boarded_at or leg.arrived_at


def _is_there(stay: Stay, kind: StayKind, place: Place | None) -> bool:
    return bool(stay.kind == kind and (kind == StayKind.HOME or stay.place_id == (place.pk if place else None)))
