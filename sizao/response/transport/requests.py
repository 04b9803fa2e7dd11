"""
Requests for transfers: asked by rule or by hand, approved or refused by a named person.

Nobody is carried without a basis: a contact needs an issued order, or says yes to it, which is written down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import (
    Account,
    Case,
    IsolationOrder,
    Outbreak,
    Person,
    PersonNeed,
    Place,
    RoomPlacement,
    Stay,
    TransferLeg,
    TransferRequest,
)
from sizao.records.models.transfer import OPEN_TRANSFERS
from sizao.terms import (
    AREA_DIGITS,
    TRANSFER_MOVES,
    AreaLevel,
    CaseStatus,
    NeedKind,
    OrderState,
    Right,
    TransferKind,
    TransferState,
    Words,
)

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]
LONGEST_REASON = 300
_LOCKS = 7_408_127  # the class of the advisory locks of transport
BY_RULE = "transfer:rule:"  # how the keys of requests begin that the loop made
BACK = "transfer:back:"  # and of the ways back from care, which the loop follows too


class TransferOpen(SizaoError):
    code = "transport.open"
    message = "A transfer of {number} is open already ({transfer}, {state}). Let that one end first, or cancel it."


class TransferCannotMove(SizaoError):
    code = "transport.cannot_move"
    message = "Transfer {transfer} is {was}, so it cannot become {state}. From here it may become: {allowed}."


class TransferReasonMissing(SizaoError):
    code = "transport.reason_missing"
    message = "Give the reason in a few words: the person concerned may ask for it."


class DestinationMissing(SizaoError):
    code = "transport.destination_missing"
    message = "Nobody said yet where transfer {transfer} goes. Choose the hospital or the place first, then approve it."


class NoBasis(SizaoError):
    code = "transport.no_basis"
    message = (
        "No issued order stands behind transfer {transfer}, so nobody may be carried against their will. Have the "
        "order issued first; or, where the person agreed, write down how and to whom."
    )


class NoCase(SizaoError):
    code = "transport.no_case"
    message = "{number} is no case of this outbreak. Ask for another kind of transfer, or classify the case first."


class NotForMany(SizaoError):
    code = "transport.not_for_many"
    message = "Transfer {transfer} was asked by hand or is no contact's; look at it and decide on it by itself."


@dataclass(frozen=True, slots=True)
class Asking:
    """What a request is made of before it has a number."""

    person: Person
    kind: TransferKind
    source_key: str
    to_place: Place | None = None
    to_area_code: str = ""
    reason: str = ""
    due_at: datetime | None = None
    basis: Sequence[dict[str, Any]] = ()
    placement: RoomPlacement | None = None
    order: IsolationOrder | None = None


@transaction.atomic
def ask(
    *, outbreak: Outbreak, person: Person, kind: TransferKind, reason: str, by: Account, now: datetime,
    to_place: Place | None = None, due_at: datetime | None = None,
) -> TransferRequest:  # fmt: skip
    """
    Ask by hand that somebody be carried from where they are; `to_place` None means home, or not known yet for a case.

    Raise TransferReasonMissing, TransferOpen, NoCase, or the door's refusal.
    """
    stay = present_stay(person, now)
    access.require(by, Right.TRANSFER_ASK, area_code=stay.area_code if stay else person.area_code)
    reason = given(reason)
    hold(outbreak.pk)
    if kind == TransferKind.CASE and not _is_case(outbreak, person):
        raise NoCase(number=person.number)
    held = TransferRequest.objects.filter(person=person, state__in=OPEN_TRANSFERS).first()
    if held:
        raise TransferOpen(number=person.number, transfer=held.number, state=TransferState(held.state))
    asking = Asking(
        person, kind, f"transfer:asked:{person.pk}:{kind}:{now.isoformat()}", to_place, reason=reason, due_at=due_at
    )
    try:
        with transaction.atomic():
            [made] = make(outbreak, [asking], by=by.username, now=now)
    except IntegrityError as clash:
        if "transfer_one_open_per_person" not in str(clash):
            raise
        raise TransferOpen(number=person.number, transfer="", state=TransferState.ASKED) from clash
    journal.write("transfer.asked", made, by=by, at=now, kind=str(kind))
    return made


def make(outbreak: Outbreak, askings: Sequence[Asking], *, by: str, now: datetime) -> list[TransferRequest]:
    """Write requests down with numbers of their own. Who calls holds the transfers of the outbreak (`hold`)."""
    people = [one.person.pk for one in askings]
    stays = {one.person_id: one for one in Stay.objects.current(now).filter(person__in=people).select_related("place")}
    needs: dict[int, list[str]] = {pk: [] for pk in people}
    for pk, kind in PersonNeed.objects.filter(person__in=people, ended_at=None).values_list("person_id", "kind"):
        needs[pk].append(kind)
    before = TransferRequest.objects.filter(outbreak=outbreak).count()
    rows = [
        _row(outbreak, one, before + n, stays.get(one.person.pk), needs[one.person.pk], by=by, now=now)
        for n, one in enumerate(askings, start=1)
    ]
    return TransferRequest.objects.bulk_create(rows, batch_size=500)


def _row(
    outbreak: Outbreak, one: Asking, serial: int, stay: Stay | None, needs: list[str], *, by: str, now: datetime
) -> TransferRequest:
    from_area = stay.area_code if stay else one.person.area_code
    to_area = one.to_area_code or (one.to_place.area_code if one.to_place else one.person.area_code)
    return TransferRequest(
        outbreak=outbreak,
        number=f"T{outbreak.pk}-{serial:05}",
        person=one.person,
        party=one.person.household_id or -one.person.pk,
        kind=one.kind,
        area_code=from_area[:COUNTY] or outbreak.area_code,
        from_place=stay.place if stay else None,
        from_area_code=from_area,
        to_place=one.to_place,
        to_area_code=to_area,
        needs=sorted(needs),
        placement=one.placement,
        order=one.order,
        reason=one.reason[:LONGEST_REASON],
        asked_at=now,
        asked_by=by,
        due_at=one.due_at,
        basis=list(one.basis),
        source_key=one.source_key,
    )


@transaction.atomic
def say_destination(*, request: TransferRequest, place: Place, by: Account, now: datetime) -> TransferRequest:
    """Say to which place somebody is to be carried, before they are on the way. Raise what `refuse` raises."""
    request = _locked(request, by, Right.TRANSFER_APPROVE)
    if request.state not in (TransferState.ASKED, TransferState.APPROVED):
        raise _cannot(request, TransferState.APPROVED)
    request.to_place, request.to_area_code = place, place.area_code
    request.save(update_fields=["to_place", "to_area_code"])
    journal.write("transfer.destination_said", request, by=by, at=now, place=place.pk)
    return request


@transaction.atomic
def approve(*, request: TransferRequest, by: Account, now: datetime, consent: str = "") -> TransferRequest:
    """
    Approve a request in one's own name.

    `consent` says how somebody without an issued order agreed, and to whom. Raise DestinationMissing, NoBasis,
    TransferCannotMove, or the door's refusal.
    """
    request = _locked(request, by, Right.TRANSFER_APPROVE)
    _allow_approval(request, consent, now)
    request.state, request.approved_at, request.approved_by = TransferState.APPROVED, now, by
    if consent.strip():
        request.reason = f"{request.reason} {consent.strip()}".strip()[:LONGEST_REASON]
    request.save(update_fields=["state", "approved_at", "approved_by", "reason"])
    journal.write("transfer.approved", request, by=by, at=now, kind=request.kind, by_consent=bool(consent.strip()))
    return request


@transaction.atomic
def approve_many(
    *, requests: Iterable[TransferRequest], by: Account, now: datetime
) -> tuple[list[TransferRequest], list[SizaoError]]:
    """
    Approve in one's own name those of many contacts' transfers that the rule made and an issued order stands behind.

    Return them, and why each of the others was refused; those are to be looked at one by one.
    """
    locked = TransferRequest.objects.select_for_update(of=["self"]).select_related("outbreak", "order")
    approved, refused = [], []
    for one in locked.filter(pk__in=[request.pk for request in requests]).order_by("pk"):
        try:
            access.require(by, Right.TRANSFER_APPROVE, area_code=one.area_code)
            if one.kind != TransferKind.CONTACT or not one.source_key.startswith(BY_RULE):
                raise NotForMany(transfer=one.number)
            _allow_approval(one, "", now)
        except SizaoError as refusal:
            refused.append(refusal)
            continue
        one.state, one.approved_at, one.approved_by = TransferState.APPROVED, now, by
        approved.append(one)
    TransferRequest.objects.bulk_update(approved, ["state", "approved_at", "approved_by"], batch_size=500)
    journal.write_many([journal.line("transfer.approved", one, by=by, at=now, kind=one.kind) for one in approved])
    return approved, refused


@transaction.atomic
def refuse(*, request: TransferRequest, reason: str, by: Account, now: datetime) -> TransferRequest:
    """Refuse a request, with the reason. Raise TransferReasonMissing, TransferCannotMove or the door's refusal."""
    request = _locked(request, by, Right.TRANSFER_APPROVE)
    request.refuse_reason = given(reason)
    _move(request, TransferState.REFUSED)
    request.refused_at, request.refused_by, request.ended_at = now, by.username, now
    request.save(update_fields=["state", "refuse_reason", "refused_at", "refused_by", "ended_at"])
    journal.write("transfer.refused", request, by=by, at=now, kind=request.kind)
    return request


