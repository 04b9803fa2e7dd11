"""Numbers of documents that count up within an area and a year, as offices number what they send."""

from django.db import connection
from django.db.models import QuerySet

_LOCKS = 7_408_139  # the class of the advisory locks of numbers


def next_number(rows: QuerySet, letters: str, area_code: str, year: int, *, digits: int = 5) -> str:
    """
    Give the next number of a series: letters, area, year, and a count of so many digits.

    `rows` are those that were numbered here; a number that somebody else gave, and sent, does not count.
    Within a transaction; whoever wants one of the same series waits until it has ended, so that no two are the same
    and none is left out.
    """
    stem = f"{letters}{area_code}-{year}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCKS, stem])
    last = rows.filter(number__startswith=stem).order_by("-pk").values_list("number", flat=True).first()
    return f"{stem}{int(last.rpartition('-')[2]) + 1 if last else 1:0{digits}d}"
