"""
A city together with the ways of its people and the orders in force: all that says who is where.

Travel: on a day a fixed number of people of one county go to another and come back at night. A person's rank
among the day's travellers says where to, and at which venue the person is there.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sizao.engines.simulation import rng
from sizao.engines.simulation.areas import COUNTY, Zones
from sizao.engines.simulation.city import City
from sizao.engines.simulation.orders import Orders
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.slots import SlotTable, slot_table
from sizao.errors import SizaoError

# Kinds of places. A place is a number: its kind, its zone and which one it is there.
HOME, GROUP, FIRST_SLOT = 0, 1, 2
KIND_SHIFT, ZONE_SHIFT = 44, 22
# Standings of a person on a day below those of travellers (1 and more: the trip, counted from 1). AT_HOME is kept
# there by an order of one's own; CLOSED_IN lives in a closed area, and may still see neighbours.
ISOLATED, AT_HOME, CLOSED_IN, AROUND = -3, -2, -1, 0


class QuotaTooGreat(SizaoError):
    """More travellers than people, or a journey that leads nowhere."""

    code = "simulation.quota_too_great"
    message = "From county {origin}: {quota} travellers a day to {destination} cannot be ({reason})."


class Keys(NamedTuple):
    """One key for each use of chance in moving about."""

    crowd: np.uint64
    goes: np.uint64
    stay: np.uint64
    travel: np.uint64
    arrival: np.uint64


class Trips(NamedTuple):
    """
    Journeys between counties, by origin: trip t takes the ranks from `before[t]` to `before[t] + quota[t]`.

    County c (counted from 0) sends the trips `sent[c]:sent[c + 1]` and receives `received[got[c]:got[c + 1]]`.
    """

    origin: Ints
    destination: Ints
    before: Ints
    quota: Ints
    sent: Ints
    received: Ints
    got: Ints


class World(NamedTuple):
    """Everything that says who is where; `first_weekday`: weekday of day 0, Monday 0."""

    city: City
    slots: SlotTable
    trips: Trips
    keys: Keys
    orders: Orders
    first_weekday: int


def world(
    city: City,
    orders: Orders,
    *,
    seed: int,
    slots: SlotTable | None = None,
    travel: Mapping[tuple[int, int], int] | None = None,
    first_weekday: int = 0,
) -> World:
    """
    Put a world together. Equal arguments give equal days.

    `travel` maps (origin, destination), counties counted from 0, to people a day. Raise QuotaTooGreat.
    """
    names = Keys._fields
    keys = Keys(*(np.uint64(rng.stream(seed, f"presence: {name}")) for name in names))
    return World(city, slots or slot_table(), _trips(city.zones, travel or {}), keys, orders, first_weekday)


def _trips(zones: Zones, travel: Mapping[tuple[int, int], int]) -> Trips:
    counties = int(zones.base[COUNTY + 1] - zones.base[COUNTY])
    rows = np.array([(*ends, quota) for ends, quota in sorted(travel.items())], np.int64).reshape(-1, 3)
    for one, other, people in rows.tolist():
        if not (0 <= one < counties and 0 <= other < counties) or one == other or people < 0:
            reason = f"counties go from 0 to {counties - 1}, a journey leads from one to another"
            raise QuotaTooGreat(origin=one, destination=other, quota=people, reason=reason)
    origin, destination, quota = rows.T
    total = np.bincount(origin, quota, counties).astype(np.int64)
    living = zones.size[zones.base[COUNTY] : zones.base[COUNTY + 1]]
    for county in np.flatnonzero(total > living).tolist():
        reason = f"{living[county]} people live there"
        raise QuotaTooGreat(origin=county, destination="all counties", quota=int(total[county]), reason=reason)
    sent = np.searchsorted(origin, np.arange(counties + 1))
    before = np.cumsum(quota) - quota
    before -= before[sent[origin]] if len(rows) else 0
    received = np.argsort(destination, kind="stable")
    got = np.searchsorted(destination[received], np.arange(counties + 1))
    return Trips(
        *(np.ascontiguousarray(column) for column in (origin, destination, before, quota, sent, received, got))
    )


def place_number(kind: int | Ints, zone: int | Ints, which: int | Ints) -> Ints:
    """Give the number of a place: HOME and its first person, GROUP and its number, or a slot's venue in a zone."""
    return np.asarray((np.asarray(kind, np.int64) << KIND_SHIFT) | (np.asarray(zone) << ZONE_SHIFT) | which)


def place_parts(place: Ints) -> tuple[Ints, Ints, Ints]:
    """Take the number of a place apart: its kind, and for a venue its zone and which one; else 0 and the number."""
    kind, rest = place >> KIND_SHIFT, place & ((1 << KIND_SHIFT) - 1)
    venue = kind >= FIRST_SLOT
    return kind, np.where(venue, rest >> ZONE_SHIFT, 0), np.where(venue, rest & ((1 << ZONE_SHIFT) - 1), rest)
