"""
Scorecards: the share of clocks kept, what is late and by how much, per area and measure, as of any moment.

A clock counts once its moment has passed. Kept means done by that moment; everything else that has passed is late, done
or not. Of tasks the database keeps the counts of whole days (`records_clockday`); the day of the moment asked for, and
all that is late, are read from the tasks themselves, so that the numbers are those of the rows.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from sizao.response.oversight.measures import Measure, counted_rows, measures, values
from sizao.terms import Clocked, Stage, TaskKind

# Fewer clocks than this say nothing about an area: one more or less would move its share by a tenth.
FEWEST = 10
_ROLLED_DIGITS = (4, 6, 9)  # of the areas below an area that the database counts for
_CHILD_DIGITS = {2: 4, 4: 6, 6: 9, 9: 12, 12: 12}


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

    def facts(self, known: Mapping[str, Measure]) -> dict[str, Any]:
        """Name the values that all questions take."""
        start = timezone.make_aware(datetime.combine(self.first_date, time()))
        today = max(start, timezone.make_aware(datetime.combine(self.day, time())))
        return {
            "area": f"{self.area_code}%", "own": self.area_code, "digits": self.child_digits, "from": start,
            "first": self.first_date, "day": self.day, "today": today, "as_of": self.as_of,
            "live": today if self.is_rolled else start, "outbreak": self.outbreak_id, **values(),
            "kinds": [str(one.word) for one in known.values() if isinstance(one.word, TaskKind)],
        }  # fmt: skip


@dataclass(slots=True)
class Score:
    """
    How clocks were kept: how many ran out, how many in time, late now, without a clock; delays of the late ones.

    Delays are None where nothing was late.
    """

    clocks: int = 0
    kept: int = 0
    late_now: int = 0
    unknown: int = 0
    median: timedelta | None = None
    worst: timedelta | None = None

    @property
    def share(self) -> float | None:
        """The share kept; None where no clock ran out."""
        return self.kept / self.clocks if self.clocks else None

    @property
    def is_few(self) -> bool:
        """Tell whether there are too few clocks to compare areas by."""
        return self.clocks < FEWEST

    def add(self, other: "Score") -> None:
        """Add the counts of another; a median of two is not that of both, so it is dropped."""
        self.clocks, self.kept = self.clocks + other.clocks, self.kept + other.kept
        self.late_now, self.unknown = self.late_now + other.late_now, self.unknown + other.unknown
        self.median = None
        self.worst = max((one for one in (self.worst, other.worst) if one is not None), default=None)


@dataclass(frozen=True, slots=True)
class Line:
    """One measure on a scorecard."""

    measure: Measure
    score: Score


@dataclass(slots=True)
class Board:
    """A whole scorecard: all measures of an area, all its areas below, and both together."""

    total: Score = field(default_factory=Score)
    lines: list[Line] = field(default_factory=list)
    areas: dict[str, Score] = field(default_factory=dict)


def board(scope: Scope, *, stage: Stage | None = None, measure: str = "") -> Board:
    """Work out the scorecard of an area, narrowed to a stage or a measure where one is given."""
    known = chosen(stage, measure)
    made = Board()
    by_measure: dict[str, Score] = {}
    for key, area, score in _counts(scope, known):
        by_measure.setdefault(key, Score()).add(score)
        made.areas.setdefault(area, Score()).add(score)
        made.total.add(score)
    _add_delays(scope, known, made, by_measure)
    made.lines = [Line(known[key], by_measure[key]) for key in known if key in by_measure]
    made.areas = dict(sorted(made.areas.items(), key=_urgency))
    return made


def _urgency(one: tuple[str, Score]) -> tuple[bool, float, int, str]:
    """Put the area that keeps the fewest of its clocks first; those with too few to compare come last."""
    area, score = one
    return score.is_few, score.share if score.share is not None else 2, -score.late_now, area


def chosen(stage: Stage | None = None, measure: str = "") -> dict[str, Measure]:
    """Give the measures of a stage, or one measure, or all."""
    return {
        key: one
        for key, one in measures().items()
        if (stage is None or one.stage == stage) and measure in ("", key)
    }  # fmt: skip


def by_area(scope: Scope) -> list[tuple[str, Measure, Score]]:
    """Give the score of each measure in each area below, without delays; what an area holds itself is left out."""
    known = chosen()
    return [
        (area, known[key], score)
        for key, area, score in _summed(_counts(scope, known))
        if len(area) == scope.child_digits
    ]


def _summed(counts: list[tuple[str, str, Score]]) -> list[tuple[str, str, Score]]:
    found: dict[tuple[str, str], Score] = {}
    for key, area, score in counts:
        found.setdefault((key, area), Score()).add(score)
    return [(key, area, score) for (key, area), score in sorted(found.items())]


@dataclass(frozen=True, slots=True)
class Week:
    """The score of the seven days that end with a day."""

    last_date: date
    score: Score


def weeks(scope: Scope, *, count: int = 8, stage: Stage | None = None, measure: str = "") -> list[Week]:
    """Work out the score of each of the last weeks, oldest first; the last one ends with the day of the moment."""
    first = scope.day - timedelta(days=7 * count - 1)
    asked = Scope(scope.area_code, first, scope.as_of, scope.outbreak_id)
    found = {n: Score() for n in range(count)}
    for key_day, clocks, kept in _by_day(asked, chosen(stage, measure)):
        found[(key_day - first).days // 7].add(Score(clocks=clocks, kept=kept))
    return [Week(first + timedelta(days=7 * n + 6), found[n]) for n in range(count)]


# --- Questions ---------------------------------------------------------------------------------

_OUTBREAK = "(%(outbreak)s::bigint IS NULL OR outbreak_id = %(outbreak)s)"
_COUNTED = """(
    SELECT kind, outbreak_id, area_code, day, clocks, kept, unknown FROM records_clockday
    UNION ALL
    SELECT kind, outbreak_id, area_code, day, clocks, kept, unknown FROM records_clockchange
)"""
# The count of an area holds those of the areas below it: what is left when they are taken away, it holds itself.
_ROLLED = f"""
SELECT kind, part.area_code, sum(part.sign * clocks) AS clocks, sum(part.sign * kept) AS kept, 0 AS late,
    sum(part.sign * unknown) AS unknown
