"""
What time it is in an installation: where a drill is rehearsed, its clock; anywhere else, the machine's.

The clock of a drill jumps from one stop to the next. From a stop on it goes with the machine's, so that what people do
follows in time, and it waits before the next stop. Each stop is a line of the journal: whoever looks, in whichever
process, sees one time, and a server that was killed finds it again.
"""

from datetime import datetime, timedelta

from sizao.records import journal
from sizao.records.models import Outbreak
from sizao.terms import OutbreakKind

SET = "outbreak.clock_set"


def set_to(*, outbreak: Outbreak, at: datetime, before: datetime) -> None:
    """Set the clock of a drill to a moment; it goes on from there with the machine's, and stops short of `before`."""
    journal.write(SET, outbreak, by=None, at=at, open_seconds=max((before - at).total_seconds() - 1, 0))


def drill_here() -> Outbreak | None:
    """Give the drill that this installation rehearses; None where there is none."""
    return Outbreak.objects.filter(kind=OutbreakKind.DRILL).order_by("-pk").first()


def present(drill: Outbreak | None, now: datetime) -> datetime:
    """Say what time it is, `now` being the machine's: the drill's where its clock was set, else that."""
    line = journal.history(drill).filter(verb=SET).order_by("-pk").first() if drill else None
    if line is None:
        return now
    gone = min(max(now - line.written_at, timedelta(0)), timedelta(seconds=line.facts["open_seconds"]))
    return line.at + gone
