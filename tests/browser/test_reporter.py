"""The reporter's evening: zero is stated, the report goes out as a workbook and on paper."""

import pytest
from python_calamine import CalamineWorkbook

pytestmark = pytest.mark.browser
DAY = "day=2021-01-20"
COUNTY = "130581"


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
        row = reporter.page.locator("tr", has_text="零报告").first
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
        reporter.see("河北省疫情" if "河北省疫情" in reporter.read() else "石家庄", "复盘", "reporter")
        assert len(reporter.page.pdf(format="A4", landscape=True)) > 10_000
