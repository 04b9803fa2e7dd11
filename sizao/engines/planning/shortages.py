"""What a round is short of: which resource, how much of it is needed, how much is given, and where."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from sizao.engines.planning.delivery import Delivery
from sizao.engines.planning.hours import Course
from sizao.engines.planning.layout import Layout
from sizao.engines.planning.reach import Arcs
from sizao.engines.planning.round_inputs import RoundQuestion, Sites
from sizao.engines.sampling.pooled_test import Floats, Ints
from sizao.terms import RoundResource


@dataclass(frozen=True, slots=True)
class Shortage:
    """
    A resource that the round needs more of than is given.

    `needed` and `given` are in `unit`. `rows` are the villages (walking, tables) or sites (transport) concerned, and
    `people` how many live there; both empty where the whole round is.
    """

    resource: RoundResource
    needed: float
    given: float
    unit: str
    people: int = 0
    rows: tuple[int, ...] = ()


def of_rules(asked: RoundQuestion, sites: Sites, pairs: Arcs) -> Iterator[Shortage]:
    """Find what no time would mend: no laboratory on the road, too few sites, people too far from any."""
    terms, people = asked.terms, asked.villages.people
    if not len(pairs):
        yield _no_laboratory(asked)
        return
    usable = int((sites.tables > 0).sum())
    if terms.site_people is not None and usable * terms.site_people < people.sum():
        yield Shortage(RoundResource.SITES, float(np.ceil(people.sum() / terms.site_people)), usable, "sites")
    yield from _too_far(asked, sites)


def of_layout(asked: RoundQuestion, sites: Sites, layout: Layout, of_table: int) -> Iterator[Shortage]:
    """Find what people lack who have a site in reach and no place there: samplers, sites or tables, and where."""
    lacking = layout.unplaced.copy()
    lacking[list(_far_rows(asked, sites)[0])] = 0
    where, people = np.flatnonzero(lacking), int(lacking.sum())
    if not people or not of_table:
        return
    samplers, site_people = asked.means.samplers, asked.terms.site_people
    more = int(np.ceil(people / of_table))
    if samplers is not None and layout.tables.sum() >= min(samplers, sites.tables.sum()):
        yield Shortage(RoundResource.SAMPLERS, samplers + more, samplers, "samplers", people, _rows(where))
        return
    near = _in_reach(asked, sites, where)
    if site_people is not None and (sites.tables[near] * of_table > site_people).any():
        needed = len(near) + int(np.ceil(people / site_people))
        yield Shortage(RoundResource.SITES, needed, len(near), "sites within reach", people, _rows(where))
        return
    room = int(sites.tables[near].sum())
    yield Shortage(RoundResource.TABLES, room + more, room, "tables within reach", people, _rows(where))
    cut_off = np.flatnonzero((asked.sites.tables > 0) & (sites.tables == 0))
    if len(cut_off):
        trip = float(_nearest_hours(asked, cut_off).max())
        carry = float(asked.terms.carry_hours or 0)
        yield Shortage(RoundResource.TRANSPORT, trip, carry, "hours", 0, _rows(cut_off))


def of_laboratories(asked: RoundQuestion, delivery: Delivery) -> Iterator[Shortage]:
    """Find whether laboratories can tell all tubes within the hours."""
    left = int(delivery.left.sum())
    if not left or not (asked.laboratories.tubes_per_hour > 0).any():
        return
    given = float(asked.laboratories.tubes_per_hour.sum())
    taken = float(delivery.tubes.sum())
    # As many tubes an hour more as those left over are of those taken in the same hours.
    needed = given * (taken + left) / taken if taken else float("inf")
    yield Shortage(RoundResource.LABORATORIES, needed, given, "tubes an hour", 0, _rows(np.flatnonzero(delivery.left)))


def of_means(asked: RoundQuestion, layout: Layout, tubes: Ints) -> Iterator[Shortage]:
    """Compare samplers and tubes with what is there."""
    means, per_sampler = asked.means, asked.terms.people_per_sampler
    people = int(asked.villages.people.sum())
    if means.samplers is not None and per_sampler is not None and people > means.samplers * per_sampler:
        yield Shortage(RoundResource.SAMPLERS, float(np.ceil(people / per_sampler)), means.samplers, "samplers")
    unplaced = int(layout.unplaced.sum())
    needed = int(tubes.sum()) + -(-unplaced // asked.terms.pool_size)
    if means.tubes is not None and needed > means.tubes:
        yield Shortage(RoundResource.TUBES, needed, means.tubes, "tubes")


def of_time(asked: RoundQuestion, followed: Course) -> Iterator[Shortage]:
    """Say when the round ends, where that is later than the edition asks."""
    if followed.ends_hours > asked.terms.complete_hours + 1e-9:
        yield Shortage(RoundResource.TIME, followed.ends_hours, asked.terms.complete_hours, "hours")


def joined(found: list[Shortage]) -> tuple[Shortage, ...]:
    """Tell each resource once, with the largest need, in the order of the words."""
    largest: dict[RoundResource, Shortage] = {}
    for one in found:
        if one.resource not in largest or one.needed > largest[one.resource].needed:
            largest[one.resource] = one
    return tuple(largest[resource] for resource in RoundResource if resource in largest)


def _no_laboratory(asked: RoundQuestion) -> Shortage:
    if not (asked.laboratories.tubes_per_hour > 0).any():
        return Shortage(RoundResource.LABORATORIES, float("inf"), 0.0, "tubes an hour")
    near = _nearest_hours(asked, np.arange(len(asked.sites.at)))
    return Shortage(RoundResource.TRANSPORT, float(near.min()), float(asked.terms.carry_hours or 0), "hours")


def _nearest_hours(asked: RoundQuestion, rows: Ints) -> Floats:
    working = asked.laboratories.tubes_per_hour > 0
    away, _ = cKDTree(asked.laboratories.at[working]).query(asked.sites.at[rows])
    return asked.terms.trip_hours(np.asarray(away))


def _far_rows(asked: RoundQuestion, sites: Sites) -> tuple[tuple[int, ...], float]:
    """Give the villages without a site within the longest walk, and how far the farthest of them would walk."""
    limit, usable = asked.terms.walk_limit(), sites.tables > 0
    if limit is None or not usable.any():
        return (), 0.0
    away, _ = cKDTree(sites.at[usable]).query(asked.villages.at)
    far = np.flatnonzero((np.asarray(away) > limit) & (asked.villages.people > 0))
    return _rows(far), float(away[far].max(initial=0.0)) * asked.terms.detour


def _in_reach(asked: RoundQuestion, sites: Sites, villages: Ints) -> Ints:
    """List the usable sites that any of these villages may walk to."""
    usable = np.flatnonzero(sites.tables > 0)
    limit = asked.terms.walk_limit()
    if limit is None or not len(usable):
        return usable
    away, _ = cKDTree(asked.villages.at[villages]).query(sites.at[usable])
    return usable[np.asarray(away) <= limit]


def _too_far(asked: RoundQuestion, sites: Sites) -> Iterator[Shortage]:
    rows, walk = _far_rows(asked, sites)
    if rows:
        concerned = int(asked.villages.people[list(rows)].sum())
        yield Shortage(RoundResource.WALKING, walk, float(asked.terms.walk_metres or 0), "metres", concerned, rows)


def _rows(rows: Ints) -> tuple[int, ...]:
    return tuple(int(row) for row in rows)
