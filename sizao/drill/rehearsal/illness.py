"""How ill the infected of a drill are, and where they go with it: what clinics and hospitals see of the truth."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from sizao.drill.rehearsal.city_life import CityLife
from sizao.engines.simulation import care, rng
from sizao.engines.simulation.areas import TOWN
from sizao.engines.simulation.care import FEVER_CLINIC, NEVER, PHARMACY, VILLAGE_DOCTOR, Fates, Seeking
from sizao.engines.simulation.people import bands
from sizao.engines.simulation.rng import Ints

DOORS = (VILLAGE_DOCTOR, PHARMACY, FEVER_CLINIC)
RURAL, URBAN = 0, 1
# A division code tells by its last three digits whether an area below the county is a street or a township.
FIRST_TOWNSHIP = 100
LONGEST_DELAY = 30  # days from onset to the doctor that are looked at
_SEVERE_WITHIN = 60  # days from onset


class Course(NamedTuple):
    """The days of the drill from which somebody is severely ill and on which this ends, with death or without."""

    severe: int
    ends: int
    dies: bool


class Illness:
    """The ill of a drill: who goes where on a day, who is taken to hospital, and who comes with another cough."""

    def __init__(self, life: CityLife) -> None:
        self.life = life
        told = life.rehearsal.care
        self.habit = Seeking(shares=np.array([told.rural, told.urban]))
        zones = life.city.zones
        self.towns = np.arange(zones.base[TOWN], zones.base[TOWN + 1])
        self.town_codes = [f"{int(code):09}" for code in zones.code[self.towns]]
        self._settings = np.array(
            [RURAL if int(code[-3:]) >= FIRST_TOWNSHIP else URBAN for code in self.town_codes], np.int64
        )

    def town_of(self, people: Ints) -> Ints:
        """Say in which of the townships, counted from 0, people live."""
        zones = self.life.city.zones
        found: Ints = zones.of[TOWN][self.life.city.community[people]] - zones.base[TOWN]
        return found

    def seeking(self, day: int) -> tuple[Ints, Ints]:
        """Say who of the infected goes to a doctor or a pharmacy on a day, and to which door."""
        ledger, lead = self.life.outbreak.ledger, self.life.lead
        onset = ledger.onset.astype(np.int64) - lead
        ill = ledger.symptomatic & (onset <= day) & (onset >= day - LONGEST_DELAY)
        people = ledger.person[ill].astype(np.int64)
        setting = self._settings[self.town_of(people)]
        door, when = care.sought(self.life.rehearsal.seed, self.habit, people, onset[ill], setting)
        today = when == day
        return people[today], door[today]

    def fates(self, people: Ints, onset: Ints) -> Fates:
        """Say how the infections of people end, on days of the drill."""
        city = self.life.city
        band, doses = bands(city.age[people]), city.doses[people].astype(np.int64)
        return care.fates(self.life.rehearsal.seed, self.life.disease, people, onset, band, doses)

    def courses(self, people: Ints) -> dict[int, Course]:
        """Say how it goes with those of some people who are, were or will be severely ill."""
        ledger = self.life.outbreak.ledger
        rows = np.flatnonzero(ledger.symptomatic & np.isin(ledger.person, people))
        ill, onset = ledger.person[rows].astype(np.int64), ledger.onset[rows].astype(np.int64) - self.life.lead
        told = self.fates(ill, onset)
        columns = zip(ill.tolist(), told.severe.tolist(), told.leaves.tolist(), told.death.tolist(), strict=True)
        return {
            person: Course(severe, death if death != NEVER else leaves, death != NEVER)
            for person, severe, leaves, death in columns
            if severe != NEVER
        }

    def severe_on(self, day: int) -> Ints:
        """Say whose illness becomes severe on a day; those without symptoms never are."""
        ledger = self.life.outbreak.ledger
        onset = ledger.onset.astype(np.int64) - self.life.lead
        ill = ledger.symptomatic & (onset <= day) & (onset >= day - _SEVERE_WITHIN)
        people = ledger.person[ill].astype(np.int64)
        return people[self.fates(people, onset[ill]).severe == day]

    def is_severe(self, person: int, day: int) -> bool:
        """Say whether a person's illness is severe on a day."""
        onset = self.life.onset_day(person)
        if onset is None:
            return False
        told = self.fates(np.array([person]), np.array([onset]))
        return onset <= int(told.severe[0]) <= day < int(told.leaves[0])

    def background(self, door: int, day: int) -> Ints:
        """Count, by township, who comes to a door with another illness on a day."""
        zones = self.life.city.zones
        first, count = zones.start[self.towns], zones.size[self.towns]
        rate = self.life.rehearsal.care.background[DOORS.index(door)]
        # Each door draws by a seed of its own, or the same people would come to all of them.
        seed = rng.stream(self.life.rehearsal.seed, f"background of door {door}")
        people = care.background(seed, self._poisson, first, count, rate, day)
        return np.bincount(self.town_of(people), minlength=len(self.towns))

    @cached_property
    def _poisson(self) -> np.ndarray:
        return rng.poisson_table()
