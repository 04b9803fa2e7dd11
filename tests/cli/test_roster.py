"""`sizao roster`: a file of any size, all rows or none, each fault by its line."""

import pytest
from click.testing import CliRunner

from sizao.cli import main
from sizao.records.models import RosterEntry
from sizao.terms import OutbreakKind
from tests.response.testing_world import COUNTY, VILLAGE, World

pytestmark = pytest.mark.django_db
GOOD = f"area_code,id_number,name,more\n{VILLAGE},130109198001010001,王一,x\n{VILLAGE},,王二,y\n"


@pytest.fixture
def world(noise):
    return World(kind=OutbreakKind.REPLAY, opened=False)


@pytest.fixture
def run(world, tmp_path):
    """Write a file and take it as the roster of the world's round."""

    def take(text, *options, number="R001"):
        file = tmp_path / "roster.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        asked = ["roster", str(file), "--outbreak", world.outbreak.slug, "--round", number, "--day", "2021-02-20"]
        return CliRunner().invoke(main, [*asked, *options])

    return take


class TestRoster:
    def test_is_taken_row_by_row(self, world, run):
        done = run(GOOD)
        assert done.exit_code == 0, done.output
        assert "2 people are expected." in done.output
        entries = RosterEntry.objects.filter(round=world.round).order_by("number")
        assert [one.name for one in entries] == ["王一", "王二"]

    def test_is_rehearsed(self, world, run):
        assert "Nothing was kept." in run(GOOD, "--dry-run").output
        assert RosterEntry.objects.filter(round=world.round).count() == 12

    def test_is_refused_with_every_line_at_fault(self, world, run):
        done = run(f"area_code,name\n{COUNTY},王一\n999999,王二\n{VILLAGE},\n")
        assert done.exit_code == 1
        assert "line 3, area_code: is not inside the areas of the round" in done.output
        assert "line 4, id_number: is empty" in done.output
        assert RosterEntry.objects.filter(round=world.round).count() == 12

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("name\nx\n", "line 1: the column area_code is missing."),
            ("area_code,name\n", "there is no row below the header."),
            (f"area_code,name\n{VILLAGE}\n", "line 2: it has not as many cells as the header."),
            (b"area_code,name\n\xff\xfe,x\n", "it is not UTF-8 text."),
        ],
    )
    def test_says_what_is_wrong_with_a_file(self, run, text, said):
        done = run(text)
        assert (done.exit_code, said in done.output) == (1, True), done.output

    def test_is_of_a_round_that_there_is(self, run):
        assert "has no testing round R009" in run(GOOD, number="R009").output
