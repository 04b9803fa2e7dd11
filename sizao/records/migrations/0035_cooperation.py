import django.contrib.postgres.fields
import django.db.models.deletion
import sizao.records.secrecy
import sizao.terms.cooperation
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('records', '0034_testing')]

    operations = [
        migrations.CreateModel(
            name='Authority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('area_code', models.CharField(max_length=12)),
                ('way', models.CharField(choices=[('system', '系统对接'), ('letter', '公函')], max_length=10)),
                ('address', models.CharField(blank=True, max_length=200)),
                ('public_key', models.CharField(blank=True, max_length=60)),
                ('certificate', models.TextField(blank=True)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('added_at', models.DateTimeField()),
                ('added_by', models.CharField(max_length=150)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(models.Q(('public_key', ''), _negated=True), ('ended_at__isnull', True)), fields=('public_key',), name='authority_key_once'), models.CheckConstraint(condition=models.Q(('way', 'letter'), models.Q(models.Q(('address', ''), _negated=True), models.Q(('public_key', ''), _negated=True)), _connector='OR'), name='authority_reached_somehow')],
            },
        ),
        migrations.CreateModel(
            name='CooperationRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True)),
                ('is_incoming', models.BooleanField()),
                ('area_code', models.CharField(max_length=12)),
                ('state', models.CharField(choices=[('draft', '起草中'), ('sent', '已发出'), ('received', '已送达'), ('accepted', '已受理'), ('refused', '不予受理'), ('answered', '已全部反馈'), ('closed', '已办结'), ('withdrawn', '已撤回')], default=sizao.terms.cooperation.RequestState['DRAFT'], max_length=10)),
                ('asked', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('find', '查找人员并反馈去向'), ('control', '落实相应管控措施'), ('test', '开展核酸检测'), ('investigate', '开展流行病学调查'), ('inform', '知悉')], max_length=12), size=None)),
                ('question', models.TextField(blank=True)),
                ('legal_basis', models.CharField(blank=True, max_length=300)),
                ('basis', models.JSONField(default=list)),
                ('protocol', models.CharField(blank=True, max_length=200)),
                ('send_by', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(max_length=150)),
                ('told_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('received_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.CharField(blank=True, max_length=150)),
                ('refuse_reason', models.CharField(blank=True, max_length=300)),
                ('answered_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('reminded_at', models.DateTimeField(null=True)),
                ('keep_until', models.DateField(null=True)),
                ('destroyed_at', models.DateTimeField(null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='records.authority')),
                ('outbreak', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cooperations', to='records.outbreak')),
            ],
        ),
        migrations.CreateModel(
            name='CooperationPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.PositiveSmallIntegerField()),
                ('name', sizao.records.secrecy.SealedField(null=True)),
                ('id_number', sizao.records.secrecy.SealedField(null=True)),
                ('phone', sizao.records.secrecy.SealedField(null=True)),
                ('address', sizao.records.secrecy.SealedField(null=True)),
                ('area_code', models.CharField(blank=True, max_length=12)),
                ('contact_kind', models.CharField(blank=True, choices=[('close', '密切接触者'), ('secondary', '密接的密接'), ('general', '一般接触者')], max_length=10)),
                ('last_exposure_date', models.DateField(null=True)),
                ('note', sizao.records.secrecy.SealedField(null=True)),
                ('answer', models.CharField(blank=True, choices=[('placed', '已集中隔离'), ('at_home', '已居家管控'), ('negative', '已检测，阴性'), ('positive', '已检测，阳性'), ('excluded', '经核实排除'), ('left', '已离开本地'), ('not_reached', '未能联系上'), ('not_found', '查无此人')], max_length=12)),
                ('answer_note', sizao.records.secrecy.SealedField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.CharField(blank=True, max_length=150)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cooperations', to='records.person')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people', to='records.cooperationrequest')),
            ],
        ),
        migrations.CreateModel(
            name='ExchangeMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(unique=True)),
                ('is_incoming', models.BooleanField()),
                ('number', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('request', '协查函'), ('accepted', '受理'), ('refused', '不予受理'), ('answer', '反馈'), ('reminder', '催办'), ('closed', '办结'), ('withdrawn', '撤回')], max_length=10)),
                ('made_at', models.DateTimeField()),
                ('body', sizao.records.secrecy.SealedField(null=True)),
                ('signature', models.CharField(max_length=120)),
                ('digest', models.CharField(max_length=64)),
                ('recorded_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(null=True)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('receipt', models.JSONField(null=True)),
                ('fault', models.CharField(blank=True, max_length=300)),
                ('destroyed_at', models.DateTimeField(null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='records.authority')),
            ],
        ),
        migrations.AddIndex(
            model_name='cooperationrequest',
            index=models.Index(fields=['state', 'due_at'], name='cooperation_due'),
        ),
        migrations.AddConstraint(
            model_name='cooperationperson',
            constraint=models.UniqueConstraint(fields=('request', 'ref'), name='cooperation_person_once'),
        ),
        migrations.AddConstraint(
            model_name='cooperationperson',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='cooperation_answer_whole'),
        ),
        migrations.AddIndex(
            model_name='exchangemessage',
            index=models.Index(fields=['number', 'made_at'], name='exchange_of_request'),
        ),
        migrations.AddIndex(
            model_name='exchangemessage',
            index=models.Index(condition=models.Q(('delivered_at__isnull', True), ('is_incoming', False)), fields=['next_try_at'], name='exchange_waiting'),
        ),
    ]
