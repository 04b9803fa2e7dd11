"""Workbooks: what is written is what is read, nothing is a formula, nothing is left half-written."""

import errno
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from sizao.adapters import spreadsheets
from sizao.adapters.spreadsheets import Sheet

ROWS = [["=1+1", 7, 2.5, date(2021, 1, 2), datetime(2021, 1, 2, 8, 30, tzinfo=UTC), None]]
HEADS = ("text", "whole", "real", "day", "moment", "nothing")


def read(file):
    if isinstance(file, BytesIO):
        file.seek(0)
        book = CalamineWorkbook.from_filelike(file)
    else:
        book = CalamineWorkbook.from_path(file)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


class TestWrite:
    def test_gives_back_what_was_put_in_and_no_formula(self):
        file = BytesIO()
        assert spreadsheets.write(file, [Sheet("cases", HEADS, ROWS)]) == 1
        heads, row = read(file)["cases"]
        assert heads == list(HEADS)
        # The zone is left out, since a sheet has none; a cell that is not written reads as an empty text.
        moment = datetime(2021, 1, 2, 8, 30, tzinfo=UTC).replace(tzinfo=None)
        assert row == ["=1+1", 7.0, 2.5, date(2021, 1, 2), moment, ""]

    def test_a_title_that_the_format_refuses_is_made_one_it_takes(self):
        file = BytesIO()
        spreadsheets.write(file, [Sheet("a/b:c" * 9, ("x",), [])])
        (title,) = read(file)
        assert title == ("a_b_c" * 9)[:28]

    def test_rows_beyond_a_sheet_go_to_the_next(self, monkeypatch):
        monkeypatch.setattr(spreadsheets, "MOST_ROWS", 2)
        file = BytesIO()
        assert spreadsheets.write(file, [Sheet("people", ("n",), [[n] for n in range(5)])]) == 5
        found = read(file)
        assert list(found) == ["people", "people 2", "people 3"]
        assert [row[0] for rows in found.values() for row in rows[1:]] == [0, 1, 2, 3, 4]
        assert all(rows[0] == ["n"] for rows in found.values())

    def test_a_last_sheet_can_say_how_many_rows_the_first_had(self):
        file, seen = BytesIO(), []

        def rows():
            for n in range(3):
                seen.append(n)
                yield [n]

        spreadsheets.write(file, [Sheet("people", ("n",), rows), Sheet("origin", ("rows",), lambda: [[len(seen)]])])
        assert read(file)["origin"][1] == [3]


class TestKeptWhole:
    def test_appears_when_all_is_written_and_only_for_its_owner(self, tmp_path):
        path = tmp_path / "out.xlsx"
        with spreadsheets.kept_whole(path) as file:
            spreadsheets.write(file, [Sheet("cases", HEADS, ROWS)])
            assert not path.exists()
        assert list(read(path)) == ["cases"]
        assert path.stat().st_mode & 0o777 == 0o600

    def test_leaves_nothing_when_something_goes_wrong(self, tmp_path):
        with pytest.raises(ZeroDivisionError):
            self.write_half(tmp_path / "out.xlsx")
        assert list(tmp_path.iterdir()) == []

    def write_half(self, path):
        with spreadsheets.kept_whole(path) as file:
            file.write(b"half")
            raise ZeroDivisionError

    def test_says_so_when_the_disk_is_full(self, tmp_path):
        with (
            pytest.raises(spreadsheets.CannotWrite, match="no space left"),
            spreadsheets.kept_whole(tmp_path / "out.xlsx"),
        ):
            raise OSError(errno.ENOSPC, "No space left on device")
        assert list(tmp_path.iterdir()) == []

    def test_says_so_when_the_folder_is_missing(self, tmp_path):
        with (
            pytest.raises(spreadsheets.CannotWrite, match="no such file or directory"),
            spreadsheets.kept_whole(tmp_path / "nowhere" / "out.xlsx"),
        ):
            pass

    def test_tells_the_fault_of_the_writer_too(self, tmp_path):
        from xlsxwriter.exceptions import FileSizeError

        with (
            pytest.raises(spreadsheets.CannotWrite, match="too big"),
            spreadsheets.kept_whole(tmp_path / "out.xlsx"),
        ):
            raise FileSizeError("Too big.")

    def test_replaces_only_when_asked(self, tmp_path):
        path = tmp_path / "out.xlsx"
        path.write_text("before")
        with pytest.raises(spreadsheets.FileExists, match="--force"), spreadsheets.kept_whole(path):
            pass
        assert path.read_text() == "before"
        with spreadsheets.kept_whole(path, replace=True) as file:
            file.write(b"after")
        assert path.read_text() == "after"

    def test_refuses_a_name_of_another_kind(self, tmp_path):
        with (
            pytest.raises(spreadsheets.NotASpreadsheetName, match=r"\.xlsx"),
            spreadsheets.kept_whole(tmp_path / "out.csv"),
        ):
            pass
