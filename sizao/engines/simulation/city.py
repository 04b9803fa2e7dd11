"""
A simulated city in arrays: some twenty bytes a person, and nothing about anybody's days.

People of one household, community, town and county lie next to each other by number.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation import people, rng
from sizao.engines.simulation.areas import COMMUNITY, COUNTY, TOWN, Areas, Zones, zones
from sizao.engines.simulation.disease import CLASS, WORK
from sizao.engines.simulation.people import AIRPORT, PUPIL, WORKER, Makeup
from sizao.engines.simulation.rng import Ints

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int32]

CLASS_SIZE, KINDERGARTEN_SIZE = 40, 25
TEAM_SIZES = (4, 6, 8, 10, 15, 25, 40)  # one after the other
NEAR = 0.6  # of those who work do so in their own town, the others in their county
NO_GROUP = -1


class City(NamedTuple):
    """
    People and where they belong; arrays by person number if not said otherwise.

    A person is the `offset`-th of a household of `size`. `group` is a class or a team (NO_GROUP: none); group g has
    the members `members[group_start[g]:group_start[g + 1]]` and passes infection in `group_layer[g]`.
    """

    zones: Zones
    community: Numbers  # counted from 0
    offset: Bytes
    size: Bytes
    age: Bytes
    doses: Bytes
    occupation: Bytes
    group: Numbers
    members: Numbers
    group_start: Numbers
    group_layer: Bytes

    @property
    def people(self) -> int:
        """Count the people."""
        return len(self.age)

    @property
    def bytes_per_person(self) -> float:
        """Say how much room the city takes."""
        arrays = [*self.zones, *(part for part in self if isinstance(part, np.ndarray))]
        return sum(array.nbytes for array in arrays) / self.people


def build(areas: Areas, *, seed: int, makeup: Makeup | None = None) -> City:
    """
    Build the city of some areas; equal arguments give equal cities.

    Works county by county, so that a province needs little room beside itself.
    Raise AreasOutOfOrder or NobodyLivesThere.
    """
    chosen = makeup or Makeup()
    found = zones(areas)
    population = np.asarray(areas.population, np.int64)
    parts, groups = [], []
    for county in range(int(found.base[COUNTY]), int(found.base[COUNTY + 1])):
        rows = np.flatnonzero(found.of[COUNTY] == county)
        if population[rows].sum() == 0:
            continue
        community = np.repeat(rows, population[rows])
        first = int(found.start[county])
        offset, size = people.households(seed, rows, population[rows])
        age = people.ages(seed, first, offset, size)
        occupation = people.occupations(seed, first, age, chosen)
        parts.append(
            (community.astype(np.int32), offset, size, age, people.doses(seed, first, age, chosen), occupation)
        )
        groups.append(_groups(seed, first, found.of[TOWN][community], age, occupation))
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return City(found, *joined, *_joined(groups, len(joined[0])))  # type: ignore[call-arg]  # five and four columns


def zone_of(city: City, level: int, person: Ints) -> Ints:
    """Give the zone of a level each person lives in."""
    found: Ints = city.zones.of[level][city.community[person]]
    return found


def population(city: City) -> Ints:
    """Give how many people live in each community."""
    return city.zones.size[city.zones.base[COMMUNITY] : city.zones.base[COMMUNITY + 1]]


def _groups(seed: int, first: int, town: Ints, age: Bytes, occupation: Bytes) -> tuple[Ints, Ints, Ints]:
    """Put the pupils and workers of a county into classes and teams: members, their group, the layers of the groups."""
    local = np.flatnonzero((occupation >= PUPIL) & (occupation <= AIRPORT))
    person = first + local
    pupil = occupation[local] == PUPIL
    near = rng.happens(rng.words(rng.stream(seed, "works near home"), person, 0), rng.thresholds(NEAR))
    where = np.where(pupil | near, town[local] + 1, 0)
    what = np.where(pupil, age[local].astype(np.int64), 200 + occupation[local])
    block = where * 256 + what
    rank = np.lexsort((rng.words(rng.stream(seed, "seat in class or team"), person, 0), block))
    block, person, what = block[rank], person[rank], what[rank]
    begins = np.flatnonzero(np.append(True, block[1:] != block[:-1])) if len(block) else np.zeros(0, np.int64)
    within = np.arange(len(block)) - np.repeat(begins, np.diff(np.append(begins, len(block))))
    number = _cut(within, what)
    fresh = np.append(True, (number[1:] != number[:-1]) | (block[1:] != block[:-1]))[: len(block)]
    group = np.cumsum(fresh) - 1
    return person, group, np.where(what[fresh] >= 200 + WORKER, WORK, CLASS)


def _cut(within: Ints, what: Ints) -> Ints:
    """Number the class or team of each place in a block."""
    seats = np.repeat(np.arange(len(TEAM_SIZES)), TEAM_SIZES)
    team = within // len(seats) * len(TEAM_SIZES) + seats[within % len(seats)]
    return np.where(what >= 200, team, within // np.where(what < 6, KINDERGARTEN_SIZE, CLASS_SIZE))


def _joined(groups: list[tuple[Ints, Ints, Ints]], n: int) -> tuple[Numbers, Numbers, Numbers, Bytes]:
    counts = np.cumsum([0, *(len(layers) for *_, layers in groups)])
    members = np.concatenate([person for person, *_ in groups]).astype(np.int32)
    numbers = np.concatenate([group + add for (_, group, _), add in zip(groups, counts, strict=False)])
    layers = np.concatenate([layer for *_, layer in groups]).astype(np.uint8)
    of_person = np.full(n, NO_GROUP, np.int32)
    of_person[members] = numbers
    start = np.searchsorted(numbers, np.arange(len(layers) + 1)).astype(np.int32)
    return of_person, members, start, layers
