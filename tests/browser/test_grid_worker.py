"""A grid worker at doors, with a phone that loses its signal; a commander opens the four clears down to names."""

import pytest

from tests.browser.walking import CHINESE, ENGLISH, PHONE

pytestmark = pytest.mark.browser
DAY = "day=2021-01-14"
STREET = "130109110"
KEPT = """caches.open("sizao-doors-1").then((store) => store.keys())
  .then((kept) => kept.some((one) => one.url.includes("/doors/?")))"""
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
    def test_nothing_is_lost_without_a_signal_and_worse_is_answered_at_once(self, served, enter):
        served.tell("manage", "shell", "-c", TWO_AT_HOME)
        worker = enter("grid_worker", language=CHINESE, size=PHONE)
        worker._expected.add("ERR_INTERNET_DISCONNECTED")
        worker.go(f"/doors/?{DAY}&area={STREET}")
        page = worker.page
        page.wait_for_function("navigator.serviceWorker.ready.then((ready) => Boolean(ready.active))")
        page.wait_for_function(KEPT)
        first = page.locator(".door").first
        assert "小果庄村3号" in first.inner_text()  # the old one comes first
        worker.context.set_offline(True)
        first.locator(".acts .primary").click()
        self.told(page, "待上传 2")
        page.reload()  # from the store of the phone
        self.told(page, "无信号", "待上传 2")
        page.locator(".acts .worse").first.click()
        page.locator(".symptoms button").first.click()
        page.locator(".acts .primary").first.click()
        page.wait_for_selector(".advice")
        worker.snap("zh-phone-doors-offline", whole=True)
        worker.context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        self.told(page, "已全部上传。", "已上传 3")

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
