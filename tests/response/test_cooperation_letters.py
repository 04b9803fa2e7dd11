"""Requests that go by letter: the letter, the list that goes with it, and the list that comes back."""

import io
import re
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from sizao.adapters import spreadsheets, uploads
from sizao.records.access import NotYours
from sizao.records.models import CooperationRequest, Event
from sizao.response import cooperation
from sizao.response.cooperation import answer_list, letters
from sizao.terms import ExchangeWay, RequestState, Role
from tests import factories
from tests.response.test_cooperation import HOUR, LAW, NOW, request_body, take, world  # noqa: F401 — the world of it

pytestmark = pytest.mark.django_db


class TestTheLetter:
    def test_says_what_is_asked_by_when_and_about_whom(self, by_letter):
        told = letters.document(by_letter, list(by_letter.people.order_by("ref")), "zh")
        said = "".join(block.text for block in told.blocks if hasattr(block, "text"))
        assert (told.to, told.number, told.seal) == ("洛阳市疾控中心", by_letter.number, True)
        assert LAW in said
        assert "2021年1月11日10时00分前反馈" in said
        assert "已检测，阴性；已检测，阳性；" in said
        assert [row[:2] for row in told.blocks[-1].rows] == [("1", "甲一"), ("2", "甲一")]

    def test_says_that_a_replay_has_no_effect(self, by_letter):
        assert "不产生效力" in letters.document(by_letter, [], "zh").drill

    def test_is_a_pdf_or_a_file_that_an_office_edits(self, by_letter, officer):
        facts = {"request": by_letter, "language": "zh", "by": officer, "now": NOW}
        assert letters.letter(form="pdf", **facts).startswith(b"%PDF")
        with zipfile.ZipFile(io.BytesIO(letters.letter(form="docx", **facts))) as held:
            text = held.read("word/document.xml").decode()
        assert "甲一" in text
        # As wide as on paper: of equal columns a telephone number would stand on two lines.
        columns = [int(width) for width in re.findall(r'<w:gridCol w:w="(\d+)"', text)]
        assert len(columns) == 7
        assert columns[2] > 2 * columns[0]

    def test_writes_a_name_as_text_whatever_it_looks_like(self, by_letter, officer):
        by_letter.people.filter(ref=1).update(name="<w:p/>{{ x }}#let\x07")
        made = letters.letter(request=by_letter, form="docx", language="zh", by=officer, now=NOW)
        with zipfile.ZipFile(io.BytesIO(made)) as held:
            assert "&lt;w:p/&gt;{{ x }}#let" in held.read("word/document.xml").decode()
        assert letters.letter(request=by_letter, form="pdf", language="zh", by=officer, now=NOW).startswith(b"%PDF")

    def test_is_journalled_with_how_many_it_names(self, by_letter, officer):
        letters.letter(request=by_letter, form="pdf", language="en", by=officer, now=NOW)
        assert Event.objects.get(verb="cooperation.letter_taken").facts["people"] == 2

    def test_of_a_draft_names_nobody_yet(self, world, officer):  # noqa: F811 — the fixture
        with pytest.raises(letters.NotSentYet):
            letters.letter(request=world.draft(), form="pdf", language="zh", by=officer, now=NOW)

    def test_of_another_authority_is_theirs(self, world):  # noqa: F811 — the fixture
        take(request_body())
        theirs = CooperationRequest.objects.get()
        with pytest.raises(letters.NoLetterOfTheirs):
            letters.letter(request=theirs, form="pdf", language="zh", by=world.county, now=NOW)

    def test_is_not_for_another_city(self, by_letter):
        stranger = factories.account(role=Role.DATA_OFFICER, area_code="1305")
        with pytest.raises(NotYours):
            letters.letter(request=by_letter, form="pdf", language="zh", by=stranger, now=NOW)

    def test_refuses_a_form_that_there_is_not(self, by_letter, officer):
        with pytest.raises(letters.LetterFormUnknown, match="docx"):
            letters.letter(request=by_letter, form="fax", language="zh", by=officer, now=NOW)


