"""The areas of a simulated city: nested zones, each a range of person numbers without gaps."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sizao.engines.simulation.rng import Ints
from sizao.errors import SizaoError

COMMUNITY, TOWN, COUNTY, CITY, PROVINCE = range(5)
LEVELS = ("community", "town", "county", "city", "province")
MOST_PEOPLE = 1 << 31


class AreasOutOfOrder(SizaoError):
    """Communities that do not lie together by the areas they belong to."""

    code = "simulation.areas_out_of_order"
    message = (
        "The {level} {code} is named in two places. Sort the communities by province, city, county, town and code."
    )


class NobodyLivesThere(SizaoError):
    """Populations that make no city."""

    code = "simulation.nobody_lives_there"
    message = "The populations sum to {total}: a city has from 1 to {most} people, and no area fewer than 0."


@dataclass(frozen=True)
class Areas:
    """
    The communities of a city, a row each, sorted so that those of one town, county, city lie together.

    `codes` (n, 5) holds the caller's numbers of the community, its town, county, city and province (division codes,
    say); `population` (n,) people.
    """

    codes: Ints
    population: Ints


class Zones(NamedTuple):
    """
    All zones of all levels in one list, by level: zone z holds the persons from `start[z]`, `size[z]` of them.

    `base[level]` is the first zone of a level, `of[level, community]` the zone of that level a community lies in,
    `parent[z]` the zone above (-1 at the top), `code[z]` the caller's number.
    """

    start: Ints
    size: Ints
    base: Ints
    of: Ints
    parent: Ints
    code: Ints


def zones(areas: Areas) -> Zones:
    """Number the zones of a city. Raise AreasOutOfOrder or NobodyLivesThere."""
    population = np.asarray(areas.population, np.int64)
    total = int(population.sum())
    if not 0 < total < MOST_PEOPLE or (population < 0).any():
        raise NobodyLivesThere(total=total, most=MOST_PEOPLE - 1)
    first_person = np.cumsum(population) - population
    within, starts, sizes, codes = [], [], [], []
    for level in range(len(LEVELS)):
        begins = np.flatnonzero(_changes(areas.codes[:, level:]))
        within.append(np.searchsorted(begins, np.arange(len(population)), side="right") - 1)
        codes.append(_once(areas.codes[begins, level], level))
        starts.append(first_person[begins])
        sizes.append(np.add.reduceat(population, begins))
    base = np.cumsum([0, *(len(begun) for begun in starts)])
    of = np.array([numbers + base[level] for level, numbers in enumerate(within)])
    parent = np.full(base[-1], -1, np.int64)
    for level in range(len(LEVELS) - 1):
        parent[of[level]] = of[level + 1]
    return Zones(np.concatenate(starts), np.concatenate(sizes), base, of, parent, np.concatenate(codes))


def made_up_areas(n: int, *, community: int = 3_000, towns: int = 10, counties: int = 13) -> Areas:
    """
    Divide `n` people evenly: communities of about 3,000, ten to a town, thirteen towns to a county.

    For tests and measures; a city that is meant takes its populations from the register of areas.
    """
    count = max(round(n / community), 1)
    number = np.arange(count)
    population = np.full(count, n // count, np.int64)
    population[: n % count] += 1
    town = number // towns
    county = town // counties
    one = np.ones(count, np.int64)
    return Areas(np.column_stack((number + 1, town + 1, county + 1, one, one)), population)


def zones_below(all_zones: Zones, zone: int) -> Ints:
    """Give a zone and all zones within it."""
    inside = np.zeros(len(all_zones.parent), np.bool_)
    inside[zone] = True
    for level in range(PROVINCE - 1, -1, -1):
        low, high = all_zones.base[level], all_zones.base[level + 1]
        inside[low:high] |= inside[all_zones.parent[low:high]]
    return np.flatnonzero(inside)


def _changes(codes: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say at which rows an area begins: its own code changes, or one above it."""
    return np.append(True, (codes[1:] != codes[:-1]).any(axis=1))


def _once(codes: Ints, level: int) -> Ints:
    found, counts = np.unique(codes, return_counts=True)
    if (counts > 1).any():
        raise AreasOutOfOrder(level=LEVELS[level], code=int(found[counts > 1][0]))
    return np.asarray(codes, np.int64)
