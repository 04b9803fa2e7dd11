from django.db import migrations

# The unique indexes hold the first swab and the single one of somebody called back; who asks for all swabs of somebody,
# doubles included, or does not say which, finds none of use in them, and would read a round of ten million through.
INDEX = "CREATE INDEX swab_of_entry ON records_swab (round_id, entry)"
FORGET = "DROP INDEX swab_of_entry"


class Migration(migrations.Migration):
    dependencies = [("records", "0023_hand_overs_from_closing_to_receipt")]
    operations = [migrations.RunSQL(INDEX, FORGET)]
