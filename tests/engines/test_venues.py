"""One venue, written in several ways; and two venues that must stay two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizao.engines.venue_names import parse
from sizao.engines.venues import Mention, group_venues
from sizao.terms import EventKind, PlaceKind, VenueMatch

NAMES = {
    "13": "河北省", "1301": "石家庄市", "130109": "藁城区", "130109110": "增村镇", "130123": "正定县",
    "130109110212": "小果庄村民委员会", "130109110217": "南桥寨村民委员会", "130109110218": "杨马村村民委员会",
    "130184": "新乐市",
}  # fmt: skip
XIAOGUO, NANQIAO, YANGMA, ZHENGDING, GAOCHENG, XINLE = (
    "130109110212", "130109110217", "130109110218", "130123", "130109", "130184",
)  # fmt: skip


def mention(text, area_code=None, kind=PlaceKind.BANQUET, event=EventKind.GATHERING, day=28):
    return Mention(text, kind, event, area_code, day)


def groups(*mentions):
    return [joined.venue for joined in group_venues(mentions, NAMES).joined]


def reasons(*mentions):
    return [joined.reason for joined in group_venues(mentions, NAMES).joined]


class TestParse:
    @pytest.mark.parametrize(
        ("text", "area_code", "core", "road"),
        [
            ("正定县机场北路附近欧景生态苑", ZHENGDING, "欧景生态苑", "机场北路"),
            ("正定县机场北路欧景生态苑餐厅", ZHENGDING, "欧景生态苑", "机场北路"),
            ("机场北路附近某饭店", None, "", "机场北路"),
            ("机场北路饭店", None, "", "机场北路"),
            ("藁城区增村镇南桥寨村好运来饭店", NANQIAO, "好运来", ""),
            ("南桥寨好运来酒店", NANQIAO, "好运来", ""),
            ("藁城市中医院", GAOCHENG, "中医院", ""),
            ("本村好运来饭店", None, "好运来", ""),
            ("小果庄村小学", XIAOGUO, "小学", ""),
            ("藁城区某小学", GAOCHENG, "", ""),
            ("于新乐市中医院", XINLE, "中医院", ""),
            ("单位", None, "", ""),
        ],
    )
    def test_the_name_is_what_is_left(self, text, area_code, core, road):
        name = parse(text, area_code, NAMES)
        assert (name.core, name.road) == (core, road)


class TestOneVenue:
    def test_with_and_without_county_road_and_kind_word(self):
        assert groups(
            mention("正定县机场北路附近欧景生态苑", ZHENGDING),
            mention("正定县机场北路欧景生态苑餐厅", ZHENGDING),
            mention("机场北路附近欧景生态苑"),
        ) == [0, 0, 0]

    def test_a_restaurant_or_a_hotel_to_different_writers(self):
        assert groups(mention("四方宾馆", kind=PlaceKind.HOTEL), mention("四方宾馆", kind=PlaceKind.BANQUET)) == [0, 0]

    def test_a_ward_is_its_hospital(self):
        hospital = {"kind": PlaceKind.HOSPITAL, "event": EventKind.CLINIC}
        mentions = [mention(text, GAOCHENG, **hospital) for text in ("藁城区人民医院", "藁城人民医院心内科")]
        assert groups(*mentions) == [0, 0]
        assert VenueMatch.SIMILAR in reasons(*mentions)

    def test_nameless_on_the_same_road_on_the_same_day_for_the_same_purpose(self):
        named = mention("机场北路欧景生态苑", ZHENGDING)
        assert reasons(named, mention("机场北路附近某酒店"))[1] == VenueMatch.SAME_DAY
        assert groups(named, mention("机场北路附近某酒店")) == [0, 0]
        assert groups(named, mention("机场北路附近某酒店", day=29)) == [0, 1]
        assert groups(named, mention("机场北路附近某酒店", event=EventKind.WORK)) == [0, 1]

    def test_a_village_however_it_is_written(self):
        village = {"kind": PlaceKind.VILLAGE, "event": EventKind.OTHER_VISIT}
        assert groups(*(mention(text, XIAOGUO, **village) for text in ("小果庄村", "藁城区增村镇小果庄"))) == [0, 0]

    def test_the_name_most_used_and_the_finest_area_stand_for_it(self):
        mentions = [mention("正定县欧景生态苑", ZHENGDING), *[mention("欧景生态苑")] * 2]
        (venue,) = group_venues(mentions, NAMES).venues
        assert (venue.name, venue.area_code, venue.n_mentions) == ("欧景生态苑", ZHENGDING, 3)


class TestStayApart:
    def test_one_name_in_two_counties(self):
        assert len(set(groups(mention("藁城区信誉楼", GAOCHENG), mention("新乐市信誉楼", XINLE)))) == 2

    def test_one_name_in_two_villages_and_a_mention_that_says_neither(self):
        mentions = [mention("南桥寨村好运来饭店", NANQIAO), mention("杨马村好运来饭店", YANGMA), mention("好运来饭店")]
        assert len(set(groups(*mentions))) == 3
        assert reasons(*mentions)[2] == VenueMatch.AMBIGUOUS

    def test_ambiguous_mentions_are_one_only_on_one_day(self):
        two = [mention("南桥寨村好运来饭店", NANQIAO), mention("杨马村好运来饭店", YANGMA)]
        assert groups(*two, mention("好运来饭店"), mention("好运来饭店"), mention("好运来饭店", day=30))[2:] == [
            2,
            2,
            3,
        ]

    def test_the_first_hospital_is_not_the_third(self):
        hospital = {"kind": PlaceKind.HOSPITAL}
        assert len(set(groups(mention("市第一医院", **hospital), mention("市第三医院", **hospital)))) == 2

    def test_one_health_centre_is_not_another(self):
        clinic = {"kind": PlaceKind.CLINIC}
        assert len(set(groups(*(mention(f"{town}卫生院", GAOCHENG, **clinic) for town in ("增村镇", "梅花镇"))))) == 2

    def test_nameless_mentions_without_a_place_stay_alone(self):
        assert groups(mention("饭店"), mention("饭店")) == [0, 1]
        assert set(reasons(mention("饭店"), mention("饭店"))) == {VenueMatch.VAGUE}

    def test_a_short_name_without_an_area_is_not_looked_for_in_other_counties(self):
        shop = {"kind": PlaceKind.SUPERMARKET}
        assert len(set(groups(mention("藁城北国超市", GAOCHENG, **shop), mention("北国超市", **shop)))) == 2

    def test_that_two_counties_would_share_stays_apart(self):
        meal = {"event": EventKind.MEAL, "day": 2}
        hall = mention("机场北路欧景生态苑餐厅", **meal)
        found = groups(hall, mention("机场北路某饭店", XIAOGUO, **meal), mention("机场北路某饭店", ZHENGDING, **meal))
        assert len(set(found)) == 3


texts = st.sampled_from(
    [
        "欧景生态苑",
        "机场北路欧景生态苑餐厅",
        "机场北路某饭店",
        "好运来饭店",
        "好运来大酒店",
        "信誉楼",
        "饭店",
        "四方宾馆",
    ]
)
mentions = st.builds(
    Mention, texts, st.sampled_from([PlaceKind.BANQUET, PlaceKind.HOTEL, PlaceKind.MALL]),
    st.sampled_from([EventKind.GATHERING, EventKind.MEAL]),
    st.sampled_from([None, XIAOGUO, NANQIAO, ZHENGDING, GAOCHENG]), st.integers(1, 2),
)  # fmt: skip


class TestLaws:
    @given(st.lists(mentions, max_size=14))
    def test_no_venue_lies_in_two_counties(self, mentions):
        found = group_venues(mentions, NAMES)
        for number in range(len(found.venues)):
            areas = {m.area_code for m, j in zip(mentions, found.joined, strict=True) if j.venue == number}
            assert len({code[:6] for code in areas if code}) <= 1

    @given(st.lists(mentions, max_size=14), st.randoms(use_true_random=False))
    def test_the_order_of_mentions_does_not_change_the_groups(self, mentions, random):
        order = random.sample(range(len(mentions)), len(mentions))
        shuffled = group_venues([mentions[at] for at in order], NAMES).joined
        straight = group_venues(mentions, NAMES).joined
        there = {at: shuffled[position].venue for position, at in enumerate(order)}
        pairs = {(straight[at].venue, there[at]) for at in range(len(mentions))}
        assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})

    @given(st.lists(mentions, max_size=14))
    def test_every_mention_has_one_venue_and_no_venue_is_empty(self, mentions):
        found = group_venues(mentions, NAMES)
        assert len(found.joined) == len(mentions)
        assert {joined.venue for joined in found.joined} == set(range(len(found.venues)))
        assert sum(venue.n_mentions for venue in found.venues) == len(mentions)
