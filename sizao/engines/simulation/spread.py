"""
How an outbreak runs through a city, day by day, at a cost in proportion to the infectious.

Each person's course (how long until infectious and ill, with or without symptoms, how infectious) is drawn by
the person's number alone. Two runs that differ in one measure therefore give the same person the same
course, and differ only in what the measure changed.
"""

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sizao.engines.simulation import rng, spread_arrays, spread_kernels
from sizao.engines.simulation.disease import UNIT, Course, Disease, course
from sizao.engines.simulation.ledger import IMPORTED, Ledger, LedgerRoom
from sizao.engines.simulation.orders import OrderLog
from sizao.engines.simulation.packed import DOSES_BITS, TRAITS, Packed, packed
from sizao.engines.simulation.people import bands
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.spread_kernels import BY, IN_LAYER, PLACE, SECOND, WHO, Spreading
from sizao.engines.simulation.world import World
from sizao.errors import SizaoError

Engine = Literal["numba", "numpy"]
LATEST_DAY = 32_000  # days are kept in 16 bits
_UNIT_BITS = UNIT.bit_length() - 1
# So many infectious people at a time, and room for so many events of each at first: a wave then takes little room
# beside the ledger.
_AT_ONCE, _ROOM_EACH = 1 << 16, 2


class DayOutOfOrder(SizaoError):
    """A day that the simulation has passed, or cannot count."""

    code = "simulation.day_out_of_order"
    message = "Day {day} cannot be simulated: days follow each other from 0, and the next one is {expected}."


