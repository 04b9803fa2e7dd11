"""
No room is kept for more people than it has beds, nor for a household while another is in it, whoever asks at once.

A check that looks at other rows cannot be a constraint; a trigger that first locks the room's place is one. Stays lock
the same place (0026), so that who comes second sees the first.
"""

from django.db import migrations

HOLD = """
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
LET_GO = """
DROP INDEX placement_by_due;
DROP INDEX placement_open_of_room;
DROP TRIGGER placement_within_room ON records_roomplacement;
DROP FUNCTION placement_within_room();
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0026_places_have_a_capacity")]

    operations = [migrations.RunSQL(HOLD, LET_GO)]
