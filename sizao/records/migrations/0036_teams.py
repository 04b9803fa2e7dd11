from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0035_cooperation")]

    operations: list[migrations.operations.base.Operation] = []
