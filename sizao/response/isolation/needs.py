"""What people need wherever they are: recorded, ended, and read for one person or for many at once."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Person, PersonNeed
from sizao.terms import NeedKind, Right

# Whoever meets a person in their work may write down what they need; the first names who to ask.
RECORDERS = (
    Right.ROOM_ALLOCATE, Right.HOME_CARE, Right.SITE_WORK, Right.ZONE_SERVE, Right.CASE_INVESTIGATE,
    Right.CONTACT_TRACE, Right.ORDER_ISSUE,
)  # fmt: skip


class NeedKnown(SizaoError):
    code = "need.known"
    message = "“{kind}” is on record for {number} already. End that one first if it has changed."


class NeedOver(SizaoError):
    code = "need.over"
    message = "This need has ended already. Nothing was changed."


class NeedDaysTwisted(SizaoError):
    code = "need.days.unreadable"
    message = "A need cannot end on {until} before it begins on {since}. Check the two days."


@transaction.atomic
def record_need(
    *, person: Person, kind: NeedKind, by: Account, now: datetime, since_date: date | None = None,
    until_date: date | None = None, detail: str = "",
) -> PersonNeed:  # fmt: skip
    """
    Record what a person needs, as long as it lasts; unknown days are None.

    Raise NeedKnown for a second one of its kind, NeedDaysTwisted, or the door's refusal.
    """
    _require(by, person)
    if since_date and until_date and until_date < since_date:
        raise NeedDaysTwisted(since=since_date, until=until_date)
    need = PersonNeed(
        person=person,
        kind=kind,
        since_date=since_date,
        until_date=until_date,
        detail=detail.strip()[:200],
        recorded_at=now,
        recorded_by=by.username,
        source_key=f"need:{person.pk}:{kind}:{now.isoformat()}",
    )
    try:
        with transaction.atomic():
            need.save(force_insert=True)
    except IntegrityError as clash:
        raise NeedKnown(kind=kind, number=person.number) from clash
    journal.write("need.recorded", need, by=by, at=now)
    return need


@transaction.atomic
def end_need(*, need: PersonNeed, by: Account, now: datetime) -> PersonNeed:
    """Say that a need is over. Raise NeedOver or the door's refusal."""
    need = PersonNeed.objects.select_for_update(of=["self"]).select_related("person").get(pk=need.pk)
    _require(by, need.person)
    if need.ended_at is not None:
        raise NeedOver
    need.ended_at = now
    need.save(update_fields=["ended_at"])
    journal.write("need.ended", need, by=by, at=now)
    return need


def known_at(as_of: datetime, day: date) -> QuerySet[PersonNeed]:
    """Give the needs that were known at a moment and hold on a day."""
    known = PersonNeed.objects.filter(Q(ended_at=None) | Q(ended_at__gt=as_of), recorded_at__lte=as_of)
    return known.filter(Q(since_date=None) | Q(since_date__lte=day), Q(until_date=None) | Q(until_date__gte=day))


def of_people(people: Iterable[int], *, as_of: datetime, day: date) -> dict[int, tuple[NeedKind, ...]]:
    """Say what each of many people (by primary key) needs on a day; who needs nothing is left out."""
    found: dict[int, list[NeedKind]] = defaultdict(list)
    rows = known_at(as_of, day).filter(person__in=list(people)).order_by("person", "kind")
    for person, kind in rows.values_list("person", "kind"):
        found[person].append(NeedKind(kind))
    return {person: tuple(kinds) for person, kinds in found.items()}


def may_record(account: Account) -> bool:
    """Tell whether an account may write down needs at all."""
    return any(access.may(account, right) for right in RECORDERS)


def _require(by: Account, person: Person) -> None:
    right = next((one for one in RECORDERS if access.may(by, one)), RECORDERS[0])
    access.require(by, right)
    if not access.people(by, right).filter(pk=person.pk).exists():
        raise access.NotYours(what="person", area=by.area_code)
