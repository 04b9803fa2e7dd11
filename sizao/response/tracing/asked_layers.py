"""Which layers of presences a trace may ask, and what may come of being found in one, by the rules in force."""

from typing import Any

from sizao.protocol import Rules, basis
from sizao.response.tracing.second_ring import ONLY_HIGH_RISK, SECONDARY
from sizao.response.tracing.windows import APART_DAYS, CONTACT_DAYS, LOOK_BACK_DAYS
from sizao.terms import Layer, Tier, TracePurpose, TraceQuestion, VehicleKind

SPACE_TIME = "contacts.other.spacetime_enabled_default"
# What the rule is made of, and the seconds (or days) in one unit of it.
_RULE = {
    "least_seconds": ("contacts.other.spacetime_overlap_min", 60),
    "dwell_seconds": ("contacts.other.spacetime_cumulative_hours", 3600),
    "lookback_days": ("contacts.other.spacetime_lookback_days", 1),
}


def layers_asked(rules: Rules) -> dict[str, Any]:
    """
    Say which layers the rules let a trace ask, and the space-time rule where they have one, as its settings keep it.

    Cells are among them only where a local annex turned the space-time rule on; all its values must be confirmed then
    (NoValue, NeedsConfirmation).
    """
    layers = [str(Layer.VENUE), str(Layer.VEHICLE)]
    if rules.value(SPACE_TIME).value is not True or not rules.need(SPACE_TIME).flag:
        return {"layers": layers}
    rule = {name: rules.need(key).whole * seconds for name, (key, seconds) in _RULE.items()}
    return {"layers": [*layers, str(Layer.CELL)], "space_time": rule}


def may_only_be_invited(layer: Layer, tier: Tier) -> bool:
    """Tell whether people found so may at most be asked to be tested, and never become contacts because of it."""
    return layer == Layer.CELL or tier not in (Tier.SAME, Tier.SECOND_RING)


def basis_of(rules: Rules, purpose: TracePurpose, question: TraceQuestion) -> list[dict[str, Any]]:
    """Write down the values that the window, the last day and the layers of a trace follow from."""
    window = LOOK_BACK_DAYS if purpose == TracePurpose.FIND_SOURCE else CONTACT_DAYS
    kept = {window: "window", **dict.fromkeys(APART_DAYS, "last_date"), SPACE_TIME: "layers"}
    if question in (TraceQuestion.COMPANIONS, TraceQuestion.SEATS):
        kept |= {f"vehicles.{kind}": "seats" for kind in VehicleKind if f"vehicles.{kind}" in rules.values}
    if question == TraceQuestion.SECOND_RING:
        kept |= dict.fromkeys((SECONDARY, ONLY_HIGH_RISK), "second_ring")
    return [basis.entry(rules.value(key), gives=gives) for key, gives in kept.items() if rules.says(key)]
