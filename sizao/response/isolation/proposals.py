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
from sizao.protocol.laws import proposed_basis
from sizao.protocol.quarantine import KEYS, Stage, age_on, stages
from sizao.records import journal
from sizao.records.models import Contact, IsolationOrder, OrderChange, Outbreak, Stay
from sizao.response import outbreaks, tracing
from sizao.response.isolation import order_history, placements, secondary
from sizao.response.isolation.stays import PLACING, place_contacts
from sizao.terms import ContactKind, ContactState, CountedFrom, OrderAct, OrderEnd, OrderKind, OrderState

OPEN_CONTACTS = (ContactState.FOUND, ContactState.PLACED)
OPEN_ORDERS = (OrderState.PROPOSED, OrderState.ISSUED)


@dataclass(frozen=True, slots=True)
class Course:
    """A contact with the day zero and stages that the rules of today give it."""

    contact: Contact
    day_zero: date
    counted_from: CountedFrom
    stages: tuple[Stage, ...]
    # Without the exceptions for some people: what the edition asks at most, and by kind.
    longest: tuple[Stage, ...]

    def key(self, stage: Stage) -> str:
        own = f"order:{self.contact.pk}:{stage.kind}:{stage.first_date}"
        return f"{own}:secondary" if self.contact.kind == ContactKind.SECONDARY else own

    def limit(self, kind: str) -> date | None:
        """Give the last day on which this kind or a stricter one is asked; None where nothing like it is asked."""
        as_strict = _STRICTEST_FIRST[: _STRICTEST_FIRST.index(OrderKind(kind)) + 1]
        return max((stage.last_date for stage in self.longest if stage.kind in as_strict), default=None)


_STRICTEST_FIRST = (OrderKind.CENTRAL, OrderKind.HOME, OrderKind.MONITORING)


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
    upgraded = secondary.upgrade(outbreak=outbreak, rules=rules, now=now)
    contacts = Contact.objects.filter(outbreak=outbreak, state__in=OPEN_CONTACTS, found_at__lte=now).order_by("pk")
    # What an order cites is long, and read only where it is shortened.
    orders = list(_open_orders(outbreak, now).defer("basis", "reason"))
    waits = secondary.waits(outbreak, rules, now)
    orders = [one for one in orders if not _awaits_tests(one, waits, today)]
    if rules.unconfirmed(KEYS):
        bare = dict.fromkeys(contacts.values_list("pk", flat=True))
        ended = _end(orders, bare, today=today, now=now)
        return placed + upgraded + ended + placements.lapse(outbreak=outbreak, now=now)
    courses = _courses(contacts, rules)
    return (
        placed
        + upgraded
        + _end(orders, courses, today=today, now=now)
        + placements.lapse(outbreak=outbreak, now=now)
        + _shorten([one for one in orders if one.state in OPEN_ORDERS], courses, rules=rules, today=today, now=now)
        + _propose(courses.values(), _covered(orders), rules=rules, today=today, now=now)
        + _release([one for one in courses.values() if waits.get(one.contact.pk, today) <= today], today=today, now=now)
    )


def _awaits_tests(order: IsolationOrder, waits: Mapping[int, date], today: date) -> bool:
    """Tell whether the release of a secondary contact waits past its last day, as the edition says; never for long."""
    if order.contact_id not in waits or order.state != OrderState.ISSUED:
        return False
    return order.ends_date < today <= waits[order.contact_id]


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
        for one in (alike, (*alike[:2], None)):
            if one not in told:
                told[one] = stages(rules, one[0], day_zero, age_years=one[2])
        courses[contact.pk] = Course(contact, day_zero, counted_from, told[alike], told[*alike[:2], None])
    return courses


def _day_zero(contact: Contact) -> tuple[date, CountedFrom]:
    if contact.last_exposure_date is not None:
        return contact.last_exposure_date, CountedFrom.LAST_EXPOSURE
    if contact.placed_at is not None:
        return timezone.localtime(contact.placed_at).date(), CountedFrom.ISOLATED
    return timezone.localtime(contact.found_at).date(), CountedFrom.FOUND


# --- Proposing ---------------------------------------------------------------------------------


def _covered(orders: Iterable[IsolationOrder]) -> dict[tuple[int, str], date]:
    """Give the last day that a standing order covers, by contact and kind: an officer may have extended it."""
    covered: dict[tuple[int, str], date] = {}
    for one in orders:
        if one.state == OrderState.ISSUED:
            key = one.contact_id, one.kind
            covered[key] = max(one.ends_date, covered.get(key, one.ends_date))
    return covered


