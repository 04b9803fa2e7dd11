"""What the scores of a drill look at: the records of the response beside the truth that it could not see."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from django.db.models import Count

from sizao.drill.rehearsal import lives
from sizao.drill.rehearsal.occasions import is_occasion
from sizao.drill.rehearsal.run import Running
from sizao.engines.simulation.disease import HOUSEHOLD, VENUE
from sizao.engines.simulation.presence import Companions
from sizao.engines.simulation.rng import Ints
from sizao.engines.simulation.world import FIRST_SLOT, GROUP, HOME, place_parts
from sizao.records.models import Case, Contact

MOST_CASES = 2_000  # whose companions are looked up; of more cases, so many evenly over time
MET_DAYS = 4  # before a case was found
NEVER = 1 << 30  # a day that does not come


class Looking:
    """A drill as far as it has gone; what takes long is worked out once, when it is first asked for."""

    def __init__(self, running: Running) -> None:
        self.running, self.life, self.outbreak = running, running.life, running.outbreak
        self.days = running.next_day

    @property
    def last_day(self) -> int:
        """The last engine day that was lived."""
        return self.days + self.life.lead - 1

    @cached_property
    def cases(self) -> tuple[Ints, Ints]:
        """People who are cases, and the day of the drill on which each was found; in the order of finding."""
        rows = Case.objects.filter(outbreak=self.outbreak).standing().order_by("opened_at", "pk")
        return self._people(rows.values_list("person__number", "opened_at"))

    @cached_property
    def contacts(self) -> tuple[Ints, Ints]:
        """People who are contacts, and the day of the drill on which each was found."""
        rows = Contact.objects.filter(outbreak=self.outbreak).order_by("found_at", "pk")
        return self._people(rows.values_list("person__number", "found_at"))

    def found_on(self, table: tuple[Ints, Ints]) -> Ints:
        """Give, for everybody of the city, the day on which they entered a table; NEVER for who did not."""
        day = np.full(self.life.city.people, NEVER, np.int32)
        person, when = table
        day[person[::-1]] = when[::-1]  # of two, the first
        return day

    @cached_property
    def met(self) -> "Met":
        """Whom the cases truly met in the days before they were found, and who lives with them."""
        return Met(self)

    @cached_property
    def lived(self) -> Mapping[str, list[int]]:
        """New infections by day: of the drill, of the life without a response, and of the perfect one."""
        return {
            "drill": lives.by_day(self.life, self.days),
            "nothing": lives.lived(self.running, lives.gather),
            "perfect": lives.lived(self.running, lives.hold_the_infected, lives.gather),
        }

    @cached_property
    def helped(self) -> Mapping[str, int]:
        """How many would have been infected, had one thing been otherwise; see `report_words.HELPED`."""
        again, gather = lives.as_ordered(self.running), lives.gather_as(self.running)
        ways: dict[str, tuple[lives.Order, ...]] = {
            "day_earlier": (lives.as_ordered(self.running, days_earlier=1),),
            "ill_at_once": (again, lives.hold_the_ill),
            "households_at_once": (again, self.met.holding(households_only=True)),
            "contacts_at_once": (again, self.met.holding(households_only=False)),
        }
        return {name: sum(lives.lived(self.running, *orders, gather)) for name, orders in ways.items()}

    def _people(self, rows: "list[tuple[str, object]]") -> tuple[Ints, Ints]:
        mine = [(self.life.person(number), self.life.day_of(at)) for number, at in rows if self.life.is_mine(number)]
        person, day = (np.array(column, np.int64) for column in zip(*mine, strict=True)) if mine else (_EMPTY, _EMPTY)
        return person, day


_EMPTY = np.zeros(0, np.int64)


class Met:
    """
    Columns of equal length: a person met or lived with, in which layer, and the day on which the first case of those
    who met that person there was found. Each person stands once for a layer; who was a case by then is left out.
    """

    def __init__(self, looking: Looking) -> None:
        self.looking = looking
        who, day = looking.cases
        if len(who) > MOST_CASES:
            chosen = np.linspace(0, len(who) - 1, MOST_CASES).astype(np.int64)
            who, day = who[chosen], day[chosen]
        parts = [self._with_household(person, found) for person, found in zip(who.tolist(), day.tolist(), strict=True)]
        parts += [self._away(who[day == one], one) for one in np.unique(day).tolist()]
        person, layer, found = (np.concatenate(column) for column in zip((_EMPTY,) * 3, *parts, strict=True))
        free = looking.found_on(looking.cases)[person] > found
        rows = np.column_stack((person, layer, found))[free]
        rows = rows[np.lexsort(rows.T[::-1])]
        first = np.ones(len(rows), bool)
        first[1:] = (rows[1:, :2] != rows[:-1, :2]).any(axis=1)
        self.person, self.layer, self.day = rows[first].T if len(rows) else (_EMPTY,) * 3

    def __len__(self) -> int:
        return len(self.person)

    @cached_property
    def delay(self) -> Ints:
        """Days from the finding of the case to that of the contact, 0 where it was not later; NEVER if it never was."""
        found = self.looking.found_on(self.looking.contacts)[self.person]
        return np.where(found == NEVER, NEVER, np.maximum(found - self.day, 0))

    def holding(self, *, households_only: bool) -> lives.Holding:
        """Hold these people from the day on which their case was found."""
        chosen = self.layer == HOUSEHOLD if households_only else np.ones(len(self), bool)
        return lives.Holding(self.person[chosen], self.day[chosen])

    def _with_household(self, person: int, found: int) -> tuple[Ints, Ints, Ints]:
        home = self.looking.life.household(person)
        home = home[home != person]
        return home, np.full(len(home), HOUSEHOLD), np.full(len(home), found)

    def _away(self, people: Ints, found: int) -> tuple[Ints, Ints, Ints]:
        met = self.looking.life.companions(people, found - MET_DAYS, found - 1)
        return met.person, self._layers(met), np.full(len(met), found)

    def _layers(self, met: Companions) -> Ints:
        life = self.looking.life
        kind, _, which = place_parts(met.place)
        at_occasion = np.array([is_occasion(int(place)) for place in met.place], bool)
        layer = np.full(len(met), VENUE, np.int64)
        layer[kind == HOME] = HOUSEHOLD
        in_group = kind == GROUP
        layer[in_group] = life.city.group_layer[which[in_group]]
        in_slot = (kind >= FIRST_SLOT) & ~at_occasion
        layer[in_slot] = life.world.slots.layer[kind[in_slot] - FIRST_SLOT]
        return layer


def by_date(rows: object, field: str) -> dict[object, int]:
    """Count rows by the day in one of their fields."""
    return dict(rows.values_list(field).annotate(Count("pk")).order_by(field))  # type: ignore[attr-defined]
