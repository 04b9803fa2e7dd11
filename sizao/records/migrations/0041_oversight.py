import django.db.models.deletion
import django.db.models.functions.datetime
import sizao.records.secrecy
from django.conf import settings
from django.db import migrations, models


# Scorecards ask for a month of 60,000 tasks a day, so the database counts clocks beside the tasks: each statement leaves
# what it changed in `records_clockchange` (nobody waits for a shared row), and the loop adds that to `records_clockday`.
# A clock is kept when the task was done by its moment; one that was cancelled before its moment counts for nothing, and
# one without a moment is unknown, never kept. The day is the civil day of the jurisdiction.
COUNTED = """
SELECT t.kind, coalesce(t.outbreak_id, 0) AS outbreak_id, left(t.area_code, digits) AS area_code,
    (coalesce(t.due_at, t.asked_at) AT TIME ZONE '{zone}')::date AS day,
    sum(t.sign * (t.due_at IS NOT NULL AND NOT coalesce(t.state = 'cancelled' AND t.done_at <= t.due_at, false))::int)
        AS clocks,
    sum(t.sign * coalesce(t.state = 'done' AND t.done_at <= t.due_at, false)::int) AS kept,
    sum(t.sign * (t.due_at IS NULL AND t.state <> 'cancelled')::int) AS unknown
FROM ({rows}) t CROSS JOIN unnest(ARRAY[2, 4, 6, 9]) digits
WHERE length(t.area_code) >= digits
GROUP BY 1, 2, 3, 4
"""
COLUMNS = "kind, outbreak_id, area_code, day, clocks, kept, unknown"
FIELDS = "kind, outbreak_id, area_code, asked_at, due_at, done_at, state"
ADDED, TAKEN = f"SELECT 1 AS sign, {FIELDS} FROM new_rows", f"SELECT -1 AS sign, {FIELDS} FROM old_rows"
TABLES = {"new_rows": "NEW TABLE AS new_rows", "old_rows": "OLD TABLE AS old_rows"}


def _counting(event: str, rows: str) -> str:
    name = f"oversight_count_{event}"
    seen = " ".join(words for table, words in TABLES.items() if table in rows)
    counted = COUNTED.format(rows=rows, zone=settings.TIME_ZONE)
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO records_clockchange ({COLUMNS})
    SELECT * FROM ({counted}) c WHERE clocks <> 0 OR kept <> 0 OR unknown <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON records_task REFERENCING {seen}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


WAYS = {"insert": ADDED, "update": f"{ADDED} UNION ALL {TAKEN}", "delete": TAKEN}
COUNT = "".join(_counting(event, rows) for event, rows in WAYS.items())
COUNT_NO_MORE = "".join(
    f"DROP TRIGGER oversight_count_{event} ON records_task; DROP FUNCTION oversight_count_{event}();" for event in WAYS
)
SO_FAR = f"INSERT INTO records_clockday ({COLUMNS})" + COUNTED.format(
    rows=f"SELECT 1 AS sign, {FIELDS} FROM records_task", zone=settings.TIME_ZONE
)
FIND = """
CREATE INDEX task_clock_due ON records_task (due_at);
CREATE INDEX task_clock_late ON records_task (due_at) INCLUDE (kind, area_code, done_at, state, outbreak_id)
    WHERE done_at IS NULL OR done_at > due_at;
CREATE INDEX task_clock_open ON records_task (due_at) INCLUDE (kind, area_code, outbreak_id) WHERE done_at IS NULL;
CREATE INDEX task_clock_late_done ON records_task (done_at) INCLUDE (kind, area_code, due_at, outbreak_id)
    WHERE done_at > due_at;
CREATE INDEX task_clock_unknown ON records_task (asked_at) INCLUDE (kind, area_code, state, outbreak_id)
    WHERE due_at IS NULL;
"""
FIND_NO_MORE = "DROP INDEX " + ", ".join(f"task_clock_{one}" for one in ("due", "late", "open", "late_done", "unknown"))
SEALS_STAY = """
CREATE TRIGGER seals_are_append_only BEFORE UPDATE OR DELETE ON records_journalseal
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
"""
SEALS_GO = "DROP TRIGGER seals_are_append_only ON records_journalseal"


