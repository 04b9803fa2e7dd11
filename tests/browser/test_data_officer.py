"""A data officer's morning: what traces found, why one is listed, the hours of the case, a cut, a list to take away."""

import pytest

pytestmark = pytest.mark.browser
DAY = "day=2021-01-12"  # three traces over made-up presences stand by then
RANKED = "table.ranking tbody tr"


class TestMorning:
    def test_answers_who_was_there_and_why(self, enter):
        officer = enter("data_officer")
        officer.go(f"/traces/?{DAY}")
        officer.see("轨迹追踪", "持续查询", "模拟")
        officer.page.locator("tbody a", has_text="T0002").click()
        officer.page.wait_for_selector("#map[data-drawn=maplibre]")
        officer.page.wait_for_selector("#cut-chart[data-drawn]")
        officer.see("同处人员，最近者在前", "由工作人员逐人判定", "每有新数据到达即自动重查", "模拟")
        found = officer.number(".answer b")
        assert found > 20
        assert officer.page.locator(RANKED).count() == min(found, 30)
        officer.snap("traces-one")

        officer.page.locator(f"{RANKED} a").first.click()
        officer.see("列入原因", "何时何地", "此次查看已记入日志")
        minutes = officer.number("tfoot td")
        officer.page.get_by_role("link", name="返回名单").click()
        assert abs(officer.number(f"{RANKED} td.minutes") - minutes) <= 1

    def test_moves_the_hour_by_keyboard(self, enter):
        officer = enter("data_officer")
        officer.go(f"/traces/2/?{DAY}")
        slider = officer.page.locator("[data-hour-range]")
        slider.wait_for()
        slider.press("Home")
        first = officer.read("[data-hour-said]")
        slider.press("ArrowRight")
        assert officer.read("[data-hour-said]") != first
        slider.press("Home")
        assert officer.read("[data-hour-said]") == first
        officer.page.locator("[data-hour-play]").click()
        officer.page.wait_for_function("() => document.querySelector('[data-hour-range]').value > 0")
        assert officer.read("[data-hour-said]") != first

    def test_chooses_a_cut_and_sees_what_it_leaves_out(self, enter):
        officer = enter("data_officer")
        officer.go(f"/traces/2/?{DAY}")
        officer.page.wait_for_selector("#cut-chart[data-drawn] svg")
        officer.see("未作截取")
        officer.page.locator("#cut-chart").scroll_into_view_if_needed()
        box = officer.page.locator("#cut-chart").bounding_box()
        with officer.page.expect_navigation():
            officer.page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
        officer.see("会漏掉")
        assert "keep=" in officer.page.url
        kept = int(officer.page.locator("#cut-form input[name=keep]").input_value())
        assert 1 < kept < 60
        assert officer.page.locator("tr.beyond").count() == max(0, min(30, officer.number(".answer b")) - kept)

    def test_takes_a_list_away(self, enter):
        officer = enter("data_officer")
        officer.go(f"/traces/2/lists/?{DAY}")
        officer.see("本省", "居住地不详", "名单可推送给居住地")
        with officer.page.expect_download() as taken:
            officer.page.locator("td a", has_text="xlsx").first.click()
        assert taken.value.suggested_filename.startswith("sizao-T0002-13")

    def test_sees_what_cases_shared_beside_what_they_told(self, enter):
        officer = enter("data_officer")
        officer.go(f"/traces/3/?{DAY}")
        officer.see("来自轨迹数据", "来自流调", "发病前到过")
        officer.snap("traces-source")

    def test_is_refused_in_one_sentence(self, enter):
        officer = enter("data_officer")
        officer.go(f"/traces/ask/?{DAY}")
        officer.page.fill("input[name=case]", "HB-9999")
        officer.page.fill("textarea[name=reason]", "查找密接")
        officer.press("以本人名义查询")
        officer.see("当日您辖区内没有编号 HB-9999 的病例")
        assert officer.page.locator("textarea[name=reason]").input_value() == "查找密接"


class TestWithoutWebgl:
    def test_the_hours_are_drawn_by_the_charts_library(self, enter):
        officer = enter(
            "data_officer", options=("--disable-gpu", "--disable-3d-apis", "--disable-webgl", "--disable-webgl2")
        )
        officer.go(f"/traces/2/?{DAY}")
        officer.page.wait_for_selector("#map[data-drawn=echarts] canvas")


class TestResident:
    def test_is_told_at_the_desk_who_looked(self, enter):
        desk = enter("duty_officer")
        desk.go(f"/people/HB-0385/access/?{DAY}")
        desk.see("谁查看过我的数据", "T0002", "如何提出异议")
        assert "HB-0067" not in desk.read("main")
        desk.snap("traces-access")
