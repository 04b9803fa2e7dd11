"""A surveillance officer's morning: the board, the top alert, its stream, one dismissed, one escalated."""

import re

import pytest

pytestmark = pytest.mark.browser
# By this day the streams that a model made up have raised several alerts that nobody has answered.
DAY = "day=2021-01-06"
ALERT = "ol.alerts > li"


class TestMorning:
    def test_answers_what_waits(self, enter):
        officer = enter("investigator")
        officer.go(f"/signals/?{DAY}")
        officer.page.wait_for_selector("#map[data-drawn]")
        waiting = officer.page.locator(ALERT).count()
        assert waiting >= 3
        assert officer.number(".answer b") == waiting
        officer.see("模拟", "超时", "合并 p 值")
        officer.snap("signals-board")

        top = officer.page.locator(ALERT).first.locator(".alert-area").get_attribute("href")
        officer.press("着手核实", within=ALERT)
        officer.see("已以您的名义着手核实。", "核实中")
        assert officer.page.locator(ALERT).count() == waiting

        officer.go(top)
        officer.see("经过", "河北省流调员", "发出预警。")
        officer.snap("signals-alert")
        officer.page.locator("tbody a").first.click()
        officer.page.wait_for_selector("#stream-chart[data-drawn]")
        officer.see("各探测方法的判断", "报告经过")
        officer.snap("signals-stream")

        officer.go(f"/signals/?{DAY}")
        last = officer.page.locator(ALERT).last
        last.locator("summary").click()
        last.locator("input[name=reason]").fill("节前囤药，哨点均已电话核实")
        with officer.page.expect_navigation():
            last.locator("button[value=dismissed]").click()
        officer.see("已以您的名义排除。")
        assert officer.page.locator(ALERT).count() == waiting - 1

        with officer.page.expect_navigation():
            officer.page.locator(ALERT).first.locator("button[value=escalated]").click()
        officer.see("已以您的名义升级")
        assert officer.page.locator(ALERT).count() == waiting - 2
        officer.go(top)
        officer.see("已升级", "转为")
        officer.go(f"/signals/hints/?{DAY}&state=new")
        assert officer.page.locator("tbody tr").count() >= 1

    def test_keeps_the_filters_in_the_address(self, enter):
        officer = enter("investigator")
        officer.go(f"/signals/?{DAY}")
        officer.page.select_option("select[name=group]", "person")
        officer.page.select_option("select[name=state]", "all")
        officer.press("显示")
        assert "group=person" in officer.page.url
        assert "state=all" in officer.page.url
        assert officer.page.locator("select[name=group]").input_value() == "person"

    def test_takes_the_chart_away(self, enter):
        officer = enter("investigator")
        officer.go(f"/streams/?{DAY}")
        officer.page.locator(".tile a").first.click()
        officer.page.wait_for_selector("#stream-chart[data-drawn]")
        for kind in ("png", "svg"):
            with officer.page.expect_download() as taken:
                officer.page.click(f"button[data-chart-export={kind}]")
            assert re.fullmatch(rf"sizao-stream-\d+\.{kind}", taken.value.suggested_filename)

    def test_finds_a_threshold_by_its_cost(self, enter):
        officer = enter("investigator")
        officer.go(f"/streams/?{DAY}&kind=fever_clinic")
        officer.page.locator(".tile a").first.click()
        officer.page.get_by_role("link", name="探测方法评分").click()
        officer.page.wait_for_selector("#score-chart[data-drawn]")
        officer.see("代价最小")
        officer.page.fill("input[name=false_alarm]", "1000")
        officer.press("显示")
        assert "false_alarm=1000" in officer.page.url
        officer.snap("signals-scores")


class TestReporter:
    def test_corrects_a_count_and_sees_it_marked(self, enter):
        reporter = enter("reporter")
        reporter.go(f"/streams/?{DAY}&kind=fever_clinic")
        reporter.page.locator(".tile a").first.click()
        reporter.page.fill("input[name=date]", "2021-01-03")
        reporter.page.fill("input[name=count]", "77")
        reporter.press("录入")
        reporter.see("已更正", "77", "已以您的名义更正")
