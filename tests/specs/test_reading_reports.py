"""What a published activity report tells; each example is made up in the words that authorities use."""

import pytest

from sizao.engines.reading import Gazetteer, Report, read

title = "How activity reports are read"

VILLAGES = {
    "130109110212": "小果庄村民委员会",
    "130109110217": "南桥寨村民委员会",
    "130109110218": "杨马村村民委员会",
    "130123102201": "新城铺村民委员会",
    "130184108203": "陈家庄村村民委员会",
    "130123201209": "陈家庄村民委员会",
}
DIVISIONS = {
    "13": "河北省",
    "1301": "石家庄市",
    "130109": "藁城区",
    "130123": "正定县",
    "130184": "新乐市",
    "130109110": "增村镇",
    "130123102": "新城铺镇",
    "130184108": "马头铺镇",
    "52": "贵州省",
    "520382": "仁怀市",
}


@pytest.fixture(scope="module")
def gazetteer():
    return Gazetteer(VILLAGES, DIVISIONS, former=[("130109", "藁城市")])


@pytest.fixture
def reads(gazetteer):
    """Read a text and compare the columns of a table with what came out, row by row."""

    def check(text, expect, year=2021):
        header, *rows = [[cell.strip() for cell in line.split("|")] for line in expect.strip().splitlines()]
        reading = read(Report("R-1", text, year), gazetteer)
        told = [[_cell(event.row()[column]) for column in header] for event in reading.events]
        assert told == rows

    return check


def _cell(value):
    return "-" if value is None else str(value)


class TestDates:
    def test_year_runs_on_across_the_new_year(self, reads):
        """The year is written once. December and January fall on either side of it."""
        reads(
            "2020年12月24日至31日居家。1月2日到单位上班。12月26日发热。",
            """
            kind          | date_from  | date_to
            home          | 2020-12-24 | 2020-12-31
            work          | 2021-01-02 | 2021-01-02
            symptom_onset | 2020-12-26 | 2020-12-26
            """,
        )

    def test_listed_days_are_an_event_each_and_a_range_is_one(self, reads):
        """Three sampling days are three tests; ten days at home are one stay."""
        reads(
            "2020年12月29日至2021年1月13日居家无外出，期间5日、7日、11日3次核酸检测均为阴性。",
            """
            kind | date_from  | date_to    | result
            home | 2020-12-29 | 2021-01-13 | -
            test | 2021-01-05 | 2021-01-05 | negative
            test | 2021-01-07 | 2021-01-07 | negative
            test | 2021-01-11 | 2021-01-11 | negative
            """,
        )

    def test_same_day_and_next_day_follow_the_running_date(self, reads):
        """当日, 当晚 and 同日 are the day last told, 次日 the day after it."""
        reads(
            "3月30日到药店买药，当晚发热，次日到县医院就诊，同日核酸检测阳性。",
            """
            kind          | date_from
            shopping      | 2021-03-30
            symptom_onset | 2021-03-30
            clinic        | 2021-03-31
            test          | 2021-03-31
            """,
        )

    def test_signs_and_blanks_do_not_matter(self, reads):
        """Full-width figures and colons, blanks inside dates, 号 for 日 and any dash read alike."""
        reads(
            "１月 5 日１５：３０到超市购物。13号—18号居家。1/19日采样。2021.1.20在家。",
            """
            kind     | date_from  | date_to    | time_from
            shopping | 2021-01-05 | 2021-01-05 | 15:30
            home     | 2021-01-13 | 2021-01-18 | -
            test     | 2021-01-19 | 2021-01-19 | -
            home     | 2021-01-20 | 2021-01-20 | -
            """,
        )

    def test_days_before_a_date_are_a_range(self, reads):
        """12月31日前14天 ends the day before; 起 leaves the end open."""
        reads(
            "2020年12月31日前14天居家。1月3日起居家隔离。",
            """
            kind      | date_from  | date_to
            home      | 2020-12-17 | 2020-12-30
            isolation | 2021-01-03 | -
            """,
        )

    def test_other_time_is_the_rest_of_the_range(self, reads):
        """Days picked out of a range do not shorten what is said of the other time."""
        reads(
            "12月24日至1月3日期间，26日、28日到集市买菜，其他时间在本村活动无外出。",
            """
            kind     | date_from  | date_to
            shopping | 2020-12-26 | 2020-12-26
            shopping | 2020-12-28 | 2020-12-28
            home     | 2020-12-24 | 2021-01-03
            """,
            year=2020,
        )

    def test_a_remark_in_brackets_keeps_its_date_to_itself(self, reads):
        """A date inside brackets does not move the running date."""
        reads(
            "2月13日居家（2月16日解除观察），晚上到超市购物。",
            """
            kind     | date_from
            home     | 2021-02-13
            shopping | 2021-02-13
            """,
        )

    def test_an_impossible_day_is_not_made_up(self, reads):
        """There is no 30 February; the act is told, its day stays unknown or is the day before."""
        reads(
            "2月28日居家。2月30日到超市购物。",
            """
            kind     | date_from
            home     | 2021-02-28
            shopping | 2021-02-28
            """,
        )


