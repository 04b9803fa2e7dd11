"""
Who went through a gate of their zone, in the location ledger: outside from going out on, at home from coming in on.

A gate sees that somebody left, and not where to: they are outside, or on the way, until a bed, a vehicle or a gate says
otherwise. Phones tell late, so all passages of a person are laid again, by their own moments, when one is told. What
crews, sites and officers said is never changed: nobody goes out who was in a vehicle, a room or a bed then.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.records.models import Person, Place, Stay, Zone, ZonePassage
from sizao.response.ledger import Course, courses_of, lasts, write_ends
from sizao.response.zoning.inside import residents
from sizao.terms import PassOutcome, PassWay, StayKind

OURS = "gate:"  # how the keys of stays begin that gates told of
# Where somebody was who goes out, or comes in; None: nobody knew. Of who came in a vehicle, its crew tells.
_GOES_FROM = (None, StayKind.HOME)
_COMES_FROM = (None, StayKind.OUTSIDE, StayKind.BED)


def follow(people: Iterable[int], *, now: datetime) -> None:
    """Bring the ledger of some people to what all their passages say, in whatever order these were told."""
    courses = courses_of(people)
    for course in courses.values():
        take_out(course)
    lay(courses, now=now)
    for course, stay, until in write_ends(courses):
        left_open(course, stay, until, now=now)


def take_out(course: Course) -> None:
    """Take out all stays of somebody that gates told of."""
    for stay in [one for one in course.stays if one.source_key.startswith(OURS)]:
        course.take_out(stay)


def lay(courses: Mapping[int, Course], *, now: datetime) -> None:
    """Put in what gates told of people, the earliest passage first."""
    let_through = ZonePassage.objects.filter(person__in=courses, outcome=PassOutcome.PASSED)
    passages = list(let_through.order_by("happened_at", "way", "source_key"))
    living = _living({one.zone_id for one in passages}, courses)
    for one in passages:
        if one.person_id is not None and one.person_id in living[one.zone_id]:
            _pass(courses[one.person_id], one, now)


def left_open(course: Course, stay: Stay, until: datetime | None, *, now: datetime) -> None:
    """Say of somebody whose place was given to others since they were said to have left it that they are outside."""
    outside = _stay(course.person, StayKind.OUTSIDE, None, f"{OURS}left:{stay.pk}", now)
    outside.period = DateTimeTZRange(stay.period.upper, until, "[)")
    outside.save(force_insert=True)


def _living(zones: Collection[int], people: Collection[int]) -> dict[int, set[int]]:
    """Say who of some people lives inside each zone: whoever only works there, or visits, is not at home inside."""
    inside: dict[int, set[int]] = defaultdict(set)
    for zone in Zone.objects.filter(pk__in=zones):
        inside[zone.pk] = set(Person.objects.filter(residents(zone), pk__in=people).values_list("pk", flat=True))
    return inside


def _pass(course: Course, passage: ZonePassage, now: datetime) -> None:
    at = passage.happened_at
    here = next((one for one in course.stays if one.period.lower <= at and lasts(one, at)), None)
    was = None if here is None else StayKind(here.kind)
    is_out = passage.way == PassWay.OUT
    # What began at this very moment was said by somebody who saw more than a gate does.
    if was not in (_GOES_FROM if is_out else _COMES_FROM) or (here is not None and here.period.lower == at):
        return
    key = f"{OURS}{passage.pk}"
    if is_out:
        course.put_in(_stay(course.person, StayKind.OUTSIDE, None, key, now), at)
        return
    household = course.person.household
    place = household.place if household else None
    before = [(one, one.period) for one in course.stays]
    try:
        with transaction.atomic():
            course.put_in(_stay(course.person, StayKind.HOME, place, key, now), at)
    except IntegrityError as clash:
        if "stay_" not in str(clash):
            raise
        # Others are on record in that home, which takes no more: at home, nobody knows in which.
        for one, period in before:
            one.period = period
        course.put_in(_stay(course.person, StayKind.HOME, None, key, now), at)


def _stay(person: Person, kind: StayKind, place: Place | None, key: str, now: datetime) -> Stay:
    return Stay(
        person=person,
        kind=kind,
        place=place,
        area_code=place.area_code if place else person.area_code,
        party=person.household_id or -person.pk,
        single_room=bool(place and place.single_household),
        recorded_at=now,
        source_key=key,
    )
