"""The database counts itself which stage was written to; a screen asks for no more than that."""

from django.db import migrations

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
    dependencies = [("records", "0005_clocks_are_counted")]

    replaces = [
        ("records", "0043_command"),
    ]

    operations = [migrations.RunSQL(MARK), migrations.RunPython(watch)]
