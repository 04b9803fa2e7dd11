"""
Looking after people in a site, as a table: what is a fever, what is reported at once, when a session is over.

Nothing here touches anybody's freedom: it decides what a doctor is told at once. An unverified row is used, and said.
"""

import tomllib
from dataclasses import dataclass
from datetime import time
from functools import cache
from typing import Any

from sizao.errors import SizaoError
from sizao.protocol.faults import unreadable
from sizao.protocol.shipped import shipped_text
from sizao.terms import Phrase, Session, Symptom, ValueStatus

FILE = "observation.toml"
_SYMPTOMS = {str(one): one for one in Symptom}
COLDEST, HOTTEST = 30.0, 45.0  # of a thermometer for people; the database holds the same


class FaultyObservationTable(SizaoError):
    code = "protocol.observation_table"
    message = "{file} cannot be read: {reason}. Mend the table; it comes with the program."


@dataclass(frozen=True, slots=True)
class Watching:
    """From which temperature (°C, armpit) on it is a fever, what is reported at once, and when sessions are over."""

    fever_from: float
    reported: frozenset[Symptom]
    urgent: frozenset[Symptom]
    over_at: dict[Session, time]
    unverified: bool

    def alarms(self, temperature_c: float | None, symptoms: tuple[Symptom, ...] | None) -> frozenset[Symptom]:
        """Say what of an observation is reported at once; what was not measured or not asked alarms nobody."""
        fever = {Symptom.FEVER} if temperature_c is not None and temperature_c >= self.fever_from else set()
        return frozenset(fever | (set(symptoms or ()) & self.reported))


@cache
def watching() -> Watching:
    """Read the shipped table."""
    return read(shipped_text(FILE))


def read(text: str) -> Watching:
    """Read a table. Raise FaultyObservationTable."""
    try:
        tables: dict[str, dict[str, Any]] = tomllib.loads(text)
        fever, reported, sessions = tables["fever"], tables["reported"], tables["sessions"]
        found = Watching(
            fever_from=float(fever["at_least_celsius"]),
            reported=frozenset(_SYMPTOMS[one] for one in reported["symptoms"]),
            urgent=frozenset(_SYMPTOMS[one] for one in reported["urgent"]),
            over_at={
                Session.MORNING: time.fromisoformat(sessions["morning_until"]),
                Session.AFTERNOON: time.fromisoformat(sessions["afternoon_until"]),
            },
            unverified=any(str(one["status"]) == str(ValueStatus.UNVERIFIED) for one in tables.values()),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as fault:
        raise FaultyObservationTable(file=FILE, reason=unreadable(fault)) from fault
    _require_sense(found)
    return found


def _require_sense(found: Watching) -> None:
    if not COLDEST <= found.fever_from <= HOTTEST:
        cold = Phrase(f"{found.fever_from} °C is no temperature of a person", f"{found.fever_from} °C 不是人的体温")
        raise FaultyObservationTable(file=FILE, reason=cold)
    if not found.urgent <= found.reported:
        raise FaultyObservationTable(
            file=FILE, reason=Phrase("what is urgent is reported too", "紧急的症状也须列入报告")
        )
    if found.over_at[Session.MORNING] >= found.over_at[Session.AFTERNOON]:
        raise FaultyObservationTable(
            file=FILE, reason=Phrase("the morning ends before the afternoon", "上午须早于下午结束")
        )
