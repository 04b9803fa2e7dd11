"""From the rules of a day to what a round of testing is planned by: its terms, its next rounds, its pool sizes."""

from collections.abc import Callable
from typing import Any

from sizao.engines.planning.round_inputs import Terms
from sizao.engines.sampling.next_rounds import RoundRule
from sizao.errors import SizaoError
from sizao.protocol.rules.rules import Rules
from sizao.protocol.values import Value

REGION = "testing.region."
POOL_SIZES = "testing.pool.sizes_allowed"
# A walk of fifteen minutes is 1,000 m: the fifteen-minute circle of GB 50180-2018 has a radius of 800 to 1,000 m.
WALKING_KMH = 4.0
TERM_KEYS = tuple(
    REGION + name
    for name in (
        "enabled", "population_threshold", "small_city_complete_hours", "large_city_complete_hours", "site_people_to",
        "table_people_to", "people_per_sampler", "site_ready_hours", "transport_hours", "result_push_hours",
        "walk_circle_min",
    )
) + (POOL_SIZES,)  # fmt: skip
LABORATORY_KEY = REGION + "lab_result_hours"

Ask = Callable[[str], Value]


class NoRoundsByArea(SizaoError):
    code = "testing.no_rounds_by_area"
    message = "{origin} does not test whole areas any more. Plan a round for a key group, or ask the authority."


class CompletionUnsaid(SizaoError):
    code = "testing.completion_unsaid"
    message = (
        "{origin} does not say within how many hours a round is complete. Say how many it may take, or set it in a "
        "local annex."
    )


class PoolSizeNotAllowed(SizaoError):
    code = "testing.pool_size_not_allowed"
    message = "{size} swabs in one tube are not allowed by {origin}. Choose one of: {allowed}."


def round_terms(rules: Rules, *, people: int, pool_size: int, ask: Ask | None = None, **given: Any) -> Terms:
    """
    Compose the terms of a round for so many people.

    `ask` reads a value: `rules.need` (the default) refuses what nobody has confirmed, `rules.value` only looks.
    `given` terms, those of the place, go before those of the edition. Raise NoRoundsByArea, CompletionUnsaid,
    PoolSizeNotAllowed, or what `ask` raises.
    """
    read = _Reader(rules, ask or rules.need)
    if not read(REGION + "enabled"):
        raise NoRoundsByArea(origin=rules.source)
    allowed = pool_sizes(rules, ask=ask)
    # A tube of one's own is always allowed: it is what every pool is settled by.
    if pool_size not in {1, *allowed}:
        raise PoolSizeNotAllowed(origin=rules.source, size=pool_size, allowed=", ".join(map(str, allowed)))
    terms: dict[str, Any] = {
        "complete_hours": given.get("complete_hours") or _complete_hours(rules, read, people),
        "table_people": read(REGION + "table_people_to"),
        "site_people": read(REGION + "site_people_to"),
        "people_per_sampler": read(REGION + "people_per_sampler"),
        "carry_hours": read(REGION + "transport_hours"),
        "ready_hours": read(REGION + "site_ready_hours") or 0,
        "push_hours": read(REGION + "result_push_hours") or 0,
        "walking_kmh": WALKING_KMH,
    }
    minutes = read(REGION + "walk_circle_min")
    if minutes is not None:
        terms["walk_metres"] = minutes / 60 * given.get("walking_kmh", WALKING_KMH) * 1000
    return Terms(pool_size=pool_size, **(terms | given))


def pool_sizes(rules: Rules, *, ask: Ask | None = None) -> tuple[int, ...]:
    """List the pool sizes that the edition allows; single tubes where it names none."""
    found = _Reader(rules, ask or rules.need)(POOL_SIZES)
    return tuple(found) if found else (1,)


def round_rule(rules: Rules, *, ask: Ask | None = None) -> RoundRule:
    """Compose the rule of next rounds; raise what `ask` raises for a value that must be confirmed."""
    read = _Reader(rules, ask or rules.need)
    return RoundRule(
        enabled=bool(read(REGION + "enabled")),
        initial_rounds=read(REGION + "initial_rounds_at_least"),
        stop_after_clean=read(REGION + "stop_after_clean_rounds"),
        confirm_gap_days=read(REGION + "confirm_round_gap_days"),
        recent_case_interval_days=read(REGION + "street_recent_case_interval_days"),
        case_in_14_days_interval_days=read(REGION + "street_14d_case_interval_days"),
        no_case_interval_days=read(REGION + "street_no_case_interval_days"),
        city_wide_decided_by=read(REGION + "city_wide_decided_by"),
    )


class _Reader:
    """Reads plain values; None where the edition says nothing."""

    def __init__(self, rules: Rules, ask: Ask) -> None:
        self.rules, self.ask = rules, ask

    def __call__(self, key: str) -> Any:
        return self.ask(key).value if self.rules.says(key) else None


def _complete_hours(rules: Rules, read: _Reader, people: int) -> float:
    threshold = read(REGION + "population_threshold")
    size = "small" if threshold is not None and people <= threshold else "large"
    hours = read(f"{REGION}{size}_city_complete_hours")
    if hours is None:
        raise CompletionUnsaid(origin=rules.source)
    return float(hours)
