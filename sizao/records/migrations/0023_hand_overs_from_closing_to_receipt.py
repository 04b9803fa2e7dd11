import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0022_testing_plans'),
    ]

    operations = [
        migrations.AddField(
            model_name='handover',
            name='laboratory',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hand_overs', to='records.laboratory'),
        ),
        migrations.AddField(
            model_name='handover',
            name='site',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hand_overs', to='records.testingsite'),
        ),
        migrations.AlterField(
            model_name='handover',
            name='kind',
            field=models.CharField(choices=[('closed', '封箱'), ('picked_up', '取走'), ('passed_on', '途中交接'), ('delivered', '送达'), ('returned', '退回'), ('received', '实验室签收')], max_length=10),
        ),
        migrations.AlterField(
            model_name='laboddity',
            name='kind',
            field=models.CharField(choices=[('unreadable_tube', '管码校验不符'), ('unknown_tube', '管码未曾印制'), ('no_swabs', '管内无采样登记'), ('before_receipt', '接收登记前已出结果'), ('two_laboratories', '两家实验室报告同一管'), ('contradiction', '结果前后不一致'), ('two_boxes', '同一管装入两箱'), ('not_in_box', '箱内多出'), ('lacking', '箱内缺少'), ('cut_off', '文件不完整'), ('twice_in_run', '同批重复'), ('control_failed', '质控失败'), ('unreadable_row', '无法读取的行'), ('clock', '时间有误'), ('unknown_box', '箱码未曾印制或有误'), ('not_open', '管码所属轮次未在进行')], max_length=20),
        ),
    ]
