"""Who is where, compiled: one person, day and slot at a time. `presence_arrays` gives the same from NumPy."""

import numpy as np

from sizao.engines.simulation.areas import COUNTY
from sizao.engines.simulation.compiling import kernel
from sizao.engines.simulation.orders import AREA_CLOSED, ISOLATION, TRAVEL_BANNED, VENUES_CLOSED, bits_at, held
from sizao.engines.simulation.packed import (
    ARRIVAL,
    BEFORE_IT,
    CLOSES,
    COMMUNITY,
    CROWD,
    DESTINATION,
    GOES,
    GOT,
    GOT_BEYOND,
    GROUP_OF,
    JOINS,
    LEVEL,
    LONGEST,
    MOST,
    N_JOINS,
    NEAR,
    OCCUPATION_BITS,
    OF,
    OPENS,
    ORIGIN,
    QUOTA,
    RECEIVED,
    SEATS,
    SENT,
    SENT_BEYOND,
    SHORTEST,
    SIZE,
    SIZE_BITS,
    START,
    STAY,
    TOGETHER,
    TRAITS,
    TRAVEL,
    VENUE_BEGINS,
    VENUES,
    WEEKLY,
    WELCOMES,
    WHEN_CLOSED,
)
from sizao.engines.simulation.permuting import person_at, position
from sizao.engines.simulation.rng import one_below, one_happens, word
from sizao.engines.simulation.slots import AFTERNOON, DAY_SECONDS, FORENOON, NIGHT_BEGINS, NIGHT_ENDS
from sizao.engines.simulation.world import (
    AROUND,
    AT_HOME,
    CLOSED_IN,
    FIRST_SLOT,
    GROUP,
    HOME,
    ISOLATED,
    KIND_SHIFT,
    ZONE_SHIFT,
)

_S32 = np.uint64(32)
_HALF = np.int64(32)


@kernel
def at(day, slot, turn):  # type: ignore[no-untyped-def]
    """Pack a moment, as `rng.moment`."""
    return ((day & 0x7FFFFF) << 40) | (slot << 32) | turn


@kernel
def is_weekend(world, day):  # type: ignore[no-untyped-def]
    """Say whether a day is a Saturday or Sunday."""
    return np.int64((day + world.first_weekday) % 7 >= 5)


@kernel
def offset_of(people, person):  # type: ignore[no-untyped-def]
    """Give a person's place in the household, from 0."""
    return np.int64(people[person, TRAITS] & 15)


@kernel
def size_of(people, person):  # type: ignore[no-untyped-def]
    """Give the size of a person's household."""
    return np.int64(people[person, TRAITS] >> SIZE_BITS & 15)


@kernel
def crowd_key(world, zone, slot, day):  # type: ignore[no-untyped-def]
    """Give the key that mixes a zone in a slot: the same for a week, or new each day."""
    period = (day + world.first_weekday) // 7 if world.slots[slot, WEEKLY] else day
    return word(world.keys[CROWD], zone, at(period, slot, 0))


@kernel
def standing(world, person, day):  # type: ignore[no-untyped-def]
    """Say what a person may do on a day: ISOLATED, AT_HOME, CLOSED_IN, AROUND, or the trip counted from 1."""
    kept = held(world.last, world.log, person, day)
    if kept & ISOLATION:
        return np.int64(ISOLATED)
    community = world.people[person, COMMUNITY]
    bits = bits_at(world.areas, world.first_day, community, day)
    if kept or bits & AREA_CLOSED:
        return np.int64(AT_HOME) if kept else np.int64(CLOSED_IN)
    if len(world.trips) == 0 or bits & TRAVEL_BANNED:
        return np.int64(AROUND)
    return _trip(world, world.zones[community, OF + COUNTY], person, day)


