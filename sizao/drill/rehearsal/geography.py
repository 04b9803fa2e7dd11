"""The real areas of a drill, and how many of its people live in each village or community."""

import zlib
from collections.abc import Mapping

import numpy as np

from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.engines.simulation.areas import Areas
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
    larger, some smaller, by a hash of their codes: such numbers are generated, only the sum is told.
    """
    below = _leaves(names)
    population: dict[str, int] = {}
    for one in rehearsal.residents:
        if one.code not in names:
            raise NoSuchHome(code=one.code)
        for code, people in _shared(one.code, one.population, below):
            population[code] = population.get(code, 0) + people
    codes = sorted(population)
    numbers = [[int(code[:digits]) for digits in _DIGITS] + [int(code[:PROVINCE_DIGITS])] for code in codes]
    return Areas(np.array(numbers, np.int64), np.array([population[code] for code in codes], np.int64))


def _leaves(names: Mapping[str, str]) -> list[str]:
    """List the areas that hold no other, in the order of their codes."""
    ordered = sorted(names)
    following = [*ordered[1:], ""]
    return [code for code, after in zip(ordered, following, strict=True) if not after.startswith(code)]


def _shared(code: str, people: int, leaves: list[str]) -> list[tuple[str, int]]:
    """Share people out over the villages of an area: each by a weight between half and one and a half."""
    inside = [leaf for leaf in leaves if leaf.startswith(code)]
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
