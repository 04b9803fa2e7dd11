"""The rings around a case: who was exposed while it was infectious, and who met those people afterwards."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from sizao.engines.tracing import Ints, second_ring
from sizao.records.models import Contact, Encounter, Person
from sizao.response.tracing.contacts import ContactEntry, add_contacts
from sizao.response.tracing.known import (
    WIDE_KINDS,
    Course,
    Known,
    columns,
    day_number,
    day_of_number,
    midnight,
    minute,
    set_apart,
)  # fmt: skip
from sizao.response.tracing.meetings import Meeting
from sizao.terms import ContactKind, ContactState, MeetingSource

OPEN = (ContactState.FOUND, ContactState.PLACED)


def find(known: Known, met: Sequence[Meeting]) -> int:
    """Name contacts of the first and second ring that the meetings known now show; return how many are new."""
    outbreak, now = known.outbreak, known.now
    first = add_contacts(outbreak=outbreak, entries=_entries(_first_ring(known, met)), by=None, now=now)
    second = add_contacts(outbreak=outbreak, entries=_entries(_second_ring(known)), by=None, now=now)
    return len(first) + len(second)


Exposure = tuple[int, ContactKind, Course | None, date, MeetingSource]


def _entries(exposures: Iterable[Exposure]) -> list[ContactEntry]:
    rows = list(exposures)
    people = Person.objects.in_bulk({person for person, *_ in rows})
    return [
        ContactEntry(people[person], kind, str(source), course.case if course else None, last_exposure_date=day)
        for person, kind, course, day, source in rows
    ]


# --- Close and general contacts ----------------------------------------------------------------


def _first_ring(known: Known, met: Sequence[Meeting]) -> Iterator[Exposure]:
    if not known.courses or not known.rules.need("contacts.close.enabled").flag:
        return
    days_before = known.rules.need("investigation.contact_window_days").whole
    for meeting in (*met, *_told(known)):
        for index, other in ((meeting.one, meeting.other), (meeting.other, meeting.one)):
            course = known.courses.get(index)
            if course is None or other in known.courses or not _infectious(known, course, meeting.day, days_before):
                continue
            kind = _kind(known, meeting)
            if kind is not None:
                yield other, kind, course, day_of_number(meeting.day), meeting.source


def _told(known: Known) -> Iterator[Meeting]:
    rows = Encounter.objects.filter(outbreak=known.outbreak, source=MeetingSource.INTERVIEW, found_at__lte=known.now)
    for row in rows.order_by("id"):
        for day in range(day_number(row.first_date), day_number(row.last_date) + 1):
            place = row.place_id or 0
            yield Meeting(row.index_person_id, row.other_person_id, place, day, row.minutes, MeetingSource.INTERVIEW)


def _infectious(known: Known, course: Course, day: int, days_before: int) -> bool:
    """From the days before onset (or first positive sample) that the edition sets, until set apart."""
    first = day_number(course.start_date - timedelta(days=days_before))
    last = day_number(known.outbreak.day_of(course.set_apart_at or known.now))
    return first <= day <= last


def _kind(known: Known, meeting: Meeting) -> ContactKind | None:
    """At a wide place people are near each other only in passing: a general contact, where the edition has them."""
    wide = known.place_kinds.get(meeting.place) in WIDE_KINDS
    if not wide or meeting.source in (MeetingSource.NAMED_EVENT, MeetingSource.INTERVIEW):
        return ContactKind.CLOSE
    return ContactKind.GENERAL if known.rules.need("contacts.other.general_contact_enabled").flag else None


# --- Secondary contacts ------------------------------------------------------------------------


def _second_ring(known: Known) -> Iterator[Exposure]:
    if not known.rules.need("contacts.secondary.enabled").flag:
        return
    beings = [one for one in known.beings if known.place_kinds[one.place] not in WIDE_KINDS or one.exact]
    open_ones = Contact.objects.filter(
        outbreak=known.outbreak, kind=ContactKind.CLOSE, state__in=OPEN, last_exposure_date__isnull=False
    )
    # Whoever was nowhere that is known has met nobody, and need not be looked at.
    there = open_ones.filter(person__in={one.person for one in beings})
    contacts = list(there.select_related("index_case").defer("index_case__unread").order_by("id"))
    if not contacts:
        return
    apart = set_apart(known.outbreak, known.now)
    until = [minute(apart[one.person_id]) if one.person_id in apart else np.nan for one in contacts]
    exposed = [minute(midnight(one.last_exposure_date)) for one in contacts]
    ring = second_ring(
        columns(beings, _ints(one.place for one in beings)),
        people=_ints(one.person_id for one in contacts),
        exposed_from=np.array(exposed),
        until=np.array(until),
        known=_ints(sorted(known.courses)),
    )
    of_person = {one.person_id: one for one in contacts}
    for one, other, last in zip(ring.one.tolist(), ring.other.tolist(), ring.last.tolist(), strict=True):
        contact = of_person.get(one) or of_person[other]
        person = other if one in of_person else one
        course = known.courses.get(contact.index_case.person_id) if contact.index_case else None
        day = day_of_number(int(np.ceil(last / (24 * 60))) - 1)
        yield person, ContactKind.SECONDARY, course, day, MeetingSource.SHARED_PLACE


def _ints(numbers: Iterable[int]) -> Ints:
    return np.array(list(numbers), np.int64)
