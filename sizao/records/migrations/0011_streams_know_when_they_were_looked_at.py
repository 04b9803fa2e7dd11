from datetime import date

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0010_streams_and_alerts'),
    ]

    operations = [
        migrations.AddField(
            model_name='stream',
            name='first_date',
            field=models.DateField(default=date(2020, 1, 1)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='stream',
            name='looked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='stream',
            name='looked_with',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='stream',
            name='counts_seen',
            field=models.PositiveIntegerField(default=0),
        ),
    ]
