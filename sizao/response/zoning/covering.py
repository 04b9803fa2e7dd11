"""What the engine offers an officer: the areas of fewest people for a share of the risk, and what else there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sizao.engines.zone_cover import Cover, covers, frontier
from sizao.engines.zone_risk import RiskWeights
from sizao.errors import SizaoError
from sizao.protocol import Rules
from sizao.protocol.zone_units import KEYS, UnitRules, unit_rules
from sizao.records import access
from sizao.records.models import Account, Outbreak
from sizao.response import outbreaks
from sizao.response.zoning.units import RiskTree, Unit, risk_tree
from sizao.terms import Right, Word

SHARES = (0.5, 0.8, 0.9, 0.95, 1.0)


class NoUnitMayBeNamed(SizaoError):
    code = "zone.no_unit"
    message = (
        "{edition} lets no unit be named as a risk area, so nothing can be proposed. Isolate people instead of areas."
    )


@dataclass(frozen=True, slots=True)
class Option:
    """
    One cover: its units, whom it touches, the share of the risk it holds and the points it leaves.

    `n_estimated` of its units have people estimated. No other cover of that share touches fewer than `at_least_people`.
    """

    share: float
    covered: float
    units: tuple[Unit, ...]
    people: int
    points_left: int
    at_least_people: int
    n_estimated: int

    @property
    def is_exact(self) -> bool:
        """Whether no choice with fewer people exists."""
        return self.people == self.at_least_people

    @property
    def keys(self) -> str:
        """Its units in one word, as a form sends them back."""
        return ",".join(str(unit.key) for unit in self.units)

    def stored(self) -> dict[str, Any]:
        """Compose what a decision keeps of an option that was weighed."""
        return {
            "covered": round(self.covered, 4),
            "people": self.people,
            "points_left": self.points_left,
            "units": [f"{unit.name}" for unit in self.units if unit.unit != "household"],
            "n_units": len(self.units),
        }


@dataclass(frozen=True, slots=True)
class Options:
    """What can be chosen in an area, least risk covered first, and what no choice covers."""

    options: tuple[Option, ...]
    total: int
    reach: float
    unplaced: int
    unknown_people: int
    rules: UnitRules
    unclear: bool
    named: tuple[Word, ...]
    keys: tuple[str, ...] = KEYS


def options(
    *, outbreak: Outbreak, area_code: str, by: Account, now: datetime, shares: Sequence[float] = SHARES,
    unclear: bool = False, weights: RiskWeights = RiskWeights(),  # noqa: B008 — frozen
) -> Options:  # fmt: skip
    """
    Work out which units of an area would hold how much of its risk, and whom each choice touches.

    `unclear`: an officer says that the risk is unclear, so wider units may be named where the edition lets
    them. Raise the door's refusal, and NoUnitMayBeNamed.
    """
    access.require(by, Right.ZONE_PROPOSE, area_code=area_code)
    rules = outbreaks.rules_at(outbreak, now, area_code=area_code)
    units = unit_rules(rules)
    named = units.named(unclear=unclear)
    if not named:
        raise NoUnitMayBeNamed(edition=rules.edition)
    tree = risk_tree(outbreak, area_code, rules, named, now, weights)
    found = frontier(tree.columns)
    return Options(
        options=tuple(_option(one, tree) for one in covers(found, shares)),
        total=found.total + tree.unplaced,
        reach=found.reach,
        unplaced=tree.unplaced,
        unknown_people=sum(unit.people is None for unit in tree.units),
        rules=units,
        unclear=unclear,
        named=tuple(sorted(named)),
    )


def chosen(tree: RiskTree, keys: Sequence[str]) -> tuple[Unit, ...]:
    """Find units of a tree by the words of a form; those it does not hold are left out."""
    wanted = set(keys)
    return tuple(unit for unit in tree.units if str(unit.key) in wanted)


def tree_for(outbreak: Outbreak, area_code: str, rules: Rules, now: datetime, *, unclear: bool) -> RiskTree:
    """Gather the units of an area as the officer's options were worked out."""
    return risk_tree(outbreak, area_code, rules, unit_rules(rules).named(unclear=unclear), now)


def _option(one: Cover, tree: RiskTree) -> Option:
    units = tuple(tree.units[row] for row in one.units)
    total = one.points + one.points_left
    return Option(
        share=one.share,
        covered=one.points / total,
        units=units,
        people=one.people,
        points_left=one.points_left,
        at_least_people=one.at_least_people,
        n_estimated=sum(unit.is_estimated for unit in units),
    )