@kernel
def _trip(world, zone, person, day):  # type: ignore[no-untyped-def]
    low, high = world.zones[zone, SENT], world.zones[zone, SENT_BEYOND]
    if low == high:
        return np.int64(AROUND)
    rank = _travel_rank(world, zone, person, day)
    for trip in range(low, high):
        if rank < world.trips[trip, BEFORE_IT] + world.trips[trip, QUOTA]:
            there = world.first_county + world.trips[trip, DESTINATION]
            banned = bits_at(world.areas, world.first_day, there, day) & TRAVEL_BANNED
            return np.int64(AROUND) if banned else np.int64(trip + 1)
    return np.int64(AROUND)


@kernel
def _travel_rank(world, zone, person, day):  # type: ignore[no-untyped-def]
    key = word(world.keys[TRAVEL], zone, at(day, 0, 0))
    return position(key, world.zones[zone, SIZE], person - world.zones[zone, START])


@kernel
def in_group(world, person, day):  # type: ignore[no-untyped-def]
    """Say whether this is a day of class or work for a person who is AROUND."""
    return world.people[person, GROUP_OF] >= 0 and not is_weekend(world, day)


@kernel
def seats_of(world, zone, slot):  # type: ignore[no-untyped-def]
    """Count the seats of a zone in a slot: as many as ever go, rounded up."""
    return (world.zones[zone, SIZE] * world.slots[slot, MOST] + 0xFFFFFFFF) >> _HALF


@kernel
def venue_at(slots, slot, seat):  # type: ignore[no-untyped-def]
    """Give the venue of a seat."""
    full, rest = seat // slots[slot, SEATS], seat % slots[slot, SEATS]
    which = np.int64(0)
    while slots[slot, VENUE_BEGINS + which + 1] <= rest:
        which += 1
    return full * slots[slot, VENUES] + which


@kernel
def venues_of(world, zone, slot):  # type: ignore[no-untyped-def]
    """Count the venues of a zone in a slot."""
    seats = seats_of(world, zone, slot)
    return venue_at(world.slots, slot, seats - 1) + 1 if seats else np.int64(0)


@kernel
def seats_at(world, zone, slot, venue):  # type: ignore[no-untyped-def]
    """Give the seats of a venue: the first, and the one beyond the last."""
    full, which = venue // world.slots[slot, VENUES], venue % world.slots[slot, VENUES]
    first = full * world.slots[slot, SEATS]
    beyond = first + world.slots[slot, VENUE_BEGINS + which + 1]
    return first + world.slots[slot, VENUE_BEGINS + which], min(beyond, seats_of(world, zone, slot))


@kernel
def stay(key, people, slots, person, slot, day):  # type: ignore[no-untyped-def]
    """Give the seconds of the day from which and until which a person stays; households that go as one stay as one."""
    unit = person - offset_of(people, person) if slots[slot, TOGETHER] else np.int64(person)
    drawn = word(key, unit, at(day, slot, 0))
    length = slots[slot, SHORTEST] + one_below(drawn, slots[slot, LONGEST] - slots[slot, SHORTEST] + 1)
    start = slots[slot, OPENS] + one_below(drawn << _S32, slots[slot, CLOSES] - slots[slot, OPENS] - length + 1)
    return start, start + length


@kernel
def joins(key, people, slots, person, slot, day, weekend, stand):  # type: ignore[no-untyped-def]
    """Say whether a person who has a seat, and is AROUND or CLOSED_IN, takes it that day."""
    occupation = people[person, TRAITS] >> OCCUPATION_BITS & 15
    chance = slots[slot, JOINS + weekend * N_JOINS + occupation]
    if stand == CLOSED_IN:
        chance = (chance * slots[slot, WHEN_CLOSED]) >> _HALF
    return one_happens(word(key, person, at(day, slot, 0)), chance)


@kernel
def may_come(world, person, slot, day, weekend):  # type: ignore[no-untyped-def]
    """Say whether one who would join a slot of the own zone, if AROUND, is there that day."""
    stand = standing(world, person, day)
    if stand == CLOSED_IN:
        return joins(world.keys[GOES], world.people, world.slots, person, slot, day, weekend, stand)
    return stand == AROUND


