"""A site packs without a signal and a courier carries: every act is kept on the phone, sent once, and shown."""

import pytest

from tests.browser.test_sampler import DAY, TestAtTheTable
from tests.browser.walking import CHINESE, ENGLISH, PHONE

pytestmark = pytest.mark.browser
KEPT = """caches.open("sizao-table-1").then((store) => store.keys())
  .then((kept) => kept.some((one) => one.url.includes("/pack/")))"""


class TestOnTheWay:
    def test_nothing_is_lost_without_a_signal(self, enter, tmp_path):
        at_table = TestAtTheTable()
        coordinator = enter("testing_coordinator", language=ENGLISH)
        address, codes = at_table.an_open_round(coordinator, tmp_path)
        coordinator.go(f"{address}boxes/labels/?{DAY}")
        coordinator.page.fill("input[name=count]", "3")
        coordinator.press("Give them codes, in my name")
        boxes = [one.replace(" ", "") for one in coordinator.page.locator(".label-sheet b").all_inner_texts()]
        assert len(boxes) == 3
        self.packs(enter, at_table, address, codes, boxes)
        self.carries(enter, at_table, address, boxes)
        coordinator.go(f"{address}boxes/?{DAY}")
        coordinator.see("1 box with 2 tubes is not at a laboratory yet")
        coordinator.see("冀A12345")

    def packs(self, enter, at_table, address, codes, boxes):
        sampler = enter("sampler", language=CHINESE, size=PHONE)
        sampler._expected.add("ERR_INTERNET_DISCONNECTED")
        sampler.go(f"{address}pack/?{DAY}")
        page = sampler.page
        page.wait_for_function("navigator.serviceWorker.ready.then((ready) => Boolean(ready.active))")
        page.wait_for_function(KEPT)
        at_table.scan(page, codes[0], "请扫描箱码。")
        at_table.scan(page, boxes[0][:-1] + str((int(boxes[0][-1]) + 1) % 10), "箱码有误。请重新扫描。")
        at_table.scan(page, boxes[0], "请扫描装入本箱的采样管。")
        at_table.scan(page, codes[0], "已存入本机。")
        at_table.told(page, "已全部上传。", "已上传 1")
        sampler.context.set_offline(True)
        at_table.scan(page, codes[0], "此管已在本箱中。")
        at_table.scan(page, codes[1], "已存入本机。")
        at_table.scan(page, boxes[1], "请先封好本箱，再开下一箱。")
        page.reload()  # from the store of the phone
        at_table.told(page, "无信号", "待上传 1")
        page.get_by_role("button", name="封箱").click()
        at_table.told(page, "无信号", "待上传 2")
        sampler.snap("zh-phone-pack-offline")
        sampler.context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        at_table.told(page, "已全部上传。", "已上传 3")

    def carries(self, enter, at_table, address, boxes):
        courier = enter("courier", language=CHINESE, size=PHONE)
        courier.go(f"{address}carry/?{DAY}")
        page = courier.page
        at_table.scan(page, boxes[0], "请先选择交接类型。")
        page.get_by_role("button", name="取走").click()
        page.fill("[data-vehicle]", "冀A12345")
        spoken = " ".join((boxes[0][:4], boxes[0][4:8], boxes[0][8:]))
        at_table.scan(page, boxes[0], f"已存入本机。 {spoken}")
        at_table.told(page, "已全部上传。", "已上传 1")
        courier.snap("zh-phone-carry")
