"""
The clocks behind a scorecard, counted by the database in one pass over each table.

Of tasks it keeps the counts of whole days beside them (`records_clockday`); the day of the moment asked for, and all
that is late, are read from the tasks themselves, so that the numbers are those of the rows. What a page tells of the
same clocks, its numbers, its weeks and its delays, is read together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import numpy as np
from django.utils import timezone

from sizao.records import quick
from sizao.response.oversight.measures import Measure, counted_rows, values
from sizao.terms import Clocked, TaskKind

_ROLLED_DIGITS = (4, 6, 9)  # of the areas below an area that the database counts for
_CHILD_DIGITS = {2: 4, 4: 6, 6: 9, 9: 12, 12: 12}
_NONE = np.empty(0)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a scorecard is about: an area, days from the first on, as of a moment; one outbreak, or all."""

    area_code: str
    first_date: date
    as_of: datetime
    outbreak_id: int | None = None
    digits: int = 0  # of the areas below to count for; 0: those of the next level

    @property
    def day(self) -> date:
        """The civil day of the moment."""
        return timezone.localtime(self.as_of).date()

    @property
    def child_digits(self) -> int:
        """How long the codes of the areas below are."""
        return self.digits or _CHILD_DIGITS[len(self.area_code)]

    @property
    def is_rolled(self) -> bool:
        """Tell whether the database keeps counts for this area and those below it; of villages it keeps none."""
        return self.child_digits in _ROLLED_DIGITS

    def facts(self, known: Mapping[str, Measure], oldest: date | None = None) -> dict[str, Any]:
        """Name the values that all questions take; `oldest` is the first day told one by one, where it is earlier."""
        oldest = min(self.first_date, oldest or self.first_date)
        start, today = _midnight(self.first_date), _midnight(max(self.first_date, self.day))
        return {
            "area": f"{self.area_code}%", "own": self.area_code, "digits": self.child_digits, "from": start,
            "first": self.first_date, "day": self.day, "today": today, "as_of": self.as_of, "oldest": oldest,
            "back": _midnight(oldest), "live": today if self.is_rolled else _midnight(oldest),
            "unknown_from": today if self.is_rolled else start, "outbreak": self.outbreak_id, **values(),
            "is_rolled": self.is_rolled,
            "kinds": [str(one.word) for one in known.values() if isinstance(one.word, TaskKind)],
        }  # fmt: skip


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@dataclass(frozen=True, slots=True)
class Clocks:
    """
    Clocks of one measure in one area below: how many ran out since the first day, how many in time.

    `late` are late now, whenever they ran out; `unknown` have no clock. `delays` are seconds, of the clocks that ran
    out since the first day and were not kept, in no order.
    """

    measure: str
    area_code: str
    clocks: int
    kept: int
    late: int
    unknown: int
    delays: np.ndarray


@dataclass(slots=True)
class Found:
    """Clocks by measure and area, and how many ran out and were kept on each day since the oldest asked for."""

    clocks: list[Clocks] = field(default_factory=list)
    days: dict[date, tuple[int, int]] = field(default_factory=dict)

    def add_day(self, day: date, clocks: int, kept: int) -> None:
        """Count clocks that ran out on a day."""
        before = self.days.get(day, (0, 0))
        self.days[day] = before[0] + clocks, before[1] + kept


def ask(scope: Scope, known: Mapping[str, Measure], *, oldest: date | None = None) -> Found:
    """Count the clocks of measures in the areas below; by day from `oldest` on, where that is before the first day."""
    facts = scope.facts(known, oldest)
    records = [_of_record(one.word) for one in known.values() if isinstance(one.word, Clocked)]
    tasks = (_LIVE, _UNKNOWN, _LATE) if facts["kinds"] else ()
    _, of_tasks, of_days, of_records = quick.asked(
        (_BY_ITSELF, None),
        _together(tasks, facts),
        _together((_ROLLED,) if tasks and scope.is_rolled else (), facts),
        _together(records, facts),
    )
    found = Found()
    _add(found, scope, of_tasks)
    _add_rolled(found, scope, of_days)
    _add(found, scope, of_records)
    return found


def _together(texts: Sequence[str], facts: Mapping[str, Any]) -> quick.Question | None:
    return (quick.filled(" UNION ALL ".join(texts), facts), None) if texts else None


def _add(found: Found, scope: Scope, rows: Sequence[tuple]) -> None:
    for measure, area, day, clocks, kept, late, unknown, delays in rows:
        if day is not None:
            found.add_day(day, clocks, kept)
        is_in = day is None or day >= scope.first_date
        counts = (clocks, kept, late, unknown) if is_in else (0, 0, late, unknown)
        if any(counts) or delays:
            found.clocks.append(Clocks(measure, area, *counts, _NONE if delays is None else np.array(delays)))


def _add_rolled(found: Found, scope: Scope, rows: Sequence[tuple]) -> None:
    """
    Add the counts of whole days.

    The count of an area holds those of the areas below it: what is left when they are taken away, it holds itself.
    """
    own: dict[str, np.ndarray] = {}
    for kind, area, day, *counts in rows:
        of = own.setdefault(kind, np.zeros(3, dtype=int))
        if day is None:
            of -= counts
            _add_counts(found, kind, area, counts)
        else:
            found.add_day(day, *counts[:2])
            if day >= scope.first_date:
                of += counts
    for kind, left in own.items():
        _add_counts(found, kind, scope.area_code, left.tolist())


