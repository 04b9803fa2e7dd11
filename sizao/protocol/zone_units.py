"""Which units of an area an edition lets be named as a risk area, in our words for them."""

from dataclasses import dataclass

from sizao.protocol.rules.rules import Rules
from sizao.terms import ZoneUnit

# The editions' words. Nobody lives in a school, an office or a workshop, so they are no unit here.
UNITS: dict[str, frozenset[ZoneUnit]] = {
    "household": frozenset({ZoneUnit.HOUSEHOLD}),
    "floor": frozenset({ZoneUnit.FLOOR}),
    "unit_of_building": frozenset({ZoneUnit.STAIRWELL}),
    "building": frozenset({ZoneUnit.BUILDING}),
    "compound": frozenset({ZoneUnit.COMPOUND}),
    "village": frozenset({ZoneUnit.VILLAGE}),
    "natural_village": frozenset({ZoneUnit.VILLAGE}),
    "community": frozenset({ZoneUnit.VILLAGE}),
    "subdistrict": frozenset({ZoneUnit.STREET}),
    "township": frozenset({ZoneUnit.STREET}),
}
# From small to large: a wider scope goes on from what may be named.
BY_SIZE = (
    ZoneUnit.HOUSEHOLD,
    ZoneUnit.FLOOR,
    ZoneUnit.STAIRWELL,
    ZoneUnit.BUILDING,
    ZoneUnit.COMPOUND,
    ZoneUnit.VILLAGE,
    ZoneUnit.STREET,
)
KEYS = ("zones.units_allowed", "zones.units_forbidden", "zones.wider_scope_if_unclear")


@dataclass(frozen=True, slots=True)
class UnitRules:
    """The units that may be named, those forbidden, and whether wider ones may be where the risk is unclear."""

    allowed: frozenset[ZoneUnit]
    forbidden: frozenset[ZoneUnit]
    may_widen: bool

    def named(self, *, unclear: bool = False) -> frozenset[ZoneUnit]:
        """Give the units that may be named; with an unclear risk also the wider ones, where the edition says so."""
        if not (unclear and self.may_widen and self.allowed):
            return self.allowed
        least = min(BY_SIZE.index(unit) for unit in self.allowed)
        return frozenset(BY_SIZE[least:]) - self.forbidden


def unit_rules(rules: Rules) -> UnitRules:
    """Read the units of an edition; what it does not set allows nothing and forbids nothing."""
    allowed, forbidden = _units(rules, KEYS[0]), _units(rules, KEYS[1])
    widen = rules.says(KEYS[2]) and bool(rules.need(KEYS[2]).flag)
    return UnitRules(allowed - forbidden, forbidden, widen)


def _units(rules: Rules, key: str) -> frozenset[ZoneUnit]:
    words = rules.need(key).texts if rules.says(key) else ()
    return frozenset().union(*(UNITS.get(word, frozenset()) for word in words))
