"""
The simulated city of a drill, day by day: what goes on in it whether or not anybody hears of it.

Only `doors`, `asking`, `effects` and `scores` look in here; the response sees records. People and places have numbers
of the engine's; `number` and `venues.place_code` turn them into what the register knows. What needs all people at once
is done once: the cost of a day follows the infected, and those of whom somebody asks.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import cached_property

import numpy as np
from django.utils import timezone

from sizao.drill.rehearsal.geography import communities, journeys
from sizao.drill.rehearsal.occasions import Occasions, is_occasion, number_of, place_of
from sizao.drill.rehearsal.scenario import Beginning, Rehearsal
from sizao.engines.simulation import orders, presence, rng
from sizao.engines.simulation.areas import COMMUNITY, LEVELS, TOWN
from sizao.engines.simulation.city import NO_GROUP, build
from sizao.engines.simulation.disease import N_BANDS, VENUE, Disease
from sizao.engines.simulation.people import Makeup
from sizao.engines.simulation.presence import Companions, Presence
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.slots import DAY_SECONDS, VILLAGE_SLOTS, slot_table
from sizao.engines.simulation.spread import Outbreak
from sizao.engines.simulation.world import FIRST_SLOT, KIND_SHIFT, World, place_parts, world
from sizao.records.models import Person
from sizao.response import register
from sizao.response.tracing import tokens
from sizao.terms import AREA_DIGITS, AreaLevel

LOOKBACK_DAYS = 14  # what people are asked about
SHIFT_DAYS = 1024  # draws count days from here, so that days before the first are numbers too
# Beside the engine's kinds of orders to people: at a gathering, and else at home that day; moved out of the village.
OCCASION, MOVED = 4, 8
# The levels of the division code that are the levels of the engine's zones.
_LEVELS = (AreaLevel.VILLAGE, AreaLevel.STREET, AreaLevel.COUNTY, AreaLevel.CITY, AreaLevel.PROVINCE)
_AT_ONCE = 50_000  # people whose day is worked out at once


class CityLife:
    """A city, its days and its orders."""

    def __init__(self, rehearsal: Rehearsal, disease: Disease, names: Mapping[str, str]) -> None:
        self.rehearsal, self.disease, self.names = rehearsal, disease, names
        self.areas = communities(rehearsal, names)
        doses = np.array(rehearsal.life.doses)
        makeup = Makeup(doses=doses if len(doses) > 1 else np.repeat(doses, N_BANDS, axis=0))
        self.city = build(self.areas, seed=rehearsal.seed, makeup=makeup)
        # The engine counts days from the one on which the first people are infected.
        self.lead = -rehearsal.earliest_day
        self.log = orders.OrderLog(
            self.city.zones, self.city.people, first_day=0, n_days=rehearsal.n_days + self.lead + 1
        )
        self.world: World = world(
            self.city,
            self.log.orders,
            seed=rehearsal.seed,
            slots=slot_table(VILLAGE_SLOTS) if rehearsal.life.villages else None,
            travel=journeys(self.city.zones, rehearsal.life.travelling),
            first_weekday=rehearsal.date_of(-self.lead).weekday(),
        )
        self.outbreak = Outbreak(self.world, self.log, disease, seed=rehearsal.seed)
        self.codes = [f"{code:0{AREA_DIGITS[AreaLevel.VILLAGE]}}" for code in self.areas.codes[:, COMMUNITY].tolist()]
        self.occasions = Occasions(
            rehearsal.occasions, self.city, rehearsal.seed, [self.within(one.area) for one in rehearsal.occasions]
        )

    # --- Days -----------------------------------------------------------------------------------

    def moment(self, day: int, clock: time = time()) -> datetime:
        """Give the instant of a clock time on a day of the drill."""
        return datetime.combine(self.rehearsal.date_of(day), clock, tzinfo=timezone.get_default_timezone())

    def day_of(self, at: datetime) -> int:
        """Say which day of the drill an instant lies in."""
        return (timezone.localtime(at).date() - self.rehearsal.first_date).days

    def instant(self, second: int) -> datetime:
        """Turn a second of the engine into an instant."""
        return self.moment(-self.lead) + timedelta(seconds=second)

    def seconds(self, of_engine: Ints) -> Ints:
        """Turn seconds of the engine into seconds from 1970."""
        return of_engine + int(self.moment(-self.lead).timestamp())

    # --- The disease ----------------------------------------------------------------------------

    def live(self, day: int, *, gathers: bool = True) -> int:
        """
        Let one day pass, under the orders in force; say how many were infected. Days follow each other.

        Without `gathers`, the gatherings of the day were held or cancelled already.
        """
        before = self.outbreak.count
        for one in self.rehearsal.beginnings:
            if one.day == day:
                self.outbreak.infect(self._first_ones(one))
        if gathers:
            self.gather(day)
        self.outbreak.step(day + self.lead)
        return self.outbreak.count - before

    def gather(self, day: int) -> None:
        """Hold the gatherings of a day, of those who may leave home; who is there is nowhere else on that day."""
        for number in self.occasions.due(day, self.rehearsal.date_of(day).weekday(), self.lead):
            engine_day = day + self.lead
            guests = self.occasions.guests(number, day)
            bits = orders.area_bits(
                self.log.orders, self.city.community[guests].astype(np.int64), _same(guests, engine_day)
            )
            shut = (bits & (orders.AREA_CLOSED | orders.VENUES_CLOSED)) > 0
            guests = guests[~shut & (orders.held_all(self.log.orders, guests, _same(guests, engine_day)) == 0)]
            self.occasions.came[number, engine_day] = guests
            self.hold(guests, day, OCCASION)
            caught = self.occasions.caught(number, day, guests, self.outbreak, self.disease)
            self.outbreak.pass_on(caught.person, caught.infector, caught.second, layer=VENUE, place=place_of(number))

    def _first_ones(self, beginning: Beginning) -> Ints:
        there = np.flatnonzero(np.isin(self.city.community, self.within(beginning.area)))
        rank = rng.words(rng.stream(self.rehearsal.seed, f"first in {beginning.area} on {beginning.day}"), there, 0)
        return there[np.argsort(rank, kind="stable")[: beginning.people]]

    def within(self, code: str) -> Ints:
        """Give the communities, counted from 0, whose codes begin so."""
        return np.flatnonzero([one.startswith(code) for one in self.codes])

    def onset_day(self, person: int) -> int | None:
        """Say when a person's symptoms began or will begin; None for who is not infected or has none."""
        row = self._row(person)
        ledger = self.outbreak.ledger
        return int(ledger.onset[row]) - self.lead if row is not None and ledger.symptomatic[row] else None

    def _row(self, person: int) -> int | None:
        if not self.outbreak.infected[person]:
            return None
        return int(np.flatnonzero(self.outbreak.ledger.person == person)[0])

    def since_infection(self, people: Ints, day: int) -> Ints:
        """Say how many days ago people were infected, as of a day: below 0 for who was not yet, or never."""
        infected = self.outbreak.infected[people].astype(np.int64) - 1
        return np.where(infected >= 0, day + self.lead - infected, -1)

    # --- People ---------------------------------------------------------------------------------

    def number(self, person: int) -> str:
        """Give the number under which the register knows a person."""
        return f"{self.rehearsal.slug}-{person:08}"

    def person(self, number: str) -> int:
        """Say which person of the city a number means."""
        return int(number.rpartition("-")[2])

    def is_mine(self, number: str) -> bool:
        """Say whether a number is of this city."""
        return number.startswith(f"{self.rehearsal.slug}-")

    def village(self, person: int) -> str:
        """Give the code of the village or community that a person lives in."""
        return self.codes[int(self.city.community[person])]

    def household(self, person: int) -> Ints:
        """Give all who live in a person's household."""
        head = person - int(self.city.offset[person])
        return np.arange(head, head + int(self.city.size[person]))

    def group(self, person: int) -> Ints:
        """Give the class or team of a person, empty without one."""
        group = int(self.city.group[person])
        if group == NO_GROUP:
            return np.zeros(0, np.int64)
        return self.city.members[self.city.group_start[group] : self.city.group_start[group + 1]].astype(np.int64)

    def residents_of(self, community: int) -> Ints:
        """Give all who live in a community, counted from 0."""
        first = int(self.city.zones.start[community])
        return np.arange(first, first + int(self.city.zones.size[community]))

    def registered(self, people: Ints, now: datetime) -> dict[str, Person]:
        """Have the register know people, as generated; give them by number."""
        entries = [
            register.PersonEntry(self.number(int(one)), self.village(int(one)), is_generated=True) for one in people
        ]
        return register.register_people(entries, by=None, now=now) if entries else {}

    def tokens_of(self, people: Ints, key: bytes) -> dict[str, int]:
        """Say which of some people bears which token, as the carriers who sent their scans know."""
        make = tokens.maker("number", key)
        return {str(make(self.number(one))): one for one in np.unique(people).tolist()}

    def area_of(self, place: int) -> str:
        """Give the code of the smallest area of the register that a place lies in."""
        if is_occasion(place):
            return self.rehearsal.occasions[number_of(place)].area
        kind, zone, which = (int(part) for part in place_parts(np.int64(place)))  # type: ignore[arg-type]
        if kind < FIRST_SLOT:
            member = which if kind == 0 else int(self.city.members[self.city.group_start[which]])
            return self.village(member)
        code = str(int(self.city.zones.code[zone]))
        return code.zfill(len(code) + len(code) % 2) if zone < self.city.zones.base[TOWN] else code

    # --- Where they are -------------------------------------------------------------------------

    def visits(self, people: Ints, days: Ints) -> Presence:
        """Give where people were on days, away from home."""
        people, days = np.asarray(people, np.int64), np.asarray(days, np.int64) + self.lead
        told = presence.visits(self.outbreak.packed, people, days, with_homes=False)
        return _joined(told, self.occasions.visits(people, days))

    def companions(self, people: Ints, first: int, last: int) -> Companions:
        """Say whom people met away from home from a day to another (both included), under the orders of each day."""
        people = np.asarray(people, np.int64)
        first_days, last_days = (np.full(len(people), day + self.lead) for day in (first, last))
        met = presence.met_between(self.outbreak.packed, people, first_days, last_days)
        gathered = self.occasions.companions(people, first_days, last_days)
        return Companions(
            *(
                np.concatenate((getattr(met, name), getattr(gathered, name)))
                for name in ("case", "person", "place", "start", "end")
            )
        )

    def scans(self, day: int) -> Presence:
        """Give the stays at venues of the whole city on a day that leave a scan."""
        kept = [Presence(*[np.zeros(0, np.int64)] * 4)]
        for low in range(0, self.city.people, _AT_ONCE):
            people = np.arange(low, min(low + _AT_ONCE, self.city.people))
            kept.append(self._scanned(self.visits(people, np.array([day]))))
        return _joined(*kept)

    def scans_at(self, place: int, day: int) -> Presence:
        """Give the stays at one venue on a day that leave a scan."""
        if is_occasion(place):
            return self._scanned(self.occasions.guests_at(place, day + self.lead))
        if place >> KIND_SHIFT < FIRST_SLOT:
            return Presence(*[np.zeros(0, np.int64)] * 4)
        visitors = presence.visitors(self.outbreak.packed, place, day + self.lead)
        there = self.visits(visitors, np.array([day]))
        here = there.place == place
        return self._scanned(Presence(there.person[here], there.place[here], there.start[here], there.end[here]))

    def _scanned(self, told: Presence) -> Presence:
        drawn = rng.words(rng.stream(self.rehearsal.seed, "scans"), told.person, told.start + SHIFT_DAYS * DAY_SECONDS)
        leaves = rng.happens(drawn, rng.thresholds(self.rehearsal.life.scanned))
        rows = np.flatnonzero(self._is_venue(told.place) & leaves)
        return Presence(told.person[rows], told.place[rows], told.start[rows], told.end[rows])

    def _is_venue(self, places: Ints) -> np.ndarray:
        """Tell the places that are open to others: not homes, nor classes and work, nor the neighbours' doors."""
        kinds = places >> KIND_SHIFT
        doors = FIRST_SLOT + np.flatnonzero(self.world.slots.near)
        return (kinds >= FIRST_SLOT) & ~np.isin(kinds, doors)

    # --- Orders ---------------------------------------------------------------------------------

    def hold(self, people: Ints, day: int, kind: int) -> None:
        """Keep people for one day."""
        if len(people):
            begin = day + self.lead
            self.log.hold(np.unique(people), begin, begin + 1, kind)

    def kept(self, people: Ints, days: Ints) -> np.ndarray:
        """Give the bits of the orders that keep people on engine days; a gathering is none."""
        return orders.held_all(self.log.orders, np.asarray(people), np.asarray(days)) & np.uint8(255 - OCCASION)

    def last_free_day(self, person: int, today: int) -> int:
        """Give the last day before `today` on which a person was kept from nobody; the earliest looked at is 14 ago."""
        days = np.arange(today - LOOKBACK_DAYS, today)
        free = days[self.kept(_same(days, person), days + self.lead) == 0]
        return int(free[-1]) if len(free) else today - LOOKBACK_DAYS

    def order_area(self, code: str, day: int, bits: int) -> None:
        """Put an order on an area of any level, and on all within it, for one day."""
        zone = self._zones.get(code)
        if zone is not None:
            self.log.order_area(zone, day + self.lead, day + self.lead + 1, bits)

    @cached_property
    def _zones(self) -> dict[str, int]:
        zones, digits = self.city.zones, sorted((AREA_DIGITS[level] for level in _LEVELS), reverse=True)
        return {
            f"{int(zones.code[zone]):0{digits[level]}}": zone
            for level in range(len(LEVELS))
            for zone in range(int(zones.base[level]), int(zones.base[level + 1]))
        }

    def with_order(self, day: int, bit: int) -> Ints:
        """Give the communities, counted from 0, on which an order is in force on a day."""
        row = day + self.lead
        if not 0 <= row < len(self.log.orders.areas):
            return np.zeros(0, np.int64)
        return np.flatnonzero(self.log.orders.areas[row, : len(self.codes)] & bit)


def _same(like: Ints, value: int) -> Ints:
    return np.full(len(like), value, np.int64)


def _joined(*parts: Presence) -> Presence:
    return Presence(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("person", "place", "start", "end"))
    )
