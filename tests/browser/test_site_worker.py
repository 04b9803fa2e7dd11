"""A site worker walks a round without a signal, and what was kept is sent once; a coordinator signs who leaves."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.walking import CHINESE, ENGLISH, PHONE

pytestmark = pytest.mark.browser
DAY = "outbreak=site-days&day=2022-09-10"
ROOT = Path(__file__).resolve().parents[2]
# An outbreak of its own that no other journey chooses, since it was opened before all others.
MADE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from datetime import UTC, date, datetime
from sizao.records.models import PersonNeed
from sizao.terms import NeedKind, OutbreakKind
from tests.response.days_world import ARRIVED, World
world = World(kind=OutbreakKind.REPLAY)
world.outbreak.slug, world.outbreak.last_date = "site-days", date(2022, 9, 10)
world.outbreak.opened_at = datetime(2019, 1, 1, tzinfo=UTC)
world.outbreak.save()
for person, name, born in zip(world.people, ("王小明", "李红", "赵大爷", "陈一"), (1990, 1985, 1941, 2019)):
    person.name, person.birth_date = name, date(born, 3, 1)
    person.save()
PersonNeed.objects.create(
    person=world.people[2], kind=NeedKind.MEDICINES, recorded_at=ARRIVED, recorded_by="t", source_key="test:need"
)
order = world.people[0].isolation_orders.get()
order.ends_date, order.test_dates = date(2022, 9, 11), [date(2022, 9, 8)]
order.save()
print("site", world.site.pk)
"""
KEPT = """caches.open("sizao-site-1").then((store) => store.keys())
  .then((kept) => kept.some((one) => one.url.includes("/day/")))"""


@pytest.fixture(scope="module")
def site(served):
    return int(served.tell("manage", "shell", "-v", "0", "-c", MADE).split()[-1])


class TestARound:
    def test_loses_nothing_without_a_signal(self, enter, site):
        worker = enter("site_worker", language=CHINESE, size=PHONE)
        worker._expected.add("ERR_INTERNET_DISCONNECTED")
        worker.go(f"/site/{site}/day/?{DAY}")
        page = worker.page
        page.wait_for_function("navigator.serviceWorker.ready.then((ready) => Boolean(ready.active))")
        page.wait_for_function(KEPT)
        worker.see("4 / 4 待查看")
        worker.see("长期用药")
        worker.snap("zh-phone-site-round")
        self.sees(page, "101", "36.5")
        expect(page.locator("[data-counts]")).to_contain_text("已上传 1")
        worker.context.set_offline(True)
        page.reload()  # from the store of the phone
        self.sees(page, "103", "38.6", symptom="干咳")
        worker.see("请马上联系驻点医生")
        self.opens(page, "102")
        page.fill("[data-temperature]", "365")
        page.get_by_role("button", name="保存", exact=True).click()
        worker.see("这不是人的体温")
        worker.snap("zh-phone-site-entry")
        page.get_by_role("button", name="未应答", exact=True).click()
        expect(page.locator("[data-counts]")).to_contain_text("待上传 2")
        worker.snap("zh-phone-site-offline")
        worker.context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("[data-counts]")).to_contain_text("已上传 3")
        page.evaluate("dispatchEvent(new Event('online'))")
        worker.go(f"/site/{site}/sheet/?{DAY}")
        worker.see("38.6")
        worker.see("未应答")
        assert page.locator("tbody tr").count() == 4
        worker.snap("zh-phone-site-sheet")

    def opens(self, page, room):
        page.locator(".room-line", has=page.locator(".room", has_text=room)).click()

    def sees(self, page, room, temperature, *, symptom=None):
        self.opens(page, room)
        page.fill("[data-temperature]", temperature)
        page.get_by_role("button", name=symptom or "无", exact=True).click()
        page.get_by_role("button", name="保存", exact=True).click()
        page.locator("[data-walk]").wait_for(state="visible")


class TestLeaving:
    def test_is_signed_with_a_reason_and_the_community_is_told(self, enter, site):
        coordinator = enter("isolation_coordinator", language=ENGLISH)
        coordinator.go(f"/site/{site}/leaving/?{DAY}")
        page = coordinator.page
        coordinator.see("Objects of the room were not swabbed")
        page.locator("tbody input[name=order]").first.check()
        page.fill("input[name=signed_as]", "Li Si")
        coordinator.press("Sign for those marked")
        coordinator.see("Say why they may leave all the same")
        page.locator("tbody input[name=order]").first.check()
        page.fill("input[name=signed_as]", "Li Si")
        page.locator("input[name=reason][form=sign]").fill("experts excluded an infection")
        coordinator.press("Sign for those marked")
        coordinator.see("Signed for 1 person.")
        coordinator.see("the community is told")
        coordinator.snap("en-desk-site-leaving")
