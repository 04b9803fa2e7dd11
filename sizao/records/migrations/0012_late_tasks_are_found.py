"""What is late is found by its clock: the index of what was done holds no longer what was never done."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0011_counts_have_totals")]

    operations = [
        migrations.RemoveIndex("task", "task_done"),
        migrations.AddIndex(
            "task",
            models.Index(fields=["done_at"], name="task_done", condition=models.Q(done_at__isnull=False)),
        ),
    ]
