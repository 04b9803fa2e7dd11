"""Encounters: the edges between people, from the visits that are known or told by somebody."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db import transaction

from sizao.engines.tracing import shared
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Case, Encounter, Person, Place
from sizao.response.tracing.known import WIDE_KINDS, Being, Known, columns, day_number, day_of_number
from sizao.terms import EventKind, MeetingSource, Right


class NobodyElse(SizaoError):
    code = "meeting.nobody_else"
    message = "A meeting is between two people. Name somebody other than {number}."


class MeetingDaysReversed(SizaoError):
    code = "meeting.days_reversed"
    message = "The meeting ends on {last} before it begins on {first}. Correct the dates."


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two people at one place on one day. `minutes` is None where only the day is known."""

    one: int
    other: int
    place: int
    day: int
    minutes: float | None
    source: MeetingSource


# --- By rule -----------------------------------------------------------------------------------


def write(known: Known, found: Iterable[Meeting]) -> int:
    """Write the encounters that meetings make up; return how many are new or changed."""
    outbreak, now = known.outbreak, known.now
    wanted = {row.source_key: row for row in _encounters(known, found)}
    standing = {
        row.source_key: row for row in Encounter.objects.filter(outbreak=outbreak, source_key__in=wanted.keys())
    }
    fresh = [row for key, row in wanted.items() if key not in standing]
    changed = []
    for key, row in standing.items():
        now_known = wanted[key]
        if _content(row) != _content(now_known):
            row.first_date, row.last_date = now_known.first_date, now_known.last_date
            row.minutes, row.source = now_known.minutes, now_known.source
            changed.append(row)
    Encounter.objects.bulk_create(fresh, batch_size=2000)
    Encounter.objects.bulk_update(changed, ["first_date", "last_date", "minutes", "source"], batch_size=1000)
    if fresh or changed:
        journal.write("encounters.found", outbreak, by=None, at=now, found=len(fresh), changed=len(changed))
    return len(fresh) + len(changed)


def _content(row: Encounter) -> tuple[object, ...]:
    return row.first_date, row.last_date, row.minutes, row.source


def met(known: Known) -> list[Meeting]:
    """
    Find who met a case, day by day, from the start of its look-back until it was set apart.

    People met where they were at one place for a time both ends of which are known; or on one day, at a
    place small enough that its visitors of a day meet; or at one event that both name (a wedding).
    """
    beings = _that_count(known)
    if not beings:
        return []
    # One number for each place and day, so that meetings come apart by both. The number of the person is
    # carried by it too: the engine sums by pair, and a pair may meet at several places.
    spots = {spot: number for number, spot in enumerate(sorted({(one.place, one.day) for one in beings}))}
    people = sorted({one.person for one in beings})
    numbers = {person: number for number, person in enumerate(people)}
    at = np.array([spots[one.place, one.day] for one in beings], np.int64)
    rows = columns(beings, at)
    within = at * len(people) + np.array([numbers[one.person] for one in beings], np.int64)
    index = within[np.isin(rows.person, np.array(sorted(known.courses), np.int64))]
    pairs = shared(type(rows)(within, rows.place, rows.start, rows.end, rows.exact), index=np.unique(index))
    at_event = {(one.person, one.place, one.day) for one in beings if one.kind == EventKind.GATHERING}
    spot_of = list(spots)
    found = []
    for one, other, minutes in zip(pairs.one.tolist(), pairs.other.tolist(), pairs.minutes.tolist(), strict=True):
        place, day = spot_of[one // len(people)]
        first, second = people[one % len(people)], people[other % len(people)]
        named = (first, place, day) in at_event and (second, place, day) in at_event
        length = None if np.isnan(minutes) else float(minutes)
        if named or length is not None or known.place_kinds[place] not in WIDE_KINDS:
            found.append(Meeting(first, second, place, day, length, _source(length, named=named)))
    return found


def _source(minutes: float | None, *, named: bool) -> MeetingSource:
    if named:
        return MeetingSource.NAMED_EVENT
    return MeetingSource.SHARED_DAY if minutes is None else MeetingSource.SHARED_PLACE


def _that_count(known: Known) -> list[Being]:
    """Keep what a case did from its look-back until it was set apart, and all that others did."""
    days_back = known.rules.need("investigation.trajectory_lookback_days").whole
    first = {person: day_number(course.start_date) - days_back for person, course in known.courses.items()}
    last = {
        person: day_number(known.outbreak.day_of(course.set_apart_at))
        for person, course in known.courses.items()
        if course.set_apart_at
    }
    return [
        one
        for one in known.beings
        if one.start < one.end and first.get(one.person, one.day) <= one.day <= last.get(one.person, one.day)
    ]


def _encounters(known: Known, found: Iterable[Meeting]) -> Iterator[Encounter]:
    """One row for each pair at each place, over all their days; the index is who started first."""
    groups: dict[tuple[int, int, int], list[Meeting]] = {}
    for meeting in found:
        index, other = _index_first(known, meeting.one, meeting.other)
        groups.setdefault((index, other, meeting.place), []).append(meeting)
    for (index, other, place), days in groups.items():
        told = [one.minutes for one in days if one.minutes is not None]
        sources = {one.source for one in days}
        yield Encounter(
            outbreak=known.outbreak,
            index_person_id=index,
            other_person_id=other,
            place_id=place,
            first_date=day_of_number(min(one.day for one in days)),
            last_date=day_of_number(max(one.day for one in days)),
            minutes=sum(told) if told else None,
            found_at=known.now,
            source=next(source for source in MeetingSource if source in sources),
            source_key=f"encounter:{known.outbreak.pk}:{min(index, other)}:{max(index, other)}:{place}",
        )


def _index_first(known: Known, one: int, other: int) -> tuple[int, int]:
    def order(person: int) -> tuple[bool, date, int]:
        course = known.courses.get(person)
        return course is None, course.start_date if course else date.max, person

    first, second = sorted((one, other), key=order)
    return first, second


# --- Told by somebody --------------------------------------------------------------------------


@transaction.atomic
def record_meeting(
    *,
    case: Case,
    other: Person,
    first_date: date,
    last_date: date,
    by: Account,
    now: datetime,
    place: Place | None = None,
    minutes: float | None = None,
) -> Encounter:
    """
    Record a meeting of a case that somebody told of; the same meeting told again is answered as it stands.

    Whether it makes the other person a contact is decided by rule. Raise NobodyElse or MeetingDaysReversed.
    """
    access.require(by, Right.CONTACT_TRACE, area_code=case.area_code)
    if other.pk == case.person_id:
        raise NobodyElse(number=other.number)
    if last_date < first_date:
        raise MeetingDaysReversed(first=first_date, last=last_date)
    encounter, is_new = Encounter.objects.get_or_create(
        source_key=f"told:{case.outbreak_id}:{case.person_id}:{other.pk}:{first_date}:{place and place.pk}",
        defaults={
            "outbreak_id": case.outbreak_id,
            "index_person_id": case.person_id,
            "other_person": other,
            "place": place,
            "first_date": first_date,
            "last_date": last_date,
            "minutes": minutes,
            "found_at": now,
            "source": MeetingSource.INTERVIEW,
        },
    )
    if is_new:
        journal.write("encounter.told", encounter, by=by, at=now)
    return encounter
