"""Laws of the reading of reports: spans, positions, order, and what was told is read back."""

import json
import random
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sizao.engines.reading import Gazetteer, Report, read, read_all
from sizao.engines.reading.text import plain
from sizao.terms import EventKind, PlaceKind

SPOKEN = (
    "2021年 1月 13日 3、5日 至 - 当日 期间 9时 8:00 上午 ，。；\n（）()[]#@ 到 在 后 从 由 返回 小果庄村 藁城区 "
    "家中 居家 超市 药店 婚宴 就诊 核酸 检测 呈 阳性 阴性 转运至 医院 隔离点 确诊 无症状感染者 密切接触者 乘 "
    "公交车 和 、 其丈夫 均已 次日 前14天 起 下班 离开 结果均为 上述 复核 出现症状 途经 某家 [店主#1a2b]"
)
WORDS = SPOKEN.split(" ")
REPORT_TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=60).map("".join))


@pytest.fixture(scope="module")
def gazetteer():
    villages = {
        "130109110212": "小果庄村民委员会",
        "130184108203": "陈家庄村民委员会",
        "130123201209": "陈家庄村民委员会",
    }
    divisions = {"13": "河北省", "1301": "石家庄市", "130109": "藁城区", "130123": "正定县", "130184": "新乐市"}
    return Gazetteer(villages, divisions)


class TestAnyText:
    @settings(max_examples=400, deadline=None)
    @given(text=REPORT_TEXTS, year=st.none() | st.integers(1, 9999))
    def test_is_read_without_an_error_and_with_sound_spans(self, gazetteer, text, year):
        reading = read(Report("R-1", text, year), gazetteer)

        spans = [event.span for event in reading.events] + list(reading.unread)
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(end <= start for (_, end), (start, _) in pairwise(reading.unread))

    @settings(max_examples=200, deadline=None)
    @given(text=REPORT_TEXTS)
    def test_never_ends_before_it_begins(self, gazetteer, text):
        for event in read(Report("R-1", text, 2021), gazetteer).events:
            if event.date_from and event.date_to:
                assert event.date_from <= event.date_to

    @given(text=st.text(max_size=300))
    def test_keeps_its_positions_when_made_plain(self, text):
        assert len(plain(text)) == len(text)

    @settings(max_examples=100, deadline=None)
    @given(text=REPORT_TEXTS)
    def test_can_be_written_down(self, gazetteer, text):
        row = read(Report("R-1", text, 2021), gazetteer).row()
        assert json.loads(json.dumps(row)) == row


class TestNeighbours:
    def test_settle_a_village_that_two_counties_have(self, gazetteer):
        beside = Report("R-1", "2021年1月1日到新乐市医院就诊。")
        alone = Report("R-2", "2021年1月1日到陈家庄村探亲。")
        also = Report("R-3", "2021年1月2日到新乐市中医院就诊。")

        assert read(alone, gazetteer).events[0].area_code is None
        assert read_all([beside, alone, also], gazetteer)[1].events[0].area_code == "130184108203"

    def test_that_disagree_settle_nothing(self, gazetteer):
        reports = [
            Report(f"R-{i}", f"2021年1月1日到{county}医院就诊。") for i, county in enumerate(["新乐市", "正定县"] * 2)
        ]
        reports.insert(2, Report("R-9", "2021年1月1日到陈家庄村探亲。"))
        assert read_all(reports, gazetteer)[2].events[0].area_code is None

    def test_lend_their_year(self, gazetteer):
        reports = [Report("R-1", "2020年12月30日居家。"), Report("R-2", "1月3日居家。")]
        assert read(reports[1], gazetteer).events[0].date_from is None
        assert read_all(reports, gazetteer)[1].events[0].date_from == date(2021, 1, 3)

    def test_are_not_needed_where_all_is_written(self, gazetteer):
        told = Report("R-1", "2021年1月3日到藁城区小果庄村探亲。")
        other = Report("R-2", "2019年1月3日到正定县医院就诊。")
        assert read_all([told, other, other], gazetteer)[0].events == read(told, gazetteer).events


