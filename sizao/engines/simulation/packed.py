"""
A world as compiled code reads it: few arrays, since each one handed on costs at every call.

What belongs to one person, zone, slot or trip stands in one row, next to each other in memory.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation.areas import COUNTY, LEVELS
from sizao.engines.simulation.people import OCCUPATIONS, bands
from sizao.engines.simulation.rng import Ints, Words64
from sizao.engines.simulation.slots import SlotTable
from sizao.engines.simulation.world import World

# Columns of `people`; traits are bits: offset and size in the household, occupation, doses, band of age.
COMMUNITY, GROUP_OF, TRAITS = range(3)
SIZE_BITS, OCCUPATION_BITS, DOSES_BITS, BAND_BITS = 4, 8, 12, 16
# Columns of `zones`: then follows the zone of each level that a community lies in.
START, SIZE, SENT, SENT_BEYOND, GOT, GOT_BEYOND, OF = range(7)
# Columns of `slots`: then follow the chances of joining, by weekend and occupation, and the first seat of each venue.
(
    LEVEL, OPENS, CLOSES, SHORTEST, LONGEST, WEEKLY, TOGETHER, WELCOMES, LAYER, NEAR, WHEN_CLOSED, MOST, VENUES, SEATS,
    JOINS,
) = range(15)  # fmt: skip
N_JOINS = len(OCCUPATIONS)
VENUE_BEGINS = JOINS + 2 * N_JOINS
# Columns of `trips`; RECEIVED lists trips by where they lead.
ORIGIN, DESTINATION, BEFORE_IT, QUOTA, RECEIVED = range(5)
# Rows of `keys`.
CROWD, GOES, STAY, TRAVEL, ARRIVAL = range(5)


class Packed(NamedTuple):
    """See the columns above. `first_county`: zone of county 0."""

    people: NDArray[np.int32]
    members: NDArray[np.int32]
    group_start: NDArray[np.int32]
    zones: Ints
    slots: Ints
    trips: Ints
    keys: Words64
    last: NDArray[np.int32]
    log: NDArray[np.int32]
    areas: NDArray[np.uint8]
    first_day: int
    first_weekday: int
    first_county: int


def packed(world: World) -> Packed:
    """Pack a world; what packs its people is done once a city (`packed_people`)."""
    return Packed(
        people=packed_people(world),
        members=world.city.members,
        group_start=world.city.group_start,
        zones=_zones(world),
        slots=_slots(world.slots),
        trips=np.column_stack((*world.trips[:4], world.trips.received)),
        keys=np.array(world.keys, np.uint64),
        last=world.orders.last,
        log=world.orders.log,
        areas=world.orders.areas,
        first_day=world.orders.first_day,
        first_weekday=world.first_weekday,
        first_county=int(world.city.zones.base[COUNTY]),
    )


def packed_people(world: World) -> NDArray[np.int32]:
    """Give the rows of `people`, 12 bytes each."""
    city = world.city
    rows = np.empty((city.people, 3), np.int32)
    rows[:, COMMUNITY], rows[:, GROUP_OF] = city.community, city.group
    rows[:, TRAITS] = city.offset
    for values, shift in (
        (city.size, SIZE_BITS),
        (city.occupation, OCCUPATION_BITS),
        (city.doses, DOSES_BITS),
        (bands(city.age), BAND_BITS),
    ):
        rows[:, TRAITS] |= values.astype(np.int32) << shift
    return rows


def _zones(world: World) -> Ints:
    zones, trips = world.city.zones, world.trips
    rows = np.zeros((len(zones.start), OF + len(LEVELS)), np.int64)
    rows[:, START], rows[:, SIZE] = zones.start, zones.size
    counties = slice(zones.base[COUNTY], zones.base[COUNTY + 1])
    for column, values in (
        (SENT, trips.sent[:-1]),
        (SENT_BEYOND, trips.sent[1:]),
        (GOT, trips.got[:-1]),
        (GOT_BEYOND, trips.got[1:]),
    ):
        rows[counties, column] = values
    rows[: zones.base[1], OF:] = zones.of.T
    return rows


def _slots(slots: SlotTable) -> Ints:
    rows = np.zeros((len(slots.level), VENUE_BEGINS + int(slots.venues.max(initial=0)) + 1), np.int64)
    columns = ("level", "opens", "closes", "shortest", "longest", "weekly", "together", "welcomes", "layer", "near")
    for column, name in enumerate((*columns, "when_closed", "most", "venues", "seats")):
        rows[:, column] = getattr(slots, name)
    rows[:, JOINS:VENUE_BEGINS] = slots.joins.reshape(len(rows), -1)
    for row, first in enumerate(slots.first_venue.tolist()):
        count = int(slots.venues[row])
        rows[row, VENUE_BEGINS : VENUE_BEGINS + count] = slots.begin[first : first + count]
        rows[row, VENUE_BEGINS + count] = slots.seats[row]
    return rows
