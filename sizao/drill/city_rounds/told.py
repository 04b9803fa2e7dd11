"""What a scenario tells of its city-wide rounds: published figures, and the choices where nothing is published."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from sizao.drill.scenario import Scenario
from sizao.errors import SizaoError
from sizao.terms import MissedReason


class NoRounds(SizaoError):
    code = "replay.no_rounds"
    message = "The scenario {slug} tells of no city-wide rounds. Leave --rounds out."


@dataclass(frozen=True, slots=True)
class Point:
    """So many people by a moment."""

    at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class ToldRound:
    """The published figures of one round; the last swab is taken by `swabbed_by`."""

    name: str
    begins_at: datetime
    swabbed_by: datetime
    tested: int
    collected: tuple[Point, ...]
    read: tuple[Point, ...]
    positive: int
    positive_elsewhere: int
    reads_from_hour: int
    tubes_per_hour: int
    sources: tuple[str, ...]

    @property
    def n_hours(self) -> int:
        """Give the hours in which swabs are taken, counted from the first."""
        return round((self.swabbed_by - self.begins_at).total_seconds() / 3600)


@dataclass(frozen=True, slots=True)
class Made:
    """What is generated, and how; see the file for what each number is."""

    seed: int
    pool_size: int
    walk_in: float
    doubled: float
    explained: float
    reasons: Mapping[MissedReason, float]
    positive_area: str
    positive_township: str
    in_township: float
    together: float
    paces: tuple[float, float]
    collect_every_hours: int
    box_tubes: int
    laboratories: int
    run_hours: int
    release_after_hours: int
    single_run_hours: int
    recall_after_hours: int


@dataclass(frozen=True, slots=True)
class Told:
    """Both rounds, and what is common to them."""

    slug: str
    name: str
    name_en: str
    area_code: str
    people_of: str
    sites: int
    lies_in: Mapping[str, str]
    rounds: tuple[ToldRound, ...]
    made: Made


def read(scenario: Scenario) -> Told:
    """Read the rounds of a scenario. Raise NoRounds where it tells of none."""
    text = scenario.rounds_text()
    if text is None:
        raise NoRounds(slug=scenario.slug)
    facts = tomllib.loads(text)
    made = facts["generated"]
    reasons = {MissedReason(name): share for name, share in made.pop("reasons").items()}
    return Told(
        **{name: facts[name] for name in ("slug", "name", "name_en", "area_code", "people_of", "sites", "lies_in")},
        rounds=tuple(map(_round, facts["rounds"])),
        made=Made(**made | {"reasons": reasons, "paces": tuple(made["paces"])}),
    )


def _round(row: Mapping) -> ToldRound:
    return ToldRound(
        name=row["name"],
        begins_at=_here(row["begins"]),
        swabbed_by=_here(row["swabbed_by"]),
        tested=row["tested"],
        collected=tuple(Point(_here(one["at"]), one["people"]) for one in row["collected"]),
        read=tuple(Point(_here(one["at"]), one["people"]) for one in row["read"]),
        positive=row["positive"],
        positive_elsewhere=row["positive_elsewhere"],
        reads_from_hour=row["reads_from_hour"],
        tubes_per_hour=row["tubes_per_hour"],
        sources=(row["tested_source"], row["positive_source"]),
    )


def _here(at: datetime) -> datetime:
    return timezone.make_aware(at)
