"""A round worked out whole: people, tubes, boxes, laboratories, positives and those called back, hour by hour."""

import zlib
from dataclasses import dataclass

import numpy as np

from sizao.drill.city_rounds import course
from sizao.drill.city_rounds.course import Carriage, Swabs, Tubes
from sizao.drill.city_rounds.layout import CityPlan
from sizao.drill.city_rounds.told import Made, ToldRound
from sizao.engines.simulation.rng import Ints
from sizao.terms import AREA_DIGITS, AreaLevel

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]
# How far from another positive of the same family or lane one is found, in numbers of the roster.
NEAR = 3


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """
    What happens in one round; hours count from the first swab.

    `run` is the hour in which each tube is put on, `told` that in which its result is released. `positive` are the
    roster numbers of those infected, `walk_in` and `doubled` how many come in each hour without being on the roster, or
    (their numbers) a second time. `missed` were never there.
    """

    swabs: Swabs
    tubes: Tubes
    carriage: Carriage
    laboratory: Ints
    run: Ints
    told: Ints
    positive: Ints
    positive_tubes: Ints
    members: Ints
    recall: Ints
    walk_in: Ints
    doubled: dict[int, Ints]
    missed: Ints

    @property
    def n_hours(self) -> int:
        """Give the hours until everybody called back has a result."""
        return int(max(self.told.max(), self.recall.max(initial=0) + RECALL_TAIL)) + 1


# Hours from the single swab of somebody called back to the result: packed, carried, put on, read, released.
RECALL_TAIL = 12


def story_of(told: ToldRound, number: int, city: CityPlan, made: Made, *, one_in: int = 1) -> Story:
    """Work out round `number` (from 0); the same arguments give the same story."""

    def dice(name: str) -> np.random.Generator:
        return np.random.default_rng([made.seed, number, zlib.crc32(name.encode())])

    tested = told.tested // one_in
    n_walk_in, n_doubled = round(tested * made.walk_in), round(tested * made.doubled)
    came = course.who_came(_by_county(city), tested - n_walk_in, dice("who comes"))
    site = sites_of(city)[came - 1]
    targets = _targets(told, len(came), one_in)
    waiting = np.bincount(site, minlength=len(city.site_village))
    paces = dice("paces").uniform(*made.paces, len(waiting))
    swabs, tubes = course.filled(came, site, course.arrivals(waiting, paces, targets), made.pool_size)
    laboratory, trips = carriers(city)
    carriage = course.carried(tubes, trips, every_hours=made.collect_every_hours, most=made.box_tubes)
    of_tube = laboratory[tubes.site]
    run = course.read_hours(carriage.received[carriage.box], of_tube, city.tubes_per_hour)
    released = run + made.run_hours + made.release_after_hours
    positive = positives(told, came, city, made, dice("positives"), one_in=one_in)
    here = np.isin(swabs.entry, positive)
    positive_tubes = np.unique(swabs.tube[here])
    inside = np.isin(swabs.tube, positive_tubes)
    members, tube = swabs.entry[inside], swabs.tube[inside]
    share = np.diff(np.append(0, targets)) / targets[-1]
    again = dice("doubled").choice(swabs.entry[: swabs.starts[-2]], n_doubled, replace=False)
    hour_of = np.searchsorted(swabs.starts, np.flatnonzero(np.isin(swabs.entry, again)), side="right") - 1
    second = swabs.entry[np.isin(swabs.entry, again)]
    return Story(
        swabs=swabs, tubes=tubes, carriage=carriage, laboratory=of_tube, run=run, told=released, positive=positive,
        positive_tubes=positive_tubes, members=members, recall=released[tube] + made.recall_after_hours,
        walk_in=dice("walk in").multinomial(n_walk_in, share),
        doubled={hour: second[hour_of == hour - 1] for hour in range(1, len(targets))},
        missed=np.setdiff1d(np.arange(1, int(city.homes.people.sum()) + 1), came, assume_unique=True),
    )  # fmt: skip


def sites_of(city: CityPlan) -> Ints:
    """Give the site of each person of the roster, by number less one: the people of a village go in order of number."""
    arcs = city.plan.layout.arcs
    order = np.lexsort((arcs.site, arcs.village))
    return np.repeat(arcs.site[order], city.plan.layout.people[order])


def carriers(city: CityPlan) -> tuple[Ints, Ints]:
    """Give the laboratory of each site, the one that most of its tubes are planned for, and the hours to it."""
    trips, tubes = city.plan.delivery.trips, city.plan.delivery.tubes
    n_sites = len(city.site_village)
    order = np.lexsort((-trips.cost, tubes, trips.village))
    laboratory, hours = np.zeros(n_sites, np.int64), np.ones(n_sites)
    laboratory[trips.village[order]], hours[trips.village[order]] = trips.site[order], trips.cost[order]
    return laboratory, np.maximum(np.ceil(hours), 1).astype(np.int64)


def positives(
    told: ToldRound, came: Ints, city: CityPlan, made: Made, dice: np.random.Generator, *, one_in: int
) -> Ints:
    """Choose who is infected: as many as were published in the county of the outbreak and elsewhere; many together."""
    village = np.searchsorted(city.homes.first, came, side="right") - 1
    codes = np.array(city.homes.codes)
    inside = np.char.startswith(codes, made.positive_area)[village]
    township = np.char.startswith(codes, made.positive_township)[village]
    elsewhere = max(told.positive_elsewhere // one_in, 1)
    home = max(told.positive // one_in - elsewhere, 1)
    near = min(round(home * made.in_township), int(township.sum()))
    groups = ((came[township], near), (came[inside & ~township], home - near), (came[~inside], elsewhere))
    return np.sort(np.concatenate([_together(people, count, made.together, dice) for people, count in groups]))


def _together(people: Ints, count: int, together: float, dice: np.random.Generator) -> Ints:
    """Choose some of a row of people, one after the other: many stand near the one before."""
    chosen: list[int] = []
    while len(chosen) < count:
        beside = chosen and dice.random() < together
        low, high = (chosen[-1] - NEAR, chosen[-1] + NEAR + 1) if beside else (0, len(people))
        place = int(dice.integers(max(low, 0), min(high, len(people))))
        if place not in chosen:
            chosen.append(place)
        elif beside:
            chosen.append(_free(chosen, len(people), dice))
    return people[chosen]


def _free(chosen: list[int], total: int, dice: np.random.Generator) -> int:
    return int(dice.choice(np.setdiff1d(np.arange(total), chosen)))


def _by_county(city: CityPlan) -> Ints:
    counties = np.array([code[:COUNTY] for code in city.homes.codes])
    begins = np.flatnonzero(counties != np.append("", counties[:-1]))
    return np.add.reduceat(city.homes.people, begins)


def _targets(told: ToldRound, total: int, one_in: int) -> Ints:
    """Say how many of those who come are swabbed by the end of each hour: the published points, straight between."""
    hours = [0.0, *((one.at - told.begins_at).total_seconds() / 3600 for one in told.collected), float(told.n_hours)]
    people = [0, *(one.people // one_in for one in told.collected), told.tested // one_in]
    curve = np.interp(np.arange(1, told.n_hours + 1), hours, people) / people[-1]
    return np.rint(curve * total).astype(np.int64)
