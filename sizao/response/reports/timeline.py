"""One person's course: everything known of them at a moment, in the order in which it happened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from sizao.protocol import basis
from sizao.records.models import (
    Case,
    CaseChange,
    Contact,
    ContactChange,
    Encounter,
    Event,
    IsolationOrder,
    Outbreak,
    Person,
    Place,
    Signal,
    Stay,
    Test,
    Visit,
)
from sizao.response.isolation import Notice, notice, state_at
from sizao.response.reports.course import Course
from sizao.terms import (
    CaseStatus,
    ContactState,
    EventKind,
    Moment,
    OrderState,
    SignalKind,
    SignalState,
    StayKind,
    TestResult,
    Window,
    Word,
)

# Lines of the journal that only repeat what another entry of the timeline tells.
_TOLD_BY_ROWS = Q(subject_kind__in=["signal", "test", "stay", "isolationorder", "contact", "task"]) | Q(
    verb__in=["person.read", "case.opened", "case.reclassified"]
)


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One thing that happened, when, and since when it is known.

    `last_date` differs from `first_date` only where something lasted; `started_at` is None where only
    the day is known. `said` is what is to be told in the field's words; `notes` are facts by their name.
    """

    about: Moment
    first_date: date
    known_at: datetime
    said: Word | None = None
    last_date: date | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    place: str = ""
    window: Window | None = None
    by: str = ""
    other: str = ""  # the number of the other person in an encounter, or of a contact's case
    verb: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)
    sums: tuple[str, ...] = ()
    notice: Notice | None = None
    row: int = 0

    @property
    def order_of_days(self) -> tuple[date, bool, datetime]:
        """Order by day; within a day what has no clock time stands first."""
        return self.first_date, self.started_at is not None, self.started_at or self.known_at


def timeline(person: Person, outbreak: Outbreak, course: Course, *, as_of: datetime, language: str) -> list[Entry]:
    """Merge all that was known of a person in an outbreak at `as_of`, oldest first; `course` parts the visits."""
    mine: dict[str, Any] = {"person": person, "outbreak": outbreak}
    entries = [
        *_visits(Visit.objects.filter(**mine, recorded_at__lte=as_of), course),
        *_onset(course, as_of),
        *_tests(Test.objects.filter(**mine, recorded_at__lte=as_of)),
        *_stays(Stay.objects.filter(person=person, recorded_at__lte=as_of), outbreak, as_of),
        *_orders(IsolationOrder.objects.filter(**mine, proposed_at__lte=as_of), outbreak, as_of, language),
        *_signals(Signal.objects.filter(**mine, received_at__lte=as_of), as_of),
        *_case_changes(CaseChange.objects.filter(case__in=_of(Case, mine), at__lte=as_of), outbreak, language),
        *_contact_changes(ContactChange.objects.filter(contact__in=_of(Contact, mine), at__lte=as_of), outbreak),
        *_encounters(person, Encounter.objects.filter(outbreak=outbreak, found_at__lte=as_of)),
        *_journal(Event.objects.filter(person_id=person.pk, at__lte=as_of).exclude(_TOLD_BY_ROWS), outbreak),
    ]
    return sorted(entries, key=lambda entry: entry.order_of_days)


def _of(model: type, mine: dict[str, Any]) -> QuerySet:
    return model.objects.filter(**mine).values("pk")  # type: ignore[attr-defined]


def _visits(visits: QuerySet[Visit], course: Course) -> Iterator[Entry]:
    for visit in visits.select_related("place"):
        yield Entry(
            about=Moment.VISIT,
            said=EventKind(visit.kind),
            first_date=visit.first_date,
            last_date=visit.last_date,
            started_at=visit.started_at,
            ended_at=visit.ended_at,
            known_at=visit.recorded_at,
            place=named(visit.place) or visit.place_text,
            window=course.window(visit.first_date, visit.last_date),
            notes={"transport": visit.transport} | ({} if visit.place_id else {"unmatched": bool(visit.place_text)}),
        )


def _onset(course: Course, as_of: datetime) -> Iterator[Entry]:
    if course.onset_date and course.investigated_at:
        yield Entry(Moment.ONSET, course.onset_date, course.investigated_at)


def _tests(tests: QuerySet[Test]) -> Iterator[Entry]:
    for test in tests:
        yield Entry(
            about=Moment.TEST,
            said=TestResult(test.result) if test.result else None,
            first_date=test.taken_date,
            started_at=test.taken_at,
            known_at=test.recorded_at,
            notes={"method": test.method, "resulted_date": test.resulted_date},
        )


