"""
The one definition of each question over tables of presences: SQL that DuckDB and Spark read alike.

Names that a dialect keeps for itself stand in double quotes, values come as parameters (`?`), and hints for Spark
are comments to DuckDB. Tables: `by_person` and `by_place` (see `layout`); `cases` and `exposures` are small and
given with the question.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

# A longer list of places or persons costs an engine more than it spares.
LISTED = 500


@dataclass(frozen=True, slots=True)
class Question:
    """A text of SQL and the values of its marks."""

    text: str
    values: tuple[Any, ...] = ()


def known(persons: Sequence[Any], buckets: Iterable[int]) -> Question:
    """Ask which persons (given as `cases`) any presence bears."""
    some, values = _listed("own.person", persons)
    return Question(
        f"""
        SELECT /*+ BROADCAST(cases) */ DISTINCT own.person
        FROM by_person AS own JOIN cases ON own.person = cases.person
        WHERE own.bucket IN ({_numbers(buckets)}) AND {some}
        """,  # noqa: S608 — numbers and marks only
        values,
    )


def exposures(persons: Sequence[Any], buckets: Iterable[int], days: Iterable[int], *, least: int) -> Question:
    """
    Ask where the cases were, cut to their windows (`cases`: person, since, until), for at least so many seconds.

    Presences that became alike by the cut stay two: each is a meeting of its own.
    """
    some, values = _listed("own.person", persons)
    return Question(
        f"""
        SELECT /*+ BROADCAST(cases) */ own.person AS "case", own.place,
               greatest(own.start, cases.since) AS since, least(own."end", cases.until) AS until
        FROM by_person AS own JOIN cases ON own.person = cases.person
        WHERE own.bucket IN ({_numbers(buckets)}) AND own.day IN ({_numbers(days)}) AND {some}
          AND least(own."end", cases.until) - greatest(own.start, cases.since) >= {least:d}
        """,  # noqa: S608 — numbers and marks only
        values,
    )


def companions(places: Sequence[Any], buckets: Iterable[int], days: Iterable[int], *, least: int) -> Question:
    """
    Ask who was where the cases were (`exposures`: case, place, day, since, until) for at least so many seconds.

    An exposure stands once for each day on which a presence that meets it may start, so that places and days are
    joined as equals and a stay across midnight is found.
    """
    some, values = _listed("near.place", places)
    shared = 'least(near."end", exposures.until) - greatest(near.start, exposures.since)'
    return Question(
        f"""
        SELECT /*+ BROADCAST(exposures) */
               exposures."case", near.person, CAST(sum({shared}) AS BIGINT) AS seconds, count(*) AS meetings,
               min(greatest(near.start, exposures.since)) AS "first", max(least(near."end", exposures.until)) AS "last"
        FROM by_place AS near
        JOIN exposures ON near.place = exposures.place AND near.day = exposures.day
        WHERE near.bucket IN ({_numbers(buckets)}) AND near.day IN ({_numbers(days)}) AND {some}
          AND near.person <> exposures."case"
          AND near.start <= exposures.until - {least:d} AND near."end" >= exposures.since + {least:d}
          AND {shared} >= {least:d}
        GROUP BY exposures."case", near.person
        """,  # noqa: S608 — numbers and marks only
        values,
    )


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(str(int(one)) for one in sorted(set(numbers)))


def _listed(column: str, tokens: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Name few tokens, so that an engine leaves out the parts of a file that hold none of them."""
    if not 0 < len(tokens) <= LISTED:
        return "TRUE", ()
    return f"{column} IN ({', '.join('?' * len(tokens))})", tuple(tokens)
