"""The plain twin of spread (the same draws, one person at a time), and the pairwise law that thinning must keep."""

import numpy as np

from sizao.engines.simulation import presence, rng
from tests.reference.simulation_chance import ALL, below, drawn_from, happens, moment, poisson, word
from tests.reference.simulation_city import ISOLATED

HOUSEHOLD, LARGEST_HOUSEHOLD = 0, 6


class TwinOutbreak:
    """`truth` maps each infected person to (infector, layer, place, day, second)."""

    def __init__(self, twin, table, *, seed):
        self.twin, self.course, self.poisson = twin, table, rng.poisson_table()
        self.keys = {name: rng.stream(seed, name) for name in (
            "spread: events", "spread: pick", "spread: catch",
            "course: pace", "course: symptoms", "course: infectiousness",
        )}  # fmt: skip
        self.truth = {}

    def infect(self, people, day):
        for person in people:
            self.truth[person] = (-1, -1, -1, day, 0)

    def step(self, day):
        events = []
        for person in list(self.truth):
            weight = self.weight(person, day)
            stand = self.twin.standing(person, day)
            if weight and stand != ISOLATED:
                events += self.at_home(person, weight, day)
                events += self.in_group(person, weight, day)
                for slot in range(len(self.twin.world.slots.level)):
                    events += self.at_venue(person, weight, day, slot)
        for second, infector, other, layer, place in sorted(events):
            self.truth.setdefault(other, (infector, layer, place, day, second))

    def weight(self, person, day):
        table, city = self.course, self.twin.city
        infected = self.truth[person][3]
        pace = word(self.keys["course: pace"], person, 0)
        onset = infected + drawn_from(table.incubation.tolist(), pace)
        latent = max(drawn_from(table.latent.tolist(), pace), 1)
        since = day - onset - table.first_day
        if day < infected + latent or not 0 <= since < len(table.infectiousness):
            return 0
        band = min(int(city.age[person]) // 10, 8)
        symptomatic = happens(word(self.keys["course: symptoms"], person, 0), int(table.symptomatic[band]))
        drawn = word(self.keys["course: infectiousness"], person, 0)
        scale = int(table.variation[below(drawn, len(table.variation))])
        scale = scale * ((1 << 16) if symptomatic else table.asymptomatic_factor) >> 16
        scale = scale * int(table.infectivity[city.doses[person]]) >> 16
        return scale * int(table.infectiousness[since]) >> 16

    def candidates(self, person, day, channel, mean):
        """Two words for each event that survives thinning to its mean."""
        count, bound = poisson(self.poisson, mean, word(self.keys["spread: events"], person, moment(day, channel)))
        for turn in range(count):
            pick = word(self.keys["spread: pick"], person, moment(day, channel, turn))
            if below(pick << 32 & ALL, bound) < mean:
                yield pick, word(self.keys["spread: catch"], person, moment(day, channel, turn))

    def catches(self, other, drawn):
        city = self.twin.city
        band = min(int(city.age[other]) // 10, 8)
        chance = int(self.course.susceptibility[band, city.doses[other]])
        return other not in self.truth and happens(drawn, chance)

    def at_home(self, person, weight, day):
        city = self.twin.city
        head = person - int(city.offset[person])
        mates = [one for one in range(head, head + int(city.size[person])) if one != person]
        mean = (weight * int(self.course.per_contact[HOUSEHOLD]) >> 24) * len(mates)
        for pick, drawn in self.candidates(person, day, 0, mean):
            other = mates[below(pick, len(mates))]
            if self.catches(other, drawn) and self.twin.standing(other, day) != ISOLATED:
                second = below(drawn << 32 & ALL, 8 * 3600)
                yield second + (16 * 3600 if second >= 6 * 3600 else 0), person, other, HOUSEHOLD, head

    def in_group(self, person, weight, day):
        city, group = self.twin.city, self.twin.group(person, day)
        if group < 0:
            return
        layer = int(city.group_layer[group])
        members = city.members[city.group_start[group] : city.group_start[group + 1]].tolist()
        mean = (weight * int(self.course.per_contact[layer]) >> 24) * len(members)
        for pick, drawn in self.candidates(person, day, 1, mean):
            other = members[below(pick, len(members))]
            if other != person and self.catches(other, drawn) and self.twin.group(other, day) == group:
                second = 30_600 + below(drawn << 32 & ALL, 24_000)
                yield second + (6600 if second >= 42_000 else 0), person, other, layer, 1 << 44 | group

    def at_venue(self, person, weight, day, slot):
        twin = self.twin
        found = twin.venue(person, slot, day)
        if found is None:
            return
        start, end = twin.stay(person, slot, day)
        place = slot + 2 << 44 | found[0] << 22 | found[1]
        seats = self.seats(slot, *found, day)
        layer = int(twin.world.slots.layer[slot])
        rate = weight * int(self.course.per_second[layer]) >> 20
        mean = rate * ((end - start) * len(seats)) >> 12
        for pick, drawn in self.candidates(person, day, 2 + slot, mean):
            other = seats[below(pick, len(seats))]
            if other is None or other == person or not self.catches(other, drawn):
                continue
            second = start + below(drawn << 32 & ALL, end - start)
            begins, ends = twin.stay(other, slot, day)
            if twin.venue(other, slot, day) == found and begins <= second < ends:
                yield second, person, other, layer, place

    def seats(self, slot, zone, venue, day):
        """Who may be on each seat of a venue: of its own zone by position, then travellers by trip and rank."""
        twin, slots = self.twin, self.twin.world.slots
        widths = twin.widths(zone, slot)
        first = sum(widths[:venue])
        at = self.people_at(zone, slot, day)
        found = []
        for seat in range(first, first + widths[venue]):
            person = at[seat]
            if slots.together[slot]:
                size = int(twin.city.size[person]) if twin.city.offset[person] == 0 else 0
                found += [person + one if one < size else None for one in range(LARGEST_HOUSEHOLD)]
            else:
                found.append(person)
        return found + (self.guests(slot, zone, venue, day) if slots.welcomes[slot] else [])

    def people_at(self, zone, slot, day):
        """The people of a zone by their seat in a slot."""
        from tests.reference.simulation_chance import position

        twin, start, size = self.twin, int(self.twin.zones.start[zone]), int(self.twin.zones.size[zone])
        if twin.world.slots.near[slot]:
            return {seat: start + seat for seat in range(size)}
        weekly = twin.world.slots.weekly[slot]
        key = word(twin.keys[0], zone, moment((day + twin.world.first_weekday) // 7 if weekly else day, slot))
        return {position(key, size, person): start + person for person in range(size)}

    def guests(self, slot, zone, venue, day):
        twin, trips, base = self.twin, self.twin.world.trips, int(self.twin.zones.base[2])
        venues = len(twin.widths(zone, slot))
        found = []
        for trip in range(len(trips.origin)):
            if base + trips.destination[trip] != zone:
                continue
            first = below(word(twin.keys[4], trip, moment(day, slot)), venues)
            home = base + int(trips.origin[trip])
            start, size = int(twin.zones.start[home]), int(twin.zones.size[home])
            by_rank = {twin.rank(home, person, day): person for person in range(start, start + size)}
            for rank in range(int(trips.quota[trip])):
                if (rank + first) % venues == venue:
                    person = by_rank[int(trips.before[trip]) + rank]
                    found.append(person if twin.standing(person, day) == trip + 1 else None)
        return found


def pairwise(outbreak, days, dice):
    """
    Run an outbreak by asking every pair: each companion is infected with chance 1 - exp(-rate x time together).

    Takes an `Outbreak` for its city, course and ledger; chance comes from `dice`, and no event is thinned.
    """
    city, world = outbreak.world.city, outbreak.world
    rates = outbreak.course.rates
    susceptible = outbreak.course.susceptibility / 2**32
    for day in range(days):
        rows, weights = outbreak.infectious(day)
        ledger = outbreak.ledger
        sources = ledger.person[rows]
        weight_of = dict(zip(sources.tolist(), (weights / 2**16).tolist(), strict=True))
        met = presence.look_back(world, sources, np.array([day]))
        kind = met.place >> 44
        layer = np.where(kind == 1, city.group_layer[np.maximum(city.group[met.case], 0)], 0)
        layer = np.where(kind >= 2, world.slots.layer[np.maximum(kind - 2, 0)], layer)
        hours = (met.end - met.start) / 3600
        # A working day counts once, though it has two windows (24,000 seconds together).
        amount = np.where(kind == 1, hours * 3600 / 24_000, hours)
        mates = [(one, other) for one in sources.tolist() for other in household(city, one)]
        case = np.append(met.case, [one for one, _ in mates]).astype(np.int64)
        person = np.append(met.person, [other for _, other in mates]).astype(np.int64)
        layer, amount = np.append(layer, np.zeros(len(mates), np.int64)), np.append(amount, np.ones(len(mates)))
        band = np.minimum(city.age[person] // 10, 8)
        hazard = np.array([weight_of[one] for one in case.tolist()]) * rates[layer.astype(int)] * amount
        hazard *= susceptible[band, city.doses[person]]
        struck = person[(dice.random(len(person)) < -np.expm1(-hazard)) & (outbreak.infected[person] == 0)]
        outbreak.day = day + 1
        fresh = np.unique(struck)
        none = np.zeros(len(fresh), np.int64)
        outbreak._enter(fresh, none, none, none, none, day)
    return len(outbreak.ledger)


def household(city, person):
    head = person - int(city.offset[person])
    return [one for one in range(head, head + int(city.size[person])) if one != person]
