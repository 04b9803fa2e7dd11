"""The shipped events of January 2021: complete, sound, and nothing that leads to a person."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from sizao.drill import build_facts
from sizao.engines.reading import Event
from sizao.terms import EventKind, PlaceKind
from tests.engines.reading_accuracy import SHARED

SHIPPED = Path(build_facts.__file__).parent / "scenarios/hebei-2021-01/events.jsonl"


@pytest.fixture(scope="module")
def rows():
    return [json.loads(line) for line in SHIPPED.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def events(rows):
    return [event for row in rows for event in row["events"]]


def test_there_is_one_row_for_each_report_of_the_outbreak(rows):
    assert len(rows) == 913
    assert len({row["report_id"] for row in rows}) == 913
    assert all(set(row) == {"report_id", "home_area_code", "events"} for row in rows)


def test_events_speak_the_words_of_the_house(events):
    assert {event["kind"] for event in events} <= set(EventKind)
    assert {event["place_kind"] for event in events} - {None} <= set(PlaceKind)
    assert {event["result"] for event in events} <= {None, "positive", "negative", "confirmed", "asymptomatic"}
    assert all("span" not in event for event in events)


def test_days_lie_around_the_outbreak(events):
    days = [date.fromisoformat(event["date_from"]) for event in events if event["date_from"]]
    assert len(days) > 0.99 * len(events)
    inside = [day for day in days if date(2020, 12, 1) <= day <= date(2021, 2, 10)]
    assert len(inside) > 0.99 * len(days)


def test_the_wedding_of_28_december_is_in_it(events):
    """Several reports name the hall near the airport road, in several spellings."""
    there = [e for e in events if e["place_text"] and "欧景生态苑" in e["place_text"]]
    on_the_day = [e for e in there if e["date_from"] == "2020-12-28" and e["kind"] == "gathering"]
    assert len(on_the_day) >= 20
    assert {event["place_kind"] for event in on_the_day} == {"banquet"}


def test_nothing_leads_to_a_person_or_a_door(events):
    named = [event["place_text"] for event in events if event["place_text"]]
    assert not [
        name for name in named if re.search(r"人员|店主|[#\[\]]|某某|号楼|单元|\d室|家$|家中|父亲|母亲|婆婆|岳", name)
    ]


@pytest.mark.parametrize(
    ("written", "kind", "kept"),
    [
        ("藁城区小果庄村", PlaceKind.VILLAGE, "藁城区小果庄村"),
        ("东方明珠小区5号楼门口", PlaceKind.RESIDENTIAL, "东方明珠小区"),
        ("东方明珠小区3-2-501室", PlaceKind.RESIDENTIAL, "东方明珠小区"),
        ("大润发（太古街188号）", PlaceKind.SUPERMARKET, "大润发"),
        ("安静街82号", PlaceKind.RESIDENTIAL, "安静街"),
        ("奶奶家", PlaceKind.HOME, None),
        ("[店主#35568]小卖部", PlaceKind.SHOP, None),
        ("人员A公司", PlaceKind.WORKPLACE, None),
        ("本村", PlaceKind.VILLAGE, None),
        ("家中", PlaceKind.HOME, None),
        (None, None, None),
    ],
)
def test_a_name_is_kept_only_if_it_is_a_village_or_a_venue(written, kind, kept):
    event = Event(EventKind.OTHER_VISIT, (0, 1), place_text=written, place_kind=kind)
    assert build_facts.venue(event) == kept


@pytest.mark.skipif(not (SHARED / "data").exists(), reason=f"needs the published texts: {SHARED} is missing")
def test_building_again_gives_the_same_bytes(tmp_path):
    build_facts.main(str(SHARED / "data"), str(tmp_path))
    assert (tmp_path / "events.jsonl").read_bytes() == SHIPPED.read_bytes()
