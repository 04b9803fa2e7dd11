"""What a named body does with a zone: approve, publish, re-grade, decline, lift."""

from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.records import access
from sizao.records.models import Account, Zone
from sizao.response import outbreaks
from sizao.response.zoning import history, notices
from sizao.response.zoning.proposing import BasisMissing, DurationMissing
from sizao.response.zoning.telling import NOTE
from sizao.terms import AREA_DIGITS, ZONE_MOVES, AreaLevel, Right, Words, ZoneAct, ZoneLevel, ZoneState


class ZoneCannotMove(SizaoError):
    code = "zone.cannot_move"
    message = "{name} is {was}, so it cannot become {state}. From here it may become: {allowed}."


class HigherLevelNeeded(SizaoError):
    code = "zone.higher_level_needed"
    message = (
        "Closing a place needs the approval of the next higher level ({key}); your area is {area}. "
        "Ask an account of the city or province to approve {name}."
    )


class NotTheSameBody(SizaoError):
    code = "zone.not_the_same_body"
    message = "{name} was published by the body of {area} and is lifted by the same body ({key}). Ask them to lift it."


class LiftedTooEarly(SizaoError):
    code = "zone.lifted_too_early"
    message = "{name} may be lifted from {may_lift_date} on. Give the reason why it can be lifted before."


class ReasonMissing(SizaoError):
    code = "zone.reason_missing"
    message = "Say in a few words why {name} is declined."


@transaction.atomic
def approve(*, zone: Zone, by: Account, now: datetime) -> Zone:
    """
    Approve a proposed zone in an officer's own name.

    Raise the door's refusal, ZoneCannotMove, and HigherLevelNeeded where the rules ask for the approval
    of a level above the county and the officer's area is not above it.
    """
    zone, rules = _held(zone, Right.ZONE_APPROVE, ZoneState.APPROVED, by, now)
    key = "zones.approved_by_next_level"
    if rules.need(key).flag and len(by.area_code) >= AREA_DIGITS[AreaLevel.COUNTY]:
        raise HigherLevelNeeded(key=key, area=by.area_code, name=zone.name)
    zone.state, zone.approved_at, zone.approved_by = ZoneState.APPROVED, now, by
    zone.save(update_fields=["state", "approved_at", "approved_by"])
    return _noted(zone, ZoneAct.APPROVED, rules, by, now)


@transaction.atomic
def publish(*, zone: Zone, by: Account, now: datetime) -> Zone:
    """
    Announce an approved zone, with its text; from then on it holds for the people in it.

    Raise the door's refusal, ZoneCannotMove, and BasisMissing or DurationMissing where the decision lacks them.
    """
    zone, rules = _held(zone, Right.ZONE_PUBLISH, ZoneState.PUBLISHED, by, now)
    if not zone.legal_basis:
        raise BasisMissing(name=zone.name)
    if zone.expected_until is None and zone.level != ZoneLevel.LOW:
        raise DurationMissing(name=zone.name, key="limits.expected_duration_must_be_stated")
    zone.state, zone.published_at, zone.published_by = ZoneState.PUBLISHED, now, by
    issuer = by.display_name or by.username
    zone.text_zh, zone.text_en = notices.texts(zone, rules, issuer=issuer, day=zone.outbreak.day_of(now))
    zone.save(update_fields=["state", "published_at", "published_by", "text_zh", "text_en"])
    return _noted(zone, ZoneAct.PUBLISHED, rules, by, now)


@transaction.atomic
def decline(*, zone: Zone, reason: str, by: Account, now: datetime) -> Zone:
    """Refuse a proposal, with the reason; it is not made again until something new is found there."""
    zone, rules = _held(zone, Right.ZONE_APPROVE, ZoneState.DECLINED, by, now)
    if not reason.strip():
        raise ReasonMissing(name=zone.name)
    zone.state, zone.declined_at, zone.decline_reason = ZoneState.DECLINED, now, reason.strip()
    zone.save(update_fields=["state", "declined_at", "decline_reason"])
    return _noted(zone, ZoneAct.DECLINED, rules, by, now, note=reason.strip())


@transaction.atomic
def regrade(*, zone: Zone, level: ZoneLevel, by: Account, now: datetime) -> Zone:
    """Change the level of a decided zone. Raise ZoneCannotMove for one that is not decided, or is on that level."""
    zone = Zone.objects.select_for_update(of=["self"]).select_related("outbreak").get(pk=zone.pk)
    access.require(by, Right.ZONE_APPROVE, area_code=zone.area_code)
    if zone.state not in (ZoneState.APPROVED, ZoneState.PUBLISHED) or zone.level == level:
        was = Words((ZoneState(zone.state), ZoneLevel(zone.level)))
        raise ZoneCannotMove(
            name=zone.name, was=was, state=level, allowed=Words(sorted(ZONE_MOVES[ZoneState(zone.state)]))
        )
    zone.level = level
    zone.save(update_fields=["level"])
    return _noted(zone, ZoneAct.REGRADED, outbreaks.rules_at(zone.outbreak, now), by, now)


@transaction.atomic
def lift(*, zone: Zone, by: Account, now: datetime, reason: str = "") -> Zone:
    """
    Declare the lifting of a zone.

    Before its day a reason is needed (LiftedTooEarly). Where the rules say so it is lifted by the body
    that published it (NotTheSameBody).
    """
    zone, rules = _held(zone, Right.ZONE_PUBLISH, ZoneState.LIFTED, by, now)
    key = "zones.lifted_by_same_body"
    published_by = zone.published_by
    if rules.need(key).flag and published_by is not None and published_by.area_code != by.area_code:
        raise NotTheSameBody(name=zone.name, area=published_by.area_code, key=key)
    early = zone.may_lift_date is not None and zone.outbreak.day_of(now) < zone.may_lift_date
    if early and not reason.strip():
        raise LiftedTooEarly(name=zone.name, may_lift_date=zone.may_lift_date)
    zone.state, zone.lifted_at, zone.lifted_by = ZoneState.LIFTED, now, by
    zone.save(update_fields=["state", "lifted_at", "lifted_by"])
    return _noted(zone, ZoneAct.LIFTED, rules, by, now, note=reason.strip())


def _held(zone: Zone, right: Right, state: ZoneState, by: Account, now: datetime) -> tuple[Zone, Rules]:
    """Lock a zone for somebody who may decide on it, and who may move it there."""
    locked = Zone.objects.select_for_update(of=["self"]).select_related("outbreak", "published_by")
    zone = locked.get(pk=zone.pk)
    access.require(by, right, area_code=zone.area_code)
    was = ZoneState(zone.state)
    if state not in ZONE_MOVES[was]:
        raise ZoneCannotMove(name=zone.name, was=was, state=state, allowed=Words(sorted(ZONE_MOVES[was])))
    return zone, outbreaks.rules_at(zone.outbreak, now, area_code=zone.area_code)


def _noted(zone: Zone, act: ZoneAct, rules: Rules, by: Account, now: datetime, *, note: str = "") -> Zone:
    change = history.entry(zone, act, by=by, at=now)
    if note:
        change.reasons = [*change.reasons, {"kind": NOTE, "text": note}]
    history.write([change], by=by, at=now, protocol=rules.source)
    return zone
