"""The comparison with the official lists: both sides, honest in both directions."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sizao.drill import compare
from sizao.records.models import OfficialArea, Zone, ZoneChange
from sizao.response.reports import comparison
from sizao.terms import AreaLevel, AreaPart, ZoneAct, ZoneLevel, ZoneMatch, ZoneReason, ZoneState
from tests import factories

pytestmark = pytest.mark.django_db
EVENING = datetime(2021, 1, 2, 12, 0, tzinfo=UTC)
END = datetime(2021, 2, 14, 12, 0, tzinfo=UTC)
VILLAGE, OTHER_VILLAGE, COUNTY, OTHER_COUNTY = "130109110212", "130109110217", "130109", "130184"
MEDIUM, HIGH, LOW = ZoneLevel.MEDIUM, ZoneLevel.HIGH, ZoneLevel.LOW


def day(number):
    return date(2021, 1, 2) + timedelta(days=number)


class TestSpans:
    def test_a_zone_on_one_level_is_one_span_however_often_it_is_extended(self, outbreak):
        zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM), (3, "extended", MEDIUM))
        assert spans(outbreak) == [(VILLAGE, MEDIUM, day(0), None)]

    def test_a_new_level_begins_a_new_span(self, outbreak):
        zone_of(outbreak, COUNTY, (0, "proposed", HIGH), (5, "regraded", MEDIUM), (9, "lifted", MEDIUM))
        assert spans(outbreak) == [(COUNTY, HIGH, day(0), day(4)), (COUNTY, MEDIUM, day(5), day(8))]

    def test_a_proposal_of_one_evening_counts_for_that_day(self, outbreak):
        zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM), (0, "declined", MEDIUM))
        assert spans(outbreak) == [(VILLAGE, MEDIUM, day(0), day(0))]

    def test_only_what_was_known_by_then_counts(self, outbreak, noise):
        zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM), (5, "lifted", MEDIUM))
        zone_of(noise, VILLAGE, (0, "proposed", MEDIUM))
        found = comparison.spans_of(outbreak, as_of=EVENING + timedelta(days=1))
        assert [(one.first_date, one.last_date) for one in found] == [(day(0), None)]

    def test_a_zone_taken_into_a_wider_one_stands_as_long_as_that(self, outbreak):
        village = zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM), (3, "lifted", MEDIUM))
        zone_of(outbreak, COUNTY, (3, "proposed", HIGH), (7, "regraded", MEDIUM), (9, "lifted", MEDIUM))
        take_in(village, COUNTY)
        assert spans(outbreak)[0] == (VILLAGE, MEDIUM, day(0), day(8))

    def test_and_without_end_while_that_stands(self, outbreak):
        village = zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM), (3, "lifted", MEDIUM))
        zone_of(outbreak, COUNTY, (3, "proposed", HIGH))
        take_in(village, COUNTY)
        assert spans(outbreak)[0] == (VILLAGE, MEDIUM, day(0), None)

    def test_and_no_longer_where_that_is_not_to_be_found(self, outbreak):
        village = zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM), (3, "lifted", MEDIUM))
        take_in(village, COUNTY)
        assert spans(outbreak) == [(VILLAGE, MEDIUM, day(0), day(2))]


class TestCompared:
    def test_an_official_area_taken_into_a_wider_one_was_not_given_up(self, outbreak):
        zone_of(outbreak, VILLAGE, (20, "proposed", MEDIUM))
        listed(outbreak, VILLAGE, AreaLevel.VILLAGE, first=2)
        listed(outbreak, COUNTY, AreaPart.COMPOUND, first=2, name="某小区")  # a part of the county takes nothing in
        assert comparison.compared(outbreak, as_of=END).official[0].match == ZoneMatch.NONE
        listed(outbreak, COUNTY, AreaLevel.COUNTY, first=10)
        village = comparison.compared(outbreak, as_of=END).official[0]
        assert (village.match, village.days_before, village.last_date) == (ZoneMatch.SAME, -18, day(16))

    def test_before_and_after_have_their_signs(self, outbreak):
        zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM))
        zone_of(outbreak, OTHER_VILLAGE, (9, "proposed", MEDIUM))
        listed(outbreak, VILLAGE, AreaLevel.VILLAGE, first=5)
        listed(outbreak, OTHER_VILLAGE, AreaLevel.VILLAGE, first=5)
        found = comparison.compared(outbreak, as_of=END)
        assert [(line.match, line.days_before) for line in found.official] == [("same", 5), ("same", -4)]
        assert (found.summary.before, found.summary.after, found.summary.median_days_before) == (1, 1, 0.5)

    def test_the_level_is_compared_too(self, outbreak):
        zone_of(outbreak, COUNTY, (0, "proposed", MEDIUM))
        listed(outbreak, COUNTY, AreaLevel.COUNTY, level=HIGH)
        found = comparison.compared(outbreak, as_of=END)
        assert (found.official[0].match, found.official[0].same_level, found.summary.same_level) == ("same", False, 0)

    def test_a_compound_has_no_code_so_its_county_is_all_that_can_be_said(self, outbreak):
        zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM))
        listed(outbreak, COUNTY, AreaPart.COMPOUND, name="某小区")
        found = comparison.compared(outbreak, as_of=END)
        assert (found.official[0].match, found.summary.found, found.summary.nearby) == (ZoneMatch.NEARBY, 0, 1)

    def test_what_is_inside_a_wider_official_area_is_not_counted_as_never_official(self, outbreak):
        zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM))
        zone_of(outbreak, OTHER_COUNTY + "108209", (0, "proposed", MEDIUM))
        listed(outbreak, COUNTY, AreaLevel.COUNTY, level=HIGH)
        summary = comparison.compared(outbreak, as_of=END).summary
        assert (summary.proposed, summary.inside_official, summary.never_official) == (2, 1, 1)

    def test_what_was_missed_stands_there_as_missed(self, outbreak):
        listed(outbreak, VILLAGE, AreaLevel.VILLAGE)
        found = comparison.compared(outbreak, as_of=END)
        assert (found.official[0].match, found.official[0].proposed) == (ZoneMatch.NONE, None)
        assert (found.summary.found, found.summary.median_days_before) == (0, None)

    def test_lists_of_later_days_are_not_known_yet(self, outbreak):
        listed(outbreak, VILLAGE, AreaLevel.VILLAGE, first=9)
        assert comparison.compared(outbreak, as_of=EVENING + timedelta(days=8)).official == ()

    def test_the_open_level_is_no_measure(self, outbreak):
        zone_of(outbreak, COUNTY, (0, "proposed", LOW))
        assert comparison.compared(outbreak, as_of=END).proposed == ()

    def test_the_counts_add_up(self, outbreak):
        zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM))
        zone_of(outbreak, COUNTY, (2, "proposed", HIGH), (9, "regraded", MEDIUM))
        listed(outbreak, VILLAGE, AreaLevel.VILLAGE)
        listed(outbreak, COUNTY, AreaLevel.COUNTY, level=HIGH)
        listed(outbreak, OTHER_COUNTY, AreaLevel.COUNTY)
        of = comparison.compared(outbreak, as_of=END).summary
        assert sum(of.by_match.values()) == of.official == 3
        assert sum(of.proposed_by_match.values()) == of.proposed == 3
        assert of.before + of.same_day + of.after == of.found == 2


class TestTable:
    def test_one_line_for_each_official_area_and_the_counts_below(self, outbreak):
        zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM))
        listed(outbreak, VILLAGE, AreaLevel.VILLAGE, first=5, name="小果庄村")
        listed(outbreak, OTHER_COUNTY, AreaPart.COMPOUND, name="某小区")
        lines = compare.table(outbreak).splitlines()
        assert lines[0].startswith("official area  unit")
        assert lines[1].split() == [
            "小果庄村", "Village", "Medium", "risk", "2021-01-07", "The", "same", "area", VILLAGE, "Medium", "risk",
            "2021-01-02", "+5",
        ]  # fmt: skip
        assert lines[2].split()[-5:] == ["None", "–", "–", "–", "–"]
        assert "2 official areas: the same area 1" in lines[4]
        assert "median +5 days" in lines[6]

    def test_speaks_chinese(self, outbreak):
        zone_of(outbreak, VILLAGE, (0, "proposed", MEDIUM))
        listed(outbreak, VILLAGE, AreaLevel.VILLAGE, first=5)
        told = compare.table(outbreak, "zh")
        assert told.splitlines()[0].split()[0] == "公布的区域"
        assert "公布区域 1 个：同一区域 1" in told
        assert "提前天数中位数 +5" in told

    def test_columns_stand_below_each_other_with_wide_letters(self, outbreak):
        for code, name in ((VILLAGE, "村"), (OTHER_VILLAGE, "名字很长的一个村庄")):
            listed(outbreak, code, AreaLevel.VILLAGE, name=name)
        _, short, long = compare.table(outbreak).splitlines()[:3]
        # Nine letters of two columns against one: sixteen more blanks.
        assert short.index("Village") - long.index("Village") == 16 - 8

    def test_nothing_at_all_is_told_as_nothing(self):
        empty = factories.outbreak()
        assert "0 official areas" in compare.table(empty)
        assert "中位数 –" in compare.table(empty, "zh")


# --- Fixtures ----------------------------------------------------------------------------------


@pytest.fixture
def outbreak(db):
    return factories.outbreak(last_date=date(2021, 2, 14))


def zone_of(outbreak, code, *history):
    over = history[-1][1] in (ZoneAct.LIFTED, ZoneAct.DECLINED)
    zone = Zone.objects.create(
        outbreak=outbreak, area_code=code, name=code, unit=AreaLevel.VILLAGE if len(code) == 12 else AreaLevel.COUNTY,
        level=history[-1][2], state=ZoneState.LIFTED if over else ZoneState.PROPOSED, proposed_at=EVENING,
        lifted_at=EVENING if over else None, since_date=day(0), source_key=f"zone:{outbreak.pk}:{code}",
    )  # fmt: skip
    ZoneChange.objects.bulk_create(
        ZoneChange(
            zone=zone, act=act, level=level, at=EVENING + timedelta(days=number), by="sizao",
            source_key=f"zone:{zone.pk}:{n}",
        )
        for n, (number, act, level) in enumerate(history)
    )  # fmt: skip
    return zone


def take_in(zone, code):
    reasons = [{"kind": str(ZoneReason.IN_WIDER_AREA), "area_code": code, "area_name": code}]
    ZoneChange.objects.filter(zone=zone, act=ZoneAct.LIFTED).update(reasons=reasons)


def listed(outbreak, code, unit, *, first=5, level=MEDIUM, name="某地"):
    return OfficialArea.objects.create(
        outbreak=outbreak, name=name, area_code=code, unit=unit, level=level, first_date=day(first),
        last_date=day(first + 14), source="list", source_key=f"official:{outbreak.pk}:{code}:{name}",
    )  # fmt: skip


def spans(outbreak):
    found = comparison.spans_of(outbreak, as_of=END)
    return [(one.area_code, one.level, one.first_date, one.last_date) for one in found]
