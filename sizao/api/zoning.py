"""Zones: proposed by rule, approved and published by a named officer; and what was officially listed."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import Asked, AskedList, account, act_at, now, outbreak
from sizao.api.shapes import answers
from sizao.records import access
from sizao.records.models import Zone, ZoneChange
from sizao.response import zoning
from sizao.response.reports.standing_zones import StandingZone, official_on, zones_at
from sizao.terms import Right, ZoneLevel, ZoneState

router = Router(tags=["zoning"])


class ZoneOut(Schema):
    """An area with its grade, its state, and the day from which it may lift."""

    id: int
    name: str
    area_code: str
    unit: str
    level: ZoneLevel
    state: ZoneState
    proposed_date: date
    may_lift_date: date | None
    may_be_lifted: bool
    changed_at: datetime


class ZoneChangeOut(Schema):
    """One entry of a zone's history, with its reasons."""

    act: str
    level: str
    may_lift_date: date | None
    reasons: list[Any]
    at: datetime
    by: str


class OneZone(Schema):
    """A zone, the values of the edition it rests on, and its history."""

    zone: ZoneOut
    basis: list[dict[str, Any]]
    history: list[ZoneChangeOut]


class OfficialOut(Schema):
    """A risk area as the authority's list of a day named it."""

    name: str
    area_code: str
    unit: str
    level: str
    first_date: date
    last_date: date
    source: str


class ZoneReasonIn(Schema):
    """Why it is decided so."""

    reason: str = Field("", max_length=300)


@router.get("/outbreaks/{slug}/zones", response=answers(list[ZoneOut]))
def list_zones(request: HttpRequest, slug: str, asked: Query[AskedList], state: ZoneState | None = None) -> Any:
    """List the zones of the jurisdiction as they stood at the moment asked for, those that are over included."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    found = zones_at(within, area_code, as_of=asked.moment(request))
    return [_zone(one) for one in found if state in (None, one.state)]


@router.get("/outbreaks/{slug}/official-areas", response=answers(list[OfficialOut]))
def list_official(request: HttpRequest, slug: str, asked: Query[AskedList]) -> Any:
    """List the areas that the authority's list of the day named."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    area_code = asked.area_code(account(request), Right.SITUATION_READ)
    return official_on(within, area_code, day=within.day_of(asked.moment(request)))


@router.get("/zones/{number}", response=answers(OneZone))
def read_zone(request: HttpRequest, number: int) -> Any:
    """Read one zone with its reasons and its history."""
    return one_zone(found_zone(request, number, Right.SITUATION_READ), now(request))


@router.post("/zones/{number}/approve", response=answers(OneZone))
def approve(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Approve a proposed zone in the name of the token's account."""
    found = found_zone(request, number, Right.ZONE_APPROVE)
    at = act_at(request, found.outbreak, asked)
    return one_zone(zoning.approve(zone=found, by=account(request), now=at), at)


@router.post("/zones/{number}/decline", response=answers(OneZone))
def decline(request: HttpRequest, number: int, asked: Query[Asked], why: ZoneReasonIn) -> Any:
    """Decline a proposed zone, with the reason."""
    found = found_zone(request, number, Right.ZONE_APPROVE)
    at = act_at(request, found.outbreak, asked)
    return one_zone(zoning.decline(zone=found, reason=why.reason, by=account(request), now=at), at)


@router.post("/zones/{number}/publish", response=answers(OneZone))
def publish(request: HttpRequest, number: int, asked: Query[Asked]) -> Any:
    """Publish an approved zone."""
    found = found_zone(request, number, Right.ZONE_PUBLISH)
    at = act_at(request, found.outbreak, asked)
    return one_zone(zoning.publish(zone=found, by=account(request), now=at), at)


@router.post("/zones/{number}/lift", response=answers(OneZone))
def lift(request: HttpRequest, number: int, asked: Query[Asked], why: ZoneReasonIn) -> Any:
    """Lift a zone; before its day a reason is needed, on it an empty one will do."""
    found = found_zone(request, number, Right.ZONE_PUBLISH)
    at = act_at(request, found.outbreak, asked)
    return one_zone(zoning.lift(zone=found, reason=why.reason, by=account(request), now=at), at)


def found_zone(request: HttpRequest, number: int, to: Right) -> Zone:
    found: Zone = access.row(Zone.objects.all(), what="zone", to=to, by=account(request), pk=number)
    return found


def one_zone(found: Zone, as_of: datetime) -> OneZone:
    standing = next(one for one in zones_at(found.outbreak, found.area_code, as_of=as_of) if one.id == found.pk)
    changes = ZoneChange.objects.filter(zone=found, at__lte=as_of).order_by("at", "id")
    history = [ZoneChangeOut.model_validate(change, from_attributes=True) for change in changes]
    return OneZone(zone=_zone(standing), basis=found.basis, history=history)


def _zone(one: StandingZone) -> ZoneOut:
    return ZoneOut.model_validate(one, from_attributes=True)