@kernel
def person_on(near, start, size, crowd, seat):  # type: ignore[no-untyped-def]
    """Give who has a seat of a zone of so many people from `start` on; `crowd` is the key that mixes it."""
    return start + seat if near else start + person_at(crowd, size, seat)


@kernel
def is_shut(world, slot, zone, day):  # type: ignore[no-untyped-def]
    """Say whether the venues of a zone are shut in a slot."""
    if world.slots[slot, NEAR]:
        return np.uint8(0)
    return bits_at(world.areas, world.first_day, zone, day) & np.uint8(AREA_CLOSED | VENUES_CLOSED)


@kernel
def visit(world, person, slot, day, stand):  # type: ignore[no-untyped-def]
    """Give the zone and venue that a person visits in a slot (venue -1: none); `stand` is the person's standing."""
    if stand > AROUND:
        return _visit_elsewhere(world, person, slot, day, stand - 1)
    nowhere = np.int64(-1)
    weekend = is_weekend(world, day)
    if not joins(world.keys[GOES], world.people, world.slots, person, slot, day, weekend, stand):
        return nowhere, nowhere
    zone = world.zones[world.people[person, COMMUNITY], OF + world.slots[slot, LEVEL]]
    if world.slots[slot, NEAR]:
        return zone, venue_at(world.slots, slot, person - world.zones[zone, START])
    unit = person - offset_of(world.people, person) if world.slots[slot, TOGETHER] else np.int64(person)
    size, start = world.zones[zone, SIZE], world.zones[zone, START]
    seat = position(crowd_key(world, zone, slot, day), size, unit - start)
    if seat >= seats_of(world, zone, slot) or is_shut(world, slot, zone, day):
        return nowhere, nowhere
    return zone, venue_at(world.slots, slot, seat)


@kernel
def _visit_elsewhere(world, person, slot, day, trip):  # type: ignore[no-untyped-def]
    nowhere = np.int64(-1)
    zone = world.first_county + world.trips[trip, DESTINATION]
    venues = venues_of(world, zone, slot)
    if not world.slots[slot, WELCOMES] or venues == 0 or is_shut(world, slot, zone, day):
        return nowhere, nowhere
    home = world.first_county + world.trips[trip, ORIGIN]
    rank = _travel_rank(world, home, person, day) - world.trips[trip, BEFORE_IT]
    return zone, (rank + _first_arrival(world.keys[ARRIVAL], trip, slot, day, venues)) % venues


@kernel
def _first_arrival(key, trip, slot, day, venues):  # type: ignore[no-untyped-def]
    """Give the venue at which the first traveller of a trip arrives; the others take the next ones in turn."""
    return one_below(word(key, trip, at(day, slot, 0)), venues)


@kernel
def first_rank_at(key, trip, slot, venue, venues, day):  # type: ignore[no-untyped-def]
    """Give the rank of the first traveller of a trip at a venue (the next ones follow `venues` apart)."""
    return (venue - _first_arrival(key, trip, slot, day, venues)) % venues


@kernel
def traveller(world, trip, rank, day):  # type: ignore[no-untyped-def]
    """Give the person who is the `rank`-th traveller of a trip on a day."""
    home = world.first_county + world.trips[trip, ORIGIN]
    key = word(world.keys[TRAVEL], home, at(day, 0, 0))
    at_rank = person_at(key, world.zones[home, SIZE], world.trips[trip, BEFORE_IT] + rank)
    return world.zones[home, START] + at_rank


@kernel
def _party(people, person, together):  # type: ignore[no-untyped-def]
    """Say how many go with the person who has a seat: the first of a household stands for all, the others for none."""
    if not together:
        return np.int64(1)
    return size_of(people, person) if offset_of(people, person) == 0 else np.int64(0)