@transaction.atomic
def cancel(*, request: TransferRequest, reason: str, by: Account, now: datetime) -> TransferRequest:
    """
    Cancel a request whose person is not on the way yet, with the reason; it is taken off its trip.

    Raise TransferReasonMissing, TransferCannotMove or the door's refusal.
    """
    request = _locked(request, by, Right.TRANSFER_APPROVE)
    reason = given(reason)
    _move(request, TransferState.CANCELLED)
    leave_trip(request=request, reason=reason, by=by, now=now)
    request.refuse_reason, request.ended_at = reason, now
    request.save(update_fields=["state", "refuse_reason", "ended_at"])
    journal.write("transfer.cancelled", request, by=by, at=now, kind=request.kind)
    return request


@transaction.atomic
def leave_trip(*, request: TransferRequest, reason: str, by: Account | None, now: datetime) -> int:  # noqa: ARG001
    """Take a request off the trip that was to serve it; say how many legs ended."""
    waiting = TransferLeg.objects.filter(request=request, ended_at=None, boarded_at=None)
    return waiting.update(taken_off_at=now, ended_at=now, reason=reason[:LONGEST_REASON])


def open_at(outbreak: Outbreak, area_code: str, as_of: datetime) -> QuerySet[TransferRequest]:
    """Give the requests of an area that were open at a moment, the most urgent first; those without a clock last."""
    asked = TransferRequest.objects.filter(outbreak=outbreak, area_code__startswith=area_code, asked_at__lte=as_of)
    still = asked.exclude(ended_at__lte=as_of)
    return still.order_by(F("due_at").asc(nulls_last=True), "asked_at", "pk")


