"""`sizao sites`: from a published list to rooms that say they were made up."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from sizao.cli import main
from tests import factories
from tests.response import isolation_world as world

pytestmark = pytest.mark.django_db
HOTELS = Path(__file__).resolve().parents[2].parent / "shared/data/health_sites/isolation_hotels_2020.csv"


@pytest.fixture
def by(db):
    for code, name in (("42", "湖北省"), ("4201", "武汉市"), ("420106", "武昌区"), ("420111", "洪山区")):
        factories.area(code, name)
    return world.coordinator("42")


def sizao(*given):
    answer = CliRunner().invoke(main, ["sites", *map(str, given)])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_imports_generates_and_lists(by, tmp_path):
    file = tmp_path / "hotels.csv"
    file.write_text("province,city,district,name\n湖北,武汉市,武昌区,甲宾馆\n湖南省,怀化市,,乙宾馆\n", encoding="utf-8")
    said = sizao("import", file, "--by", by.username)
    assert "1 new sites are registered" in said
    assert "line 3: 乙宾馆" in said
    assert "for 1 sites, and are marked as generated" in sizao("generate", "--area", "42", "--by", by.username)
    listed = sizao("list", "--area", "42").strip().split("\t")
    assert listed[:3] == ["420106", "甲宾馆", "reserve"]
    assert listed[-1] == "generated"


def test_names_the_column_that_is_missing(by, tmp_path):
    file = tmp_path / "hotels.csv"
    file.write_text("city,name\n武汉市,甲\n", encoding="utf-8")
    answer = CliRunner().invoke(main, ["sites", "import", str(file), "--by", by.username])
    assert answer.exit_code == 1
    assert "province" in answer.output


@pytest.mark.skipif(not HOTELS.exists(), reason="the shared data are not beside the repository")
def test_reads_the_published_hotels(by):
    said = sizao("import", HOTELS, "--by", by.username, "--dry-run")
    n_made = int(said.split(" new sites")[0].replace(",", ""))
    assert n_made > 50
    assert "left out" in said
