"""The duty officer's day: what is the picture, what is late, which order goes out in my name."""

import re

import pytest

from tests.serving import Served

pytestmark = pytest.mark.browser
LAST = "day=2021-02-14"
CASE, CONTACT = "HB-0244", "BT-0001"
HOME = "130109110212"


class TestSituation:
    def test_opens_on_the_last_day_as_a_rehearsal(self, enter):
        officer = enter(None)
        officer.sign_in("duty_officer")
        officer.see("2021年2月14日", "复盘", "累计确诊")
        assert officer.page.locator(".badge-kind").is_visible()
        officer.page.wait_for_selector("#map[data-drawn]")
        assert officer.page.locator("#curve svg path").count() > 50
        officer.snap("situation")

    def test_moves_through_the_days_by_keys_and_clicks(self, enter):
        officer = enter("duty_officer")
        officer.go("/")
        seen = {LAST: _picture(officer)}
        slider = officer.page.locator("[data-day-range]")
        slider.focus()
        _on_day(officer, "2021-01-02", lambda: slider.press("Home"))
        seen["2021-01-02"] = _picture(officer)
        officer.see("累计确诊 0 例")
        _on_day(officer, "2021-01-03", lambda: slider.press("ArrowRight"))
        for day in ("2021-01-04", "2021-01-05"):
            _on_day(officer, day, lambda: officer.page.locator('[data-day-step="1"]').click())
        _on_day(officer, "2021-01-04", lambda: officer.page.locator('[data-day-step="-1"]').click())
        officer.page.locator("body").click(position={"x": 5, "y": 400})
        _on_day(officer, "2021-01-05", lambda: officer.page.keyboard.press("]"))
        _on_day(officer, "2021-01-14", lambda: officer.page.locator("[data-day-date]").fill("2021-01-14"))
        seen["2021-01-14"] = _picture(officer)
        # Figures, curve, map labels and the areas all follow.
        for part in seen[LAST]:
            assert len({str(picture[part]) for picture in seen.values()}) == 3, part
        officer.snap("situation-14-january")

    def test_plays_the_days_until_stopped(self, enter):
        officer = enter("duty_officer")
        officer.go("/?day=2021-01-05")
        play = officer.page.locator("[data-day-play]")
        play.click()
        officer.page.wait_for_function("() => document.querySelector('[data-day-date]').value >= '2021-01-07'")
        play.click()
        stopped = officer.page.locator("[data-day-date]").input_value()
        officer.page.wait_for_timeout(1600)
        assert officer.page.locator("[data-day-date]").input_value() == stopped

    def test_shows_proposals_beside_what_was_decided(self, enter):
        officer = enter("duty_officer")
        officer.go("/?day=2021-01-14")
        zones = officer.page.locator("[data-part=zones]")
        proposed, official = (zones.locator("h3 .tag").nth(side) for side in (0, 1))
        assert int(proposed.inner_text()) > 10
        assert int(official.inner_text()) > 10
        zones.locator("a[href*='/zones/']", has_text="藁城区").first.click()
        officer.page.wait_for_load_state("networkidle")
        assert "day=2021-01-14" in officer.page.url
        officer.see("藁城区", "高风险", "2021-01-07")
        officer.snap("zone")

    def test_says_what_is_late_and_leads_there(self, enter):
        officer = enter("duty_officer")
        officer.go("/?day=2021-01-14")
        late = int(officer.page.locator(".figure b").last.inner_text())
        officer.see(f"{late} 项任务已超时" if late else "没有任务超时")
        officer.page.locator(".figure").last.click()
        officer.page.wait_for_url(lambda address: "/tasks/" in address)
        assert "day=2021-01-14" in officer.page.url
        officer.go("/tasks/?day=2021-01-14&whose=all")
        assert officer.number(".answer") > 100
        assert officer.page.locator(".task-list li").count() > 10


class TestOrders:
    def test_are_read_and_issued_once_in_an_officers_name(self, enter, served, waiting_order):
        officer, colleague = enter("duty_officer"), enter("isolation_coordinator")
        for reader in (officer, colleague):
            reader.go(f"/orders/next/?{LAST}")
            reader.see(CONTACT, "集中隔离医学观察", "2021-02-27", CASE, "行政复议", "contacts.close.central_days")
        officer.snap("order")
        officer.page.locator("button[value=issue]").click()
        officer.page.wait_for_load_state("networkidle")
        officer.see(CONTACT)
        assert officer.page.locator(".messages .success").is_visible()

        # The colleague still has the proposal on the screen and decides on it as well.
        colleague.page.locator("button[value=issue]").click()
        colleague.page.wait_for_load_state("networkidle")
        assert colleague.page.locator(".messages .warning").is_visible()

        officer.go(f"/people/{CONTACT}/?{LAST}")
        officer.see("已签发 河北省值班员")
        supervisor = enter("supervisor")
        supervisor.go(f"/journal/?{LAST}&verb=order.issued")
        assert supervisor.page.locator("tbody tr", has_text="duty_officer").count() == 1


@pytest.fixture
def waiting_order(enter, served: Served) -> None:
    """A close contact that an investigator named on the last day, and the order that the loop proposed for them."""
    investigator = enter("investigator")
    investigator.go(f"/people/{CASE}/?{LAST}")
    form = investigator.page.locator("form[action*='/contact/']")
    form.locator("xpath=ancestor::details").locator("summary").click()
    form.locator("[name=contact]").fill(CONTACT)
    form.locator("[name=area]").fill(HOME)
    form.locator("[name=kind]").select_option("close")
    form.locator("[name=last_exposure]").fill("2021-02-13")
    with investigator.page.expect_navigation():
        form.locator("button").click()
    assert investigator.page.locator(".messages .success").is_visible(), investigator.read(".messages")
    served.tell("advance", "hebei-2021-01", "--day", "2021-02-14")


def _on_day(officer, day: str, act) -> None:
    with officer.page.expect_response(lambda answer: "/situation/day/" in answer.url and day in answer.url):
        act()
    shown = f"{int(day[:4])}年{int(day[5:7])}月{int(day[8:])}日"
    officer.page.wait_for_function("text => document.querySelector('h1').textContent.includes(text)", arg=shown)
    assert day in officer.page.url


def _picture(officer) -> dict[str, object]:
    """What the four parts of the situation say."""
    officer.page.wait_for_selector("#map[data-drawn]")
    return {
        "answer": officer.read(".answer"),
        "figures": officer.read(".figures"),
        "curve": officer.page.locator("#curve svg").inner_html(),
        "map": re.sub(r"\s+", " ", " ".join(officer.page.locator("#map .place").all_inner_texts())),
    }
