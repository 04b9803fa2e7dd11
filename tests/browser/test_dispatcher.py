"""A dispatcher's morning and a crew without a signal: asked, approved, sent, carried, arrived."""

import pytest

from tests.browser.walking import CHINESE, ENGLISH, PHONE

pytestmark = pytest.mark.browser
DAY = "day=2021-02-14"
KEPT = """caches.open("sizao-crew-1").then((store) => store.keys())
  .then((kept) => kept.some((one) => new URL(one.url).pathname === "/crew/"))"""


class TestCarried:
    def test_from_a_request_to_the_door_without_a_signal(self, enter):
        dispatcher = enter("dispatcher", language=ENGLISH)
        self.registers_a_vehicle(dispatcher)
        self.approves(enter, dispatcher)
        self.sends(dispatcher)
        self.is_carried(enter)
        dispatcher.go(f"/transfers/?{DAY}")
        dispatcher.see("Deadlines kept", "Nobody waits to be carried.")
        dispatcher.go(f"/transfers/vehicles/?{DAY}")
        dispatcher.page.get_by_role("link", name="冀E0T001").click()
        dispatcher.page.locator("a[href*='/trips/']").first.click()
        dispatcher.page.get_by_text("What the crew told").wait_for()
        dispatcher.see("Identity checked, boarded", "前台 李")
        dispatcher.snap("en-desk-trip")

    def registers_a_vehicle(self, dispatcher):
        dispatcher.go(f"/transfers/vehicles/?{DAY}")
        page = dispatcher.page
        for name, value in (("plate", "冀E0T001"), ("area_code", "130109"), ("seats", "4")):
            page.fill(f"input[name={name}]", value)
        page.select_option("select[name=kind]", "car")
        page.check("input[name=cab_separated]")
        dispatcher.press("Register in my name")
        dispatcher.see("1 vehicle is registered.")
        page.get_by_role("link", name="冀E0T001").click()
        # A replay's moment is the end of the chosen day.
        page.fill("input[name=starts]", "2021-02-14T18:00")
        page.fill("input[name=ends]", "2021-02-15T06:00")
        page.select_option("select[name=driver]", label=self.driver_of(page))
        dispatcher.press("Enter the shift in my name")
        dispatcher.see("Done in your name.")

    def driver_of(self, page):
        options = page.locator("select[name=driver] option").all_inner_texts()
        return next(one for one in options if one.endswith("· crew"))

    def approves(self, enter, dispatcher):
        officer = enter("duty_officer", language=ENGLISH)
        officer.go(f"/people/?{DAY}")
        number = officer.page.locator("tbody a[href*='/people/']").first.get_attribute("href").split("/people/")[1]
        dispatcher.go(f"/transfers/?{DAY}")
        page = dispatcher.page
        page.fill("input[name=number]", number.split("/")[0])
        page.select_option("form[action*='/ask/'] select[name=kind]", "home")
        page.fill("form[action*='/ask/'] input[name=reason]", "解除返家")
        dispatcher.press("Ask for it in my name")
        dispatcher.see("Asked for in your name.")
        page.locator("summary", has_text="Approve").first.click()
        dispatcher.press("Approve in my name")
        dispatcher.see("Done in your name.")
        dispatcher.snap("en-desk-transfers")

    def sends(self, dispatcher):
        page = dispatcher.page
        page.locator("input[name=transfer][type=checkbox]").first.check()
        page.select_option("select[name=vehicle]", index=0)
        page.fill("input[name=start]", "2021-02-14T23:00")
        dispatcher.press("Send in my name")
        dispatcher.see("The trip stands; its crew sees it.")

    def is_carried(self, enter):
        crew = enter("crew", language=CHINESE, size=PHONE)
        crew._expected.add("ERR_INTERNET_DISCONNECTED")
        crew.go(f"/crew/?{DAY}")
        page = crew.page
        page.wait_for_function("navigator.serviceWorker.ready.then((ready) => Boolean(ready.active))")
        page.wait_for_function(KEPT)
        page.get_by_role("button", name="出车", exact=True).wait_for()
        crew.context.set_offline(True)
        page.reload()  # the page and the list lie on the phone
        self.press(page, "出车")
        self.press(page, "到达接人地点")
        self.press(page, "核对身份，上车")
        page.get_by_role("button", name="保存 · 核对身份，上车").click()
        page.get_by_text("上车前请对照名单核对身份并勾选。").wait_for()
        page.get_by_label("已对照名单核对身份。").check()
        page.get_by_label("体温 °C").fill("36.5")
        page.get_by_label("无症状").check()
        crew.snap("zh-phone-crew-boarding")
        page.get_by_role("button", name="保存 · 核对身份，上车").click()
        self.press(page, "到达")
        self.press(page, "交接签收")
        page.get_by_label("接收人：姓名或岗位").fill("前台 李")
        page.get_by_role("button", name="保存 · 交接签收").click()
        self.press(page, "终末消毒完成")
        page.get_by_text("待上传 6").wait_for()
        crew.snap("zh-phone-crew-offline")
        crew.context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        page.get_by_text("已上传 6").wait_for()
        crew.snap("zh-phone-crew-sent")

    def press(self, page, name):
        page.get_by_role("button", name=name, exact=True).click()
