"""The area officer decides on a zone; another county's officer learns nothing of people who are not theirs."""

import pytest

pytestmark = pytest.mark.browser
LAST = "day=2021-02-14"
ZONE = "新乐市"
EARLY = "day=2021-01-14"
DRAWN = "东街片区"
OUTLINE = (
    '{"type": "Polygon", "coordinates": [[[114.845, 38.045], [114.855, 38.045], [114.855, 38.055], '
    "[114.845, 38.055], [114.845, 38.045]]]}"
)
KEPT = """caches.open("sizao-inside-1").then((store) => store.keys())
  .then((kept) => kept.some((one) => one.url.includes("/doors/?")))"""
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
        officer.see("已公布", "area_officer")
        assert officer.page.locator("button[value=approved], button[value=published]").count() == 0
        officer.snap("zone-published")

        reader = enter("reporter")
        reader.go(officer.page.url.removeprefix(reader.served.address))
        reader.see("已公布")
        assert reader.page.locator("form[action*=decide]").count() == 0


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