class Outbreak:
    """
    One outbreak in one world. `infect` brings it in, `step` runs the next day, `ledger` tells the truth.

    Orders are read from `log` as they stand when a day is run; `world` must have been made with the same log. A world
    can be packed once and given to many outbreaks (`ready`).
    """

    def __init__(
        self,
        world: World,
        log: OrderLog,
        disease: Disease,
        *,
        seed: int,
        engine: Engine = "numba",
        ready: Packed | None = None,
    ) -> None:
        self.world, self.log, self.disease, self.seed = world, log, disease, seed
        self.day = 0
        self.course: Course = course(disease)
        # One more than the day of infection, 0 for those who never were: memory that nobody touches costs nothing.
        self.infected: NDArray[np.int16] = np.zeros(world.city.people, np.int16)
        self.engine = engine
        self._room = LedgerRoom()
        self._out = np.empty((4096, 5), np.int64)
        self._protected = False
        names = ("events", "pick", "catch")
        self._spreading = Spreading(
            world=ready or packed(world),
            infected=self.infected,
            group_layer=world.city.group_layer,
            keys=np.array([rng.stream(seed, f"spread: {name}") for name in names], np.uint64),
            poisson=_poisson_table(),
            per_contact=self.course.per_contact,
            per_second=self.course.per_second,
            susceptibility=self.course.susceptibility.ravel(),
        )

    @property
    def ledger(self) -> Ledger:
        """Give all infections so far."""
        return self._room.read()

    @property
    def count(self) -> int:
        """Count the infections so far."""
        return self._room.count

    @property
    def packed(self) -> Packed:
        """Give the world as compiled code reads it, with the orders as they now stand."""
        orders = self.log.orders
        return self._spreading.world._replace(
            last=orders.last, log=orders.log, areas=orders.areas, first_day=orders.first_day
        )

    def infect(self, people: Ints) -> None:
        """Infect people from outside on the day that comes next; who already was is passed over."""
        fresh = np.unique(np.asarray(people, np.int64))
        fresh = fresh[self.infected[fresh] == 0]
        outside = np.full(len(fresh), IMPORTED, np.int64)
        self._enter(fresh, outside, outside, outside, np.zeros(len(fresh), np.int64), self.day)

    def pass_on(self, people: Ints, infectors: Ints, seconds: Ints, *, layer: int, place: int) -> None:
        """
        Infect people (each once) of others at a place that the world does not know, on the day that comes next.

        `seconds` count from midnight; who already was infected is passed over.
        """
        fresh = self.infected[people] == 0
        people, infectors, seconds = people[fresh], infectors[fresh], seconds[fresh]
        layers, places = np.full(len(people), layer), np.full(len(people), place)
        self._enter(people, infectors, layers, places, seconds, self.day)

    def take_over(self, people: Ints, onset: Ints, spreading: NDArray[np.bool_]) -> None:
        """
        Enter people (each once) who were infected before the day that comes next, by the days of their onset.

        Each was infected as long before as that person's incubation takes, at the latest yesterday. Who is not
        `spreading` infects nobody any more: kept apart, or well again. Do so once, before anything else.
        """
        infected = self._infected_on(people, onset)
        order = np.argsort(infected, kind="stable")
        people, onset, infected = (np.asarray(column, np.int64)[order] for column in (people, onset, infected))
        outside = np.full(len(people), IMPORTED, np.int64)
        self._enter(people, outside, outside, outside, np.zeros(len(people), np.int64), infected, onset=onset)
        self.ledger.scale[~spreading[order]] = 0

    def _infected_on(self, people: Ints, onset: Ints) -> Ints:
        pace = rng.words(rng.stream(self.seed, "course: pace"), people, 0)
        infected: Ints = np.minimum(onset - rng.drawn_from(self.course.incubation, pace), self.day - 1)
        return infected

    def protect(self, people: Ints, doses: int) -> None:
        """Give people so many doses, with effect from now on; what the city is built of stays as it was."""
        city = self.world.city
        if not self._protected:
            city = city._replace(doses=city.doses.copy())
            self.world = self.world._replace(city=city)
            ready = self._spreading.world
            self._spreading = self._spreading._replace(world=ready._replace(people=ready.people.copy()))
            self._protected = True
        city.doses[people] = doses
        traits = self._spreading.world.people[:, TRAITS]
        traits[people] = (traits[people] & ~(15 << DOSES_BITS)) | (doses << DOSES_BITS)

    def step(self, day: int) -> int:
        """Run one day; days follow each other from 0. Give the number of new infections. Raise DayOutOfOrder."""
        if day != self.day or day > LATEST_DAY:
            raise DayOutOfOrder(day=day, expected=self.day)
        found = self._infections(day)
        # The first to reach a person has infected that person.
        order = np.lexsort((found[:, BY], found[:, SECOND], found[:, WHO]))
        found = found[order]
        found = found[np.append(True, found[1:, WHO] != found[:-1, WHO])[: len(found)]]
        found = found[np.lexsort((found[:, WHO], found[:, SECOND]))]
        self._enter(found[:, WHO], found[:, BY], found[:, IN_LAYER], found[:, PLACE], found[:, SECOND], day)
        self.day += 1
        return len(found)

    def infectious(self, day: int) -> tuple[Ints, Ints]:
        """Give the rows of the ledger that are infectious on a day, and how much, in units of 2^-16."""
        ledger = self.ledger
        rows = np.flatnonzero((ledger.first <= day) & (day <= ledger.last))
        return rows, self._weights(rows, day)

    def _weights(self, rows: Ints, day: int) -> Ints:
        ledger = self.ledger
        since = day - ledger.onset[rows] - self.course.first_day
        weights: Ints = (ledger.scale[rows].astype(np.int64) * self.course.infectiousness[since]) >> _UNIT_BITS
        return weights

    def _infections(self, day: int) -> Ints:
        """Find whom the infectious infect on a day, some of them several times; BY is the person, not a row."""
        ledger, sim = self.ledger, self._spreading._replace(world=self.packed)
        world = self.world._replace(orders=self.log.orders)
        infectious = np.flatnonzero((ledger.first <= day) & (day <= ledger.last))
        parts = [np.zeros((0, 5), np.int64)]
        for first in range(0, len(infectious), _AT_ONCE):
            rows = infectious[first : first + _AT_ONCE]
            people, weights = ledger.person[rows].astype(np.int64), self._weights(rows, day)
            if self.engine == "numpy":
                found = spread_arrays.infections(sim, world, people, weights, day)
            else:
                found = self._written(sim, people, weights, day)
            found[:, BY] = people[found[:, BY]]
            parts.append(found)
        return np.concatenate(parts)

    def _written(self, sim: Spreading, people: Ints, weights: Ints, day: int) -> Ints:
        if len(self._out) < _ROOM_EACH * len(people):
            self._out = np.empty((_ROOM_EACH * len(people), 5), np.int64)
        while True:
            count = spread_kernels.write_infections(sim, people, weights, day, self._out)
            if count <= len(self._out):
                return self._out[:count].copy()
            self._out = np.empty((count, 5), np.int64)

    def _enter(
        self,
        person: Ints,
        infector: Ints,
        layer: Ints,
        place: Ints,
        second: Ints,
        day: int | Ints,
        *,
        onset: Ints | None = None,
    ) -> None:
        # Whoever was infected before day 0 counts as infected on it, so that 0 is left for those who never were.
        self.infected[person] = np.maximum(np.asarray(day) + 1, 1)
        table, city = self.course, self.world.city
        pace = rng.words(rng.stream(self.seed, "course: pace"), person, 0)
        latent = np.maximum(rng.drawn_from(table.latent, pace), 1)
        onset = day + rng.drawn_from(table.incubation, pace) if onset is None else onset
        symptoms = rng.words(rng.stream(self.seed, "course: symptoms"), person, 0)
        symptomatic = rng.happens(symptoms, table.symptomatic[bands(city.age[person])])
        differs = rng.words(rng.stream(self.seed, "course: infectiousness"), person, 0)
        factor = table.variation[rng.below(differs, len(table.variation))]
        factor = factor * np.where(symptomatic, UNIT, table.asymptomatic_factor) >> _UNIT_BITS
        self._room.add(
            person=person,
            infector=infector,
            layer=layer,
            place=place,
            day=np.broadcast_to(day, person.shape),
            second=second,
            onset=onset,
            symptomatic=symptomatic,
            first=np.maximum(day + latent, onset + table.first_day),
            last=onset + table.first_day + len(table.infectiousness) - 1,
            scale=factor * table.infectivity[city.doses[person]] >> _UNIT_BITS,
        )


@cache
def _poisson_table() -> NDArray[np.uint32]:
    return rng.poisson_table()
