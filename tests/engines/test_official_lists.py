"""Official lists of risk areas: their text, their days, their place in the register."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizao.engines.area_names import Register
from sizao.engines.official_areas import Matched, intervals, match, spellings
from sizao.engines.official_lists import Listed, Notice, miscounted, notice_days, read, split
from sizao.terms import AreaLevel, AreaPart

REGISTER = Register(
    {
        "13": "河北省",
        "1301": "石家庄市",
        "130105": "新华区",
        "130171": "石家庄高新技术产业开发区",
        "130184": "新乐市",
        "130184001": "长寿街道",
        "130184001203": "芦新村村民委员会",
        "130184106": "邯邰镇",
        "130184106201": "张家庄村民委员会",
        "130184107": "另一镇",
        "130184107201": "张家庄村村民委员会",
        "1305": "邢台市",
        "130581": "南宫市",
        "130581001": "凤岗街道",
        "130581001010": "十里铺居民委员会",
        "1306": "保定市",
        "130632": "安新县",
        "41": "河南省",
        "4101": "郑州市",
        "410104": "管城回族区",
        "4117": "驻马店市",
        "411728": "遂平县",
    }
)
DAY = date(2021, 1, 9)


def notice(text, place="河北省石家庄市", n_areas=None, day=DAY, level="medium"):
    return Notice(day, level, place, text, n_areas)


def names(*args, **kwargs):
    return [(item.county_text, item.name) for item in read(notice(*args, **kwargs), REGISTER)]


class TestSplit:
    def test_marks_inside_brackets_do_not_split(self):
        assert split("甲小区(1栋、2栋),乙小区；丙村") == ("甲小区（1栋、2栋）", "乙小区", "丙村")

    def test_a_run_of_house_numbers_is_one_area(self):
        assert split("十二化建小区16、17号楼、河北城建学校家属院") == ("十二化建小区16、17号楼", "河北城建学校家属院")

    def test_an_area_bounded_by_roads_is_one_area(self):
        assert split("甲镇A路以西、B路以南合围地区，乙村") == ("甲镇A路以西、B路以南合围地区", "乙村")

    def test_nothing_is_no_area(self):
        assert split("") == ()


class TestRead:
    def test_a_county_holds_until_the_next(self):
        assert names("新乐市天悦花苑、计生宿舍，新华区都市阳光小区") == [
            ("新乐市", "天悦花苑"), ("新乐市", "计生宿舍"), ("新华区", "都市阳光小区"),
        ]  # fmt: skip

    def test_a_whole_county_has_no_name_of_its_own(self):
        assert names("新乐市") == [("新乐市", "")]

    def test_what_a_county_leaves_out_is_kept(self):
        (item,) = read(notice("新乐市（除长寿街道外的其他地区）"), REGISTER)
        assert (item.county_code, item.name, item.exceptions) == ("130184", "", ("长寿街道",))

    def test_what_a_township_leaves_out_is_kept(self):
        (item,) = read(notice("新乐市长寿街道（芦新村以外的区域）"), REGISTER)
        assert (item.name, item.exceptions) == ("长寿街道", ("芦新村",))

    def test_a_bracket_that_only_explains_stays_in_the_name(self):
        assert names("新乐市烟草家园（烟草公司家属院）") == [("新乐市", "烟草家园（烟草公司家属院）")]

    def test_a_development_zone_is_known_by_its_short_name(self):
        assert [item.county_code for item in read(notice("高新区主语城小区"), REGISTER)] == ["130171"]

    def test_an_unregistered_zone_ends_the_county_before_it(self):
        items = read(notice("新乐市天悦花苑，利民开发区裕田街道"), REGISTER)
        assert [(item.county_code, item.county_text) for item in items] == [
            ("130184", "新乐市"), (None, "利民开发区"),
        ]  # fmt: skip

    def test_a_provincial_list_names_city_and_county_before_each_area(self):
        items = read(notice("郑州市管城区正商蓝钻；驻马店遂平县魏家胡同", "河南省"), REGISTER)
        assert [(item.city_code, item.county_code, item.name) for item in items] == [
            ("4101", "410104", "正商蓝钻"), ("4117", "411728", "魏家胡同"),
        ]  # fmt: skip

    def test_a_place_outside_the_divisions_still_finds_its_counties(self):
        (item,) = read(notice("安新县端村镇西堤村", "河北省雄安新区"), REGISTER)
        assert (item.county_code, item.name) == ("130632", "端村镇西堤村")

    @pytest.mark.parametrize("place", ["天涯省海角市", ""])
    def test_an_unknown_place_leaves_the_county_unknown(self, place):
        (item,) = read(notice("天悦花苑", place), REGISTER)
        assert (item.city_code, item.county_code, item.name) == (None, None, "天悦花苑")


class TestMiscounted:
    def test_only_a_notice_whose_count_differs_is_given(self):
        right, wrong, silent = (notice("甲村、乙村", n_areas=n) for n in (2, 3, None))
        assert miscounted([right, wrong, silent], REGISTER) == ((wrong, 2),)


def listed(name, county="130581", day=DAY, level="medium", exceptions=()):
    code = county if len(county) == 6 else None
    return Listed(day, level, county[:4], code, REGISTER.names.get(code or "", ""), name, exceptions)


class TestMatch:
    @pytest.mark.parametrize(
        ("name", "county", "code", "unit"),
        [
            ("", "130581", "130581", AreaLevel.COUNTY),
            ("凤岗街道办事处", "130581", "130581001", AreaLevel.STREET),
            ("凤岗街道办事处十里铺居委会", "130581", "130581001010", AreaLevel.VILLAGE),
            ("凤岗街道十里铺社区北小街", "130581", "130581001010", AreaPart.SPOT),
            ("芦新村", "130184", "130184001203", AreaLevel.VILLAGE),
            ("天一合院小区", "130581", "130581", AreaPart.COMPOUND),
            ("凤岗街道甲小区3号楼", "130581", "130581001", AreaPart.BUILDING),
            ("没有的村", "130581", "130581", AreaLevel.VILLAGE),
            ("没有的镇", "130581", "130581", AreaLevel.STREET),
            ("邯邰镇张家庄村", "130184", "130184106201", AreaLevel.VILLAGE),
        ],
    )
    def test_the_deepest_division_that_holds_the_area(self, name, county, code, unit):
        assert match(listed(name, county), REGISTER) == Matched(code, unit)

    def test_of_two_villages_of_one_name_neither_is_taken(self):
        assert match(listed("张家庄村", "130184"), REGISTER) == Matched("130184", AreaLevel.VILLAGE)

    def test_without_a_county_the_city_holds_it(self):
        assert match(listed("天悦花苑", "1301"), REGISTER) == Matched("1301", AreaPart.COMPOUND)

    def test_a_whole_city(self):
        assert match(listed("", "1301"), REGISTER) == Matched("1301", AreaLevel.CITY)


def days(*numbers):
    return [date(2021, 1, number) for number in numbers]


class TestSpellings:
    def test_names_that_sound_alike_and_never_meet_are_one(self):
        items = [listed("天一合院小区", day=day) for day in days(7, 8)]
        items += [listed("天一和院小区", day=day) for day in days(9, 10, 11)]
        assert {old[2]: new[2] for old, new in spellings(items).items()} == {"天一合院": "天一和院"}

    def test_names_on_one_list_are_two_areas(self):
        items = [listed(name, day=DAY) for name in ("天一合院小区", "天一和院小区")]
        assert spellings(items) == {}

    def test_one_sound_in_two_counties_is_two_areas(self):
        items = [listed("天一合院", "130581"), listed("天一和院", "130184", day=date(2021, 1, 20))]
        assert spellings(items) == {}


class TestIntervals:
    def test_a_day_without_any_list_breaks_nothing(self):
        items = [listed("甲小区", day=day) for day in days(7, 8, 11)]
        (area,) = intervals(items, days(7, 8, 11), REGISTER)
        assert (area.first_date, area.last_date, area.listed_days) == (*days(7, 11), 3)

    def test_a_list_without_the_area_ends_it(self):
        items = [listed("甲小区", day=day) for day in days(7, 10)]
        items += [listed("乙小区", day=day) for day in days(7, 8, 9, 10)]
        spans = [
            (area.name, area.first_date.day, area.last_date.day)
            for area in intervals(items, days(7, 8, 9, 10), REGISTER)
        ]
        assert spans == [("乙小区", 7, 10), ("甲小区", 7, 7), ("甲小区", 10, 10)]

    def test_one_list_that_lacks_the_whole_city_is_a_hole(self):
        items = [listed("甲小区", day=day) for day in days(7, 9)]
        (area,) = intervals(items, days(7, 8, 9), REGISTER)
        assert (area.last_date.day, area.listed_days) == (9, 2)

    def test_two_lists_that_lack_the_whole_city_are_an_end(self):
        items = [listed("甲小区", day=day) for day in days(7, 10)]
        assert len(intervals(items, days(7, 8, 9, 10), REGISTER)) == 2

    def test_the_true_days_may_lie_in_days_without_lists(self):
        (area,) = intervals([listed("甲小区", day=date(2021, 1, 25))], days(21, 25, 28), REGISTER)
        assert (area.earliest_first_date, area.latest_last_date) == tuple(days(22, 27))

    def test_before_the_first_and_after_the_last_list_is_unknown(self):
        (area,) = intervals([listed("甲小区")], [DAY], REGISTER)
        assert (area.earliest_first_date, area.latest_last_date) == (None, None)

    def test_a_change_of_level_is_a_new_interval(self):
        items = [listed("", day=days(7)[0], level="high"), listed("", day=days(8)[0], level="medium")]
        areas = intervals(items, days(7, 8), REGISTER)
        assert [(area.name, area.level) for area in areas] == [("南宫市", "high"), ("南宫市", "medium")]

    def test_the_spelling_used_most_is_kept_with_the_others(self):
        items = [listed("天一合院小区", day=day) for day in days(7, 8)]
        items += [listed("天一和院小区", day=day) for day in days(9, 10, 11)]
        (area,) = intervals(items, days(7, 8, 9, 10, 11), REGISTER)
        assert (area.name, area.other_spellings) == ("天一和院小区", ("天一合院小区",))

    @given(
        st.lists(st.tuples(st.sampled_from("甲乙丙"), st.integers(0, 9)), min_size=1, unique=True),
        st.randoms(use_true_random=False),
    )
    def test_every_listed_day_is_in_just_one_interval(self, seen, random):
        items = [listed(f"{name}小区", day=DAY + timedelta(days=at)) for name, at in seen]
        shuffled = random.sample(items, len(items))
        published = notice_days([notice("", day=DAY + timedelta(days=at)) for at in range(10)])
        areas = intervals(items, published, REGISTER)
        assert intervals(shuffled, published, REGISTER) == areas
        assert sum(area.listed_days for area in areas) == len(seen)
        for item in items:
            covering = [a for a in areas if a.name == item.name and a.first_date <= item.published_date <= a.last_date]
            assert len(covering) == 1
