"""
Who owes a report about a day and how it stands: who is in, late, zero, returned or missing, by name.

How a report stands is said once, by the database: a province has thousands a day, of which a page names a few dozen.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from sizao.records.models import Area, Outbreak
from sizao.response import outbreaks
from sizao.response.reports import daily, deadlines
from sizao.response.reports.daily_rows import REPORTING_DIGITS
from sizao.response.tasks.report_periods import Period, Periods
from sizao.terms import Standing

_HERE = (Standing.IN, Standing.ZERO, Standing.LATE)
# What a level above looks at first.
TROUBLE = (Standing.MISSING, Standing.RETURNED, Standing.LATE)


@dataclass(frozen=True, slots=True)
class Owed:
    """One report that is owed with a day, by an area or a unit, from which day on it counts, and how it stands."""

    area_code: str
    name: str
    unit: int | None
    standing: Standing
    due_at: datetime | None
    said_by: deadlines.SaidBy
    first_date: date


@dataclass(slots=True)
class Counted:
    """What is owed with one day, counted by how it stands."""

    counts: dict[Standing, int] = field(default_factory=lambda: dict.fromkeys(Standing, 0))

    @property
    def n_owed(self) -> int:
        return sum(self.counts.values())

    @property
    def n_in(self) -> int:
        return sum(self.counts[one] for one in _HERE)


@dataclass(slots=True, kw_only=True)
class Part(Counted):
    """What is owed of a part of the jurisdiction."""

    area_code: str
    name: str


@dataclass(frozen=True, slots=True)
class Due:
    """A time by which reports of a period are owed, what says so, how many owe by then, the first of them by name."""

    due_at: datetime
    said_by: deadlines.SaidBy
    first_date: date
    count: int
    names: list[str]


@dataclass(slots=True)
class Overview(Counted):
    """What is owed about a day: in all, by part, by time; and the first of those that a level above looks at."""

    parts: list[Part] = field(default_factory=list)
    named: dict[Standing, list[Owed]] = field(default_factory=lambda: {one: [] for one in TROUBLE})
    dues: list[Due] = field(default_factory=list)


def owed(area_code: str, day: date, *, as_of: datetime, outbreak: Outbreak | None) -> list[Owed]:
    """
    List every report owed about a day within an area, by code: of province, city and county where there is an
    outbreak, and of the units with the duty to report, in routine times too.
    """
    asked = _Asked(area_code, day, as_of, outbreak)
    return [asked.read(*row) for row in asked.rows(_EACH)]


def overview(
    area_code: str, day: date, *, as_of: datetime, outbreak: Outbreak | None, most_named: int, most_owing: int
) -> Overview:
    """
    Count the same reports by how they stand, in all and in each area directly below, where what belongs to the area
    itself is first; and name the first so many of those that give trouble, and of those who owe by one time.
    """
    asked = _Asked(area_code, day, as_of, outbreak)
    size = next((digits for digits in (*REPORTING_DIGITS, 9, 12) if digits > len(area_code)), 12)
    facts = {"size": size, "trouble": list(map(str, TROUBLE)), "named": most_named, "owing": most_owing}
    made, parts, owing = Overview(), dict[str, Part](), dict[tuple[datetime, deadlines.SaidBy, date], Due]()
    for what, count, code, name, unit, standing, due_at, said, first in asked.rows(_OVERVIEW, **facts):
        if what == "part":
            part = parts.setdefault(code, Part(area_code=code, name=name or code))
            part.counts[Standing(standing)] = count
            made.counts[Standing(standing)] += count
            continue
        one = asked.read(code, name, unit, standing, due_at, said, first)
        if what == "named":
            made.named[one.standing].append(one)
        else:
            due = owing.setdefault((due_at, one.said_by, first), Due(due_at, one.said_by, first, count, []))
            due.names.append(one.name)
    made.parts = [parts[code] for code in sorted(parts)]
    made.dues = sorted(owing.values(), key=lambda one: (one.due_at, -one.count, one.first_date))
    return made


class _Asked:
    """The reports that are owed within an area about a day: what the database is told of them, and what it tells."""

    def __init__(self, area_code: str, day: date, as_of: datetime, outbreak: Outbreak | None) -> None:
        self.said_by: list[deadlines.SaidBy] = []  # of areas; the rows tell places of this list
        self.facts: dict[str, Any] = {
            "area": f"{area_code}%", "day": day, "as_of": as_of, "outbreak": outbreak and outbreak.pk,
            "zone": timezone.get_current_timezone_name(), "codes": [], "names": [], "dues": [], "says": [],
            "firsts": [], "owe": [],
        }  # fmt: skip
        if outbreak is not None:
            self._add_areas(outbreak, max(outbreak.area_code, area_code, key=len), day, as_of)

    def _add_areas(self, outbreak: Outbreak, area_code: str, day: date, as_of: datetime) -> None:
        rules, facts = outbreaks.rules_at(outbreak, as_of), self.facts
        periods = Periods(outbreak, as_of, within=area_code)
        areas = Area.objects.within(area_code).filter(level__in=daily.REPORTING_LEVELS)
        for code, name in areas.values_list("code", "name"):
            deadline = deadlines.of_area(rules, day, periods.rhythm(code, day))
            is_owed = periods.owes(code, day)
            if deadline.said_by not in self.said_by:
                self.said_by.append(deadline.said_by)
            facts["says"].append(str(self.said_by.index(deadline.said_by)))
            facts["codes"].append(code)
            facts["names"].append(name)
            facts["dues"].append(deadline.due_at)
            facts["owe"].append(is_owed)
            facts["firsts"].append((periods.ending(code, day) if is_owed else Period(day, day)).first_date)

    def rows(self, question: str, **more: object) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(_TOLD + question, self.facts | more)
            return cursor.fetchall()

    def read(  # noqa: PLR0913 — the columns of a row
        self, code: str, name: str, unit: int | None, standing: str, due_at: datetime | None, said: str, first: date
    ) -> Owed:
        said_by = self.said_by[int(said)] if unit is None else said
        return Owed(code, name, unit, Standing(standing), due_at, said_by, first)


# --- Questions ---------------------------------------------------------------------------------

# One row a report: an area that handed in without owing is shown all the same, a draft that nobody owes is not.
_TOLD = f"""
WITH report AS (
    SELECT coalesce(unit_id, 0) AS unit_id, CASE WHEN unit_id IS NULL THEN area_code ELSE '' END AS of_area, version,
        is_zero, submitted_at, coalesce(returned_at <= %(as_of)s, false) AS is_returned,
        coalesce(least(approved_at, submitted_at) <= %(as_of)s, false) AS is_sent
    FROM records_dailyreport
    WHERE date = %(day)s AND area_code LIKE %(area)s AND (unit_id IS NOT NULL OR outbreak_id = %(outbreak)s)
        AND drafted_at <= %(as_of)s AND (corrected_at IS NULL OR corrected_at > %(as_of)s)
), owing AS (
    SELECT area_code, '' AS of_area, name, id AS unit, {deadlines.OF_UNIT} AS due_at, basis AS said,
        greatest(first_date, %(day)s + 1 - coalesce(nullif((%(day)s - first_date) %% every_days, 0), every_days))
        AS first_date, true AS is_owed
    FROM records_reportingunit
    WHERE area_code LIKE %(area)s AND added_at <= %(as_of)s AND first_date <= %(day)s
        AND coalesce(last_date >= %(day)s, true)
        AND ((%(day)s - first_date) %% every_days = 0 OR coalesce(last_date = %(day)s, false))
    UNION ALL
    SELECT code, code, name, NULL, due_at, said, first_date, is_owed
    FROM unnest(%(codes)s::text[], %(names)s::text[], %(dues)s::timestamptz[], %(says)s::text[], %(firsts)s::date[],
        %(owe)s::boolean[]) AS area (code, name, due_at, said, first_date, is_owed)
), told AS MATERIALIZED (
    SELECT area_code, name, unit, CASE
            WHEN is_returned THEN '{Standing.RETURNED}'
            WHEN is_sent AND version = 1 AND coalesce(submitted_at, %(as_of)s) > due_at THEN '{Standing.LATE}'
            WHEN is_sent THEN CASE WHEN is_zero THEN '{Standing.ZERO}' ELSE '{Standing.IN}' END
            WHEN due_at < %(as_of)s THEN '{Standing.MISSING}'
            ELSE '{Standing.WAITING}'
        END AS standing, due_at, said, first_date
    FROM owing LEFT JOIN report ON report.unit_id = coalesce(unit, 0) AND report.of_area = owing.of_area
    WHERE is_owed OR is_returned OR is_sent
)
"""  # noqa: S608 — our own words
_EACH = """
SELECT area_code, name, unit, standing, due_at, said, first_date FROM told ORDER BY area_code, coalesce(unit, 0)
"""
# What a page tells: counts by part; the first of each trouble by name; the first who owe by each time.
_OVERVIEW = """
SELECT 'part', counted.n, counted.part, area.name, NULL::bigint, counted.standing, NULL::timestamptz, '', NULL::date
FROM (SELECT left(area_code, %(size)s) AS part, standing, count(*) AS n FROM told GROUP BY 1, 2) counted
LEFT JOIN records_area area ON area.code = counted.part
UNION ALL (
    SELECT 'named', place, area_code, name, unit, standing, due_at, said, first_date FROM (
        SELECT *, row_number() OVER (PARTITION BY standing ORDER BY area_code, coalesce(unit, 0)) AS place
        FROM told WHERE standing = ANY(%(trouble)s)
    ) named WHERE place <= %(named)s ORDER BY area_code, coalesce(unit, 0)
) UNION ALL (
    SELECT 'due', n, area_code, name, unit, standing, due_at, said, first_date FROM (
        SELECT *, row_number() OVER (alike ORDER BY area_code, coalesce(unit, 0)) AS place, count(*) OVER alike AS n
        FROM told WHERE due_at IS NOT NULL WINDOW alike AS (PARTITION BY due_at, unit IS NULL, said, first_date)
    ) owing WHERE place <= %(owing)s ORDER BY area_code, coalesce(unit, 0)
)
"""
