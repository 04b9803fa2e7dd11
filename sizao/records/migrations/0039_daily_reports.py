import django.db.models.deletion
from django.db import migrations, models

# What somebody signed is never changed: a correction is a version of its own. `own` and the figures are sealed.
SEAL = """
CREATE FUNCTION submitted_report_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.figures IS DISTINCT FROM OLD.figures OR NEW.is_zero IS DISTINCT FROM OLD.is_zero
       OR NEW.submitted_at IS DISTINCT FROM OLD.submitted_at OR NEW.signature IS DISTINCT FROM OLD.signature
       OR NEW.date IS DISTINCT FROM OLD.date OR NEW.area_code IS DISTINCT FROM OLD.area_code
    THEN RAISE EXCEPTION 'A submitted report cannot be changed: make a new version.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER submitted_report_is_sealed BEFORE UPDATE ON records_dailyreport
    FOR EACH ROW WHEN (OLD.submitted_at IS NOT NULL) EXECUTE FUNCTION submitted_report_is_sealed();
"""
UNSEAL = """
DROP TRIGGER submitted_report_is_sealed ON records_dailyreport;
DROP FUNCTION submitted_report_is_sealed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0038_response_levels"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("discharged", "出院"),
                            ("died", "死亡"),
                            ("released", "解除隔离医学观察"),
                            ("severe", "转为重型"),
                            ("eased", "重型好转"),
                            ("moved", "调整归属地"),
                        ],
                        max_length=12,
                    ),
                ),
                ("happened_at", models.DateTimeField()),
                ("was_area_code", models.CharField(blank=True, max_length=12)),
                ("area_code", models.CharField(max_length=12)),
                ("recorded_at", models.DateTimeField()),
                ("by", models.CharField(max_length=150)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=150)),
            ],
        ),
        migrations.CreateModel(
            name="FactKeeping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(max_length=12)),
                ("first_date", models.DateField()),
                ("severity_too", models.BooleanField(default=False)),
                ("by", models.CharField(max_length=150)),
                ("recorded_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ReportingUnit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(max_length=12)),
                ("name", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("street", "乡镇（街道）"),
                            ("village", "村（居）委会"),
                            ("fever_clinic", "发热门诊"),
                            ("site", "集中隔离点"),
                            ("laboratory", "检测机构"),
                            ("other", "其他单位"),
                        ],
                        max_length=15,
                    ),
                ),
                ("every_days", models.PositiveSmallIntegerField(default=1)),
                ("due_hour", models.PositiveSmallIntegerField()),
                ("first_date", models.DateField()),
                ("last_date", models.DateField(null=True)),
                ("basis", models.CharField(max_length=300)),
                ("added_at", models.DateTimeField()),
                ("added_by", models.CharField(max_length=150)),
                ("source_key", models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="dailyreport",
            name="daily_report_once",
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="approved_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="approved_by",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="corrected_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="correction_reason",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="differs_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="own",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="return_reason",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="returned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="returned_by",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="signature",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="version",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="dailyreport",
            name="outbreak",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="daily_reports",
                to="records.outbreak",
            ),
        ),
        migrations.AddField(
            model_name="casefact",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="facts", to="records.case"
            ),
        ),
        migrations.AddField(
            model_name="factkeeping",
            name="outbreak",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="fact_keepings", to="records.outbreak"
            ),
        ),
        migrations.AddIndex(
            model_name="reportingunit",
            index=models.Index(fields=["area_code"], name="reporting_unit_area", opclasses=["varchar_pattern_ops"]),
        ),
        migrations.AddConstraint(
            model_name="reportingunit",
            constraint=models.CheckConstraint(condition=models.Q(("every_days__gte", 1)), name="reporting_unit_rhythm"),
        ),
        migrations.AddField(
            model_name="dailyreport",
            name="unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reports",
                to="records.reportingunit",
            ),
        ),
        migrations.AddIndex(
            model_name="dailyreport",
            index=models.Index(
                fields=["date", "area_code"], name="daily_report_day", opclasses=["date_ops", "varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="dailyreport",
            index=models.Index(
                condition=models.Q(
                    ("approved_at__isnull", True),
                    ("corrected_at__isnull", True),
                    ("returned_at__isnull", True),
                    ("submitted_at__isnull", False),
                ),
                fields=["area_code", "date"],
                name="daily_report_to_approve",
                opclasses=["varchar_pattern_ops", "date_ops"],
            ),
        ),
        migrations.AddConstraint(
            model_name="dailyreport",
            constraint=models.UniqueConstraint(
                fields=("outbreak", "unit", "area_code", "date", "version"),
                name="daily_report_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="dailyreport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrected_at__isnull", True)),
                fields=("outbreak", "unit", "area_code", "date"),
                name="daily_report_one_stands",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="casefact",
            index=models.Index(fields=["case", "happened_at"], name="case_fact_of_case"),
        ),
        migrations.AddConstraint(
            model_name="factkeeping",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("outbreak", "area_code"),
                name="fact_keeping_once",
            ),
        ),
        migrations.RunSQL(SEAL, UNSEAL),
    ]
