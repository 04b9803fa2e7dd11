"""
Who carries the days of a drill: one process at a time, known by a lock that ends with it.

Two would each live in a city of their own and send into one database.
"""

from django.db import connection

from sizao.errors import SizaoError
from sizao.records.models import Outbreak

CARRIES = 504_130  # a number that no other lock of this database uses


class CarriedElsewhere(SizaoError):
    code = "drill.carried_elsewhere"
    message = "Another process carries the days of {slug}. Stop it first (`sizao drill serve` or `sizao drill run`)."


def take(outbreak: Outbreak) -> None:
    """Become the one who carries the days of a drill, until this connection ends. Raise CarriedElsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [CARRIES, outbreak.pk])
        (is_mine,) = cursor.fetchone()
    if not is_mine:
        raise CarriedElsewhere(slug=outbreak.slug)


def is_taken(outbreak: Outbreak) -> bool:
    """Tell whether any process carries the days of a drill now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND datname = current_database())",
            [CARRIES, outbreak.pk],
        )
        (found,) = cursor.fetchone()
    return bool(found)
