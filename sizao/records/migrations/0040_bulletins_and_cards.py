"""Bulletins of days, and filled forms about people."""

import django.db.models.deletion
import sizao.records.secrecy
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0039_daily_reports'),
    ]

    operations = [
        migrations.CreateModel(
            name='Bulletin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_code', models.CharField(max_length=12)),
                ('date', models.DateField()),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('state', models.CharField(choices=[('draft', '待签发'), ('issued', '已签发'), ('replaced', '已更正')], default='draft', max_length=10)),
                ('figures', models.JSONField()),
                ('text_zh', models.TextField()),
                ('text_en', models.TextField()),
                ('drafted_at', models.DateTimeField()),
                ('edited_at', models.DateTimeField(null=True)),
                ('edited_by', models.CharField(blank=True, max_length=150)),
                ('issued_at', models.DateTimeField(null=True)),
                ('replaced_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('source_key', models.CharField(max_length=200, unique=True)),
                ('issued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ('outbreak', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bulletins', to='records.outbreak')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('outbreak', 'date', 'version'), name='bulletin_version_once'), models.UniqueConstraint(condition=models.Q(('state', 'issued')), fields=('outbreak', 'date'), name='bulletin_issued_once'), models.CheckConstraint(condition=models.Q(models.Q(('issued_at__isnull', True), ('issued_by__isnull', True), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), ('issued_at__isnull', False), ('issued_by__isnull', False)), _connector='OR'), name='bulletin_issued_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='Card',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True)),
                ('form', models.CharField(max_length=40)),
                ('form_version', models.CharField(max_length=80)),
                ('area_code', models.CharField(max_length=12)),
                ('state', models.CharField(choices=[('draft', '填写中'), ('signed', '已签名报出'), ('corrected', '已订正')], default='draft', max_length=10)),
                ('content', sizao.records.secrecy.SealedField()),
                ('drafted_at', models.DateTimeField()),
                ('drafted_by', models.CharField(max_length=150)),
                ('due_at', models.DateTimeField(null=True)),
                ('basis', models.JSONField(default=list)),
                ('signed_at', models.DateTimeField(null=True)),
                ('source_key', models.CharField(max_length=200, unique=True)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cards', to='records.case')),
                ('corrects', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='records.card')),
                ('outbreak', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cards', to='records.outbreak')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cards', to='records.person')),
                ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['outbreak', 'area_code', 'state'], name='card_of_area')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('signed_at__isnull', True), ('signed_by__isnull', True), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), ('signed_at__isnull', False), ('signed_by__isnull', False)), _connector='OR'), name='card_signed_by_somebody')],
            },
        ),
    ]
