import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0013_bulk_presence'),
    ]

    operations = [
        migrations.AddField(
            model_name='tokenkey',
            name='borne_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='trace',
            name='question',
            field=models.CharField(choices=[('companions', '同时空人员'), ('seats', '同乘座位'), ('second_ring', '次密接人员'), ('common_source', '共同暴露'), ('hotspots', '重点场所')], max_length=16),
        ),
        migrations.AddField(
            model_name='tracematch',
            name='rides',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='tracematch',
            name='seating',
            field=models.CharField(blank=True, choices=[('near', '属判定座位范围'), ('apart', '同乘、不在判定范围'), ('unknown', '座位不详')], default='', max_length=10),
            preserve_default=False,
        ),
        migrations.RemoveIndex(
            model_name='tracematch',
            name='trace_match_ranked',
        ),
        migrations.AddIndex(
            model_name='tracematch',
            index=models.Index(fields=['trace', 'layer', '-score', 'id'], name='trace_match_ranked'),
        ),
        migrations.AddIndex(
            model_name='tracematch',
            index=models.Index(condition=models.Q(('person__isnull', False)), fields=['trace', 'person'], name='trace_match_known'),
        ),
        migrations.CreateModel(
            name='PresenceSeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=40)),
                ('place', models.CharField(max_length=200)),
                ('carriage', models.CharField(blank=True, max_length=20)),
                ('row', models.PositiveSmallIntegerField(null=True)),
                ('is_crew', models.BooleanField(default=False)),
                ('started_at', models.DateTimeField()),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='records.presencebatch')),
                ('outbreak', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='presence_seats', to='records.outbreak')),
            ],
            options={
                'indexes': [models.Index(fields=['outbreak', 'place', 'token'], name='presence_seat_place'), models.Index(fields=['outbreak', 'started_at'], name='presence_seat_day')],
            },
        ),
        migrations.CreateModel(
            name='TokenBearer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.UUIDField()),
                ('outbreak', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='token_bearers', to='records.outbreak')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='token_marks', to='records.person')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('outbreak', 'mark', 'person'), name='token_bearer_once')],
            },
        ),
        migrations.CreateModel(
            name='TokensDue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='records.person')),
            ],
        ),
    ]