def _propose(
    courses: Iterable[Course], covered: Mapping[tuple[int, str], date], *, rules: Rules, today: date, now: datetime
) -> int:
    wanted = {
        course.key(stage): (course, stage)
        for course in courses
        for stage in course.stages
        if stage.first_date - timedelta(days=1) <= today <= stage.last_date
        and covered.get((course.contact.pk, stage.kind), date.min) < stage.last_date
    }
    known = set(IsolationOrder.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    fresh = {key: one for key, one in wanted.items() if key not in known}
    prefetch_related_objects([course.contact for course, _ in fresh.values()], "index_case")
    orders = [_proposal(key, course, stage, today=today, now=now) for key, (course, stage) in fresh.items()]
    _name_laws(orders)
    IsolationOrder.objects.bulk_create(orders, batch_size=500)
    order_history.write(order_history.entry(one, OrderAct.PROPOSED, by=None, at=now) for one in orders)
    return _written("order.proposed", orders, now=now, protocol=rules.source)


def _name_laws(orders: Sequence[IsolationOrder]) -> None:
    known: dict[tuple[OrderKind, date], str] = {}
    for one in orders:
        key = OrderKind(one.kind), one.starts_date
        if key not in known:
            known[key] = proposed_basis(*key)
        one.legal_basis = known[key]


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
    return _write_ended(ended, now=now)


def _write_ended(ended: Sequence[IsolationOrder], *, now: datetime) -> int:
    IsolationOrder.objects.bulk_update(ended, ["state", "ended_at", "end_reason"], batch_size=500)
    order_history.write(
        order_history.entry(one, OrderAct.ENDED, by=None, at=one.ended_at or now, reason=one.end_reason)
        for one in ended
    )
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
    own = {course.key(stage) for stage in course.stages}
    # An order of another kind that an officer chose for a person has a key of its own.
    return order.follows_id is None and order.source_key not in own


def _shorten(
    orders: Sequence[IsolationOrder], courses: dict[int, Course], *, rules: Rules, today: date, now: datetime
) -> int:
    """Give each person the more favourable end: where rules or facts of today give an earlier one, that counts."""
    earlier, over = {}, []
    for order in orders:
        course = courses.get(order.contact_id)
        if course is None:
            continue
        limit = course.limit(order.kind)
        if limit is None or limit < max(order.starts_date, today):
            over.append(order)
        elif limit < order.ends_date:
            earlier[order.pk] = limit
    kept = _extended_under(rules, [*earlier, *(one.pk for one in over)])
    earlier = {pk: limit for pk, limit in earlier.items() if pk not in kept}
    over = [one for one in over if one.pk not in kept]
    for one in over:
        one.state, one.ended_at, one.end_reason = OrderState.ENDED, now, str(OrderEnd.NOT_ASKED)
    shortened = [order for order in orders if order.pk in earlier]
    return _write_ended(over, now=now) + _write_shortened(shortened, earlier, courses, rules=rules, now=now)


def _extended_under(rules: Rules, orders: Sequence[int]) -> set[int]:
    """Say which orders an officer extended under the edition in force: their end is not the rule's to take back."""
    found = OrderChange.objects.filter(order__in=orders, act=OrderAct.EXTENDED)
    return {one.order_id for one in found if any(entry["edition"] == rules.edition for entry in one.basis)}


def _write_shortened(
    orders: Sequence[IsolationOrder],
    earlier: Mapping[int, date],
    courses: Mapping[int, Course],
    *,
    rules: Rules,
    now: datetime,
) -> int:
    cited = dict(IsolationOrder.objects.filter(pk__in=earlier).order_by("pk").values_list("pk", "basis"))
    entries = []
    for order in orders:
        was, order.ends_date = order.ends_date, earlier[order.pk]
        order.test_dates = [day for day in order.test_dates if day <= order.ends_date]
        stage = _stage_ending(courses[order.contact_id].longest, order.ends_date)
        order.basis = [*cited[order.pk], *stage.basis]
        entries.append(
            order_history.entry(
                order, OrderAct.SHORTENED, by=None, at=now, was=was, reason=rules.source, basis=stage.basis
            )
        )
    IsolationOrder.objects.bulk_update(orders, ["ends_date", "test_dates", "basis"], batch_size=500)
    order_history.write(entries)
    return _written("order.shortened", orders, now=now, protocol=rules.source)


def _stage_ending(found: Sequence[Stage], day: date) -> Stage:
    return next(stage for stage in found if stage.last_date == day)


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
