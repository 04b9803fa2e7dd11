"""An order from its issuing to an objection: an officer, the person themselves, and somebody else who decides."""

import re

import pytest

from tests.browser.walking import ENGLISH, PHONE
from tests.serving import Served

pytestmark = pytest.mark.browser
LAST = "day=2021-02-14"
CASE, CONTACT = "HB-0244", "BT-0101"
HOME = "130109110212"


@pytest.fixture(scope="module")
def issued():
    """What the first journey leaves to those after it: the number and the code of an order."""
    return {}


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


class TestTheOfficer:
    def test_issues_prints_and_serves(self, enter, issued, waiting_order):
        officer = enter("isolation_coordinator")
        officer.go(f"/orders/next/?{LAST}")
        while CONTACT not in officer.read("main"):  # others may wait before
            officer.page.locator("a.button[href*='after=']").first.click()
            officer.page.wait_for_load_state("networkidle")
        assert "突发公共卫生事件应急条例" in officer.page.locator("input[name=legal_basis]").input_value()
        officer.snap("order-next")
        with officer.page.expect_navigation():
            officer.page.locator("button[value=issue]").click()
        assert officer.page.locator(".messages .success").is_visible()
        officer.go(f"/people/{CONTACT}/?{LAST}")
        officer.page.locator("a", has_text=re.compile(r"^GL\d{9}$")).first.click()
        officer.page.wait_for_load_state("networkidle")
        officer.see("未送达", "法律依据", "登记送达")
        officer.snap("order-one", whole=True)
        issued["number"] = re.search(r"GL\d{9}", officer.read("h1"))[0]
        issued["code"] = officer.read("b.code")
        letter = officer.context.request.get(officer.page.url.replace("/?", "/letter/?"))
        assert letter.headers["content-type"] == "application/pdf"
        assert letter.body().startswith(b"%PDF")

    def test_sees_on_a_phone_who_was_not_told_and_tells_them(self, enter, issued):
        worker = enter("isolation_coordinator", size=PHONE)
        worker.go(f"/orders/to-serve/?{LAST}")
        worker.see("待送达的决定", issued["number"])
        worker.snap("orders-to-serve-phone", whole=True)
        worker.page.locator("li", has_text=issued["number"]).locator("input[name=order]").check()
        worker.press("已告知所勾选的人员")
        worker.see("已登记送达 1 人")


class TestThePerson:
    def test_reads_what_applies_and_objects(self, enter, issued):
        person = enter(None, size=PHONE)
        person.go("/objection/")
        person.page.fill("input[name=number]", issued["number"])
        person.page.fill("input[name=code]", issued["code"])
        person.press("查看对我的措施")
        person.see("24:00", "法律依据", "您可以")
        person.snap("objection-phone", whole=True)
        person.page.fill("textarea[name=text]", "当天我在外地，没有接触过病例。")
        person.press("提交异议")
        person.see("异议已受理")
        person.snap("objection-taken-phone")


class TestTheCommander:
    def test_decides_on_it(self, enter, issued):
        commander = enter("commander", language=ENGLISH)
        commander.go(f"/objections/?{LAST}")
        commander.snap("objections-en")
        commander.page.locator(".task-list a").first.click()
        commander.page.wait_for_load_state("networkidle")
        commander.see("当天我在外地", issued["number"], "These hours are unverified")
        commander.page.check("input[value=granted]")
        commander.page.fill("textarea[name=reason]", "经核实，当日不在该地。")
        commander.snap("objection-one-en", whole=True)
        commander.press("Decide in my name")
        commander.see("Decided in your name", "Granted")

    def test_set_the_person_free(self, enter, issued):
        person = enter(None, language=ENGLISH)
        person.go("/objection/")
        person.page.fill("input[name=number]", issued["number"])
        person.page.fill("input[name=code]", issued["code"])
        person.press("Show what applies to me")
        person.see("has ended", "经核实，当日不在该地。")
        person.snap("objection-answered-en", whole=True)
