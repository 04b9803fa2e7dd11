"""
How long a directive may wait for its receipt, and after how long an overdue task goes up a step, as a table.

No edition says any of it, so each row is local and unverified: it is used, it is said, and an authority can confirm it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sizao.errors import SizaoError
from sizao.protocol.faults import unreadable
from sizao.protocol.shipped import shipped_text
from sizao.protocol.values import Value
from sizao.terms import Phrase, Urgency, ValueStatus

FILE = "escalation.toml"
SECTION = "escalation"
KEYS = (
    *(f"receipt_{one}_hours" for one in Urgency),
    "acceptance_hours", "first_step_hours", "next_step_hours",
)  # fmt: skip


class FaultyEscalationTable(SizaoError):
    code = "protocol.escalation_table"
    message = "{file} cannot be read: {reason}. Mend the table; it comes with the program."


@dataclass(frozen=True, slots=True)
class Escalation:
    """The hours of the table, each a value with its name and status; `named` holds what they are called."""

    values: Mapping[str, Value]
    named: Mapping[str, tuple[str, str]]

    def hours(self, key: str) -> timedelta:
        """Give the hours of a row as a duration."""
        return timedelta(hours=self.values[key].number)

    def receipt(self, urgency: Urgency) -> Value:
        """Give the hours within which a directive is to be received."""
        return self.values[f"receipt_{urgency}_hours"]

    def titles(self) -> Iterator[tuple[str, str, str]]:
        """Yield the key of each value with what it is called in Chinese and in English."""
        for key, (zh, en) in self.named.items():
            yield f"{SECTION}.{key}", zh, en


@cache
def shipped_escalation() -> Escalation:
    """Read the shipped table."""
    return read(shipped_text(FILE))


def read(text: str) -> Escalation:
    """Read a table. Raise FaultyEscalationTable."""
    try:
        whole: dict[str, Any] = tomllib.loads(text)
        rows = {str(row["key"]): row for row in whole["clocks"]}
        values = {key: _value(str(whole["id"]), key, rows[key]) for key in KEYS}
        named = {key: (str(rows[key]["zh"]), str(rows[key]["en"])) for key in KEYS}
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as fault:
        raise FaultyEscalationTable(file=FILE, reason=unreadable(fault)) from fault
    if unknown := sorted(set(rows) - set(KEYS)):
        raise FaultyEscalationTable(
            file=FILE, reason=Phrase(f"it knows no {', '.join(unknown)}", f"没有名为{'、'.join(unknown)}的键")
        )
    return Escalation(values, named)


def _value(origin: str, key: str, row: Mapping[str, Any]) -> Value:
    hours = row["hours"]
    if isinstance(hours, bool) or not isinstance(hours, int | float) or hours < 0:
        message = f"{key} holds {hours}, which is no number of hours"
        raise ValueError(message)
    return Value(
        key=f"{SECTION}.{key}",
        value=hours,
        edition=origin,
        status=ValueStatus.UNVERIFIED,
        rests_on=ValueStatus.UNVERIFIED,
        note="A choice of this house; no document at hand.",
        meaning=str(row["en"]),
    )
