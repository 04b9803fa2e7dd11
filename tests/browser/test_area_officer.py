"""The area officer decides on a zone; another county's officer learns nothing of people who are not theirs."""

import re

import pytest

from tests.browser.walking import CHINESE, PHONE

pytestmark = pytest.mark.browser
LAST = "day=2021-02-14"
ZONE = "新乐市"
EARLY = "day=2021-01-14"
DRAWN = "东街片区"
OUTLINE = (
    '{"type": "Polygon", "coordinates": [[[114.845, 38.045], [114.855, 38.045], [114.855, 38.055], '
    "[114.845, 38.055], [114.845, 38.045]]]}"
)
KEPT = """() => caches.open("sizao-inside-1").then((store) => store.keys())
  .then((kept) => kept.some((one) => one.url.includes("/doors/?")))"""
COUNTS = "(text) => document.querySelector('[data-counts]').textContent.includes(text)"
A_HOME = """
from datetime import datetime
from django.utils import timezone
from sizao.records.models import Household, Person, Place
now = timezone.make_aware(datetime(2021, 1, 10, 8))
home = Place.objects.create(kind="home", name="东街1号", area_code="130109110212", latitude=38.05, longitude=114.85,
                            source_key="browser:place")
household = Household.objects.create(area_code="130109110212", place=home, source_key="browser:home")
for turn in range(12):
    Person.objects.create(number=f"ZONE-{turn}", name="王桂兰", address="东街1号", household=household,
                          area_code="130109110212", registered_at=now, source_key=f"browser:zone:{turn}")
"""


class TestZone:
    def test_is_approved_and_published_in_a_named_officers_name(self, enter):
        officer = enter("area_officer")
        officer.go(f"/tasks/?{LAST}")
        officer.see("研判风险区域")
        officer.go(f"/zones/?{LAST}")
        officer.page.locator("tbody a", has_text=ZONE).first.click()
        officer.page.wait_for_load_state("networkidle")
        officer.see(ZONE, "建议")
        officer.snap("zone-proposed")
        for decision in ("approved", "published"):
            with officer.page.expect_navigation():
                officer.page.click(f"button[value={decision}]")
            assert officer.page.locator(".messages .success").is_visible(), officer.read(".messages")
        officer.see("已公布", "河北省风险区专员")
        assert officer.page.locator("button[value=approved], button[value=published]").count() == 0
        officer.snap("zone-published")

        reader = enter("reporter")
        reader.go(officer.page.url.removeprefix(reader.served.address))
        reader.see("已公布")
        assert reader.page.locator("form[action*=decide]").count() == 0


class TestTheWholeDay:
    """Propose, approve, publish, somebody asks for care, a new case, extend, lift; and the public list all along."""

    def test_from_the_proposal_to_the_lift(self, served, enter):
        served.tell("manage", "shell", "-c", A_HOME)
        officer = enter("area_officer", language=CHINESE)
        officer.go(f"/zones/propose/?{EARLY}&area=130109")
        officer.snap("zone-propose")
        officer.page.locator("textarea[name=outline]").fill(OUTLINE)
        officer.page.locator("input[name=name]").fill(DRAWN)
        officer.page.locator("input[name=reason]").fill("边界地带")
        officer.page.locator("input[name=expected_until]").fill("2021-01-25")
        officer.press("以本人名义提出")
        officer.see(DRAWN, "建议划定")
        number = re.search(r"/zones/(\d+)/", officer.page.url)[1]
        for decision in ("approved", "published"):
            with officer.page.expect_navigation():
                officer.page.click(f"button[value={decision}]")
            assert officer.page.locator(".messages .success").is_visible(), officer.read(".messages")

        reader = enter(None, language=CHINESE)
        reader.go(f"/areas/?{EARLY}")
        reader.see(DRAWN)
        reader.snap("areas-public")

        self.cares(enter, number)

        officer.go(f"/zones/{number}/?{EARLY}")
        officer.see("规定天数内无新增感染者")
        form = officer.page.locator("form", has=officer.page.locator("input[value=extend]"))
        form.locator("input[name=expected_until]").fill("2021-01-28")
        form.locator("input[name=reason]").fill("新增1例")
        with officer.page.expect_navigation():
            form.locator("button").click()
        officer.go(f"/zones/{number}/versions/?{EARLY}")
        officer.see("2021-01-25", "2021-01-28")
        officer.snap("zone-versions")

        officer.go(f"/zones/{number}/?{LAST}")
        officer.page.locator("form[action*=decide] input[name=reason]").fill("期满，核酸均为阴性")
        with officer.page.expect_navigation():
            officer.page.click("button[value=lifted]")
        officer.see("已解除")
        reader.go(f"/areas/?{LAST}")
        reader.see("已解除", DRAWN)

    def cares(self, enter, number):
        """A grid worker stands at the gate with a phone that loses its signal; whoever goes to care goes."""
        worker = enter("area_officer", language=CHINESE, size=PHONE)
        worker._expected.add("ERR_INTERNET_DISCONNECTED")
        worker.go(f"/inside/{number}/?{EARLY}")
        form = worker.page.locator("form", has=worker.page.locator("input[value=open_gate]"))
        form.locator("input[name=name]").fill("村东口")
        with worker.page.expect_navigation():
            form.locator("button").click()
        form = worker.page.locator("form", has=worker.page.locator("input[value=ask]"))
        form.locator("input[name=number]").fill("ZONE-1")
        form.locator("select[name=kind]").select_option("care")
        with worker.page.expect_navigation():
            form.locator("button").click()
        worker.go(f"/inside/{number}/doors/?{EARLY}")
        page = worker.page
        page.wait_for_function("navigator.serviceWorker.ready.then((ready) => Boolean(ready.active))")
        page.wait_for_function(KEPT)
        worker.see("外出就医")
        worker.context.set_offline(True)
        page.click("[data-tab=gate]")
        selects = page.locator(".gate-form select")
        selects.nth(2).select_option("medical")
        assert not page.get_by_role("button", name="未放行", exact=True).is_visible()
        page.locator(".gate-form input").nth(1).fill("ZONE-1")
        page.get_by_role("button", name="放行", exact=True).click()
        page.wait_for_function(COUNTS, arg="待上传 1")
        worker.context.set_offline(False)
        page.wait_for_function(COUNTS, arg="待上传 0", timeout=90_000)
        worker.snap("inside-gate")
        worker.go(f"/inside/{number}/?{EARLY}")
        worker.see("目前没有待办诉求", "累计办结1件", "ZONE-1")
        assert worker.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        worker.snap("inside-zone", whole=True)


class TestAnotherCounty:
    def test_answers_as_if_the_person_did_not_exist(self, enter):
        officer = enter("duty_officer_130581")
        said = []
        for number in (_somebody_of(enter, "130109"), "HB-9999999"):
            officer.go(f"/people/{number}/?{LAST}", expect=404)
            said.append(officer.read("main").replace(number, "NUMBER"))
        assert said[0] == said[1]
        officer.snap("not-yours")

    def test_sees_only_its_own_people_in_the_list(self, enter):
        officer = enter("duty_officer_130581")
        officer.go(f"/people/?{LAST}")
        assert 0 < officer.number(".answer b") < 100
        number = _somebody_of(enter, "130109")
        officer.go(f"/people/?{LAST}&q={number}")
        assert officer.page.locator("tbody tr").count() == 0


def _somebody_of(enter, area: str) -> str:
    colleague = enter(f"duty_officer_{area}")
    colleague.go(f"/people/?{LAST}")
    return colleague.page.locator("tbody tr a").last.inner_text()
