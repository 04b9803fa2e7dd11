"""The supervisor's round: finds in the field, notifies, the county mends with evidence, another looks again, closes."""

import re
import struct
import zlib

import pytest

from tests.browser.walking import ENGLISH, PHONE

pytestmark = pytest.mark.browser
LAST = "day=2021-02-14"
COUNTY = "130109"


@pytest.fixture(scope="module")
def found():
    """What the first journey leaves to those after it: the address of the finding."""
    return {}


def photograph() -> dict[str, object]:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    wide = 64
    rows = b"".join(b"\0" + b"\x60\x80\xa0" * wide for _ in range(wide))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", wide, wide, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
    return {"name": "p.png", "mimeType": "image/png", "buffer": content}


class TestTheScorecard:
    def test_shows_the_clocks_of_the_replay_and_opens_to_rows(self, enter):
        supervisor = enter("supervisor")
        supervisor.go("/oversight/?day=2021-01-12")
        supervisor.see("督查", "按时率", "指标")
        supervisor.snap("oversight", whole=True)
        cell = supervisor.page.locator("td[data-label='到期事项'] a").first
        count = int(cell.inner_text())
        assert count > 0
        cell.click()
        supervisor.page.wait_for_load_state("networkidle")
        supervisor.see(f"共 {count} 条")
        supervisor.snap("oversight-rows", whole=True)

    def test_fits_on_a_phone_and_in_english(self, enter):
        supervisor = enter("supervisor", size=PHONE, language=ENGLISH)
        supervisor.go("/oversight/?day=2021-01-12")
        supervisor.see("Oversight", "late now")
        wide = supervisor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0
        supervisor.snap("oversight-phone-en", whole=True)


class TestAFinding:
    def test_is_recorded_in_the_field_and_notified(self, enter, found):
        supervisor = enter("supervisor", size=PHONE)
        supervisor.go(f"/findings/new/?{LAST}&list=testing-site")
        page = supervisor.page
        page.check("input[name=item][value='testing-site:transport']")
        page.fill("textarea[name=what]", "采样点样本箱超过四小时未送检")
        page.select_option("select[name=area]", COUNTY)
        page.select_option("select[name=severity]", "major")
        page.set_input_files("input[name=photos]", photograph())
        supervisor.snap("finding-new-phone", whole=True)
        supervisor.press("以本人名义录入")
        supervisor.see("已登记，编号 DC")
        found["address"] = re.search(r"/findings/\d+/", page.url)[0]
        for name, value in (
            ("territory", "藁城区"),
            ("department", "区卫健局"),
            ("unit", "某采样点"),
            ("individual", "张三"),
        ):
            page.fill(f"input[name={name}]", value)
        supervisor.press("通知整改")
        supervisor.see("待整改", "区卫健局", "张三")
        supervisor.snap("finding-notified-phone", whole=True)

    def test_is_mended_with_evidence(self, enter, found):
        mender = enter("testing_coordinator")
        mender.go(f"{found['address']}?{LAST}")
        mender.page.fill("textarea[name=note]", "已增派转运车辆，明确每两小时送检一次")
        mender.page.set_input_files("input[name=photos]", photograph())
        mender.page.fill("input[name=signed_as]", "李四")
        mender.press("以本人名义报告")
        mender.see("待复查", "已增派转运车辆", "李四")

    def test_is_looked_at_again_and_closed(self, enter, found):
        supervisor = enter("supervisor", language=ENGLISH)
        supervisor.go(f"{found['address']}?{LAST}")
        supervisor.page.fill("textarea[name=note]", "现场复查，送检时间符合要求")
        supervisor.page.fill("input[name=signed_as]", "王五")
        supervisor.press("Mended: close it")
        supervisor.see("Closed", "现场复查", "已增派转运车辆")
        assert supervisor.page.locator(".photos img").count() == 2
        supervisor.snap("finding-closed-en", whole=True)


class TestTheResident:
    def test_says_what_is_wrong_and_reads_the_answer(self, enter):
        resident = enter(None, size=PHONE)
        resident.go("/complaint/")
        resident.page.fill("textarea[name=text]", "楼道三天没有消毒，也没有人送菜。")
        resident.page.select_option("select[name=area]", COUNTY)
        resident.snap("complaint-phone", whole=True)
        resident.press("提交")
        resident.see("已收到", "查询码")
        resident.snap("complaint-taken-phone")
        number, code = (one.inner_text() for one in resident.page.locator(".big-code").all())
        resident.go("/complaint/")
        resident.page.fill("input[name=number]", number)
        resident.page.fill("input[name=code]", code)
        resident.press("查询答复")
        resident.see("正在办理")


class TestTheJournal:
    def test_checks_its_chain_on_the_page(self, enter, served):
        served.tell("journal", "seal")
        supervisor = enter("supervisor")
        supervisor.go(f"/journal/?{LAST}")
        supervisor.page.locator("[data-chain-start]").click()
        supervisor.page.wait_for_selector("[data-chain-said].holds", timeout=60_000)
        supervisor.see("全部校验通过")
        supervisor.snap("journal", whole=True)

    def test_lists_of_oversight_have_nothing_to_hide(self, enter):
        supervisor = enter("supervisor")
        for address, name in (
            ("/findings/?show=proposed", "findings"),
            ("/complaints/", "complaints"),
            ("/rewards/", "rewards"),
        ):
            supervisor.go(address)
            supervisor.snap(name, whole=True)
