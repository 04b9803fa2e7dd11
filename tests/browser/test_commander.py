"""The commander's order: issued by the province, issued on by a city, done in a county, seen by the province again."""

import re

import pytest

from tests.adapters.test_photographs import FRAME, JFIF, SCAN, jpeg
from tests.browser.walking import PHONE, Walker

pytestmark = pytest.mark.browser
DAY = "day=2021-01-20"
CITY, COUNTY = "1301", "130109"


class TestDirective:
    def test_goes_down_three_levels_and_comes_back_done(self, enter, served, chromium, tmp_path):
        title = "设置防疫卡点"
        province = enter("commander")
        province.go(f"/directives/new/?{DAY}")
        _write(province, title)
        province.press("以本人名义签发")
        province.see("已下达至", title, "待签收")
        province.snap("directive-issued")
        tree = re.search(r"/directives/(\d+)/", province.page.url)[1]

        city = _somebody_of_the_city(served, chromium)
        city.go(f"/directives/{tree}/?{DAY}")
        city.page.get_by_role("link", name="代表本地签收").click()
        city.page.fill("input[name=answers_for]", "李副市长")
        city.press("以本人名义签收")
        city.see("已以您的名义签收")
        city.page.get_by_role("link", name="转发下级").click()
        city.page.fill("input[name=note]", "今晚完成")
        city.press("以本人名义转发")
        city.see("已转发至")

        county = enter(f"duty_officer_{COUNTY}", size=PHONE)
        county.go(f"/tasks/?{DAY}")
        county.see("待办指令", title)
        county.snap("queue-phone")
        county.page.locator("li", has_text=title).get_by_role("link").first.click()
        county.page.fill("input[name=answers_for]", "王主任")
        county.press("以本人名义签收")
        photo = tmp_path / "evidence.jpg"
        photo.write_bytes(jpeg(JFIF, FRAME, SCAN))
        for box in county.page.locator("input[name=checks]").all():
            box.check()
        county.page.fill("textarea[name=text]", "两处卡点已设置，专人值守。")
        county.page.set_input_files("input[name=photos]", photo)
        county.page.locator("summary", has_text="办结").click()
        county.page.fill("input[name=signed_as]", "王主任")
        county.snap("part-phone", whole=True)
        county.press("签名办结")
        county.see("已签名办结", "两处卡点已设置", "王主任")

        province.go(f"/directives/{tree}/?{DAY}&area={CITY}")
        province.see("藁城", "已办结待审核", "王主任")
        province.snap("directive-tree")
        city.leave()

    def test_is_refused_without_what_counts_as_done_and_keeps_what_was_written(self, enter):
        province = enter("commander")
        province.go(f"/directives/new/?{DAY}")
        _write(province, "缺少标准", items="")
        province.press("以本人名义签发")
        province.see("指令须写明事项、理由和完成标准")
        assert province.page.input_value("input[name=title]") == "缺少标准"


def _write(province: Walker, title: str, *, items: str = "落实人员\n公布电话") -> None:
    page = province.page
    page.fill("input[name=title]", title)
    page.fill("textarea[name=text]", "各县在主要路口设置卡点，二十四小时值守。")
    page.fill("input[name=reason]", "防止疫情外溢")
    page.fill("textarea[name=items]", items)
    page.fill("input[name=due_at]", "2021-01-22T18:00")
    for box in page.locator("input[name=levels], input[name=areas]").all():
        box.uncheck()
    page.check("input[name=levels][value=city]")
    page.check(f"input[name=areas][value='{CITY}']")


def _somebody_of_the_city(served, chromium) -> Walker:
    told = served.tell("account", "add", "city_commander", "--role", "commander", "--area", CITY)
    walker = Walker.open(chromium(), served)
    walker.go("/accounts/login/")
    walker.page.fill("input[name=login]", "city_commander")
    walker.page.fill("input[name=password]", re.search(r"[Pp]assword[^:]*: *(\S+)", told)[1])
    walker.page.click("form[action*=login] button.primary")
    walker.page.wait_for_url(lambda address: "/accounts/login" not in address)
    return walker
