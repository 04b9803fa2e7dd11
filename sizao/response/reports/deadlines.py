"""By when a report is owed: the one place that says so, with what it rests on."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from sizao.protocol import Rules
from sizao.records.models import ReportingUnit
from sizao.response.tasks.levels.standing import Rhythm
from sizao.response.tasks.reporting import INTERVAL, due_of_area
from sizao.terms import ResponseLevel


@dataclass(frozen=True, slots=True)
class Cited:
    """A value of an edition that says by when a report is owed; `key` is empty where the edition says nothing."""

    edition: str
    key: str = ""


# What says so: the notice that gave a unit its duty, the level of an area, or a value of the edition.
SaidBy = str | ResponseLevel | Cited


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a report about a day is due, None where no rule gives a time; and what says so, for people to read."""

    due_at: datetime | None
    said_by: SaidBy
    basis: tuple[dict[str, Any], ...] = ()

    def late(self, submitted_at: datetime | None, as_of: datetime) -> bool:
        """Tell whether a report came after its time, or has not come though its time is over."""
        return self.due_at is not None and (submitted_at or as_of) > self.due_at


def of_area(rules: Rules, day: date, rhythm: Rhythm | None) -> Deadline:
    """
    Say by when province, city and county report a day: by the rhythm of their response level, else by the edition.

    `rhythm` is None where nobody decided on a level.
    """
    due_at, why = due_of_area(rules, day, rhythm)
    if rhythm is not None:
        return Deadline(due_at, rhythm.level)
    return Deadline(due_at, Cited(rules.edition, "" if due_at is None else INTERVAL), tuple(why))


def of_unit(unit: ReportingUnit, day: date) -> Deadline:
    """Say by when a unit reports a day: so many hours after its end, by the notice that gave it the duty."""
    over_at = datetime.combine(day + timedelta(days=1), time(), tzinfo=timezone.get_current_timezone())
    return Deadline(over_at + timedelta(hours=unit.due_hour), unit.basis)


# The same where the database counts units: `day` and the time zone are given.
OF_UNIT = "((%(day)s + 1 + due_hour * interval '1 hour') AT TIME ZONE %(zone)s)"
