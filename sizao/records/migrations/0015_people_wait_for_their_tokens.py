from django.db import migrations

# A trigger and not a verb: people enter the register by several verbs and loaders, and whoever is forgotten here
# would be found by no trace.
WAIT = """
CREATE FUNCTION person_waits_for_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO records_tokensdue (person_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION people_wait_for_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO records_tokensdue (person_id) SELECT id FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER people_wait_for_tokens AFTER INSERT ON records_person
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION people_wait_for_tokens();
CREATE TRIGGER person_waits_for_tokens AFTER UPDATE ON records_person FOR EACH ROW
    WHEN (OLD.number IS DISTINCT FROM NEW.number OR OLD.id_number_index IS DISTINCT FROM NEW.id_number_index
          OR OLD.phone_index IS DISTINCT FROM NEW.phone_index)
    EXECUTE FUNCTION person_waits_for_tokens();
"""
NO_MORE = """
DROP TRIGGER person_waits_for_tokens ON records_person;
DROP TRIGGER people_wait_for_tokens ON records_person;
DROP FUNCTION person_waits_for_tokens();
DROP FUNCTION people_wait_for_tokens();
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0014_seats_and_bearers_of_tokens")]
    operations = [migrations.RunSQL(WAIT, NO_MORE)]
