"""The counts of a round follow from its rows by themselves."""

from django.db import migrations

# The counts of a round are kept in the transaction that writes its rows, by the statement that writes them. Rows are
# taken in the order of their key, so that two batches never wait for each other. The plans may not scan: they are made
# once for a session, perhaps while the round is empty, and must still be good when it holds millions.
SETTLES = """
CREATE FUNCTION testing_settles(kind varchar, result varchar) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(result = 'negative' OR (kind = 'single' AND result = 'positive'), false)
$$;
"""

# Two things are people's and not swabs'. Whoever was called back has two swabs that count, and is resulted once. And a
# single tube in which several people stand is a pool, whatever was said when it was opened: see `positives._sorted`.
# A result that is taken back is counted where that became known (`withdrawn_at`), so that past readings stay.
#
# What changed is found by setting the rows as they were beside the table, which has an index, and not beside the rows as
# they are: with hash joins off, a thousand tubes were compared with each of a thousand.
#
# In one statement both tubes of somebody may change. `recalled` says which single tubes of people called back changed,
# and from what; such a person is then counted with their first tube (`paired`) and not a second time.
ALONE = """
NOT EXISTS (SELECT FROM records_swab o WHERE o.round_id = s.round_id AND o.tube = s.tube AND o.entry <> s.entry)
"""
COUNT = f"""
CREATE FUNCTION testing_count_swabs() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO records_testingcount AS c (
        round_id, area_code, hour, registered, others, doubled, late, explained, resulted, positive, to_recall, recalled,
        latest_at
    )
    SELECT
        round_id, area_code, date_trunc('hour', recorded_at, 'UTC'), sum(registered), sum(others), sum(doubled),
        sum(late), sum(explained), sum(resulted), sum(positive), sum(to_recall), sum(recalled), max(recorded_at)
    FROM (
        SELECT
            s.round_id, s.area_code, s.recorded_at,
            (s.is_expected AND NOT s.is_double AND NOT s.is_recall)::int AS registered,
            (NOT s.is_expected AND NOT s.is_double AND NOT s.is_recall)::int AS others,
            s.is_double::int AS doubled,
            (s.is_late AND NOT s.is_double AND NOT s.is_recall)::int AS late,
            -(s.is_expected AND NOT s.is_double AND NOT s.is_recall AND e.missed_reason IS NOT NULL)::int AS explained,
            (NOT s.is_double AND t.result IS NOT NULL AND testing_settles(k.kind, t.result) AND NOT (
                s.is_recall AND EXISTS (
                    SELECT FROM records_swab f JOIN records_tube ft ON ft.round_id = f.round_id AND ft.code = f.tube
                    WHERE f.round_id = s.round_id AND f.entry = s.entry AND NOT f.is_double AND NOT f.is_recall
                        AND ft.result = 'negative'
                )
            ))::int AS resulted,
            (NOT s.is_double AND coalesce(k.kind = 'single' AND t.result = 'positive', false))::int AS positive,
            (NOT s.is_double AND coalesce(k.kind <> 'single' AND t.result = 'positive', false))::int AS to_recall,
            (NOT s.is_double AND s.is_recall)::int AS recalled
        FROM fresh s
        JOIN records_tube t ON t.round_id = s.round_id AND t.code = s.tube
        JOIN records_rosterentry e ON e.round_id = s.round_id AND e.number = s.entry
        CROSS JOIN LATERAL (
            SELECT CASE WHEN t.kind = 'single' AND t.result = 'positive' AND NOT ({ALONE}) THEN 'pool' ELSE t.kind END
        ) k (kind)
        UNION ALL
        -- Who stood alone in a positive single tube until now: it is nobody's result any more.
        SELECT
            s.round_id, s.area_code, n.recorded_at, 0, 0, 0, 0, 0,
            CASE WHEN EXISTS (
                SELECT FROM records_swab p JOIN records_tube pt ON pt.round_id = p.round_id AND pt.code = p.tube
                WHERE p.round_id = s.round_id AND p.entry = s.entry AND p.tube <> s.tube AND NOT p.is_double
                    AND (pt.result = 'negative' OR pt.kind = 'single' AND pt.result = 'positive')
            ) THEN 0 ELSE -1 END,
            -1, 1, 0
        FROM (
            SELECT round_id, tube, max(recorded_at) AS recorded_at, array_agg(source_key) AS keys
            FROM fresh GROUP BY 1, 2
        ) n
        JOIN records_tube t ON t.round_id = n.round_id AND t.code = n.tube AND t.kind = 'single' AND t.result = 'positive'
        JOIN records_swab s ON s.round_id = n.round_id AND s.tube = n.tube
            AND NOT s.is_double AND s.source_key <> ALL (n.keys)
        WHERE NOT ({ALONE}) AND NOT EXISTS (
            SELECT FROM records_swab b
            WHERE b.round_id = s.round_id AND b.tube = s.tube AND b.entry <> s.entry AND b.source_key <> ALL (n.keys)
        )
    ) gained
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
        recalled = c.recalled + EXCLUDED.recalled,
        latest_at = greatest(c.latest_at, EXCLUDED.latest_at);
    RETURN NULL;
END $$;

CREATE FUNCTION testing_count_results() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    has_recalls boolean := EXISTS (SELECT FROM records_swab WHERE NOT is_double AND is_recall);
    recalled jsonb := '{{}}';
    paired varchar[] := '{{}}';
BEGIN
    IF has_recalls THEN
        SELECT coalesce(jsonb_object_agg(o.code, o.result), '{{}}') INTO recalled
        FROM former o
        WHERE o.kind = 'single' AND EXISTS (
            SELECT FROM records_swab r
            WHERE r.round_id = o.round_id AND r.tube = o.code AND NOT r.is_double AND r.is_recall
        );
    END IF;
    IF recalled <> '{{}}' THEN
        SELECT coalesce(array_agg(o.code), '{{}}') INTO paired FROM former o
        JOIN records_tube t ON t.round_id = o.round_id AND t.code = o.code AND t.result IS DISTINCT FROM o.result
        WHERE o.code = ANY (ARRAY(
            SELECT f.tube FROM jsonb_object_keys(recalled) one (code)
            JOIN records_swab r ON r.round_id IN (SELECT DISTINCT round_id FROM former) AND r.tube = one.code
            JOIN records_swab f ON f.round_id = r.round_id AND f.entry = r.entry AND NOT f.is_double AND NOT f.is_recall
            WHERE NOT r.is_double AND r.is_recall
        ));
    END IF;
    INSERT INTO records_testingcount AS c (round_id, area_code, hour, resulted, positive, to_recall, latest_at)
    SELECT
        s.round_id, s.area_code, date_trunc('hour', n.told_at, 'UTC'),
        sum(CASE WHEN s.is_recall AND p.tube = ANY (paired) THEN 0 ELSE
            (testing_settles(k.kind, n.result) OR coalesce(p.settles, false))::int
            - (testing_settles(k.kind, n.was) OR coalesce(p.settled, false))::int
        END),
        sum((k.kind = 'single')::int
            * (coalesce(n.result = 'positive', false)::int - coalesce(n.was = 'positive', false)::int)),
        sum((k.kind <> 'single')::int
            * (coalesce(n.result = 'positive', false)::int - coalesce(n.was = 'positive', false)::int)),
        max(n.told_at)
    FROM (
        SELECT n.round_id, n.code, n.kind, n.result, o.result AS was,
            coalesce(greatest(n.resulted_at, n.withdrawn_at), o.resulted_at) AS told_at
        FROM former o JOIN records_tube n ON n.round_id = o.round_id AND n.code = o.code
        WHERE n.result IS DISTINCT FROM o.result
    ) n
    JOIN records_swab s ON s.round_id = n.round_id AND s.tube = n.code AND NOT s.is_double
    CROSS JOIN LATERAL (
        SELECT CASE WHEN n.kind = 'single' AND NOT ({ALONE}) THEN 'pool' ELSE n.kind END
    ) k (kind)
    LEFT JOIN LATERAL (
        -- The other swab of somebody called back: what its tube says, and what it said before this statement.
        SELECT o.tube, testing_settles(w.kind, pt.result) AS settles,
            testing_settles(w.kind, CASE WHEN recalled ? o.tube THEN recalled ->> o.tube ELSE pt.result END) AS settled
        FROM records_swab o JOIN records_tube pt ON pt.round_id = o.round_id AND pt.code = o.tube
        CROSS JOIN LATERAL (
            SELECT CASE WHEN pt.kind = 'single' AND EXISTS (
                SELECT FROM records_swab x WHERE x.round_id = o.round_id AND x.tube = o.tube AND x.entry <> o.entry
            ) THEN 'pool' ELSE pt.kind END
        ) w (kind)
        WHERE has_recalls AND o.round_id = s.round_id AND o.entry = s.entry AND NOT o.is_double
            AND o.is_recall <> s.is_recall
    ) p ON true
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (round_id, area_code, hour) DO UPDATE SET
        resulted = c.resulted + EXCLUDED.resulted,
        positive = c.positive + EXCLUDED.positive,
        to_recall = c.to_recall + EXCLUDED.to_recall,
        latest_at = greatest(c.latest_at, EXCLUDED.latest_at);
    RETURN NULL;
END $$;
"""

