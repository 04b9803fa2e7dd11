"""Which units may be named a risk area, edition by edition."""

from datetime import date

import pytest

from sizao.protocol import rules_at
from sizao.protocol.zone_units import unit_rules
from sizao.terms import ZoneUnit


@pytest.mark.parametrize(
    ("day", "named", "unclear"),
    [
        (date(2021, 9, 1), {"compound", "village"}, {"compound", "village", "street"}),
        (date(2022, 8, 1), {"compound", "village"}, {"compound", "village", "street"}),
        (date(2022, 11, 25), {"stairwell", "building"}, {"stairwell", "building", "compound", "village", "street"}),
        (date(2022, 12, 10), {"household", "floor", "stairwell", "building"}, None),
        (date(2023, 2, 1), set(), None),
    ],
)
def test_follows_from_the_edition_in_force(day, named, unclear):
    rules = unit_rules(rules_at(day, drill=True))
    assert rules.named() == {ZoneUnit(one) for one in named}
    # None: the edition forbids wider areas however unclear the risk.
    assert rules.named(unclear=True) == {ZoneUnit(one) for one in (named if unclear is None else unclear)}


def test_the_new_ten_forbid_what_is_larger_than_a_building():
    rules = unit_rules(rules_at(date(2022, 12, 10), drill=True))
    assert rules.forbidden == {ZoneUnit.COMPOUND, ZoneUnit.VILLAGE, ZoneUnit.STREET}
