"""
What crews say of their trips: door by door, late, twice and in any order.

What can be recorded is, though something be odd about it; an act on a trip that is not the crew's waits with all that
was sent. Each act gets an answer, and sending it again changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Outbreak, TransferLeg, TransferOddity, TransferTrip, TripAct
from sizao.response.transport import standing
from sizao.response.transport.acts import Acting, ActSent, ActTold, packed, read
from sizao.response.transport.requests import hold
from sizao.terms import CrewAnswer, Right, TransferOddityKind

MOST_AT_ONCE = 200
LONGEST_NOTE, LONGEST_NAME = 200, 60


class TooManyTripActs(SizaoError):
    code = "transport.acts.unreadable"
    message = "{count} acts were sent at once. Send at most {most}; the rest in the next request."


@transaction.atomic
def record_acts(
    *, outbreak: Outbreak, acts: Sequence[ActSent], by: Account, now: datetime, sent_at: datetime | None = None
) -> list[ActTold]:
    """
    Record what a crew did on its trips, up to 200 acts at once, and say of each what became of it, in their order.

    `sent_at` is the phone's own clock when it sent: what it is off is taken off each moment. Raise TooManyTripActs or
    the door's refusal.
    """
    access.require(by, Right.TRANSFER_CARRY)
    if len(acts) > MOST_AT_ONCE:
        raise TooManyTripActs(count=len(acts), most=MOST_AT_ONCE)
    hold(outbreak.pk)
    is_real = outbreak.acts_on_people
    coming = [read(one, by=by, now=now, sent_at=sent_at, is_real=is_real) for one in acts]
    _find(coming, outbreak, by)
    _answer(coming)
    taken = [one for one in coming if one.answer == CrewAnswer.TAKEN]
    TripAct.objects.bulk_create([_row(one, by=by, now=now) for one in taken])
    standing.work_out({one.trip.pk for one in taken}, by=by, now=now)
    _note(coming, outbreak, by=by, now=now)
    if taken:
        trips = sorted({one.trip for one in taken}, key=lambda trip: trip.pk)
        acts_of = {trip.pk: [str(one.sent.kind) for one in taken if one.trip == trip] for trip in trips}
        journal.write_many([journal.line("trip.acted", trip, by=by, at=now, acts=acts_of[trip.pk]) for trip in trips])
    return _told(coming)


def may_drive(trip: TransferTrip, by: Account) -> bool:
    """Tell whether an account may act on a trip: its driver, or whoever dispatches in its area."""
    if not access.covers(by, trip.area_code):
        return False
    if trip.shift is not None and trip.shift.driver_id == by.pk:
        return True
    return access.may(by, Right.TRANSFER_DISPATCH)


def _find(coming: Sequence[Acting], outbreak: Outbreak, by: Account) -> None:
    trips = {
        one.pk: one
        for one in TransferTrip.objects.select_related("shift", "vehicle").filter(
            outbreak=outbreak, pk__in={one.sent.trip for one in coming}
        )
    }
    legs = {one.pk: one for one in TransferLeg.objects.filter(pk__in={one.sent.leg for one in coming if one.sent.leg})}
    for one in coming:
        trip, leg = trips.get(one.sent.trip), legs.get(one.sent.leg or 0)
        is_of_it = one.sent.leg is None or (leg is not None and trip is not None and leg.trip_id == trip.pk)
        if trip is not None and is_of_it and may_drive(trip, by):
            one.trip, one.leg = trip, leg


def _answer(coming: Iterable[Acting]) -> None:
    coming = list(coming)
    keys = [one.key for one in coming]
    known = set(TripAct.objects.filter(source_key__in=keys).values_list("source_key", flat=True))
    for one in coming:
        if one.key in known:
            one.answer = CrewAnswer.REPEATED
        elif one.why:
            one.answer = CrewAnswer.REFUSED
        elif one.trip is None:
            one.answer = CrewAnswer.QUEUED
        else:
            one.answer = CrewAnswer.TAKEN
            known.add(one.key)


def _row(one: Acting, *, by: Account, now: datetime) -> TripAct:
    sent = one.sent
    return TripAct(
        trip=one.trip,
        leg=one.leg,
        kind=sent.kind,
        happened_at=one.happened_at,
        recorded_at=now,
        recorded_by=by.username,
        identity_checked=sent.identity_checked or None,
        temperature_c=sent.temperature_c,
        symptoms=None if sent.symptoms is None else [str(symptom) for symptom in sent.symptoms],
        reason=sent.reason or "",
        receiver=sent.receiver.strip()[:LONGEST_NAME],
        note=sent.note.strip()[:LONGEST_NOTE],
        source_key=one.key,
    )


def _note(coming: Iterable[Acting], outbreak: Outbreak, *, by: Account, now: datetime) -> None:
    """Keep what waits for a person: acts on unknown trips, and clocks that cannot be."""
    noted = []
    for one in coming:
        if one.answer == CrewAnswer.QUEUED:
            one.oddities.append(TransferOddityKind.UNKNOWN_TRIP)
            noted.append((TransferOddityKind.UNKNOWN_TRIP, one, packed(one)))
        elif one.answer == CrewAnswer.TAKEN and one.has_wrong_clock:
            one.oddities.append(TransferOddityKind.CLOCK)
            noted.append((TransferOddityKind.CLOCK, one, None))
    TransferOddity.objects.bulk_create(
        [
            TransferOddity(
                outbreak=outbreak,
                trip=one.trip,
                leg=one.leg,
                kind=kind,
                area_code=one.trip.area_code if one.trip else max(outbreak.area_code, by.area_code, key=len),
                facts={"act": str(one.sent.kind), "happened_at": one.happened_at.isoformat()},
                sent=sent,
                recorded_at=now,
                recorded_by=by.username,
                source_key=f"{kind}:{one.key}"[:200],
            )
            for kind, one, sent in noted
        ],
        ignore_conflicts=True,
    )


def _told(coming: Sequence[Acting]) -> list[ActTold]:
    trips = {one.trip.pk for one in coming if one.trip is not None}
    odd: dict[int, list[TransferOddityKind]] = {pk: [] for pk in trips}
    for trip, kind in TransferOddity.objects.filter(trip__in=trips, settled_at=None).values_list("trip_id", "kind"):
        odd[trip].append(TransferOddityKind(kind))
    return [
        ActTold(
            source_key=one.sent.source_key,
            answer=one.answer or CrewAnswer.QUEUED,
            oddities=tuple(dict.fromkeys([*one.oddities, *(odd[one.trip.pk] if one.trip else ())])),
            why=one.why if one.answer == CrewAnswer.REFUSED else "",
        )
        for one in coming
    ]
