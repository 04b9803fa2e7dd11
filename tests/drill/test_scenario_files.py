"""The shipped facts of January 2021: they read, and they fit together."""

import ast
import csv
import gzip
import json
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

import sizao.drill
from sizao.engines.area_names import parent
from sizao.terms import AreaLevel, AreaPart, ZoneLevel

DRILL = Path(sizao.drill.__file__).parent
FOLDER = DRILL / "scenarios" / "hebei-2021-01"


@pytest.fixture(scope="module")
def areas():
    with gzip.open(FOLDER / "areas.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def rows(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_area_has_its_parent(areas):
    assert [code for code in areas if len(code) > 2 and parent(code) not in areas] == []


def test_the_register_holds_the_country_and_the_villages_of_the_province(areas):
    by_length = {length: sum(len(code) == length for code in areas) for length in (2, 4, 6, 9, 12)}
    assert by_length == {2: 31, 4: 342, 6: 2978, 9: 41352, 12: 54145}
    assert areas["130109110212"]["short"] == "小果庄村"


def test_official_areas_lie_in_the_register_and_in_time(areas):
    units = {str(unit) for unit in (*AreaLevel, *AreaPart)}
    for row in rows("official_areas.csv"):
        first, last = date.fromisoformat(row["first_date"]), date.fromisoformat(row["last_date"])
        assert row["area_code"] in areas
        assert row["unit"] in units
        assert row["level"] in {str(ZoneLevel.MEDIUM), str(ZoneLevel.HIGH)}
        assert date(2021, 1, 7) <= first <= last <= date(2021, 2, 28)
        assert 1 <= int(row["listed_days"]) <= (last - first).days + 1


def test_the_districts_that_were_closed_are_among_them():
    high = {row["name"] for row in rows("official_areas.csv") if row["level"] == "high"}
    assert high == {"藁城区", "新乐市", "长寿街道", "南宫市"}


def test_every_county_on_the_map_is_in_the_register(areas):
    features = json.loads((FOLDER / "counties.geojson").read_text(encoding="utf-8"))["features"]
    assert len(features) == 167
    assert [f["properties"] for f in features if f["properties"]["adcode"] not in areas] == []


def test_the_curve_never_falls_and_misses_no_day():
    curve = rows("daily_official.csv")
    days = [date.fromisoformat(row["date"]).toordinal() for row in curve]
    confirmed = [int(row["confirmed_cumulative"]) for row in curve]
    assert days == list(range(days[0], days[-1] + 1))
    assert confirmed == sorted(confirmed)


def test_every_figure_says_where_it_comes_from():
    assert [row for row in rows("population.csv") if not row["source_url"]] == []
    assert [row for row in rows("reported_figures.csv") if not (row["source_url"] or row["source_kind"])] == []


BOTH = re.compile(r"[\u4e00-\u9fff）？。] ?[A-Za-z]{4,}(?![\w.])|[a-z?.]{4,} [\u4e00-\u9fff]")


def test_what_a_script_writes_is_in_the_language_of_its_officers_alone():
    """The text of an act is data, in the words of who acts: a page in another language must not show both."""
    code, data = DRILL.rglob("*.py"), DRILL.rglob("*.toml")
    said = {(file.name, text) for file in code for text in _constants(ast.parse(file.read_text(encoding="utf-8")))}
    said |= {(file.name, text) for file in data for text in _texts(tomllib.loads(file.read_text(encoding="utf-8")))}
    assert ("officers.py", "演练：区域内新增感染者") in said
    assert not {one for one in said if BOTH.search(one[1])}


def _constants(tree):
    """Give the texts that a module names in capitals: those are what its officers say."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).isupper():
            yield from (one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant) and _is_text(one))


def _is_text(node):
    return isinstance(node.value, str)


def _texts(told):
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict | list):
        for one in told.values() if isinstance(told, dict) else told:
            yield from _texts(one)
