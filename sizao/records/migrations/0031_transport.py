"""Plans of a shift, what is odd about what crews tell, and more of what they tell."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import sizao.records.secrecy

NOT_BOARDED = [
    ("nobody_there", "无人应答"), ("wrong_person", "身份不符"), ("refused", "本人拒绝"),
    ("needs_other", "车辆不适合（需担架、轮椅或负压）"), ("fever", "发热，须按病例转运"),
    ("worse", "病情加重，已呼叫急救"), ("other", "其他"),
]
SYMPTOMS = [
    ("fever", "发热"), ("dry_cough", "干咳"), ("sore_throat", "咽痛"), ("fatigue", "乏力"),
    ("smell", "嗅（味）觉减退"), ("blocked_nose", "鼻塞流涕"), ("eyes", "结膜炎"), ("muscle", "肌痛"),
    ("diarrhoea", "腹泻"), ("breathless", "呼吸困难"), ("chest", "胸痛"),
]
ODDITIES = [
    ("unknown_trip", "行程不属于本车组"), ("clock", "手机时间有误"), ("not_disinfected", "上一趟未终末消毒即出车"),
    ("boarding_unknown", "到达但无上车记录"), ("arrived_before", "到达早于上车"),
    ("not_boarded", "记为未接到，又记到达"), ("elsewhere", "行程中另有别处去向记录"),
    ("in_two_vehicles", "同时在两辆车上"), ("vehicle_taken", "同车有其他家庭或超员"),
    ("room_taken", "目的房间已有他人"), ("cancelled", "任务已取消仍被接送"),
]


def to(model, **facts):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=model, **facts)


class Migration(migrations.Migration):
    dependencies = [("records", "0030_days_inside")]

    operations = [
        # Two trips may be said to be under way: a phone tells later what was done, and nothing of it is lost.
        migrations.RemoveConstraint(model_name="transfertrip", name="trip_one_under_way_per_vehicle"),
        migrations.AddField("transferleg", "not_boarded_reason", models.CharField(blank=True, choices=NOT_BOARDED, max_length=15)),
        migrations.AddField("transferleg", "reason", models.CharField(blank=True, max_length=300)),
        migrations.AddField("transferleg", "taken_off_at", models.DateTimeField(null=True)),
        migrations.RemoveConstraint(model_name="transferleg", name="leg_one_open_per_request"),
        migrations.AddConstraint(
            "transferleg",
            models.UniqueConstraint(
                condition=models.Q(ended_at__isnull=True, taken_off_at__isnull=True), fields=("request",),
                name="leg_one_open_per_request",
            ),
        ),
        migrations.AddField("transfertrip", "cancel_reason", models.CharField(blank=True, max_length=200)),
        migrations.AddField("transfertrip", "cancelled_at", models.DateTimeField(null=True)),
        migrations.AddField("transfertrip", "overrule_reason", models.CharField(blank=True, max_length=200)),
        migrations.AddField("tripact", "identity_checked", models.BooleanField(null=True)),
        migrations.AddField("tripact", "reason", models.CharField(blank=True, choices=NOT_BOARDED, max_length=15)),
        migrations.AddField(
            "tripact", "symptoms",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=SYMPTOMS, max_length=15), null=True, size=None
            ),
        ),
        migrations.CreateModel(
            name="TransferPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(max_length=12)),
                ("made_at", models.DateTimeField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("n_requests", models.PositiveIntegerField()),
                ("n_vehicles", models.PositiveIntegerField()),
                ("result", models.JSONField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("accepted_by", to(settings.AUTH_USER_MODEL, null=True, related_name="+")),
                ("made_by", to(settings.AUTH_USER_MODEL, related_name="+")),
                ("outbreak", to("records.outbreak", related_name="transfer_plans")),
            ],
        ),
        migrations.CreateModel(
            name="TransferOddity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=ODDITIES, max_length=20)),
                ("area_code", models.CharField(db_index=True, max_length=12)),
                ("facts", models.JSONField(default=dict)),
                ("sent", sizao.records.secrecy.SealedField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=150)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by", models.CharField(blank=True, max_length=150)),
                ("outcome", models.CharField(blank=True, max_length=300)),
                ("source_key", models.CharField(max_length=200, unique=True)),
                ("leg", to("records.transferleg", null=True, related_name="oddities")),
                ("outbreak", to("records.outbreak", related_name="transfer_oddities")),
                ("trip", to("records.transfertrip", null=True, related_name="oddities")),
            ],
            options={"indexes": [models.Index(fields=["outbreak", "settled_at"], name="transfer_oddity_waiting")]},
        ),
    ]
