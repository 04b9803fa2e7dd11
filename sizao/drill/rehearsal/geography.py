"""The real areas of a drill, and how many of its people live in each village or community."""

import zlib
from collections.abc import Mapping

import numpy as np

from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.engines.simulation.areas import COUNTY, Areas, Zones
from sizao.errors import SizaoError
from sizao.terms import AREA_DIGITS, AreaLevel

_DIGITS = [AREA_DIGITS[level] for level in (AreaLevel.VILLAGE, AreaLevel.STREET, AreaLevel.COUNTY, AreaLevel.CITY)]
PROVINCE_DIGITS = AREA_DIGITS[AreaLevel.PROVINCE]
# A township whose villages are not at hand is divided into communities of about so many, under codes of our own.
COMMUNITY_PEOPLE = 3_000
OWN_CODES = 901


class NoSuchHome(SizaoError):
    code = "drill.no_such_home"
    message = "{code} is no area of the register, so nobody can live there. Correct [[residents]]."


def communities(rehearsal: Rehearsal, names: Mapping[str, str]) -> Areas:
    """
    Give the villages and communities of a drill with their people, for the simulated city.

    `names` are the names of areas by code. The people of an area are shared out over the villages below it, some
    larger, some smaller, by a hash of their codes: such numbers are generated, only the sum is told. Where a part of an
    area is told too, the others share the rest.
    """
    below = _leaves(names)
    population: dict[str, int] = {}
    for one in rehearsal.residents:
        if one.code not in names:
            raise NoSuchHome(code=one.code)
        parts = rehearsal.parts_of(one)
        rest = one.population - sum(part.population for part in parts)
        told_apart = tuple(part.code for part in parts)
        leaves = [leaf for leaf in below if leaf.startswith(one.code) and not leaf.startswith(told_apart)]
        if not leaves:
            continue
        for code, people in _shared(rest, leaves):
            population[code] = population.get(code, 0) + people
    codes = sorted(population)
    numbers = [[int(code[:digits]) for digits in _DIGITS] + [int(code[:PROVINCE_DIGITS])] for code in codes]
    return Areas(np.array(numbers, np.int64), np.array([population[code] for code in codes], np.int64))


def journeys(zones: Zones, share: float) -> dict[tuple[int, int], int]:
    """
    Say how many people go from each county to each other on a day: a share of the county, to others by their size.

    Counties are counted from 0. The share is generated: nobody publishes it for a day.
    """
    people = zones.size[zones.base[COUNTY] : zones.base[COUNTY + 1]]
    found = {}
    for origin, living in enumerate(people.tolist()):
        others = people.sum() - living
        for destination, there in enumerate(people.tolist()):
            quota = int(living * share * there / others) if destination != origin and others else 0
            if quota:
                found[origin, destination] = quota
    return found


def _leaves(names: Mapping[str, str]) -> list[str]:
    """List the areas that hold no other, in the order of their codes."""
    ordered = sorted(names)
    following = [*ordered[1:], ""]
    return [code for code, after in zip(ordered, following, strict=True) if not after.startswith(code)]


def _shared(people: int, inside: list[str]) -> list[tuple[str, int]]:
    """Share people out over areas that hold no other: each by a weight between half and one and a half."""
    villages = [village for leaf in inside for village in _villages(leaf, people // len(inside))]
    weights = np.array([0.5 + zlib.crc32(village.encode()) / 2**32 for village in villages])
    borders = np.rint(np.cumsum(weights) / weights.sum() * people).astype(np.int64)
    return [
        (village, int(share)) for village, share in zip(villages, np.diff(borders, prepend=0), strict=True) if share
    ]


def _villages(leaf: str, people: int) -> list[str]:
    wanted = AREA_DIGITS[AreaLevel.VILLAGE]
    if len(leaf) == wanted:
        return [leaf]
    n = max(1, min(people // COMMUNITY_PEOPLE, 99))
    return [f"{leaf}{OWN_CODES + number}".ljust(wanted, "0") for number in range(n)]
