"""
What transport does by rule: ask for the transfers that the records lack, and let go what nobody needs any more.

Nothing here moves anybody: a request waits for a named person. A replay of the past has nobody who carries, so no case
is asked for there.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from sizao.protocol import Rules
from sizao.protocol.observation import watching
from sizao.records import journal
from sizao.records.models import (
    Case,
    CommunityHandOver,
    Observation,
    Outbreak,
    RoomPlacement,
    Stay,
    TransferLeg,
    TransferRequest,
)
from sizao.records.models.transfer import OPEN_TRANSFERS
from sizao.response import ledger, outbreaks
from sizao.response.isolation import home
from sizao.response.transport import clocks
from sizao.response.transport.requests import BACK, BY_RULE, Asking, goes_home, hold, leave_trip, make
from sizao.terms import (
    CaseStatus,
    OutbreakKind,
    PlacementState,
    StayKind,
    Symptom,
    TransferKind,
    TransferState,
)

INFECTED = (CaseStatus.POSITIVE, CaseStatus.SUSPECTED, CaseStatus.ASYMPTOMATIC, CaseStatus.CONFIRMED)
BEFORE_THE_WAY = (TransferState.ASKED, TransferState.APPROVED, TransferState.PLANNED)
FEVER_KNOWN_FOR = timedelta(hours=48)


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Ask for each transfer that follows from the records, once, and cancel those whose ground is gone.

    Asked for are: people with an accepted room who are not there (as a case where a fever was seen in the last two
    days), infected people who are in no bed, people at home who are worse and to be seen by a doctor, and people handed
    over to their community who are still in a room.
    Return how many requests were made, changed or cancelled.
    """
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    hold(outbreak.pk)
    rules = outbreaks.rules_at(outbreak, now)
    changed = _redirect(outbreak, now) + _let_go(outbreak, now)
    wanted = [
        *_to_hospital(outbreak, rules, now), *_worse_at_home(outbreak, rules, now), *_to_rooms(outbreak, rules, now),
        *_home(outbreak, now),
    ]  # fmt: skip
    return changed + _ask(outbreak, wanted, now)


def _ask(outbreak: Outbreak, wanted: Sequence[Asking], now: datetime) -> int:
    keys = [one.source_key for one in wanted]
    people = [one.person.pk for one in wanted]
    asked = set(TransferRequest.objects.filter(source_key__in=keys).values_list("source_key", flat=True))
    busy = set(
        TransferRequest.objects.filter(person__in=people, state__in=OPEN_TRANSFERS).values_list("person_id", flat=True)
    )
    fresh = []
    for one in wanted:
        if one.source_key not in asked and one.person.pk not in busy:
            busy.add(one.person.pk)
            fresh.append(one)
    made = make(outbreak, fresh, by=journal.SYSTEM, now=now)
    journal.write_many([journal.line("transfer.asked", one, by=None, at=now, kind=one.kind) for one in made])
    return len(made)


# --- Who has to be carried ---------------------------------------------------------------------


def _to_rooms(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Asking]:
    kept = RoomPlacement.objects.filter(outbreak=outbreak, state=PlacementState.ACCEPTED, decided_at__lte=now)
    placements = list(kept.select_related("person", "room__place", "order__contact").order_by("pk"))
    here = _present([one.person_id for one in placements], now)
    away = [one for one in placements if _place_of(here.get(one.person_id)) != one.room.place_id]
    feverish = _feverish([one.person_id for one in away], now)
    return [_to_room(one, rules, is_feverish=one.person_id in feverish) for one in away]


def _to_room(one: RoomPlacement, rules: Rules, *, is_feverish: bool) -> Asking:
    contact = one.order.contact if one.order else None
    due_at, basis = clocks.due(rules, clocks.CONTACT_HOURS, contact and contact.found_at)
    return Asking(
        person=one.person,
        kind=TransferKind.FEVER if is_feverish else TransferKind.CONTACT,
        source_key=f"{BY_RULE}placement:{one.pk}",
        to_place=one.room.place,
        due_at=one.due_at or due_at,
        basis=basis,
        placement=one,
        order=one.order,
    )


def _feverish(people: Sequence[int], now: datetime) -> set[int]:
    latest: dict[int, Observation] = {}
    seen = Observation.objects.filter(person__in=people, observed_at__gt=now - FEVER_KNOWN_FOR, recorded_at__lte=now)
    for one in seen.order_by("observed_at", "pk"):
        latest[one.person_id] = one
    return {
        pk
        for pk, one in latest.items()
        if (one.temperature_c or 0) >= watching().fever_from or Symptom.FEVER in (one.symptoms or ())
    }


def _to_hospital(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Asking]:
    if outbreak.kind == OutbreakKind.REPLAY:
        return []
    cases = list(_living(outbreak, now).filter(opened_at__lte=now).select_related("person").order_by("pk"))
    in_bed = {pk for pk, stay in _present([one.person_id for one in cases], now).items() if stay.kind == StayKind.BED}
    # Where a case has been in a bed since it was opened, it was discharged: that is no transfer to hospital.
    been = Stay.objects.filter(person__in=[one.person_id for one in cases], kind=StayKind.BED)
    in_bed |= set(been.filter(recorded_at__lte=now).values_list("person_id", flat=True))
    return [_of_case(one, rules) for one in cases if one.person_id not in in_bed]


