from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0030_days_inside")]

    operations = []
