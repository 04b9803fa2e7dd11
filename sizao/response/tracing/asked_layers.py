"""Which layers of presences a trace may ask, and what may come of being found in one, by the rules in force."""

from typing import Any

from sizao.protocol import Rules, basis
from sizao.response.tracing.windows import APART_DAYS, CONTACT_DAYS, LOOK_BACK_DAYS
from sizao.terms import Layer, Tier, TracePurpose

SPACE_TIME = "contacts.other.spacetime_enabled_default"


def layers_asked(rules: Rules) -> list[Layer]:
    """
    List the layers that the rules let a trace ask.

    Cells are among them only where a local annex turned the space-time rule on, and it is confirmed.
    """
    value = rules.value(SPACE_TIME)
    on = value.value is True and not rules.awaits_confirmation(value)
    return [Layer.VENUE, Layer.VEHICLE, *([Layer.CELL] if on else [])]


def may_only_be_invited(layer: Layer, tier: Tier) -> bool:
    """Tell whether people found so may at most be asked to be tested, and never become contacts because of it."""
    return layer == Layer.CELL or tier != Tier.SAME


def basis_of(rules: Rules, purpose: TracePurpose) -> list[dict[str, Any]]:
    """Write down the values that the window, the last day and the layers of a trace follow from."""
    window = LOOK_BACK_DAYS if purpose == TracePurpose.FIND_SOURCE else CONTACT_DAYS
    kept = {window: "window", **dict.fromkeys(APART_DAYS, "last_date"), SPACE_TIME: "layers"}
    return [basis.entry(rules.value(key), gives=gives) for key, gives in kept.items() if rules.says(key)]
