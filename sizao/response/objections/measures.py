"""What an objection is against: an order, a risk area or a hold, told alike, and ended each in its own way."""

from dataclasses import dataclass
from datetime import date, datetime

from sizao.errors import SizaoError
from sizao.records.models import Account, IsolationOrder, Outbreak, Person, PoolMember, Test, Zone
from sizao.response.isolation import orders
from sizao.response.isolation.letter_codes import number_of
from sizao.response.testing import holds
from sizao.terms import HoldState, ObjectionAbout, OrderState, TestResult, ZoneState


class NothingToObjectTo(SizaoError):
    code = "objection.nothing_stands"
    message = "There is no {about} that stands under this number, so there is nothing to object to. Check the number."


@dataclass(frozen=True, slots=True)
class Measure:
    """
    A measure that somebody objects to.

    `made_by` are the user names of all who issued, proposed, approved or extended it: none of them decides. `stands`
    says whether it still has an effect. `rests_on_test` says whether a positive test of this person is behind it; a
    risk area concerns others too and never ends because nobody answered one person.
    """

    about: ObjectionAbout
    row: IsolationOrder | Zone | PoolMember
    outbreak: Outbreak
    area_code: str
    label: str
    person: Person | None
    made_by: frozenset[str]
    stands: bool
    rests_on_test: bool


def measure_of(about: ObjectionAbout, subject_id: int) -> Measure:
    """Find a measure by what it is and its number. Raise NothingToObjectTo where there never was one."""
    found = {
        ObjectionAbout.ORDER: _order,
        ObjectionAbout.ZONE: _zone,
        ObjectionAbout.HOLD: _member,
    }[about](subject_id)
    if found is None:
        raise NothingToObjectTo(about=about)
    return found


def end(measure: Measure, reason: str, *, by: Account | None, now: datetime) -> bool:
    """
    End a measure because an objection is right, or was not decided in time; tell whether anything was to end.

    A risk area is lifted by its own officers, who are asked for it.
    """
    if not measure.stands or measure.about == ObjectionAbout.ZONE:
        return False
    if isinstance(measure.row, IsolationOrder):
        orders.end_on_objection(order=measure.row, reason=reason, by=by, now=now)
    elif isinstance(measure.row, PoolMember):
        holds.uphold_objection(member=measure.row, reason=reason, by=by, now=now)
    return True


def shorten(measure: Measure, until: date, reason: str, *, by: Account, now: datetime) -> None:
    """Change an order in part: it ends on an earlier day."""
    assert isinstance(measure.row, IsolationOrder)
    orders.shorten_on_objection(order=measure.row, until=until, reason=reason, by=by, now=now)


def _order(pk: int) -> Measure | None:
    row = IsolationOrder.objects.select_related("outbreak", "person", "issued_by").filter(pk=pk).first()
    if row is None or row.issued_at is None:
        return None
    names = set(row.changes.exclude(act__in=("objected", "decided", "served")).values_list("by", flat=True))
    if row.issued_by:
        names.add(row.issued_by.username)
    positive = Test.objects.filter(
        outbreak=row.outbreak_id, person=row.person_id, result=TestResult.POSITIVE, taken_date__gte=row.starts_date
    )
    return Measure(
        about=ObjectionAbout.ORDER,
        row=row,
        outbreak=row.outbreak,
        area_code=row.area_code,
        label=number_of(row),
        person=row.person,
        made_by=frozenset(names),
        stands=row.state == OrderState.ISSUED,
        rests_on_test=positive.exists(),
    )


def _zone(pk: int) -> Measure | None:
    row = Zone.objects.select_related("outbreak", "proposed_by", "approved_by", "published_by").filter(pk=pk).first()
    if row is None or row.published_at is None:
        return None
    names = {one.username for one in (row.proposed_by, row.approved_by, row.published_by) if one}
    return Measure(
        about=ObjectionAbout.ZONE,
        row=row,
        outbreak=row.outbreak,
        area_code=row.area_code,
        label=row.name,
        person=None,
        made_by=frozenset(names),
        stands=row.state == ZoneState.PUBLISHED,
        rests_on_test=True,
    )


def _member(pk: int) -> Measure | None:
    rows = PoolMember.objects.select_related("hold__ordered_by", "round__outbreak", "person")
    row = rows.filter(pk=pk, hold__state__in=(HoldState.ORDERED, HoldState.ENDED)).first()
    if row is None:
        return None
    by = row.hold.ordered_by
    # A pool's result is nobody's own; who is found positive leaves the hold as a case.
    return Measure(
        about=ObjectionAbout.HOLD,
        row=row,
        outbreak=row.round.outbreak,
        area_code=row.area_code or row.hold.area_code,
        label=f"{row.round.number} {row.hold.tube} #{row.entry}",
        person=row.person,
        made_by=frozenset({by.username} if by else set()),
        stands=row.ended_at is None and row.hold.state == HoldState.ORDERED,
        rests_on_test=False,
    )
