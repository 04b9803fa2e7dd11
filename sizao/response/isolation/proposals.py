"""
What isolation does by rule: propose orders for contacts, shorten and end them, release on the last day.

Nothing here touches anybody. A proposal waits for an officer; ending and shortening only set free.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone

from sizao.protocol import Rules
from sizao.protocol.quarantine import KEYS, Stage, age_on, stages
from sizao.records import journal
from sizao.records.models import Contact, IsolationOrder, Outbreak, Stay
from sizao.response import outbreaks, tracing
from sizao.response.isolation.stays import PLACING, place_contacts
from sizao.terms import ContactKind, ContactState, CountedFrom, OrderEnd, OrderState

OPEN_CONTACTS = (ContactState.FOUND, ContactState.PLACED)
OPEN_ORDERS = (OrderState.PROPOSED, OrderState.ISSUED)


@dataclass(frozen=True, slots=True)
class Course:
    """A contact with the day zero and stages that the rules of today give it."""

    contact: Contact
    day_zero: date
    counted_from: CountedFrom
    stages: tuple[Stage, ...]

    def key(self, stage: Stage) -> str:
        return f"order:{self.contact.pk}:{stage.kind}:{stage.first_date}"


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Propose the order that each contact lacks, end what is over, and release whose last day has passed.

    A stage is proposed from the day before it begins. An order is shortened when the rules or facts of
    today give an earlier end, never lengthened. While a value that decides waits for confirmation,
    orders end but none is proposed. Return how many orders and contacts changed.
    """
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    today = outbreak.day_of(now)
    rules = outbreaks.rules_at(outbreak, now)
    placed = _place_by_stay(outbreak, now)
    contacts = Contact.objects.filter(outbreak=outbreak, state__in=OPEN_CONTACTS, found_at__lte=now).order_by("pk")
    # What an order cites is long, and read only where it is shortened.
    orders = list(_open_orders(outbreak, now).defer("basis", "reason"))
    if rules.unconfirmed(KEYS):
        return placed + _end(orders, dict.fromkeys(contacts.values_list("pk", flat=True)), today=today, now=now)
    courses = _courses(contacts, rules)
    return (
        placed
        + _end(orders, courses, today=today, now=now)
        + _shorten([one for one in orders if one.state in OPEN_ORDERS], courses, rules=rules, now=now)
        + _propose(courses.values(), rules=rules, today=today, now=now)
        + _release(courses.values(), today=today, now=now)
    )


def _place_by_stay(outbreak: Outbreak, now: datetime) -> int:
    stays = Stay.objects.filter(
        kind__in=PLACING,
        recorded_at__lte=now,
        period__startswith__lte=now,
        person__contacts__outbreak=outbreak,
        person__contacts__state=ContactState.FOUND,
    )
    present = {stay.person_id for stay in stays if stay.period.upper is None or stay.period.upper > now}
    return place_contacts(outbreak, present, by=None, now=now)


# --- Day zero and stages -----------------------------------------------------------------------


def _courses(contacts: QuerySet[Contact], rules: Rules) -> dict[int, Course]:
    """Give each contact its course; those of one kind, age and day zero share their stages."""
    told: dict[tuple[ContactKind, date, int | None], tuple[Stage, ...]] = {}
    with_birth = contacts.order_by().exclude(person__birth_date=None)
    births: dict[int, date] = dict(with_birth.values_list("pk", "person__birth_date"))
    courses = {}
    for contact in contacts:
        day_zero, counted_from = _day_zero(contact)
        alike = ContactKind(contact.kind), day_zero, age_on(births.get(contact.pk), day_zero)
        if alike not in told:
            told[alike] = stages(rules, alike[0], day_zero, age_years=alike[2])
        courses[contact.pk] = Course(contact, day_zero, counted_from, told[alike])
    return courses


def _day_zero(contact: Contact) -> tuple[date, CountedFrom]:
    if contact.last_exposure_date is not None:
        return contact.last_exposure_date, CountedFrom.LAST_EXPOSURE
    if contact.placed_at is not None:
        return timezone.localtime(contact.placed_at).date(), CountedFrom.ISOLATED
    return timezone.localtime(contact.found_at).date(), CountedFrom.FOUND


# --- Proposing ---------------------------------------------------------------------------------