FROM {_COUNTED} counted CROSS JOIN LATERAL (
    VALUES (counted.area_code, 1), (%(own)s, -(length(counted.area_code) = %(digits)s)::int)
) part (area_code, sign)
WHERE counted.area_code LIKE %(area)s AND length(counted.area_code) IN (%(digits)s, length(%(own)s))
    AND day >= %(first)s AND day < %(day)s AND kind = ANY(%(kinds)s) AND {_OUTBREAK}
GROUP BY 1, 2
HAVING sum(part.sign * clocks) <> 0 OR sum(part.sign * unknown) <> 0
"""  # noqa: S608
_LIVE = f"""
SELECT kind, left(area_code, %(digits)s) AS area_code,
    count(*) FILTER (WHERE NOT coalesce(state = 'cancelled' AND done_at <= due_at, false)) AS clocks,
    count(*) FILTER (WHERE state = 'done' AND done_at <= due_at) AS kept, 0 AS late, 0 AS unknown
FROM records_task
WHERE due_at >= %(live)s AND due_at <= %(as_of)s AND area_code LIKE %(area)s AND kind = ANY(%(kinds)s) AND {_OUTBREAK}
GROUP BY 1, 2
UNION ALL
SELECT kind, left(area_code, %(digits)s), 0, 0, 0, count(*)
FROM records_task
WHERE due_at IS NULL AND asked_at >= %(live)s AND asked_at <= %(as_of)s AND area_code LIKE %(area)s
    AND state <> 'cancelled' AND kind = ANY(%(kinds)s) AND {_OUTBREAK}
GROUP BY 1, 2
"""  # noqa: S608
_LATE_NOW = f"""
SELECT kind, left(area_code, %(digits)s) AS area_code, 0 AS clocks, 0 AS kept, count(*) AS late, 0 AS unknown
FROM (
    SELECT kind, area_code, outbreak_id FROM records_task WHERE done_at IS NULL AND due_at < %(as_of)s
    UNION ALL
    SELECT kind, area_code, outbreak_id FROM records_task
    WHERE done_at > due_at AND done_at > %(as_of)s AND due_at < %(as_of)s
) late
WHERE area_code LIKE %(area)s AND kind = ANY(%(kinds)s) AND {_OUTBREAK}
GROUP BY 1, 2
"""  # noqa: S608


def _counts(scope: Scope, known: Mapping[str, Measure]) -> list[tuple[str, str, Score]]:
    facts, records = scope.facts(known), _records(known)
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        if facts["kinds"]:
            parts = (_ROLLED, _LIVE, _LATE_NOW) if scope.is_rolled else (_LIVE, _LATE_NOW)
            cursor.execute(" UNION ALL ".join(parts), facts)
            found += [(f"task.{kind}", *rest) for kind, *rest in cursor.fetchall()]
        if records:
            cursor.execute(_of_records(records), facts)
            found += cursor.fetchall()
    return [(key, area, Score(*map(int, counts))) for key, area, *counts in found]


def _records(known: Mapping[str, Measure]) -> list[Clocked]:
    return [one.word for one in known.values() if isinstance(one.word, Clocked)]


def _of_records(words: Collection[Clocked]) -> str:
    whole = " UNION ALL ".join(
        f"""SELECT 'record.{word}' AS measure, left(area_code, %(digits)s) AS area_code,
            count(*) FILTER (WHERE due_at >= %(from)s AND due_at <= %(as_of)s) AS clocks,
            count(*) FILTER (WHERE due_at >= %(from)s AND due_at <= %(as_of)s AND done_at <= due_at) AS kept,
            count(*) FILTER (WHERE due_at < %(as_of)s AND (done_at IS NULL OR done_at > %(as_of)s)) AS late,
            count(*) FILTER (WHERE due_at IS NULL AND started_at >= %(from)s) AS unknown
        FROM ({counted_rows(word)}) one
        WHERE started_at <= %(as_of)s AND area_code LIKE %(area)s AND {_OUTBREAK}
        GROUP BY 2"""  # noqa: S608
        for word in words
    )
    return f"SELECT * FROM ({whole}) counted WHERE clocks + late + unknown > 0"  # noqa: S608


_DELAYED = "extract(epoch FROM least(coalesce(done_at, %(as_of)s), %(as_of)s) - due_at)"
_TASK_DELAYS = f"""
SELECT 'task.' || kind AS measure, left(area_code, %(digits)s) AS area_code, {_DELAYED} AS delay
FROM records_task
WHERE (done_at IS NULL OR done_at > due_at) AND due_at >= %(from)s AND due_at < %(as_of)s
    AND area_code LIKE %(area)s AND kind = ANY(%(kinds)s) AND {_OUTBREAK}