@kernel
def visitors(world, zone, slot, venue, day, found):  # type: ignore[no-untyped-def]
    """Put everybody who visits a venue on a day into `found`; say how many they are, also where they do not fit."""
    count = np.int64(0)
    if is_shut(world, slot, zone, day):
        return count
    key, people, slots, weekend = world.keys[GOES], world.people, world.slots, is_weekend(world, day)
    near, start, size = slots[slot, NEAR], world.zones[zone, START], world.zones[zone, SIZE]
    together, crowd = slots[slot, TOGETHER] > 0, crowd_key(world, zone, slot, day)
    first, beyond = seats_at(world, zone, slot, venue)
    for seat in range(first, beyond):
        person = person_on(near, start, size, crowd, seat)
        for member in range(person, person + _party(people, person, together)):
            # The cheaper question first: whoever comes in a closed area would come else.
            if not joins(key, people, slots, member, slot, day, weekend, AROUND):
                continue
            if may_come(world, member, slot, day, weekend):
                found[min(count, len(found) - 1)] = member
                count += 1
    if slots[slot, WELCOMES] and len(world.trips):
        count = _arrived(world, zone, slot, venue, day, found, count)
    return count


@kernel
def _arrived(world, zone, slot, venue, day, found, count):  # type: ignore[no-untyped-def]
    venues = venues_of(world, zone, slot)
    for row in range(world.zones[zone, GOT], world.zones[zone, GOT_BEYOND]):
        trip = world.trips[row, RECEIVED]
        first = first_rank_at(world.keys[ARRIVAL], trip, slot, venue, venues, day)
        for rank in range(first, world.trips[trip, QUOTA], venues):
            person = traveller(world, trip, rank, day)
            if standing(world, person, day) == trip + 1:
                found[min(count, len(found) - 1)] = person
                count += 1
    return count


@kernel
def write_visits(world, people, days, with_homes, out):  # type: ignore[no-untyped-def]
    """Write the presences of people on days into the columns of `out` (person, place, start, end); say how many."""
    row = 0
    for one in range(len(people)):
        for day in days:
            row = _write_day(world, people[one], day, with_homes, out, row)
    return row


@kernel
def _write_day(world, person, day, with_homes, out, row):  # type: ignore[no-untyped-def]
    stand = standing(world, person, day)
    if stand == ISOLATED:
        return row
    midnight = day * DAY_SECONDS
    if stand == CLOSED_IN:
        return _write_closed_in(world, person, day, with_homes, out, row)
    if with_homes:
        row = _write_home(world, person, day, stand, out, row)
    if stand == AT_HOME:
        return row
    if stand == AROUND and in_group(world, person, day):
        group = (np.int64(GROUP) << KIND_SHIFT) | world.people[person, GROUP_OF]
        row = _write(out, row, person, group, midnight + FORENOON[0], midnight + FORENOON[1])
        row = _write(out, row, person, group, midnight + AFTERNOON[0], midnight + AFTERNOON[1])
    for slot in range(len(world.slots)):
        zone, venue = visit(world, person, slot, day, stand)
        if venue >= 0:
            place = (np.int64(FIRST_SLOT + slot) << KIND_SHIFT) | (zone << ZONE_SHIFT) | venue
            start, end = stay(world.keys[STAY], world.people, world.slots, person, slot, day)
            row = _write(out, row, person, place, midnight + start, midnight + end)
    return row


@kernel
def _write_home(world, person, day, stand, out, row):  # type: ignore[no-untyped-def]
    home = (np.int64(HOME) << KIND_SHIFT) | (person - offset_of(world.people, person))
    midnight = day * DAY_SECONDS
    if stand == AT_HOME:
        return _write(out, row, person, home, midnight, midnight + DAY_SECONDS)
    row = _write(out, row, person, home, midnight, midnight + NIGHT_ENDS)
    return _write(out, row, person, home, midnight + NIGHT_BEGINS, midnight + DAY_SECONDS)


