"""
Gatherings of a simulated city that the scenario names: who comes, and whom they infect there.

The engine knows places that everybody has; a church on Sundays or a wedding is of one village and its days. Who comes
is at home for the rest of the day, so that nobody is at two places at once. Infection passes as at any venue: by the
rate of an hour together, each with each.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sizao.drill.rehearsal.parts import Occasion
from sizao.engines.simulation import rng
from sizao.engines.simulation.city import City
from sizao.engines.simulation.disease import UNIT, VENUE, Disease
from sizao.engines.simulation.people import bands
from sizao.engines.simulation.presence import Companions, Presence
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.slots import DAY_SECONDS, HOUR
from sizao.engines.simulation.spread import Outbreak
from sizao.engines.simulation.world import KIND_SHIFT, place_number

OCCASION_KIND = 4096  # of place numbers, beyond all slots
SHIFT_DAYS = 1024  # draws count days from here, so that days before the first are numbers too


@dataclass(frozen=True, slots=True)
class Caught:
    """Who was infected at an occasion, by whom, and at which second of the day."""

    person: Ints
    infector: Ints
    second: Ints


@dataclass
class Occasions:
    """
    The gatherings of a drill. `lives_in[o]` are the communities whose people come to occasion o.

    `came[(o, day)]` says who was at an occasion on an engine day; what was held is known afterwards.
    """

    told: tuple[Occasion, ...]
    city: City
    seed: int
    lives_in: list[Ints]
    came: dict[tuple[int, int], Ints] = field(default_factory=dict)

    def due(self, day: int, weekday: int, lead: int) -> list[int]:
        """Say which occasions fall on a day of the drill."""
        return [
            number
            for number, one in enumerate(self.told)
            if (day in one.days if one.days else one.weekday == weekday and day >= -lead)
        ]

    def guests(self, number: int, day: int) -> Ints:
        """Say who would come to an occasion: the same people each time where it is regular, else others."""
        one, city = self.told[number], self.city
        there = np.flatnonzero(np.isin(city.community, self.lives_in[number]))
        there = there[(city.age[there] >= one.youngest) & (city.age[there] <= one.oldest)]
        units = np.unique(there - city.offset[there]) if one.together else there
        when = 0 if one.regular else day
        drawn = rng.words(rng.stream(self.seed, f"guests of {one.name}"), units, rng.moment(when + SHIFT_DAYS, number))
        units = units[np.argsort(drawn, kind="stable")]
        if one.together:
            size = city.size[units].astype(np.int64)
            units, size = (column[np.cumsum(size) <= one.people] for column in (units, size))
            turn = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
            units = np.repeat(units, size) + turn
        return np.sort(units[: one.people])

    def caught(self, number: int, day: int, guests: Ints, outbreak: Outbreak, disease: Disease) -> Caught:
        """Say whom the infectious guests infect; the first to reach a person has infected that person."""
        rows, weights = outbreak.infectious(outbreak.day)
        ledger = outbreak.ledger
        here = np.isin(ledger.person[rows], guests)
        bearers, weights = ledger.person[rows[here]].astype(np.int64), weights[here]
        left = guests[outbreak.infected[guests] == 0]
        who, by = np.tile(left, len(bearers)), np.repeat(bearers, len(left))
        hours = self.told[number].hours
        rate = np.repeat(weights, len(left)) / UNIT * disease.rates[VENUE] * hours
        traits = bands(self.city.age[who]), self.city.doses[who]
        chance = -np.expm1(-rate * np.asarray(disease.susceptibility)[traits])
        drawn = rng.words(rng.stream(self.seed, "at an occasion"), who, rng.moment(day + SHIFT_DAYS, number, by))
        found = np.flatnonzero(rng.happens(drawn, rng.thresholds(chance)))
        second = self.told[number].from_hour * HOUR + rng.below(drawn[found] << np.uint64(32), hours * HOUR)
        order = np.lexsort((by[found], second, who[found]))
        person, at = np.unique(who[found][order], return_index=True)
        return Caught(person, by[found][order][at], second[order][at])

    # --- Where they were ------------------------------------------------------------------------

    def visits(self, people: Ints, days: Ints) -> Presence:
        """Give the stays of people at occasions on engine days."""
        columns: list[list[NDArray[np.int64]]] = [[], [], [], []]
        for (number, day), guests in sorted(self.came.items()):
            if day not in days:
                continue
            mine = np.intersect1d(people, guests)
            start, end = self._span(number, day)
            for column, values in zip(columns, (mine, *_same(mine, place_of(number), start, end)), strict=True):
                column.append(values)
        return Presence(*(np.concatenate([np.zeros(0, np.int64), *column]) for column in columns))

    def companions(self, people: Ints, first: Ints, last: Ints) -> Companions:
        """Say with whom people were at occasions, each from an engine day to another (both included)."""
        columns: list[list[NDArray[np.int64]]] = [[], [], [], [], []]
        for (number, day), guests in sorted(self.came.items()):
            start, end = self._span(number, day)
            for case in np.intersect1d(people[(first <= day) & (day <= last)], guests).tolist():
                others = guests[guests != case]
                row = (np.full(len(others), case), others, *_same(others, place_of(number), start, end))
                for column, values in zip(columns, row, strict=True):
                    column.append(values)
        return Companions(*(np.concatenate([np.zeros(0, np.int64), *column]) for column in columns))

    def guests_at(self, place: int, day: int) -> Presence:
        """Give the stays of all who were at an occasion on an engine day."""
        number = number_of(place)
        guests = self.came.get((number, day), np.zeros(0, np.int64))
        return Presence(guests, *_same(guests, place, *self._span(number, day)))

    def _span(self, number: int, day: int) -> tuple[int, int]:
        start = day * DAY_SECONDS + self.told[number].from_hour * HOUR
        return start, start + self.told[number].hours * HOUR


def place_of(number: int) -> int:
    """Give the number of the place of an occasion."""
    return int(place_number(OCCASION_KIND, 0, number))


def is_occasion(place: int) -> bool:
    """Say whether a place is that of an occasion."""
    return place >> KIND_SHIFT == OCCASION_KIND


def number_of(place: int) -> int:
    """Say which occasion a place is of."""
    return place & ((1 << KIND_SHIFT) - 1)


def _same(rows: Ints, *values: int) -> list[Ints]:
    return [np.full(len(rows), value, np.int64) for value in values]
