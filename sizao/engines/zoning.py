"""
Propose the smallest areas that cover the risk, each with its level, its reasons and its last day.

All thresholds are arguments (`zone_scheme.Scheme`): they belong to the edition in force.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from sizao.engines.county_classes import COUNTY_DIGITS, graded_counties
from sizao.engines.zone_clocks import Clock, clock, parts, reasons, tie_level
from sizao.engines.zone_scheme import RANK, Part, Plan, Proposal, Reason, RiskTie, Scheme, strictest
from sizao.terms import AREA_DIGITS, LEVEL_OF_DIGITS, AreaLevel, ZoneLevel, ZoneReason

STREET_DIGITS = AREA_DIGITS[AreaLevel.STREET]


def propose(ties: Iterable[RiskTie], as_of: date, scheme: Scheme) -> Plan:
    """
    Propose what the cases known by the end of `as_of` call for. The order of the ties does not matter.

    A tie that is known only to a township or county counts for its county, but is no reason to close
    all of it: it comes back as unplaced, for a person to place.
    """
    known = sorted({tie for tie in ties if tie.found_date <= as_of}, key=_order)
    zoned = [tie for tie in known if tie_level(tie, scheme) is not None]
    placed = [tie for tie in zoned if len(tie.area_code) >= scheme.unit_digits]
    units = _clocks(placed, scheme.unit_digits, as_of, scheme)
    proposals = [_of_unit(unit, scheme) for unit in units]
    proposals += _widened(placed, units, as_of, scheme)
    if scheme.county is not None:
        proposals += graded_counties(known, as_of, scheme.county, scheme)
    shown = _uncovered(proposals)
    shown += _rest_of_counties(proposals, scheme)
    unplaced = tuple(tie for tie in zoned if len(tie.area_code) < scheme.unit_digits)
    return Plan(tuple(sorted(shown, key=lambda proposal: proposal.area_code)), unplaced)


def level_at(plan: Plan, area_code: str) -> ZoneLevel | None:
    """Say the strictest level that the plan gives an area, through itself or what holds it."""
    return strictest(p.level for p in plan.proposals if area_code.startswith(p.area_code))


def _order(tie: RiskTie) -> tuple[object, ...]:
    return tie.found_date, tie.area_code, tie.case, not tie.lives_there, not tie.counted


def _grouped(ties: Iterable[RiskTie], digits: int) -> dict[str, list[RiskTie]]:
    groups: dict[str, list[RiskTie]] = defaultdict(list)
    for tie in ties:
        groups[tie.area_code[:digits]].append(tie)
    return groups


def _clocks(ties: Sequence[RiskTie], digits: int, as_of: date, scheme: Scheme) -> list[Clock]:
    clocks = (clock(code, mine, as_of, scheme) for code, mine in _grouped(ties, digits).items())
    return [running for running in clocks if running is not None]


def _of_unit(unit: Clock, scheme: Scheme) -> Proposal:
    why = reasons(unit.area_code, unit.ties)
    return _proposal(unit, why, unit.since, parts(unit.ties, scheme, unit.ends))


def _proposal(of: Clock, why: tuple[Reason, ...], since: date, inside: tuple[Part, ...]) -> Proposal:
    return Proposal(
        of.area_code, LEVEL_OF_DIGITS[len(of.area_code)], of.level, since, of.last_date,
        of.steps_down, of.ends, why, inside,
    )  # fmt: skip


def _widened(placed: Sequence[RiskTie], units: Sequence[Clock], as_of: date, scheme: Scheme) -> list[Proposal]:
    """Name a township by its affected units, a county by its affected townships."""
    steps = (
        (STREET_DIGITS, scheme.unit_digits, scheme.widen_street_from_units),
        (COUNTY_DIGITS, STREET_DIGITS, scheme.widen_county_from_streets),
    )
    whole = _one_clock if scheme.restarts else _own_clocks
    found = [
        whole(code, mine, part_digits, at_least, as_of, scheme)
        for digits, part_digits, at_least in steps
        if at_least is not None and digits < scheme.unit_digits
        for code, mine in _grouped(placed, digits).items()
    ]
    return [proposal for proposal in found if proposal is not None]


def _one_clock(
    code: str, ties: Sequence[RiskTie], part_digits: int, at_least: int, as_of: date, scheme: Scheme
) -> Proposal | None:
    """Widen with one clock for all: any new case inside restarts it."""
    running = clock(code, ties, as_of, scheme)
    if running is None:
        return None
    first_days = _first_days(running.ties, part_digits)
    if len(first_days) < at_least:
        return None
    return _whole(running, first_days, at_least, scheme)


def _own_clocks(
    code: str, ties: Sequence[RiskTie], part_digits: int, at_least: int, as_of: date, scheme: Scheme
) -> Proposal | None:
    """Widen for as long as enough parts have a running clock of their own."""
    running = _clocks(ties, part_digits, as_of, scheme)
    if len(running) < at_least:
        return None
    inside = sorted((tie for part in running for tie in part.ties), key=_order)
    level = strictest(part.level for part in running) or ZoneLevel.LOW
    ends = sorted((part.ends for part in running), reverse=True)[at_least - 1]
    steps = max((p.steps_down for p in running if p.level == level and p.steps_down), default=None)
    together = Clock(code, inside, level, steps if steps and steps < ends else None, ends)
    return _whole(together, _first_days(inside, part_digits), at_least, scheme)


def _first_days(ties: Sequence[RiskTie], digits: int) -> dict[str, date]:
    first: dict[str, date] = {}
    for tie in ties:
        first.setdefault(tie.area_code[:digits], tie.found_date)
    return first


def _whole(of: Clock, first_days: dict[str, date], at_least: int, scheme: Scheme) -> Proposal:
    # It needed to be named as a whole since the last of the parts that make the number was affected.
    since = sorted(first_days.values())[at_least - 1]
    why = Reason(ZoneReason.MANY_PARTS, len(first_days), of.since, of.last_date, of.area_code, at_least)
    return _proposal(of, (why,), since, parts(of.ties, scheme, of.ends))


def _uncovered(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Drop what lies inside a wider proposal that is at least as strict."""
    merged: dict[str, Proposal] = {}
    for proposal in proposals:
        merged[proposal.area_code] = _joined(merged.get(proposal.area_code), proposal)
    return [p for p in merged.values() if not any(_covers(wider, p) for wider in merged.values())]


