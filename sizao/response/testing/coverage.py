"""
Who is expected, registered, resulted and missed, by area and by hour.

Read from the counts that the database keeps in the transaction of each row, so that ten million people cost what their
villages do. What was counted in an hour is in the answer when all of it was known at the moment asked for; an area of
which nothing was counted since is answered from its total.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import add
from typing import NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from sizao.records.models import TestingCount, TestingRound
from sizao.terms import RosterKind

EXPECTED_KINDS = (RosterKind.RESIDENT, RosterKind.VISITOR)


class Coverage(NamedTuple):
    """
    What a round, or an area of it, has come to.

    `registered` and `resulted` count people, once each; `others` were not expected here and came. `explained` are
    those missed of whom somebody has said why. `to_recall` stand in a positive pool; `recalled` of them have been
    swabbed singly since. A single tube with several people in it is a pool: see `positives`. A board makes thousands of
    these at once, which as tuples takes a sixth of the time.
    """

    expected: int = 0
    kept_elsewhere: int = 0
    registered: int = 0
    others: int = 0
    doubled: int = 0
    late: int = 0
    explained: int = 0
    resulted: int = 0
    positive: int = 0
    to_recall: int = 0
    recalled: int = 0

    def __add__(self, other: "Coverage") -> "Coverage":  # type: ignore[override]  # sums, and not one behind the other
        return Coverage._make(map(add, self, other))

    @property
    def missed(self) -> int:
        """Expected and not registered."""
        return self.expected - self.registered

    @property
    def unexplained(self) -> int:
        """Missed, and nobody has said why."""
        return self.missed - self.explained

    @property
    def share(self) -> float | None:
        """The share of those expected who are registered; None where nobody is expected."""
        return self.registered / self.expected if self.expected else None


FIGURES = Coverage._fields
_SUMS = {name: Sum(name) for name in FIGURES}


def total(testing_round: TestingRound, *, as_of: datetime, within: str = "") -> Coverage:
    """Say what a round has come to at a moment, in all or in one area."""
    return by_area(testing_round, as_of=as_of, digits=0, within=within).get("", Coverage())


def by_area(testing_round: TestingRound, *, as_of: datetime, digits: int, within: str = "") -> Mapping[str, Coverage]:
    """Say the same for each area whose code has so many digits; people known only more coarsely stand under theirs."""
    asked = {"round": testing_round.pk, "as_of": as_of, "digits": digits, "within": within}
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, asked)
        totals = cursor.fetchall()
        hours = _by_the_hour(cursor, asked, [code for *_, younger in totals for code in younger or ()])
    found = {}
    for row in totals:
        area = row[0]
        if row[1] is not None:
            found[area] = Coverage._make(row[1:-1])
        if area in hours:
            found[area] = found.get(area, Coverage()) + hours[area]
    return found


def _by_the_hour(cursor: CursorWrapper, asked: Mapping[str, object], areas: Sequence[str]) -> Mapping[str, Coverage]:
    """Sum the hours that were known by then, of the areas of which something was counted since."""
    if not areas:
        return {}
    cursor.execute(_HOURS, {**asked, "areas": areas})
    return {row[0]: Coverage._make(row[1:]) for row in cursor.fetchall()}


# What an area has come to in all, where all of it was known by then; else that it is to be read by the hour.
_SUMS_KNOWN = ", ".join(f"sum({name}) FILTER (WHERE latest_at <= %(as_of)s)" for name in FIGURES)
_TOTALS = f"""
    SELECT left(area_code, %(digits)s), {_SUMS_KNOWN},
        array_agg(area_code) FILTER (WHERE latest_at > %(as_of)s)
    FROM records_testingtotal WHERE round_id = %(round)s AND starts_with(area_code, %(within)s)
    GROUP BY 1 ORDER BY 1
