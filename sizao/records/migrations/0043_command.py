from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0042_inside_zones")]

    operations: list[migrations.operations.base.Operation] = []
