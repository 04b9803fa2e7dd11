"""One day of spread by NumPy: the same events as `spread_kernels`, for all infectious people at a time."""

import numpy as np

from sizao.engines.simulation import presence_arrays as presence
from sizao.engines.simulation import rng
from sizao.engines.simulation.areas import COUNTY
from sizao.engines.simulation.disease import HOUSEHOLD, N_DOSES
from sizao.engines.simulation.people import bands
from sizao.engines.simulation.presence_arrays import Flags
from sizao.engines.simulation.rng import GREATEST_MEAN, Ints, Words64
from sizao.engines.simulation.slots import AFTERNOON, FORENOON, NIGHT_BEGINS, NIGHT_ENDS
from sizao.engines.simulation.spread_kernels import (
    AT_HOME_EVENTS,
    BUSY_SECONDS,
    CATCH,
    CONTACT_CUT,
    EVENTS,
    FIRST_CUT,
    GROUP_EVENTS,
    LARGEST_HOUSEHOLD,
    NIGHT_SECONDS,
    PICK,
    SECOND_CUT,
    SLOT_EVENTS,
    Spreading,
)
from sizao.engines.simulation.world import AROUND, CLOSED_IN, FIRST_SLOT, GROUP, HOME, ISOLATED, World, place_number

_S32 = np.uint64(32)


def infections(sim: Spreading, world: World, people: Ints, weights: Ints, day: int) -> Ints:
    """Give the rows that `write_infections` writes, in another order: by layer, then by infectious person."""
    stand = presence.standings(world, people, np.full(len(people), day))
    able = np.flatnonzero((stand != ISOLATED) & (weights > 0))
    around = able[stand[able] == AROUND]
    busy = around[presence.in_groups(world, people[around], np.full(len(around), day))]
    parts = [_at_home(sim, world, able, people, weights, day), _in_group(sim, world, busy, people, weights, day)]
    out = able[stand[able] >= CLOSED_IN]
    slots = range(len(world.slots.level))
    parts += [_at_venue(sim, world, out, people, weights, day, slot, stand) for slot in slots]
    return np.concatenate(parts)


class _Candidates:
    """Events before it is known whom they reach: the row of the infectious person of each, and two words."""

    def __init__(self, sim: Spreading, people: Ints, rows: Ints, means: Ints, day: int, channel: int) -> None:
        capped = np.minimum(means, GREATEST_MEAN - 1)
        drawn = rng.words(sim.keys[EVENTS], people[rows], rng.moment(day, channel))
        counts, bounds = rng.poissons(sim.poisson, capped, drawn)
        own = np.repeat(np.arange(len(rows)), counts)
        turn = np.arange(len(own)) - np.repeat(np.cumsum(counts) - counts, counts)
        when = rng.moment(np.full(len(own), day), channel, turn)
        pick = rng.words(sim.keys[PICK], people[rows[own]], when)
        kept = rng.below(pick << _S32, bounds[own]) < capped[own]
        self.own, self.pick = own[kept], pick[kept]
        self.catch = rng.words(sim.keys[CATCH], people[rows[self.own]], when[kept])


def _catches(sim: Spreading, world: World, other: Ints, drawn: Words64) -> Flags:
    row = bands(world.city.age[other]) * N_DOSES + world.city.doses[other]
    found: Flags = (sim.infected[other] == 0) & rng.happens(drawn, sim.susceptibility[row])
    return found


def _at_home(sim: Spreading, world: World, rows: Ints, people: Ints, weights: Ints, day: int) -> Ints:
    offset, size = (column[people[rows]].astype(np.int64) for column in (world.city.offset, world.city.size))
    means = ((weights[rows] * sim.per_contact[HOUSEHOLD]) >> CONTACT_CUT) * (size - 1)
    found = _Candidates(sim, people, rows, means, day, AT_HOME_EVENTS)
    head = people[rows[found.own]] - offset[found.own]
    mate = rng.below(found.pick, np.maximum(size - 1, 0)[found.own])
    other = head + mate + (mate >= offset[found.own])
    second = rng.below(found.catch << _S32, NIGHT_SECONDS)
    second += np.where(second >= NIGHT_ENDS, NIGHT_BEGINS - NIGHT_ENDS, 0)
    reached = _catches(sim, world, other, found.catch)
    reached &= presence.standings(world, other, np.full(len(other), day)) != ISOLATED
    return _rows(reached, rows[found.own], other, HOUSEHOLD, place_number(HOME, 0, head), second)


