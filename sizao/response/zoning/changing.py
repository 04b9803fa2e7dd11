"""A standing zone is changed: its measures, its outline, its expected end; each change is a version of its own."""

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from sizao.engines.outlines import outline, square_kilometres
from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records import access
from sizao.records.models import Account, Zone
from sizao.response import outbreaks
from sizao.response.zoning import history, notices
from sizao.response.zoning.inside import drawn
from sizao.response.zoning.proposing import (
    LARGEST_KM2,
    SMALLEST_KM2,
    Decision,
    OutlineElsewhere,
    OutlineSize,
    checked,
)
from sizao.response.zoning.telling import NOTE
from sizao.terms import Right, ZoneAct, ZoneLevel, ZoneMeasure, ZoneState

OVER = (ZoneState.DECLINED, ZoneState.LIFTED)


class ZoneIsOver(SizaoError):
    code = "zone.is_over"
    message = "{name} is {was}; nothing about it can be changed. Propose it anew if it is needed again."


class ChangeReasonMissing(SizaoError):
    code = "zone.change_reason_missing"
    message = "Say in a few words why {name} is changed; the people inside may ask."


class NotDrawn(SizaoError):
    code = "zone.not_drawn"
    message = "{name} was not drawn on the map, so it has no outline to change. Propose a drawn area instead."


class NotLater(SizaoError):
    code = "zone.not_later"
    message = "{name} is expected to last until {was} already. Choose a later day, or lift it."


@transaction.atomic
def extend(*, zone: Zone, until: date, reason: str, by: Account, now: datetime) -> Zone:
    """
    Let a decided zone last longer than was stated, in an officer's name and for a reason.

    The edition's days count from the latest case; past them an extension needs limits.local_extension_of_days.
    Raise the door's refusal, ZoneIsOver, ChangeReasonMissing, NotLater, or what `checked` raises.
    """
    zone, rules = _held(zone, reason, by, now, right=Right.ZONE_APPROVE)
    if zone.expected_until is not None and until <= zone.expected_until:
        raise NotLater(name=zone.name, was=zone.expected_until)
    decision = replace(_decision(zone), expected_until=until)
    checked(decision, rules, name=zone.name, day=zone.outbreak.day_of(now))
    zone.expected_until = until
    return _changed(zone, ZoneAct.EXTENDED, ["expected_until"], rules, reason, by, now)


@transaction.atomic
def change_measures(
    *, zone: Zone, measures: tuple[ZoneMeasure, ...], legal_basis: str, reason: str, by: Account, now: datetime
) -> Zone:
    """Change what holds inside a zone, or the law it rests on. Raise as `extend` does, but NotLater."""
    zone, rules = _held(zone, reason, by, now, right=Right.ZONE_PROPOSE)
    day = zone.outbreak.day_of(now)
    decision = replace(_decision(zone), measures=measures, legal_basis=legal_basis)
    # A duration that has run out is no reason to keep measures that are too strict.
    until = decision.expected_until
    checked(replace(decision, expected_until=max(until, day) if until else None), rules, name=zone.name, day=day)
    zone.measures, zone.legal_basis = sorted(measures), legal_basis.strip()
    return _changed(zone, ZoneAct.MEASURES, ["measures", "legal_basis"], rules, reason, by, now)


@transaction.atomic
def redraw(*, zone: Zone, boundary: object, reason: str, by: Account, now: datetime) -> Zone:
    """Change the outline of a drawn zone. Raise as `extend` does; NotDrawn, OutlineFaulty, -Size, -Elsewhere."""
    zone, rules = _held(zone, reason, by, now, right=Right.ZONE_PROPOSE)
    if zone.boundary is None:
        raise NotDrawn(name=zone.name)
    size = square_kilometres(outline(boundary))
    if not SMALLEST_KM2 <= size <= LARGEST_KM2:
        raise OutlineSize(size=size, least=SMALLEST_KM2, most=LARGEST_KM2)
    found = drawn(boundary, zone.area_code)
    if not found.places:
        raise OutlineElsewhere(area=zone.area_code)
    zone.boundary, zone.population = boundary, found.people
    return _changed(zone, ZoneAct.REDRAWN, ["boundary", "population"], rules, reason, by, now)


def _decision(zone: Zone) -> Decision:
    measures = tuple(ZoneMeasure(one) for one in zone.measures)
    return Decision(ZoneLevel(zone.level), measures, zone.legal_basis, zone.expected_until)


def _held(zone: Zone, reason: str, by: Account, now: datetime, *, right: Right) -> tuple[Zone, Rules]:
    zone = Zone.objects.select_for_update(of=["self"]).select_related("outbreak").get(pk=zone.pk)
    access.require(by, right, area_code=zone.area_code)
    if zone.state in OVER:
        raise ZoneIsOver(name=zone.name, was=ZoneState(zone.state))
    if not reason.strip():
        raise ChangeReasonMissing(name=zone.name)
    return zone, outbreaks.rules_at(zone.outbreak, now, area_code=zone.area_code)


def _changed(
    zone: Zone, act: ZoneAct, fields: list[str], rules: Rules, reason: str, by: Account, now: datetime
) -> Zone:  # fmt: skip
    zone.version += 1
    if zone.state == ZoneState.PUBLISHED:
        issuer = by.display_name or by.username
        zone.text_zh, zone.text_en = notices.texts(zone, rules, issuer=issuer, day=zone.outbreak.day_of(now))
    zone.save(update_fields=[*fields, "version", "text_zh", "text_en"])
    note = [{"kind": NOTE, "text": reason.strip()}]
    history.write([history.entry(zone, act, by=by, at=now, reasons=note)], by=by, at=now, protocol=rules.source)
    return zone
