"""
What was done inside a zone, at its doors and gates, as a phone tells it: late, twice or in any order.

Each act is kept as it came. What became of a request follows from all that was done about it: served before refused,
else nobody was met. A way out to medical care is never refused, whatever a phone says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from sizao.errors import SizaoError
from sizao.records import journal
from sizao.records.access import NotYours
from sizao.records.models import (
    Account,
    Household,
    Person,
    Zone,
    ZoneGate,
    ZonePassage,
    ZonePermit,
    ZoneRequest,
    ZoneServing,
)
from sizao.response.zoning import gates, passing
from sizao.response.zoning.asking import FINAL, ZoneNotStanding, new_request, refusable, within
from sizao.response.zoning.inside import residents
from sizao.terms import (
    DoorAnswer,
    PassOutcome,
    PassReason,
    PassWay,
    ZoneChannel,
    ZoneOutcome,
    ZoneRequestKind,
    ZoneState,
)

LONGEST_KEY = 80  # the account's name comes before it
CLOCK_SLACK = timedelta(minutes=10)  # clocks of phones differ by seconds; more is told
LONGEST_AGO = timedelta(days=7)  # nothing older is believed of a phone


class NotThisMoment(SizaoError):
    code = "zone.act.moment.unreadable"
    message = (
        "This was done at {at:%Y-%m-%d %H:%M} by the phone's clock, to come or more than 7 days ago. "
        "Set the clock and enter it again, or tell your coordinator."
    )


class CareStaysOpen(SizaoError):
    code = "zone.care_stays_open"
    message = (
        "A way out to medical care is never refused, and nor is a request for care. Let them pass, call 120 where they "
        "need it, and record that they went."
    )


class RefusedWithoutReason(SizaoError):
    code = "zone.refused_without_reason"
    message = "Say why it is refused; whoever asked is told."


@dataclass(frozen=True, slots=True)
class ServedSent:
    """Something done about a request."""

    source_key: str
    happened_at: datetime
    request: int
    outcome: ZoneOutcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AskedSent:
    """Something asked for at a door, or (`served`) brought there without having been asked for."""

    source_key: str
    happened_at: datetime
    kind: ZoneRequestKind
    what: str
    household: int | None = None
    person: int | None = None
    served: bool = False


@dataclass(frozen=True, slots=True)
class PassedSent:
    """Somebody at a gate; `person` is their number in the register, `permit` what is written on their permit."""

    source_key: str
    happened_at: datetime
    gate: int
    way: PassWay
    reason: PassReason
    outcome: PassOutcome
    bearer: str = ""
    person: str = ""
    permit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class InsideTold:
    """What became of one thing sent: taken, known already, or refused and why."""

    source_key: str
    answer: DoorAnswer
    why: SizaoError | None = None


@dataclass(slots=True)
class _Fresh:
    servings: list[ZoneServing] = field(default_factory=list)
    requests: list[ZoneRequest] = field(default_factory=list)
    passages: list[ZonePassage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _At:
    """What all acts of one sending share."""

    zone: Zone
    area: str
    requests: Mapping[int, ZoneRequest]
    off: timedelta
    by: Account
    now: datetime

    def moment(self, told: datetime) -> datetime:
        """Put a moment right by the phone's clock. Raise NotThisMoment."""
        at = told - self.off
        if not self.now - LONGEST_AGO <= at <= self.now + CLOCK_SLACK:
            raise NotThisMoment(at=timezone.localtime(told))
        return min(at, self.now)

    @property
    def clock_off(self) -> int | None:
        return round(self.off.total_seconds()) if abs(self.off) > CLOCK_SLACK else None


Sent = ServedSent | AskedSent | PassedSent