def _in_group(sim: Spreading, world: World, rows: Ints, people: Ints, weights: Ints, day: int) -> Ints:
    group = world.city.group[people[rows]].astype(np.int64)
    layer = sim.group_layer[group].astype(np.int64)
    first = world.city.group_start[group].astype(np.int64)
    size = world.city.group_start[group + 1] - first
    means = ((weights[rows] * sim.per_contact[layer]) >> CONTACT_CUT) * size
    found = _Candidates(sim, people, rows, means, day, GROUP_EVENTS)
    own = found.own
    other = world.city.members[first[own] + rng.below(found.pick, size[own])].astype(np.int64)
    second = FORENOON[0] + rng.below(found.catch << _S32, BUSY_SECONDS)
    second += np.where(second >= FORENOON[1], AFTERNOON[0] - FORENOON[1], 0)
    reached = (other != people[rows[own]]) & _catches(sim, world, other, found.catch)
    reached &= presence.standings(world, other, np.full(len(other), day)) == AROUND
    return _rows(reached, rows[own], other, layer[own], place_number(GROUP, 0, group[own]), second)


def _at_venue(
    sim: Spreading, world: World, rows: Ints, people: Ints, weights: Ints, day: int, slot: int, stand: Ints
) -> Ints:
    zone, venue = presence.venues_visited(world, people[rows], _all(slot, rows), _all(day, rows), stand[rows])
    rows, zone, venue = rows[venue >= 0], zone[venue >= 0], venue[venue >= 0]
    slots, days = _all(slot, rows), _all(day, rows)
    start, end = presence.stays(world, people[rows], slots, days)
    first, beyond = presence.seats_at(world, zone, slots, venue)
    party = LARGEST_HOUSEHOLD if world.slots.together[slot] else 1
    seats = (beyond - first) * party
    guest_row, guest_trip, guest_rank = _guests(world, zone, slot, venue, day)
    guests = np.bincount(guest_row, minlength=len(rows))
    layer = int(world.slots.layer[slot])
    hourly = (weights[rows] * sim.per_second[layer]) >> FIRST_CUT
    means = (hourly * ((end - start) * (seats + guests))) >> SECOND_CUT
    found = _Candidates(sim, people, rows, means, day, SLOT_EVENTS + slot)
    own = found.own
    chosen = rng.below(found.pick, (seats + guests)[own])
    other = np.full(len(own), -1, np.int64)
    here = np.flatnonzero(chosen < seats[own])
    seat = first[own[here]] + chosen[here] // party
    other[here] = _seated(world, zone[own[here]], slot, seat, chosen[here] % party, day)
    away = np.flatnonzero(chosen >= seats[own])
    line = (np.cumsum(guests) - guests)[own[away]] + (chosen - seats[own])[away]
    other[away] = _arrived(world, guest_trip[line], guest_rank[line], day)
    second = start[own] + rng.below(found.catch << _S32, (end - start)[own])
    reached = np.flatnonzero((other >= 0) & (other != people[rows[own]]))
    own, other, second = own[reached], other[reached], second[reached]
    begins, ends = presence.stays(world, other, _all(slot, other), _all(day, other))
    there = _catches(sim, world, other, found.catch[reached]) & (begins <= second) & (second < ends)
    return _rows(there, rows[own], other, layer, place_number(FIRST_SLOT + slot, zone[own], venue[own]), second)


def _seated(world: World, zone: Ints, slot: int, seat: Ints, member: Ints, day: int) -> Ints:
    city = world.city
    person = presence.people_on(world, zone, _all(slot, zone), seat, _all(day, zone))
    comes = np.ones(len(person), np.bool_)
    if world.slots.together[slot]:
        comes = (city.offset[person] == 0) & (member < city.size[person])
        person = np.where(comes, person + member, person)
    comes &= presence.coming(world, person, _all(slot, zone), _all(day, zone))
    return np.where(comes, person, -1)


def _guests(world: World, zone: Ints, slot: int, venue: Ints, day: int) -> tuple[Ints, Ints, Ints]:
    """List the travellers whose rank brings them to venues: row of the venue, trip and rank, by row and trip."""
    trips, base = world.trips, world.city.zones.base[COUNTY]
    parts = [np.zeros((3, 0), np.int64)]
    for trip in range(len(trips.origin) if world.slots.welcomes[slot] else 0):
        row = np.flatnonzero(zone == base + trips.destination[trip])
        venues = presence.venues_of(world, zone[row], _all(slot, row))
        here, rank = presence.ranks_at(world, _all(trip, row), _all(slot, row), venue[row], venues, _all(day, row))
        parts.append(np.array([row[here], _all(trip, here), rank]))
    row, trip_of, rank = np.concatenate(parts, axis=1)
    order = np.argsort(row, kind="stable")
    return row[order], trip_of[order], rank[order]


def _arrived(world: World, trip: Ints, rank: Ints, day: int) -> Ints:
    person = presence.travellers(world, trip, rank, _all(day, trip))
    return np.where(presence.standings(world, person, _all(day, trip)) == trip + 1, person, -1)


def _all(value: int, like: Ints) -> Ints:
    return np.full(len(like), value, np.int64)


def _rows(kept: Flags, by: Ints, who: Ints, layer: Ints | int, place: Ints, second: Ints) -> Ints:
    layers = np.broadcast_to(layer, len(kept))
    return np.column_stack([column[kept] for column in (by, who, layers, place, second)])
