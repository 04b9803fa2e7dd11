from django.db import migrations

# Answers from before they counted it themselves; later ones are never changed.
COUNT = """
UPDATE records_traceanswer AS answer SET facts = answer.facts || jsonb_build_object(
    'layers', (
        SELECT coalesce(jsonb_object_agg(layer, people), '{}'::jsonb) FROM (
            SELECT layer, count(*) AS people FROM records_tracematch AS one
            WHERE one.trace_id = answer.trace_id AND one.found_at <= answer.answered_at
                AND (one.gone_at IS NULL OR one.gone_at > answer.answered_at)
            GROUP BY layer
        ) AS counted
    ),
    'is_generated', EXISTS (
        SELECT 1 FROM records_tracematch AS one
        WHERE one.trace_id = answer.trace_id AND one.found_at <= answer.answered_at
            AND (one.gone_at IS NULL OR one.gone_at > answer.answered_at) AND one.is_generated
    )
)
WHERE NOT answer.facts ? 'layers'
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0015_people_wait_for_their_tokens")]
    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
