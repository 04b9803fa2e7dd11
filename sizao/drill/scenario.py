"""A past outbreak as files: names and days, areas, published facts, official lists."""

import csv
import gzip
import io
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from sizao.errors import SizaoError
from sizao.response.register import AreaEntry
from sizao.terms import EventKind, PlaceKind


class NoSuchScenario(SizaoError):
    code = "scenario.not_found"
    message = "There is no scenario called {slug}. Shipped: {known}."


class ScenarioUnreadable(SizaoError):
    code = "scenario.unreadable"
    message = "{file}, row {row}: {reason} Restore the file from the release, or rebuild it as its SOURCES.md says."


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a published report; None is not known. Times are "HH:MM"."""

    kind: EventKind
    date_from: date | None
    date_to: date | None
    time_from: str | None
    time_to: str | None
    place_text: str | None
    place_kind: PlaceKind | None
    area_code: str | None
    transport: str | None
    result: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """One published report: its events in the order of the text."""

    report_id: str
    home_area_code: str | None
    events: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """An area of the official lists, for the days on which it was listed."""

    name: str
    area_code: str
    unit: str
    level: str
    first_date: date
    last_date: date


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a scenario is called and when it was; its tables are read when asked for."""

    slug: str
    name: str
    name_en: str
    disease: str
    area_code: str
    first_date: date
    last_date: date
    earliest_date: date
    sources: tuple[str, ...]

    def areas(self) -> Iterator[AreaEntry]:
        """Yield the official areas, provinces first."""
        counted = {
            row["area_code"]: (int(row["population"]), f"{row['basis']}, {row['source_url']}")
            for row in _table(self.slug, "population.csv")
            if row["area_code"]
        }
        for row in _table(self.slug, "areas.csv.gz"):
            population, source = counted.get(row["code"], (None, None))
            yield AreaEntry(row["code"], row["name"], row["short"], population, source and source[:300])

    def area_names(self) -> dict[str, str]:
        """Give the short names of the areas of this scenario's province by code."""
        rows = _table(self.slug, "areas.csv.gz")
        return {row["code"]: row["short"] for row in rows if row["code"].startswith(self.area_code)}

    def reports(self) -> list[Report]:
        """Read the published facts, one report after the other; raise ScenarioUnreadable with the row."""
        name = "events.jsonl"
        read = []
        for number, line in enumerate(_text(self.slug, name).splitlines(), start=1):
            try:
                read.append(_report(json.loads(line)))
            except (ValueError, KeyError, TypeError) as fault:
                raise ScenarioUnreadable(file=name, row=number, reason=f"it cannot be read ({fault}).") from fault
        return read

    def official_areas(self) -> Iterator[Listed]:
        """Yield the areas of the official lists; raise ScenarioUnreadable with the row."""
        name = "official_areas.csv"
        for number, row in enumerate(_table(self.slug, name), start=2):
            try:
                first, last = (date.fromisoformat(row[column]) for column in ("first_date", "last_date"))
            except ValueError as fault:
                raise ScenarioUnreadable(file=name, row=number, reason=f"{fault}.") from fault
            yield Listed(row["name"], row["area_code"], row["unit"], row["level"], first, last)

    def streams_text(self) -> str | None:
        """Read what streams a model makes up beside the facts; None where there are none."""
        return self._text_if_there("streams.toml")

    def presences_text(self) -> str | None:
        """Read what presences a model makes up beside the facts; None where there are none."""
        return self._text_if_there("presences.toml")

    def rounds_text(self) -> str | None:
        """Read what is told of city-wide rounds of testing; None where there are none."""
        return self._text_if_there("rounds.toml")

    def command_text(self) -> str | None:
        """Read what commands did; None where there is nothing."""
        return self._text_if_there("command.toml")

    def counties(self) -> dict[str, Any]:
        """Read the boundaries of counties, as GeoJSON."""
        read: dict[str, Any] = json.loads(_text(self.slug, "counties.geojson"))
        return read

    def _text_if_there(self, name: str) -> str | None:
        return _text(self.slug, name) if (_folder() / self.slug / name).is_file() else None


@cache
def load(slug: str) -> Scenario:
    """Read what a shipped scenario is called and when it was; raise NoSuchScenario."""
    if slug not in shipped():
        raise NoSuchScenario(slug=slug, known=", ".join(shipped()))
    told = tomllib.loads(_text(slug, "scenario.toml"))
    return Scenario(**told | {"sources": tuple(told["sources"])})


def shipped() -> list[str]:
    """List the scenarios that come with the package."""
    return sorted(one.name for one in _folder().iterdir() if (one / "scenario.toml").is_file())


def _report(row: dict[str, Any]) -> Report:
    return Report(row["report_id"], row["home_area_code"], tuple(_told(event) for event in row["events"]))


def _told(row: dict[str, Any]) -> Told:
    return Told(
        kind=EventKind(row["kind"]),
        date_from=date.fromisoformat(row["date_from"]) if row["date_from"] else None,
        date_to=date.fromisoformat(row["date_to"]) if row["date_to"] else None,
        time_from=row["time_from"],
        time_to=row["time_to"],
        place_text=row["place_text"],
        place_kind=PlaceKind(row["place_kind"]) if row["place_kind"] else None,
        area_code=row["area_code"],
        transport=row["transport"],
        result=row["result"],
    )


def _folder() -> Traversable:
    return files("sizao.drill") / "scenarios"


def _text(slug: str, name: str) -> str:
    raw = (_folder() / slug / name).read_bytes()
    return (gzip.decompress(raw) if name.endswith(".gz") else raw).decode()


def _table(slug: str, name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(_text(slug, name), newline=""))
