"""A named officer proposes an area: units of the engine's choice, or an outline drawn on the map."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from sizao.engines.outlines import outline, square_kilometres
from sizao.errors import SizaoError
from sizao.protocol import Rules, basis
from sizao.protocol.zone_measures import LevelRules, levels
from sizao.protocol.zone_units import BY_SIZE, unit_rules
from sizao.records import access
from sizao.records.models import Account, Outbreak, Place, Zone
from sizao.response import outbreaks
from sizao.response.zoning import history
from sizao.response.zoning.covering import tree_for
from sizao.response.zoning.inside import drawn
from sizao.response.zoning.telling import NOTE
from sizao.response.zoning.units import Unit
from sizao.terms import (
    AREA_DIGITS,
    AreaLevel,
    Right,
    Words,
    ZoneAct,
    ZoneLevel,
    ZoneMeasure,
    ZoneState,
    ZoneUnit,
)

# An outline as large as a township is no smallest area any more; one of a few metres is a slip of the hand.
LARGEST_KM2, SMALLEST_KM2 = 25.0, 0.0001
VILLAGE = AREA_DIGITS[AreaLevel.VILLAGE]


class BasisMissing(SizaoError):
    code = "zone.basis_missing"
    message = "Name the law and the document that {name} rests on; without a basis nobody may be asked to stay."


class DurationMissing(SizaoError):
    code = "zone.duration_missing"
    message = "Say until when {name} is expected to last. The law asks for it ({key}); it can be changed later."


class DurationPassed(SizaoError):
    code = "zone.duration_passed"
    message = "{until} has passed, so {name} cannot be expected to last until then. Choose today or a later day."


class DurationTooLong(SizaoError):
    code = "zone.duration_too_long"
    message = (
        "{name} cannot be expected to last until {until}: {days} days from today end on {last}, and the edition lets "
        "nobody add to them (limits.local_extension_of_days). Choose {last} or an earlier day."
    )


class LevelUnknown(SizaoError):
    code = "zone.level_unknown"
    message = "{edition} knows no level “{level}”. Choose one of: {known}."


class MeasureNotAllowed(SizaoError):
    code = "zone.measure_not_allowed"
    message = "“{measure}” may not be asked on the level {level}: {edition} does not allow it. Leave it out."


class CarePathMissing(SizaoError):
    code = "zone.care_path_missing"
    message = "The way to medical care stays open in every area. Tick “{measure}”."


class UnitNotAllowed(SizaoError):
    code = "zone.unit_not_allowed"
    message = "{edition} does not let a “{unit}” be named as a risk area. It may be: {allowed}."


class NothingChosen(SizaoError):
    code = "zone.nothing_chosen"
    message = "None of the units chosen holds any risk that is known now. Work out the choices again and pick one."


class ZoneStands(SizaoError):
    code = "zone.stands"
    message = "{name} stands as a zone already. Open it and change its decision instead."


class OutlineElsewhere(SizaoError):
    code = "zone.outline_elsewhere"
    message = (
        "No place that is known in {area} lies inside the outline, so it cannot be told whom it touches. Draw it "
        "around places of your area, or record their coordinates first."
    )


class OutlineSize(SizaoError):
    code = "zone.outline_size"
    message = "The outline holds {size:.4g} km². An area may have from {least:g} to {most:g} km²; draw it again."


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer asks for: the level, the measures, the law, and how long it is expected to last."""

    level: ZoneLevel
    measures: tuple[ZoneMeasure, ...]
    legal_basis: str
    expected_until: date | None


@transaction.atomic
def propose(
    *, outbreak: Outbreak, area_code: str, units: Sequence[str], decision: Decision, reason: str, by: Account,
    now: datetime, unclear: bool = False, alternatives: Sequence[dict[str, Any]] = (),
) -> list[Zone]:  # fmt: skip
    """
    Propose units of an area, each as a zone of its own, in an officer's name; the alternatives weighed are kept.

    Raise the door's refusal; UnitNotAllowed, ZoneStands or NothingChosen about the units, and what `checked`
    raises about the decision.
    """
    access.require(by, Right.ZONE_PROPOSE, area_code=area_code)
    rules = outbreaks.rules_at(outbreak, now, area_code=area_code)
    wanted = set(units)
    tree = tree_for(outbreak, area_code, rules, now, unclear=unclear)
    found = [unit for unit in tree.units if str(unit.key) in wanted]
    if not found:
        raise NothingChosen
    checked(decision, rules, name="、".join(unit.name for unit in found), day=outbreak.day_of(now))
    zones = [_of_unit(unit, outbreak, rules, decision, alternatives, by, now, unclear=unclear) for unit in found]
    return _written(zones, reason, rules, by, now)


@transaction.atomic
def draw(
    *, outbreak: Outbreak, area_code: str, name: str, boundary: object, decision: Decision, reason: str,
    by: Account, now: datetime, alternatives: Sequence[dict[str, Any]] = (),
) -> Zone:  # fmt: skip
    """
    Propose an area as it was drawn on the map; the people inside are those whose homes have coordinates there.

    Raise the door's refusal, OutlineFaulty, OutlineSize, OutlineElsewhere, UnitNotAllowed where the edition forbids
    areas wider than a building, and what `checked` raises.
    """
    access.require(by, Right.ZONE_PROPOSE, area_code=area_code)
    rules = outbreaks.rules_at(outbreak, now, area_code=area_code)
    name = name.strip() or "地图划定范围"
    size = square_kilometres(outline(boundary))
    if not SMALLEST_KM2 <= size <= LARGEST_KM2:
        raise OutlineSize(size=size, least=SMALLEST_KM2, most=LARGEST_KM2)
    if ZoneUnit.COMPOUND in unit_rules(rules).forbidden:
        raise _not_allowed(ZoneUnit.DRAWN, rules)
    found = drawn(boundary, area_code)
    if not found.places:
        raise OutlineElsewhere(area=area_code)
    checked(decision, rules, name=name, day=outbreak.day_of(now))
    codes = set(Place.objects.filter(pk__in=found.places).values_list("area_code", flat=True))
    zone = _zone(outbreak, _common(codes, area_code), name, ZoneUnit.DRAWN, decision, alternatives, by, now)
    zone.boundary, zone.population = boundary, found.people
    zone.source_key = f"zone:{outbreak.pk}:drawn:{by.pk}:{now.isoformat()}"
    return _written([zone], reason, rules, by, now)[0]


