"""A sampler at a table, with a phone that loses its signal: every swab is kept, sent once, and counted."""

import re

import pytest

from tests.browser.walking import CHINESE, ENGLISH, PHONE

pytestmark = pytest.mark.browser
DAY = "day=2021-01-14"
VILLAGE = "130109110212"
KEPT = """caches.open("sizao-table-1").then((store) => store.keys())
  .then((kept) => kept.some((one) => one.url.includes("/table/")))"""
ROSTER = "村居代码,姓名,户号\n" + "".join(f"{VILLAGE},王{number},{number // 3}\n" for number in range(1, 13))


class TestAtTheTable:
    def test_nothing_is_lost_without_a_signal(self, enter, tmp_path):
        address, codes = self.an_open_round(enter("testing_coordinator", language=ENGLISH), tmp_path)
        sampler = enter("sampler", language=CHINESE, size=PHONE)
        sampler._expected.add("ERR_INTERNET_DISCONNECTED")
        sampler.go(f"{address}table/?{DAY}")
        page = sampler.page
        page.wait_for_function("navigator.serviceWorker.ready.then((ready) => Boolean(ready.active))")
        page.wait_for_function(KEPT)
        self.scan(page, "1", "请先扫描采样管。")
        self.scan(page, codes[0][:-1] + str((int(codes[0][-1]) + 1) % 10), "管码有误。请重新扫描。")
        full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in codes[0])
        self.scan(page, full_width, "请扫描身份证，或输入号码。")
        self.scan(page, f"B{codes[0]}", "这是样本箱的条码。此处请扫描采样管或人员；装箱请到“装箱”页面。")
        self.scan(page, "１", "已存入本机。")
        self.scan(page, "1", "此人已在本管中。")
        self.told(page, "已全部上传。", "已上传 1")
        sampler.context.set_offline(True)
        for number in "2345":
            self.scan(page, number, "本管已满。请封管并扫描下一管。" if number == "5" else "已存入本机。")
        self.scan(page, "6", "本管已满。请封管并扫描下一管。")
        self.told(page, "无信号", "待上传 4")
        page.reload()  # from the store of the phone
        self.told(page, "无信号", "待上传 4")
        sampler.snap("zh-phone-table-offline")
        self.scan(page, codes[1], "请扫描身份证，或输入号码。")
        self.scan(page, "6", "已存入本机。")
        sampler.context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        self.told(page, "已全部上传。", "已上传 6")
        sampler.go(f"{address}?{DAY}")
        sampler.see("应检 12 人，已登记 6 人，未检 6 人")

    def an_open_round(self, coordinator, folder):
        """Plan, list, label and open a round as a coordinator does; give its address and two codes."""
        (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
        coordinator.go(f"/testing/?{DAY}")
        page = coordinator.page
        page.fill("input[name=name]", "小果庄第一轮")
        page.fill("input[name=areas]", "130109110")
        page.select_option("select[name=pool_size]", "5")
        coordinator.press("Plan in my name")
        page.set_input_files("input[name=roster]", folder / "roster.csv")
        coordinator.press("Take in, in my name")
        coordinator.see("12 people are expected")
        address = re.search(r"/testing/\d+/", page.url)[0]
        coordinator.go(f"{address}?{DAY}")
        coordinator.press("Open the round in my name")
        coordinator.go(f"{address}labels/?{DAY}")
        page.fill("input[name=size]", "40")
        coordinator.press("Give them codes, in my name")
        with page.expect_navigation():
            page.get_by_role("link", name="Sheets").click()
        spoken = page.locator(".label-sheet b").all_inner_texts()
        assert len(spoken) == 40
        return address, [one.replace(" ", "") for one in spoken[:2]]

    def scan(self, page, text, said):
        """Do as a scanner does: type, and press Enter."""
        page.fill("[data-input]", text)
        page.press("[data-input]", "Enter")
        page.wait_for_function("(said) => document.querySelector('[data-says]').textContent === said", arg=said)

    def told(self, page, *texts):
        """Wait until the state of the outbox says so."""
        for text in texts:
            page.wait_for_function("(text) => document.querySelector('.signal').textContent.includes(text)", arg=text)
