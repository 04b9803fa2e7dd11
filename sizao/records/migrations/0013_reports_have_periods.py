"""A report says from which day on it counts; those of before say what they held: the one day they are called by."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

FILL = """
ALTER TABLE records_dailyreport ADD COLUMN first_date date;
UPDATE records_dailyreport SET first_date = date;
ALTER TABLE records_dailyreport ALTER COLUMN first_date SET NOT NULL;
"""
EMPTY = "ALTER TABLE records_dailyreport DROP COLUMN first_date;"
# The period is a part of what somebody signed.
SEAL = """
CREATE OR REPLACE FUNCTION submitted_report_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.figures IS DISTINCT FROM OLD.figures OR NEW.is_zero IS DISTINCT FROM OLD.is_zero
       OR NEW.submitted_at IS DISTINCT FROM OLD.submitted_at OR NEW.signature IS DISTINCT FROM OLD.signature
       OR NEW.date IS DISTINCT FROM OLD.date OR NEW.area_code IS DISTINCT FROM OLD.area_code{also}
    THEN RAISE EXCEPTION 'A submitted report cannot be changed: make a new version.';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0012_late_tasks_are_found")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FILL, EMPTY)],
            state_operations=[migrations.AddField("dailyreport", "first_date", models.DateField())],
        ),
        migrations.RunSQL(
            SEAL.format(also="\n       OR NEW.first_date IS DISTINCT FROM OLD.first_date"), SEAL.format(also="")
        ),
        migrations.AddConstraint(
            "dailyreport",
            models.CheckConstraint(
                name="daily_report_ends_after_it_begins", condition=models.Q(first_date__lte=models.F("date"))
            ),
        ),
        migrations.AddConstraint(
            "dailyreport",
            django.contrib.postgres.constraints.ExclusionConstraint(
                name="daily_report_holds_a_day_once",
                expressions=[
                    ("outbreak", "="),
                    ("area_code", "="),
                    (
                        models.Func(
                            "first_date",
                            "date",
                            models.Value("[]"),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                condition=models.Q(("corrected_at__isnull", True), ("unit__isnull", True)),
            ),
        ),
    ]
