"""
The plain twin of presence and spread: one person after the other, crowds by asking everybody.

It reads the arrays of a world, but knows nothing of inverse maps, tables of orders or thinning of crowds: who
is at a venue is found by asking each person where he or she goes.
"""

from collections import defaultdict

from tests.reference.simulation_chance import below, happens, moment, position, word

ISOLATED, AT_HOME, CLOSED_IN, AROUND = -3, -2, -1, 0
HOUR = 3600
NIGHTS = ((0, 6 * HOUR), (22 * HOUR, 24 * HOUR))
WINDOWS = ((8 * HOUR + 1800, 11 * HOUR + 2400), (13 * HOUR + 1800, 17 * HOUR))


class Twin:
    """The days of a world; `held` are orders (person, begin, end, kind), `areas` orders (zone, begin, end, kind)."""

    def __init__(self, world, held=(), areas=()):
        self.world, self.city, self.zones = world, world.city, world.city.zones
        self.held, self.areas = list(held), list(areas)
        self.keys = [int(key) for key in world.keys]
        self._visits = {}

    def zone(self, level, person):
        return int(self.zones.of[level][self.city.community[person]])

    def bits(self, zone, day):
        """The orders on a zone and on all that it lies in."""
        found = 0
        while zone >= 0:
            for ordered, begin, end, kind in self.areas:
                if ordered == zone and begin <= day < end:
                    found |= kind
            zone = int(self.zones.parent[zone])
        return found

    def standing(self, person, day):
        kept = 0
        for who, begin, end, kind in self.held:
            if who == person and begin <= day < end:
                kept |= kind
        if kept & 1:
            return ISOLATED
        bits = self.bits(self.zone(0, person), day)
        if kept or bits & 1:
            return AT_HOME if kept else CLOSED_IN
        return AROUND if bits & 4 else self.trip(person, day)

    def trip(self, person, day):
        trips = self.world.trips
        county = self.zone(2, person)
        base = int(self.zones.base[2])
        rank = self.rank(county, person, day)
        for trip in range(len(trips.origin)):
            if base + trips.origin[trip] == county:
                if rank < trips.quota[trip]:
                    return AROUND if self.bits(base + int(trips.destination[trip]), day) & 4 else trip + 1
                rank -= int(trips.quota[trip])
        return AROUND

    def rank(self, county, person, day):
        key = word(self.keys[3], county, moment(day))
        return position(key, int(self.zones.size[county]), person - int(self.zones.start[county]))

    def weekend(self, day):
        return int((day + self.world.first_weekday) % 7 >= 5)

    def group(self, person, day):
        return int(self.city.group[person]) if self.standing(person, day) == AROUND and not self.weekend(day) else -1

    def unit(self, person, slot):
        return person - int(self.city.offset[person]) if self.world.slots.together[slot] else person

    def stay(self, person, slot, day):
        slots = self.world.slots
        drawn = word(self.keys[2], self.unit(person, slot), moment(day, slot))
        shortest, longest = int(slots.shortest[slot]), int(slots.longest[slot])
        length = shortest + below(drawn, longest - shortest + 1)
        opens, closes = int(slots.opens[slot]), int(slots.closes[slot])
        start = opens + below(drawn << 32 & (1 << 64) - 1, closes - opens - length + 1)
        return start, start + length

    def seats(self, zone, slot):
        most = int(self.world.slots.most[slot])
        return -(-int(self.zones.size[zone]) * most // (1 << 32))

    def widths(self, zone, slot):
        """The seats of each venue of a zone, one venue after the other."""
        slots = self.world.slots
        first, left, found = int(slots.first_venue[slot]), self.seats(zone, slot), []
        while left > 0:
            width = int(slots.width[first + len(found) % int(slots.venues[slot])])
            found.append(min(width, left))
            left -= width
        return found

    def venue(self, person, slot, day):
        """(zone, venue) or None."""
        slots, stand = self.world.slots, self.standing(person, day)
        if stand > AROUND:
            return self.venue_elsewhere(person, slot, day, stand - 1)
        if stand < CLOSED_IN:
            return None
        chance = int(slots.joins[slot, self.weekend(day), self.city.occupation[person]])
        if stand == CLOSED_IN:
            chance = chance * int(slots.when_closed[slot]) >> 32
        if not happens(word(self.keys[1], person, moment(day, slot)), chance):
            return None
        zone = self.zone(int(slots.level[slot]), person)
        if slots.near[slot]:
            return zone, self.venue_of(zone, slot, person - int(self.zones.start[zone]))
        period = (day + self.world.first_weekday) // 7 if slots.weekly[slot] else day
        key = word(self.keys[0], zone, moment(period, slot))
        seat = position(key, int(self.zones.size[zone]), self.unit(person, slot) - int(self.zones.start[zone]))
        if seat >= self.seats(zone, slot) or self.bits(zone, day) & 3:
            return None
        return zone, self.venue_of(zone, slot, seat)

    def venue_of(self, zone, slot, seat):
        for venue, width in enumerate(self.widths(zone, slot)):
            if seat < width:
                return venue
            seat -= width
        raise AssertionError("every seat is at a venue")

    def venue_elsewhere(self, person, slot, day, trip):
        trips, base = self.world.trips, int(self.zones.base[2])
        zone = base + int(trips.destination[trip])
        venues = len(self.widths(zone, slot))
        if not self.world.slots.welcomes[slot] or not venues or self.bits(zone, day) & 3:
            return None
        earlier = sum(int(trips.quota[one]) for one in range(trip) if trips.origin[one] == trips.origin[trip])
        rank = self.rank(base + int(trips.origin[trip]), person, day) - earlier
        return zone, (rank + below(word(self.keys[4], trip, moment(day, slot)), venues)) % venues

    def presences(self, person, day):
        """Rows (place, start, end) away from home and at home."""
        stand, rows = self.standing(person, day), []
        if stand == ISOLATED:
            return rows
        home = person - int(self.city.offset[person])
        nights = ((0, 24 * HOUR),) if stand == AT_HOME else NIGHTS
        if stand == CLOSED_IN:
            out = [
                self.stay(person, slot, day)
                for slot in range(len(self.world.slots.level))
                if self.venue(person, slot, day)
            ]
            edges = [0, *(edge for span in out for edge in span), 24 * HOUR]
            nights = tuple(zip(edges[::2], edges[1::2], strict=True))
        for start, end in nights:
            rows.append((home, start, end))
        if self.group(person, day) >= 0:
            rows += [(1 << 44 | self.group(person, day), *window) for window in WINDOWS]
        for slot in range(len(self.world.slots.level)):
            found = self.venue(person, slot, day)
            if found:
                rows.append((slot + 2 << 44 | found[0] << 22 | found[1], *self.stay(person, slot, day)))
        return rows

    def crowds(self, day):
        """Everybody away from home on a day, by place: {place: {person: [(start, end)]}}."""
        if day not in self._visits:
            found = defaultdict(lambda: defaultdict(list))
            for person in range(self.city.people):
                for place, start, end in self.presences(person, day):
                    if place >> 44:
                        found[place][person].append((start, end))
            self._visits[day] = found
        return self._visits[day]

    def companions(self, person, day):
        """Rows (case, person, place, start, end)."""
        rows = []
        for place, people in self.crowds(day).items():
            for own_start, own_end in people.get(person, ()):
                for other, spans in people.items():
                    for start, end in spans:
                        first, last = max(start, own_start), min(end, own_end)
                        if other != person and first < last:
                            rows.append((person, other, place, first + day * 24 * HOUR, last + day * 24 * HOUR))
        return rows
