"""
No more people in a place than it holds, at any moment, whoever asks at the same time.

A check that counts rows cannot be a constraint; a trigger that first locks the place is one.
"""

from django.db import migrations

HOLD = """
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
LET_GO = """
DROP INDEX stay_of_place;
DROP TRIGGER stay_within_capacity ON records_stay;
DROP FUNCTION stay_within_capacity();
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0025_rooms_transfers_and_orders")]

    operations = [migrations.RunSQL(HOLD, LET_GO)]