@transaction.atomic
def record(
    *, zone: Zone, acts: Sequence[Sent], by: Account, now: datetime, sent_at: datetime | None = None
) -> list[InsideTold]:
    """
    Take in what was done at the doors and gates of a zone, each thing once; one refused keeps none of the others back.

    `sent_at` is what the phone's clock showed when it sent; moments are put right by it. Raise the door's refusal, and
    ZoneNotStanding where the zone was never announced.
    """
    area = within(zone, by)
    if zone.published_at is None:
        raise ZoneNotStanding(name=zone.name)
    wanted = [one.request for one in acts if isinstance(one, ServedSent)]
    held = ZoneRequest.objects.select_for_update().filter(pk__in=wanted, zone=zone, area_code__startswith=area)
    requests = {one.pk: one for one in held.order_by("pk")}
    keys = {one.source_key: f"{by.username[:35]}:{one.source_key[:LONGEST_KEY]}" for one in acts}
    known = _known(set(keys.values()))
    at = _At(zone, area, requests, sent_at - now if sent_at else timedelta(), by, now)
    fresh, told = _Fresh(), []
    for one in acts:
        key = keys[one.source_key]
        if key in known:
            told.append(InsideTold(one.source_key, DoorAnswer.KNOWN))
            continue
        try:
            _take(one, key, at, fresh)
        except SizaoError as refusal:
            told.append(InsideTold(one.source_key, DoorAnswer.REFUSED, refusal))
            continue
        known.add(key)
        told.append(InsideTold(one.source_key, DoorAnswer.TAKEN))
    _keep(fresh, at)
    return told


def _known(keys: set[str]) -> set[str]:
    found: set[str] = set()
    for model in (ZoneServing, ZoneRequest, ZonePassage):
        found |= set(model.objects.filter(source_key__in=keys).values_list("source_key", flat=True))
    return found


def _take(one: Sent, key: str, at: _At, fresh: _Fresh) -> None:
    if isinstance(one, ServedSent):
        fresh.servings.append(_served(one, key, at))
    elif isinstance(one, AskedSent):
        fresh.requests.append(_asked(one, key, at))
    else:
        fresh.passages.append(_passed(one, key, at))


def _served(one: ServedSent, key: str, at: _At) -> ZoneServing:
    """Read what was done about a request. Raise NotYours, NotThisMoment, CareStaysOpen or RefusedWithoutReason."""
    request = at.requests.get(one.request)
    if request is None:
        raise NotYours(what="request", area=at.by.area_code)
    if one.outcome == ZoneOutcome.REFUSED:
        if not refusable(ZoneRequestKind(request.kind)):
            raise CareStaysOpen
        if not one.reason.strip():
            raise RefusedWithoutReason
    return ZoneServing(
        request=request,
        outcome=one.outcome,
        reason=one.reason.strip()[:200],
        happened_at=at.moment(one.happened_at),
        recorded_at=at.now,
        recorded_by=at.by.username,
        clock_off_seconds=at.clock_off,
        source_key=key,
    )


def _asked(one: AskedSent, key: str, at: _At) -> ZoneRequest:
    people = Person.objects.filter(residents(at.zone), area_code__startswith=at.area)
    found = people.filter(pk=one.person) if one.person else people.filter(household=one.household or 0)
    someone = found.select_related("household").first()
    if someone is None or at.zone.state != ZoneState.PUBLISHED:
        raise NotYours(what="household", area=at.by.area_code)
    household: Household | None = someone.household
    asked_at = at.moment(one.happened_at)
    made = new_request(
        at.zone, one.kind, one.what, ZoneChannel.DOOR, household, someone if one.person else None, by=at.by, now=at.now,
        asked_at=asked_at, key=key,
    )  # fmt: skip
    if one.served:
        made.done_at, made.done_by, made.outcome = asked_at, at.by.username, ZoneOutcome.SERVED
    return made


def _passed(one: PassedSent, key: str, at: _At) -> ZonePassage:
    """Read who was at a gate. Raise NotYours, NotThisMoment or CareStaysOpen."""
    gate = ZoneGate.objects.filter(pk=one.gate, zone=at.zone).first()
    if gate is None:
        raise NotYours(what="gate", area=at.by.area_code)
    is_care = one.way == PassWay.OUT and one.reason == PassReason.MEDICAL
    if is_care and one.outcome == PassOutcome.REFUSED:
        raise CareStaysOpen
    happened_at = at.moment(one.happened_at)
    permit = ZonePermit.objects.filter(pk=gates.read_number(one.permit) or 0, zone=at.zone).first()
    people = Person.objects.filter(number=one.person.strip(), area_code__startswith=at.area) if one.person else None
    let_out = one.way == PassWay.OUT and one.outcome == PassOutcome.PASSED
    return ZonePassage(
        zone=at.zone,
        gate=gate,
        way=one.way,
        reason=one.reason,
        outcome=one.outcome,
        person=people.first() if people is not None else None,
        bearer=one.bearer.strip()[:60] or None,
        note=one.note.strip()[:200] or None,
        permit=permit,
        lacks_permit=let_out and not is_care and not gates.holds(permit, zone=at.zone, at=happened_at),
        happened_at=happened_at,
        recorded_at=at.now,
        recorded_by=at.by.username,
        clock_off_seconds=at.clock_off,
        source_key=key,
    )


