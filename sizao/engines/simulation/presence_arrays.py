"""
Who is where, by NumPy: the same answers as `presence_kernels`, for many people, days and slots at a time.

All functions take arrays of one length, a row each, and `world` for all. Rows that name the same person, day
and slot give the same answer.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation import permuting, rng
from sizao.engines.simulation.areas import COUNTY
from sizao.engines.simulation.city import NO_GROUP
from sizao.engines.simulation.orders import AREA_CLOSED, ISOLATION, TRAVEL_BANNED, VENUES_CLOSED, area_bits, held_all
from sizao.engines.simulation.rng import Ints, Words64
from sizao.engines.simulation.slots import AFTERNOON, DAY_SECONDS, FORENOON, NIGHT_BEGINS, NIGHT_ENDS
from sizao.engines.simulation.world import (
    AROUND,
    AT_HOME,
    CLOSED_IN,
    FIRST_SLOT,
    GROUP,
    HOME,
    ISOLATED,
    World,
    place_number,
)

Flags = NDArray[np.bool_]
_S32 = np.uint64(32)


def weekends(world: World, day: Ints) -> Ints:
    """Say which days are Saturdays or Sundays."""
    return ((day + world.first_weekday) % 7 >= 5).astype(np.int64)


def crowd_keys(world: World, zone: Ints, slot: Ints, day: Ints) -> Words64:
    """Give the keys that mix zones in slots."""
    period = np.where(world.slots.weekly[slot] > 0, (day + world.first_weekday) // 7, day)
    return rng.words(world.keys.crowd, zone, rng.moment(period, slot))


def standings(world: World, person: Ints, day: Ints) -> Ints:
    """Say what people may do on days: ISOLATED, AT_HOME, CLOSED_IN, AROUND, or the trip counted from 1."""
    kept = held_all(world.orders, person, day)
    community = world.city.community[person].astype(np.int64)
    bits = area_bits(world.orders, community, day)
    found = np.where(bits & AREA_CLOSED, CLOSED_IN, AROUND)
    found = np.where(kept & ISOLATION, ISOLATED, np.where(kept, AT_HOME, found))
    free = np.flatnonzero((found == AROUND) & ((bits & TRAVEL_BANNED) == 0))
    if len(free) and len(world.trips.origin):
        found[free] = _trips(world, world.city.zones.of[COUNTY][community[free]], person[free], day[free])
    return found


def _trips(world: World, zone: Ints, person: Ints, day: Ints) -> Ints:
    trips, base = world.trips, world.city.zones.base[COUNTY]
    low, high = trips.sent[zone - base], trips.sent[zone - base + 1]
    found = np.full(len(person), AROUND, np.int64)
    rank = _travel_ranks(world, zone, person, day)
    left = np.flatnonzero(low < high)
    trip = low.copy()
    while len(left):
        own = trip[left]
        falls = rank[left] < trips.before[own] + trips.quota[own]
        banned = area_bits(world.orders, base + trips.destination[own], day[left]) & TRAVEL_BANNED
        found[left] = np.where(falls & (banned == 0), own + 1, found[left])
        trip[left] += 1
        left = left[~falls & (trip[left] < high[left])]
    return found


def _travel_ranks(world: World, zone: Ints, person: Ints, day: Ints) -> Ints:
    keys = rng.words(world.keys.travel, zone, rng.moment(day))
    return permuting.positions(keys, world.city.zones.size[zone], person - world.city.zones.start[zone])


def in_groups(world: World, person: Ints, day: Ints) -> Flags:
    """Say for whom this is a day of class or work, of people who are AROUND."""
    found: Flags = (world.city.group[person] != NO_GROUP) & (weekends(world, day) == 0)
    return found


def seats_of(world: World, zone: Ints, slot: Ints) -> Ints:
    """Count the seats of zones in slots."""
    return (world.city.zones.size[zone] * world.slots.most[slot] + 0xFFFFFFFF) >> 32


def venues_of(world: World, zone: Ints, slot: Ints) -> Ints:
    """Count the venues of zones in slots."""
    slots = world.slots
    full, rest = np.divmod(seats_of(world, zone, slot), slots.seats[slot])
    last = slots.venue_of[slots.first_seat[slot] + np.maximum(rest - 1, 0)] + 1
    return full * slots.venues[slot] + np.where(rest > 0, last, 0)


def seats_at(world: World, zone: Ints, slot: Ints, venue: Ints) -> tuple[Ints, Ints]:
    """Give the seats of venues: the first, and the one beyond the last."""
    slots = world.slots
    full, which = np.divmod(venue, slots.venues[slot])
    which = which + slots.first_venue[slot]
    first = full * slots.seats[slot] + slots.begin[which]
    return first, np.minimum(first + slots.width[which], seats_of(world, zone, slot))


def stays(world: World, person: Ints, slot: Ints, day: Ints) -> tuple[Ints, Ints]:
    """Give the seconds of the day from which and until which people stay."""
    slots = world.slots
    drawn = rng.words(world.keys.stay, _units(world, person, slot), rng.moment(day, slot))
    length = slots.shortest[slot] + rng.below(drawn, slots.longest[slot] - slots.shortest[slot] + 1)
    start = slots.opens[slot] + rng.below(drawn << _S32, slots.closes[slot] - slots.opens[slot] - length + 1)
    return start, start + length


def joining(world: World, person: Ints, slot: Ints, day: Ints, stand: Ints) -> Flags:
    """Say which people who have a seat, and are AROUND or CLOSED_IN, take it."""
    chance = world.slots.joins[slot, weekends(world, day), world.city.occupation[person]]
    chance = np.where(stand == CLOSED_IN, (chance * world.slots.when_closed[slot]) >> 32, chance)
    return rng.happens(rng.words(world.keys.goes, person, rng.moment(day, slot)), chance)


def coming(world: World, person: Ints, slot: Ints, day: Ints) -> Flags:
    """Say which people who have a seat in their own zone are there."""
    stand = standings(world, person, day)
    found: Flags = ((stand == AROUND) | (stand == CLOSED_IN)) & joining(world, person, slot, day, stand)
    return found


def people_on(world: World, zone: Ints, slot: Ints, seat: Ints, day: Ints) -> Ints:
    """Give who has a seat of a zone in a slot."""
    zones, near = world.city.zones, world.slots.near[slot] > 0
    mixed = permuting.people_at(crowd_keys(world, zone, slot, day), zones.size[zone], seat)
    found: Ints = zones.start[zone] + np.where(near, seat, mixed)
    return found


def shut(world: World, slot: Ints, zone: Ints, day: Ints) -> Flags:
    """Say which zones' venues are shut in slots."""
    is_shut = (area_bits(world.orders, zone, day) & (AREA_CLOSED | VENUES_CLOSED)) > 0
    found: Flags = is_shut & (world.slots.near[slot] == 0)
    return found