def _stays(stays: QuerySet[Stay], outbreak: Outbreak, as_of: datetime) -> Iterator[Entry]:
    for stay in stays.select_related("place"):
        # An end that lies ahead of the moment was not known then.
        ended_at = stay.period.upper if stay.period.upper and stay.period.upper <= as_of else None
        yield Entry(
            about=Moment.STAY,
            said=StayKind(stay.kind),
            first_date=outbreak.day_of(stay.period.lower),
            last_date=outbreak.day_of(ended_at) if ended_at else None,
            started_at=stay.period.lower,
            ended_at=ended_at,
            known_at=stay.recorded_at,
            place=named(stay.place),
            notes={"lasting": ended_at is None},
        )


def _orders(orders: QuerySet[IsolationOrder], outbreak: Outbreak, as_of: datetime, language: str) -> Iterator[Entry]:
    for order in orders.select_related("issued_by", "place"):
        state = state_at(order, as_of)
        yield Entry(
            about=Moment.ORDER,
            said=state,
            first_date=outbreak.day_of(order.proposed_at),
            known_at=order.proposed_at,
            place=named(order.place),
            by=order.issued_by.username if order.issued_by and order.issued_at <= as_of else "",
            notes={
                "open": state == OrderState.PROPOSED and order.state == OrderState.PROPOSED,
                "decline_reason": order.decline_reason if state == OrderState.DECLINED else "",
                "end_reason": order.end_reason if state == OrderState.ENDED else "",
            },
            notice=notice(order, language),
            row=order.pk,
        )


def _signals(signals: QuerySet[Signal], as_of: datetime) -> Iterator[Entry]:
    for signal in signals.select_related("settled_by"):
        settled = signal.settled_at is not None and signal.settled_at <= as_of
        yield Entry(
            about=Moment.SIGNAL,
            said=SignalKind(signal.kind),
            first_date=signal.outbreak.day_of(signal.occurred_at),
            started_at=signal.occurred_at,
            known_at=signal.received_at,
            by=signal.settled_by.username if settled and signal.settled_by else "",
            notes={
                "state": SignalState(signal.state) if settled else SignalState.NEW,
                "source": signal.source,
                "reason": signal.reason if settled else "",
            },
        )


def _case_changes(changes: QuerySet[CaseChange], outbreak: Outbreak, language: str) -> Iterator[Entry]:
    for change in changes:
        yield Entry(
            about=Moment.CASE,
            said=CaseStatus(change.status),
            first_date=outbreak.day_of(change.at),
            started_at=change.at,
            known_at=change.at,
            by=change.by,
            sums=tuple(basis_told(entry, language) for entry in change.basis),
        )


def basis_told(entry: Mapping[str, Any], language: str) -> str:
    """Tell one entry of a basis; a sum that was told already keeps its words."""
    if isinstance(entry.get("sum"), dict) and "zh" in entry["sum"]:
        return str(entry["sum"]["zh" if language.startswith("zh") else "en"])
    if "key" in entry and "origin" in entry:
        return basis.shown(entry, language, timezone.get_current_timezone())
    return "; ".join(f"{key}: {value}" for key, value in entry.items() if value not in (None, "", []))


def _contact_changes(changes: QuerySet[ContactChange], outbreak: Outbreak) -> Iterator[Entry]:
    for change in changes.select_related("contact__index_case"):
        index = change.contact.index_case
        yield Entry(
            about=Moment.CONTACT,
            said=ContactState(change.state),
            first_date=outbreak.day_of(change.at),
            started_at=change.at,
            known_at=change.at,
            by=change.by,
            other=index.number if index and index.opened_at <= change.at else "",
            notes={"kind": change.contact.kind, "source": change.contact.source},
        )


def _encounters(person: Person, encounters: QuerySet[Encounter]) -> Iterator[Entry]:
    mine = encounters.filter(Q(index_person=person) | Q(other_person=person))
    for one in mine.select_related("index_person", "other_person", "place"):
        other = one.other_person if one.index_person_id == person.pk else one.index_person
        yield Entry(
            about=Moment.ENCOUNTER,
            first_date=one.first_date,
            last_date=one.last_date,
            known_at=one.found_at,
            place=named(one.place),
            other=other.number,
            notes={"minutes": one.minutes, "source": one.source},
        )


def _journal(events: QuerySet[Event], outbreak: Outbreak) -> Iterator[Entry]:
    here = events.filter(Q(outbreak_id=outbreak.pk) | Q(outbreak_id=None))
    for event in here.order_by("at", "id"):
        yield Entry(
            about=Moment.JOURNAL,
            first_date=outbreak.day_of(event.at),
            started_at=event.at,
            known_at=event.at,
            by=event.actor,
            verb=event.verb,
        )


def named(place: Place | None) -> str:
    """Name a place; an unnamed one is nameless."""
    return place.name if place else ""
