import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import sizao.records.secrecy


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0037_directives"),
    ]

    operations = [
        migrations.CreateModel(
            name="LevelDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(max_length=12)),
                (
                    "level",
                    models.CharField(
                        choices=[("routine", "常态"), ("alert", "警戒"), ("emergency", "应急")], max_length=10
                    ),
                ),
                (
                    "was",
                    models.CharField(
                        choices=[("routine", "常态"), ("alert", "警戒"), ("emergency", "应急")], max_length=10
                    ),
                ),
                (
                    "reach",
                    models.CharField(
                        choices=[("here", "仅本级指挥机构"), ("below", "本级及所辖全部地区")],
                        default="here",
                        max_length=10,
                    ),
                ),
                ("takes_command", models.BooleanField(default=False)),
                ("ordered_by", models.CharField(max_length=12)),
                ("decided_at", models.DateTimeField()),
                ("starts_at", models.DateTimeField()),
                ("expected_until", models.DateField(null=True)),
                ("legal_basis", models.CharField(max_length=300)),
                ("document_no", models.CharField(blank=True, max_length=100)),
                ("text", models.CharField(max_length=1000)),
                ("reasons", models.JSONField(default=list)),
                ("basis", models.JSONField(default=list)),
                ("switched", models.JSONField(default=dict)),
                ("signed_at", models.DateTimeField(null=True)),
                ("signed_by", models.CharField(blank=True, max_length=150)),
                ("source_key", models.CharField(max_length=200, unique=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "outbreak",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.outbreak"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LevelLeftItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("orders_proposed", "待决定的隔离建议"),
                            ("zones_proposed", "待决定的风险区建议"),
                            ("rounds_planned", "未启动的检测轮次"),
                            ("tasks", "应急任务"),
                            ("orders_held", "仍在执行的隔离决定"),
                            ("zones_published", "仍在执行的风险区"),
                            ("rounds_open", "进行中的检测轮次"),
                            ("rooms_taken", "隔离点在住人员"),
                            ("transfers_open", "未完成的转运"),
                            ("shifts", "未结束的车组班次"), ("team_shifts", "未结束的队伍班次"),
                            ("alerts_open", "待核实预警"),
                            ("requests_open", "未办结的协查"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("duty_officer", "值班员"),
                            ("investigator", "流调员"),
                            ("data_officer", "数据专员"),
                            ("testing_coordinator", "核酸检测专员"),
                            ("sampler", "采样登记员"),
                            ("courier", "样本转运员"),
                            ("lab_technician", "检验员"),
                            ("lab_reviewer", "检验审核员"),
                            ("grid_worker", "网格员"),
                            ("isolation_coordinator", "隔离转运专员"),
                            ("site_worker", "隔离点工作人员"),
                            ("dispatcher", "转运调度员"),
                            ("crew", "转运车组"),
                            ("area_officer", "风险区专员"),
                            ("reporter", "信息报告员"),
                            ("commander", "指挥长"),
                            ("supervisor", "督查员"),
                            ("administrator", "系统管理员"),
                        ],
                        max_length=25,
                    ),
                ),
                ("n_closed", models.PositiveIntegerField(default=0)),
                ("n_left", models.PositiveIntegerField(default=0)),
                ("earliest", models.DateTimeField(null=True)),
                ("noted_at", models.DateTimeField(null=True)),
                ("noted_by", models.CharField(blank=True, max_length=150)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="records.leveldecision"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LevelProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_code", models.CharField(max_length=12)),
                (
                    "level",
                    models.CharField(
                        choices=[("routine", "常态"), ("alert", "警戒"), ("emergency", "应急")], max_length=10
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[("routine", "常态"), ("alert", "警戒"), ("emergency", "应急")], max_length=10
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("basis", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待决定"),
                            ("decided", "已决定"),
                            ("declined", "不予采纳"),
                            ("lapsed", "条件已变化"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by", models.CharField(blank=True, max_length=150)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("source_key", models.CharField(max_length=200, unique=True)),
                (
                    "outbreak",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.outbreak"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="leveldecision",
            name="proposal",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="records.levelproposal",
            ),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("is_urgent", models.BooleanField()),
                ("area_code", models.CharField(max_length=12)),
                ("count", models.PositiveIntegerField(default=1)),
                ("due_at", models.DateTimeField(null=True)),
                ("path", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("source_key", models.CharField(max_length=200, unique=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "outbreak",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.outbreak"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NoticeDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(choices=[("mail", "电子邮件"), ("webhook", "网络回调")], max_length=10)),
                ("address", models.CharField(max_length=254)),
                ("is_digest", models.BooleanField()),
                ("is_urgent", models.BooleanField()),
                ("facts", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待发送"),
                            ("handing", "正在交付"),
                            ("sent", "已发送"),
                            ("failed", "发送失败"),
                            ("unsure", "是否送达不明，不再重发"),
                            ("dropped", "已取消"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("next_try_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("handing_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("fault", models.CharField(blank=True, max_length=300)),
                ("uid", models.UUIDField(unique=True)),
                ("source_key", models.CharField(max_length=200, unique=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice_deliveries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NoticeSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("by_mail", models.BooleanField(default=False)),
                ("by_webhook", models.BooleanField(default=False)),
                ("webhook_url", models.CharField(blank=True, max_length=200)),
                ("webhook_secret", sizao.records.secrecy.SealedField(null=True)),
                ("digest_hour", models.PositiveSmallIntegerField(default=8)),
                ("quiet_from", models.PositiveSmallIntegerField(default=22)),
                ("quiet_until", models.PositiveSmallIntegerField(default=7)),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                ("changed_at", models.DateTimeField()),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice_settings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="levelleftitem",
            constraint=models.UniqueConstraint(fields=("decision", "kind"), name="level_left_once"),
        ),
        migrations.AddIndex(
            model_name="levelproposal",
            index=models.Index(fields=["outbreak", "area_code", "-proposed_at"], name="level_proposal_of"),
        ),
        migrations.AddConstraint(
            model_name="levelproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")),
                fields=("outbreak", "area_code"),
                name="level_proposal_one_waiting",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="leveldecision",
            index=models.Index(fields=["outbreak", "area_code", "-starts_at"], name="level_decision_of"),
        ),
        migrations.AddConstraint(
            model_name="leveldecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("level", "routine"), ("expected_until__isnull", False), _connector="OR"),
                name="level_above_routine_says_how_long",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("read_at__isnull", True)), fields=["account"], name="notice_unread"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["account", "-made_at", "-id"], name="notice_of_account"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("told_at__isnull", True)), fields=["account", "made_at"], name="notice_untold"
            ),
        ),
        migrations.AddIndex(
            model_name="noticedelivery",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "handing"])),
                fields=["next_try_at"],
                name="notice_delivery_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="noticedelivery",
            index=models.Index(fields=["account", "-made_at"], name="notice_delivery_of"),
        ),
        migrations.AddConstraint(
            model_name="noticesettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest_hour__lt", 24), ("quiet_from__lt", 24), ("quiet_until__lt", 24)),
                name="notice_hours_are_hours",
            ),
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
                    ("receive_directive", "签收指令"),
                    ("do_directive", "办理指令"),
                    ("accept_directive", "审核指令办结情况"),
                    ("answer_cooperation", "反馈协查函"),
                    ("decide_level", "研判响应级别"),
                ],
                max_length=20,
            ),
        ),
    ]
