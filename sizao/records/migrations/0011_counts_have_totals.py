"""What a round has come to in each area is kept beside its hours, so that a board reads one row an area."""

import django.db.models.deletion
from django.db import migrations, models

FIGURES = (
    "expected", "kept_elsewhere", "registered", "others", "doubled", "late", "explained", "resulted", "positive",
    "to_recall", "recalled",
)  # fmt: skip
NAMES = ", ".join(FIGURES)
SUMS = ", ".join(f"sum({name})" for name in FIGURES)
LESS = ", ".join(f"-{name} AS {name}" for name in FIGURES)
ADDED = ", ".join(f"{name} = t.{name} + EXCLUDED.{name}" for name in FIGURES)
ADD = f"""
    INSERT INTO records_testingtotal AS t (round_id, area_code, {NAMES}, latest_at)
    SELECT round_id, area_code, {SUMS}, max(latest_at) FROM {{changed}} GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (round_id, area_code) DO UPDATE SET {ADDED}, latest_at = greatest(t.latest_at, EXCLUDED.latest_at);
"""
ROWS = f"SELECT round_id, area_code, {NAMES}, latest_at FROM"
MINUS = f"SELECT round_id, area_code, {LESS}, latest_at FROM former"

# By statement, after the hours are written, areas in the order of their codes. `latest_at` only grows: a total that is
# taken for younger than it is, is answered from the hours, which is slower and no less right.
KEEP = f"""
CREATE FUNCTION testing_total_gained() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {ADD.format(changed="fresh")} RETURN NULL; END $$;
CREATE FUNCTION testing_total_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {ADD.format(changed=f"({ROWS} fresh UNION ALL {MINUS}) both_sides")} RETURN NULL; END $$;
CREATE FUNCTION testing_total_lost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {ADD.format(changed=f"({MINUS}) gone")}
    DELETE FROM records_testingtotal t USING (SELECT DISTINCT round_id, area_code FROM former) f
    WHERE t.round_id = f.round_id AND t.area_code = f.area_code AND NOT EXISTS (
        SELECT FROM records_testingcount c WHERE c.round_id = f.round_id AND c.area_code = f.area_code
    );
    RETURN NULL;
END $$;
CREATE TRIGGER gained_is_totalled AFTER INSERT ON records_testingcount
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION testing_total_gained();
CREATE TRIGGER changed_is_totalled AFTER UPDATE ON records_testingcount
    REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION testing_total_changed();
CREATE TRIGGER lost_is_totalled AFTER DELETE ON records_testingcount
    REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION testing_total_lost();
{ADD.format(changed="records_testingcount")}
ALTER TABLE records_testingtotal SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000);
SELECT watch_changes('records_testingtotal', 'testing');
"""
LEAVE = """
DROP TRIGGER gained_is_totalled ON records_testingcount;
DROP TRIGGER changed_is_totalled ON records_testingcount;
DROP TRIGGER lost_is_totalled ON records_testingcount;
DROP FUNCTION testing_total_gained();
DROP FUNCTION testing_total_changed();
DROP FUNCTION testing_total_lost();
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0010_counts_take_the_rows_as_they_come")]

    operations = [
        migrations.CreateModel(
            name="TestingTotal",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "round_id", "area_code", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                *((name, models.IntegerField(db_default=0)) for name in FIGURES),
                ("latest_at", models.DateTimeField()),
                ("area_code", models.CharField(max_length=12)),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="totals",
                        to="records.testinground",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(KEEP, LEAVE),
    ]
