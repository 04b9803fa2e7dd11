"""The investigator's day: a positive result comes in, somebody is asked, the person's course is recorded."""

import json
import urllib.request
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.serving import Served

pytestmark = pytest.mark.browser
LAST = "day=2021-02-14"
PERSON, HOME = "LAB-0001", "130109110212"


class TestLineList:
    def test_finds_a_case_by_its_number(self, enter):
        investigator = enter("investigator_130109")
        investigator.go(f"/people/?{LAST}")
        number = investigator.page.locator("tbody tr a").last.inner_text()
        investigator.page.fill("input[name=q]", number.lower())
        investigator.press("显示")
        assert f"q={number.lower()}" in investigator.page.url
        assert investigator.page.locator("tbody tr").count() == 1
        investigator.page.click("tbody a")
        investigator.page.wait_for_load_state("networkidle")
        investigator.see(number, "确诊病例", "核酸检测")
        assert investigator.page.locator(".timeline li").count() > 5
        investigator.snap("person")

    def test_keeps_its_filters_in_the_address(self, enter):
        investigator = enter("investigator")
        investigator.go("/people/?day=2021-01-14")
        investigator.page.select_option("select[name=area]", "130581")
        investigator.page.select_option("select[name=status]", "confirmed")
        investigator.press("显示")
        shown = investigator.page.url
        assert "area=130581" in shown
        assert "status=confirmed" in shown
        counted = investigator.number(".answer b")
        assert 0 < counted < 100
        colleague = enter("duty_officer")
        colleague.go(shown.removeprefix(colleague.served.address))
        assert colleague.number(".answer b") == counted
        assert colleague.page.input_value("select[name=area]") == "130581"

    def test_pages_without_losing_or_repeating_anybody(self, enter):
        investigator = enter("investigator")
        investigator.go(f"/people/?{LAST}")
        first = investigator.page.locator("tbody tr a").all_inner_texts()
        investigator.page.click("a[rel=next]")
        investigator.page.wait_for_load_state("networkidle")
        second = investigator.page.locator("tbody tr a").all_inner_texts()
        assert not set(first) & set(second)
        investigator.page.click("a[rel=prev]")
        investigator.page.wait_for_load_state("networkidle")
        assert investigator.page.locator("tbody tr a").all_inner_texts() == first


class TestSharedExposures:
    def test_have_the_wedding_near_the_airport_road_at_the_top(self, enter):
        investigator = enter("investigator")
        investigator.go("/graph/?day=2021-01-20")
        leading = " ".join(investigator.page.locator(".exposures li").all_inner_texts()[:3])
        assert "机场" in leading
        assert "2020-12-28" in leading
        investigator.page.wait_for_selector(".graph-frame canvas")
        investigator.snap("graph")


class TestUnmatchedPlaces:
    def test_are_registered_as_places_of_their_own(self, enter):
        investigator = enter("investigator")
        investigator.go(f"/places/unmatched/?{LAST}")
        waiting = investigator.number(".answer")
        entry = investigator.page.locator(".task-list li").first
        name = entry.locator("b").first.inner_text()
        entry.locator("details summary").first.click()
        area = entry.locator("input[name=area]")
        if not area.input_value():
            area.fill("130109")
        with investigator.page.expect_navigation():
            entry.locator("details form button").click()
        assert investigator.page.locator(".messages .success").is_visible(), investigator.read(".messages")
        investigator.see(name)
        assert investigator.number(".answer") == waiting - 1


class TestOneCase:
    def test_goes_from_the_laboratory_to_a_finished_task(self, enter, served, laboratory):
        laboratory(PERSON, "2021-02-14T09:30")
        _advance(served)
        officer = enter("duty_officer")
        officer.go(f"/tasks/?{LAST}")
        officer.see("核实信号")
        officer.go(f"/signals/hints/?{LAST}&state=new")
        officer.see(PERSON)
        officer.page.locator("tbody tr", has_text=PERSON).locator("button[value=verify]").click()
        officer.page.wait_for_load_state("networkidle")
        assert officer.page.locator(".messages .success").is_visible(), officer.read(".messages")
        _advance(served)

        investigator = enter("investigator_130109")
        investigator.go(f"/tasks/?{LAST}")
        task = investigator.page.locator(".task-list li", has_text=PERSON).first
        kind = task.locator("b").first.inner_text()
        with investigator.page.expect_navigation():
            task.locator("form[action*=receive] button").click()
        task = investigator.page.locator(".task-list li", has_text=PERSON).filter(has_text=kind).first
        assert "已接收" in task.inner_text()
        task.get_by_role("link", name="打开").click()
        investigator.page.wait_for_load_state("networkidle")
        _record_onset(investigator, "2021-02-12")
        investigator.see("2021-02-12")
        investigator.snap("investigated")

        investigator.go(f"/tasks/?{LAST}")
        task = investigator.page.locator(".task-list li", has_text=PERSON).filter(has_text=kind).first
        task.locator("details", has_text="完成").locator("summary").click()
        task.locator("input[name=outcome]").fill("已核实发病日期")
        with investigator.page.expect_navigation():
            task.locator("form[action*=finish] button").click()
        left = investigator.page.locator(".task-list li", has_text=PERSON).filter(has_text=kind)
        assert left.count() == 0


@pytest.fixture
def laboratory(served: Served):
    """A laboratory that sends positive results through the API with a token of its own."""
    rights = ("--right", "signal.send")
    told = served.tell("account", "token", "give", "duty_officer", "--label", "laboratory", *rights)
    token = told.strip().rsplit(" ", 1)[1]

    def send(person: str, at: str) -> None:
        hint = {
            "source_key": f"laboratory:{person}",
            "kind": "positive_test",
            "area_code": HOME,
            "occurred_at": datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Asia/Shanghai")).isoformat(),
            "source": "县级实验室",
            "person": person,
        }
        asked = urllib.request.Request(  # noqa: S310 — this machine's own server
            f"{served.address}/api/outbreaks/hebei-2021-01/signals?{LAST}",
            data=json.dumps({"signals": [hint]}).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310 — as above
            assert json.load(answer)["new"] == 1

    return send


def _advance(served: Served) -> None:
    served.tell("advance", "hebei-2021-01", "--day", "2021-02-14")


def _record_onset(investigator, day: str) -> None:
    form = investigator.page.locator("form[action*='/investigate/']", has=investigator.page.locator("[name=onset]"))
    form.locator("xpath=ancestor::details").locator("summary").click()
    form.locator("[name=onset]").fill(day)
    with investigator.page.expect_navigation():
        form.locator("button").click()
    assert investigator.page.locator(".messages .success").is_visible(), investigator.read(".messages")