class TestTheList:
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_comes_back_as_the_answer(self, by_letter, officer, language):
        rows = back(by_letter, officer, language, {1: ("已集中隔离", "某酒店"), 2: ("at_home", "")})
        taken = cooperation.take_in_list(request=by_letter, rows=rows, by=officer, now=NOW + HOUR)
        assert (taken.new, taken.same, taken.empty) == (2, 0, 0)
        assert [(one.answer, one.answer_note) for one in by_letter.people.order_by("ref")] == [
            ("placed", "某酒店"), ("at_home", None),
        ]  # fmt: skip
        assert CooperationRequest.objects.get(pk=by_letter.pk).state == RequestState.ANSWERED

    def test_a_second_time_changes_nothing(self, by_letter, officer):
        rows = back(by_letter, officer, "zh", {1: ("阴性", "")} | {1: ("已检测，阴性", "")})
        cooperation.take_in_list(request=by_letter, rows=rows, by=officer, now=NOW + HOUR)
        before = picture(by_letter)
        taken = cooperation.take_in_list(request=by_letter, rows=rows, by=officer, now=NOW + 2 * HOUR)
        assert (taken.new, taken.same, taken.empty) == (0, 1, 1)
        assert picture(by_letter) == before

    def test_of_another_request_is_refused(self, by_letter, world, officer):  # noqa: F811 — the fixture
        other = world.sent()
        rows = back(other, officer, "zh", {1: ("已集中隔离", "")})
        with pytest.raises(answer_list.ListOfAnother, match=other.number):
            cooperation.take_in_list(request=by_letter, rows=rows, by=officer, now=NOW)

    def test_names_each_cell_that_cannot_be_taken_and_keeps_nothing(self, by_letter, officer):
        rows = back(by_letter, officer, "zh", {1: ("已集中隔离", ""), 2: ("走了", "x" * 301)})
        with pytest.raises(answer_list.ListRefused) as refused:
            cooperation.take_in_list(request=by_letter, rows=rows, by=officer, now=NOW)
        assert refused.value.facts["errors"] == [{"row": 2, "field": "answer"}, {"row": 2, "field": "note"}]
        assert not by_letter.people.exclude(answer="").exists()

    @pytest.mark.parametrize("change", [{"ref": "7"}, {"ref": "1"}, {"ref": ""}, {"name": "乙二"}])
    def test_refuses_a_row_that_is_of_nobody_or_slipped(self, by_letter, officer, change):
        rows = back(by_letter, officer, "zh", {1: ("已集中隔离", "")})
        with pytest.raises(answer_list.ListRefused):
            cooperation.take_in_list(request=by_letter, rows=[rows[0], rows[1] | change], by=officer, now=NOW)


def back(request, officer, language, answers):
    """Take the list, fill it in as somebody elsewhere does, and read the file that comes back."""
    sheet = answer_list.sheet(request=request, language=language, by=officer, now=NOW)
    held = io.BytesIO()
    spreadsheets.write(held, [sheet])
    heads, *rows = CalamineWorkbook.from_filelike(io.BytesIO(held.getvalue())).get_sheet_by_index(0).to_python()
    for row in rows:
        row[-2:] = answers.get(int(row[1]), ("", ""))
    again = io.BytesIO()
    spreadsheets.write(again, [spreadsheets.Sheet("list", heads, rows)])
    return uploads.read(again.getvalue(), "list.xlsx", columns=answer_list.COLUMNS, needs=answer_list.NEEDS).rows


def picture(request):
    events = Event.objects.exclude(verb="cooperation.list_taken").count()
    return events, list(request.people.order_by("ref").values_list("answer", "answered_at", "answer_note"))


@pytest.fixture
def officer(world):  # noqa: F811 — the fixture
    return world.officer


@pytest.fixture
def by_letter(world):  # noqa: F811 — the fixture
    authority = cooperation.add_authority(
        name="洛阳市疾控中心", area_code="4103", way=ExchangeWay.LETTER, by=world.officer, now=NOW
    )
    return cooperation.send(request=world.draft(authority=authority), by=world.officer, now=NOW)
