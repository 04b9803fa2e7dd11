from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0041_oversight")]

    operations: list[migrations.operations.base.Operation] = []
