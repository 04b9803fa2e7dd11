"""
Other lives of the city of a drill: the same people, chances and courses of disease, under other orders.

Whoever is infected in two lives is ill alike in both, so that what differs between them comes from the orders alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sizao.drill.rehearsal.city_life import OCCASION, CityLife
from sizao.drill.rehearsal.run import Running
from sizao.engines.simulation import orders
from sizao.engines.simulation.rng import Ints

Order = Callable[[CityLife, int], None]
HELD_DAYS = 14  # for so long a life in which somebody is held at once holds that person


@dataclass(frozen=True, slots=True)
class Holding:
    """Who is held from a day of the drill on, for HELD_DAYS."""

    person: Ints
    day: Ints

    def __call__(self, life: CityLife, day: int) -> None:
        now = (self.day <= day) & (day < self.day + HELD_DAYS)
        life.hold(self.person[now], day, orders.ISOLATION)


def lived(running: Running, *given: Order) -> list[int]:
    """Live the days of a drill under other orders; give the infected of each day, from the first infection on."""
    life = CityLife(running.rehearsal, running.life.disease, running.life.names)
    for day in range(running.rehearsal.earliest_day, running.next_day):
        if day >= 0:
            for order in given:
                order(life, day)
        life.live(day)
    return by_day(life, running.next_day)


def by_day(life: CityLife, last: int) -> list[int]:
    """Count the infected of each day of a life, from the first infection to before a day of the drill."""
    day = life.outbreak.ledger.day
    return np.bincount(day[day < last + life.lead], minlength=last + life.lead).tolist()


def gather(life: CityLife, day: int) -> None:
    """Hold every gathering: nobody knows of an outbreak."""
    life.gather(day)


def hold_the_infected(life: CityLife, day: int) -> None:
    """Keep everybody infected from all others, from the first day on."""
    life.hold(life.outbreak.ledger.person, day, orders.ISOLATION)


def hold_the_ill(life: CityLife, day: int) -> None:
    """Keep everybody from all others from the day of the first symptoms on."""
    ledger = life.outbreak.ledger
    life.hold(ledger.person[ledger.symptomatic & (ledger.onset <= day + life.lead)], day, orders.ISOLATION)


def as_ordered(running: Running, *, days_earlier: int = 0) -> Order:
    """Give the orders of a drill as they came into force there, or so many days earlier."""
    log = running.life.log.columns()
    kept = (log["kind"] & ~OCCASION) > 0
    rows = np.flatnonzero(kept)[np.argsort(log["begin"][kept], kind="stable")]
    begin, end = log["begin"][rows] - days_earlier, log["end"][rows] - days_earlier
    person, kind = log["person"][rows], log["kind"][rows]
    areas = [
        (zone, first - days_earlier, last - days_earlier, bits)
        for zone, first, last, bits in running.life.log.area_rows
    ]

    def order(life: CityLife, day: int) -> None:
        at = day + life.lead
        for zone, first, last, bits in areas:
            if first == at:
                life.log.order_area(zone, first, last, bits)
        today = slice(*np.searchsorted(begin, [at, at + 1]))
        for one in np.unique(kind[today]).tolist():
            now = kind[today] == one
            for last_day in np.unique(end[today][now]).tolist():
                who = person[today][now & (end[today] == last_day)]
                life.log.hold(np.unique(who), at, last_day, one)

    return order


def gather_as(running: Running) -> Order:
    """Give the gatherings that were held in a drill; who is kept in this life does not come."""
    log = running.life.log.columns()
    held = set(log["begin"][(log["kind"] & OCCASION) > 0].tolist())

    def order(life: CityLife, day: int) -> None:
        if day + life.lead in held:
            life.gather(day)

    return order
