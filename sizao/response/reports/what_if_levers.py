"""What each change against the measures of today means, in the keys of a policy."""

from collections.abc import Mapping
from typing import Any

from sizao.terms import Lever

Values = dict[str, Any]
# What the reference of the simulated city is where the measures of today say nothing.
REFERENCE: Values = {
    "testing": 0.4,
    "result_days": 1,
    "trace_days": 1,
    "traced": [1.0, 0.8, 0.8, 0.5, 0.3],
    "quarantine_days": 14,
    "round_every": 0,
    "close_at": 0,
}
# Shares of companions by layer (household, class, work, venue, transport).
_NEARLY_ALL, _NOBODY, _SECOND = [1.0, 0.95, 0.95, 0.8, 0.6], [0.0] * 5, [1.0, 0.2, 0.2, 0.0, 0.0]
POOL = 10  # swabs in a tube of a round, as the editions allow


def values_of(lever: Lever, today: Mapping[str, Any]) -> Values | None:
    """Give the keys that a lever changes against the measures of today; None where it would change nothing."""
    base = {**REFERENCE, **today}
    changed: dict[Lever, Values] = {
        Lever.TODAY: {},
        Lever.RESULTS_FASTER: {"result_days": max(base["result_days"] - 1, 0)},
        Lever.TRACING_FASTER: {"trace_days": max(base["trace_days"] - 1, 0)},
        Lever.RESULTS_SLOWER: {"result_days": base["result_days"] + 1},
        Lever.MORE_FOUND: {"traced": _NEARLY_ALL},
        Lever.SECOND_RING: {"secondary": _SECOND},
        Lever.ROUNDS: {"round_every": 3, "round_pool": POOL},
        Lever.CLOSE: {"close_at": 1, "close_level": "community"},
        Lever.SHUT: {"shut_at": 1, "shut_level": "county"},
        Lever.VACCINATE: {"vaccinated": 0.7, "vaccine_days": 14},
        Lever.ANTIVIRALS: {"antivirals": 0.8},
        Lever.LIFT: {"traced": _NOBODY, "secondary": _NOBODY, "round_every": 0, "close_at": 0, "shut_at": 0},
    }
    values = changed[lever]
    is_same = all(base.get(key) == value for key, value in values.items())
    return None if values and is_same else values


def offered(today: Mapping[str, Any]) -> list[Lever]:
    """List the levers that would change anything, today's measures first."""
    return [lever for lever in Lever if lever is not Lever.OWN and values_of(lever, today) is not None]
