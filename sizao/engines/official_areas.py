"""From areas listed day by day to areas with a first and a last day, matched to the register."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from pypinyin import lazy_pinyin

from sizao.engines.area_names import Register, compound_key, longest_prefix, township_key
from sizao.engines.official_lists import Listed
from sizao.terms import LEVEL_OF_DIGITS, AreaLevel, AreaPart

_VILLAGE = re.compile(r"(?:村|社区|居委会|村委会)$")
_TOWNSHIP = re.compile(r"(?:街道|街道办事处|办事处|镇|乡)$")
_BUILDING = re.compile(r"(?:号楼|栋|单元|座|幢|楼)$|\d+号$")
_IN_VILLAGE = re.compile(r"^(?P<village>.+?(?:村|社区|居委会))(?P<rest>.+)$")
# A list that is missing for longer than this is not bridged: the area may have been lifted meanwhile.
LONGEST_HOLE_LISTS = 1
_COMPOUND = re.compile(r"小区|家园|花园|公寓|宿舍|家属|花苑|公馆|新城|庭院|嘉园|名苑|府|苑|区$|期$|城$")


@dataclass(frozen=True)
class Matched:
    """
    Where a listed area stands in the register.

    `area_code` is the deepest division that holds the area. `unit` says whether the area is that
    division itself (an AreaLevel) or an uncoded part of it (an AreaPart).
    """

    area_code: str
    unit: AreaLevel | AreaPart


@dataclass(frozen=True)
class OfficialArea:
    """
    An area's unbroken time on one level of the official list.

    Days are days of publication. `earliest_first_date` is the day after the notice before: the area
    may have been decided then, when notices are missing; None when no notice came before.
    `latest_last_date` likewise is the day before the first notice without it; None when none followed.
    """

    name: str
    area_code: str
    unit: AreaLevel | AreaPart
    level: str
    first_date: date
    last_date: date
    listed_days: int
    earliest_first_date: date | None
    latest_last_date: date | None
    city: str
    county: str
    exceptions: tuple[str, ...] = ()
    other_spellings: tuple[str, ...] = ()


def match(listed: Listed, register: Register) -> Matched:
    """Match a listed area to the register; an unmatched village falls back to what holds it."""
    holder = listed.county_code or listed.city_code or ""
    if not listed.name:
        whole_city = not listed.county_text and LEVEL_OF_DIGITS.get(len(holder)) == AreaLevel.CITY
        return Matched(holder, AreaLevel.CITY if whole_city else AreaLevel.COUNTY)
    if listed.county_code is None:
        return Matched(holder, _unit(listed.name))
    return _match_below(listed.county_code, listed.name, register)


def _match_below(county: str, name: str, register: Register) -> Matched:
    if towns := register.townships(county, name):
        return Matched(towns[0], AreaLevel.STREET)
    town, rest = _leading_township(county, name, register)
    unit = _unit(rest)
    inside = _IN_VILLAGE.match(rest)
    village = rest if unit == AreaLevel.VILLAGE else inside["village"] if inside else ""
    villages = register.villages(town or county, village) if village else ()
    # Two villages of one name in a county: the text does not say which, so neither is taken.
    return Matched(villages[0] if len(villages) == 1 else town or county, unit)


def _leading_township(county: str, name: str, register: Register) -> tuple[str, str]:
    spelt: dict[str, str] = {}
    for code in register.children(county):
        official = register.names[code]
        key = township_key(official)
        spelt |= {official: code, key: code}
        if key.endswith("街道"):
            spelt |= {key + "办事处": code, key.removesuffix("街道") + "办事处": code}
    prefix = longest_prefix(name, spelt)
    return spelt.get(prefix, ""), name.removeprefix(prefix)


def _unit(name: str) -> AreaLevel | AreaPart:
    if _TOWNSHIP.search(name):
        return AreaLevel.STREET
    if _BUILDING.search(name):
        return AreaPart.BUILDING
    if _VILLAGE.search(name):
        return AreaLevel.VILLAGE
    return AreaPart.COMPOUND if _COMPOUND.search(name) else AreaPart.SPOT


Place = tuple[str, str, str]  # city code, words for the county, key of the name


def _place(listed: Listed) -> Place:
    return listed.city_code or "", listed.county_code or listed.county_text, compound_key(listed.name)


def spellings(listed: Iterable[Listed]) -> Mapping[Place, Place]:
    """
    Find areas that are one area written in two ways (天一合院, 天一和院).

    Two names of one county are one when they sound the same and are never listed on the same day;
    what is listed beside another is another. Maps each rarer spelling to the one listed more often.
    """
    days: dict[Place, set[date]] = defaultdict(set)
    for item in listed:
        days[_place(item)].add(item.published_date)
    by_sound: dict[tuple[str, str, tuple[str, ...]], list[Place]] = defaultdict(list)
    for place in sorted(days, key=lambda place: (-len(days[place]), place)):
        by_sound[place[0], place[1], tuple(lazy_pinyin(place[2]))].append(place)
    same: dict[Place, Place] = {}
    for places in by_sound.values():
        for other in places[1:]:
            if not days[places[0]] & days[other]:
                same[other] = places[0]
    return same


def intervals(listed: Sequence[Listed], published: Sequence[date], register: Register) -> tuple[OfficialArea, ...]:
    """
    Join each area's listed days into intervals, ordered by first day, level and code.

    `published` are the days on which a list came out at all. A day without a list breaks nothing; a
    list without the area ends its interval. One day's list may lack a whole city at a level, to name it
    again unchanged on the next: that is a hole in the collection, and is bridged (LONGEST_HOLE_LISTS).
    A county listed with other exceptions is the same area: the exceptions of the last day are kept.
    """
    same = spellings(listed)
    groups: dict[tuple[Place, str], list[Listed]] = defaultdict(list)
    for item in listed:
        place = _place(item)
        groups[same.get(place, place), item.level].append(item)
    days = sorted(set(published))
    city_days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for item in listed:
        city_days[item.city_code or "", item.level].add(item.published_date)
    areas = [
        _area(run, days, register)
        for (place, level), items in groups.items()
        for run in _runs(items, days, city_days[place[0], level])
    ]
    return tuple(sorted(areas, key=lambda area: (area.first_date, area.level, area.area_code, area.name)))


def _runs(items: list[Listed], days: Sequence[date], city_days: set[date]) -> Iterator[list[Listed]]:
    items = sorted(items, key=lambda item: item.published_date)
    run = [items[0]]
    for before, item in pairwise(items):
        missed = [day for day in days if before.published_date < day < item.published_date]
        if len(missed) > LONGEST_HOLE_LISTS or city_days & set(missed):
            yield run
            run = []
        run.append(item)
    yield run


def _area(run: list[Listed], days: Sequence[date], register: Register) -> OfficialArea:
    first, last = run[0].published_date, run[-1].published_date
    names = [item.name or item.county_text or register.names.get(item.city_code or "", "") for item in run]
    name = max(sorted(set(names)), key=names.count)
    sample = next(item for item in run if (item.name or name) == name or not item.name)
    matched = match(sample, register)
    before = max((day for day in days if day < first), default=None)
    after = min((day for day in days if day > last), default=None)
    return OfficialArea(
        name=name,
        area_code=matched.area_code,
        unit=matched.unit,
        level=run[0].level,
        first_date=first,
        last_date=last,
        listed_days=len({item.published_date for item in run}),
        earliest_first_date=before + timedelta(days=1) if before else None,
        latest_last_date=after - timedelta(days=1) if after else None,
        city=register.names.get(sample.city_code or "", ""),
        county=register.names.get(sample.county_code or "", sample.county_text),
        exceptions=run[-1].exceptions,
        other_spellings=tuple(sorted(set(names) - {name})),
    )