@kernel
def _write_closed_in(world, person, day, with_homes, out, row):  # type: ignore[no-untyped-def]
    """Write the day of one in a closed area: at home, but for neighbours."""
    home = (np.int64(HOME) << KIND_SHIFT) | (person - offset_of(world.people, person))
    midnight = since = day * DAY_SECONDS
    for slot in range(len(world.slots)):
        zone, venue = visit(world, person, slot, day, CLOSED_IN)
        if venue >= 0:
            place = (np.int64(FIRST_SLOT + slot) << KIND_SHIFT) | (zone << ZONE_SHIFT) | venue
            start, end = stay(world.keys[STAY], world.people, world.slots, person, slot, day)
            if with_homes:
                row = _write(out, row, person, home, since, midnight + start)
            row = _write(out, row, person, place, midnight + start, midnight + end)
            since = midnight + end
    if with_homes:
        row = _write(out, row, person, home, since, midnight + DAY_SECONDS)
    return row


@kernel
def _write(out, row, person, place, start, end):  # type: ignore[no-untyped-def]
    out[0][row], out[1][row], out[2][row], out[3][row] = person, place, start, end
    return row + 1


@kernel
def write_companions(world, people, first_days, last_days, groups, room, out):  # type: ignore[no-untyped-def]
    """
    Write who met people away from home from one day to another: rows (case, person, place, start, end of the overlap).

    Say how many rows there are, written as far as `out` reaches. `room` holds the visitors of one venue: those beyond
    its length are missed, so it is as long as a venue has seats.
    """
    row = 0
    for one in range(len(people)):
        for day in range(first_days[one], last_days[one] + 1):
            row = _write_met_on(world, people[one], day, groups, room, out, row)
    return row


@kernel
def _write_met_on(world, person, day, groups, room, out, row):  # type: ignore[no-untyped-def]
    stand = standing(world, person, day)
    if stand < CLOSED_IN:
        return row
    if groups and stand == AROUND and in_group(world, person, day):
        row = _write_group(world, person, day, out, row)
    for slot in range(len(world.slots)):
        zone, venue = visit(world, person, slot, day, stand)
        if venue >= 0:
            row = _write_venue(world, person, day, slot, zone, venue, room, out, row)
    return row


@kernel
def _write_group(world, person, day, out, row):  # type: ignore[no-untyped-def]
    group = np.int64(world.people[person, GROUP_OF])
    place = (np.int64(GROUP) << KIND_SHIFT) | group
    midnight = day * DAY_SECONDS
    for member in range(world.group_start[group], world.group_start[group + 1]):
        other = world.members[member]
        if other == person or standing(world, other, day) != AROUND:
            continue
        row = _write_met(out, row, person, other, place, midnight + FORENOON[0], midnight + FORENOON[1])
        row = _write_met(out, row, person, other, place, midnight + AFTERNOON[0], midnight + AFTERNOON[1])
    return row


@kernel
def _write_venue(world, person, day, slot, zone, venue, room, out, row):  # type: ignore[no-untyped-def]
    place = (np.int64(FIRST_SLOT + slot) << KIND_SHIFT) | (zone << ZONE_SHIFT) | venue
    midnight = day * DAY_SECONDS
    own_start, own_end = stay(world.keys[STAY], world.people, world.slots, person, slot, day)
    count = visitors(world, zone, slot, venue, day, room)
    for one in range(min(count, len(room))):
        start, end = stay(world.keys[STAY], world.people, world.slots, room[one], slot, day)
        start, end = max(start, own_start), min(end, own_end)
        if room[one] != person and start < end:
            row = _write_met(out, row, person, room[one], place, midnight + start, midnight + end)
    return row


@kernel
def _write_met(out, row, person, other, place, start, end):  # type: ignore[no-untyped-def]
    if row < len(out[0]):
        out[0][row], out[1][row], out[2][row], out[3][row], out[4][row] = person, other, place, start, end
    return row + 1
