"""What waits of a round through a site, how long a room was at risk, and who signed for whom to leave."""

from datetime import UTC, datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # the table is empty: nothing was found in a site before this


class Migration(migrations.Migration):
    dependencies = [("records", "0029_orders")]

    operations = [
        migrations.AddField("observation", "is_alarming", models.BooleanField(default=False)),
        migrations.AddField(
            "observation",
            "oddity",
            models.CharField(blank=True, choices=[("clock", "设备时间有误")], default="", max_length=10),
            preserve_default=False,
        ),
        migrations.AddField("observation", "clock_off_seconds", models.IntegerField(null=True)),
        migrations.AddField("observation", "counts", models.BooleanField(default=True)),
        migrations.AddField("observation", "settled_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "observation",
            "settled_by",
            models.CharField(blank=True, default="", max_length=150),
            preserve_default=False,
        ),
        migrations.AddField(
            "observation",
            "settle_reason",
            models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            "siteexposure", "first_risk_at", models.DateTimeField(default=NEVER), preserve_default=False
        ),
        migrations.AddField("siteexposure", "last_risk_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "signal",
            "kind",
            models.CharField(
                choices=[
                    ("positive_test", "核酸阳性"),
                    ("fever_clinic", "发热门诊"),
                    ("request", "协查来函"),
                    ("self_report", "自主申报"),
                    ("alert", "监测预警"),
                    ("observation", "医学观察"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="SiteRelease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("release_date", models.DateField()),
                ("lacks", models.JSONField(default=list)),
                ("facts", models.JSONField(default=dict)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("signed_at", models.DateTimeField()),
                ("signed_as", models.CharField(max_length=60)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=150)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=300)),
                ("source_key", models.CharField(max_length=200, unique=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="releases",
                        to="records.isolationorder",
                    ),
                ),
                (
                    "outbreak",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="site_releases",
                        to="records.outbreak",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.person"
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="releases",
                        to="records.isolationsite",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["site", "release_date"], name="release_of_site")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("order",),
                        name="release_signed_once",
                    )
                ],
            },
        ),
    ]
