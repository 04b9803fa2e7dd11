"""Doses of vaccine before or during an outbreak, and courses of antivirals for the found."""

import numpy as np

from sizao.engines.simulation import rng
from sizao.engines.simulation.disease import N_DOSES
from sizao.engines.simulation.policy import Policy
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.spread import Outbreak

# Hospital admission of treated people of 65 and more against untreated ones: hazard ratio 0.27 (0.15-0.49), Omicron
# (Arbel and others, N Engl J Med 2022; 387: 790-798). One effect on all severe illness is assumed.
ANTIVIRAL_EFFECT = 0.73
# Days until a dose protects: two weeks, as studies of effectiveness count.
VACCINE_WORKS_DAYS = 14
_FULL = N_DOSES - 1


class Vaccination:
    """Third doses for the old: each of the reached is protected from a day of their own on."""

    def __init__(self, outbreak: Outbreak, policy: Policy) -> None:
        """Draw who is reached, and on which day; nobody who was infected by then counts any more."""
        self._outbreak = outbreak
        self._people, self._from = np.zeros(0, np.int64), np.zeros(0, np.int64)
        if policy.vaccinated == 0:
            return
        city = outbreak.world.city
        old = np.flatnonzero((city.age >= policy.vaccine_from_age) & (city.doses < _FULL))
        drawn = rng.words(rng.stream(outbreak.seed, "response: vaccination"), old, 0)
        reached = rng.happens(drawn, rng.thresholds(policy.vaccinated))
        self._people = old[reached]
        turn = rng.below(drawn[reached] << np.uint64(32), max(policy.vaccine_days, 1))
        self._from = turn + VACCINE_WORKS_DAYS if policy.vaccine_days else np.zeros(len(turn), np.int64)

    def step(self, day: int) -> None:
        """Protect those whose dose works from a day on."""
        people = self._people[self._from == day]
        people = people[self._outbreak.infected[people] == 0]
        if len(people):
            self._outbreak.protect(people, _FULL)


class Antivirals:
    """Courses given to the found; `given` counts them by day."""

    def __init__(self, outbreak: Outbreak, policy: Policy, *, days: int) -> None:
        """Begin with all of the stock."""
        self._outbreak, self._policy = outbreak, policy
        self.given = np.zeros(days, np.int64)
        self._treated: list[Ints] = []

    def give(self, rows: Ints, day: int) -> None:
        """Give courses to those of these rows of the ledger, found on a day, who are to get them."""
        policy, ledger = self._policy, self._outbreak.ledger
        if policy.antivirals == 0:
            return
        person = ledger.person[rows].astype(np.int64)
        old = self._outbreak.world.city.age[person] >= policy.antiviral_from_age
        early = ledger.symptomatic[rows] & (day <= ledger.onset[rows] + policy.antiviral_within_days)
        drawn = rng.words(rng.stream(self._outbreak.seed, "response: antivirals"), person, 0)
        people = person[old & early & rng.happens(drawn, rng.thresholds(policy.antivirals))]
        if policy.antiviral_stock >= 0:
            people = people[: max(policy.antiviral_stock - int(self.given.sum()), 0)]
        self.given[day] += len(people)
        self._treated.append(people)

    def spared(self) -> Ints:
        """Give the treated whom a course keeps from severe illness."""
        people = np.concatenate([np.zeros(0, np.int64), *self._treated])
        drawn = rng.words(rng.stream(self._outbreak.seed, "response: antiviral works"), people, 0)
        return people[rng.happens(drawn, rng.thresholds(ANTIVIRAL_EFFECT))]