# A swab that comes after its tube was boxed changes what is known of the box; the loop looks at those boxes only. No
# lock is taken on the box, which the chain holds while it works.
LATE = """
CREATE FUNCTION testing_note_late_swabs() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO records_lateswab (box_id)
    SELECT DISTINCT step.box_id FROM fresh s
    JOIN records_tubestep step ON step.round_id = s.round_id AND step.tube = s.tube AND step.step = 'boxed';
    RETURN NULL;
END $$;
CREATE TRIGGER late_swabs_are_noted AFTER INSERT ON records_swab
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION testing_note_late_swabs();
"""

# Reasons for many missed people at once are counted in one pass over them: to compare each row with each of its former
# state is right for a door, and takes hours for a hundred thousand rows.
REASONS = """
CREATE FUNCTION testing_count_reasons() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO records_testingcount AS c (round_id, area_code, hour, explained, latest_at)
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
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (round_id, area_code, hour) DO UPDATE SET
        explained = c.explained + EXCLUDED.explained,
        latest_at = greatest(c.latest_at, EXCLUDED.latest_at);
    RETURN NULL;
END $$;
"""
WHEN = """
CREATE TRIGGER swabs_are_counted AFTER INSERT ON records_swab
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION testing_count_swabs();
CREATE TRIGGER results_are_counted AFTER UPDATE ON records_tube
    REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION testing_count_results();
CREATE TRIGGER reasons_are_counted AFTER UPDATE ON records_rosterentry
    REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION testing_count_reasons();
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0002_tables")]

    replaces = [
        ("records", "0019_swabs_are_counted"),
        ("records", "0020_questions_to_the_simulated_city"),
        ("records", "0021_laboratories_boxes_and_pools"),
        ("records", "0022_testing_plans"),
        ("records", "0023_hand_overs_from_closing_to_receipt"),
        ("records", "0024_swabs_are_found_by_person"),
        ("records", "0025_rooms_transfers_and_orders"),
        ("records", "0026_places_have_a_capacity"),
        ("records", "0027_sites"),
        ("records", "0028_reasons_in_one_pass"),
        ("records", "0029_orders"),
        ("records", "0030_days_inside"),
        ("records", "0031_transport"),
        ("records", "0032_zones"),
        ("records", "0033_four_clears"),
        ("records", "0034_testing"),
    ]

    operations = [migrations.RunSQL(SETTLES + COUNT + REASONS + WHEN + LATE)]
