"""What the edition in force says is to be done with people whom a trace found, by layer and tier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sizao.protocol import Rules, basis
from sizao.records.models import Trace
from sizao.response import outbreaks
from sizao.response.tracing.asked_layers import may_only_be_invited
from sizao.terms import Layer, Tier, TraceQuestion

# Who was at the same venue or in the same vehicle may be a close contact, if an officer finds so.
_OF_CONTACTS = (
    "contacts.close.transfer_hours",
    "contacts.close.central_days",
    "contacts.close.home_isolation_days",
    "contacts.close.central_test_days",
)
# Who met a contact may be a secondary contact, if an officer finds so.
_OF_SECONDARY = ("contacts.secondary.place", "contacts.secondary.days", "contacts.secondary.test_days")
# Who was in a cell of the network is at most asked to be tested: a cell says nothing of who met whom.
_OF_INVITED = (
    "contacts.other.spacetime_enabled_default",
    "contacts.other.spacetime_tests_count",
    "contacts.other.spacetime_tests_within_days",
    "contacts.other.spacetime_self_monitoring_days",
)


@dataclass(frozen=True, slots=True)
class Says:
    """
    What an edition says of people found so: its values by the last part of their keys, and where they stand.

    A key that the edition sets to nothing is left out. `only_invited`: they may at most be asked to be tested;
    `is_secondary`: they met a contact, not the case.
    """

    only_invited: bool
    is_secondary: bool
    values: Mapping[str, Any]
    entries: tuple[dict[str, Any], ...]


def of_layers(trace: Trace, layers: Sequence[Layer], *, at: datetime) -> list[Says]:
    """Say what holds for the layers in which a trace found people, each different statement once."""
    rules = outbreaks.rules_at(trace.outbreak, at, area_code=trace.area_code)
    tier = Tier.SECOND_RING if trace.question == TraceQuestion.SECOND_RING else Tier.SAME
    invited = sorted({may_only_be_invited(layer, tier) for layer in layers})
    return [_says(rules, tier, only_invited=one) for one in invited]


def of_match(trace: Trace, layer: Layer, tier: Tier, *, at: datetime) -> Says:
    """Say what holds for somebody found in one layer and tier."""
    rules = outbreaks.rules_at(trace.outbreak, at, area_code=trace.area_code)
    return _says(rules, tier, only_invited=may_only_be_invited(layer, tier))


def _says(rules: Rules, tier: Tier, *, only_invited: bool) -> Says:
    is_secondary = tier == Tier.SECOND_RING
    wanted = _OF_INVITED if only_invited else _OF_SECONDARY if is_secondary else _OF_CONTACTS
    keys = [key for key in wanted if rules.says(key)]
    found = {key.rpartition(".")[2]: rules.value(key) for key in keys}
    entries = tuple(basis.entry(value) for value in found.values())
    return Says(only_invited, is_secondary, {name: value.value for name, value in found.items()}, entries)