class TestTimes:
    def test_hours_in_all_their_spellings(self, reads):
        """A half of the day decides the hour only beside a figure; alone it stays unknown."""
        reads(
            "5月1日8:00-9:30到超市购物。下午3点半到药店买药。晚8时许在饭店就餐。上午到单位上班。零时到医院就诊。",
            """
            kind     | time_from | time_to
            shopping | 08:00     | 09:30
            shopping | 15:30     | -
            meal     | 20:00     | -
            work     | -         | -
            clinic   | 00:00     | -
            """,
        )

    def test_leaving_closes_what_was_open(self, reads):
        """18时下班 says when work was over."""
        reads(
            "1月5日9时到单位上班，18时下班，19时到饭店就餐。",
            """
            kind | time_from | time_to
            work | 09:00     | 18:00
            meal | 19:00     | -
            """,
        )


class TestPlaces:
    def test_villages_are_matched_to_the_register(self, reads):
        """A village carries its 12 digits, a venue in it too; a venue in a county carries 6."""
        reads(
            "1月1日到藁城区增村镇小果庄村赶集，到南桥寨村好运来饭店参加婚宴，到藁城人民医院就诊。",
            """
            kind      | place_text          | place_kind | area_code
            shopping  | 藁城区增村镇小果庄村 | village    | 130109110212
            gathering | 南桥寨村好运来饭店   | banquet    | 130109110217
            clinic    | 藁城人民医院         | hospital   | 130109
            """,
        )

    def test_one_name_of_two_villages_waits_for_context(self, reads):
        """陈家庄村 lies in two counties. The name of one of them settles it; without, it stays open."""
        reads("1月1日到陈家庄村探亲。", "area_code\n-")
        reads("1月1日到陈家庄村探亲。1月2日到新乐市医院就诊。", "area_code\n130184108203\n130184")
        reads("1月1日到正定县陈家庄村探亲。", "area_code\n130123201209")

    def test_own_village_is_the_one_where_the_case_lives(self, reads):
        """本村 and 家中 take the village that the report calls home; 该村 takes the one just named."""
        reads(
            "患者现住藁城区小果庄村。1月1日到本村诊所就诊。1月2日到杨马村探亲，在该村超市购物。1月3日居家。",
            """
            kind        | place_text | area_code
            clinic      | 本村诊所   | 130109110212
            other_visit | 杨马村     | 130109110218
            shopping    | 该村超市   | 130109110218
            home        | 家         | 130109110212
            """,
        )

    def test_a_list_of_places_is_a_visit_each(self, reads):
        """One verb, three shops, three visits."""
        reads(
            "1月1日先后到万福来商场、信誉楼超市和百姓药店购物。",
            """
            kind     | place_text
            shopping | 万福来商场
            shopping | 信誉楼超市
            shopping | 百姓药店
            """,
        )

    def test_stages_of_a_way_are_told_apart(self, reads):
        """Each leg has its own vehicle; the place it began from is no visit."""
        reads(
            "1月4日从河湾站乘12路公交车到东门站下车，步行到菜市场买菜，乘G67次高铁到石家庄。",
            """
            kind     | place_text | transport
            travel   | 东门站     | 12路公交车
            shopping | 菜市场     | 步行
            travel   | 石家庄     | G67次高铁
            """,
        )

    def test_a_place_taken_out_of_the_text_is_still_a_place(self, reads):
        """A collector's token for a removed name is part of the venue, and no date or mask."""
        reads("1月4日到[店主#35568]小卖部购物。", "kind | place_kind\nshopping | shop")


