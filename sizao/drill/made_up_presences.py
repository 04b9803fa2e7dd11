"""
Presences that a model makes up for a replay, from what its `presences.toml` says; marked as generated wherever they go.

Townspeople who are nobody go to the places that the reports name, as often as the reports name them. Cases do so too,
and are besides where a report says they were at a clock time; some townspeople are with them there. Days are told by
sources that are more or less late, so that a trace has batches to be late for it. The dice are of the day: one more
day changes none of the others.
"""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa
from django.utils import timezone
from numpy.typing import NDArray

from sizao.drill.feed import Fact, Feed, days_between
from sizao.drill.places import Placed
from sizao.drill.scenario import Scenario
from sizao.response.register import PlaceEntry
from sizao.response.tracing.naming import IdentityRow
from sizao.terms import AREA_DIGITS, AreaLevel, EventKind, PlaceKind

_Visit = tuple[Fact, str]  # and the key of its place

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]
MINUTE, HOUR, DAY = 60, 3600, 86_400
OPENS, SHUTS = 8, 20  # hours in which townspeople go out
BANQUET = (11 * HOUR, 14 * HOUR)  # of a gathering of which only the day is told
WORK = (5, 9)  # hours at work
AT_WORK = 3
TYPICAL_MINUTES, SPREAD = 28.0, 0.8  # of a stay: median and the standard deviation of its logarithm
SHORTEST, LONGEST = 3, 6 * 60  # minutes

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one source tells on one day."""

    source: str
    source_key: str
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class _Stays:
    """Columns: number of the person, number of the place, seconds; an end below zero was told by nobody."""

    who: Ints
    place: Ints
    start: Ints
    end: Ints


@dataclass(frozen=True, slots=True)
class _Town:
    """Who may go where: townspeople and cases by number, places by number, each with its county."""

    people: list[str]
    people_county: list[str]
    n_townspeople: int
    places: list[PlaceEntry]
    places_of: Mapping[str, tuple[Ints, NDArray[np.float64]]]  # county: places and how often each is gone to
    residents: Mapping[str, Ints]
    apart: NDArray[np.float64]  # ordinal of the day from which a person is apart


def made_up_batches(scenario: Scenario, facts: Feed, placed: Mapping[str, Placed]) -> dict[date, list[Batch]]:
    """Make up what sources tell, by the day on which it arrives; a scenario without presences gives none."""
    told = told_of(scenario)
    if told is None:
        return {}
    town = _town(told, scenario, facts, placed)
    known = _known_visits(facts, placed)
    arriving: dict[date, list[Batch]] = defaultdict(list)
    for day in days_between(told["first_date"], told["last_date"]):
        stays = _stays_of(told, town, day, known[day])
        for number, source in enumerate(told["sources"]):
            at = max(scenario.first_date, day + timedelta(days=source["lag_days"]))
            rows = _rows(told, town, stays, number)
            if rows.num_rows and at <= scenario.last_date:
                key = f"generated:{scenario.slug}:{number}:{day.isoformat()}"
                arriving[at].append(Batch(source["name"], key, rows))
    return {day: _together(batches) for day, batches in arriving.items()}


def made_up_identities(scenario: Scenario, facts: Feed, placed: Mapping[str, Placed]) -> list[IdentityRow]:
    """Make up who the townspeople are of whom an authority can say so: `named` of ten, each with a home county."""
    told = told_of(scenario)
    if told is None:
        return []
    town = _town(told, scenario, facts, placed)
    return [
        IdentityRow(phone=phone_of(one), name=f"模拟{one:05}", area_code=_home(told, town, one))
        for one in range(town.n_townspeople)
        if one % 10 < told["named"]
    ]


def _home(told: Mapping[str, Any], town: _Town, number: int) -> str:
    """Say where a townsperson has their home: some work here and live in another county."""
    tens, last = divmod(number, 10)
    homes = told["elsewhere_homes"]
    return homes[tens % len(homes)] if last in told["elsewhere_of_ten"] else town.people_county[number]


def told_of(scenario: Scenario) -> dict[str, Any] | None:
    """Read what a scenario says of made-up presences and traces; None where it says nothing."""
    text = scenario.presences_text()
    return None if text is None else tomllib.loads(text)


def _together(batches: Sequence[Batch]) -> list[Batch]:
    """Join what one source tells on one day of several: the days before the outbreak come at once."""
    parts: dict[str, list[Batch]] = defaultdict(list)
    for one in batches:
        parts[one.source].append(one)
    return [Batch(source, some[0].source_key, pa.concat_tables([one.rows for one in some]))
            for source, some in parts.items()]  # fmt: skip


# --- The town ----------------------------------------------------------------------------------


def _town(told: Mapping[str, Any], scenario: Scenario, facts: Feed, placed: Mapping[str, Placed]) -> _Town:
    mentions = Counter(entry.source_key for one in placed.values() if (entry := one.entry))
    entries = {one.entry.source_key: one.entry for one in placed.values() if one.entry}
    places = [entries[key] for key in sorted(entries) if _may_be_told(entries[key])]
    by_county: dict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(places):
        by_county[entry.area_code[:COUNTY]].append(number)
    homes = Counter(home[:COUNTY] for home in facts.homes.values() if home[:COUNTY] in by_county)
    counties = sorted(homes)
    share = (
        np.array([homes[county] for county in counties], np.float64) ** 0.5
    )  # cases lie closer together than people live
    n = int(told["townspeople"])
    dice = _dice(told, "town")
    living = [counties[one] for one in dice.choice(len(counties), size=n, p=share / share.sum()).tolist()]
    cases, apart = sorted(facts.found_dates), _apart(facts)
    lives = [*living, *(_nearest(facts.homes[one], by_county) for one in cases)]
    return _Town(
        people=[*(phone_of(one) for one in range(n)), *cases],
        people_county=lives,
        n_townspeople=n,
        places=places,
        places_of={county: _weighed(some, places, mentions) for county, some in by_county.items()},
        residents={county: np.flatnonzero(np.array(living) == county) for county in by_county},
        apart=np.array([np.inf] * n + [apart[one] for one in cases], np.float64),
    )


def phone_of(number: int) -> str:
    """Give the made-up phone by which a source knows a townsperson; no network of China gives out such numbers."""
    return f"100{number:08}"


def _may_be_told(entry: PlaceEntry) -> bool:
    # Nobody registers at a village or in a street; a place outside the counties is told by others.
    return entry.kind not in (PlaceKind.VILLAGE, PlaceKind.PUBLIC_PLACE, PlaceKind.RESIDENTIAL)


def _weighed(
    some: Sequence[int], places: Sequence[PlaceEntry], mentions: Mapping[str, int]
) -> tuple[Ints, NDArray[np.float64]]:
    crowd = {PlaceKind.MALL: 6.0, PlaceKind.SUPERMARKET: 4.0, PlaceKind.MARKET: 4.0, PlaceKind.HOSPITAL: 3.0}
    weight = np.array([mentions[places[one].source_key] * crowd.get(places[one].kind, 1.0) for one in some])
    return np.array(some, np.int64), weight / weight.sum()


def _nearest(home: str, by_county: Mapping[str, Sequence[int]]) -> str:
    return home[:COUNTY] if home[:COUNTY] in by_county else ""


def _apart(facts: Feed) -> dict[str, float]:
    """Say from which day on each case was apart from others: isolated, in hospital, or found."""
    first = {number: day.toordinal() for number, day in facts.found_dates.items()}
    for known in facts.days.values():
        for fact in (*known.isolated, *known.hospital):
            first[fact.report_id] = min(first.get(fact.report_id, fact.day.toordinal()), fact.day.toordinal())
    return {number: float(day) for number, day in first.items()}


def _known_visits(facts: Feed, placed: Mapping[str, Placed]) -> dict[date, list[_Visit]]:
    """Sort the visits of one day that say when, or that were banquets, by their day."""
    found: dict[date, list[_Visit]] = defaultdict(list)
    for known in facts.days.values():
        for fact in known.visits:
            entry = placed[fact.key].entry
            dated = fact.told.date_from == fact.day
            if entry and _may_be_told(entry) and dated and (fact.told.time_from or _is_banquet(fact)):
                found[fact.day].append((fact, entry.source_key))
    return found


def _is_banquet(fact: Fact) -> bool:
    return fact.told.kind == EventKind.GATHERING


# --- A day -------------------------------------------------------------------------------------


def _rows(told: Mapping[str, Any], town: _Town, stays: _Stays, number: int) -> pa.Table:
    """Give what one source tells of a day: the places of its kinds, or those of no other."""
    taken = {PlaceKind(kind) for other in told["sources"] for kind in other["kinds"]}
    mine = {PlaceKind(kind) for kind in told["sources"][number]["kinds"]}
    kinds = np.array([(one.kind in mine) if mine else (one.kind not in taken) for one in town.places])
    chosen = np.flatnonzero(kinds[stays.place])
    people, places = (np.array(some, dtype=object) for some in (town.people, [one.source_key for one in town.places]))
    is_case = stays.who[chosen] >= town.n_townspeople
    who = people[stays.who[chosen]]
    end = np.where(stays.end < 0, np.nan, stays.end.astype(np.float64))[chosen]
    return pa.table(
        {
            "number": pa.array(np.where(is_case, who, ""), pa.string()),
            "phone": pa.array(np.where(is_case, "", who), pa.string()),
            "place": pa.array(places[stays.place[chosen]], pa.string()),
            "start": pa.array(stays.start[chosen]),
            "end": pa.array(end, from_pandas=True).cast(pa.int64()),
        }
    )


def _stays_of(told: Mapping[str, Any], town: _Town, day: date, known: Sequence[_Visit]) -> _Stays:
    dice = _dice(told, day.isoformat())
    parts = [_ordinary(told, town, day, dice), *_with_cases(told, town, day, known, dice)]
    who, place, start, end = (np.concatenate([getattr(one, name) for one in parts]) for name in _Stays.__slots__)
    start = np.minimum(start, _second(day) + DAY - HOUR // 4)  # told at the end of the day, so begun before it
    end = np.maximum(end, start + MINUTE)
    end[dice.random(len(end)) < told["open_end"]] = -1
    return _Stays(who, place, start, end)


def _ordinary(told: Mapping[str, Any], town: _Town, day: date, dice: np.random.Generator) -> _Stays:
    left = told["still"] if day >= told["still_from"] else 1.0
    rate = np.full(len(town.people), told["cases_visits_a_day"])
    rate[: town.n_townspeople] = told["visits_a_day"]
    rate[town.apart <= day.toordinal()] = 0.0
    who = np.repeat(np.arange(len(rate)), dice.poisson(rate * left))
    counties = sorted(town.places_of)
    lives = np.array([town.people_county[one] for one in who.tolist()])
    away = dice.random(len(who)) < told["elsewhere"]
    lives[away] = np.array(counties)[dice.integers(len(counties), size=int(away.sum()))]
    place = np.full(len(who), -1, np.int64)
    for county in counties:
        here = lives == county
        some, weight = town.places_of[county]
        place[here] = some[dice.choice(len(some), size=int(here.sum()), p=weight)]
    start = _second(day) + (dice.uniform(OPENS, SHUTS, len(who)) * HOUR).astype(np.int64)
    there = place >= 0
    return _Stays(who[there], place[there], start[there], (start + _lengths(len(who), dice))[there])


def _with_cases(
    told: Mapping[str, Any], town: _Town, day: date, known: Sequence[_Visit], dice: np.random.Generator
) -> Iterator[_Stays]:
    """Yield each visit of a case that is known, with some townspeople of the county who were there meanwhile."""
    numbers = {one: number for number, one in enumerate(town.people)}
    places = {one.source_key: number for number, one in enumerate(town.places)}
    for fact, code in known:
        start, end = _span(fact, day, dice)
        where = places[code]
        yield _Stays(*(np.array([one], np.int64) for one in (numbers[fact.report_id], where, start, end)))
        residents = town.residents[town.places[where].area_code[:COUNTY]]
        if not len(residents):
            continue
        n = int(told["gathering"] if _is_banquet(fact) else told["companions"])
        n *= AT_WORK if fact.told.kind == EventKind.WORK else 1  # whom one meets in a day
        who = dice.choice(residents, size=min(n, len(residents)), replace=False)
        begins = dice.integers(start - 20 * MINUTE, max(end - 10 * MINUTE, start), size=len(who))
        yield _Stays(who, np.full(len(who), where), begins, begins + _lengths(len(who), dice))


def _span(fact: Fact, day: date, dice: np.random.Generator) -> tuple[int, int]:
    """Say from when to when a visit lasted; where the report does not say until when, a length is made up."""
    midnight = _second(day)
    if not fact.told.time_from:
        return midnight + BANQUET[0], midnight + BANQUET[1]
    start = midnight + _clock(fact.told.time_from)
    if not fact.told.time_to:
        length = int(dice.uniform(*WORK) * HOUR) if fact.told.kind == EventKind.WORK else int(_lengths(1, dice)[0])
        return start, start + length
    end = midnight + _clock(fact.told.time_to)
    return start, end if end > start else end + DAY  # 22:00 to 1:00 ends after midnight


def _lengths(n: int, dice: np.random.Generator) -> Ints:
    minutes = np.clip(dice.lognormal(np.log(TYPICAL_MINUTES), SPREAD, n), SHORTEST, LONGEST)
    seconds: Ints = (minutes * MINUTE).astype(np.int64)
    return seconds


def _clock(text: str) -> int:
    told = time.fromisoformat(text)
    return told.hour * HOUR + told.minute * MINUTE


def _second(day: date) -> int:
    return int(datetime.combine(day, time(), tzinfo=timezone.get_default_timezone()).timestamp())


def _dice(told: Mapping[str, Any], name: str) -> np.random.Generator:
    return np.random.default_rng([told["seed"], crc32(name.encode())])
