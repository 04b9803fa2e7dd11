"""
One day of spread, compiled: from each infectious person, as many events as chance has it, and whom they reach.

Events are thinned: candidates come from a Poisson law a little above the true one, each meets a place taken at
random among those of the crowd, and counts when somebody is there at that second and catches it. That is the
same law as asking every companion (each is reached with chance 1 - exp(-rate)), at a cost that follows the infectious.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation.compiling import kernel
from sizao.engines.simulation.disease import HOUSEHOLD, N_DOSES
from sizao.engines.simulation.packed import (
    ARRIVAL,
    BAND_BITS,
    DOSES_BITS,
    GOES,
    GOT,
    GOT_BEYOND,
    GROUP_OF,
    LAYER,
    NEAR,
    QUOTA,
    RECEIVED,
    SIZE,
    START,
    STAY,
    TOGETHER,
    TRAITS,
    WELCOMES,
    Packed,
)
from sizao.engines.simulation.people import HOUSEHOLD_SIZES
from sizao.engines.simulation.presence_kernels import (
    at,
    crowd_key,
    first_rank_at,
    in_group,
    is_weekend,
    joins,
    may_come,
    offset_of,
    person_on,
    seats_at,
    size_of,
    standing,
    stay,
    traveller,
    venues_of,
    visit,
)
from sizao.engines.simulation.rng import GREATEST_MEAN, Ints, Words64, one_below, one_happens, poisson, word
from sizao.engines.simulation.slots import AFTERNOON, DAY_SECONDS, FORENOON, NIGHT_BEGINS, NIGHT_ENDS
from sizao.engines.simulation.world import AROUND, CLOSED_IN, FIRST_SLOT, GROUP, ISOLATED, KIND_SHIFT, ZONE_SHIFT

# Rows of `keys`: how many events, whom they reach, whether it catches.
EVENTS, PICK, CATCH = range(3)
# Where a person's events of a day come from: the home, the group, then each slot.
AT_HOME_EVENTS, GROUP_EVENTS, SLOT_EVENTS = range(3)
# Columns of what is found: row of the infectious person in the list, who catches it, layer, place, second of the day.
BY, WHO, IN_LAYER, PLACE, SECOND = range(5)

LARGEST_HOUSEHOLD = len(HOUSEHOLD_SIZES) - 1
NIGHT_SECONDS = NIGHT_ENDS + DAY_SECONDS - NIGHT_BEGINS
FORENOON_SECONDS = FORENOON[1] - FORENOON[0]
BUSY_SECONDS = FORENOON_SECONDS + AFTERNOON[1] - AFTERNOON[0]
# Rates per second come in 2^-40, weights in 2^-16, means go out in 2^-24.
FIRST_CUT, SECOND_CUT, CONTACT_CUT = 20, 12, 24
_S32 = np.uint64(32)


class Spreading(NamedTuple):
    """What a day of spread reads: `infected[person]` is 0 for those who never were; `group_layer` by group."""

    world: Packed
    infected: NDArray[np.int16]
    group_layer: NDArray[np.uint8]
    keys: Words64
    poisson: NDArray[np.uint32]
    per_contact: Ints
    per_second: Ints
    susceptibility: Ints


@kernel
def write_infections(sim, people, weights, day, out):  # type: ignore[no-untyped-def]
    """
    Write everybody whom the infectious `people` infect on a day, as rows of `out`; say how many, also past its end.

    `weights` are their infectiousness of the day in units of 2^-16. Whoever is infected twice is written twice.
    """
    count = np.int64(0)
    for row in range(len(people)):
        person, weight = people[row], weights[row]
        stand = standing(sim.world, person, day)
        if stand == ISOLATED or weight == 0:
            continue
        count = _at_home(sim, row, person, weight, day, out, count)
        if stand < CLOSED_IN:
            continue
        if stand == AROUND and in_group(sim.world, person, day):
            count = _in_group(sim, row, person, weight, day, out, count)
        for slot in range(len(sim.world.slots)):
            zone, venue = visit(sim.world, person, slot, day, stand)
            if venue >= 0:
                count = _at_venue(sim, row, person, weight, day, slot, zone, venue, out, count)
    return count


@kernel
def _events(sim, person, day, channel, mean):  # type: ignore[no-untyped-def]
    mean = min(mean, GREATEST_MEAN - 1)
    return poisson(sim.poisson, mean, word(sim.keys[EVENTS], person, at(day, channel, 0)))


@kernel
def _catches(sim, other, drawn):  # type: ignore[no-untyped-def]
    if sim.infected[other]:
        return False
    traits = np.int64(sim.world.people[other, TRAITS])
    row = (traits >> BAND_BITS & 15) * N_DOSES + (traits >> DOSES_BITS & 15)
    return one_happens(drawn, sim.susceptibility[row])


@kernel
def _at_home(sim, row, person, weight, day, out, count):  # type: ignore[no-untyped-def]
    offset, size = offset_of(sim.world.people, person), size_of(sim.world.people, person)
    mean = ((weight * sim.per_contact[HOUSEHOLD]) >> CONTACT_CUT) * (size - 1)
    events, bound = _events(sim, person, day, AT_HOME_EVENTS, mean)
    for turn in range(events):
        pick = word(sim.keys[PICK], person, at(day, AT_HOME_EVENTS, turn))
        if one_below(pick << _S32, bound) >= mean:
            continue
        mate = one_below(pick, size - 1)
        other = person - offset + mate + (mate >= offset)
        drawn = word(sim.keys[CATCH], person, at(day, AT_HOME_EVENTS, turn))
        if _catches(sim, other, drawn) and standing(sim.world, other, day) != ISOLATED:
            second = one_below(drawn << _S32, NIGHT_SECONDS)
            if second >= NIGHT_ENDS:
                second += NIGHT_BEGINS - NIGHT_ENDS
            count = _write(out, count, row, other, HOUSEHOLD, person - offset, second)
    return count


@kernel
def _in_group(sim, row, person, weight, day, out, count):  # type: ignore[no-untyped-def]
    group = np.int64(sim.world.people[person, GROUP_OF])
    layer = np.int64(sim.group_layer[group])
    first = np.int64(sim.world.group_start[group])
    size = np.int64(sim.world.group_start[group + 1]) - first
    mean = ((weight * sim.per_contact[layer]) >> CONTACT_CUT) * size
    events, bound = _events(sim, person, day, GROUP_EVENTS, mean)
    for turn in range(events):
        pick = word(sim.keys[PICK], person, at(day, GROUP_EVENTS, turn))
        if one_below(pick << _S32, bound) >= mean:
            continue
        other = np.int64(sim.world.members[first + one_below(pick, size)])
        drawn = word(sim.keys[CATCH], person, at(day, GROUP_EVENTS, turn))
        if other != person and _catches(sim, other, drawn) and standing(sim.world, other, day) == AROUND:
            second = FORENOON[0] + one_below(drawn << _S32, BUSY_SECONDS)
            if second >= FORENOON[1]:
                second += AFTERNOON[0] - FORENOON[1]
            count = _write(out, count, row, other, layer, (np.int64(GROUP) << KIND_SHIFT) | group, second)
    return count


@kernel
def _at_venue(sim, row, person, weight, day, slot, zone, venue, out, count):  # type: ignore[no-untyped-def]
    world, channel = sim.world, SLOT_EVENTS + slot
    layer = world.slots[slot, LAYER]
    start, end = stay(world.keys[STAY], world.people, world.slots, person, slot, day)
    first, beyond = seats_at(world, zone, slot, venue)
    party = LARGEST_HOUSEHOLD if world.slots[slot, TOGETHER] else 1
    seats = (beyond - first) * party
    total = seats + arrivals(world, zone, slot, venue, day)
    mean = (((weight * sim.per_second[layer]) >> FIRST_CUT) * ((end - start) * total)) >> SECOND_CUT
    events, bound = _events(sim, person, day, channel, mean)
    for turn in range(events):
        pick = word(sim.keys[PICK], person, at(day, channel, turn))
        if one_below(pick << _S32, bound) >= mean:
            continue
        chosen = one_below(pick, total)
        if chosen < seats:
            other = _seated(world, zone, slot, first + chosen // party, chosen % party, day)
        else:
            other = _arrived(world, zone, slot, venue, chosen - seats, day)
        drawn = word(sim.keys[CATCH], person, at(day, channel, turn))
        if other < 0 or other == person or not _catches(sim, other, drawn):
            continue
        second = start + one_below(drawn << _S32, end - start)
        begins, ends = stay(world.keys[STAY], world.people, world.slots, other, slot, day)
        if begins <= second < ends:
            place = (np.int64(FIRST_SLOT + slot) << KIND_SHIFT) | (zone << ZONE_SHIFT) | venue
            count = _write(out, count, row, other, layer, place, second)
    return count


@kernel
def _seated(world, zone, slot, seat, member, day):  # type: ignore[no-untyped-def]
    """Give who comes on a seat (of a household that goes as one, its `member`-th), or -1."""
    start, size = world.zones[zone, START], world.zones[zone, SIZE]
    person = person_on(world.slots[slot, NEAR], start, size, crowd_key(world, zone, slot, day), seat)
    if world.slots[slot, TOGETHER]:
        if offset_of(world.people, person) or member >= size_of(world.people, person):
            return np.int64(-1)
        person += member
    weekend = is_weekend(world, day)
    if not joins(world.keys[GOES], world.people, world.slots, person, slot, day, weekend, AROUND):
        return np.int64(-1)
    return np.int64(person) if may_come(world, person, slot, day, weekend) else np.int64(-1)


@kernel
def arrivals(world, zone, slot, venue, day):  # type: ignore[no-untyped-def]
    """Count the travellers whose rank brings them to a venue on a day."""
    count = np.int64(0)
    if not world.slots[slot, WELCOMES] or len(world.trips) == 0:
        return count
    venues = venues_of(world, zone, slot)
    for line in range(world.zones[zone, GOT], world.zones[zone, GOT_BEYOND]):
        trip = world.trips[line, RECEIVED]
        count += _at_this(world, trip, slot, venue, venues, day)
    return count


@kernel
def _at_this(world, trip, slot, venue, venues, day):  # type: ignore[no-untyped-def]
    first = first_rank_at(world.keys[ARRIVAL], trip, slot, venue, venues, day)
    return max((world.trips[trip, QUOTA] - first + venues - 1) // venues, 0)


@kernel
def _arrived(world, zone, slot, venue, number, day):  # type: ignore[no-untyped-def]
    """Give the `number`-th traveller of all who arrive at a venue, or -1 where that person did not come."""
    venues = venues_of(world, zone, slot)
    for line in range(world.zones[zone, GOT], world.zones[zone, GOT_BEYOND]):
        trip = world.trips[line, RECEIVED]
        here = _at_this(world, trip, slot, venue, venues, day)
        if number < here:
            first = first_rank_at(world.keys[ARRIVAL], trip, slot, venue, venues, day)
            person = traveller(world, trip, first + number * venues, day)
            return person if standing(world, person, day) == trip + 1 else np.int64(-1)
        number -= here
    return np.int64(-1)


@kernel
def _write(out, count, row, other, layer, place, second):  # type: ignore[no-untyped-def]
    if count < len(out):
        out[count, BY], out[count, WHO], out[count, IN_LAYER] = row, other, layer
        out[count, PLACE], out[count, SECOND] = place, second
    return count + 1