"""  # noqa: S608 — names of columns
_HOURS = f"""
    SELECT left(area_code, %(digits)s), {", ".join(f"sum({name})" for name in FIGURES)}
    FROM records_testingcount
    WHERE round_id = %(round)s AND latest_at <= %(as_of)s AND area_code = ANY (%(areas)s)
    GROUP BY 1
"""  # noqa: S608 — names of columns


def by_hour(testing_round: TestingRound, *, as_of: datetime, within: str = "") -> Mapping[datetime, Coverage]:
    """Say what each hour brought, in the order of hours; an hour that brought nothing is left out."""
    known = TestingCount.objects.filter(round=testing_round, latest_at__lte=as_of, area_code__startswith=within)
    grouped = known.values("hour")
    rows = grouped.annotate(**{f"n_{name}": one for name, one in _SUMS.items()}).order_by("hour")
    return {row["hour"]: Coverage(**{name: row[f"n_{name}"] for name in FIGURES}) for row in rows}


def recount(testing_round: TestingRound) -> Mapping[str, Coverage]:
    """Count the rows themselves, area by area: slow, and what the kept counts must always say."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, [testing_round.pk] * 3)
        return {area: Coverage(*(int(one) for one in figures)) for area, *figures in cursor.fetchall()}


_RECOUNT = """
    WITH held AS (
        SELECT t.code, t.result, CASE WHEN t.kind = 'single' AND count(DISTINCT s.entry) > 1 THEN 'pool' ELSE t.kind END
            AS kind
        FROM records_tube t JOIN records_swab s ON s.round_id = t.round_id AND s.tube = t.code WHERE t.round_id = %s
        GROUP BY t.code, t.result, t.kind
    ), swabs AS (
        SELECT s.area_code, s.entry, s.is_expected, s.is_double, s.is_recall, s.is_late, t.kind, t.result
        FROM records_swab s JOIN held t ON t.code = s.tube WHERE s.round_id = %s
    ), entries AS (
        SELECT e.area_code, e.kind, e.missed_reason, EXISTS (
            SELECT FROM swabs s WHERE s.entry = e.number AND NOT s.is_double) AS is_registered
        FROM records_rosterentry e WHERE e.round_id = %s
    ), people AS (
        SELECT area_code,
            count(*) FILTER (WHERE kind IN ('resident', 'visitor')) AS expected,
            count(*) FILTER (WHERE kind = 'elsewhere') AS kept_elsewhere,
            count(*) FILTER (WHERE kind IN ('resident', 'visitor') AND missed_reason IS NOT NULL AND NOT is_registered)
                AS explained
        FROM entries GROUP BY 1
    ), taken AS (
        SELECT area_code,
            count(*) FILTER (WHERE is_expected AND NOT is_double AND NOT is_recall) AS registered,
            count(*) FILTER (WHERE NOT is_expected AND NOT is_double AND NOT is_recall) AS others,
            count(*) FILTER (WHERE is_double) AS doubled,
            count(*) FILTER (WHERE is_late AND NOT is_double AND NOT is_recall) AS late,
            count(DISTINCT entry) FILTER (WHERE NOT is_double AND testing_settles(kind, result)) AS resulted,
            count(*) FILTER (WHERE NOT is_double AND kind = 'single' AND result = 'positive') AS positive,
            count(*) FILTER (WHERE NOT is_double AND kind <> 'single' AND result = 'positive') AS to_recall,
            count(*) FILTER (WHERE NOT is_double AND is_recall) AS recalled
        FROM swabs GROUP BY 1
    )
    SELECT coalesce(p.area_code, t.area_code), coalesce(expected, 0), coalesce(kept_elsewhere, 0),
        coalesce(registered, 0), coalesce(others, 0), coalesce(doubled, 0), coalesce(late, 0), coalesce(explained, 0),
        coalesce(resulted, 0), coalesce(positive, 0), coalesce(to_recall, 0),
        coalesce(recalled, 0)
    FROM people p FULL JOIN taken t ON t.area_code = p.area_code
"""
