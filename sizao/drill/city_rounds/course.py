"""
The course of a round in arrays: who comes at which hour to which table, into which tube, and when it is read.

Worked out whole before anything is written, from the seed alone, so that a run that was killed goes on with the same.
Hours are counted from the first swab; people are their numbers on the roster.
"""

from dataclasses import dataclass

import numpy as np

from sizao.engines.simulation.rng import Ints

Floats = np.ndarray
HALVINGS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Swabs:
    """
    Swabs in the order of hours: roster numbers, the tube of each (from 0), its second within the hour.

    Those of hour h are the rows from `starts[h]` to `starts[h + 1]`.
    """

    entry: Ints
    tube: Ints
    second: Ints
    starts: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Tubes:
    """Tubes by number: the site, the hours of the first and the last swab, the members."""

    site: Ints
    opened: Ints
    filled: Ints
    members: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Carriage:
    """Boxes by number: site, tubes, the hour packed and the hour received; `box` is that of each tube."""

    box: Ints
    site: Ints
    tubes: Ints
    packed: Ints
    received: Ints


def who_came(people: Ints, wanted: int, dice: np.random.Generator) -> Ints:
    """
    Choose who of each county came, in proportion: numbers from 1, in order.

    `people` counts those of each county, whose numbers follow each other.
    """
    exact = people / people.sum() * wanted
    shares = np.floor(exact).astype(np.int64)
    shares[np.argsort(shares - exact, kind="stable")[: wanted - int(shares.sum())]] += 1
    first = np.cumsum(people) - people
    parts = [
        start + np.flatnonzero(_some(int(count), int(share), dice))
        for start, count, share in zip(first, people, shares, strict=True)
    ]
    return np.concatenate(parts) + 1


def _some(count: int, share: int, dice: np.random.Generator) -> np.ndarray:
    """Mark `share` of `count` at random."""
    marked = np.zeros(count, np.bool_)
    marked[dice.permutation(count)[:share]] = True
    return marked


def arrivals(waiting: Ints, paces: Floats, targets: Ints) -> Ints:
    """
    Say how many are swabbed in each hour at each site, so that the whole city comes to `targets` at the hours' ends.

    `waiting` people by site; a site with pace g has swabbed the share v to the power g when the city is at v, and v is
    found for each target by halving. Shape (hours, sites); the last hour leaves nobody.
    """
    done = np.zeros((len(targets) + 1, len(waiting)), np.int64)
    for hour, target in enumerate(targets.tolist()):
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if (waiting * middle**paces).sum() < target else (low, middle)
        exact = waiting * high**paces
        done[hour + 1] = np.maximum(_rounded(exact, target, waiting), done[hour])
    done[-1] = waiting
    return np.diff(done, axis=0)


def _rounded(exact: Floats, total: int, most: Ints) -> Ints:
    whole = np.minimum(np.floor(exact), most).astype(np.int64)
    missing = min(max(total - int(whole.sum()), 0), len(whole))
    rest = np.argsort(whole - exact, kind="stable")[:missing]
    whole[rest] += 1
    return np.minimum(whole, most)


def filled(entries: Ints, site_of: Ints, by_hour: Ints, size: int) -> tuple[Swabs, Tubes]:
    """
    Let people queue at their sites in the order of their numbers, ten to a tube.

    `site_of` is the site of each of `entries`; `by_hour` (hours, sites) counts whom each site swabs in an hour. A tube
    that an hour leaves open is filled in the next.
    """
    n_hours, n_sites = by_hour.shape
    order = np.argsort(site_of, kind="stable")
    entry, site = entries[order], site_of[order]
    waiting = by_hour.sum(axis=0)
    place = np.arange(len(entry)) - np.repeat(np.cumsum(waiting) - waiting, waiting)
    flat = by_hour.T.ravel()
    hour = np.repeat(np.tile(np.arange(n_hours), n_sites), flat)
    within = np.arange(len(entry)) - np.repeat(np.cumsum(flat) - flat, flat)
    second = within * 3600 // np.repeat(flat, flat)
    n_tubes = -(-waiting // size)
    tube = np.repeat(np.cumsum(n_tubes) - n_tubes, waiting) + place // size
    first = np.flatnonzero(np.diff(tube, prepend=-1))
    last = np.append(first[1:], len(tube)) - 1
    tubes = Tubes(site[first], hour[first], hour[last], last - first + 1)
    by_time = np.argsort(hour, kind="stable")
    starts = np.searchsorted(hour[by_time], np.arange(n_hours + 1))
    return Swabs(entry[by_time], tube[by_time], second[by_time], starts), tubes


def carried(tubes: Tubes, trip_hours: Ints, *, every_hours: int, most: int) -> Carriage:
    """
    Pack what each site has filled every few hours into boxes, and carry them to its laboratory.

    `trip_hours` by site, whole hours. A box holds at most so many tubes.
    """
    collected = tubes.filled // every_hours
    order = np.lexsort((collected, tubes.site))
    site, block = tubes.site[order], collected[order]
    fresh = np.append(True, (np.diff(site) != 0) | (np.diff(block) != 0))
    group = np.cumsum(fresh) - 1
    place = np.arange(len(order)) - np.flatnonzero(fresh)[group]
    new_box = fresh | (place % most == 0)
    number = np.cumsum(new_box) - 1
    box = np.empty(len(order), np.int64)
    box[order] = number
    packed = (block[new_box] + 1) * every_hours - 1
    sites = site[new_box]
    return Carriage(box, sites, np.bincount(number), packed, packed + trip_hours[sites])


def read_hours(received: Ints, laboratory: Ints, per_hour: Ints, *, since: int = 0) -> Ints:
    """
    Say in which hour each tube is put on: first come first served, so many an hour by laboratory.

    A tube is put on from the hour after its receipt on, and none before hour `since`.
    """
    put_on = np.empty(len(received), np.int64)
    for number, capacity in enumerate(per_hour.tolist()):
        mine = np.flatnonzero(laboratory == number)
        mine = mine[np.argsort(received[mine], kind="stable")]
        put_on[mine] = _in_turn(np.maximum(received[mine] + 1, since), int(capacity))
    return put_on


def _in_turn(earliest: Ints, capacity: int) -> Ints:
    """Serve a sorted queue: nobody before their hour, `capacity` an hour."""
    turn = np.empty(len(earliest), np.int64)
    hours, counts = np.unique(earliest, return_counts=True)
    at = served = 0
    hour = 0
    for since, count in zip(hours.tolist(), counts.tolist(), strict=True):
        if since > hour:
            hour, served = since, 0
        places = served + np.arange(count)
        turn[at : at + count] = hour + places // capacity
        at += count
        last = served + count
        hour, served = hour + last // capacity, last % capacity
    return turn