def _living(outbreak: Outbreak, now: datetime) -> QuerySet[Case]:
    """Give the infected who have not died, as far as is known: who died is brought nowhere."""
    infected = Case.objects.filter(outbreak=outbreak, status__in=INFECTED)
    return infected.exclude(person__in=ledger.died(outbreak, as_of=now))


def _of_case(one: Case, rules: Rules) -> Asking:
    due_at, basis = clocks.due(rules, clocks.CASE_HOURS, one.opened_at)
    key = f"{BY_RULE}case:{one.pk}"
    return Asking(one.person, TransferKind.CASE, key, due_at=due_at, basis=basis)


def _worse_at_home(outbreak: Outbreak, rules: Rules, now: datetime) -> list[Asking]:
    """Ask for whoever was reported at the door to need a doctor; carried as a case until somebody knows better."""
    found = []
    for act in home.waiting_for_transfer(outbreak, as_of=now).select_related("visit__order"):
        due_at, basis = clocks.due(rules, clocks.CASE_HOURS, act.happened_at)
        key = f"{BY_RULE}worse:{act.pk}"
        found.append(
            Asking(act.visit.person, TransferKind.FEVER, key, due_at=due_at, basis=basis, order=act.visit.order)
        )
    return found


def _home(outbreak: Outbreak, now: datetime) -> list[Asking]:
    told = CommunityHandOver.objects.filter(outbreak=outbreak, told_at__lte=now, received_at=None)
    hand_overs = list(told.select_related("person", "order").order_by("pk"))
    here = _present([one.person_id for one in hand_overs], now)
    return [
        Asking(
            person=one.person,
            kind=TransferKind.HOME,
            source_key=f"{BY_RULE}hand_over:{one.pk}",
            to_area_code=one.area_code,
            due_at=one.due_at,
            order=one.order,
        )
        for one in hand_overs
        if one.person_id in here and here[one.person_id].kind == StayKind.ROOM
    ]


# --- What changed since ------------------------------------------------------------------------


def _redirect(outbreak: Outbreak, now: datetime) -> int:
    """Let a request whose room was changed for another follow, while its person is not on the way."""
    waiting = list(_by_rule(outbreak).exclude(placement=None).exclude(placement__state=PlacementState.ACCEPTED))
    newer = {
        one.person_id: one
        for one in RoomPlacement.objects.filter(
            person__in=[one.person_id for one in waiting], state=PlacementState.ACCEPTED, decided_at__lte=now
        ).select_related("room__place")
    }
    changed = [one for one in waiting if one.person_id in newer]
    for one in changed:
        placement = newer[one.person_id]
        one.placement, one.to_place = placement, placement.room.place
        one.to_area_code = placement.room.place.area_code
    TransferRequest.objects.bulk_update(changed, ["placement", "to_place", "to_area_code"], batch_size=500)
    journal.write_many([journal.line("transfer.redirected", one, by=None, at=now) for one in changed])
    return len(changed)


def _let_go(outbreak: Outbreak, now: datetime) -> int:
    waiting = list(_by_rule(outbreak).select_related("placement__room"))
    here = _present([one.person_id for one in waiting], now)
    infected = set(
        _living(outbreak, now).filter(person__in=[one.person_id for one in waiting]).values_list("person_id", flat=True)
    )
    over = [one for one in waiting if _is_over(one, here.get(one.person_id), infected)]
    for one in over:
        leave_trip(request=one, reason="", by=None, now=now)
        one.state, one.ended_at = TransferState.CANCELLED, now
    TransferRequest.objects.bulk_update(over, ["state", "ended_at"], batch_size=500)
    journal.write_many([journal.line("transfer.cancelled", one, by=None, at=now, kind=one.kind) for one in over])
    return len(over)


def _is_over(one: TransferRequest, stay: Stay | None, infected: set[int]) -> bool:
    """Tell whether the ground of a request is gone: they are there, have no room any more, or are no case."""
    if one.kind == TransferKind.CASE:
        return one.person_id not in infected or (stay is not None and stay.kind == StayKind.BED)
    if goes_home(one):
        return stay is not None and stay.kind == StayKind.HOME
    if one.placement is None:
        return False
    is_there = stay is not None and stay.place_id == one.to_place_id
    return is_there or one.placement.state != PlacementState.ACCEPTED


def _by_rule(outbreak: Outbreak):
    ours = Q(source_key__startswith=BY_RULE) | Q(source_key__startswith=BACK)
    made = TransferRequest.objects.filter(ours, outbreak=outbreak, state__in=BEFORE_THE_WAY)
    # Somebody of whom a phone told that they boarded is on the way, whatever the request says.
    on_way = TransferLeg.objects.filter(Q(boarded_at__isnull=False, ended_at=None), request__in=made)
    return made.exclude(pk__in=on_way.values("request_id")).order_by("pk")


def _present(people: Iterable[int], now: datetime) -> dict[int, Stay]:
    return {one.person_id: one for one in Stay.objects.current(now).filter(person__in=list(people))}


def _place_of(stay: Stay | None) -> int | None:
    return stay.place_id if stay else None