class Migration(migrations.Migration):
    dependencies = [("records", "0040_bulletins_and_cards")]

    operations = [
        migrations.CreateModel(
            name="ClockChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("outbreak_id", models.BigIntegerField()),
                ("area_code", models.CharField(max_length=12)),
                ("day", models.DateField()),
                ("clocks", models.IntegerField()),
                ("kept", models.IntegerField()),
                ("unknown", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="ClockDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("outbreak_id", models.BigIntegerField()),
                ("area_code", models.CharField(max_length=12)),
                ("day", models.DateField()),
                ("clocks", models.IntegerField()),
                ("kept", models.IntegerField()),
                ("unknown", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Complaint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=30, unique=True)),
                ("area_code", models.CharField(max_length=12)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("care", "就医受阻"),
                            ("supplies", "生活保障"),
                            ("beyond", "层层加码"),
                            ("isolation", "隔离与居家管理"),
                            ("testing", "核酸检测"),
                            ("privacy", "个人信息"),
                            ("conduct", "工作作风"),
                            ("lead", "疫情线索"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("phone", "电话"), ("desk", "来访"), ("public", "公众页面")], max_length=10
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("received", "待办理"), ("answered", "已答复")],
                        default="received",
                        max_length=10,
                    ),
                ),
                ("text", sizao.records.secrecy.SealedField()),
                ("name", sizao.records.secrecy.SealedField(null=True)),
                ("phone", sizao.records.secrecy.SealedField(null=True)),
                ("received_at", models.DateTimeField()),
                ("received_by", models.CharField(max_length=150)),
                ("due_at", models.DateTimeField()),
                ("basis", models.JSONField(default=list)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", sizao.records.secrecy.SealedField(null=True)),
                ("raised_at", models.DateTimeField(null=True)),
                ("raised_to", models.CharField(blank=True, max_length=12)),
                ("source_key", models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=30, unique=True)),
                ("area_code", models.CharField(max_length=12)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("signals", "监测预警"),
                            ("cases", "流行病学调查"),
                            ("tracing", "密接判定"),
                            ("cooperation", "协查"),
                            ("testing", "核酸检测"),
                            ("isolation", "隔离管控"),
                            ("transport", "转运"),
                            ("zoning", "风险区管理"),
                            ("objections", "异议处理"),
                            ("tasks", "指挥调度"),
                            ("reports", "信息报告"),
                            ("oversight", "督查整改"),
                        ],
                        max_length=12,
                    ),
                ),
                ("item", models.CharField(blank=True, max_length=60)),
                ("what", models.CharField(max_length=1000)),
                (
                    "severity",
                    models.CharField(
                        choices=[("minor", "一般"), ("major", "较重"), ("critical", "严重")], max_length=10
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("desk", "线上督查"),
                            ("field", "现场督查"),
                            ("rule", "系统提示"),
                            ("complaint", "群众诉求"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "待确认"),
                            ("recorded", "已登记"),
                            ("notified", "待整改"),
                            ("mended", "待复查"),
                            ("returned", "退回整改"),
                            ("closed", "已销号"),
                            ("dismissed", "不予立项"),
                        ],
                        max_length=10,
                    ),
                ),
                ("territory", models.CharField(blank=True, max_length=100)),
                ("department", models.CharField(blank=True, max_length=100)),
                ("unit", models.CharField(blank=True, max_length=100)),
                ("individual", models.CharField(blank=True, max_length=60)),
                ("due_at", models.DateTimeField(null=True)),
                ("basis", models.JSONField(default=list)),
                ("evidence", models.JSONField(default=dict)),
                ("found_at", models.DateTimeField()),
                ("notified_at", models.DateTimeField(null=True)),
                ("mended_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("returns", models.PositiveSmallIntegerField(default=0)),
                ("source_key", models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="FindingAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "待确认"),
                            ("recorded", "已登记"),
                            ("notified", "待整改"),
                            ("mended", "待复查"),
                            ("returned", "退回整改"),
                            ("closed", "已销号"),
                            ("dismissed", "不予立项"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=150)),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("signed_as", models.CharField(blank=True, max_length=60)),
                ("source_key", models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="FindingPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("image", models.BinaryField()),
                ("media_type", models.CharField(max_length=20)),
                ("sha256", models.CharField(max_length=64)),
                ("added_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="JournalSeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_line", models.BigIntegerField()),
                ("last_line", models.BigIntegerField(unique=True)),
                ("lines", models.PositiveIntegerField()),
                ("before", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Reward",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=30, unique=True)),
                ("area_code", models.CharField(db_index=True, max_length=12)),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "待审定"), ("granted", "已批准"), ("declined", "未批准")],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("evidence", models.JSONField(default=dict)),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("yuan", models.PositiveIntegerField(null=True)),
                ("source_key", models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.AddIndex(
            model_name="clockday",
            index=models.Index(
                fields=["area_code", "day"], name="clock_day_of_area", opclasses=["varchar_pattern_ops", "date_ops"]
            ),
        ),
        migrations.AddConstraint(
            model_name="clockday",
            constraint=models.UniqueConstraint(
                fields=("area_code", "day", "kind", "outbreak_id"), name="clock_day_once"
            ),
        ),
        migrations.AddField(
            model_name="complaint",
            name="answered_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="complaint",
            name="objection",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="complaints",
                to="records.objection",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="answerable",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="closed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="found_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="mended_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="notified_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="outbreak",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="records.outbreak"
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="place",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="records.place"
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="repeats",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="repeated_by", to="records.finding"
            ),
        ),
        migrations.AddField(
            model_name="complaint",
            name="finding",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="complaints", to="records.finding"
            ),
        ),
        migrations.AddField(
            model_name="findingact",
            name="finding",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="records.finding"
            ),
        ),
        migrations.AddField(
            model_name="findingphoto",
            name="act",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="photos", to="records.findingact"
            ),
        ),
        migrations.AddField(
            model_name="reward",
            name="complaint",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="rewards", to="records.complaint"
            ),
        ),
        migrations.AddField(
            model_name="reward",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="reward",
            name="signal",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="rewards", to="records.signal"
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                fields=["area_code", "found_at"],
                name="finding_of_area",
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["item", "area_code"], name="finding_of_item"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["found_at", "id"], name="finding_found"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at__isnull", True), ("notified_at__isnull", True)),
                    models.Q(("due_at__isnull", False), ("notified_at__isnull", False), ("notified_by__isnull", False)),
                    _connector="OR",
                ),
                name="finding_notified_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_by__isnull", True),
                    ("mended_by__isnull", True),
                    models.Q(("closed_by", models.F("mended_by")), _negated=True),
                    _connector="OR",
                ),
                name="finding_closed_by_another",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                fields=["area_code", "received_at"],
                name="complaint_of_area",
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", True)), fields=["due_at"], name="complaint_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", True), ("answered_by__isnull", True)),
                    models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                    _connector="OR",
                ),
                name="complaint_answered_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="findingact",
            index=models.Index(fields=["finding", "at"], name="finding_act_of"),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True)),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="reward_decided_whole",
            ),
        ),
        migrations.RunSQL(SO_FAR, migrations.RunSQL.noop),
        migrations.RunSQL(COUNT, COUNT_NO_MORE),
        migrations.RunSQL(FIND, FIND_NO_MORE),
        migrations.RunSQL(SEALS_STAY, SEALS_GO),
    ]
