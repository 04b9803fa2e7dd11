from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0033_four_clears")]

    operations = []
