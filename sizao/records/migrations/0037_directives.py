from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0036_teams")]

    operations: list[migrations.operations.base.Operation] = []
