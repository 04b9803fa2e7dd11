from datetime import UTC, datetime

import django.db.models.deletion
import sizao.records.secrecy
from django.conf import settings
from django.db import migrations, models

EVER = datetime(2000, 1, 1, tzinfo=UTC)
# Requests had the kinds of visits at a door, and an outcome in anybody's words. Nothing wrote them; should a table hold
# some all the same, they keep what they said.
FILL = """
UPDATE records_zonerequest SET
    recorded_at = coalesce(done_at, asked_at),
    kind = CASE kind WHEN 'care' THEN 'care' WHEN 'medicine' THEN 'medicine' WHEN 'delivery' THEN 'goods'
        WHEN 'waste' THEN 'waste' ELSE 'other' END,
    reason = left(outcome, 200),
    outcome = CASE WHEN done_at IS NULL THEN '' ELSE 'served' END
"""


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0041_oversight'),
    ]

    operations = [
        migrations.CreateModel(
            name='ZonePassage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.CharField(choices=[('out', '出'), ('in', '进')], max_length=3)),
                ('reason', models.CharField(choices=[('medical', '就医'), ('duty', '值守保障'), ('supplies', '物资运送'), ('transfer', '转运'), ('return', '返家'), ('other', '其他')], max_length=10)),
                ('outcome', models.CharField(choices=[('passed', '放行'), ('refused', '未放行')], max_length=8)),
                ('bearer', sizao.records.secrecy.SealedField(null=True)),
                ('note', sizao.records.secrecy.SealedField(null=True)),
                ('lacks_permit', models.BooleanField(default=False)),
                ('happened_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('clock_off_seconds', models.IntegerField(null=True)),
                ('source_key', models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='ZonePermit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bearer', sizao.records.secrecy.SealedField(null=True)),
                ('reason', models.CharField(choices=[('medical', '就医'), ('duty', '值守保障'), ('supplies', '物资运送'), ('transfer', '转运'), ('return', '返家'), ('other', '其他')], max_length=10)),
                ('starts_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('issued_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('source_key', models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='ZoneServing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('served', '已办结'), ('nobody', '无人应答'), ('refused', '不予办理')], max_length=10)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('happened_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('clock_off_seconds', models.IntegerField(null=True)),
                ('source_key', models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.AddField(
            model_name='zonerequest',
            name='channel',
            field=models.CharField(choices=[('phone', '电话'), ('door', '上门登记'), ('code', '居民自助'), ('rule', '按特殊需求生成')], default='phone', max_length=6),
        ),
        migrations.AddField(
            model_name='zonerequest',
            name='need',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.personneed'),
        ),
        migrations.AddField(
            model_name='zonerequest',
            name='reason',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='zonerequest',
            name='recorded_at',
            field=models.DateTimeField(default=EVER),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='zonerequest',
            name='kind',
            field=models.CharField(choices=[('care', '外出就医'), ('medicine', '购药送药'), ('goods', '生活物资'), ('infant', '母婴用品'), ('carer', '照护协助'), ('waste', '垃圾清运'), ('repair', '水电气维修'), ('other', '其他诉求')], max_length=12),
        ),
        migrations.AlterField(
            model_name='zonerequest',
            name='outcome',
            field=models.CharField(blank=True, choices=[('served', '已办结'), ('nobody', '无人应答'), ('refused', '不予办理')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='zonerequest',
            index=models.Index(fields=['household', 'kind', '-done_at'], name='zone_request_of_home'),
        ),
        migrations.AddConstraint(
            model_name='zonerequest',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'care'), ('outcome', 'refused'), _negated=True), name='zone_care_is_never_refused'),
        ),
        migrations.AddConstraint(
            model_name='zonerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'refused'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='zone_request_refused_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='zonerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', True), ('outcome__in', ['', 'nobody'])), models.Q(('done_at__isnull', False), ('outcome__in', ['served', 'refused'])), _connector='OR'), name='zone_request_done_whole'),
        ),
        migrations.AddField(
            model_name='zonepassage',
            name='gate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passages', to='records.zonegate'),
        ),
        migrations.AddField(
            model_name='zonepassage',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.person'),
        ),
        migrations.AddField(
            model_name='zonepassage',
            name='zone',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passages', to='records.zone'),
        ),
        migrations.AddField(
            model_name='zonepermit',
            name='issued_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='zonepermit',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.person'),
        ),
        migrations.AddField(
            model_name='zonepermit',
            name='zone',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='permits', to='records.zone'),
        ),
        migrations.AddField(
            model_name='zonepassage',
            name='permit',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='passages', to='records.zonepermit'),
        ),
        migrations.AddField(
            model_name='zoneserving',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='servings', to='records.zonerequest'),
        ),
        migrations.AddConstraint(
            model_name='zonepermit',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__gt', models.F('starts_at'))), name='zone_permit_ends_later'),
        ),
        migrations.AddIndex(
            model_name='zonepassage',
            index=models.Index(fields=['zone', '-happened_at'], name='zone_passage_latest'),
        ),
        migrations.AddConstraint(
            model_name='zonepassage',
            constraint=models.CheckConstraint(condition=models.Q(('outcome', 'refused'), ('reason', 'medical'), ('way', 'out'), _negated=True), name='zone_way_to_care_is_never_refused'),
        ),
    ]
