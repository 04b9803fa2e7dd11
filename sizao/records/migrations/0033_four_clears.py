import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import sizao.records.secrecy


class Migration(migrations.Migration):
    dependencies = [("records", "0032_zones")]

    operations = [
        migrations.CreateModel(
            name="CareContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(db_index=True, max_length=12)),
                ("office", models.CharField(max_length=60)),
                ("phone", models.CharField(max_length=40)),
                ("hours", models.CharField(blank=True, max_length=60)),
                ("since_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=150)),
                ("source_key", models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="DependentCare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(max_length=12)),
                ("carer", sizao.records.secrecy.SealedField(null=True)),
                ("phone", sizao.records.secrecy.SealedField(null=True)),
                ("agreed", models.CharField(max_length=200)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=150)),
                ("ended_at", models.DateTimeField(null=True)),
                ("source_key", models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="DoorAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("done", "已完成"),
                            ("nobody", "无人应答"),
                            ("refused", "拒绝"),
                            ("worse", "出现症状，已报告"),
                            ("left", "人不在家"),
                        ],
                        max_length=10,
                    ),
                ),
                ("happened_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=150)),
                ("clock_off_seconds", models.IntegerField(null=True)),
                ("temperature_c", models.FloatField(null=True)),
                (
                    "symptoms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("fever", "发热"),
                                ("dry_cough", "干咳"),
                                ("sore_throat", "咽痛"),
                                ("fatigue", "乏力"),
                                ("smell", "嗅（味）觉减退"),
                                ("blocked_nose", "鼻塞流涕"),
                                ("eyes", "结膜炎"),
                                ("muscle", "肌痛"),
                                ("diarrhoea", "腹泻"),
                                ("breathless", "呼吸困难"),
                                ("chest", "胸痛"),
                            ],
                            max_length=15,
                        ),
                        null=True,
                        size=None,
                    ),
                ),
                ("wants_transfer", models.BooleanField(default=False)),
                ("note", sizao.records.secrecy.SealedField(null=True)),
                ("source_key", models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.AlterField(
            model_name="task",
            name="kind",
            field=models.CharField(
                choices=[
                    ("verify_signal", "核实信号"),
                    ("first_information", "首报信息"),
                    ("core_information", "核心信息"),
                    ("full_report", "流调报告"),
                    ("transfer_contact", "转运密接"),
                    ("sign_order", "签发隔离决定"),
                    ("decide_zone", "研判风险区域"),
                    ("daily_report", "日报告"),
                    ("match_place", "核对地点"),
                    ("confirm_values", "确认方案参数"),
                    ("verify_alert", "核实预警"),
                    ("open_round", "启动检测轮次"),
                    ("find_missed", "核实未检人员"),
                    ("fetch_box", "催送样本箱"),
                    ("release_run", "审核检测结果"),
                    ("decide_hold", "处置阳性混管"),
                    ("recall_pool", "混管阳性单采复核"),
                    ("decide_objection", "处理异议"),
                    ("serve_order", "送达隔离决定"),
                    ("check_home", "评估居家条件"),
                    ("find_room", "居家条件不合格，安排隔离房间"),
                    ("find_carer", "落实被照料人的照料者"),
                    ("reach_home", "核实居家人员去向"),
                    ("help_worse", "居家人员出现症状，安排就医"),
                    ("judge_exposure", "研判隔离点交叉感染风险"),
                    ("missed_round", "补查健康监测"),
                    ("receive_home", "社区接收返家人员"),
                    ("approve_transfer", "审批转运申请"),
                    ("disinfect_vehicle", "车辆终末消毒"),
                    ("find_transfer", "核实转运途中人员"),
                    ("decide_lift", "研判解除风险区"),
                    ("serve_zone_need", "保障区内特殊需求"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="dependentcare",
            name="outbreak",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="dependents_cared_for", to="records.outbreak"
            ),
        ),
        migrations.AddField(
            model_name="dependentcare",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="cared_for", to="records.person"
            ),
        ),
        migrations.AddField(
            model_name="dooract",
            name="signal",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.signal"
            ),
        ),
        migrations.AddField(
            model_name="dooract",
            name="visit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="records.homevisit"
            ),
        ),
        migrations.AddConstraint(
            model_name="dooract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("temperature_c__isnull", True), ("temperature_c__range", (30.0, 45.0)), _connector="OR"
                ),
                name="door_act_temperature_of_a_living_person",
            ),
        ),
    ]
