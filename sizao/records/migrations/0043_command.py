from django.db import migrations, models

# Tables by stage. What is not named here belongs to the stage `other`, which concerns every screen.
STAGES = {
    "register": "area household outbreak person personneed place protocolannex protocolconfirmation unmatchedplace",
    "signals": "alert alertchange signal stream streamcount verdict",
    "cases": "case casechange test",
    "tracing": """
        contact contactchange encounter presencebatch presenceseat sharedexposure tokenbearer tokenkey tokensdue trace
        traceanswer tracematch visit
    """,
    "cooperation": "authority cooperationperson cooperationrequest exchangemessage",
    "testing": """
        handover labmessage laboddity labreading laboratory labrun lateswab plate poolhold poolmember resultcode
        rosterentry samplebox swab testingcount testingoddity testingplan testinground testingsite tube tubelot tubestep
    """,
    "isolation": """
        carecontact communityhandover dependentcare dooract environmentsample homecheck homevisit isolationorder
        isolationroom isolationsite objection observation orderchange roomallocation roomplacement sitecheck
        siteexposure sitephoto siterelease sitestaff stafftest stay
    """,
    "transport": """
        crewshift transferleg transferoddity transferplan transferrequest transfertrip transfervehicle tripact
    """,
    "zoning": "officialarea zone zonechange zonegate zonepassage zonepermit zonerequest zoneserving",
    "tasks": """
        answerable callanswer directive directiveact directivepart directivephoto directiveversion leveldecision
        levelleftitem levelproposal loopstay notice noticedelivery noticesettings task taskstep team teamabsence
        teamcall teamkindlist teamloan teammember teamshift
    """,
    "reports": "bulletin card casefact dailyreport factkeeping reportingunit whatif",
    "oversight": "clockchange clockday complaint finding findingact findingphoto journalseal reward",
}
# Reading writes the journal, signing in writes accounts, and the marks would mark themselves.
NOT_WATCHED = ("account", "apitoken", "changemark", "event")

# A transaction marks each stage once, in the slot that it holds until it has committed: nobody waits for a slot, so
# that two devices registering people at one time do not queue, and two writers cannot block each other for ever.
MARK = """
CREATE FUNCTION mark_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    marked text := coalesce(current_setting('sizao.marked', true), '');
    held integer;
BEGIN
    IF position(',' || TG_ARGV[0] || ',' IN marked) > 0 THEN
        RETURN NULL;
    END IF;
    IF marked = '' THEN
        held := pg_backend_pid() % 64;
        WHILE NOT pg_try_advisory_xact_lock(504132, held) LOOP
            held := (held + 1) % 4096;
        END LOOP;
        marked := held || ',';
    ELSE
        held := split_part(marked, ',', 1)::integer;
    END IF;
    PERFORM set_config('sizao.marked', marked || TG_ARGV[0] || ',', true);
    INSERT INTO records_changemark AS mark (stage, slot, changes) VALUES (TG_ARGV[0], held, 1)
    ON CONFLICT (stage, slot) DO UPDATE SET changes = mark.changes + 1;
    RETURN NULL;
END $$;
CREATE FUNCTION watch_changes(watched regclass, stage text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER mark_change AFTER INSERT OR UPDATE OR DELETE ON %s'
        ' FOR EACH STATEMENT EXECUTE FUNCTION mark_change(%L)', watched, stage
    );
END $$;
ALTER TABLE records_changemark SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000);
"""
FORGET = """
DROP FUNCTION watch_changes(regclass, text);
DROP FUNCTION mark_change() CASCADE;
"""


def watch(apps, schema_editor):
    stage_of = {f"records_{table}": stage for stage, tables in STAGES.items() for table in tables.split()}
    left_out = {f"records_{table}" for table in NOT_WATCHED}
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            r"SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
            r" AND relname LIKE 'records\_%' AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
        )
        for (table,) in cursor.fetchall():
            if table not in left_out:
                cursor.execute("SELECT watch_changes(%s::regclass, %s)", [table, stage_of.get(table, "other")])


class Migration(migrations.Migration):
    dependencies = [("records", "0042_inside_zones")]

    operations = [
        migrations.CreateModel(
            name="ChangeMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(max_length=20)),
                ("slot", models.PositiveSmallIntegerField()),
                ("changes", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("stage", "slot"), name="change_mark_once")],
            },
        ),
        migrations.AddIndex(model_name="task", index=models.Index(fields=["done_at"], name="task_done")),
        migrations.RunSQL(MARK, FORGET),
        migrations.RunPython(watch, migrations.RunPython.noop),
        migrations.AlterField(
            "task",
            "kind",
            models.CharField(
                choices=[
                    ('verify_signal', '核实信号'),
                    ('first_information', '首报信息'),
                    ('core_information', '核心信息'),
                    ('full_report', '流调报告'),
                    ('transfer_contact', '转运密接'),
                    ('sign_order', '签发隔离决定'),
                    ('decide_zone', '研判风险区域'),
                    ('daily_report', '日报告'),
                    ('match_place', '核对地点'),
                    ('confirm_values', '确认方案参数'),
                    ('verify_alert', '核实预警'),
                    ('open_round', '启动检测轮次'),
                    ('find_missed', '核实未检人员'),
                    ('fetch_box', '催送样本箱'),
                    ('release_run', '审核检测结果'),
                    ('decide_hold', '处置阳性混管'),
                    ('recall_pool', '混管阳性单采复核'),
                    ('decide_objection', '处理异议'),
                    ('serve_order', '送达隔离决定'),
                    ('check_home', '评估居家条件'),
                    ('find_room', '居家条件不合格，安排隔离房间'),
                    ('find_carer', '落实被照料人的照料者'),
                    ('reach_home', '核实居家人员去向'),
                    ('help_worse', '居家人员出现症状，安排就医'),
                    ('judge_exposure', '研判隔离点交叉感染风险'),
                    ('missed_round', '补查健康监测'),
                    ('receive_home', '社区接收返家人员'),
                    ('approve_transfer', '审批转运申请'),
                    ('disinfect_vehicle', '车辆终末消毒'),
                    ('find_transfer', '核实转运途中人员'),
                    ('decide_lift', '研判解除风险区'),
                    ('serve_zone_need', '保障区内特殊需求'),
                    ('receive_directive', '签收指令'),
                    ('do_directive', '办理指令'),
                    ('accept_directive', '审核指令办结情况'),
                    ('answer_cooperation', '反馈协查函'),
                    ('decide_level', '研判响应级别'),
                    ('mend_finding', '整改督查问题'),
                    ('answer_complaint', '答复群众诉求'),
                ],
                max_length=20,
            ),
        ),
    ]
