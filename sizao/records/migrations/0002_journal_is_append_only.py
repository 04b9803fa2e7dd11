from django.db import migrations

FORBID = """
CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The journal is append-only: a line cannot be changed or deleted.';
END $$;
CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE ON records_event
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
"""
ALLOW = """
DROP TRIGGER journal_is_append_only ON records_event;
DROP FUNCTION journal_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0001_nouns")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
