from django.db import migrations

# The counts of a round are kept in the transaction that writes its rows, by the statement that writes them. Rows are
# taken in the order of their key, so that two batches never wait for each other. The plans may not scan: they are made
# once for a session, perhaps while the round is empty, and must still be good when it holds millions.
COUNT = """
CREATE FUNCTION testing_settles(kind varchar, result varchar) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(result = 'negative' OR (kind = 'single' AND result = 'positive'), false)
$$;
CREATE FUNCTION testing_count_swabs() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO records_testingcount AS c (
        round_id, area_code, hour, registered, others, doubled, late, explained, resulted, positive, to_recall, latest_at
    )
    SELECT
        s.round_id, s.area_code, date_trunc('hour', s.recorded_at, 'UTC'),
        count(*) FILTER (WHERE s.is_expected AND NOT s.is_double),
        count(*) FILTER (WHERE NOT s.is_expected AND NOT s.is_double),
        count(*) FILTER (WHERE s.is_double),
        count(*) FILTER (WHERE s.is_late AND NOT s.is_double),
        -count(*) FILTER (WHERE s.is_expected AND NOT s.is_double AND e.missed_reason IS NOT NULL),
        count(*) FILTER (WHERE NOT s.is_double AND testing_settles(t.kind, t.result)),
        count(*) FILTER (WHERE NOT s.is_double AND t.kind = 'single' AND t.result = 'positive'),
        count(*) FILTER (WHERE NOT s.is_double AND t.kind <> 'single' AND t.result = 'positive'),
        max(s.recorded_at)
    FROM fresh s
    JOIN records_tube t ON t.round_id = s.round_id AND t.code = s.tube
    JOIN records_rosterentry e ON e.round_id = s.round_id AND e.number = s.entry
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (round_id, area_code, hour) DO UPDATE SET
        registered = c.registered + EXCLUDED.registered,
        others = c.others + EXCLUDED.others,
        doubled = c.doubled + EXCLUDED.doubled,
        late = c.late + EXCLUDED.late,
        explained = c.explained + EXCLUDED.explained,
        resulted = c.resulted + EXCLUDED.resulted,
        positive = c.positive + EXCLUDED.positive,
        to_recall = c.to_recall + EXCLUDED.to_recall,
        latest_at = greatest(c.latest_at, EXCLUDED.latest_at);
    RETURN NULL;
END $$;
CREATE TRIGGER swabs_are_counted AFTER INSERT ON records_swab
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION testing_count_swabs();

CREATE FUNCTION testing_count_results() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO records_testingcount AS c (round_id, area_code, hour, resulted, positive, to_recall, latest_at)
    SELECT
        s.round_id, s.area_code, date_trunc('hour', n.told_at, 'UTC'),
        sum(testing_settles(n.kind, n.result)::int - testing_settles(n.kind, n.was)::int),
        sum((n.kind = 'single')::int * (coalesce(n.result = 'positive', false)::int - coalesce(n.was = 'positive', false)::int)),
        sum((n.kind <> 'single')::int * (coalesce(n.result = 'positive', false)::int - coalesce(n.was = 'positive', false)::int)),
        max(n.told_at)
    FROM (
        SELECT n.round_id, n.code, n.kind, n.result, o.result AS was, coalesce(n.resulted_at, o.resulted_at) AS told_at
        FROM fresh n JOIN former o ON o.round_id = n.round_id AND o.code = n.code
        WHERE n.result IS DISTINCT FROM o.result
    ) n
    JOIN records_swab s ON s.round_id = n.round_id AND s.tube = n.code AND NOT s.is_double
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (round_id, area_code, hour) DO UPDATE SET
        resulted = c.resulted + EXCLUDED.resulted,
        positive = c.positive + EXCLUDED.positive,
        to_recall = c.to_recall + EXCLUDED.to_recall,
        latest_at = greatest(c.latest_at, EXCLUDED.latest_at);
    RETURN NULL;
END $$;
CREATE TRIGGER results_are_counted AFTER UPDATE ON records_tube
    REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION testing_count_results();

CREATE FUNCTION testing_count_reasons() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO records_testingcount AS c (round_id, area_code, hour, explained, latest_at)
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
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (round_id, area_code, hour) DO UPDATE SET
        explained = c.explained + EXCLUDED.explained,
        latest_at = greatest(c.latest_at, EXCLUDED.latest_at);
    RETURN NULL;
END $$;
CREATE TRIGGER reasons_are_counted AFTER UPDATE ON records_rosterentry
    REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION testing_count_reasons();
"""
FORGET = """
DROP TRIGGER reasons_are_counted ON records_rosterentry;
DROP TRIGGER results_are_counted ON records_tube;
DROP TRIGGER swabs_are_counted ON records_swab;
DROP FUNCTION testing_count_reasons();
DROP FUNCTION testing_count_results();
DROP FUNCTION testing_count_swabs();
DROP FUNCTION testing_settles(varchar, varchar);
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0018_rosters_tubes_and_swabs")]
    operations = [migrations.RunSQL(COUNT, FORGET)]
