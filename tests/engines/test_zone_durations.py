"""How long real areas stood against the rule of their first day."""

from datetime import date, timedelta

import pytest

from sizao.engines.zone_durations import EditionDays, Listed, Verdict, grouped, joined, judged
from sizao.terms import ZoneLevel

NINE = EditionDays("nine", date(2022, 6, 28), {ZoneLevel.HIGH: 7, ZoneLevel.MEDIUM: 7}, 3)
TWENTY = EditionDays("twenty", date(2022, 11, 11), {ZoneLevel.HIGH: 5}, None)
# What was listed all along: the collection's first and last day.
FRAME = [
    Listed("x", "从前", "village", ZoneLevel.HIGH, date(2022, 7, 1), date(2022, 7, 2)),
    Listed("x", "后来", "village", ZoneLevel.HIGH, date(2022, 12, 1), date(2022, 12, 15)),
]


def area(days, *, first=date(2022, 8, 1), level=ZoneLevel.HIGH, name="小区"):
    return Listed("石家庄市藁城区", name, "compound", level, first, first + timedelta(days=days - 1))


def verdict(one, *others):
    return next(found for found in judged([*FRAME, one, *others], [NINE, TWENTY]) if found.listed == one)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(6, Verdict.SHORTER), (7, Verdict.KEPT), (8, Verdict.KEPT), (9, Verdict.LONGER), (1, Verdict.SHORTER)],
)
def test_is_set_beside_the_days_of_its_edition(days, expected):
    assert verdict(area(days)).verdict == expected


def test_the_middle_level_after_the_strict_one_has_its_own_days():
    strict = area(7)
    stepped = area(3, first=date(2022, 8, 8), level=ZoneLevel.MEDIUM)
    assert (verdict(stepped, strict).rule_days, verdict(stepped, strict).verdict) == (3, Verdict.KEPT)
    assert verdict(stepped).rule_days == 7


def test_says_what_cannot_be_judged():
    assert verdict(area(10, first=date(2022, 11, 5))).verdict == Verdict.ACROSS
    assert verdict(area(9, first=date(2022, 11, 20), level=ZoneLevel.MEDIUM)).verdict == Verdict.NO_RULE
    assert judged(FRAME, [NINE])[0].verdict == Verdict.CUT
    assert judged([], [NINE]) == []


def test_joins_another_spelling_that_goes_on():
    runs = joined([area(3), area(4, first=date(2022, 8, 4), name="小区小区"), area(2, first=date(2022, 8, 20))])
    assert [one.days for one in runs] == [7, 2]


def test_counts_by_edition_level_and_unit():
    groups = grouped(
        judged([*FRAME, area(6), area(7, name="别处"), area(20, name="另处")], [NINE, TWENTY]), by_unit=True
    )
    compound = next(one for one in groups if one.unit == "compound")
    assert (compound.n, compound.shorter, compound.kept, compound.longer, compound.median_days) == (3, 1, 1, 1, 7)
