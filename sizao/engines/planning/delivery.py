"""Which laboratories the tubes of each site go to: the least driving that keeps every laboratory in time."""

from dataclasses import dataclass

import numpy as np

from sizao.engines.planning.reach import Arcs, nearest
from sizao.engines.planning.round_inputs import Laboratories, Terms
from sizao.engines.planning.transport import least_cost, whole
from sizao.engines.sampling.pooled_test import Floats, Ints

# The hours that a tube without a laboratory in time counts: more than any trip.
NOWHERE = 1e4
BOX_HOURS = 1.0  # tubes of an hour leave together at its end


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    Tubes from site to laboratory (`trips.village` is the site), and tubes by site that no laboratory takes in time.
    """

    trips: Arcs
    tubes: Ints
    left: Ints


def trips(sites: Floats, laboratories: Laboratories, terms: Terms) -> Arcs:
    """Give every pair of site and working laboratory within the longest trip; the cost is the hours of the trip."""
    working = np.flatnonzero(laboratories.tubes_per_hour > 0)
    if not len(working) or not len(sites):
        return Arcs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    hours_per_metre = float(terms.trip_hours(np.ones(1))[0])
    limit = None if terms.carry_hours is None else terms.carry_hours / hours_per_metre
    arcs = nearest(sites, laboratories.at[working], hours_per_metre=hours_per_metre, most=len(working), metres=limit)
    return Arcs(arcs.village, working[arcs.site], arcs.metres, arcs.cost)


def room(laboratories: Laboratories, terms: Terms, pairs: Arcs, complete_hours: float, first_hour: float) -> Floats:
    """Give the tubes that each laboratory can take and still tell in time, from the first box that can reach it on."""
    nearest_trip = np.full(len(laboratories.at), np.inf)
    np.minimum.at(nearest_trip, pairs.site, pairs.cost)
    begins = np.ceil(first_hour + BOX_HOURS + nearest_trip)
    ends = np.floor(complete_hours - terms.push_hours - laboratories.result_hours + 1e-9)
    hours = np.where(np.isfinite(begins), np.maximum(ends - begins, 0), 0)
    taken: Floats = np.floor(laboratories.tubes_per_hour * hours)
    return taken


def deliver(pairs: Arcs, tubes: Ints, most: Floats, *, kept: "Kept | None" = None) -> Delivery:
    """
    Share the tubes of each site among laboratories that take `most`, with the fewest hours on the road.

    `kept` are tubes of an earlier plan: they change their laboratory only where they must.
    """
    arcs, limits = (pairs, None) if kept is None else kept.beside(pairs)
    flows = least_cost(arcs, tubes.astype(np.float64), most, at_home=NOWHERE, limits=limits)
    left = np.round(flows.at_home).astype(np.int64)
    amounts = whole(arcs, flows.amounts, tubes - left)
    if kept is not None:
        amounts = (amounts + np.concatenate((amounts[len(pairs) :], np.zeros(len(pairs), np.int64))))[: len(pairs)]
        arcs = pairs
    used = amounts > 0
    return Delivery(arcs.of(used), amounts[used], left)


@dataclass(frozen=True, slots=True)
class Kept:
    """What an earlier plan sent along each pair, and the hours that leaving it counts."""

    amounts: Floats
    leaving: float

    def beside(self, arcs: Arcs) -> tuple[Arcs, Floats]:
        """Give each arc twice: once dearer by what a change counts, once as it is for as much as went there before."""
        twice = arcs.dearer(self.leaving).and_also(arcs)
        return twice, np.concatenate((np.full(len(arcs), np.inf), self.amounts))