def checked(decision: Decision, rules: Rules, *, name: object, day: date) -> LevelRules:
    """
    Hold a decision to what the edition and the law ask for; give the rules of its level.

    Raise BasisMissing, LevelUnknown, DurationMissing, -Passed, -TooLong, CarePathMissing or MeasureNotAllowed.
    """
    if not decision.legal_basis.strip():
        raise BasisMissing(name=name)
    known = {one.level: one for one in levels(rules)}
    if decision.level not in known:
        raise LevelUnknown(edition=rules.edition, level=decision.level, known=Words(known))
    level = known[decision.level]
    _check_duration(decision.expected_until, level, name=name, day=day)
    if ZoneMeasure.CARE_PATH not in decision.measures:
        raise CarePathMissing(measure=ZoneMeasure.CARE_PATH)
    for measure in decision.measures:
        if measure not in level.may_ask:
            raise MeasureNotAllowed(measure=measure, level=decision.level, edition=rules.edition)
    return level


def _check_duration(until: date | None, level: LevelRules, *, name: object, day: date) -> None:
    if until is None:
        raise DurationMissing(name=name, key="limits.expected_duration_must_be_stated")
    if until < day:
        raise DurationPassed(name=name, until=until)
    last = level.last_day(day)
    if last is not None and until > last and not level.may_be_longer:
        raise DurationTooLong(name=name, until=until, days=level.lift_days, last=last)


def _of_unit(
    unit: Unit, outbreak: Outbreak, rules: Rules, decision: Decision, alternatives: Sequence[dict[str, Any]],
    by: Account, now: datetime, *, unclear: bool,
) -> Zone:  # fmt: skip
    if unit.unit not in unit_rules(rules).named(unclear=unclear):
        raise _not_allowed(unit.unit, rules)
    place = Place.objects.get(pk=unit.key) if isinstance(unit.key, int) else None
    standing = Zone.objects.filter(
        outbreak=outbreak, area_code=unit.area_code, place=place, boundary__isnull=True, lifted_at=None,
        declined_at=None,
    )  # fmt: skip
    # What the rule proposed for the same area gives way to the named proposal; what a body decided does not.
    for zone in standing.select_for_update():
        if zone.state != ZoneState.PROPOSED or zone.proposed_by_id is not None:
            raise ZoneStands(name=zone.name)
        zone.state, zone.lifted_at = ZoneState.LIFTED, now
        zone.save(update_fields=["state", "lifted_at"])
        history.write([history.entry(zone, ZoneAct.LIFTED, by=by, at=now)], by=by, at=now, protocol=rules.source)
    zone = _zone(outbreak, unit.area_code, unit.name, unit.unit, decision, alternatives, by, now)
    zone.place, zone.population = place, unit.people
    zone.source_key = f"zone:{outbreak.pk}:{unit.key}:{by.pk}:{now.isoformat()}"
    return zone


def _zone(
    outbreak: Outbreak, area_code: str, name: str, unit: ZoneUnit, decision: Decision,
    alternatives: Sequence[dict[str, Any]], by: Account, now: datetime,
) -> Zone:  # fmt: skip
    assert decision.expected_until is not None  # checked
    return Zone(
        outbreak=outbreak, area_code=area_code, name=name, unit=unit, level=decision.level, state=ZoneState.PROPOSED,
        proposed_at=now, proposed_by=by, since_date=outbreak.day_of(now), measures=sorted(decision.measures),
        may_lift_date=decision.expected_until + timedelta(days=1), legal_basis=decision.legal_basis.strip(),
        expected_until=decision.expected_until, alternatives=list(alternatives),
    )  # fmt: skip


def _written(zones: list[Zone], reason: str, rules: Rules, by: Account, now: datetime) -> list[Zone]:
    cited = [basis.entry(rules.need(key), gives="level") for key in _CITED if rules.says(key)]
    for zone in zones:
        zone.reasons = [{"kind": NOTE, "text": reason.strip()}] if reason.strip() else []
        zone.basis = cited
        zone.save()
    history.write([history.entry(one, ZoneAct.PROPOSED, by=by, at=now) for one in zones], by=by, at=now,
                  protocol=rules.source)  # fmt: skip
    return zones


_CITED = ("zones.units_allowed", "zones.strict_lift_days", "limits.expected_duration_must_be_stated")


def _not_allowed(unit: ZoneUnit, rules: Rules) -> UnitNotAllowed:
    allowed = sorted(unit_rules(rules).allowed, key=BY_SIZE.index)
    return UnitNotAllowed(edition=rules.edition, unit=unit, allowed=Words(allowed))


def _common(codes: Iterable[str], area_code: str) -> str:
    """Give the smallest area that holds all of the codes."""
    codes = set(codes)
    fits = (d for d in sorted(AREA_DIGITS.values(), reverse=True) if len({code[:d] for code in codes}) == 1)
    digits = next(fits, len(area_code))
    return min(codes)[:digits] if digits >= len(area_code) else area_code
