"""Orders know what they follow and how they were served; a secondary contact knows through whom; histories begin."""

import django.db.models.deletion
from django.db import migrations, models

# What is on record of each order becomes the beginning of its history; the last day of then is not known where an order
# was shortened since, so that each entry shows the one of today.
HISTORY = """
INSERT INTO records_orderchange (order_id, act, at, "by", ends_date, was_ends_date, reason, basis, source_key)
SELECT o.id, moved.act, moved.at, moved.who, o.ends_date, NULL, moved.reason, '[]',
    'change:' || o.id || ':' || moved.act
FROM records_isolationorder o
LEFT JOIN records_account a ON a.id = o.issued_by_id
CROSS JOIN LATERAL (VALUES
    ('proposed', o.proposed_at, 'sizao', ''),
    ('issued', o.issued_at, coalesce(a.username, 'sizao'), ''),
    ('declined', o.declined_at, 'sizao', o.decline_reason),
    ('ended', o.ended_at, 'sizao', o.end_reason)
) AS moved (act, at, who, reason)
WHERE moved.at IS NOT NULL
ON CONFLICT (source_key) DO NOTHING
"""
# The days of a secondary contact are others than those of a close one, so their orders are told apart.
KEYS = """
UPDATE records_isolationorder SET source_key = source_key || ':secondary'
WHERE reason->>'contact_kind' = 'secondary' AND source_key LIKE 'order:%' AND source_key NOT LIKE '%:secondary'
"""
KEYS_BACK = "UPDATE records_isolationorder SET source_key = replace(source_key, ':secondary', '')"


class Migration(migrations.Migration):
    dependencies = [("records", "0028_reasons_in_one_pass")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="through",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="secondary",
                to="records.contact",
            ),
        ),
        migrations.AddField(
            model_name="isolationorder",
            name="family_told",
            field=models.CharField(
                blank=True,
                choices=[
                    ("told", "已告知家属"),
                    ("with_them", "家属在场或同住"),
                    ("not_reached", "未能联系到家属"),
                    ("not_wanted", "本人不要求告知"),
                    ("no_family", "无家属"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="isolationorder",
            name="follows",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followed_by",
                to="records.isolationorder",
            ),
        ),
        migrations.AddField(
            model_name="isolationorder",
            name="served_with",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name="objection",
            name="channel",
            field=models.CharField(
                choices=[
                    ("phone", "电话"),
                    ("paper", "书面"),
                    ("door", "上门或当面"),
                    ("public", "本人网上提出"),
                ],
                default="door",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(HISTORY, migrations.RunSQL.noop),
        migrations.RunSQL(KEYS, KEYS_BACK),
    ]