def _propose(courses: Iterable[Course], *, rules: Rules, today: date, now: datetime) -> int:
    wanted = {
        course.key(stage): (course, stage)
        for course in courses
        for stage in course.stages
        if stage.first_date - timedelta(days=1) <= today <= stage.last_date
    }
    known = set(IsolationOrder.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    fresh = {key: one for key, one in wanted.items() if key not in known}
    prefetch_related_objects([course.contact for course, _ in fresh.values()], "index_case")
    orders = [_proposal(key, course, stage, today=today, now=now) for key, (course, stage) in fresh.items()]
    IsolationOrder.objects.bulk_create(orders, batch_size=500)
    return _written("order.proposed", orders, now=now, protocol=rules.source)


def _proposal(key: str, course: Course, stage: Stage, *, today: date, now: datetime) -> IsolationOrder:
    contact = course.contact
    index_case = contact.index_case
    return IsolationOrder(
        outbreak_id=contact.outbreak_id,
        person_id=contact.person_id,
        contact=contact,
        kind=stage.kind,
        state=OrderState.PROPOSED,
        area_code=contact.area_code,
        starts_date=max(stage.first_date, min(today, stage.last_date)),
        ends_date=stage.last_date,
        test_dates=[test.result for test in stage.tests],
        reason={
            "contact_kind": contact.kind,
            "index_case": index_case and index_case.number,
            "day_zero": course.day_zero.isoformat(),
            "counted_from": str(course.counted_from),
        },
        basis=list(stage.basis),
        proposed_at=now,
        source_key=key,
    )


# --- Ending ------------------------------------------------------------------------------------


def _end(orders: Sequence[IsolationOrder], courses: Mapping[int, Course | None], *, today: date, now: datetime) -> int:
    ended = []
    prefetch_related_objects([one for one in orders if one.contact_id not in courses], "contact")
    for order in orders:
        if order.contact_id is not None and order.contact_id not in courses:
            moment, why = _contact_closed(order.contact)
        else:
            moment, why = _ending(order, courses.get(order.contact_id), today)
        if why is not None:
            order.state, order.ended_at, order.end_reason = OrderState.ENDED, moment or now, str(why)
            ended.append(order)
    IsolationOrder.objects.bulk_update(ended, ["state", "ended_at", "end_reason"], batch_size=500)
    return _written("order.ended", ended, now=now)


def _contact_closed(contact: Contact) -> tuple[datetime | None, OrderEnd]:
    became_case = contact.state == ContactState.BECAME_CASE
    return contact.closed_at, OrderEnd.BECAME_CASE if became_case else OrderEnd.NO_CONTACT


def _ending(order: IsolationOrder, course: Course | None, today: date) -> tuple[datetime | None, OrderEnd | None]:
    """Say whether an order is over, since when as far as known, and why."""
    if order.ends_date < today:
        over = OrderEnd.EXPIRED if order.state == OrderState.ISSUED else OrderEnd.NOT_DECIDED
        return _day_over(order.ends_date), over
    if order.state == OrderState.PROPOSED and course and _is_outdated(order, course):
        return None, OrderEnd.REPLACED
    return None, None


def _is_outdated(order: IsolationOrder, course: Course) -> bool:
    return order.source_key not in {course.key(stage) for stage in course.stages}


def _shorten(orders: Sequence[IsolationOrder], courses: dict[int, Course], *, rules: Rules, now: datetime) -> int:
    latest: dict[int, Stage] = {}
    for order in orders:
        course = courses.get(order.contact_id)
        stage = course and _latest_of(course.stages, order.kind)
        if stage and order.starts_date <= stage.last_date < order.ends_date:
            latest[order.pk] = stage
    cited = dict(IsolationOrder.objects.filter(pk__in=latest).order_by("pk").values_list("pk", "basis"))
    shortened = [order for order in orders if order.pk in latest]
    for order in shortened:
        stage = latest[order.pk]
        order.ends_date = stage.last_date
        order.test_dates = [day for day in order.test_dates if day <= stage.last_date]
        order.basis = [*cited[order.pk], *stage.basis]
    IsolationOrder.objects.bulk_update(shortened, ["ends_date", "test_dates", "basis"], batch_size=500)
    return _written("order.shortened", shortened, now=now, protocol=rules.source)


def _latest_of(found: Sequence[Stage], kind: str) -> Stage | None:
    return max((stage for stage in found if stage.kind == kind), key=lambda stage: stage.last_date, default=None)


def _release(courses: Iterable[Course], *, today: date, now: datetime) -> int:
    """Let go whose last stage is over; a contact who was never placed stays visible as such."""
    over = [
        course.contact
        for course in courses
        if course.contact.state == ContactState.PLACED
        and max((stage.last_date for stage in course.stages), default=date.min) < today
    ]
    return len(tracing.move_contacts(contacts=over, state=ContactState.RELEASED, by=None, now=now))


def _open_orders(outbreak: Outbreak, now: datetime):
    found = IsolationOrder.objects.filter(outbreak=outbreak, state__in=OPEN_ORDERS, proposed_at__lte=now)
    return found.order_by("pk")  # so that what is written does not depend on where rows lie


def _day_over(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=timezone.get_current_timezone())


def _written(verb: str, orders: Sequence[IsolationOrder], *, now: datetime, protocol: str = "") -> int:
    journal.write_many([journal.line(verb, order, by=None, at=now, protocol=protocol) for order in orders])
    return len(orders)