"""  # noqa: S608


def _add_delays(scope: Scope, known: Mapping[str, Measure], made: Board, by_measure: Mapping[str, Score]) -> None:
    """Set the median and worst delay of each measure, each area and the whole, over the clocks that were not kept."""
    facts = scope.facts(known)
    parts = [_TASK_DELAYS] if facts["kinds"] else []
    parts += [
        f"""SELECT 'record.{word}', left(area_code, %(digits)s), {_DELAYED} FROM ({counted_rows(word)}) one
        WHERE (done_at IS NULL OR done_at > due_at) AND due_at >= %(from)s AND due_at < %(as_of)s
            AND started_at <= %(as_of)s AND area_code LIKE %(area)s AND {_OUTBREAK}"""  # noqa: S608
        for word in _records(known)
    ]
    if not parts:
        return
    asked = f"""SELECT measure, area_code, percentile_cont(0.5) WITHIN GROUP (ORDER BY delay), max(delay)
        FROM ({" UNION ALL ".join(parts)}) late (measure, area_code, delay)
        GROUP BY GROUPING SETS ((measure), (area_code), ())"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(asked, facts)
        for measure, area, median, worst in cursor.fetchall():
            score = _meant(made, by_measure, measure, area)
            if score is not None and worst is not None:
                score.median, score.worst = timedelta(seconds=float(median)), timedelta(seconds=float(worst))


def _meant(made: Board, by_measure: Mapping[str, Score], measure: str | None, area: str | None) -> Score | None:
    if measure is not None:
        return by_measure.get(measure)
    return made.total if area is None else made.areas.get(area)


def _by_day(scope: Scope, known: Mapping[str, Measure]) -> list[tuple[date, int, int]]:
    facts, parts = scope.facts(known), []
    if facts["kinds"]:
        parts.append(_LIVE_DAYS)
        if scope.is_rolled:
            parts.append(_ROLLED_DAYS)
    parts += [
        f"""SELECT {_DAY}, count(*), count(*) FILTER (WHERE done_at <= due_at) FROM ({counted_rows(word)}) one
        WHERE due_at >= %(from)s AND due_at <= %(as_of)s AND started_at <= %(as_of)s AND area_code LIKE %(area)s
            AND {_OUTBREAK} GROUP BY 1"""  # noqa: S608
        for word in _records(known)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), facts)
        return [(day, int(clocks), int(kept)) for day, clocks, kept in cursor.fetchall()]


_DAY = "(due_at AT TIME ZONE %(zone)s)::date"
_LIVE_DAYS = f"""
SELECT {_DAY}, count(*) FILTER (WHERE NOT coalesce(state = 'cancelled' AND done_at <= due_at, false)),
    count(*) FILTER (WHERE state = 'done' AND done_at <= due_at)
FROM records_task
WHERE due_at >= %(live)s AND due_at <= %(as_of)s AND area_code LIKE %(area)s AND kind = ANY(%(kinds)s) AND {_OUTBREAK}
GROUP BY 1
"""  # noqa: S608
_ROLLED_DAYS = f"""
SELECT day, sum(clocks), sum(kept) FROM {_COUNTED} counted
WHERE area_code = %(own)s AND day >= %(first)s AND day < %(day)s AND kind = ANY(%(kinds)s) AND {_OUTBREAK}
GROUP BY day
"""  # noqa: S608