def venues_visited(world: World, person: Ints, slot: Ints, day: Ints, stand: Ints) -> tuple[Ints, Ints]:
    """Give the zone and venue that people visit in slots (-1: none); `stand` are their standings."""
    zone, venue = np.full((2, len(person)), -1, np.int64)
    free = (stand == AROUND) | (stand == CLOSED_IN)
    here = np.flatnonzero(free & joining(world, person, slot, day, stand))
    if len(here):
        zone[here], venue[here] = _around(world, person[here], slot[here], day[here])
    away = np.flatnonzero((stand > AROUND) & (world.slots.welcomes[slot] > 0))
    if len(away):
        zone[away], venue[away] = _elsewhere(world, person[away], slot[away], day[away], stand[away] - 1)
    return np.where(venue < 0, -1, zone), venue


def _around(world: World, person: Ints, slot: Ints, day: Ints) -> tuple[Ints, Ints]:
    zones, slots = world.city.zones, world.slots
    zone = zones.of[slots.level[slot], world.city.community[person]]
    unit = _units(world, person, slot)
    seat = permuting.positions(crowd_keys(world, zone, slot, day), zones.size[zone], unit - zones.start[zone])
    seat = np.where(slots.near[slot] > 0, unit - zones.start[zone], seat)
    full, rest = np.divmod(seat, slots.seats[slot])
    venue = full * slots.venues[slot] + slots.venue_of[slots.first_seat[slot] + rest]
    return zone, np.where((seat < seats_of(world, zone, slot)) & ~shut(world, slot, zone, day), venue, -1)


