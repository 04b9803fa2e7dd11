import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0019_swabs_are_counted'),
    ]

    operations = [
        migrations.CreateModel(
            name='WhatIf',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_code', models.CharField(max_length=12)),
                ('date', models.DateField()),
                ('as_of', models.DateTimeField()),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.CharField(max_length=150)),
                ('situation', models.JSONField()),
                ('policies', models.JSONField()),
                ('settings', models.JSONField()),
                ('begun_at', models.DateTimeField(null=True)),
                ('done', models.PositiveIntegerField(default=0)),
                ('runs', models.PositiveIntegerField(default=0)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answer', models.JSONField(null=True)),
                ('fault', models.CharField(blank=True, max_length=1000)),
                ('outbreak', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='what_ifs', to='records.outbreak')),
            ],
            options={
                'indexes': [models.Index(fields=['outbreak', '-id'], name='what_if_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('done__lte', models.F('runs'))), name='what_if_runs_in_order')],
            },
        ),
    ]