VENUES = {
    "永新超市": (PlaceKind.SUPERMARKET, "购物", EventKind.SHOPPING),
    "北关农贸市场": (PlaceKind.MARKET, "购买蔬菜", EventKind.SHOPPING),
    "老李面馆": (PlaceKind.RESTAURANT, "就餐", EventKind.MEAL),
    "康宁诊所": (PlaceKind.CLINIC, "就诊", EventKind.CLINIC),
    "第三医院": (PlaceKind.HOSPITAL, "看病", EventKind.CLINIC),
    "金丰机械厂": (PlaceKind.FACTORY, "上班", EventKind.WORK),
    "育红小学": (PlaceKind.SCHOOL, "上课", EventKind.SCHOOL),
    "好运来饭店": (PlaceKind.BANQUET, "参加婚宴", EventKind.GATHERING),
    "阳光小区": (PlaceKind.RESIDENTIAL, "探亲", EventKind.OTHER_VISIT),
    "东城客运站": (PlaceKind.TRANSPORT_HUB, "接人", EventKind.OTHER_VISIT),
}
VEHICLES = [None, "私家车", "5路公交车", "地铁2号线", "出租车", "电动车"]
DAY_FORMS = ["{0.month}月{0.day}日", "{0.month}月 {0.day} 日", "{0.month}月{0.day}号", "{0.year}年{0.month}月{0.day}日"]
HOUR_FORMS = ["{h}时{m:02d}分", "{h}:{m:02d}", "{h}：{m:02d}许", "{h}点{m:02d}分左右"]


def told_story(dice):
    """Events of some days, and a report that tells them in words chosen by chance."""
    day = date(2020, 12, 20) + timedelta(days=dice.randrange(20))
    truth, sentences = [], []
    for _ in range(dice.randrange(2, 8)):
        day += timedelta(days=dice.randrange(1, 4))
        venue, (place, verb, kind) = dice.choice(list(VENUES.items()))
        vehicle, hour, minute = dice.choice(VEHICLES), dice.randrange(1, 24), dice.randrange(60)
        form = "{0.year}年{0.month}月{0.day}日" if not sentences else dice.choice(DAY_FORMS)
        when = form.format(day) + dice.choice(HOUR_FORMS).format(h=hour, m=minute)
        sentences.append(f"{when}{f'乘{vehicle}' if vehicle else ''}{dice.choice('到去')}{venue}{verb}。")
        truth.append((day, f"{hour:02d}:{minute:02d}", kind, venue, place, vehicle))
    return truth, dice.choice(["", "\n"]).join(sentences)


class TestToldStories:
    @pytest.mark.parametrize("seed", range(150))
    def test_are_read_back(self, gazetteer, seed):
        truth, text = told_story(random.Random(seed))
        reading = read(Report("R-1", text), gazetteer)
        read_back = [
            (e.date_from, e.time_from, e.kind, e.place_text, e.place_kind, e.transport) for e in reading.events
        ]
        assert read_back == truth
        assert reading.unread == ()

    def test_do_not_change_with_an_unrelated_sentence(self, gazetteer):
        truth, text = told_story(random.Random(7))
        after = read(Report("R-1", text + "天气寒冷。"), gazetteer)
        assert after.events == read(Report("R-1", text), gazetteer).events
        assert len(after.unread) == 1


class TestEverydayWords:
    def test_a_county_named_like_a_shopping_centre_is_not_read_from_one(self):
        at_home = Gazetteer({}, {"41": "河南省", "4115": "信阳市", "411524": "商城县"})

        [meal] = read(Report("R-1", "1月1日在国贸商城面馆就餐。", 2022), at_home).events
        [market] = read(Report("R-1", "1月1日到商城县某超市购物。", 2022), at_home).events

        assert meal.area_code is None
        assert market.area_code == "411524"
