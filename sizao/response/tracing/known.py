"""What is known of where people were, as the columns that the engines take."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

import numpy as np
from django.db.models import Min, QuerySet
from django.utils import timezone

from sizao.engines.tracing import Ints, Visits
from sizao.protocol import Rules
from sizao.records.models import Case, Contact, Encounter, Outbreak, Place, Stay, Visit
from sizao.response import outbreaks
from sizao.terms import EventKind, MeetingSource, PlaceKind, StayKind

MINUTES_OF_A_DAY = 24 * 60
EPOCH = date(2000, 1, 1)  # minutes and days of the engines count from here

# Where people who say only the day have not thereby met: too large, or no one place.
WIDE_KINDS = frozenset(
    {
        PlaceKind.MALL,
        PlaceKind.SUPERMARKET,
        PlaceKind.MARKET,
        PlaceKind.HOSPITAL,
        PlaceKind.TRANSPORT_HUB,
        PlaceKind.PUBLIC_PLACE,
        PlaceKind.RESIDENTIAL,
        PlaceKind.TOWN,
        PlaceKind.VILLAGE,
        PlaceKind.GOVERNMENT,
        PlaceKind.LEISURE,
    }
)


@dataclass(frozen=True, slots=True)
class Being:
    """One person at one place on one day; `start` and `end` in minutes since EPOCH."""

    person: int
    place: int
    day: int
    start: float
    end: float
    exact: bool
    kind: EventKind


@dataclass(frozen=True)
class Course:
    """
    The days that matter of one case.

    `start_date` is the onset, or the first positive test where no onset is known; `set_apart_at` the
    moment of isolation or hospital, None while neither is known.
    """

    case: Case
    start_date: date
    set_apart_at: datetime | None

    @property
    def person(self) -> int:
        return int(self.case.person_id)


class Known:
    """All visits and cases of one outbreak that are known at one moment, with the rules of that moment."""

    def __init__(self, outbreak: Outbreak, now: datetime) -> None:
        self.outbreak, self.now = outbreak, now

    @cached_property
    def rules(self) -> Rules:
        return outbreaks.rules_at(self.outbreak, self.now)

    @cached_property
    def courses(self) -> dict[int, Course]:
        """The course of each standing case, by person."""
        cases = Case.objects.filter(outbreak=self.outbreak).standing().known_at(self.now)
        apart = set_apart(self.outbreak, self.now)
        courses = {}
        for case in cases.order_by("id"):
            start = case.onset_date or case.first_positive_date or self.outbreak.day_of(case.opened_at)
            courses[case.person_id] = Course(case, start, apart.get(case.person_id))
        return courses

    @cached_property
    def beings(self) -> list[Being]:
        """Each visit to a registered place, one entry a day."""
        rows = Visit.objects.filter(outbreak=self.outbreak, recorded_at__lte=self.now, place__isnull=False)
        columns = ("person_id", "place_id", "kind", "first_date", "last_date", "started_at", "ended_at")
        return [being for row in rows.order_by("id").values_list(*columns) for being in _beings(*row)]

    @cached_property
    def place_kinds(self) -> Mapping[int, PlaceKind]:
        ids = {being.place for being in self.beings}
        rows = Place.objects.filter(pk__in=ids).values_list("id", "kind")
        return {pk: PlaceKind(kind) for pk, kind in rows}


def set_apart(outbreak: Outbreak, now: datetime) -> dict[int, datetime]:
    """Say since when each case or contact (by person) has been in an isolation room or a hospital bed, as known now."""
    # Two lists of people and no joins: joined, every stay would be met once for each case and each contact.
    concerned = (
        Case.objects.filter(outbreak=outbreak)
        .values("person")
        .union(Contact.objects.filter(outbreak=outbreak).values("person"), all=True)
    )
    stays = _apart(now).filter(person__in=concerned)
    return dict(stays.values("person").annotate(at=Min("period__startswith")).values_list("person", "at"))


def set_apart_at(people: Collection[int], now: datetime) -> dict[int, datetime]:
    """Say since when each of these people has been in an isolation room or a hospital bed, as known now, if at all."""
    stays = _apart(now).filter(person__in=people)
    return dict(stays.values("person").annotate(at=Min("period__startswith")).values_list("person", "at"))


def _apart(now: datetime) -> QuerySet[Stay]:
    return Stay.objects.filter(kind__in=(StayKind.ROOM, StayKind.BED), recorded_at__lte=now)


def _beings(
    person: int, place: int, kind: str, first: date, last: date, started: datetime | None, ended: datetime | None
) -> list[Being]:
    if started is None:
        days = range((last - first).days + 1)
        return [_whole_day(person, place, first + timedelta(days=n), EventKind(kind)) for n in days]
    start = minute(started)
    day = day_number(first)
    # Who says when they came, but not when they left, was there from then on for an unknown time.
    end = minute(ended) if ended else float((day + 1) * MINUTES_OF_A_DAY)
    return [Being(person, place, day, start, max(end, start), ended is not None, EventKind(kind))]


def _whole_day(person: int, place: int, day: date, kind: EventKind) -> Being:
    number = day_number(day)
    start = float(number * MINUTES_OF_A_DAY)
    return Being(person, place, number, start, start + MINUTES_OF_A_DAY, exact=False, kind=kind)


def day_number(day: date) -> int:
    """Count days from EPOCH."""
    return (day - EPOCH).days


def day_of_number(number: int) -> date:
    """Say the day of a number."""
    return EPOCH + timedelta(days=number)


def minute(moment: datetime) -> float:
    """Count minutes of the civil clock from EPOCH."""
    local = timezone.localtime(moment)
    since_midnight = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    return day_number(local.date()) * MINUTES_OF_A_DAY + since_midnight / timedelta(minutes=1)


def midnight(day: date) -> datetime:
    """Say the instant at which a civil day begins."""
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def columns(beings: list[Being], place_numbers: Ints) -> Visits:
    """Put beings into the columns of the tracing engine, under the given numbers of places."""
    return Visits(
        person=np.array([one.person for one in beings], np.int64),
        place=place_numbers,
        start=np.array([one.start for one in beings], np.float64),
        end=np.array([one.end for one in beings], np.float64),
        exact=np.array([one.exact for one in beings], bool),
    )


def fingerprint(known: Known) -> str:
    """
    Sum up all that tracing follows from: the rules, and the rows it reads.

    Two equal ones mean that working it out again would give what is written already.
    """
    within = {"outbreak": known.outbreak}
    rows = (
        Visit.objects.filter(**within, recorded_at__lte=known.now).values_list("id", "place_id"),
        Case.objects.filter(**within)
        .standing()
        .known_at(known.now)
        .values_list("id", "onset_date", "first_positive_date", "investigated_at"),
        Contact.objects.filter(**within).values_list("id", "kind", "state", "last_exposure_date"),
        Encounter.objects.filter(**within, source=MeetingSource.INTERVIEW).values_list("id"),
        sorted(set_apart(known.outbreak, known.now).items()),
    )
    digest = hashlib.sha256(known.rules.source.encode())
    for table in rows:
        ordered = table if isinstance(table, list) else table.order_by("id")
        digest.update(repr(list(ordered)).encode())
    return digest.hexdigest()[:32]
