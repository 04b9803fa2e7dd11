"""Rules for risk areas."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ZoneRules:
    """Levels, units, rules and lifting of risk areas, and who decides them."""

    enabled: bool | None
    levels: tuple[str, ...] | None
    published_risk_levels: tuple[str, ...] | None
    units_allowed: tuple[str, ...] | None
    units_forbidden: tuple[str, ...] | None
    wider_scope_if_unclear: bool | None
    may_skip_if_no_community_risk: bool | None
    strict_rule_zh: str | None
    middle_rule_zh: str | None
    open_rule_zh: str | None
    strict_lift_days: int | None
    strict_final_round_day: int | None
    strict_final_round_within_days: int | None
    strict_last_contact_days: int | None
    strict_to_middle_extra_days: int | None
    middle_lift_days: int | None
    middle_final_round_day: int | None
    on_new_case: str | None
    strict_first_round_hours: int | None
    middle_first_round_hours: int | None
    strict_test_days: tuple[int, ...] | None
    leave_city_test_hours: int | None
    decided_by: str | None
    approved_by_next_level: bool | None
    lifted_by_same_body: bool | None
    temporary_closure_allowed: bool | None
