from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0026_places_have_a_capacity")]

    operations = []
