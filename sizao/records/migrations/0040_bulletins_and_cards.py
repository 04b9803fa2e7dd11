from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0039_daily_reports")]

    operations: list[migrations.operations.base.Operation] = []
