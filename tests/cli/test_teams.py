"""`sizao teams`: a list with its faults by line, twice without harm, and the counties against the standard."""

import pytest
from click.testing import CliRunner

from sizao.cli import main
from tests.response.teams_world import COUNTY, TeamsWorld

pytestmark = pytest.mark.django_db
LIST = f"team,kind,area_code,number,name\n采样一队,核酸采样队,{COUNTY},A1,甲\n采样一队,sampling,{COUNTY},A2,乙\n"


def sizao(*given, code=0):
    answer = CliRunner().invoke(main, ["teams", *map(str, given)])
    assert answer.exit_code == code, answer.output
    return answer.output


def test_imports_twice_without_harm_and_lists(db, tmp_path):
    world, file = TeamsWorld(), tmp_path / "teams.csv"
    file.write_text(LIST, encoding="utf-8")
    by = world.manager.username
    assert "1 new teams and 2 new members would be registered" in sizao("import", file, "--by", by, "--dry-run")
    assert "1 new teams and 2 new members are registered" in sizao("import", file, "--by", by)
    assert "0 new teams and 0 new members are registered; 2 were known" in sizao("import", file, "--by", by)
    [row] = [line.split("\t") for line in sizao("list", "--area", COUNTY).splitlines()]
    assert row[:2] == [COUNTY, "藁城区"]
    assert (row[4], row[-1]) == ("1", "unverified")


def test_tells_each_faulty_cell_with_its_line(db, tmp_path):
    world, file = TeamsWorld(), tmp_path / "teams.csv"
    file.write_text(LIST.replace("sampling", "flying"), encoding="utf-8")
    said = sizao("import", file, "--by", world.manager.username, code=1)
    assert "line 3: kind is none of" in said
    assert "nothing was kept" in said