def _elsewhere(world: World, person: Ints, slot: Ints, day: Ints, trip: Ints) -> tuple[Ints, Ints]:
    trips, base = world.trips, world.city.zones.base[COUNTY]
    zone = base + trips.destination[trip]
    venues = venues_of(world, zone, slot)
    rank = _travel_ranks(world, base + trips.origin[trip], person, day) - trips.before[trip]
    venue = (rank + _first_arrivals(world, trip, slot, day, venues)) % np.maximum(venues, 1)
    return zone, np.where((venues > 0) & ~shut(world, slot, zone, day), venue, -1)


def _first_arrivals(world: World, trip: Ints, slot: Ints, day: Ints, venues: Ints) -> Ints:
    return rng.below(rng.words(world.keys.arrival, trip, rng.moment(day, slot)), venues)


def _units(world: World, person: Ints, slot: Ints) -> Ints:
    found: Ints = person - np.where(world.slots.together[slot] > 0, world.city.offset[person], 0)
    return found


def visitors_of_seats(world: World, zone: Ints, slot: Ints, seat: Ints, day: Ints) -> Ints:
    """Give the people who have seats: of a household that goes as one its first, and -1 for its others."""
    person = people_on(world, zone, slot, seat, day)
    found: Ints = np.where((world.slots.together[slot] > 0) & (world.city.offset[person] > 0), -1, person)
    return found


def visitors(world: World, zone: Ints, slot: Ints, venue: Ints, day: Ints) -> tuple[Ints, Ints]:
    """Give everybody who visits venues on days: the row of the venue, and the person."""
    first, beyond = seats_at(world, zone, slot, venue)
    row, seat = _spread(first, beyond)
    person = visitors_of_seats(world, zone[row], slot[row], seat, day[row])
    row, person = row[person >= 0], person[person >= 0]
    others = np.where(world.slots.together[slot[row]] > 0, world.city.size[person], 1).astype(np.int64)
    one, person = _spread(person, person + others)
    row = row[one]
    local = coming(world, person, slot[row], day[row])
    rows, people = [row[local]], [person[local]]
    for arrived in _arrivals(world, zone, slot, venue, day):
        rows.append(arrived[0])
        people.append(arrived[1])
    row, person = np.concatenate(rows), np.concatenate(people)
    is_open = ~shut(world, slot, zone, day)[row]
    return row[is_open], person[is_open]


def _arrivals(world: World, zone: Ints, slot: Ints, venue: Ints, day: Ints) -> Iterator[tuple[Ints, Ints]]:
    trips, base = world.trips, world.city.zones.base[COUNTY]
    for trip in range(len(trips.origin)):
        row = np.flatnonzero((zone == base + trips.destination[trip]) & (world.slots.welcomes[slot] > 0))
        if len(row) == 0:
            continue
        trip_of = np.full(len(row), trip)
        row_of, rank = ranks_at(world, trip_of, slot[row], venue[row], venues_of(world, zone[row], slot[row]), day[row])
        when = day[row][row_of]
        person = travellers(world, np.full(len(rank), trip), rank, when)
        kept = standings(world, person, when) == trip + 1
        yield row[row_of[kept]], person[kept]


