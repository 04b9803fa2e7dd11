from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0011_streams_know_when_they_were_looked_at'),
    ]

    operations = [
        migrations.AlterField(
            model_name='task',
            name='kind',
            field=models.CharField(choices=[('verify_signal', '核实信号'), ('first_information', '首报信息'), ('core_information', '核心信息'), ('full_report', '流调报告'), ('transfer_contact', '转运密接'), ('sign_order', '签发隔离决定'), ('decide_zone', '研判风险区域'), ('daily_report', '日报告'), ('match_place', '核对地点'), ('confirm_values', '确认方案参数'), ('verify_alert', '核实预警')], max_length=20),
        ),
        migrations.AlterField(
            model_name='signal',
            name='kind',
            field=models.CharField(choices=[('positive_test', '核酸阳性'), ('fever_clinic', '发热门诊'), ('request', '协查来函'), ('self_report', '自主申报'), ('alert', '监测预警')], max_length=20),
        ),
    ]
