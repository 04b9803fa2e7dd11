"""Which report holds a day is found without reading all that end later: those of several days are few."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0013_reports_have_periods")]

    operations = [
        migrations.AddIndex(
            "dailyreport",
            models.Index(
                fields=["date"],
                name="daily_report_of_days",
                condition=models.Q(first_date__lt=models.F("date")),
            ),
        ),
    ]
