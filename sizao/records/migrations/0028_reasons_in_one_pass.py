"""
Reasons for many missed people at once are counted in one pass over them.

The count of 0019 compared each row with each of its former state: right for a door, hours for a hundred thousand rows.
"""

from django.db import migrations

HEAD = """
CREATE OR REPLACE FUNCTION testing_count_reasons() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO records_testingcount AS c (round_id, area_code, hour, explained, latest_at)
"""
TAIL = """
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (round_id, area_code, hour) DO UPDATE SET
        explained = c.explained + EXCLUDED.explained,
        latest_at = greatest(c.latest_at, EXCLUDED.latest_at);
    RETURN NULL;
END $$;
"""
ONE_PASS = """
    SELECT m.round_id, m.area_code, date_trunc('hour', m.at, 'UTC'), sum(m.more), max(m.at)
    FROM (
        SELECT b.round_id, b.number, max(b.area_code) AS area_code, sum(b.more) AS more, max(b.missed_at) AS at
        FROM (
            SELECT round_id, number, area_code, missed_at, 1 AS more FROM fresh
            WHERE missed_reason IS NOT NULL AND kind IN ('resident', 'visitor')
            UNION ALL
            SELECT round_id, number, area_code, missed_at, -1 FROM former
            WHERE missed_reason IS NOT NULL AND kind IN ('resident', 'visitor')
        ) b
        GROUP BY b.round_id, b.number
        HAVING sum(b.more) <> 0
    ) m
    WHERE NOT EXISTS (
        SELECT FROM records_swab s WHERE s.round_id = m.round_id AND s.entry = m.number AND NOT s.is_double
    )
"""
EACH_WITH_EACH = """
    SELECT
        n.round_id, n.area_code, date_trunc('hour', coalesce(n.missed_at, o.missed_at), 'UTC'),
        sum((n.missed_reason IS NOT NULL)::int - (o.missed_reason IS NOT NULL)::int),
        max(coalesce(n.missed_at, o.missed_at))
    FROM fresh n JOIN former o ON o.round_id = n.round_id AND o.number = n.number
    WHERE (n.missed_reason IS NULL) <> (o.missed_reason IS NULL)
        AND n.kind IN ('resident', 'visitor')
        AND NOT EXISTS (
            SELECT FROM records_swab s WHERE s.round_id = n.round_id AND s.entry = n.number AND NOT s.is_double
        )
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0027_sites")]

    operations = [migrations.RunSQL(HEAD + ONE_PASS + TAIL, HEAD + EACH_WITH_EACH + TAIL)]
