"""
The simulated city of a drill, day by day: what goes on in it whether or not anybody hears of it.

Only `doors`, `asking`, `effects` and `scores` look in here; the response sees records. People and places have numbers
of the engine's; `number` and `venues.place_code` turn them into what the register knows.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import cached_property

import numpy as np
from django.utils import timezone

from sizao.drill.rehearsal.geography import communities
from sizao.drill.rehearsal.scenario import Beginning, Rehearsal
from sizao.engines.simulation import orders, presence, rng
from sizao.engines.simulation.areas import COMMUNITY, TOWN
from sizao.engines.simulation.city import NO_GROUP, build
from sizao.engines.simulation.disease import Disease
from sizao.engines.simulation.presence import Presence
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.slots import DAY_SECONDS
from sizao.engines.simulation.spread import Outbreak
from sizao.engines.simulation.world import FIRST_SLOT, KIND_SHIFT, World, place_parts, world
from sizao.records.models import Person
from sizao.response import register
from sizao.response.tracing import tokens
from sizao.terms import AREA_DIGITS, AreaLevel

AT_ONCE = 50_000  # people whose day is worked out at once
LOOKBACK_DAYS = 14  # what people are asked about
SHIFT_DAYS = 1024  # draws count days from here, so that days before the first are numbers too


class CityLife:
    """A city, its days and its orders."""

    def __init__(self, rehearsal: Rehearsal, disease: Disease, names: Mapping[str, str]) -> None:
        self.rehearsal, self.disease, self.names = rehearsal, disease, names
        self.areas = communities(rehearsal, names)
        self.city = build(self.areas, seed=rehearsal.seed)
        # The engine counts days from the one on which the first people are infected.
        self.lead = -rehearsal.earliest_day
        self.log = orders.OrderLog(
            self.city.zones, self.city.people, first_day=0, n_days=rehearsal.n_days + self.lead + 1
        )
        self.world: World = world(
            self.city,
            self.log.orders,
            seed=rehearsal.seed,
            first_weekday=rehearsal.date_of(-self.lead).weekday(),
        )
        self.outbreak = Outbreak(self.world, self.log, disease, seed=rehearsal.seed)
        self.codes = [f"{code:0{AREA_DIGITS[AreaLevel.VILLAGE]}}" for code in self.areas.codes[:, COMMUNITY].tolist()]

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

    def live(self, day: int) -> int:
        """Let one day pass, under the orders in force; say how many were infected. Days follow each other."""
        for one in self.rehearsal.beginnings:
            if one.day == day:
                self.outbreak.infect(self._first_ones(one))
        return self.outbreak.step(day + self.lead)

    def _first_ones(self, beginning: Beginning) -> Ints:
        living = np.flatnonzero([code.startswith(beginning.area) for code in self.codes])
        there = np.flatnonzero(np.isin(self.city.community, living))
        rank = rng.words(rng.stream(self.rehearsal.seed, f"first in {beginning.area} on {beginning.day}"), there, 0)
        return there[np.argsort(rank, kind="stable")[: beginning.people]]

    def onset_day(self, person: int) -> int | None:
        """Say when a person's symptoms began or will begin; None for who is not infected or has none."""
        row = self._row(person)
        ledger = self.outbreak.ledger
        return int(ledger.onset[row]) - self.lead if row is not None and ledger.symptomatic[row] else None

    def _row(self, person: int) -> int | None:
        rows = np.flatnonzero(self.outbreak.ledger.person == person)
        return int(rows[0]) if len(rows) else None

    def with_onset_on(self, day: int) -> Ints:
        """Give whose symptoms begin on a day."""
        ledger = self.outbreak.ledger
        return ledger.person[ledger.symptomatic & (ledger.onset == day + self.lead)]

    def swab(self, people: Ints, day: int) -> np.ndarray:
        """Say whose swab of a day is positive: by the days since infection and a draw for each swab."""
        infected = self.outbreak.infected[people].astype(np.int64) - 1
        since = day + self.lead - infected
        may = (infected >= 0) & (since >= 0) & (since < len(self.disease.pcr))
        chance = np.where(may, self.disease.pcr[np.where(may, since, 0)], 0.0)
        drawn = rng.words(rng.stream(self.rehearsal.seed, "swab"), people, rng.moment(day + SHIFT_DAYS))
        return rng.happens(drawn, rng.thresholds(chance))

    def pooled(self, day: int, size: int) -> Ints:
        """
        Swab everybody who is free, in pools of neighbours; give the members of the pools that are positive.

        Who is kept in a room or bed is tested there and not in the round.
        """
        free = orders.held_all(self.log.orders, self.everybody, np.full(self.city.people, day + self.lead)) == 0
        people = np.flatnonzero(free)
        positive = self.swab(people, day)
        pool = np.arange(len(people)) // size
        return people[np.isin(pool, pool[positive])]

    def last_free_day(self, person: int, today: int) -> int:
        """Give the last day before `today` on which a person was kept from nobody; the earliest looked at is 14 ago."""
        days = np.arange(today - LOOKBACK_DAYS, today)
        held = orders.held_all(self.log.orders, np.full(len(days), person), days + self.lead)
        free = days[held == 0]
        return int(free[-1]) if len(free) else today - LOOKBACK_DAYS

    # --- People ---------------------------------------------------------------------------------

    def number(self, person: int) -> str:
        """Give the number under which the register knows a person."""
        return f"{self.rehearsal.slug}-{person:07}"

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

    def registered(self, people: Ints, now: datetime) -> dict[str, Person]:
        """Have the register know people, as generated; give them by number."""
        entries = [
            register.PersonEntry(self.number(int(one)), self.village(int(one)), is_generated=True) for one in people
        ]
        return register.register_people(entries, by=None, now=now) if entries else {}

    def carriers(self, key: bytes) -> dict[str, int]:
        """Say who bears which token, as the carriers know who sent the scans."""
        make = tokens.maker("number", key)
        return {str(make(self.number(one))): one for one in range(self.city.people)}

    def towns(self) -> list[tuple[str, str, int]]:
        """List the townships of the drill: code, name, people."""
        digits = AREA_DIGITS[AreaLevel.STREET]
        people: dict[str, int] = {}
        for code, count in zip(self.codes, self.areas.population.tolist(), strict=True):
            people[code[:digits]] = people.get(code[:digits], 0) + count
        return [(code, self.names.get(code, code), count) for code, count in sorted(people.items())]

    def area_of(self, place: int) -> str:
        """Give the code of the smallest area of the register that a place lies in."""
        kind, zone, which = (int(part) for part in place_parts(np.int64(place)))  # type: ignore[arg-type]
        if kind < FIRST_SLOT:
            member = which if kind == 0 else int(self.city.members[self.city.group_start[which]])
            return self.village(member)
        code = str(int(self.city.zones.code[zone]))
        return code.zfill(len(code) + len(code) % 2) if zone < self.city.zones.base[TOWN] else code

    # --- Where they are -------------------------------------------------------------------------

    def visits(self, people: Ints, days: Ints) -> Presence:
        """Give where people were on days, away from home."""
        now = self.world._replace(orders=self.log.orders)  # a log that grew has new arrays
        return presence.visits(now, people, np.asarray(days) + self.lead, with_homes=False)

    def scans(self, day: int) -> Presence:
        """Give the stays at venues on a day that leave a scan."""
        kept = []
        for low in range(0, self.city.people, AT_ONCE):
            people = np.arange(low, min(low + AT_ONCE, self.city.people))
            told = self.visits(people, np.array([day]))
            rows = np.flatnonzero(
                (told.place >> KIND_SHIFT >= FIRST_SLOT) & self._draws("scans", told.person, told.start)
            )
            kept.append([column[rows] for column in (told.person, told.place, told.start, told.end)])
        return Presence(*(np.concatenate(column) for column in zip(*kept, strict=True)))

    def _draws(self, purpose: str, who: Ints, when: Ints) -> np.ndarray:
        drawn = rng.words(rng.stream(self.rehearsal.seed, purpose), who, when + SHIFT_DAYS * DAY_SECONDS)
        return rng.happens(drawn, rng.thresholds(self.rehearsal.life.scanned))

    # --- Orders ---------------------------------------------------------------------------------

    def hold(self, people: Ints, day: int, kind: int) -> None:
        """Keep people for one day."""
        if len(people):
            begin = day + self.lead
            self.log.hold(np.unique(people), begin, begin + 1, kind)

    def order_area(self, code: str, day: int, bits: int) -> None:
        """Put an order on all villages whose code begins so, for one day."""
        for zone, village in enumerate(self.codes):
            if village.startswith(code):
                self.log.order_area(zone, day + self.lead, day + self.lead + 1, bits)

    def testing_round(self, day: int) -> bool:
        """Say whether there is a testing round anywhere on a day."""
        row = day + self.lead
        known = 0 <= row < len(self.log.orders.areas)
        return known and bool((self.log.orders.areas[row] & orders.TESTING_ROUND).any())

    @cached_property
    def everybody(self) -> Ints:
        """All people of the city."""
        return np.arange(self.city.people)
