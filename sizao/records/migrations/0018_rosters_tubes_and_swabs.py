import django.db.models.deletion
import sizao.records.secrecy
from django.db import migrations, models

# Django knows no partitions. The parents hold no row; a round's own partitions are made when it gets its roster and
# when it is opened, and are detached when it is set aside.
TABLES = """
CREATE SEQUENCE records_walk_in_number AS bigint START 1000000000;
CREATE TABLE records_rosterentry (
    round_id bigint NOT NULL,
    number bigint NOT NULL,
    area_code varchar(12) NOT NULL,
    kind varchar(10) NOT NULL,
    single_only boolean NOT NULL,
    grid varchar(40),
    household varchar(40),
    person_id bigint,
    id_index varchar(32),
    name text,
    phone text,
    address text,
    missed_reason varchar(20),
    missed_by varchar(150),
    missed_at timestamptz,
    PRIMARY KEY (round_id, number),
    CONSTRAINT roster_reason_whole CHECK (
        (missed_reason IS NULL AND missed_by IS NULL AND missed_at IS NULL)
        OR (missed_reason IS NOT NULL AND missed_by IS NOT NULL AND missed_at IS NOT NULL)
    )
) PARTITION BY LIST (round_id);
CREATE UNIQUE INDEX roster_identity_once ON records_rosterentry (round_id, id_index) WHERE id_index IS NOT NULL;
CREATE INDEX roster_area ON records_rosterentry (area_code varchar_pattern_ops, number);
CREATE TABLE records_tube (
    round_id bigint NOT NULL,
    code varchar(12) NOT NULL,
    kind varchar(10) NOT NULL,
    size smallint NOT NULL CHECK (size > 0),
    site_id bigint,
    "table" smallint CHECK ("table" > 0),
    area_code varchar(12) NOT NULL,
    opened_at timestamptz NOT NULL,
    opened_by varchar(150) NOT NULL,
    result varchar(10),
    resulted_at timestamptz,
    PRIMARY KEY (round_id, code),
    CONSTRAINT tube_result_whole CHECK ((result IS NULL) = (resulted_at IS NULL))
) PARTITION BY LIST (round_id);
CREATE TABLE records_swab (
    round_id bigint NOT NULL,
    source_key varchar(120) NOT NULL,
    entry bigint NOT NULL,
    tube varchar(12) NOT NULL,
    area_code varchar(12) NOT NULL,
    taken_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by varchar(150) NOT NULL,
    is_expected boolean NOT NULL,
    is_double boolean NOT NULL,
    is_late boolean NOT NULL,
    clock_off_seconds integer,
    PRIMARY KEY (round_id, source_key)
) PARTITION BY LIST (round_id);
CREATE UNIQUE INDEX swab_counts_once ON records_swab (round_id, entry) WHERE NOT is_double;
CREATE INDEX swab_of_tube ON records_swab (round_id, tube);
"""
DROP = """
DROP TABLE records_swab;
DROP TABLE records_tube;
DROP TABLE records_rosterentry;
DROP SEQUENCE records_walk_in_number;
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0017_testing_rounds")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLES, DROP)],
            state_operations=[
                migrations.CreateModel(
                    name='RosterEntry',
                    fields=[
                        ('pk', models.CompositePrimaryKey('round_id', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('number', models.BigIntegerField()),
                        ('area_code', models.CharField(max_length=12)),
                        ('kind', models.CharField(choices=[('resident', '在册居民'), ('visitor', '外来人员'), ('elsewhere', '在隔离点或医院（由所在机构采样）'), ('walk_in', '现场登记（名册外）')], max_length=10)),
                        ('single_only', models.BooleanField(default=False)),
                        ('grid', models.CharField(max_length=40, null=True)),
                        ('household', models.CharField(max_length=40, null=True)),
                        ('id_index', models.CharField(max_length=32, null=True)),
                        ('name', sizao.records.secrecy.SealedField(null=True)),
                        ('phone', sizao.records.secrecy.SealedField(null=True)),
                        ('address', sizao.records.secrecy.SealedField(null=True)),
                        ('missed_reason', models.CharField(choices=[('away', '外出不在本地'), ('moved', '已迁出'), ('tested_elsewhere', '已在他处采样'), ('in_care', '住院或隔离中'), ('unable', '身体原因不能采样'), ('infant', '婴幼儿'), ('refused', '拒绝采样'), ('deceased', '已去世'), ('on_list_twice', '名册重复'), ('not_found', '上门未找到')], max_length=20, null=True)),
                        ('missed_by', models.CharField(max_length=150, null=True)),
                        ('missed_at', models.DateTimeField(null=True)),
                        ('person', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='roster_entries', to='records.person')),
                        ('round', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='entries', to='records.testinground')),
                    ],
                ),
                migrations.CreateModel(
                    name='Tube',
                    fields=[
                        ('pk', models.CompositePrimaryKey('round_id', 'code', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('code', models.CharField(max_length=12)),
                        ('kind', models.CharField(choices=[('pool', '混采管'), ('household', '一户一管'), ('single', '单采管')], max_length=10)),
                        ('size', models.PositiveSmallIntegerField()),
                        ('table', models.PositiveSmallIntegerField(null=True)),
                        ('area_code', models.CharField(max_length=12)),
                        ('opened_at', models.DateTimeField()),
                        ('opened_by', models.CharField(max_length=150)),
                        ('result', models.CharField(choices=[('positive', '阳性'), ('negative', '阴性')], max_length=10, null=True)),
                        ('resulted_at', models.DateTimeField(null=True)),
                        ('round', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='tubes', to='records.testinground')),
                        ('site', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='tubes', to='records.testingsite')),
                    ],
                ),
                migrations.CreateModel(
                    name='Swab',
                    fields=[
                        ('pk', models.CompositePrimaryKey('round_id', 'source_key', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('source_key', models.CharField(max_length=120)),
                        ('entry', models.BigIntegerField()),
                        ('tube', models.CharField(max_length=12)),
                        ('area_code', models.CharField(max_length=12)),
                        ('taken_at', models.DateTimeField()),
                        ('recorded_at', models.DateTimeField()),
                        ('recorded_by', models.CharField(max_length=150)),
                        ('is_expected', models.BooleanField()),
                        ('is_double', models.BooleanField(default=False)),
                        ('is_late', models.BooleanField(default=False)),
                        ('clock_off_seconds', models.IntegerField(null=True)),
                        ('round', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='swabs', to='records.testinground')),
                    ],
                ),
            ],
        ),
    ]
