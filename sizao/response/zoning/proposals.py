"""
What zoning does by rule: propose areas, extend and re-grade proposals, say when one may be lifted.

The level of an area that a body has decided on is never changed here, only the day from which it may
be lifted; `plan_at` says what the rules would call for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from sizao.engines.zone_scheme import RANK, Plan, Proposal, Reason
from sizao.engines.zoning import propose
from sizao.protocol import Rules
from sizao.protocol.zone_measures import legal_basis, levels
from sizao.protocol.zone_schemes import ZoneRules, zone_keys, zone_rules
from sizao.records.models import Area, Outbreak, Zone, ZoneChange
from sizao.response import outbreaks
from sizao.response.zoning import history
from sizao.response.zoning.clocks import last_day_without_case
from sizao.response.zoning.ties import ties_of
from sizao.terms import AREA_DIGITS, AreaLevel, ZoneAct, ZoneLevel, ZoneReason, ZoneState

DECIDED = (ZoneState.APPROVED, ZoneState.PUBLISHED)
OVER = (ZoneState.DECLINED, ZoneState.LIFTED)
COUNTY = AREA_DIGITS[AreaLevel.COUNTY]
EMPTY = Plan((), ())


@dataclass(slots=True)
class Changes:
    """What one run found to write."""

    fresh: list[Zone] = field(default_factory=list)
    changed: list[Zone] = field(default_factory=list)
    entries: list[ZoneChange] = field(default_factory=list)

    def note(self, zone: Zone, act: ZoneAct, at: datetime, reasons: list[dict[str, Any]] | None = None) -> None:
        """Remember a changed zone and its entry."""
        self.changed.append(zone)
        self.entries.append(history.entry(zone, act, by=None, at=at, reasons=reasons))


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime) -> int:
    """
    Bring the proposed zones to what the cases known at `now` call for; return how many acts that took.

    While a value that decides waits for confirmation, all stays as it is.
    """
    Outbreak.objects.select_for_update().get(pk=outbreak.pk)  # one run at a time
    rules = outbreaks.rules_at(outbreak, now)
    if rules.unconfirmed(zone_keys(rules)):
        return 0
    scheme = zone_rules(rules)
    plan = _plan(outbreak, scheme, now)
    wanted = {proposal.area_code: proposal for proposal in plan.proposals}
    zones = Zone.objects.filter(outbreak=outbreak, place__isnull=True, boundary__isnull=True).exclude(state__in=OVER)
    standing = {zone.area_code: zone for zone in zones.order_by("pk")}
    names = _Names({*wanted, *standing, *(reason.area_code for one in plan.proposals for reason in one.reasons)})
    changes = Changes()
    for code, zone in standing.items():
        if zone.state == ZoneState.PROPOSED and zone.proposed_by_id is not None:
            continue  # what an officer proposed, officers decide on
        if code in wanted and scheme is not None:
            _follow(zone, wanted[code], scheme, names, changes, now)
        else:
            _let_go(zone, wanted, scheme, names, changes, outbreak.day_of(now), now)
    if scheme is not None:
        new = [one for code, one in wanted.items() if code not in standing]
        _propose(outbreak, new, scheme, names, changes, now)
    _follow_small(outbreak, rules, changes, now)
    return _write(changes, at=now, protocol=rules.source)


def plan_at(outbreak: Outbreak, now: datetime) -> Plan:
    """
    Work out what the cases known at a moment call for, and which of them no area could be found for.

    Nothing while a value that decides waits for confirmation.
    """
    rules = outbreaks.rules_at(outbreak, now)
    return EMPTY if rules.unconfirmed(zone_keys(rules)) else _plan(outbreak, zone_rules(rules), now)


def _plan(outbreak: Outbreak, scheme: ZoneRules | None, now: datetime) -> Plan:
    if scheme is None:
        return EMPTY
    with_visits = scheme.scheme.place_level is not None
    ties = ties_of(outbreak, scheme.rules, now, with_visits=with_visits)
    return propose(ties, outbreak.day_of(now), scheme.scheme)


# --- Proposing ---------------------------------------------------------------------------------


def _propose(
    outbreak: Outbreak, proposals: Iterable[Proposal], scheme: ZoneRules, names: "_Names", changes: Changes,
    now: datetime,
) -> None:  # fmt: skip
    settled = _settled_by_people(outbreak)
    for proposal in proposals:
        # What a body refused or lifted stays so until something new is found there.
        if settled.get(proposal.area_code, date.min) >= proposal.last_date:
            continue
        zone = Zone(
            outbreak=outbreak,
            area_code=proposal.area_code,
            name=names.full(proposal.area_code),
            unit=proposal.unit,
            level=proposal.level,
            state=ZoneState.PROPOSED,
            proposed_at=now,
            since_date=proposal.since,
            source_key=f"zone:{outbreak.pk}:{proposal.area_code}:{now.isoformat()}",
        )
        _restate(zone, proposal, scheme, names)
        _usual(zone, scheme, outbreak.day_of(now))
        changes.fresh.append(zone)


def _settled_by_people(outbreak: Outbreak) -> dict[str, date]:
    """For each area: the latest day on which a body declined or lifted it."""
    days: dict[str, date] = {}
    for zone in Zone.objects.filter(outbreak=outbreak, state__in=OVER):
        moment = zone.declined_at or (zone.lifted_at if zone.lifted_by_id else None)
        if moment is not None:
            day = outbreak.day_of(moment)
            days[zone.area_code] = max(days.get(zone.area_code, day), day)
    return days


def _restate(zone: Zone, proposal: Proposal, scheme: ZoneRules, names: "_Names") -> None:
    zone.may_lift_date = proposal.may_lift_on
    zone.reasons = [_stored(reason, names) for reason in proposal.reasons]
    zone.basis = scheme.basis(
        proposal.level, proposal.last_date, whole_county=proposal.unit == AreaLevel.COUNTY
    )  # fmt: skip


def _usual(zone: Zone, scheme: ZoneRules, day: date) -> None:
    """Fill in what the edition and the law say of its level; whoever decides may change it within their limits."""
    level = next((one for one in levels(scheme.rules) if one.level == zone.level), None)
    zone.measures = sorted(level.measures) if level else []
    zone.legal_basis = legal_basis(day)[0]
    zone.expected_until = zone.may_lift_date - timedelta(days=1) if zone.may_lift_date else None


def _stored(reason: Reason, names: "_Names") -> dict[str, Any]:
    return {
        "kind": str(reason.kind),
        "count": reason.count,
        "first_date": reason.first_date.isoformat(),
        "last_date": reason.last_date.isoformat(),
        "area_code": reason.area_code,
        "area_name": names.full(reason.area_code),
        "threshold": reason.threshold,
    }


# --- Following ---------------------------------------------------------------------------------


def _follow(
    zone: Zone, proposal: Proposal, scheme: ZoneRules, names: "_Names", changes: Changes, now: datetime
) -> None:
    was_level, was_date = zone.level, zone.may_lift_date
    if zone.state == ZoneState.PROPOSED:
        zone.level = proposal.level  # what a body has decided, that body re-grades
    if (zone.level, proposal.may_lift_on) == (was_level, was_date):
        return
    _restate(zone, proposal, scheme, names)
    if zone.state == ZoneState.PROPOSED:
        _usual(zone, scheme, zone.outbreak.day_of(now))
    later = was_date is None or proposal.may_lift_on > was_date
    act = ZoneAct.EXTENDED if zone.level == was_level and later else ZoneAct.REGRADED
    changes.note(zone, act, now)


def _let_go(
    zone: Zone, wanted: Mapping[str, Proposal], scheme: ZoneRules | None, names: "_Names", changes: Changes,
    today: date, now: datetime,
) -> None:  # fmt: skip
    why = _why_not(zone, wanted, names, today)
    if zone.state == ZoneState.PROPOSED:
        zone.state, zone.lifted_at = ZoneState.LIFTED, now
        changes.note(zone, ZoneAct.LIFTED, now, [why])
    elif why["kind"] == ZoneReason.NO_NEW_CASE and not _told_since_extended(zone):
        zone.basis = [*zone.basis, *(scheme.conditions() if scheme else [])]
        changes.note(zone, ZoneAct.MAY_LIFT, now, [why])


def _why_not(zone: Zone, wanted: Mapping[str, Proposal], names: "_Names", today: date) -> dict[str, Any]:
    holders = [code for code in wanted if zone.area_code.startswith(code)]
    wider = [code for code in holders if RANK[wanted[code].level] >= RANK[ZoneLevel(zone.level)]]
    if wider:
        return {"kind": str(ZoneReason.IN_WIDER_AREA), "area_code": wider[0], "area_name": names.full(wider[0])}
    if zone.may_lift_date is not None and today >= zone.may_lift_date:
        last = max((reason["last_date"] for reason in zone.reasons), default=None)
        return {"kind": str(ZoneReason.NO_NEW_CASE), "last_date": last}
    return {"kind": str(ZoneReason.NO_CASE_LEFT)}


def _follow_small(outbreak: Outbreak, rules: Rules, changes: Changes, now: datetime) -> None:
    """Keep the clocks of decided areas that have no code of their own: parts of a village, or drawn on the map."""
    for zone in Zone.objects.filter(outbreak=outbreak, state__in=DECIDED).exclude(place=None, boundary=None):
        found = last_day_without_case(zone, rules, now)
        if found is None or zone.may_lift_date is None:
            continue
        last, may_lift = found
        if may_lift > zone.may_lift_date:
            zone.may_lift_date = may_lift
            changes.note(zone, ZoneAct.EXTENDED, now, [{"kind": str(ZoneReason.NEW_CASE), "last_date": str(last)}])
        elif outbreak.day_of(now) >= zone.may_lift_date and not _told_since_extended(zone):
            changes.note(zone, ZoneAct.MAY_LIFT, now, [{"kind": str(ZoneReason.NO_NEW_CASE), "last_date": str(last)}])


def _told_since_extended(zone: Zone) -> bool:
    latest = ZoneChange.objects.filter(zone=zone).order_by("-at", "-id").first()
    return latest is not None and latest.act == ZoneAct.MAY_LIFT


# --- Writing -----------------------------------------------------------------------------------

_FIELDS = [
    "level", "state", "reasons", "basis", "may_lift_date", "lifted_at", "measures", "legal_basis", "expected_until",
]  # fmt: skip


def _write(changes: Changes, *, at: datetime, protocol: str) -> int:
    # Those that are over first: an area may have one standing zone only.
    Zone.objects.bulk_update(changes.changed, _FIELDS, batch_size=500)
    Zone.objects.bulk_create(changes.fresh, batch_size=500)
    proposed = [history.entry(zone, ZoneAct.PROPOSED, by=None, at=at) for zone in changes.fresh]
    return history.write([*proposed, *changes.entries], by=None, at=at, protocol=protocol)


class _Names:
    """The short names of areas and of what holds them, from the county down."""

    def __init__(self, codes: Iterable[str]) -> None:
        wanted = {code[:digits] for code in codes for digits in AREA_DIGITS.values() if digits <= len(code)}
        self._short = dict(Area.objects.filter(code__in=wanted).values_list("code", "short_name"))

    def full(self, code: str) -> str:
        """Name an area with the county and township that hold it; its code where the register lacks it."""
        levels = [code[:digits] for digits in AREA_DIGITS.values() if COUNTY <= digits <= len(code)] or [code]
        return "".join(self._short.get(one, "") for one in levels) or code