def _covers(wider: Proposal, other: Proposal) -> bool:
    inside = wider.area_code != other.area_code and other.area_code.startswith(wider.area_code)
    return inside and RANK[wider.level] >= RANK[other.level]


def _joined(one: Proposal | None, other: Proposal) -> Proposal:
    """Of two grounds for one area take the stricter level, the later days and both reasons."""
    if one is None:
        return other
    strict, mild = (one, other) if RANK[one.level] >= RANK[other.level] else (other, one)
    ends = max(strict.may_lift_on, mild.may_lift_on)
    drops = max(_drops_on(p) for p in (strict, mild) if p.level == strict.level)
    return Proposal(
        strict.area_code, strict.unit, strict.level, min(strict.since, mild.since),
        max(strict.last_date, mild.last_date), drops if drops < ends else None, ends,
        strict.reasons + mild.reasons, strict.parts or mild.parts,
    )  # fmt: skip


def _drops_on(proposal: Proposal) -> date:
    return proposal.may_step_down_on or proposal.may_lift_on


def _rest_of_counties(proposals: Sequence[Proposal], scheme: Scheme) -> list[Proposal]:
    if scheme.rest_level is None:
        return []
    by_county: dict[str, list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        by_county[proposal.area_code[:COUNTY_DIGITS]].append(proposal)
    return [
        _rest(code, mine, scheme.rest_level)
        for code, mine in by_county.items()
        if not any(len(proposal.area_code) <= COUNTY_DIGITS for proposal in mine)
    ]


def _rest(code: str, inside: Sequence[Proposal], level: ZoneLevel) -> Proposal:
    first, last = min(p.since for p in inside), max(p.last_date for p in inside)
    reason = Reason(ZoneReason.REST_OF_COUNTY, len(inside), first, last, code)
    # It opens only when everything else in the county is lifted.
    ends = max(p.may_lift_on for p in inside)
    return Proposal(code, AreaLevel.COUNTY, level, first, last, None, ends, (reason,), ())