class TestCourseOfIllness:
    def test_from_test_to_diagnosis(self, reads):
        """Sampling and its result on one day are one test; an ambulance goes to hospital or isolation."""
        reads(
            "1月11日作为密切接触者由120负压救护车转运至藁城区指定隔离点进行集中隔离医学观察。"
            "1月14日采集咽拭子，核酸检测呈阳性，复核呈阳性，当日由120负压救护车转运至石家庄市第五医院，"
            "诊断为无症状感染者。1月16日转为确诊病例。",
            """
            kind      | date_from  | place_text       | transport      | result
            isolation | 2021-01-11 | 藁城区指定隔离点 | 120负压救护车  | -
            test      | 2021-01-14 | -                | -              | positive
            test      | 2021-01-14 | -                | -              | positive
            hospital  | 2021-01-14 | 石家庄市第五医院 | 120负压救护车  | -
            diagnosis | 2021-01-14 | -                | -              | asymptomatic
            diagnosis | 2021-01-16 | -                | -              | confirmed
            """,
        )

    def test_symptoms_before_a_visit_are_told_too(self, reads):
        """因发热到诊所就诊 tells the onset and the visit; a fever clinic is no fever."""
        reads(
            "1月2日因发热到村卫生室就诊。1月3日到县医院发热门诊就诊。",
            """
            kind          | date_from
            symptom_onset | 2021-01-02
            clinic        | 2021-01-02
            clinic        | 2021-01-03
            """,
        )

    def test_what_others_had_is_not_the_case_s(self, reads):
        """A relative's diagnosis and the isolation of contacts are not events of the case."""
        reads(
            "2月3日居家，其丈夫于当日被确诊。2月5日确诊，追踪到密切接触者5人，均已隔离观察。",
            """
            kind      | date_from
            home      | 2021-02-03
            diagnosis | 2021-02-05
            """,
        )

    def test_results_told_later_belong_to_the_tests_above(self, reads):
        """上述检测结果均为阴性 fills every test that had no result."""
        reads(
            "1月4日到单位采集核酸。1月7日到社区采样点采样。上述2次核酸检测结果均为阴性。",
            """
            kind | date_from  | result
            test | 2021-01-04 | negative
            test | 2021-01-07 | negative
            """,
        )

    def test_a_suspected_case_is_neither_confirmed_nor_asymptomatic(self, reads):
        """诊断为疑似病例 is a diagnosis whose result stays open."""
        reads("2月3日诊断为疑似病例。", "kind | result\ndiagnosis | -")


class TestEverydayActs:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("乘地铁2号线到公司上班", "work"),
            ("骑电动车送孩子到小学上学", "school"),
            ("在面馆吃早餐", "meal"),
            ("到饭店参加婚宴", "gathering"),
            ("到棋牌室打麻将", "gathering"),
            ("到教堂做礼拜", "gathering"),
            ("到菜鸟驿站取快递", "other_visit"),
            ("到某村探亲", "other_visit"),
            ("乘MU5101航班飞往首都机场", "travel"),
            ("网约车到高铁站", "travel"),
            ("到卫生院输液", "clinic"),
            ("在农贸市场购买蔬菜", "shopping"),
            ("居家办公", "home"),
            ("在家休息未出门", "home"),
            ("接儿子返回家中", "home"),
            ("在集中隔离点", "isolation"),
            ("居家隔离", "isolation"),
            ("在市医院陪护住院的母亲", "other_visit"),
        ],
    )
    def test_words_name_the_act(self, reads, text, kind):
        """The verb decides before the place: who works in a shop does not shop there."""
        reads(f"3月5日{text}。", f"kind\n{kind}")

    def test_denials_are_no_events(self, gazetteer):
        """没去过, 无旅行史 and 未就诊 tell of nothing that happened, and stay visible as unread."""
        reading = read(Report("R-1", "3月5日没去过其他公共场所，无武汉旅行史，未就诊。", 2021), gazetteer)
        assert reading.events == ()
        assert len(reading.unread) == 3

    def test_who_the_case_is_is_no_event(self, gazetteer):
        """Age, sex and address before the first date are not read into events."""
        reading = read(Report("R-1", "病例1，女，居住在某小区。5月20日居家。", 2021), gazetteer)
        assert [str(event.kind) for event in reading.events] == ["home"]