def hold(outbreak_id: int) -> None:
    """Let nobody else change transfers of an outbreak until this transaction ends; each such change is short."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS, outbreak_id])


def goes_home(request: TransferRequest) -> bool:
    """Tell whether a request without a place leads home, and is not one of which nobody said yet where to."""
    return request.to_place_id is None and (request.kind == TransferKind.HOME or request.source_key.startswith(BACK))


def present_stay(person: Person, at: datetime) -> Stay | None:
    """Give the stay of a person at a moment; None where it is not known."""
    return Stay.objects.current(at).filter(person=person).select_related("place").first()


def given(reason: str) -> str:
    """Read a reason that was given. Raise TransferReasonMissing."""
    if not reason.strip():
        raise TransferReasonMissing
    return reason.strip()[:LONGEST_REASON]


def _locked(request: TransferRequest, by: Account, right: Right) -> TransferRequest:
    hold(request.outbreak_id)
    held = TransferRequest.objects.select_for_update(of=["self"]).select_related("outbreak", "order", "person")
    request = held.get(pk=request.pk)
    access.require(by, right, area_code=request.area_code)
    return request


def _move(request: TransferRequest, state: TransferState) -> None:
    if state not in TRANSFER_MOVES[TransferState(request.state)]:
        raise _cannot(request, state)
    request.state = state


def _cannot(request: TransferRequest, state: TransferState) -> TransferCannotMove:
    was = TransferState(request.state)
    return TransferCannotMove(transfer=request.number, was=was, state=state, allowed=Words(sorted(TRANSFER_MOVES[was])))


def _allow_approval(request: TransferRequest, consent: str, now: datetime) -> None:
    if request.state != TransferState.ASKED:
        raise _cannot(request, TransferState.APPROVED)
    if request.to_place_id is None and not goes_home(request):
        raise DestinationMissing(transfer=request.number)
    needs_order = request.kind in (TransferKind.CONTACT, TransferKind.FEVER)
    if needs_order and not consent.strip() and not _has_order(request, now):
        raise NoBasis(transfer=request.number)


def _has_order(request: TransferRequest, now: datetime) -> bool:
    today = request.outbreak.day_of(now)
    issued = IsolationOrder.objects.filter(person=request.person_id, state=OrderState.ISSUED, ends_date__gte=today)
    return issued.filter(issued_at__lte=now).exists()


def _is_case(outbreak: Outbreak, person: Person) -> bool:
    return Case.objects.filter(outbreak=outbreak, person=person).exclude(status=CaseStatus.DISCARDED).exists()


# What decides which vehicle fits.
LYING, SITTING_IN_A_CHAIR = NeedKind.STRETCHER, NeedKind.WHEELCHAIR
AS_A_CASE = frozenset({TransferKind.CASE, TransferKind.FEVER})
