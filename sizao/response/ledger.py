"""
The location ledger of one person, put right by what was told late: stays are taken out, put in, and leave no gap.

Whoever tells late takes out what they had told before and lays all of it again, so that the outcome does not depend on
what came first. What others said of where somebody is stays as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sizao.records.models import Outbreak, Person, Stay

# As was known at a moment, of the people of an outbreak: whose ledger ended since they died.
DIED = """
    SELECT c.person_id FROM records_casefact f JOIN records_case c ON c.id = f.case_id
    WHERE c.outbreak_id = %(outbreak)s AND f.kind = 'died' AND f.recorded_at <= %(as_of)s
      AND f.happened_at <= %(as_of)s AND (f.withdrawn_at IS NULL OR f.withdrawn_at > %(as_of)s)
    GROUP BY c.person_id
"""


def died(outbreak: Outbreak, *, as_of: datetime) -> set[int]:
    """Say who (by id) of the people of an outbreak had died, as was known at a moment."""
    with connection.cursor() as cursor:
        cursor.execute(DIED, {"outbreak": outbreak.pk, "as_of": as_of})
        return {person for (person,) in cursor.fetchall()}


def whereabouts(died: str, kind: str) -> str:
    """Say in SQL where somebody is: `died` names the person where they died, `kind` their stay where one is known."""
    return f"CASE WHEN {died} IS NOT NULL THEN 'died' ELSE coalesce({kind}, 'unknown') END"


@dataclass(slots=True)
class Course:
    """The stays of one person, by their start; when each that was taken out had been recorded."""

    person: Person
    stays: list[Stay]
    known: dict[tuple[str, datetime, int | None], datetime] = field(default_factory=dict)
    # When the ride that is laid next begins: what is put in before it does not seem to last beyond, into somebody
    # else's time in that place.
    next_at: datetime | None = None

    def starting(self, since: datetime, until: datetime | None) -> list[Stay]:
        """Give the stays that begin in a time, both ends included."""
        return [one for one in self.stays if since <= one.period.lower and (until is None or one.period.lower <= until)]

    def take_out(self, stay: Stay) -> None:
        """
        Take a stay out; what came just before it lasts until its end.

        That end is not written yet: somebody else may be in that room by now, until all is laid again.
        """
        place = self.stays.index(stay)
        former = self.stays[place - 1] if place else None
        self.known[stay.source_key, stay.period.lower, stay.place_id] = stay.recorded_at
        stay.delete()
        del self.stays[place]
        if former is not None and former.period.upper == stay.period.lower:
            former.period = DateTimeTZRange(former.period.lower, stay.period.upper, "[)")

    def put_in(self, stay: Stay, at: datetime) -> None:
        """Put a stay in at a moment: what was there ends at it, and it lasts until the next one."""
        former = next((one for one in self.stays if one.period.lower < at and lasts(one, at)), None)
        later = [one.period.lower for one in self.stays if one.period.lower > at]
        until = former.period.upper if former is not None else min(later, default=None)
        if former is not None:
            _set_end(former, at)
        if self.next_at is not None and at < self.next_at and (until is None or self.next_at < until):
            until = self.next_at
        stay.period = DateTimeTZRange(at, until, "[)")
        # What was told again as before was known since then.
        stay.recorded_at = self.known.get((stay.source_key, at, stay.place_id), stay.recorded_at)
        stay.save(force_insert=True)
        self.stays.append(stay)
        self.stays.sort(key=lambda one: one.period.lower)

    def go_on(self, at: datetime) -> None:
        """Let what ended at a moment, for a ride that was not laid, last until the next stay."""
        for stay in self.stays:
            if stay.period.upper == at:
                later = [one.period.lower for one in self.stays if one.period.lower >= at]
                stay.period = DateTimeTZRange(stay.period.lower, min(later, default=None), "[)")


def courses_of(people: Iterable[int]) -> dict[int, Course]:
    """Lock people, in one order, and read their stays."""
    wanted = sorted(set(people))
    locked = Person.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    courses = {one.pk: Course(one, []) for one in locked}
    stays: dict[int, list[Stay]] = defaultdict(list)
    for stay in Stay.objects.filter(person__in=wanted).select_related("place").order_by("period"):
        stays[stay.person_id].append(stay)
    for pk, course in courses.items():
        course.stays = stays[pk]
    return courses


def write_ends(courses: Mapping[int, Course]) -> list[tuple[Course, Stay, datetime | None]]:
    """
    Write the ends of stays that were only thought of while all was laid; give those that the ledger does not take.

    Who never left a room by what is told now, and somebody else is in it: such a stay is left as it was, and comes with
    the end that it was to have.
    """
    known = dict(Stay.objects.filter(person__in=courses).values_list("pk", "period"))
    refused: list[tuple[Course, Stay, datetime | None]] = []
    for course in courses.values():
        for stay in [one for one in course.stays if known[one.pk] != one.period]:
            until = stay.period.upper
            try:
                with transaction.atomic():
                    _set_end(stay, until)
            except IntegrityError as clash:
                if "stay_" not in str(clash):
                    raise
                stay.period = known[stay.pk]
                refused.append((course, stay, until))
    return refused


def lasts(stay: Stay, at: datetime) -> bool:
    """Tell whether a stay goes on beyond a moment."""
    return stay.period.upper is None or stay.period.upper > at


def _set_end(stay: Stay, end: datetime | None) -> None:
    """Write when a stay ends."""
    stay.period = DateTimeTZRange(stay.period.lower, end, "[)")
    stay.save(update_fields=["period"])
