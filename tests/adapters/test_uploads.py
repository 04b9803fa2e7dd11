"""A table that somebody uploads: read as text, or refused with the cell at fault."""

import io

import pytest
import xlsxwriter

from sizao.adapters.uploads import MOST_BYTES, UploadUnreadable, read

COLUMNS = {"id_number": ("身份证号",), "name": ("姓名",), "phone": ("电话", "手机号")}


def given(content, needs=("name",)):
    return read(content, "who.csv", columns=COLUMNS, needs=needs)


def workbook(*rows):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
    return file.getvalue()


class TestReads:
    def test_columns_by_either_heading_and_leaves_others_aside(self):
        found = given("姓名,备注,手机号\n王小明,x,13000000000\n,,\n李四,,\n".encode())
        assert found.rows == ({"name": "王小明", "phone": "13000000000"}, {"name": "李四", "phone": ""})
        assert found.lines == (2, 4)

    def test_text_as_office_programs_in_china_write_it(self):
        assert given("姓名,电话\n王小明,1\n".encode("gb18030")).rows[0]["name"] == "王小明"

    def test_a_workbook_whose_phones_are_numbers(self):
        found = given(workbook(("name", "phone"), ("王小明", 13000000000), ("李四", "010-1")))
        assert [row["phone"] for row in found.rows] == ["13000000000", "010-1"]

    def test_a_list_with_titles_above_its_headings_and_tells_the_lines_of_the_file(self):
        found = given(
            workbook(("两村应检人员名册", ""), ("填表人：某某", "2021-01-10"), ("姓 名", "手机号"), ("王小明", "1"))
        )
        assert (found.rows, found.lines) == (({"name": "王小明", "phone": "1"},), (4,))

    @pytest.mark.parametrize("parted", [";", "\t"])
    def test_cells_parted_by_semicolon_or_tab(self, parted):
        assert given(f"姓名{parted}电话\n王小明{parted}1\n".encode()).rows == ({"name": "王小明", "phone": "1"},)

    def test_a_title_without_a_comma_above_a_list_with_commas(self):
        assert given("名册;\n姓名,电话\n王小明,1\n".encode()).rows == ({"name": "王小明", "phone": "1"},)


class TestRefuses:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "nothing in it"),
            ("姓名,电话\n".encode(), "no row below"),
            ("电话\n1\n".encode(), "column name"),
            ("姓名,name\na,b\n".encode(), "2 times"),
            (b"PK\x03\x04 broken", "damaged workbook"),
            (b"\xff\xff\xff\x00", "neither a workbook"),
            (b"name\n" + b"x" * 600 + b"\n", "line 2, name"),
            (b"x" * (MOST_BYTES + 1), "larger than 5 MB"),
            (b"name\n" + b"x\n" * 20_001, "more than 20,000 rows"),
        ],
    )
    def test_what_cannot_be_read_in_one_sentence(self, content, said):
        with pytest.raises(UploadUnreadable) as refusal:
            given(content)
        assert said in str(refusal.value)
        assert refusal.value.facts["reason"].label("zh-hans").isascii() is False

    def test_a_missing_column_by_the_heading_that_an_office_would_write(self):
        with pytest.raises(UploadUnreadable) as refusal:
            given("电话\n1\n".encode())
        assert "“姓名”" in refusal.value.facts["reason"].zh

    def test_long_numbers_that_lost_their_digits(self):
        with pytest.raises(UploadUnreadable) as refusal:
            given(workbook(("name", "id_number"), ("王小明", 130109199001011234)))
        assert "line 2, column 2" in str(refusal.value)
