"""What the database itself holds to, whoever writes and whoever writes at the same time."""

from django.db import migrations

JOURNAL = """
CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The journal is append-only: a line cannot be changed or deleted.';
END $$;
CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE ON records_event
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER seals_are_append_only BEFORE UPDATE OR DELETE ON records_journalseal
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
"""
# A trigger and not a verb: people enter the register by several verbs and loaders, and whoever is forgotten here
# would be found by no trace.
TOKENS = """
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
# No more people in a place than it holds, at any moment. A check that counts rows cannot be a constraint; a trigger that
# first locks the place is one.
PLACES = """
CREATE FUNCTION stay_within_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held integer;
    most integer;
BEGIN
    SELECT capacity INTO held FROM records_place WHERE id = NEW.place_id;
    IF held IS NULL THEN
        RETURN NEW;
    END IF;
    -- Whoever comes second waits here, and then sees the stay of the first.
    PERFORM 1 FROM records_place WHERE id = NEW.place_id FOR NO KEY UPDATE;
    SELECT max(together) INTO most FROM (
        SELECT (
            SELECT count(*) FROM records_stay AS other
            WHERE other.place_id = NEW.place_id AND other.id <> NEW.id AND other.period @> moment
        ) AS together
        FROM (
            SELECT lower(NEW.period) AS moment
            UNION
            SELECT lower(period) FROM records_stay
            WHERE place_id = NEW.place_id AND id <> NEW.id AND lower(period) <@ NEW.period
        ) AS moments
    ) AS counts;
    IF most + 1 > held THEN
        RAISE EXCEPTION 'stay_within_capacity: place % holds % people', NEW.place_id, held
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stay_within_capacity', TABLE = 'records_stay';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stay_within_capacity BEFORE INSERT OR UPDATE OF period, place_id ON records_stay
    FOR EACH ROW WHEN (NEW.place_id IS NOT NULL) EXECUTE FUNCTION stay_within_capacity();
CREATE INDEX stay_of_place ON records_stay (place_id, lower(period));
"""
ROOMS = """
CREATE FUNCTION placement_within_room() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    spot bigint;
    most integer;
    kept integer;
BEGIN
    SELECT place_id, beds INTO spot, most FROM records_isolationroom WHERE id = NEW.room_id;
    PERFORM 1 FROM records_place WHERE id = spot FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM records_stay
        WHERE place_id = spot AND upper_inf(period) AND party <> NEW.party AND person_id <> NEW.person_id
    ) OR EXISTS (
        SELECT 1 FROM records_roomplacement
        WHERE room_id = NEW.room_id AND state IN ('proposed', 'accepted') AND party <> NEW.party AND id <> NEW.id
    ) THEN
        RAISE EXCEPTION 'placement_beside_strangers: another household has room %', NEW.room_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'placement_beside_strangers',
                TABLE = 'records_roomplacement';
    END IF;
    SELECT count(DISTINCT person_id) INTO kept FROM (
        SELECT person_id FROM records_stay WHERE place_id = spot AND upper_inf(period)
        UNION ALL
        SELECT person_id FROM records_roomplacement
        WHERE room_id = NEW.room_id AND state IN ('proposed', 'accepted') AND id <> NEW.id
    ) AS inside WHERE person_id <> NEW.person_id;
    IF kept + 1 > most THEN
        RAISE EXCEPTION 'placement_within_beds: room % has % beds', NEW.room_id, most
            USING ERRCODE = 'check_violation', CONSTRAINT = 'placement_within_beds', TABLE = 'records_roomplacement';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER placement_within_room BEFORE INSERT OR UPDATE OF room_id, party ON records_roomplacement
    FOR EACH ROW WHEN (NEW.state IN ('proposed', 'accepted')) EXECUTE FUNCTION placement_within_room();
CREATE INDEX placement_open_of_room ON records_roomplacement (room_id) WHERE state IN ('proposed', 'accepted');
CREATE INDEX placement_by_due ON records_roomplacement (outbreak_id, state, due_at);
"""
# What somebody signed is never changed: a correction is a version of its own. `own` and the figures are sealed.
REPORTS = """
CREATE FUNCTION submitted_report_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.figures IS DISTINCT FROM OLD.figures OR NEW.is_zero IS DISTINCT FROM OLD.is_zero
       OR NEW.submitted_at IS DISTINCT FROM OLD.submitted_at OR NEW.signature IS DISTINCT FROM OLD.signature
       OR NEW.date IS DISTINCT FROM OLD.date OR NEW.area_code IS DISTINCT FROM OLD.area_code
    THEN RAISE EXCEPTION 'A submitted report cannot be changed: make a new version.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER submitted_report_is_sealed BEFORE UPDATE ON records_dailyreport
    FOR EACH ROW WHEN (OLD.submitted_at IS NOT NULL) EXECUTE FUNCTION submitted_report_is_sealed();
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0003_rounds_are_counted")]

    replaces = [
        ("records", "0035_cooperation"),
        ("records", "0036_teams"),
        ("records", "0037_directives"),
        ("records", "0038_response_levels"),
        ("records", "0039_daily_reports"),
    ]

    operations = [migrations.RunSQL(JOURNAL + TOKENS + PLACES + ROOMS + REPORTS)]
