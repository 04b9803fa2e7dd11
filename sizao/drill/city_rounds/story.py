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
NEWCOMER = 0
# Who is called back goes to a laboratory by a car of their own, and before all others.
RECALL_TRIP_HOURS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """
    Swabs that go through the ordinary desk: the hour, the roster number (0: nobody on it), the tube of each.

    In the order of hours.
    """

    hour: Ints
    entry: Ints
    tube: Ints

    def of(self, hour: int) -> range:
        """Give the rows of an hour."""
        low, high = np.searchsorted(self.hour, [hour, hour + 1])
        return range(int(low), int(high))


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """
    What happens in one round; hours count from the first swab, tubes and boxes from 0.

    `swabs` go through the bulk door, into the first of `tubes`; `others`, who came without being on the roster or for a
    second time, and `recalled` members of positive tubes through the desk. `run` is the hour in which a tube's reading
    is there, `told` that in which it is released, `is_positive` what is found in it. `missed` never came.
    """

    swabs: Swabs
    others: Desk
    recalled: Desk
    tubes: Tubes
    carriage: Carriage
    laboratory: Ints
    run: Ints
    told: Ints
    is_positive: np.ndarray
    positive: Ints
    missed: Ints
    n_pools: int

    @property
    def n_hours(self) -> int:
        """Give the hours until the last result is released."""
        return int(self.told.max()) + 1

    def is_single(self, tube: int) -> bool:
        """Tell whether a tube is of one person called back."""
        return tube >= self.n_pools


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
    again = dice("doubled").choice(len(swabs.entry), n_doubled, replace=False)
    others, more = _others(swabs, again, n_walk_in, len(tubes.site), waiting, made.pool_size, dice("others"))
    pools = Tubes(*(np.concatenate(pair) for pair in zip(_columns(tubes), _columns(more), strict=True)))
    laboratory, trips = carriers(city)
    carriage = course.carried(pools, trips, every_hours=made.collect_every_hours, most=made.box_tubes)
    capacity = np.maximum(city.tubes_per_hour * (told.tubes_per_hour // one_in) // city.tubes_per_hour.sum(), 1)
    put_on = course.read_hours(
        carriage.received[carriage.box], laboratory[pools.site], capacity, since=told.reads_from_hour
    )
    run = put_on + made.run_hours
    positive = positives(told, came, city, made, dice("positives"), one_in=one_in)
    found = np.zeros(len(run), np.bool_)
    found[swabs.tube[np.isin(swabs.entry, positive)]] = True
    recalled, singles = _recalled(swabs, pools, found, run + made.release_after_hours + made.recall_after_hours)
    every = Tubes(*(np.concatenate(pair) for pair in zip(_columns(pools), _columns(singles), strict=True)))
    run = np.append(run, singles.filled + RECALL_TRIP_HOURS + made.single_run_hours)
    return Story(
        swabs=swabs, others=others, recalled=recalled, tubes=every, carriage=_joined(carriage, singles),
        laboratory=laboratory[every.site], run=run, told=run + made.release_after_hours,
        is_positive=np.append(found, np.isin(recalled.entry, positive)), positive=positive,
        missed=np.setdiff1d(np.arange(1, city.n_people + 1), came, assume_unique=True), n_pools=len(found),
    )  # fmt: skip


def sites_of(city: CityPlan) -> Ints:
    """Give the site of each person of the roster, by number less one: the people of a village go in order of number."""
    arcs = city.plan.layout.arcs
    order = np.lexsort((arcs.site, arcs.village))
    return np.repeat(arcs.site[order], city.plan.layout.people[order])


def carriers(city: CityPlan) -> tuple[Ints, Ints]:
    """Give the laboratory of each site, the one that most of its tubes are planned for, and the whole hours to it."""
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


# --- Inside ------------------------------------------------------------------------------------


def _columns(tubes: Tubes) -> tuple[Ints, ...]:
    return tubes.site, tubes.opened, tubes.filled, tubes.members


def _others(
    swabs: Swabs, again: Ints, n_walk_in: int, n_tubes: int, waiting: Ints, size: int, dice: np.random.Generator
) -> tuple[Desk, Tubes]:
    """Let newcomers, and those who come a second time an hour later, fill tubes of their own at some sites."""
    hours = len(swabs.starts) - 1
    by_hour = np.searchsorted(swabs.starts, again, side="right")  # the hour after theirs
    late = by_hour < hours
    share = np.diff(swabs.starts) / swabs.starts[-1]
    newcomers = np.repeat(np.arange(hours), dice.multinomial(n_walk_in, share))
    hour = np.concatenate([newcomers, by_hour[late]])
    entry = np.concatenate([np.full(len(newcomers), NEWCOMER), swabs.entry[again[late]]])
    order = np.argsort(hour, kind="stable")
    hour, entry = hour[order], entry[order]
    fresh = np.append(True, np.diff(hour) > 0) if len(hour) else np.zeros(0, np.bool_)
    first = np.flatnonzero(fresh)
    place = np.arange(len(hour)) - np.repeat(first, np.diff(np.append(first, len(hour))))
    number = np.cumsum(fresh | (place % size == 0)) - 1
    opened = hour[np.flatnonzero(np.diff(number, prepend=-1))]
    site = dice.choice(np.flatnonzero(waiting), len(opened))
    return Desk(hour, entry, n_tubes + number), Tubes(site, opened, opened, np.bincount(number).astype(np.int64))


def _recalled(swabs: Swabs, pools: Tubes, found: np.ndarray, recall: Ints) -> tuple[Desk, Tubes]:
    """Call the members of positive tubes back, each for a tube of their own at the site they know."""
    inside = np.flatnonzero(found[swabs.tube])
    tube = swabs.tube[inside]
    order = np.argsort(recall[tube], kind="stable")
    entry, tube = swabs.entry[inside][order], tube[order]
    hour = recall[tube]
    singles = Tubes(pools.site[tube], hour, hour, np.ones(len(tube), np.int64))
    return Desk(hour, entry, len(pools.site) + np.arange(len(tube))), singles


def _joined(carriage: Carriage, singles: Tubes) -> Carriage:
    """Add the boxes of those called back: one for each site and hour, carried at once."""
    if not len(singles.site):
        return carriage
    keys, box = np.unique(np.stack([singles.filled, singles.site]), axis=1, return_inverse=True)
    hour, site = keys
    return Carriage(
        np.concatenate([carriage.box, len(carriage.site) + box.ravel()]),
        np.concatenate([carriage.site, site]),
        np.concatenate([carriage.tubes, np.bincount(box.ravel())]),
        np.concatenate([carriage.packed, hour]),
        np.concatenate([carriage.received, hour + RECALL_TRIP_HOURS]),
    )


def _together(people: Ints, count: int, together: float, dice: np.random.Generator) -> Ints:
    """Choose some of a row of people, one after the other: many stand near the one before."""
    chosen: list[int] = []
    while len(chosen) < min(count, len(people)):
        beside = bool(chosen) and dice.random() < together
        low, high = (chosen[-1] - NEAR, chosen[-1] + NEAR + 1) if beside else (0, len(people))
        place = int(dice.integers(max(low, 0), min(high, len(people))))
        if place not in chosen:
            chosen.append(place)
    return people[chosen]


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
