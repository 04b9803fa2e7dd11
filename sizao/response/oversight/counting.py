"""Counts of clocks: what the database noted beside the tasks is added to its days, so that reading stays quick."""

from datetime import datetime

from django.db import connection, transaction

_ONE_AT_A_TIME = 4107201  # any number that nothing else locks by
# One statement: a reader sees a change either here or there, never in both.
_GATHER = """
WITH gone AS (
    DELETE FROM records_clockchange
    RETURNING kind, outbreak_id, area_code, day, clocks, kept, unknown
), summed AS (
    SELECT kind, outbreak_id, area_code, day, sum(clocks) AS clocks, sum(kept) AS kept, sum(unknown) AS unknown
    FROM gone GROUP BY kind, outbreak_id, area_code, day
), added AS (
    INSERT INTO records_clockday AS d (kind, outbreak_id, area_code, day, clocks, kept, unknown)
    SELECT kind, outbreak_id, area_code, day, clocks, kept, unknown FROM summed
    ORDER BY area_code, day, kind, outbreak_id
    ON CONFLICT (area_code, day, kind, outbreak_id) DO UPDATE SET
        clocks = d.clocks + excluded.clocks, kept = d.kept + excluded.kept, unknown = d.unknown + excluded.unknown
)
SELECT count(*) FROM gone
"""


@transaction.atomic
def gather(*, now: datetime) -> int:  # noqa: ARG001 — every verb of the loop takes its moment
    """Add what statements on tasks changed to the days they concern; return how many changes there were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        cursor.execute(_GATHER)
        return int(cursor.fetchone()[0])
