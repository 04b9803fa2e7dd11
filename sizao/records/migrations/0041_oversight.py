from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0040_bulletins_and_cards")]

    operations: list[migrations.operations.base.Operation] = []
