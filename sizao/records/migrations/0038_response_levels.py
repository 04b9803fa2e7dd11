from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0037_directives")]

    operations: list[migrations.operations.base.Operation] = []
