"""The shipped reports of January 2021, from events to the ranking: the wedding must come out."""

import csv
import gzip
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import sizao.drill
from sizao.engines.common_exposures import CaseVisits, Windows, common_exposures
from sizao.engines.venues import Mention, group_venues
from sizao.terms import EventKind, ExposureScope, PlaceKind

FOLDER = Path(sizao.drill.__file__).parent / "scenarios" / "hebei-2021-01"
END = {EventKind.SYMPTOM_ONSET, EventKind.ISOLATION, EventKind.DIAGNOSIS, EventKind.HOSPITAL}
NO_VISIT = {*END, EventKind.TEST, EventKind.HOME}
NO_VENUE = {PlaceKind.ISOLATION_SITE, PlaceKind.HOME, PlaceKind.VEHICLE, None}
LONGEST_WINDOW_DAYS = 21


@pytest.fixture(scope="module")
def ranking():
    """Rank the exposures of all reports, each from its first day to its onset or isolation."""
    with gzip.open(FOLDER / "areas.csv.gz", "rt", encoding="utf-8", newline="") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file)}
    lines = (FOLDER / "events.jsonl").read_text(encoding="utf-8").splitlines()
    reports = [[event for event in json.loads(line)["events"] if event["date_from"]] for line in lines]
    windows = np.array([_window(events) for events in reports])
    visits = [(case, e) for case, events in enumerate(reports) for e in events if _is_visit(e)]
    venues = group_venues(
        [Mention(e["place_text"], e["place_kind"], e["kind"], e["area_code"], _day(e["date_from"])) for _, e in visits],
        names,
    )
    rows = [
        (case, joined.venue, day)
        for (case, e), joined in zip(visits, venues.joined, strict=True)
        for day in range(_day(e["date_from"]), _day(e["date_to"] or e["date_from"]) + 1)
    ]
    columns = (np.array(column) for column in zip(*rows, strict=True))
    kinds = sorted({venue.place_kind for venue in venues.venues})
    kind_of = {number: kinds.index(venue.place_kind) for number, venue in enumerate(venues.venues)}
    exposures = common_exposures(CaseVisits(*columns), Windows(windows[:, 0], windows[:, 1]), kind_of)
    return exposures, venues.venues


def _day(text):
    return date.fromisoformat(text).toordinal()


def _is_visit(event):
    return bool(event["place_text"]) and event["kind"] not in NO_VISIT and event["place_kind"] not in NO_VENUE


def _window(events):
    first = min((_day(event["date_from"]) for event in events), default=0)
    ends = [_day(e["date_from"]) for e in events if e["kind"] in END or e["result"] == "positive"]
    last = max(first, min(ends, default=max((_day(event["date_from"]) for event in events), default=0)))
    return max(first, last - LONGEST_WINDOW_DAYS), last


def test_the_wedding_near_the_airport_road_is_the_first(ranking):
    exposures, venues = ranking
    top = exposures[0]
    assert "欧景生态苑" in venues[top.place].name
    assert (top.scope, date.fromordinal(top.first_day)) == (ExposureScope.EVENT, date(2020, 12, 28))
    assert top.observed >= 25
    assert top.q_value < 1e-9


def test_the_wedding_feast_of_the_next_village_is_found_too(ranking):
    exposures, venues = ranking
    found = [(venues[e.place].name, date.fromordinal(e.first_day)) for e in exposures[:5]]
    assert any("好运来" in name and day == date(2021, 1, 1) for name, day in found)
