"""A grid worker at doors, with a phone that loses its signal; a commander opens the four clears down to names."""

import pytest

from tests.browser.walking import CHINESE, ENGLISH, PHONE
from tests.serving import start_again, stop

pytestmark = pytest.mark.browser
DAY = "day=2021-01-14"
STREET = "130109110"
KEPT = """() => caches.open("sizao-doors-1").then((store) => store.keys())
  .then((kept) => kept.some((one) => one.url.includes("/doors/?")))"""
WITHOUT_ANSWER = ("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_FAILED")
ARRIVED = """
from sizao.records.models import DoorAct
found = DoorAct.objects.filter(visit__person__number__startswith="HOME-")
print(*(f"{one.visit.person.number}:{one.visit.kind}:{one.outcome}" for one in found))
"""
ARRIVALS = ["HOME-0:visit:done", "HOME-0:waste:done", "HOME-1:visit:worse", "HOME-1:waste:nobody"]
FIVE_HOURS = 5 * 3600
NINE_DAYS_PASS = """() => new Promise((done) => {
  indexedDB.open("sizao-doors", 1).onsuccess = (opened) => {
    const acts = opened.target.result.transaction("acts", "readwrite").objectStore("acts");
    acts.index("state").openCursor("waiting").onsuccess = (found) => {
      const cursor = found.target.result;
      if (!cursor) return done();
      cursor.update({ ...cursor.value, happened_at: new Date(Date.now() - 9 * 86400000).toISOString() });
      cursor.continue();
    };
  };
})"""
TWO_AT_HOME = f"""
from datetime import date, datetime
from django.utils import timezone
from sizao.records.models import Account, IsolationOrder, Outbreak, Person
from sizao.response.isolation import home
outbreak = Outbreak.objects.get(slug="hebei-2021-01")
now = timezone.make_aware(datetime(2021, 1, 14, 8))
officer = Account.objects.filter(role="isolation_coordinator").first()
for turn, born in enumerate((1935, 1990)):
    person = Person.objects.create(
        number=f"HOME-{{turn}}", name="王小明", phone="13800000000", address=f"小果庄村{{turn + 3}}号",
        registered_at=now, birth_date=date(born, 1, 1), area_code="{STREET}212", source_key=f"home:{{turn}}",
    )
    IsolationOrder.objects.create(
        outbreak=outbreak, person=person, kind="home", state="issued", area_code=person.area_code, proposed_at=now,
        starts_date=date(2021, 1, 13), ends_date=date(2021, 1, 20), issued_at=now, issued_by=officer,
        source_key=f"home-order:{{turn}}",
    )
home.advance(outbreak=outbreak, now=now)
"""


class TestAtTheDoors:
    def test_each_entry_arrives_once_whatever_becomes_of_server_signal_and_answer(self, served, enter):
        served.tell("manage", "shell", "-c", TWO_AT_HOME)
        worker = enter("grid_worker", language=CHINESE, size=PHONE)
        worker._expected.update(WITHOUT_ANSWER)
        worker.go(f"/doors/?{DAY}&area={STREET}")
        page = worker.page
        page.wait_for_function("() => navigator.serviceWorker.ready.then((ready) => Boolean(ready.active))")
        page.wait_for_function(KEPT)
        assert "小果庄村3号" in page.locator(".door").first.inner_text()  # the old one comes first

        stop(served)  # the platform is down, though there is a signal
        self.door(page, "3号").locator(".acts .primary").click()
        self.told(page, "无信号", "待上传 2")
        page.goto(f"{served.address}/doors/")  # the icon on the phone opens the list that was seen last
        self.told(page, "无信号", "待上传 2")
        assert self.states(page, "3号") == ["待上传", "待上传"]
        worker.snap("zh-phone-doors-offline", whole=True)
        start_again(served)
        self.back(page)
        self.told(page, "已全部上传。", "已上传 2")

        worker.context.set_offline(True)  # the platform is there, but no signal
        page.reload()
        door = self.door(page, "4号")
        door.locator(".acts .worse").click()
        door.locator(".symptoms button").first.click()
        door.locator(".acts .primary").click()
        page.wait_for_selector(".advice")
        self.told(page, "待上传 1")
        worker.context.set_offline(False)
        self.back(page)
        self.told(page, "已上传 3")

        # The platform takes what was sent, but its answer is lost on the way.
        worker.context.route("**/doors/?*", lambda route: (route.fetch(), route.abort()), times=1)
        self.door(page, "4号").get_by_role("button", name="无人应答").click()
        self.told(page, "待上传 1")
        self.back(page)
        self.told(page, "已上传 4", "待上传 0")

        # What lay on the phone for nine days is refused, and says why where it was done.
        worker.context.set_offline(True)
        self.door(page, "3号").locator(".thing input:enabled").first.check()
        self.door(page, "3号").locator(".acts .primary").click()
        self.told(page, "待上传 1")
        page.evaluate(NINE_DAYS_PASS)
        worker.context.set_offline(False)
        self.back(page)
        self.told(page, "未接收 1")
        assert "bad" in page.locator(".signal").get_attribute("class").split()  # never under a green line
        assert "部分内容未接收" in page.locator("[data-signal]").inner_text()
        assert "已超过7天" in self.door(page, "3号").locator(".thing .why").inner_text()
        worker.snap("zh-phone-doors-refused", whole=True)

        page.clock.set_fixed_time(page.evaluate("() => Date.now() / 1000") + FIVE_HOURS)
        worker.go(f"/doors/?{DAY}&area={STREET}")
        page.wait_for_selector(".door-age.old")
        told = served.tell("manage", "shell", "-c", ARRIVED).split()
        assert sorted(one for one in told if one.startswith("HOME-")) == ARRIVALS

    def door(self, page, address):
        return page.locator(".door", has_text=address)

    def states(self, page, address):
        return self.door(page, address).locator(".state").all_inner_texts()

    def back(self, page):
        """Tell the page that there is a signal, which the browser does not say of a server that is up again."""
        page.evaluate("() => dispatchEvent(new Event('online'))")

    def told(self, page, *texts):
        """Wait until the state of the outbox says so."""
        for text in texts:
            page.wait_for_function("(text) => document.querySelector('.signal').textContent.includes(text)", arg=text)


class TestTheFourClears:
    def test_lead_a_commander_from_a_figure_to_names(self, enter):
        commander = enter("commander", language=ENGLISH)
        commander.go(f"/four-clears/?{DAY}")
        commander.see("Nobody is unexplained.")
        commander.snap("en-desk-four-clears", whole=True)
        figure = commander.page.locator("table.cells tbody a").first
        count = int(figure.inner_text())
        with commander.page.expect_navigation():
            figure.click()
        assert commander.page.locator("table.cards tbody tr").count() == min(count, 100)
