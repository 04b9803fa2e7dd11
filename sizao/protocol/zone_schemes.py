"""From the rules of a day to what zoning needs, each value named so that a zone can cite it."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from sizao.engines.zone_scheme import CountyRule, Scheme
from sizao.protocol import basis
from sizao.protocol.days import period_end
from sizao.protocol.rules.rules import Rules
from sizao.protocol.values import Value
from sizao.terms import ValueStatus, ZoneLevel

_STATUSES = {str(status): status for status in ValueStatus}
# The area tree ends at the village; what an edition forbids at that size cannot be proposed from it.
VILLAGE_SIZED = frozenset({"community", "village"})
# The edition's words for a clock that any new case starts again.
RESTART = "restart"
# Conditions of lifting that no record here can answer; they are named to whoever lifts.
CONDITIONS = (
    "zones.strict_final_round_day",
    "zones.strict_final_round_within_days",
    "zones.strict_last_contact_days",
    "zones.middle_final_round_day",
)


@dataclass(frozen=True, slots=True)
class ZoneRules:
    """A scheme of zoning with the values it was made of."""

    scheme: Scheme
    rules: Rules
    county: Value | None

    def basis(self, level: ZoneLevel, last_date: date, *, whole_county: bool) -> list[dict[str, Any]]:
        """Cite what puts an area on a level until a day: the sum of its lifting, its clock, its thresholds."""
        days = self.rules.need(_LIFT_KEYS[level]) if level in _LIFT_KEYS else None
        cited = [basis.entry(days, period_end(last_date, days), gives="may_lift_date")] if days else []
        if self.rules.says("zones.on_new_case"):
            cited.append(basis.entry(self.rules.need("zones.on_new_case"), gives="extension"))
        if whole_county and self.county is not None:
            cited.append(basis.entry(self.county, gives="level"))
            cited += [basis.entry(self.rules.need(key), gives="level") for key in _CLUSTER_KEYS]
        return cited

    def conditions(self) -> list[dict[str, Any]]:
        """Cite the conditions of lifting besides the days, for a person to see to."""
        return [basis.entry(self.rules.need(key), gives="condition") for key in CONDITIONS if self.rules.says(key)]


_KEYS = ("zones.enabled", "zones.strict_lift_days", "zones.middle_lift_days", "zones.units_forbidden",
         "zones.on_new_case", "zones.strict_to_middle_extra_days")  # fmt: skip
_LIFT_KEYS = {ZoneLevel.HIGH: "zones.strict_lift_days", ZoneLevel.MEDIUM: "zones.middle_lift_days"}
_CLUSTER_KEYS = ("case.cluster_at_least_cases", "case.cluster_window_days")


def zone_keys(rules: Rules) -> tuple[str, ...]:
    """List all that decides about areas; where one of these still waits for confirmation, nothing is proposed."""
    if county_class(rules.edition) is not None:
        return (*_KEYS, *_CLUSTER_KEYS)
    return (*_KEYS, "investigation.contact_window_days") if rules.says("zones.middle_lift_days") else _KEYS


def zone_rules(rules: Rules) -> ZoneRules | None:
    """
    Make the scheme of an edition; None where it knows no zones, or none as large as a village.

    Where whole counties are graded (2020), the smallest unit of a case is of the middle level and the
    strict one is the county's. Elsewhere the home of a case is strict and a place it was at is middle.
    """
    if not rules.need("zones.enabled").flag or not rules.says("zones.strict_lift_days"):
        return None
    if rules.says("zones.units_forbidden") and VILLAGE_SIZED & set(rules.need("zones.units_forbidden").texts):
        return None
    county = county_class(rules.edition)
    middle = rules.says("zones.middle_lift_days")
    graded = county is not None and middle
    return ZoneRules(
        Scheme(
            home_level=ZoneLevel.MEDIUM if graded else ZoneLevel.HIGH,
            place_level=ZoneLevel.MEDIUM if middle and not graded else None,
            rest_level=ZoneLevel.LOW if rules.says("zones.open_rule_zh") else None,
            lift_days={level: rules.need(key).whole for level, key in _LIFT_KEYS.items() if rules.says(key)},
            step_down_days=_step_down_days(rules) if middle else None,
            county=_county_rule(rules, county) if county is not None and middle else None,
            restarts=rules.says("zones.on_new_case") and rules.need("zones.on_new_case").text == RESTART,
        ),
        rules,
        county,
    )


def _step_down_days(rules: Rules) -> int | None:
    key = "zones.strict_to_middle_extra_days"
    return rules.need(key).whole if rules.says(key) else None


def _county_rule(rules: Rules, county: Value) -> CountyRule:
    cases, window = (rules.need(key).whole for key in _CLUSTER_KEYS)
    return CountyRule(more_than_cases=county.whole, cluster_cases=cases, cluster_days=window)


def county_class(edition: str) -> Value | None:
    """Give the number of cases above which an edition grades whole counties; None where it does not."""
    for one in _classes():
        if edition in one["editions"]:
            status = _STATUSES[one["status"]]
            return Value(
                key="zones.county_more_than_cases",
                value=one["more_than_cases"],
                edition=edition,
                status=status,
                rests_on=status,
                sources=tuple(one["sources"]),
                meaning="cumulative cases above which a county with a recent cluster is of the strict class",
                companion=one["id"],
            )
    return None


@cache
def _classes() -> tuple[dict[str, Any], ...]:
    text = (files("sizao.protocol") / "library" / "county_classes.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["classes"])