def ranks_at(world: World, trip: Ints, slot: Ints, venue: Ints, venues: Ints, day: Ints) -> tuple[Ints, Ints]:
    """Give which travellers of trips come to venues: the row, and the rank of the traveller."""
    first = (venue - _first_arrivals(world, trip, slot, day, venues)) % venues
    turns = np.maximum(-(-(world.trips.quota[trip] - first) // venues), 0)
    row, turn = _spread(np.zeros(len(turns), np.int64), turns)
    return row, first[row] + turn * venues[row]


def travellers(world: World, trip: Ints, rank: Ints, day: Ints) -> Ints:
    """Give the people who are the `rank`-th travellers of trips on days."""
    zones = world.city.zones
    home = zones.base[COUNTY] + world.trips.origin[trip]
    keys = rng.words(world.keys.travel, home, rng.moment(day))
    found: Ints = zones.start[home] + permuting.people_at(keys, zones.size[home], world.trips.before[trip] + rank)
    return found


def visits(world: World, people: Ints, days: Ints, *, with_homes: bool) -> list[Ints]:
    """Give the presences of people on days as columns person, place, start, end, by person and day."""
    person, day = np.repeat(people, len(days)), np.tile(days, len(people))
    stand = standings(world, person, day)
    parts = []
    if with_homes:
        home = place_number(HOME, 0, person - world.city.offset[person])
        parts += [
            _piece(0, stand >= AROUND, home, 0, NIGHT_ENDS),
            _piece(1, stand >= AROUND, home, NIGHT_BEGINS, DAY_SECONDS),
            _piece(0, stand == AT_HOME, home, 0, DAY_SECONDS),
        ]
    since = np.zeros(len(person), np.int64)
    busy = (stand == AROUND) & in_groups(world, person, day)
    group = place_number(GROUP, 0, np.maximum(world.city.group[person], 0))
    parts += [_piece(2, busy, group, *FORENOON), _piece(3, busy, group, *AFTERNOON)]
    closed_in = stand == CLOSED_IN
    for slot in range(len(world.slots.level)):
        slots = np.full(len(person), slot)
        zone, venue = venues_visited(world, person, slots, day, stand)
        start, end = stays(world, person, slots, day)
        leaves = closed_in & (venue >= 0)
        if with_homes:
            parts.append(_piece(4 + 2 * slot, leaves, home, since, start))
        parts.append(_piece(5 + 2 * slot, venue >= 0, place_number(FIRST_SLOT + slot, zone, venue), start, end))
        since = np.where(leaves, end, since)
    if with_homes:
        parts.append(_piece(4 + 2 * len(world.slots.level), closed_in, home, since, DAY_SECONDS))
    row, turn, place, start, end = (np.concatenate(column) for column in zip(*parts, strict=True))
    rank = np.lexsort((turn, row))
    row = row[rank]
    midnight = day[row] * DAY_SECONDS
    return [person[row], place[rank], midnight + start[rank], midnight + end[rank]]


def _piece(turn: int, kept: Flags, place: Ints, start: Ints | int, end: Ints | int) -> tuple[Ints, ...]:
    row = np.flatnonzero(kept)
    starts, ends = np.broadcast_to(start, len(kept)), np.broadcast_to(end, len(kept))
    return row, np.full(len(row), turn), place[row], starts[row], ends[row]


def companions(world: World, person: int, days: Ints, *, windows: bool) -> list[Ints]:
    """Give who met a person away from home on days, as columns case, person, place, start, end."""
    own = visits(world, np.array([person]), days, with_homes=False)
    _, place, start, end = (column[place_number(0, 0, own[1]) >= 0] for column in own)
    kind = place >> 44
    found = []
    for here in range(len(place)):
        day = start[here] // DAY_SECONDS
        if kind[here] == GROUP and not windows:
            continue
        other, begins, ends = _others(world, int(kind[here]), int(place[here]), day, start[here], end[here])
        begins, ends = np.maximum(begins, start[here]), np.minimum(ends, end[here])
        met = (other != person) & (begins < ends)
        found.append([np.full(met.sum(), person), other[met], np.full(met.sum(), place[here]), begins[met], ends[met]])
    if not found:
        return [np.zeros(0, np.int64)] * 5
    return [np.concatenate(column) for column in zip(*found, strict=True)]


def _others(world: World, kind: int, place: int, day: int, start: int, end: int) -> tuple[Ints, Ints, Ints]:
    if kind == GROUP:
        group = place & ((1 << 44) - 1)
        members = world.city.members[world.city.group_start[group] : world.city.group_start[group + 1]].astype(np.int64)
        present = members[standings(world, members, np.full(len(members), day)) == AROUND]
        return present, np.full(len(present), start), np.full(len(present), end)
    zone, venue = (place >> 22) & ((1 << 22) - 1), place & ((1 << 22) - 1)
    slot = np.array([kind - FIRST_SLOT])
    _, people = visitors(world, np.array([zone]), slot, np.array([venue]), np.array([day]))
    begins, ends = stays(world, people, np.repeat(slot, len(people)), np.full(len(people), day))
    return people, day * DAY_SECONDS + begins, day * DAY_SECONDS + ends


def _spread(first: Ints, beyond: Ints) -> tuple[Ints, Ints]:
    """Give every number from `first` to before `beyond` of each row, and its row."""
    counts = beyond - first
    row = np.repeat(np.arange(len(first)), counts)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, first[row] + turn
