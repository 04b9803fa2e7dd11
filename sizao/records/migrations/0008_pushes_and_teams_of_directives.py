import django.db.models.deletion
import sizao.records.secrecy
from django.conf import settings
from django.db import migrations, models

# What the loop and the scorecards worked out anew each time until now, kept with each report from here on.
DUE = """
UPDATE records_dailyreport r SET due_at = CASE
    WHEN r.unit_id IS NULL THEN (r.date + 2)::timestamp AT TIME ZONE %(zone)s
    ELSE (r.date + 1)::timestamp AT TIME ZONE %(zone)s
        + (SELECT u.due_hour FROM records_reportingunit u WHERE u.id = r.unit_id) * interval '1 hour'
END
"""


def keep_when_due(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(DUE, {"zone": settings.TIME_ZONE})



class Migration(migrations.Migration):

    dependencies = [
        ('records', '0007_province_size'),
    ]

    operations = [
        migrations.CreateModel(
            name='PushEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.PositiveIntegerField()),
                ('token', models.CharField(blank=True, max_length=40)),
                ('layer', models.CharField(max_length=10)),
                ('tier', models.CharField(max_length=20)),
                ('minutes', models.FloatField()),
                ('last_at', models.DateTimeField(null=True)),
                ('result', models.CharField(blank=True, choices=[('controlled', '已落实管控'), ('tested', '已检测'), ('excluded', '经核实排除'), ('no_such_person', '查无此人'), ('moved', '已不在本地居住'), ('wrong_number', '号码错误，无法联系')], max_length=16)),
                ('note', sizao.records.secrecy.SealedField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('told_by', models.CharField(blank=True, max_length=150)),
                ('moved_to', models.CharField(blank=True, max_length=12)),
                ('end', models.CharField(blank=True, choices=[('pushed_again', '已改推'), ('given_up', '已说明，不再推送')], max_length=12)),
                ('end_note', sizao.records.secrecy.SealedField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, max_length=150)),
            ],
        ),
        migrations.CreateModel(
            name='PushList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True)),
                ('from_area_code', models.CharField(max_length=12)),
                ('area_code', models.CharField(max_length=12)),
                ('n_people', models.PositiveIntegerField()),
                ('pushed_at', models.DateTimeField()),
                ('pushed_by', models.CharField(max_length=150)),
                ('pushed_name', models.CharField(blank=True, max_length=100)),
                ('receipt_due_at', models.DateTimeField()),
                ('receipt_basis', models.JSONField(default=list)),
                ('due_at', models.DateTimeField(null=True)),
                ('basis', models.JSONField(default=list)),
                ('protocol', models.CharField(blank=True, max_length=200)),
                ('received_at', models.DateTimeField(null=True)),
                ('received_by', models.CharField(blank=True, max_length=150)),
                ('received_name', models.CharField(blank=True, max_length=100)),
                ('done_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='directivepart',
            name='directive_part_once',
        ),
        migrations.AddField(
            model_name='directivepart',
            name='team',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='directive_parts', to='records.team'),
        ),
        migrations.AddField(
            model_name='teamcall',
            name='directive',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='team_calls', to='records.directive'),
        ),
        migrations.AlterField(
            model_name='task',
            name='kind',
            field=models.CharField(choices=[('verify_signal', '核实信号'), ('first_information', '首报信息'), ('core_information', '核心信息'), ('full_report', '流调报告'), ('transfer_contact', '转运密接'), ('sign_order', '签发隔离决定'), ('decide_zone', '研判风险区域'), ('daily_report', '日报告'), ('match_place', '核对地点'), ('confirm_values', '确认方案参数'), ('verify_alert', '核实预警'), ('open_round', '启动检测轮次'), ('find_missed', '核实未检人员'), ('fetch_box', '催送样本箱'), ('release_run', '审核检测结果'), ('decide_hold', '处置阳性混管'), ('recall_pool', '混管阳性单采复核'), ('decide_objection', '处理异议'), ('serve_order', '送达隔离决定'), ('check_home', '评估居家条件'), ('find_room', '居家条件不合格，安排隔离房间'), ('find_carer', '落实被照料人的照料者'), ('reach_home', '核实居家人员去向'), ('help_worse', '居家人员出现症状，安排就医'), ('judge_exposure', '研判隔离点交叉感染风险'), ('missed_round', '补查健康监测'), ('receive_home', '社区接收返家人员'), ('approve_transfer', '审批转运申请'), ('disinfect_vehicle', '车辆终末消毒'), ('find_transfer', '核实转运途中人员'), ('decide_lift', '研判解除风险区'), ('serve_zone_need', '保障区内特殊需求'), ('receive_directive', '签收指令'), ('do_directive', '办理指令'), ('accept_directive', '审核指令办结情况'), ('answer_cooperation', '反馈协查函'), ('decide_level', '研判响应级别'), ('mend_finding', '整改督查问题'), ('answer_complaint', '答复群众诉求'), ('receive_push', '签收推送名单'), ('answer_push', '反馈推送名单核查结果'), ('resolve_push', '处理推送退回人员'), ('fill_card', '填报传染病报告卡')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='directivepart',
            constraint=models.UniqueConstraint(condition=models.Q(('team__isnull', True)), fields=('directive', 'area_code', 'role'), name='directive_part_once'),
        ),
        migrations.AddConstraint(
            model_name='directivepart',
            constraint=models.UniqueConstraint(condition=models.Q(('team__isnull', False)), fields=('directive', 'team'), name='directive_team_once'),
        ),
        migrations.AddField(
            model_name='pushentry',
            name='again',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='before', to='records.pushentry'),
        ),
        migrations.AddField(
            model_name='pushentry',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='push_entries', to='records.person'),
        ),
        migrations.AddField(
            model_name='pushlist',
            name='outbreak',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='push_lists', to='records.outbreak'),
        ),
        migrations.AddField(
            model_name='pushlist',
            name='trace',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='push_lists', to='records.trace'),
        ),
        migrations.AddField(
            model_name='pushentry',
            name='push_list',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='records.pushlist'),
        ),
        migrations.AddIndex(
            model_name='pushlist',
            index=models.Index(fields=['outbreak', 'area_code'], name='push_to', opclasses=['int8_ops', 'varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='pushlist',
            index=models.Index(fields=['outbreak', 'from_area_code'], name='push_from', opclasses=['int8_ops', 'varchar_pattern_ops']),
        ),
        migrations.AddConstraint(
            model_name='pushlist',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('received_at__isnull', True), ('received_by', '')), models.Q(('received_at__isnull', False), models.Q(('received_by', ''), _negated=True)), _connector='OR'), name='push_received_by_somebody'),
        ),
        migrations.AddIndex(
            model_name='pushentry',
            index=models.Index(fields=['token'], name='push_entry_token'),
        ),
        migrations.AddConstraint(
            model_name='pushentry',
            constraint=models.UniqueConstraint(fields=('push_list', 'ref'), name='push_entry_once'),
        ),
        migrations.AddConstraint(
            model_name='pushentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('result', ''), ('told_at__isnull', True)), models.Q(models.Q(('result', ''), _negated=True), ('told_at__isnull', False)), _connector='OR'), name='push_result_whole'),
        ),
        migrations.AddConstraint(
            model_name='pushentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end', ''), ('ended_at__isnull', True)), models.Q(models.Q(('end', ''), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='push_end_whole'),
        ),
        migrations.AddField(
            model_name='dailyreport',
            name='due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(keep_when_due, migrations.RunPython.noop),
        migrations.RunSQL(
            "SELECT watch_changes('records_pushlist', 'cooperation'), watch_changes('records_pushentry', 'cooperation')",
            migrations.RunSQL.noop,
        ),
    ]
