"""An order from its issuing to an objection: an officer, the person themselves, and somebody else who decides."""

import re

import pytest

from tests.browser.walking import ENGLISH, PHONE

pytestmark = pytest.mark.browser
LAST = "day=2021-02-14"


@pytest.fixture(scope="module")
def issued(served):
    """What the first journey leaves to those after it: the number, the code and the address of an order."""
    return {}


class TestTheOfficer:
    def test_issues_prints_and_serves(self, enter, issued):
        officer = enter("duty_officer")
        officer.go(f"/orders/next/?{LAST}")
        while officer.page.locator("button[value=issue]").count() == 0:
            officer.page.get_by_role("link", name="下一个").click()
        assert "突发公共卫生事件应急条例" in officer.page.locator("input[name=legal_basis]").input_value()
        officer.snap("order-next")
        person = officer.page.locator("section.panel h2 a").first
        number = person.inner_text()
        officer.press("以我的名义签发")
        officer.see("已以您的名义签发")
        officer.go(f"/people/{number}/?{LAST}")
        officer.page.locator("a", has_text=re.compile(r"^GL\d{9}$")).first.click()
        officer.page.wait_for_load_state("networkidle")
        officer.see("未送达", "法律依据", "登记送达")
        officer.snap("order-one", whole=True)
        issued["number"] = re.search(r"GL\d{9}", officer.read("h1"))[0]
        issued["code"] = officer.read("b.code")
        issued["address"] = officer.page.url
        letter = officer.context.request.get(officer.page.url.replace("/?", "/letter/?"))
        assert letter.headers["content-type"] == "application/pdf"
        assert letter.body().startswith(b"%PDF")
        officer.press("已送达")
        officer.see("已登记送达")

    def test_sees_who_was_not_told_on_a_phone(self, enter):
        worker = enter("duty_officer", size=PHONE)
        worker.go(f"/orders/to-serve/?{LAST}")
        worker.see("待送达的决定")
        worker.snap("orders-to-serve-phone")


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
