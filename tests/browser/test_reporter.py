"""The reporter's evening: zero is stated, the report goes out as a workbook and on paper."""

import pytest
from python_calamine import CalamineWorkbook

from tests.browser.walking import PHONE

pytestmark = pytest.mark.browser
DAY = "day=2021-01-20"
COUNTY = "130581"
OTHER = "130109"


class TestDailyReport:
    def test_is_submitted_once_in_the_reporters_name(self, enter):
        reporter = enter(f"reporter_{COUNTY}")
        reporter.go(f"/reports/?{DAY}")
        reporter.see("南宫市")
        button = reporter.page.locator("form[action*=submit] button")
        assert button.count() == 1
        with reporter.page.expect_navigation():
            button.click()
        assert reporter.page.locator(".messages .success").is_visible(), reporter.read(".messages")
        reporter.see("1 个地区中 1 个已报送", "南宫市信息报告员 01-20")
        assert reporter.page.locator("form[action*=submit]").count() == 0

    def test_of_nothing_is_a_statement_of_zero(self, enter):
        reporter = enter("reporter")
        reporter.go("/reports/?day=2021-01-05")
        row = reporter.page.locator("tr:has(form[action*=submit])", has_text="零报告").first  # left to us by the replay
        name = row.locator("th").inner_text().split()[0]
        with reporter.page.expect_navigation():
            row.locator("form button").click()
        assert "河北省信息报告员 01-05" in reporter.page.locator("tr", has_text=name).first.inner_text()

    def test_is_a_workbook_with_the_same_figures(self, enter, tmp_path):
        reporter = enter(f"reporter_{COUNTY}")
        reporter.go(f"/reports/?{DAY}")
        shown = reporter.page.locator("tbody tr").first.locator("td.number").first.inner_text()
        with reporter.page.expect_download() as asked:
            reporter.page.click("a[href*='/reports/export/']")
        path = tmp_path / "report.xlsx"
        asked.value.save_as(path)
        assert asked.value.suggested_filename == "sizao-report-2021-01-19.xlsx"
        book = CalamineWorkbook.from_path(path)
        rows = book.get_sheet_by_index(0).to_python()
        heads = next(index for index, row in enumerate(rows) if "新增确诊病例" in row)
        column = rows[heads].index("新增确诊病例")
        line = next(row for row in rows[heads + 1 :] if str(row[0]) == COUNTY)
        assert f"{line[column]:.0f}" == shown

    def test_fits_on_paper_without_what_is_only_for_the_screen(self, enter, tmp_path):
        reporter = enter("reporter")
        reporter.go(f"/reports/?{DAY}")
        reporter.page.emulate_media(media="print")
        assert reporter.page.locator(".print-only").is_visible()
        assert not reporter.page.locator("nav.menu").is_visible()
        assert not reporter.page.locator("form[action*=submit] button").first.is_visible()
        reporter.see("河北省疫情" if "河北省疫情" in reporter.read() else "石家庄", "复盘", "河北省信息报告员")
        assert len(reporter.page.pdf(format="A4", landscape=True)) > 10_000


class TestThreeLevels:
    """County, city and province: submitted on a phone, returned by the level above, corrected, approved."""

    def test_submit_return_correct_approve(self, enter):
        county = enter(f"reporter_{OTHER}", size=PHONE)
        county.go(f"/reports/areas/{OTHER}/?{DAY}")
        with county.page.expect_navigation():
            county.page.locator("form[action*=submit] button").click()
        county.see("待审核")
        province = enter("commander")
        province.go(f"/reports/areas/{OTHER}/?{DAY}")
        province.page.locator("summary", has_text="退回").click()
        province.page.fill("form[action*=return] input[name=reason]", "请核实密接人数")
        with province.page.expect_navigation():
            province.page.locator("form[action*=return] button").click()
        county.go(f"/reports/areas/{OTHER}/?{DAY}")
        county.see("已退回", "请核实密接人数")
        county.page.fill("form[action*=correct] input[name=reason]", "已核实无误")
        with county.page.expect_navigation():
            county.page.locator("form[action*=correct] button").click()
        county.see("已订正", "已核实无误")
        province.go(f"/reports/approvals/?{DAY}")
        with province.page.expect_navigation():
            province.page.locator("form[action*=approve] button.primary").click()
        province.go(f"/reports/areas/{OTHER}/?{DAY}")
        province.see("已审核", "已核实无误")

    def test_the_province_sees_at_once_who_is_missing(self, enter):
        reporter = enter("reporter")
        reporter.go("/reports/overview/?day=2021-01-20&date=2021-01-19")
        reporter.see("未报", "石家庄市")
        reporter.page.locator("tbody a", has_text="石家庄市").click()
        reporter.page.wait_for_url("**area=1301**")
        reporter.see("长安区")

    def test_a_county_explains_its_figures_on_a_phone(self, enter):
        reporter = enter("reporter", size=PHONE)
        reporter.go("/reports/areas/130109/?day=2021-01-12")
        reporter.see("累计确诊病例", "新增", "版本")
        width = reporter.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"]
