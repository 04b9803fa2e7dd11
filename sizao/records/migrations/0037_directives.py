import django.contrib.postgres.fields
import django.db.models.deletion
import sizao.terms.directives
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0036_teams'),
    ]

    operations = [
        migrations.CreateModel(
            name='Answerable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_code', models.CharField(max_length=12)),
                ('role', models.CharField(choices=[('duty_officer', '值班员'), ('investigator', '流调员'), ('data_officer', '数据专员'), ('testing_coordinator', '核酸检测专员'), ('sampler', '采样登记员'), ('courier', '样本转运员'), ('lab_technician', '检验员'), ('lab_reviewer', '检验审核员'), ('grid_worker', '网格员'), ('isolation_coordinator', '隔离转运专员'), ('site_worker', '隔离点工作人员'), ('dispatcher', '转运调度员'), ('crew', '转运车组'), ('area_officer', '风险区专员'), ('reporter', '信息报告员'), ('commander', '指挥长'), ('supervisor', '督查员'), ('administrator', '系统管理员')], max_length=25)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('named_by', models.CharField(max_length=150)),
            ],
        ),
        migrations.CreateModel(
            name='Directive',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True)),
                ('area_code', models.CharField(max_length=12)),
                ('title', models.CharField(max_length=100)),
                ('text', models.TextField()),
                ('reason', models.CharField(max_length=300)),
                ('basis', models.CharField(blank=True, max_length=300)),
                ('urgency', models.CharField(choices=[('routine', '平急'), ('urgent', '加急'), ('immediate', '特急')], default=sizao.terms.directives.Urgency['ROUTINE'], max_length=10)),
                ('due_at', models.DateTimeField()),
                ('items', models.JSONField(default=list)),
                ('counts', models.CharField(blank=True, max_length=60)),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('issued_at', models.DateTimeField()),
                ('issued_by', models.CharField(max_length=150)),
                ('issued_name', models.CharField(max_length=100)),
                ('changed_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawn_by', models.CharField(blank=True, max_length=150)),
                ('withdraw_reason', models.CharField(blank=True, max_length=300)),
                ('source_key', models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='DirectiveAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('received', '签收'), ('progress', '报告进展'), ('closed', '办结'), ('accepted', '审核通过'), ('returned', '退回')], max_length=10)),
                ('happened_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('made_by', models.CharField(max_length=150)),
                ('made_name', models.CharField(max_length=100)),
                ('version', models.PositiveSmallIntegerField()),
                ('text', models.CharField(blank=True, max_length=1000)),
                ('answers_for', models.CharField(blank=True, max_length=100)),
                ('n_done', models.PositiveIntegerField(null=True)),
                ('n_total', models.PositiveIntegerField(null=True)),
                ('checks', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), null=True, size=None)),
                ('signed_as', models.CharField(blank=True, max_length=60)),
                ('exception', models.CharField(blank=True, max_length=300)),
                ('source_key', models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='DirectivePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_code', models.CharField(max_length=12)),
                ('level', models.PositiveSmallIntegerField()),
                ('role', models.CharField(choices=[('duty_officer', '值班员'), ('investigator', '流调员'), ('data_officer', '数据专员'), ('testing_coordinator', '核酸检测专员'), ('sampler', '采样登记员'), ('courier', '样本转运员'), ('lab_technician', '检验员'), ('lab_reviewer', '检验审核员'), ('grid_worker', '网格员'), ('isolation_coordinator', '隔离转运专员'), ('site_worker', '隔离点工作人员'), ('dispatcher', '转运调度员'), ('crew', '转运车组'), ('area_officer', '风险区专员'), ('reporter', '信息报告员'), ('commander', '指挥长'), ('supervisor', '督查员'), ('administrator', '系统管理员')], max_length=25)),
                ('above', models.CharField(max_length=12)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('own_due_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField()),
                ('answers_for', models.CharField(blank=True, max_length=100)),
                ('issued_at', models.DateTimeField()),
                ('issued_by', models.CharField(max_length=150)),
                ('issued_name', models.CharField(max_length=100)),
                ('state', models.CharField(choices=[('issued', '待签收'), ('received', '办理中'), ('closed', '已办结待审核'), ('returned', '退回重办'), ('accepted', '已审核通过'), ('withdrawn', '已撤回')], default=sizao.terms.directives.PartState['ISSUED'], max_length=10)),
                ('received_at', models.DateTimeField(null=True)),
                ('received_by', models.CharField(blank=True, max_length=100)),
                ('received_version', models.PositiveSmallIntegerField(default=0)),
                ('told_at', models.DateTimeField(null=True)),
                ('n_done', models.PositiveIntegerField(null=True)),
                ('n_total', models.PositiveIntegerField(null=True)),
                ('checks', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=list, size=None)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.CharField(blank=True, max_length=100)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.CharField(blank=True, max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='DirectivePhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('image', models.BinaryField()),
                ('media_type', models.CharField(max_length=20)),
                ('sha256', models.CharField(max_length=64)),
                ('added_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DirectiveVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=100)),
                ('text', models.TextField()),
                ('reason', models.CharField(max_length=300)),
                ('basis', models.CharField(blank=True, max_length=300)),
                ('urgency', models.CharField(choices=[('routine', '平急'), ('urgent', '加急'), ('immediate', '特急')], max_length=10)),
                ('due_at', models.DateTimeField()),
                ('items', models.JSONField(default=list)),
                ('counts', models.CharField(blank=True, max_length=60)),
                ('until', models.DateTimeField()),
                ('changed_by', models.CharField(max_length=150)),
                ('change_reason', models.CharField(max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='TaskStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.PositiveSmallIntegerField()),
                ('raised_at', models.DateTimeField()),
                ('area_code', models.CharField(max_length=12)),
                ('before', models.CharField(max_length=150)),
            ],
        ),
        migrations.AddField(
            model_name='task',
            name='raised_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='raised_steps',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='task',
            name='raised_to',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='raised_tasks', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='task',
            name='kind',
            field=models.CharField(choices=[('verify_signal', '核实信号'), ('first_information', '首报信息'), ('core_information', '核心信息'), ('full_report', '流调报告'), ('transfer_contact', '转运密接'), ('sign_order', '签发隔离决定'), ('decide_zone', '研判风险区域'), ('daily_report', '日报告'), ('match_place', '核对地点'), ('confirm_values', '确认方案参数'), ('verify_alert', '核实预警'), ('open_round', '启动检测轮次'), ('find_missed', '核实未检人员'), ('fetch_box', '催送样本箱'), ('release_run', '审核检测结果'), ('decide_hold', '处置阳性混管'), ('recall_pool', '混管阳性单采复核'), ('decide_objection', '处理异议'), ('serve_order', '送达隔离决定'), ('check_home', '评估居家条件'), ('find_room', '居家条件不合格，安排隔离房间'), ('find_carer', '落实被照料人的照料者'), ('reach_home', '核实居家人员去向'), ('help_worse', '居家人员出现症状，安排就医'), ('judge_exposure', '研判隔离点交叉感染风险'), ('missed_round', '补查健康监测'), ('receive_home', '社区接收返家人员'), ('approve_transfer', '审批转运申请'), ('disinfect_vehicle', '车辆终末消毒'), ('find_transfer', '核实转运途中人员'), ('decide_lift', '研判解除风险区'), ('serve_zone_need', '保障区内特殊需求'), ('receive_directive', '签收指令'), ('do_directive', '办理指令'), ('accept_directive', '审核指令办结情况'), ('answer_cooperation', '反馈协查函')], max_length=20),
        ),
        migrations.AlterField(
            model_name='task',
            name='outbreak',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='records.outbreak'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['role', 'area_code', 'due_at'], name='task_open_for', opclasses=['varchar_ops', 'varchar_pattern_ops', 'timestamptz_ops']),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['area_code', 'due_at'], name='task_open_in', opclasses=['varchar_pattern_ops', 'timestamptz_ops']),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['raised_steps', 'due_at'], name='task_to_raise'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['subject_kind', 'subject_id'], name='task_about'),
        ),
        migrations.AddField(
            model_name='answerable',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers_for', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='directive',
            name='outbreak',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='directives', to='records.outbreak'),
        ),
        migrations.AddField(
            model_name='directivepart',
            name='directive',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='records.directive'),
        ),
        migrations.AddField(
            model_name='directivepart',
            name='parent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='below', to='records.directivepart'),
        ),
        migrations.AddField(
            model_name='directiveact',
            name='part',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acts', to='records.directivepart'),
        ),
        migrations.AddField(
            model_name='directivephoto',
            name='act',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='records.directiveact'),
        ),
        migrations.AddField(
            model_name='directiveversion',
            name='directive',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='records.directive'),
        ),
        migrations.AddField(
            model_name='taskstep',
            name='raised_to',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='taskstep',
            name='task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='records.task'),
        ),
        migrations.AddConstraint(
            model_name='answerable',
            constraint=models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('area_code', 'role'), name='answerable_once'),
        ),
        migrations.AddIndex(
            model_name='directive',
            index=models.Index(fields=['area_code', 'issued_at'], name='directive_of_area'),
        ),
        migrations.AddConstraint(
            model_name='directive',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), models.Q(('withdraw_reason', ''), _negated=True), _connector='OR'), name='directive_withdrawn_with_reason'),
        ),
        migrations.AddIndex(
            model_name='directivepart',
            index=models.Index(fields=['area_code', 'issued_at'], name='directive_part_of_area', opclasses=['varchar_pattern_ops', 'timestamptz_ops']),
        ),
        migrations.AddIndex(
            model_name='directivepart',
            index=models.Index(fields=['directive', 'level', 'area_code'], name='directive_part_level'),
        ),
        migrations.AddIndex(
            model_name='directivepart',
            index=models.Index(condition=models.Q(('state__in', ['issued', 'received', 'returned'])), fields=['area_code', 'due_at'], name='directive_part_open', opclasses=['varchar_pattern_ops', 'timestamptz_ops']),
        ),
        migrations.AddConstraint(
            model_name='directivepart',
            constraint=models.UniqueConstraint(fields=('directive', 'area_code', 'role'), name='directive_part_once'),
        ),
        migrations.AddConstraint(
            model_name='directiveversion',
            constraint=models.UniqueConstraint(fields=('directive', 'version'), name='directive_version_once'),
        ),
        migrations.AddConstraint(
            model_name='taskstep',
            constraint=models.UniqueConstraint(fields=('task', 'step'), name='task_step_once'),
        ),
    ]