def _keep(fresh: _Fresh, at: _At) -> None:
    ZoneRequest.objects.bulk_create(fresh.requests, batch_size=500)
    brought = [_at_once(one, at) for one in fresh.requests if one.done_at is not None]
    ZonePassage.objects.bulk_create(fresh.passages, batch_size=500)
    passing.follow({one.person_id for one in fresh.passages if one.person_id is not None}, now=at.now)
    met = _care_met(fresh.passages, at)
    ZoneServing.objects.bulk_create([*fresh.servings, *brought, *met], batch_size=500)
    settle(one.request_id for one in (*fresh.servings, *met))
    lines = [journal.line("zone.served", one, by=at.by, at=at.now, outcome=str(one.outcome)) for one in fresh.servings]
    lines += [journal.line("zone.asked", one, by=at.by, at=at.now, kind=str(one.kind)) for one in fresh.requests]
    lines += [
        journal.line("zone.passed", one, by=at.by, at=at.now, way=str(one.way), outcome=str(one.outcome))
        for one in fresh.passages
    ]
    journal.write_many(lines)


def _at_once(one: ZoneRequest, at: _At) -> ZoneServing:
    return ZoneServing(
        request=one, outcome=ZoneOutcome.SERVED, happened_at=one.asked_at, recorded_at=at.now,
        recorded_by=at.by.username, source_key=f"{one.source_key}:brought",
    )  # fmt: skip


def _out_to_care(passages: Iterable[ZonePassage]) -> dict[int, ZonePassage]:
    return {
        one.person_id: one
        for one in passages
        if one.person_id and one.way == PassWay.OUT and one.reason == PassReason.MEDICAL
    }


def _care_met(passages: Iterable[ZonePassage], at: _At) -> list[ZoneServing]:
    """Whoever asked for care and went through the gate to it has been served."""
    out = _out_to_care(passages)
    waiting = ZoneRequest.objects.filter(zone=at.zone, person__in=list(out), kind=ZoneRequestKind.CARE, done_at=None)
    return [
        ZoneServing(
            request=one, outcome=ZoneOutcome.SERVED, happened_at=out[one.person_id].happened_at, recorded_at=at.now,
            recorded_by=at.by.username, source_key=f"{out[one.person_id].source_key}:care:{one.pk}",
        )
        for one in waiting.select_for_update()
        if one.person_id in out and one.asked_at <= out[one.person_id].happened_at + CLOCK_SLACK
    ]  # fmt: skip


def settle(requests: Iterable[int]) -> None:
    """Bring what became of requests to what all that was done about them says: served, else refused, else nobody."""
    wanted = sorted(set(requests))
    all_of: dict[int, list[ZoneServing]] = {}
    for one in ZoneServing.objects.filter(request__in=wanted):
        all_of.setdefault(one.request_id, []).append(one)
    rows = list(ZoneRequest.objects.filter(pk__in=list(all_of)))
    for row in rows:
        decides = deciding(all_of[row.pk])
        row.outcome, row.reason = decides.outcome, decides.reason
        row.done_at = decides.happened_at if decides.outcome in FINAL else None
        row.done_by = decides.recorded_by if decides.outcome in FINAL else ""
    ZoneRequest.objects.bulk_update(rows, ["outcome", "reason", "done_at", "done_by"], batch_size=500)


def deciding(servings: Iterable[ZoneServing]) -> ZoneServing:
    """Give what says what became of a request: the first time served, else refused, else the latest try."""
    ordered = sorted(servings, key=lambda one: (one.happened_at, one.source_key))
    final = (next((one for one in ordered if one.outcome == outcome), None) for outcome in FINAL)
    return next((one for one in final if one is not None), ordered[-1])
