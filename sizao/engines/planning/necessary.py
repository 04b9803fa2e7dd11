"""
What a round lacks for certain, told before anything is laid out: room, laboratories, means, walks, hours.

Each is a condition that every plan must meet, summed up over places that share their people, so that a city is
checked in a second or two. Whoever passes may still lack something: that is for the plan to say.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from sizao.engines.planning.delivery import trips
from sizao.engines.planning.reach import Arcs
from sizao.engines.planning.round_inputs import RoundQuestion, Sites
from sizao.engines.planning.round_plan import (
    LONGEST_HOURS,
    enough_hours,
    laboratory_room,
    room_for_all,
    site_costs,
    table_people,
    with_laboratory,
)
from sizao.engines.planning.shortages import Shortage, joined, of_rules
from sizao.engines.sampling.pooled_test import Ints
from sizao.terms import RoundResource


def short_at_least(asked: RoundQuestion) -> tuple[Shortage, ...]:
    """
    Tell what is short whatever the plan, with at least how much is needed; nothing where no sum forbids the round.

    A plan of the same question is never in time where this tells a shortage.
    """
    pairs = trips(asked.sites.at, asked.laboratories, asked.terms)
    sites = with_laboratory(asked, pairs)
    found = [*of_rules(asked, sites, pairs), *_of_means(asked)]
    if len(pairs):
        of_table = table_people(asked, pairs, asked.terms.complete_hours)
        found += [*_of_room(asked, sites, of_table), *_of_laboratories(asked, pairs), *_of_time(asked, sites, pairs)]
    return joined(found)


def _of_means(asked: RoundQuestion) -> Iterator[Shortage]:
    means, people = asked.means, int(asked.villages.people.sum())
    if means.samplers is not None and asked.terms.people_per_sampler is not None:
        needed = -(-people // asked.terms.people_per_sampler)
        if needed > means.samplers:
            yield Shortage(RoundResource.SAMPLERS, needed, means.samplers, "samplers")
    tubes = _tubes(asked)
    if means.tubes is not None and tubes > means.tubes:
        yield Shortage(RoundResource.TUBES, tubes, means.tubes, "tubes")


def _of_room(asked: RoundQuestion, sites: Sites, of_table: int) -> Iterator[Shortage]:
    """Compare people with places wherever people and sites reach one another, and all of them with the samplers."""
    if not of_table:
        return  # the hours are too few for anybody: of time
    people, costs = asked.villages.people, site_costs(asked, sites, of_table)
    samplers = asked.means.samplers
    if samplers is not None and people.sum() > samplers * of_table:
        yield Shortage(RoundResource.SAMPLERS, float(-(-people.sum() // of_table)), samplers, "samplers")
    parts = _parts(asked, sites)
    there = np.bincount(parts.of_village, people, parts.n).astype(np.int64)
    room = np.bincount(parts.of_site, costs.most, parts.n).astype(np.int64)
    # A village without any site in reach is told by its walk.
    lacking = np.where((room > 0) & (there > room), there - room, 0)
    if not lacking.any():
        return
    where = lacking[parts.of_village] > 0
    rows = tuple(int(row) for row in np.flatnonzero(where & (people > 0)))
    tables = int(sites.tables[lacking[parts.of_site] > 0].sum())
    needed = tables + int(np.ceil(lacking / of_table).sum())
    yield Shortage(RoundResource.TABLES, needed, tables, "tables within reach", int(lacking.sum()), rows)


def _of_laboratories(asked: RoundQuestion, pairs: Arcs) -> Iterator[Shortage]:
    tubes, given = _tubes(asked), float(asked.laboratories.tubes_per_hour.sum())
    taken = float(laboratory_room(asked, pairs, asked.terms.complete_hours).sum())
    # Where no tube could be told in these hours, more tubes an hour would not help: that is of time.
    if tubes > taken > 0:
        yield Shortage(RoundResource.LABORATORIES, given * tubes / taken, given, "tubes an hour")


def _of_time(asked: RoundQuestion, sites: Sites, pairs: Arcs) -> Iterator[Shortage]:
    """Find how many hours tables and laboratories need at the least, all taken together."""
    if room_for_all(asked, sites, pairs, asked.terms.complete_hours):
        return
    hours = float(enough_hours(asked, sites, pairs, int(asked.terms.complete_hours) + 1))
    if hours < LONGEST_HOURS:
        yield Shortage(RoundResource.TIME, hours, asked.terms.complete_hours, "hours")


def _tubes(asked: RoundQuestion) -> int:
    return -(-int(asked.villages.people.sum()) // asked.terms.pool_size)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Which part of the city each village and each site belongs to: nobody can go from one part to another."""

    n: int
    of_village: Ints
    of_site: Ints


def _parts(asked: RoundQuestion, sites: Sites) -> _Parts:
    n_villages, n_sites = len(asked.villages.people), len(sites.tables)
    limit = asked.terms.walk_limit()
    if limit is None:
        return _Parts(1, np.zeros(n_villages, np.int64), np.zeros(n_sites, np.int64))
    usable = np.flatnonzero(sites.tables > 0)
    near = cKDTree(asked.villages.at).sparse_distance_matrix(cKDTree(sites.at[usable]), limit, output_type="coo_matrix")
    rows, columns = near.row, n_villages + usable[near.col]
    size = n_villages + n_sites
    n, part = connected_components(coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size)), directed=False)
    return _Parts(int(n), part[:n_villages].astype(np.int64), part[n_villages:].astype(np.int64))
