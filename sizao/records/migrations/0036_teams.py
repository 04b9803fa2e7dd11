"""Teams, who is in them, when they work, what they are called and lent for."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import sizao.records.secrecy


class Migration(migrations.Migration):
    dependencies = [("records", "0035_cooperation")]

    operations = [
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("kind", models.CharField(max_length=20)),
                ("area_code", models.CharField(max_length=12)),
                ("lead", sizao.records.secrecy.SealedField(null=True)),
                ("phone", sizao.records.secrecy.SealedField(null=True)),
                ("in_closed_loop", models.BooleanField(default=False)),
                ("registered_at", models.DateTimeField()),
                ("registered_by", models.CharField(max_length=150)),
                ("disbanded_at", models.DateTimeField(null=True)),
                ("disbanded_by", models.CharField(blank=True, max_length=150)),
                ("source", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("disbanded_at", None)),
                        fields=("area_code", "name"),
                        name="team_named_once_an_area",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["area_code"], name="team_of_area", opclasses=["varchar_pattern_ops"]),
                    models.Index(fields=["-registered_at", "-id"], name="team_newest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(max_length=12)),
                ("kind", models.CharField(choices=[("drill", "拉动演练"), ("real", "实战调集")], max_length=10)),
                ("team_kind", models.CharField(blank=True, max_length=20)),
                ("reason", models.CharField(max_length=200)),
                ("called_at", models.DateTimeField()),
                (
                    "called_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CallAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(max_length=12)),
                ("called_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by", models.CharField(blank=True, max_length=150)),
                ("ready_at", models.DateTimeField(null=True)),
                ("ready_by", models.CharField(blank=True, max_length=150)),
                ("people", models.PositiveSmallIntegerField(null=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="calls", to="records.team"
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="records.teamcall"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TeamKindList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(max_length=12)),
                ("text", models.TextField()),
                ("adopted_at", models.DateTimeField()),
                (
                    "adopted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TeamLoan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_area_code", models.CharField(max_length=12)),
                ("to_area_code", models.CharField(max_length=12)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("agreed_from", models.CharField(max_length=100)),
                ("agreed_to", models.CharField(max_length=100)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("lent_at", models.DateTimeField()),
                ("recalled_at", models.DateTimeField(null=True)),
                ("recalled_by", models.CharField(blank=True, max_length=150)),
                ("recall_reason", models.CharField(blank=True, max_length=200)),
                (
                    "lent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="loans", to="records.team"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40)),
                ("name", sizao.records.secrecy.SealedField(null=True)),
                ("phone", sizao.records.secrecy.SealedField(null=True)),
                (
                    "skills",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("investigation", "流行病学调查"),
                                ("data", "数据分析"),
                                ("swabbing", "核酸采样"),
                                ("laboratory", "核酸检测"),
                                ("disinfection", "消毒消杀"),
                                ("infection_control", "感染防控"),
                                ("driving", "车辆驾驶"),
                                ("medicine", "临床医疗"),
                                ("nursing", "护理"),
                                ("psychology", "心理疏导"),
                                ("supplies", "物资保障"),
                                ("coordination", "组织协调"),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("joined_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
                ("recorded_by", models.CharField(max_length=150)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="team_memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="records.team"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TeamAbsence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[("leave", "休假"), ("sick", "病假"), ("training", "培训"), ("other", "其他")],
                        max_length=10,
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=150)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=150)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="absences", to="records.teammember"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LoopStay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entered_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
                ("apart_until", models.DateField(null=True)),
                ("basis", models.JSONField(default=list)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=150)),
                ("left_recorded_at", models.DateTimeField(null=True)),
                ("left_by", models.CharField(blank=True, max_length=150)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="loop_stays", to="records.teammember"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TeamShift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(blank=True, max_length=100)),
                ("inside", models.BooleanField(default=False)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("came_at", models.DateTimeField(null=True)),
                ("went_at", models.DateTimeField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("cancelled_by", models.CharField(blank=True, max_length=150)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shifts", to="records.teammember"
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="team_shifts",
                        to="records.task",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shifts", to="records.team"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="teamcall",
            index=models.Index(fields=["-called_at"], name="team_call_newest"),
        ),
        migrations.AddIndex(
            model_name="callanswer",
            index=models.Index(fields=["team", "-called_at"], name="call_answer_of_team"),
        ),
        migrations.AddConstraint(
            model_name="callanswer",
            constraint=models.UniqueConstraint(fields=("call", "team"), name="team_called_once_a_call"),
        ),
        migrations.AddConstraint(
            model_name="callanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ready_at", None),
                    models.Q(("answered_at__isnull", False), ("answered_at__lte", models.F("ready_at"))),
                    _connector="OR",
                ),
                name="team_ready_after_answering",
            ),
        ),
        migrations.AddIndex(
            model_name="teamloan",
            index=models.Index(fields=["ends_at"], name="team_loan_by_end"),
        ),
        migrations.AddConstraint(
            model_name="teamloan",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("team", "="),
                    (
                        models.Func(
                            "starts_at",
                            django.db.models.functions.comparison.Greatest(
                                "starts_at", django.db.models.functions.comparison.Coalesce("recalled_at", "ends_at")
                            ),
                            models.Value("[)"),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="team_lent_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="teamloan",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_at__lt", models.F("ends_at"))), name="loan_has_hours"
            ),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("number", "="),
                    (
                        models.Func(
                            "joined_at",
                            "left_at",
                            models.Value("[)"),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="member_of_one_team_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=models.CheckConstraint(
                condition=models.Q(("left_at", None), ("joined_at__lte", models.F("left_at")), _connector="OR"),
                name="member_leaves_after_joining",
            ),
        ),
        migrations.AddIndex(
            model_name="teamabsence",
            index=models.Index(fields=["ends_at"], name="absence_by_end"),
        ),
        migrations.AddConstraint(
            model_name="teamabsence",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_at__lt", models.F("ends_at"))), name="absence_has_hours"
            ),
        ),
        migrations.AddConstraint(
            model_name="loopstay",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("member", "="),
                    (
                        models.Func(
                            "entered_at",
                            "left_at",
                            models.Value("[)"),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="member_in_one_loop_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="loopstay",
            constraint=models.CheckConstraint(
                condition=models.Q(("left_at", None), ("entered_at__lte", models.F("left_at")), _connector="OR"),
                name="loop_left_after_entering",
            ),
        ),
        migrations.AddIndex(
            model_name="teamshift",
            index=models.Index(fields=["ends_at"], name="team_shift_by_end"),
        ),
        migrations.AddIndex(
            model_name="teamshift",
            index=models.Index(fields=["team", "starts_at"], name="team_shift_of_team"),
        ),
        migrations.AddConstraint(
            model_name="teamshift",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("cancelled_at", None)),
                expressions=[
                    ("member", "="),
                    (
                        models.Func(
                            "starts_at",
                            "ends_at",
                            models.Value("[)"),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="team_shift_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="teamshift",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_at__lt", models.F("ends_at"))), name="team_shift_has_hours"
            ),
        ),
        migrations.AddConstraint(
            model_name="teamshift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("went_at", None),
                    models.Q(("came_at__isnull", False), ("came_at__lte", models.F("went_at"))),
                    _connector="OR",
                ),
                name="team_shift_goes_after_coming",
            ),
        ),
    ]
