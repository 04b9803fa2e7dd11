"""Who signs in comes first: Django's own apps refer to it, and each of their steps would redraw all other tables."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations, models

import sizao.records.models.account


class Migration(migrations.Migration):
    initial = True

    # Until 23 November 2026 the tables came to be in 43 steps; a database that has taken them all goes on from here.
    replaces = [("records", "0001_nouns")]

    operations = [
        # What the exclusion constraints and the search by part of a word rest on.
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=150, unique=True)),
                ('display_name', models.CharField(max_length=100)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('role', models.CharField(choices=[('duty_officer', '值班员'), ('investigator', '流调员'), ('data_officer', '数据专员'), ('testing_coordinator', '核酸检测专员'), ('sampler', '采样登记员'), ('courier', '样本转运员'), ('lab_technician', '检验员'), ('lab_reviewer', '检验审核员'), ('grid_worker', '网格员'), ('isolation_coordinator', '隔离转运专员'), ('site_worker', '隔离点工作人员'), ('dispatcher', '转运调度员'), ('crew', '转运车组'), ('area_officer', '风险区专员'), ('reporter', '信息报告员'), ('commander', '指挥长'), ('supervisor', '督查员'), ('administrator', '系统管理员')], max_length=25)),
                ('area_code', models.CharField(max_length=12)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'abstract': False,
            },
            managers=[
                ('objects', sizao.records.models.account.AccountManager()),
            ],
        ),
    ]
