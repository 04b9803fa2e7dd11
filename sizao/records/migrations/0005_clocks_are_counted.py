"""Kept and missed clocks are counted beside the tasks."""

from django.conf import settings
from django.db import migrations

# Scorecards ask for a month of 60,000 tasks a day, so the database counts clocks beside the tasks: each statement leaves
# what it changed in `records_clockchange` (nobody waits for a shared row), and the loop adds that to `records_clockday`.
# A clock is kept when the task was done by its moment; one that was cancelled before its moment counts for nothing, and
# one without a moment is unknown, never kept. The day is the civil day of the jurisdiction.
COUNTED = """
SELECT t.kind, coalesce(t.outbreak_id, 0) AS outbreak_id, left(t.area_code, digits) AS area_code,
    (coalesce(t.due_at, t.asked_at) AT TIME ZONE '{zone}')::date AS day,
    sum(t.sign * (t.due_at IS NOT NULL AND NOT coalesce(t.state = 'cancelled' AND t.done_at <= t.due_at, false))::int)
        AS clocks,
    sum(t.sign * coalesce(t.state = 'done' AND t.done_at <= t.due_at, false)::int) AS kept,
    sum(t.sign * (t.due_at IS NULL AND t.state <> 'cancelled')::int) AS unknown
FROM ({rows}) t CROSS JOIN unnest(ARRAY[2, 4, 6, 9]) digits
WHERE length(t.area_code) >= digits
GROUP BY 1, 2, 3, 4
"""
COLUMNS = "kind, outbreak_id, area_code, day, clocks, kept, unknown"
FIELDS = "kind, outbreak_id, area_code, asked_at, due_at, done_at, state"
ADDED, TAKEN = f"SELECT 1 AS sign, {FIELDS} FROM new_rows", f"SELECT -1 AS sign, {FIELDS} FROM old_rows"
TABLES = {"new_rows": "NEW TABLE AS new_rows", "old_rows": "OLD TABLE AS old_rows"}


def _counting(event: str, rows: str) -> str:
    name = f"oversight_count_{event}"
    seen = " ".join(words for table, words in TABLES.items() if table in rows)
    counted = COUNTED.format(rows=rows, zone=settings.TIME_ZONE)
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO records_clockchange ({COLUMNS})
    SELECT * FROM ({counted}) c WHERE clocks <> 0 OR kept <> 0 OR unknown <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON records_task REFERENCING {seen}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


WAYS = {"insert": ADDED, "update": f"{ADDED} UNION ALL {TAKEN}", "delete": TAKEN}
COUNT = "".join(_counting(event, rows) for event, rows in WAYS.items())
FIND = """
CREATE INDEX task_clock_due ON records_task (due_at);
CREATE INDEX task_clock_late ON records_task (due_at) INCLUDE (kind, area_code, done_at, state, outbreak_id)
    WHERE done_at IS NULL OR done_at > due_at;
CREATE INDEX task_clock_open ON records_task (due_at) INCLUDE (kind, area_code, outbreak_id) WHERE done_at IS NULL;
CREATE INDEX task_clock_late_done ON records_task (done_at) INCLUDE (kind, area_code, due_at, outbreak_id)
    WHERE done_at > due_at;
CREATE INDEX task_clock_unknown ON records_task (asked_at) INCLUDE (kind, area_code, state, outbreak_id)
    WHERE due_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0004_what_the_database_holds_to")]

    replaces = [
        ("records", "0040_bulletins_and_cards"),
        ("records", "0041_oversight"),
        ("records", "0042_inside_zones"),
    ]

    operations = [migrations.RunSQL(COUNT + FIND)]
