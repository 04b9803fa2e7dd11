"""A scorecard finds its clocks without reading past others."""

from django.db import migrations

# The counts of a province and of its cities stand among those of two thousand streets: the length of the code comes
# first. Of directives only those that are due count.
FIND = """
CREATE INDEX clock_day_by_level ON records_clockday (length(area_code), area_code varchar_pattern_ops, day)
    INCLUDE (kind, outbreak_id, clocks, kept, unknown);
CREATE INDEX directive_part_due ON records_directivepart (due_at);
"""
LEAVE = "DROP INDEX clock_day_by_level, directive_part_due;"


class Migration(migrations.Migration):
    dependencies = [("records", "0008_pushes_and_teams_of_directives")]

    operations = [migrations.RunSQL(FIND, LEAVE)]
