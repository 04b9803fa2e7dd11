"""The five parts of the command centre, each read on its own, so that only what changed is read again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sizao.response.reports import outlook
from sizao.response.reports.command import ahead, figures, full, late, standing
from sizao.response.reports.command.ahead import Ahead
from sizao.response.reports.command.full import Filled
from sizao.response.reports.command.late import LateGroup
from sizao.response.reports.command.watch import COUNTY, Watch
from sizao.response.reports.outlook import Outlook
from sizao.response.signals import StoodAlert
from sizao.response.tasks import levels
from sizao.terms import CommandFigure, CommandPart, ResponseLevel

# What a change of a stage may change; what the database counts under no stage concerns every part.
STAGES: dict[CommandPart, frozenset[str]] = {
    CommandPart.WHERE: frozenset({"cases", "tracing", "zoning", "signals", "tasks"}),
    CommandPart.LATE: frozenset({"tasks", "signals", "transport", "isolation", "oversight"}),
    CommandPart.FULL: frozenset({"isolation", "transport", "testing", "register"}),
    CommandPart.AHEAD: frozenset({"tasks", "signals", "transport", "testing", "isolation", "zoning"}),
    CommandPart.OVER: frozenset({"cases", "tracing", "isolation"}),
}
OF_OUTBREAK = (
    CommandFigure.CONFIRMED, CommandFigure.ASYMPTOMATIC, CommandFigure.PRELIMINARY, CommandFigure.CONTACTS_PLACED,
    CommandFigure.CONTACTS_FOUND, CommandFigure.AREAS_HIGH, CommandFigure.AREAS_MEDIUM,
)  # fmt: skip
OF_ROUTINE = (CommandFigure.ALERTS_WAITING, CommandFigure.SIGNALS_WAITING, CommandFigure.TASKS_OPEN)
AHEAD = tuple(one for one in CommandFigure if one.startswith("ahead_"))
LATE = (
    CommandFigure.TASKS_LATE,
    CommandFigure.ALERTS_LATE,
    CommandFigure.TRANSFERS_LATE,
    CommandFigure.ARRIVALS_LATE,
    CommandFigure.FINDINGS_LATE,
)
FULL = (
    CommandFigure.ROOMS_TAKEN, CommandFigure.BEDS_TAKEN, CommandFigure.VEHICLES_OUT, CommandFigure.LABORATORIES_FULL,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stood:
    """A figure now and at the end of the day before."""

    now: int
    before: int

    @property
    def change(self) -> int:
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Where:
    """
    Where an area stands: its figures, cases by county, and its response level.

    `level` is None where nobody has decided on one: that is routine, said by nobody.
    """

    figures: Mapping[CommandFigure, Stood]
    counties: Mapping[str, int]
    level: ResponseLevel | None
    level_since: datetime | None


@dataclass(frozen=True, slots=True)
class Late:
    """What is late: figures, tasks by kind and county with the longest overdue first, alerts that wait."""

    figures: Mapping[CommandFigure, int]
    groups: tuple[LateGroup, ...]
    alerts: tuple[StoodAlert, ...]

    @property
    def total(self) -> int:
        # A finding that is not mended in time is a late task too.
        return sum(count for figure, count in self.figures.items() if figure is not CommandFigure.FINDINGS_LATE)


@dataclass(frozen=True, slots=True)
class Full:
    """What is full, the fullest first, and the whole of each kind."""

    lines: tuple[Filled, ...]
    figures: Mapping[CommandFigure, int]


def where(watch: Watch) -> Where:
    """Read where an area stands."""
    shown = (*OF_OUTBREAK, *OF_ROUTINE) if watch.outbreak else OF_ROUTINE
    before = watch.yesterday()
    decided = watch.whole.once("levels", lambda: levels.Levels.at(watch.as_of, watch.outbreak))
    stands = decided.standing(watch.area_code)
    # In one question each, and still what the rows of the figure say.
    known = {
        CommandFigure.TASKS_OPEN: Stood(*standing.tasks_stood(watch, before)),
        CommandFigure.SIGNALS_WAITING: Stood(*standing.signals_stood(watch, before)),
    }
    return Where(
        figures={one: known.get(one) or Stood(figures.stood(one, watch), figures.stood(one, before)) for one in shown},
        counties=_counties(watch),
        level=stands.level if stands.decision else None,
        level_since=stands.decision.starts_at if stands.decision else None,
    )


def is_late(watch: Watch) -> Late:
    """Read what is late."""
    groups, alerts = tuple(late.tasks_late_by(watch)), tuple(standing.alerts(watch))
    # Counted where they are listed: the same rows are not asked for twice.
    known = {
        CommandFigure.TASKS_LATE: sum(one.count for one in groups),
        CommandFigure.ALERTS_LATE: sum(one.is_late for one in alerts),
    }
    return Late(
        figures={one: known[one] if one in known else figures.stood(one, watch) for one in LATE},
        groups=groups,
        alerts=alerts,
    )


def is_full(watch: Watch) -> Full:
    """Read what is full."""
    lines = tuple(full.filled(watch))
    totals = {one: sum(line.taken for line in lines if line.figure is one) for one in FULL}
    totals[CommandFigure.LABORATORIES_FULL] = sum(
        line.figure is CommandFigure.LABORATORIES_FULL and line.taken > line.all for line in lines
    )
    return Full(lines, totals)


def is_ahead(watch: Watch) -> dict[CommandFigure, Ahead]:
    """Read what comes within 2, 6 and 24 hours, by what it is."""
    farthest = replace(watch, hours=max(ahead.HORIZONS))
    return {
        one: ahead.tasks_within(watch)
        if one is CommandFigure.AHEAD_TASKS
        else ahead.within(watch, figures.due(one, farthest))
        for one in AHEAD
    }


def is_over(watch: Watch) -> Outlook | None:
    """Read the outlook of the outbreak; None without one. Raise NothingKnownOfDisease."""
    if watch.outbreak is None:
        return None
    day = watch.outbreak.day_of(watch.as_of)
    return outlook.read(watch.outbreak, watch.area_code, day=day, as_of=watch.as_of)


def _counties(watch: Watch) -> dict[str, int]:
    """Count confirmed and asymptomatic cases by county."""
    counted = Counter[str]()
    for one in (CommandFigure.CONFIRMED, CommandFigure.ASYMPTOMATIC) if watch.outbreak else ():
        for code, n in figures.told(one, watch):
            counted[code[:COUNTY]] += n
    return dict(counted)
