"""
What a scenario tells of commands: levels, directives, letters, and how reports went up.

What was published stands with its source; what was not is made up, and its text says so, wherever it is read.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from sizao.drill.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Marks:
    """What is put behind a text, so that nobody takes for published what was made up."""

    made_up: str
    published: str
    ordered: str

    def said(self, text: str, source: str) -> str:
        """Give a text with what it rests on."""
        return text + (self.published.format(source=source) if source else self.made_up)

    def order(self, text: str, source: str) -> str:
        """Give the text of a directive: published or not, nobody published who signed it when."""
        return text + (self.ordered.format(source=source) if source else self.made_up)


@dataclass(frozen=True, slots=True)
class Returned:
    """A report that the level above returns once, and what its reporter answers."""

    reason: str
    corrected: str


@dataclass(frozen=True, slots=True)
class Reports:
    """When reports go up on the morning after, which are returned, and which do not come."""

    times: dict[str, time]
    returned: dict[tuple[date, str], Returned]
    missing: frozenset[tuple[date, str]]


@dataclass(frozen=True, slots=True)
class Play:
    """All that is told; the tables as they stand in the file."""

    marks: Marks
    reports: Reports
    levels: list[dict[str, Any]]
    directives: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    letters: list[dict[str, Any]]


def told_of(scenario: Scenario) -> Play | None:
    """Read what a scenario says of commands; None where it says nothing."""
    text = scenario.command_text()
    if text is None:
        return None
    found = tomllib.loads(text)
    marks = Marks(**found["marks"])
    return Play(
        marks=marks,
        reports=_reports(found["reports"], marks),
        **{name: found[name] for name in ("levels", "directives", "contacts", "letters")},
    )


def _reports(found: dict[str, Any], marks: Marks) -> Reports:
    return Reports(
        times={name: value for name, value in found.items() if isinstance(value, time)},
        returned={
            (one["date"], one["area"]): Returned(marks.said(one["reason"], ""), marks.said(one["corrected"], ""))
            for one in found["returned"]
        },
        missing=frozenset((one["date"], code) for one in found["missing"] for code in one["areas"]),
    )


def aware(moment: datetime) -> datetime:
    """Give a moment of the file in the zone of the jurisdiction."""
    return timezone.make_aware(moment, timezone.get_default_timezone())


def at(day: date, clock: time) -> datetime:
    """Give a clock time on a civil day of the jurisdiction."""
    return aware(datetime.combine(day, clock))
