"""
Where people live, where sites and laboratories stand, and who goes where: generated places, planned by the engine.

People by county are the census; villages share them by a hash of their codes (`rehearsal.geography`), townships are
laid into their county's boundary and villages around them. Nobody published where the 13,701 sites stood: each village
gets as many as its people ask for, and the engine sends everybody to one and every tube to a laboratory.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isqrt

import numpy as np

from sizao.drill.city_rounds.told import Told
from sizao.drill.rehearsal import geography
from sizao.drill.rehearsal import scenario as rehearsals
from sizao.drill.scenario import Scenario
from sizao.engines.planning.delivery import trips
from sizao.engines.planning.layout import Layout, lay_out
from sizao.engines.planning.reach import Arcs
from sizao.engines.planning.round_inputs import (
    Costs,
    Laboratories,
    Means,
    RoundQuestion,
    Sites,
    Terms,
    Villages,
    in_metres,
)
from sizao.engines.planning.round_plan import RoundPlan, finished, question_of, table_people
from sizao.engines.simulation.rng import Ints

_STREET, _COUNTY, _VILLAGE = 9, 6, 12
# A township's villages lie within some kilometres of its middle, a site within a walk of its village's.
TOWN_DEGREES, SITE_DEGREES = 0.03, 0.004
ROOM_TO_SPARE = 1.02
# A table swabs its 820 people in the some 36 hours between 6 and 22 o'clock that a round lasted.
COMPLETE_HOURS, TABLE_PEOPLE_HOUR = 72, 23
Degrees = np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """
    Villages with their people, in the order of codes, and where each lies (longitude, latitude).

    The people of village v stand on the roster under the numbers from `first[v]` (from 1) on.
    """

    codes: list[str]
    people: Ints
    at: Degrees

    @property
    def first(self) -> Ints:
        """Give the first roster number of each village."""
        return np.cumsum(self.people) - self.people + 1


@dataclass(frozen=True, slots=True, eq=False)
class CityPlan:
    """Homes, sites by village, laboratories, and the engine's plan over them."""

    homes: Homes
    site_village: Ints
    site_at: Degrees
    laboratory_at: Degrees
    laboratory_counties: list[str]
    tubes_per_hour: Ints
    plan: RoundPlan

    @property
    def n_people(self) -> int:
        """Count all who live there."""
        return int(self.homes.people.sum())


def homes_of(told: Told, scenario: Scenario, *, one_in: int = 1) -> Homes:
    """
    Say who lives where.

    `one_in` 100 keeps a hundredth of each county's people, in a hundredth of its villages.
    """
    areas = geography.communities(rehearsals.load(told.people_of), scenario.area_names())
    # Communities come sorted by code, so that those of one county and township lie together.
    codes = [str(code) for code in areas.codes[:, 0].tolist()]
    people = areas.population
    if one_in > 1:
        codes, people = _fewer(codes, people, told.made.positive_township, one_in)
    return Homes(codes, people, _places(codes, scenario, told.lies_in))


