"""The gates of a zone, and leave to go through them: opened, closed, given and taken back by a named officer."""

from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Person, Zone, ZoneGate, ZonePermit
from sizao.response.zoning.asking import ZoneNotStanding, within
from sizao.terms import PassReason, Right, ZoneState

_CHECK = 97
_DIGITS = 9


class GateNameMissing(SizaoError):
    code = "zone.gate_name_missing"
    message = "Give the gate a name that people there know: which street, which side."


class GateClosed(SizaoError):
    code = "zone.gate_closed"
    message = "{name} has been closed already. Open another gate if one is needed."


class LastGate(SizaoError):
    code = "zone.last_gate"
    message = "{name} is the last gate of this zone. Open another one first: the way to medical care stays open."


class BearerMissing(SizaoError):
    code = "zone.bearer_missing"
    message = "Say who the permit is for: a person of the register, or a name or number plate."


class PermitTwisted(SizaoError):
    code = "zone.permit_twisted"
    message = "A permit cannot end on {until:%Y-%m-%d %H:%M}, before it begins or in the past. Check the times."


class PermitOver(SizaoError):
    code = "zone.permit_over"
    message = "This permit has ended already. Nothing was changed."


@transaction.atomic
def open_gate(
    *, zone: Zone, name: str, by: Account, now: datetime, hours: str = "",
    latitude: float | None = None, longitude: float | None = None,
) -> ZoneGate:  # fmt: skip
    """Open a gate of a standing zone. Raise the door's refusal, ZoneNotStanding or GateNameMissing."""
    within(zone, by)
    if zone.state != ZoneState.PUBLISHED:
        raise ZoneNotStanding(name=zone.name)
    if not name.strip():
        raise GateNameMissing
    gate = ZoneGate.objects.create(
        zone=zone,
        name=name.strip()[:100],
        hours=hours.strip()[:60],
        latitude=latitude,
        longitude=longitude,
        opened_at=now,
        opened_by=by.username,
        source_key=f"gate:{zone.pk}:{by.pk}:{now.isoformat()}",
    )
    journal.write("zone.gate_opened", gate, by=by, at=now, zone=zone.pk)
    return gate


@transaction.atomic
def close_gate(*, gate: ZoneGate, by: Account, now: datetime) -> ZoneGate:
    """Close a gate; the last one of a standing zone stays open. Raise the door's refusal, GateClosed or LastGate."""
    zone = Zone.objects.select_for_update().get(pk=gate.zone_id)
    within(zone, by)
    gate = ZoneGate.objects.select_for_update().get(pk=gate.pk)
    if gate.closed_at is not None:
        raise GateClosed(name=gate.name)
    others = ZoneGate.objects.filter(zone=zone, closed_at=None).exclude(pk=gate.pk)
    if zone.state == ZoneState.PUBLISHED and not others.exists():
        raise LastGate(name=gate.name)
    gate.closed_at = now
    gate.save(update_fields=["closed_at"])
    journal.write("zone.gate_closed", gate, by=by, at=now, zone=zone.pk)
    return gate


@transaction.atomic
def give_permit(
    *, zone: Zone, reason: PassReason, starts_at: datetime, until_at: datetime, by: Account, now: datetime,
    person: Person | None = None, bearer: str = "",
) -> ZonePermit:  # fmt: skip
    """
    Let somebody go through the gates of a zone for a time, in an officer's name.

    Only who proposes zones gives permits; a way to medical care needs none. Raise the door's refusal, BearerMissing,
    PermitTwisted or ZoneNotStanding.
    """
    access.require(by, Right.ZONE_PROPOSE, area_code=zone.area_code)
    if zone.state != ZoneState.PUBLISHED:
        raise ZoneNotStanding(name=zone.name)
    if person is None and not bearer.strip():
        raise BearerMissing
    if until_at <= max(starts_at, now):
        raise PermitTwisted(until=until_at)
    permit = ZonePermit.objects.create(
        zone=zone,
        person=person,
        bearer=bearer.strip()[:60] or None,
        reason=reason,
        starts_at=starts_at,
        until_at=until_at,
        issued_at=now,
        issued_by=by,
        source_key=f"permit:{zone.pk}:{by.pk}:{now.isoformat()}",
    )
    journal.write("zone.permit_given", permit, by=by, at=now, zone=zone.pk, reason=str(reason))
    return permit


@transaction.atomic
def end_permit(*, permit: ZonePermit, by: Account, now: datetime) -> ZonePermit:
    """Take a permit back. Raise the door's refusal or PermitOver."""
    permit = ZonePermit.objects.select_for_update(of=["self"]).select_related("zone").get(pk=permit.pk)
    access.require(by, Right.ZONE_PROPOSE, area_code=permit.zone.area_code)
    if permit.ended_at is not None or permit.until_at <= now:
        raise PermitOver
    permit.ended_at = now
    permit.save(update_fields=["ended_at"])
    journal.write("zone.permit_ended", permit, by=by, at=now, zone=permit.zone_id)
    return permit


def number_of(permit: ZonePermit) -> str:
    """Write the number of a permit, with two digits that catch a slip."""
    return f"TX{permit.pk:07d}{permit.pk % _CHECK:02d}"


def read_number(given: str) -> int | None:
    """Read the number of a permit as somebody typed it; None where it cannot be one."""
    plain = "".join(given.split()).upper().removeprefix("TX").replace("-", "")
    if not _DIGITS <= len(plain) <= 2 * _DIGITS or not (plain.isascii() and plain.isdigit()):
        return None
    pk = int(plain[:-2])
    return pk if pk % _CHECK == int(plain[-2:]) else None


def holds(permit: ZonePermit | None, *, zone: Zone, at: datetime) -> bool:
    """Tell whether a permit lets its bearer through the gates of a zone at a moment."""
    if permit is None or permit.zone_id != zone.pk:
        return False
    return permit.starts_at <= at <= permit.until_at and (permit.ended_at is None or at < permit.ended_at)
