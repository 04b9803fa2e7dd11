from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0038_response_levels")]

    operations: list[migrations.operations.base.Operation] = []
