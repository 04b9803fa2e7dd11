"""
Streams that a model makes up for a replay, from what its `streams.toml` says; marked as generated wherever they go.

A negative-binomial background with weekdays and a season, and a modest rise some days ahead of the cases that the
reports truly tell of. Each stream has dice of its own, so that one more stream changes none of the others.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, pi
from zlib import crc32

import numpy as np

from sizao.drill.feed import days_between
from sizao.drill.scenario import Scenario
from sizao.response.signals import StreamEntry
from sizao.terms import StreamKind

MIDWINTER = date(2021, 1, 15)
YEAR_DAYS = 365.25

Found = Mapping[tuple[str, date], int]


@dataclass(frozen=True, slots=True)
class Background:
    """What the streams of one kind say of ordinary days, and how they answer to cases; `streams.toml` explains it."""

    kind: StreamKind
    name: str
    counties: tuple[str, ...]
    mean: float
    dispersion: float
    weekdays: tuple[float, ...]
    winter: float
    per_case: float
    lead_days: int


@dataclass(frozen=True, slots=True)
class MadeUpStream:
    """One stream and what it says, day by day."""

    entry: StreamEntry
    counts: Mapping[date, int]


def made_up_streams(scenario: Scenario, found: Found) -> list[MadeUpStream]:
    """
    Make up the streams of a scenario, from their days of history to its last day.

    `found` counts the first positives of a county and day. A scenario without such streams gives none.
    """
    text = scenario.streams_text()
    if text is None:
        return []
    told = tomllib.loads(text)
    first = scenario.first_date - timedelta(days=told["history_days"])
    names = scenario.area_names()
    return [
        MadeUpStream(
            StreamEntry(
                source_key=(key := f"generated:{scenario.slug}:{background.kind}:{county}"),
                kind=background.kind,
                area_code=county,
                name=f"{names[county]}{background.name}",
                source=told["source"],
                first_date=first,
                is_generated=True,
            ),
            dict(_said(background, county, list(days_between(first, scenario.last_date)), found, _dice(told, key))),
        )
        for background in map(_background, told["streams"])
        for county in background.counties
    ]


def _background(row: Mapping[str, object]) -> Background:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Background(**values | {"kind": StreamKind(row["kind"])})


def _dice(told: Mapping[str, int], key: str) -> np.random.Generator:
    return np.random.default_rng([told["seed"], crc32(key.encode())])


def _said(
    background: Background, county: str, days: Sequence[date], found: Found, dice: np.random.Generator
) -> Iterator[tuple[date, int]]:
    for day in days:
        mean = expected(background, county, day, found)
        # A negative binomial is a Poisson whose mean varies by a gamma.
        yield day, int(dice.poisson(dice.gamma(background.dispersion, mean / background.dispersion)))


def expected(background: Background, county: str, day: date, found: Found) -> float:
    """Give the mean count of a day: the ordinary one of its weekday and season, and what cases to come add."""
    season = 1 + background.winter * cos(2 * pi * (day - MIDWINTER).days / YEAR_DAYS)
    ordinary = background.mean * background.weekdays[day.weekday()] * season
    coming = sum(found.get((county, day + timedelta(days=ahead)), 0) for ahead in range(1, background.lead_days + 1))
    return ordinary + background.per_case * coming / background.lead_days
