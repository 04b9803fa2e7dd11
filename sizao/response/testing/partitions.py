"""
The partitions of a round: its roster, its tubes, its swabs, the way of its tubes and what laboratories read in them.

Made beside the tables and then attached, which holds nobody up who works in another round. Tubes and swabs refer to
the roster of their own round, so that all three can be set aside together.
"""

from django.db import connection
from psycopg import sql

from sizao.records import quick
from sizao.records.models import TestingRound

ROSTER, TUBE, SWAB = "records_rosterentry", "records_tube", "records_swab"
STEP, READING = "records_tubestep", "records_labreading"
_LOCKS = 7_408_118  # the class of this stage's advisory locks


def name_of(table: str, round_id: int) -> str:
    """Name the partition of a round."""
    return f"{table}_r{round_id}"


def make(table: str, round_id: int) -> None:
    """Make the table that becomes a round's partition; it has no index yet."""
    _run(
        "CREATE TABLE {part} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS,"
        " CONSTRAINT {check} CHECK (round_id = {id}))",
        table, round_id,
    )  # fmt: skip


def attach(table: str, round_id: int) -> None:
    """Give a table the indexes of its parent and make it a partition."""
    _run("ALTER TABLE {table} ATTACH PARTITION {part} FOR VALUES IN ({id})", table, round_id)
    _run("ALTER TABLE {part} DROP CONSTRAINT {check}", table, round_id)


def make_for_swabs(round_id: int) -> None:
    """Make the partitions that an open round fills; its roster must be there."""
    for table in (TUBE, SWAB, STEP, READING):
        make(table, round_id)
        attach(table, round_id)
    parts = {"swab": name_of(SWAB, round_id), "tube": name_of(TUBE, round_id), "roster": name_of(ROSTER, round_id)}
    for column, other, key in (("entry", "roster", "number"), ("tube", "tube", "code")):
        text = "ALTER TABLE {swab} ADD FOREIGN KEY (round_id, {column}) REFERENCES {other} (round_id, {key})"
        _execute(
            sql.SQL(text).format(
                swab=sql.Identifier(parts["swab"]),
                other=sql.Identifier(parts[other]),
                column=sql.Identifier(column),
                key=sql.Identifier(key),
            )
        )


def exists(table: str, round_id: int) -> bool:
    """Tell whether a round has this partition."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name_of(table, round_id)])
        return bool(cursor.fetchone()[0])


def drop(table: str, round_id: int) -> None:
    """Throw a partition away, with all that lies in it."""
    _run("DROP TABLE {part}", table, round_id)


def set_aside(round_id: int) -> None:
    """Detach all that a round holds; the tables stay in the database under their names, outside every question."""
    for table in (READING, STEP, SWAB, TUBE, ROSTER):
        _run("ALTER TABLE {table} DETACH PARTITION {part}", table, round_id)


def hold_open(testing_round: TestingRound) -> None:
    """
    Keep a round from being closed until this transaction ends; many may hold it at once.

    An advisory lock, because a lock on the row would be written to it by every swab.
    """
    quick.asked(holding_open(testing_round))


def holding_open(testing_round: TestingRound) -> quick.Question:
    """Put `hold_open` as a question, to be asked before others."""
    return "SELECT pg_advisory_xact_lock_shared(%s, %s)", [_LOCKS, testing_round.pk]


def hold_alone(testing_round: TestingRound) -> None:
    """Wait until nobody registers in a round any more, and keep it so until this transaction ends."""
    _lock("SELECT pg_advisory_xact_lock(%s, %s)", testing_round)


def _lock(text: str, testing_round: TestingRound) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, [_LOCKS, testing_round.pk])


def _run(text: str, table: str, round_id: int) -> None:
    part = name_of(table, round_id)
    _execute(
        sql.SQL(text).format(
            table=sql.Identifier(table),
            part=sql.Identifier(part),
            check=sql.Identifier(f"{part}_of_round"),
            id=sql.Literal(int(round_id)),
        )
    )


def _execute(statement: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
