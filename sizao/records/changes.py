"""
What changed: for each stage a number that is another one as soon as anything of it was committed.

It costs one small statement, so that hundreds of screens may ask for it every few seconds. It says that something
changed, never what, of whom or where.
"""

from collections.abc import Iterable, Mapping

from django.db import connection

OTHER = "other"  # the stage of tables that no stage claims; it concerns every reader


def versions() -> dict[str, int]:
    """Read the version of every stage that was ever changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stage, sum(changes)::bigint FROM records_changemark GROUP BY stage")
        return dict(cursor.fetchall())


def together(found: Mapping[str, int], stages: Iterable[str]) -> int:
    """Give one number for several stages: it grows whenever one of them does."""
    return sum(found.get(stage, 0) for stage in {*stages, OTHER})