def _add_counts(found: Found, kind: str, area: str, counts: Sequence[int]) -> None:
    if any(counts):
        clocks, kept, unknown = counts
        found.clocks.append(Clocks(f"task.{kind}", area, clocks, kept, 0, unknown, _NONE))


# --- Questions ---------------------------------------------------------------------------------

# The database answers in one process, as it is, until the transaction ends: it takes a third of all tasks for late, and
# would start other processes, and compile, to read a few hundred rows.
_BY_ITSELF = "SELECT set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)"
_OUTBREAK = "(%(outbreak)s::bigint IS NULL OR outbreak_id = %(outbreak)s)"
_IN_AREA = f"area_code LIKE %(area)s AND {_OUTBREAK}"
_DAY = "(due_at AT TIME ZONE %(zone)s)::date"
_DELAY = "extract(epoch FROM least(coalesce(done_at, %(as_of)s), %(as_of)s) - due_at)::float8"
# Days of the areas below are summed by the database; of the area itself each is told, since the oldest.
_ROLLED = f"""
SELECT kind, area_code, CASE WHEN is_own THEN day END AS told, sum(clocks)::int, sum(kept)::int, sum(unknown)::int
FROM (
    SELECT kind, outbreak_id, area_code, day, clocks, kept, unknown, false AS is_own FROM records_clockday
    WHERE length(area_code) = %(digits)s AND area_code LIKE %(area)s AND day >= %(first)s AND day < %(day)s
    UNION ALL
    SELECT kind, outbreak_id, area_code, day, clocks, kept, unknown, true FROM records_clockday
    WHERE area_code = %(own)s AND day >= %(oldest)s AND day < %(day)s
    UNION ALL
    SELECT kind, outbreak_id, area_code, day, clocks, kept, unknown, area_code = %(own)s FROM records_clockchange
    WHERE day < %(day)s AND (area_code = %(own)s AND day >= %(oldest)s
        OR length(area_code) = %(digits)s AND area_code LIKE %(area)s AND day >= %(first)s)
) counted
WHERE kind = ANY(%(kinds)s) AND {_OUTBREAK}
GROUP BY 1, 2, 3
"""  # noqa: S608
# Columns: measure, area, day, clocks, kept, late, unknown, delays. Where whole days are kept, the last is read.
_LIVE = f"""
SELECT 'task.' || kind, left(area_code, %(digits)s), CASE WHEN %(is_rolled)s THEN %(day)s ELSE {_DAY} END AS day,
    count(*) FILTER (WHERE NOT coalesce(state = 'cancelled' AND done_at <= due_at, false)),
    count(*) FILTER (WHERE state = 'done' AND done_at <= due_at), 0, 0, NULL::float8[]
FROM records_task
WHERE due_at >= %(live)s AND due_at <= %(as_of)s AND kind = ANY(%(kinds)s) AND {_IN_AREA}
GROUP BY 1, 2, 3
"""  # noqa: S608
_UNKNOWN = f"""
SELECT 'task.' || kind, left(area_code, %(digits)s), NULL, 0, 0, 0, count(*), NULL
FROM records_task
WHERE due_at IS NULL AND asked_at >= %(unknown_from)s AND asked_at <= %(as_of)s AND state <> 'cancelled'
    AND kind = ANY(%(kinds)s) AND {_IN_AREA}
GROUP BY 1, 2
"""  # noqa: S608
# What ran out before the first day counts only while it is late: it has no delay here.
_LATE = f"""
SELECT 'task.' || kind, left(area_code, %(digits)s), NULL, 0, 0,
    count(*) FILTER (WHERE done_at IS NULL OR done_at > %(as_of)s), 0,
    array_agg({_DELAY}) FILTER (WHERE due_at >= %(from)s)
FROM (
    SELECT kind, area_code, outbreak_id, due_at, done_at FROM records_task
    WHERE (done_at IS NULL OR done_at > due_at) AND due_at >= %(from)s AND due_at < %(as_of)s
    UNION ALL
    SELECT kind, area_code, outbreak_id, due_at, done_at FROM records_task WHERE done_at IS NULL AND due_at < %(from)s
    UNION ALL
    SELECT kind, area_code, outbreak_id, due_at, done_at FROM records_task
    WHERE done_at > due_at AND done_at > %(as_of)s AND due_at < %(from)s
) late
WHERE kind = ANY(%(kinds)s) AND {_IN_AREA}
GROUP BY 1, 2
"""  # noqa: S608


def _of_record(word: Clocked) -> str:
    return f"""
SELECT 'record.{word}', left(area_code, %(digits)s), CASE WHEN due_at >= %(back)s THEN {_DAY} END AS day,
    count(*) FILTER (WHERE due_at >= %(back)s), count(*) FILTER (WHERE due_at >= %(back)s AND done_at <= due_at),
    count(*) FILTER (WHERE due_at < %(as_of)s AND (done_at IS NULL OR done_at > %(as_of)s)),
    count(*) FILTER (WHERE due_at IS NULL),
    array_agg({_DELAY}) FILTER (WHERE (done_at IS NULL OR done_at > due_at) AND due_at >= %(from)s
        AND due_at < %(as_of)s)
FROM ({counted_rows(word)}) one
WHERE (due_at <= %(as_of)s OR due_at IS NULL AND started_at >= %(from)s) AND started_at <= %(as_of)s AND {_IN_AREA}
    AND (due_at >= %(back)s OR due_at IS NULL OR done_at IS NULL OR done_at > %(as_of)s)
GROUP BY 1, 2, 3
"""  # noqa: S608
