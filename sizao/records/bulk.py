"""
Many new rows at once, by COPY: an order of magnitude more than an INSERT of the same rows, and their keys known before.

Nothing is asked of the rows that a table's constraints do not ask: `save` is not called. A column that the database
fills by itself has to be given.
"""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Model


def number(rows: Sequence[Model]) -> None:
    """Give rows their keys from the table's own sequence, in their order."""
    if not rows:
        return
    table = rows[0]._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(rows)]
        )
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key


def copy(rows: Sequence[Model]) -> None:
    """Write rows of one table that have their keys, in one statement."""
    if not rows:
        return
    fields = rows[0]._meta.concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    into = f'COPY "{rows[0]._meta.db_table}" ({names}) FROM STDIN'
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(into) as stream:
        for row in rows:
            stream.write_row([field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields])