def _fewer(codes: list[str], people: Ints, always: str, one_in: int) -> tuple[list[str], Ints]:
    """Keep some villages of each county with its share of people, one of them of the township of the outbreak."""
    counties = np.array([code[:_COUNTY] for code in codes])
    first = next(code for code in codes if code.startswith(always))
    kept: list[int] = []
    shares: list[int] = []
    for county in np.unique(counties):
        rows = np.flatnonzero(counties == county)
        chosen = {int(row) for row in rows[::one_in][: max(len(rows) // one_in, 1)]}
        chosen |= {row for row in rows.tolist() if codes[row] == first}
        some = np.array(sorted(chosen))
        kept += some.tolist()
        shares += _shares(people[some], int(people[rows].sum()) // one_in).tolist()
    return [codes[row] for row in kept], np.array(shares, np.int64)


def planned(told: Told, homes: Homes, *, one_in: int = 1) -> CityPlan:
    """Plan the sites, who goes to which, and where tubes are carried; the same for both rounds."""
    n_sites = max(told.sites // one_in, 1)
    dice = np.random.default_rng([told.made.seed, zlib.crc32(b"sites")])
    village, most = _candidates(homes, n_sites)
    site_at = homes.at[village] + dice.normal(0, SITE_DEGREES, (len(village), 2))
    counties, tubes, laboratory_at = _laboratories(told, homes, one_in)
    middle = (float(homes.at[:, 0].mean()), float(homes.at[:, 1].mean()))
    flat = [in_metres(at[:, 0], at[:, 1], around=middle) for at in (homes.at, site_at, laboratory_at)]
    terms = Terms(
        complete_hours=COMPLETE_HOURS, pool_size=told.made.pool_size, people_per_table_hour=TABLE_PEOPLE_HOUR,
        table_people=most, site_people=most, starts_at=8,
    )  # fmt: skip
    question = RoundQuestion(
        Villages(homes.people, flat[0]),
        Sites(np.ones(len(village), np.int64), flat[1]),
        Laboratories(tubes.astype(float), np.full(len(tubes), float(told.made.run_hours)), flat[2]),
        terms, Means(), Costs(),
    )  # fmt: skip
    return CityPlan(homes, village, site_at, laboratory_at, counties, tubes, _by_county(question, homes, village))


def _candidates(homes: Homes, n_sites: int) -> tuple[Ints, int]:
    """Give the village of each site, and whom one has room for: each county its part of the sites, one at least."""
    names = np.array([code[:_COUNTY] for code in homes.codes])
    _, of = np.unique(names, return_inverse=True)
    people = np.bincount(of, homes.people).astype(np.int64)
    sites = np.maximum(_shares(people, n_sites), 1)
    given = np.zeros(len(names), np.int64)
    for number, count in enumerate(sites.tolist()):
        rows = np.flatnonzero(of == number)
        given[rows] = _shares(homes.people[rows], count)
    return np.repeat(np.arange(len(names)), given), int(np.ceil((people / sites).max() * ROOM_TO_SPARE))


def _by_county(asked: RoundQuestion, homes: Homes, site_village: Ints) -> RoundPlan:
    """Let each county lay out its own sites for its own people; tubes go to any laboratory of the city."""
    pairs = trips(asked.sites.at, asked.laboratories, asked.terms)
    of_table = table_people(asked, pairs, COMPLETE_HOURS)
    names = np.array([code[:_COUNTY] for code in homes.codes])
    tables, unplaced = np.zeros(len(site_village), np.int64), np.zeros(len(names), np.int64)
    arcs: list[Arcs] = []
    people: list[Ints] = []
    cost = bound = 0.0
    for name in np.unique(names):
        rows, sites = np.flatnonzero(names == name), np.flatnonzero(names[site_village] == name)
        part = replace(
            asked,
            villages=Villages(asked.villages.people[rows], asked.villages.at[rows]),
            sites=Sites(asked.sites.tables[sites], asked.sites.at[sites]),
        )
        made = lay_out(question_of(part, part.sites, of_table))
        arcs.append(Arcs(rows[made.arcs.village], sites[made.arcs.site], made.arcs.metres, made.arcs.cost))
        people.append(made.people)
        tables[sites], unplaced[rows] = made.tables, made.unplaced
        cost, bound = cost + made.cost, bound + made.bound
    joined = Arcs(
        *(np.concatenate([getattr(one, name) for one in arcs]) for name in ("village", "site", "metres", "cost"))
    )
    layout = Layout(joined, np.concatenate(people), tables, unplaced, cost, bound)
    return finished(asked, layout, pairs, COMPLETE_HOURS)


def _shares(people: Ints, total: int) -> Ints:
    """Share whole things out by people: the largest remainders get what is left."""
    exact = people / people.sum() * total
    shares = np.floor(exact).astype(np.int64)
    shares[np.argsort(shares - exact, kind="stable")[: total - int(shares.sum())]] += 1
    return shares


def _laboratories(told: Told, homes: Homes, one_in: int) -> tuple[list[str], Ints, Degrees]:
    """Place a laboratory in each of the largest counties, each as large as its people ask for."""
    counties = np.array([code[:_COUNTY] for code in homes.codes])
    names, of = np.unique(counties, return_inverse=True)
    people = np.bincount(of, homes.people)
    chosen = np.sort(np.argsort(-people, kind="stable")[: max(told.made.laboratories // isqrt(one_in), 1)])
    tubes = np.maximum(
        _shares(
            people[chosen].astype(np.int64), max(max(one.tubes_per_hour for one in told.rounds) // one_in, len(chosen))
        ),
        1,
    )
    at = np.array([homes.at[of == one].mean(axis=0) for one in chosen])
    return [str(names[one]) for one in chosen], tubes, at


# --- Places ------------------------------------------------------------------------------------


def _places(codes: list[str], scenario: Scenario, lies_in: Mapping[str, str]) -> Degrees:
    rings = _rings(scenario.counties())
    towns: dict[str, Degrees] = {}
    found = np.zeros((len(codes), 2))
    for row, code in enumerate(codes):
        town = code[:_STREET]
        if town not in towns:
            county = code[:_COUNTY]
            towns[town] = _inside(rings[lies_in.get(county, county)], town)
        found[row] = towns[town] + (_hashed(code) - 0.5) * 2 * TOWN_DEGREES
    return found


def _rings(counties: Mapping) -> dict[str, list[Degrees]]:
    found: dict[str, list[Degrees]] = {}
    for feature in counties["features"]:
        shape = feature["geometry"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        found[str(feature["properties"]["adcode"])] = [np.array(one[0], float) for one in polygons]
    return found


def _inside(rings: list[Degrees], name: str) -> Degrees:
    """Find a point inside the largest part of a county, by a hash of a name."""
    ring = max(rings, key=lambda one: np.ptp(one[:, 0]) * np.ptp(one[:, 1]))
    low, span = ring.min(axis=0), np.ptp(ring, axis=0)
    for attempt in range(1000):
        point = low + _hashed(f"{name}:{attempt}") * span
        if _holds(ring, point):
            return point
    return ring.mean(axis=0)


def _holds(ring: Degrees, point: Degrees) -> bool:
    """Tell whether a ring holds a point: a ray to the east crosses it an odd number of times."""
    here, after = ring, np.roll(ring, -1, axis=0)
    above = (here[:, 1] > point[1]) != (after[:, 1] > point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        east = here[:, 0] + (point[1] - here[:, 1]) / (after[:, 1] - here[:, 1]) * (after[:, 0] - here[:, 0])
    return bool((above & (east > point[0])).sum() % 2)


def _hashed(name: str) -> Degrees:
    """Give two numbers from 0 to 1 by a hash of a name."""
    return np.array([zlib.crc32(f"{axis}{name}".encode()) / 2**32 for axis in "xy"])
