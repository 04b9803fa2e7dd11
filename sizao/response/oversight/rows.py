"""The rows behind a number of a scorecard: exactly those that it counts, the longest waiting first."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from sizao.errors import SizaoError
from sizao.records.keyset import Key
from sizao.response.oversight.measures import Measure, measures, rows_of
from sizao.response.oversight.scorecards import Scope
from sizao.terms import ClockState

PAGE_ROWS = 100


class NoSuchMeasure(SizaoError):
    code = "oversight.measure.unreadable"
    message = "“{key}” is no measure of the scorecards. Choose one from the scorecard."


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock: what it is about, when it started, when it was to be over and was, and how it stands."""

    id: int
    area_code: str
    label: str
    opens: str
    started_at: datetime
    due_at: datetime | None
    done_at: datetime | None  # None while it is not done by the moment asked for
    state: ClockState
    late_by: timedelta | None
    basis: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of rows; `older` asks for those after them, None at the end."""

    rows: list[ClockRow]
    older: Key | None


@dataclass(frozen=True, slots=True)
class ClockUsed:
    """A value that clocks follow: its key, where it stands, its value and unit, its status, and by how many rows."""

    key: str
    origin: str
    value: str
    unit: str
    status: str
    rows: int


_IN = "due_at >= %(from)s AND due_at <= %(as_of)s"
_DONE = "done_at IS NOT NULL AND done_at <= %(as_of)s"
_WHERE: dict[ClockState | None, str] = {
    None: _IN,
    ClockState.KEPT: f"{_IN} AND done_at <= due_at",
    ClockState.LATE_DONE: f"{_IN} AND done_at > due_at AND {_DONE}",
    ClockState.LATE_NOW: f"due_at < %(as_of)s AND NOT ({_DONE})",
    ClockState.UNKNOWN: "due_at IS NULL AND started_at >= %(from)s",
}
_FROM_ROWS = """
FROM ({rows}) one
WHERE {where} AND started_at <= %(as_of)s AND area_code LIKE %(area)s
    AND (%(outbreak)s::bigint IS NULL OR outbreak_id = %(outbreak)s)
"""


def called(key: str) -> Measure:
    """Find a measure by its key. Raise NoSuchMeasure."""
    found = measures().get(key)
    if found is None:
        raise NoSuchMeasure(key=key[:60])
    return found


def rows(scope: Scope, measure: Measure, state: ClockState | None, *, after: Key | None = None) -> Rows:
    """Give the rows that a number counts: all clocks that ran out (`state` None), those kept, late, or without one."""
    facts = scope.facts({measure.key: measure})
    moment = "started_at" if state == ClockState.UNKNOWN else "due_at"
    where = _FROM_ROWS.format(rows=rows_of(measure), where=_WHERE[state])
    if after:
        where += f" AND ({moment}, id) > (%(moment)s, %(row)s)"
        facts |= {"moment": after.moment, "row": after.row}
    asked = f"""SELECT id, area_code, label, opens, started_at, due_at, done_at, basis {where}
        ORDER BY {moment}, id LIMIT {PAGE_ROWS + 1}"""  # noqa: S608 — our own words
    with connection.cursor() as cursor:
        cursor.execute(asked, facts)
        found = cursor.fetchall()
    shown = [_row(one, scope.as_of) for one in found[:PAGE_ROWS]]
    more = len(found) > PAGE_ROWS
    latest = shown[-1] if shown else None
    return Rows(shown, Key(getattr(latest, moment), latest.id) if latest and more else None)


def count(scope: Scope, measure: Measure, state: ClockState | None) -> int:
    """Count the rows of a number."""
    asked = _FROM_ROWS.format(rows=rows_of(measure), where=_WHERE[state])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {asked}", scope.facts({measure.key: measure}))  # noqa: S608
        return int(cursor.fetchone()[0])


def clocks_used(shown: Rows) -> list[ClockUsed]:
    """Say which values the clocks of some rows follow, with their source; the most used first."""
    found: dict[tuple[str, str, str, str, str], int] = {}
    for row in shown.rows:
        for entry in row.basis:
            if entry.get("sum") or entry.get("gives") in ("due_at", "transport_due_at", "send_by"):
                key = tuple(str(entry.get(part, "")) for part in ("key", "origin", "value", "unit", "status"))
                found[key] = found.get(key, 0) + 1  # type: ignore[index]
    return [ClockUsed(*key, rows=n) for key, n in sorted(found.items(), key=lambda one: -one[1])]


def _row(found: tuple[Any, ...], as_of: datetime) -> ClockRow:
    number, area, label, opens, started_at, due_at, done_at, basis = found
    done = done_at if done_at is not None and done_at <= as_of else None
    return ClockRow(
        id=number, area_code=area, label=label, opens=opens, started_at=started_at, due_at=due_at, done_at=done,
        state=_state(due_at, done), late_by=_late_by(due_at, done or as_of), basis=_basis(basis),
    )  # fmt: skip


def _state(due_at: datetime | None, done_at: datetime | None) -> ClockState:
    if due_at is None:
        return ClockState.UNKNOWN
    if done_at is None:
        return ClockState.LATE_NOW
    return ClockState.KEPT if done_at <= due_at else ClockState.LATE_DONE


def _late_by(due_at: datetime | None, until: datetime) -> timedelta | None:
    return until - due_at if due_at is not None and until > due_at else None


def _basis(given: Any) -> list[dict[str, Any]]:
    # A column read without its model comes as text.
    read = json.loads(given) if isinstance(given, str) else given
    return [one for one in read or [] if isinstance(one, dict)]
