from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("records", "0004_one_issued_order_at_a_time")]

    operations = [
        # A ranking is made anew each day, so earlier rows carry nothing that would be lost.
        migrations.RunSQL("DELETE FROM records_sharedexposure", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="sharedexposure",
            name="scope",
            field=models.CharField(choices=[("event", "同日同地"), ("place", "同一场所")], default="place", max_length=10),
            preserve_default=False,
        ),
    ]
