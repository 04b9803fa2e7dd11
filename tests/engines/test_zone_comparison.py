from dataclasses import dataclass
from datetime import date

from sizao.engines.zone_comparison import compare
from sizao.terms import AreaLevel, AreaPart, ZoneMatch


@dataclass(frozen=True)
class Area:
    area_code: str
    first: int
    level: str = "medium"
    last: int | None = 31
    unit: str = AreaLevel.VILLAGE

    @property
    def first_date(self):
        return date(2021, 1, self.first)

    @property
    def last_date(self):
        return self.last and date(2021, 1, self.last)


VILLAGE, COUNTY, OTHER = "130109110212", "130109", "130581001010"


def official_row(official, *proposed):
    return compare(proposed, [official]).official[0]


def test_the_same_area_with_the_days_between():
    row = official_row(Area(VILLAGE, 9), Area(VILLAGE, 5))
    assert (row.match, row.days_before, row.same_level) == (ZoneMatch.SAME, 4, True)


def test_a_later_proposal_counts_below_zero():
    assert official_row(Area(VILLAGE, 9), Area(VILLAGE, 12)).days_before == -3


def test_the_same_area_on_another_level_is_said():
    row = official_row(Area(VILLAGE, 9, level="high"), Area(VILLAGE, 5))
    assert (row.match, row.same_level) == (ZoneMatch.SAME, False)


def test_of_two_matches_the_nearer_then_the_one_of_the_same_level():
    rows = [Area(COUNTY, 3), Area(VILLAGE, 5, level="high"), Area(VILLAGE, 7)]
    assert official_row(Area(VILLAGE, 9), *rows).proposed == rows[2]


def test_a_village_of_a_closed_county_is_a_part_and_seen_from_the_other_side_inside():
    comparison = compare([Area(VILLAGE, 5)], [Area(COUNTY, 9, unit=AreaLevel.COUNTY)])
    assert comparison.official[0].match == ZoneMatch.PART
    assert comparison.proposed[0].match == ZoneMatch.WIDER
    assert comparison.never_official() == ()


def test_a_compound_can_only_be_found_nearby():
    compound = Area(COUNTY, 9, unit=AreaPart.COMPOUND)
    assert official_row(compound, Area(VILLAGE, 5)).match == ZoneMatch.NEARBY
    assert official_row(compound, Area(COUNTY, 5)).match == ZoneMatch.WIDER
    assert official_row(compound, Area(OTHER, 5)).match == ZoneMatch.NONE


def test_a_village_without_a_code_is_found_nearby_too():
    assert official_row(Area("130102", 9), Area("130102001001", 5)).match == ZoneMatch.NEARBY


def test_times_that_do_not_meet_are_no_match():
    row = official_row(Area(VILLAGE, 9, last=12), Area(VILLAGE, 13, last=None))
    assert (row.match, row.proposed, row.days_before, row.same_level) == (ZoneMatch.NONE, None, None, None)


def test_what_was_never_official_is_listed():
    comparison = compare([Area(OTHER, 5), Area(VILLAGE, 5)], [Area(VILLAGE, 9)])
    assert [row.proposed.area_code for row in comparison.never_official()] == [OTHER]
