"""
Carry the days of a drill as it is steered, while people look at it and act in it.

Between two days the drill stands in the morning: sources have told, and nobody has worked yet. What people then do is
followed up by the loop, as in production, and what they leave is the script's at the office hours.
"""

from collections.abc import Callable, Collection
from datetime import datetime

from sizao.drill.rehearsal import answering, report_file, steering
from sizao.drill.rehearsal.run import Running
from sizao.records import clock
from sizao.records.models import Event
from sizao.terms import Role

LOOKS_EVERY = 0.5  # seconds between two looks at how it is steered
LOOPS_EVERY = 5.0  # seconds between two runs of the loop while people act
MINUTE = 60.0


class Driving:
    """One drill being carried. `facts` works out its report; `seconds` is a clock that only goes forward."""

    def __init__(
        self, running: Running, *, facts: Callable[[Running], report_file.Facts], seconds: Callable[[], float]
    ) -> None:
        self.running, self.facts, self.seconds = running, facts, seconds
        self.day_began = self.looped = seconds()
        self.seen = 0  # the last line of the journal that the loop has followed up

    def turn(self, now: datetime) -> float:
        """Do the next thing there is to do, `now` being the machine's time; say for how many seconds to wait then."""
        steered = steering.standing(self.running.outbreak)
        self._leave_to(steered.by_people)
        if not self.running.is_over and not self.running.is_awake:
            self._wake(now)
        elif steered.until > self.running.next_day and self._has_lasted(steered.pace):
            self.running.carry()
        elif report_file.is_wanted(self.running.outbreak):
            report_file.write(self.running.outbreak, self.facts(self.running))
        else:
            self._follow_up(now)
            return LOOKS_EVERY
        return 0.0

    def _leave_to(self, people: Collection[Role]) -> None:
        left = self.running.office.by_people
        left.clear()
        left.update(people)

    def _wake(self, now: datetime) -> None:
        with clock.passing_midnight(self.running.outbreak):
            self.running.wake()
        self._answer(now)
        self.day_began = self.seconds()

    def _has_lasted(self, pace: float | None) -> bool:
        return pace is None or self.seconds() - self.day_began >= MINUTE / pace

    def _follow_up(self, now: datetime) -> None:
        """Run the loop when the journal has moved, a while after the last time."""
        if self.seconds() - self.looped < LOOPS_EVERY:
            return
        if (last := _last_line()) > self.seen:
            self.running.advance(self._answer(now))
            self.seen = max(last, _last_line())
        self.looped = self.seconds()

    def _answer(self, now: datetime) -> datetime:
        """Answer what people at the screens asked, and say what time it is in the drill."""
        present = clock.present(self.running.outbreak, now)
        answering.answer(self.running.office, present)
        return present


def _last_line() -> int:
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
