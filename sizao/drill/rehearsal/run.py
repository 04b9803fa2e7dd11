"""
A drill from day to day: production code on a city that it cannot see into, with a clock that jumps.

Each day is one transaction that ends with a line in the journal. A drill that was stopped lives its days through
again, from the orders on record, and goes on with the next one.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from sizao.drill.rehearsal import doors, effects, marks, officers
from sizao.drill.rehearsal.asking import Asking
from sizao.drill.rehearsal.city_life import CityLife
from sizao.drill.rehearsal.office import Office, staff_of
from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.drill.rehearsal.sending import Sending
from sizao.drill.rehearsal.steering import BEGUN, DAY_DONE, MORNING_DONE, days_done, is_awake, lines
from sizao.engines.simulation.disease import Disease
from sizao.errors import SizaoError
from sizao.records import clock, journal
from sizao.records.models import Outbreak
from sizao.response import flow, outbreaks, register
from sizao.terms import OutbreakKind

VARIANT = "drill.variant"
# What their lines keep to.
KEPT = {BEGUN: "scenario", VARIANT: "variant"}
CITY = "version of the simulated city"
EVENING = time(23, 59)
BEFORE_MIDNIGHT = timedelta(hours=1)  # of the first day: when a drill is opened


class RealOutbreakHere(SizaoError):
    code = "drill.real_outbreak_here"
    message = (
        "This database holds the outbreak {slug}, which is {kind}: a drill has a database of its own. "
        "Start it with another SIZAO_VAR or DATABASE_URL."
    )


class ScenarioChanged(SizaoError):
    code = "drill.scenario_changed"
    message = (
        "The drill {slug} was begun with another {what}, so that its past days would be lived in another city. "
        "Start it anew in an empty folder (SIZAO_VAR); a changed file may also have another slug."
    )


@dataclass(slots=True)
class Running:
    """A drill under way: its city, its officers, and how far it is."""

    rehearsal: Rehearsal
    outbreak: Outbreak
    life: CityLife
    office: Office
    sending: Sending
    next_day: int
    is_awake: bool = False  # the morning of the next day has come, the rest of it has not
    noted: int = 0  # infections that the journal's lines of days have summed up

    @property
    def is_over(self) -> bool:
        return self.next_day >= self.rehearsal.n_days

    def wake(self) -> dict[str, int]:
        """
        Let the next morning come, and stop there for people to work: all of it is kept, or nothing.

        Orders take force, sources tell, the loop runs. The clock then goes with that of the machine until the office
        hours of the scripted officers.
        """
        day, habits = self.next_day, self.rehearsal.habits
        morning, office = (self.life.moment(day, time(hour)) for hour in (habits.morning_hour, habits.hours[0]))
        with transaction.atomic():
            effects.carry(self.life, self.outbreak, day, self.life.moment(day))
            done = doors.send(self.sending, day, morning)
            self.advance(morning)
            journal.write(MORNING_DONE, self.outbreak, by=None, at=morning, day=day, done=done)
            clock.set_to(outbreak=self.outbreak, at=morning, before=office)
        self.is_awake = True
        return done

    def carry(self) -> dict[str, int]:
        """Live through one day, or what is left of it: all of it is kept, or nothing."""
        day = self.next_day
        with transaction.atomic():
            morning = {} if self.is_awake else self.wake()
            done = self._office_hours(day)
            infected = self.life.live(day, gathers=False)
            at, refused = self.life.moment(day, EVENING), self.office.asking.taken()
            lived = marks.of_infections(self.life.outbreak.ledger, self.noted)
            journal.write(DAY_DONE, self.outbreak, by=None, at=at, day=day, refused=refused, done=done, lived=lived)
            clock.set_to(outbreak=self.outbreak, at=at, before=self.life.moment(day + 1))
        self.next_day, self.is_awake, self.noted = day + 1, False, self.life.outbreak.count
        return morning | done | {"infected": infected}

    def _office_hours(self, day: int) -> dict[str, int]:
        done: Counter[str] = Counter()
        habits = self.rehearsal.habits
        for hour in habits.hours:
            now = self.life.moment(day, time(hour))
            done.update(officers.work(self.office, now, officers.at_work(habits, hour)))
            self.advance(now)
        return dict(done)

    def advance(self, now: datetime) -> None:
        """Run the loop once."""
        flow.advance(outbreak=self.outbreak, now=now)


def begin(rehearsal: Rehearsal, disease: Disease, areas: list[register.AreaEntry]) -> Running:
    """
    Begin a drill, or take one up where it was left.

    Raise RealOutbreakHere where the database holds anything but drills, ScenarioChanged where its past days would be
    lived otherwise: in another scenario, with another variant, or by another version of the simulated city.
    """
    outbreak = open_here(rehearsal, areas)
    _keep_to(outbreak, VARIANT, marks.of_variant(disease), now=_opening(rehearsal))
    life = CityLife(rehearsal, disease, {one.code: one.short_name for one in areas})
    staff = staff_of(rehearsal, now=_opening(rehearsal))
    office = Office(rehearsal, outbreak, staff, Asking(rehearsal, outbreak, life))
    running = Running(rehearsal, outbreak, life, office, Sending.begun(rehearsal, outbreak, life), 0)
    _live_again(running, days_done(outbreak))
    return running


@transaction.atomic
def open_here(rehearsal: Rehearsal, areas: list[register.AreaEntry]) -> Outbreak:
    """
    Open the outbreak of a drill, with its areas, or find it open; its city need not be built for that.

    Raise RealOutbreakHere where the database holds anything but drills, ScenarioChanged for another scenario.
    """
    _only_drills()
    outbreak, now = Outbreak.objects.filter(slug=rehearsal.slug).first(), _opening(rehearsal)
    if outbreak is None:
        register.load_areas(areas, by=None, now=now)
        outbreak = outbreaks.open(
            slug=rehearsal.slug, name=rehearsal.name, name_en=rehearsal.name_en, disease=rehearsal.disease,
            kind=OutbreakKind.DRILL, area_code=rehearsal.area_code, first_date=rehearsal.first_date,
            last_date=rehearsal.last_date, by=None, now=now,
        )  # fmt: skip
        clock.set_to(outbreak=outbreak, at=now, before=now + BEFORE_MIDNIGHT)
    means = rehearsal.means
    _keep_to(outbreak, BEGUN, marks.of_scenario(rehearsal), now=now, rooms=means.rooms, beds=means.beds)
    return outbreak


def _opening(rehearsal: Rehearsal) -> datetime:
    midnight = datetime.combine(rehearsal.first_date, time(), tzinfo=timezone.get_default_timezone())
    return midnight - BEFORE_MIDNIGHT


def run(running: Running, *, until: int | None = None, tell: Callable[[int, dict[str, int]], None]) -> None:
    """Go on to the last day, or to a day; `tell` hears of each day that is over."""
    last = running.rehearsal.n_days if until is None else min(until, running.rehearsal.n_days)
    while running.next_day < last:
        day = running.next_day
        tell(day, running.carry())


def _only_drills() -> None:
    other = Outbreak.objects.exclude(kind=OutbreakKind.DRILL).order_by("pk").first()
    if other is not None:
        raise RealOutbreakHere(slug=other.slug, kind=OutbreakKind(other.kind).en)


def _keep_to(outbreak: Outbreak, verb: str, mark: str, *, now: datetime, **facts: int) -> None:
    """Note the scenario, or the variant, that a drill was begun with, and refuse any other; `facts` are for pages."""
    what = KEPT[verb]
    begun = lines(outbreak, verb).first()
    if begun is None:
        journal.write(verb, outbreak, by=None, at=now, **{what: mark}, **facts)
    elif begun.facts[what] != mark:
        raise ScenarioChanged(slug=outbreak.slug, what=what)


def _live_again(running: Running, days: int) -> None:
    """Let the days pass that came before: those before the first, and those that were carried already."""
    for day in range(running.rehearsal.earliest_day, 0):
        running.life.live(day)
    noted = dict(lines(running.outbreak, DAY_DONE).values_list("facts__day", "facts__lived"))
    for day in range(days):
        _wake_again(running, day)
        running.life.live(day, gathers=False)
        lived = marks.of_infections(running.life.outbreak.ledger, running.noted)
        # Days that were lived before this was noted say nothing.
        if (noted.get(day) or lived) != lived:
            raise ScenarioChanged(slug=running.outbreak.slug, what=CITY)
        running.noted = running.life.outbreak.count
    running.next_day = days
    if is_awake(running.outbreak):
        _wake_again(running, days)
        running.is_awake = True


def _wake_again(running: Running, day: int) -> None:
    effects.carry(running.life, running.outbreak, day, running.life.moment(day))
    doors.live_again(running.sending, day)
