"""`sizao streams`: counts from a file, all of them or none, and what is wrong by line."""

from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

from sizao import cli
from sizao.records.models import Stream, StreamCount
from sizao.terms import StreamStep
from tests import factories

pytestmark = pytest.mark.django_db
NOON = datetime(2021, 1, 8, 4, 0, tzinfo=UTC)
HEADER = "stream,kind,area_code,date,count"
GOOD = ("a,fever_clinic,130109,2021-01-07,7", "a,fever_clinic,130109,2021-01-08,9", "b,laboratory,130184,2021-01-08,0")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr("sizao.cli.clock.now", lambda: NOON)
    for code in ("130109", "130184"):
        factories.area(code)

    def streams(*rows, header=HEADER, words=()):
        file = tmp_path / "counts.csv"
        file.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        return CliRunner().invoke(cli.main, ["streams", str(file), *words])

    return streams


class TestStreams:
    def test_are_opened_and_heard_once(self, run):
        assert "2 streams (2 new): 3 counts new, 0 corrected, 0 known already." in run(*GOOD).output
        assert "2 streams (0 new): 0 counts new, 0 corrected, 3 known already." in run(*GOOD).output
        first = Stream.objects.order_by("pk").first()
        assert (first.outbreak, first.first_date, first.kind) == (None, date(2021, 1, 7), "fever_clinic")

    def test_a_dry_run_keeps_nothing(self, run):
        assert "3 counts new, 0 corrected, 0 known already. Nothing was kept." in run(*GOOD, words=["--dry-run"]).output
        assert not Stream.objects.exists()

    def test_weeks_denominators_and_names_where_they_are_given(self, run):
        header = f"{HEADER},step,denominator,name"
        run("w,influenza_like,130109,2020-12-28,3,week,90,哨点医院", "w,influenza_like,130109,2021-01-04,4,week,,",
            header=header)  # fmt: skip
        stream = Stream.objects.get()
        assert (stream.step, stream.name) == (StreamStep.WEEK, "哨点医院")
        assert list(StreamCount.objects.order_by("date").values_list("denominator", flat=True)) == [90, None]

    def test_belong_to_the_rehearsal_that_is_named(self, run):
        within = factories.outbreak(slug="rehearsal")
        run(*GOOD, words=["--outbreak", "rehearsal"])
        assert set(Stream.objects.values_list("outbreak", flat=True)) == {within.pk}

    @pytest.mark.parametrize(
        ("row", "told"),
        [
            ("c,fever_clinic,130109,2021-01-08,-1", "line 5: count is '-1'; it should be a count"),
            ("c,fever_clinic,130109,2021-01-08,1.5", "line 5: count is '1.5'"),
            ("c,fever_clinic,130109,2021-01-08,", "line 5: count is empty"),
            ("c,fever,130109,2021-01-08,1", "line 5: kind is 'fever'; it should be one of fever_clinic"),
            ("c,fever_clinic,130109,2021-01-09,1", "line 5: date: 2021-01-09 is still to come"),
            ("c,fever_clinic,139999,2021-01-08,1", "line 5: area_code: 139999 is no area of the register"),
            ("a,fever_clinic,130184,2021-01-06,1", "line 5: stream: is something else in row 1"),
            ("a,fever_clinic,130109,2021-01-08,9", "line 5: date: 2021-01-08 stands in row 2 too"),
        ],
    )
    def test_what_is_wrong_is_told_by_line_and_nothing_is_kept(self, run, row, told):
        refused = run(*GOOD, row)
        assert refused.exit_code == 1
        assert told in refused.stderr
        assert not Stream.objects.exists()

    def test_says_how_many_more_rows_are_wrong(self, run):
        wrong = [f"{key},fever_clinic,139999,2021-01-08,1" for key in "xyz"]
        assert "2 more rows are at fault." in run(*GOOD, *wrong).stderr
