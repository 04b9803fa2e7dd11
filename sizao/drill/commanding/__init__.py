"""Commands of a replay: levels, directives, letters and reports, played day by day through the verbs of production."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

from sizao.drill.commanding.actors import Actors
from sizao.drill.commanding.asking import Asking
from sizao.drill.commanding.directing import Directing
from sizao.drill.commanding.reporting import Morning
from sizao.drill.commanding.told import told_of
from sizao.drill.scenario import Scenario
from sizao.records.models import Outbreak

Happening = tuple[datetime, Callable[[], None]]


class Commanding:
    """What commands do in one replay; a scenario that tells nothing of them does nothing."""

    def __init__(self, scenario: Scenario, outbreak: Outbreak) -> None:
        self.first_date = scenario.first_date
        self.told = told_of(scenario)
        if self.told is None:
            return
        actors = Actors(scenario.area_names())
        self.mornings = Morning(outbreak, self.told.reports, actors)
        self.directing = Directing(outbreak, self.told.marks, actors)
        self.asking = Asking(outbreak, self.told.marks, actors)

    def report(self, day: date) -> None:
        """Report the day before, on the morning of a day."""
        if self.told is not None and day > self.first_date:
            self.mornings.carry(day)

    def act(self, day: date) -> None:
        """Do in the order of their moments what commands did on a day."""
        if self.told is None:
            return
        # Sorting keeps the order of the file where moments are the same.
        for _, happens in sorted(self._happenings(day), key=lambda one: one[0]):
            happens()

    def _happenings(self, day: date) -> Iterator[Happening]:
        for at, happens in self._all():
            if at.date() == day:
                yield at, happens

    def _all(self) -> Iterator[Happening]:
        assert self.told is not None
        for one in self.told.levels:
            yield one["at"], lambda one=one: self.directing.decide(one)
        for one in self.told.directives:
            yield one["at"], lambda one=one: self.directing.issue(one)
            for number, step in enumerate(one["steps"]):
                yield step["at"], lambda one=one, number=number: self.directing.step(one, number)
        for one in self.told.contacts:
            yield one["at"], lambda one=one: self.asking.lists(one)
        for one in self.told.letters:
            yield one["at"], lambda one=one: self.asking.ask(one)
            if "answered_at" in one:
                yield one["answered_at"], lambda one=one: self.asking.answer(one)
            if "closed_at" in one:
                yield one["closed_at"], lambda one=one: self.asking.close(one)
