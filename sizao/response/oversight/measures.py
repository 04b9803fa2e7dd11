"""
The one registry of what runs against a clock: kinds of tasks, and records that bear a clock of their own.

Adding a measure is adding one entry: to `RECORDS` for a record, to `STAGE_OF` for a kind of task. Each row of a measure
has a number, an area, when the clock started, when it was to be over, and when it was. A row without a moment to be
over by has no clock: the edition sets none or it is not confirmed; it is counted as unknown and never as kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from sizao.protocol.laws import shipped_laws
from sizao.response import zoning
from sizao.terms import Clocked, Stage, TaskKind


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of clock: its word, its stage, the clocks it may follow, and where one of its rows is opened."""

    word: TaskKind | Clocked
    stage: Stage
    clocks: tuple[str, ...]  # keys of the edition, or of the laws; empty: each row names its own
    address: str  # a named address of the web that takes the row's `opens`; empty: none

    @property
    def key(self) -> str:
        return f"{'task' if isinstance(self.word, TaskKind) else 'record'}.{self.word}"


@dataclass(frozen=True, slots=True)
class Source:
    """
    The rows of a record with a clock, as SQL: `rows` selects the columns of `COLUMNS` in their order.

    What ended before its moment without being needed is left out there; it is neither kept nor late. `narrow` is what
    may be added where only clocks that run out from a day on (`oldest`), or are not done, matter: it follows from that.
    """

    stage: Stage
    rows: str
    clocks: tuple[str, ...]
    address: str = ""
    narrow: str = ""


COLUMNS = ("id", "outbreak_id", "area_code", "started_at", "due_at", "done_at", "label", "opens", "basis")


RECORDS: Mapping[Clocked, Source] = {
    Clocked.ALERT: Source(
        Stage.SIGNALS,
        """SELECT id, outbreak_id, area_code, opened_at, due_at, least(answered_at, settled_at), rule, id::text, basis
        FROM records_alert WHERE merged_into_id IS NULL""",
        ("report.direct_report_hours",),
        "alert",
    ),
    Clocked.COOPERATION_SENT: Source(
        Stage.COOPERATION,
        """SELECT id, outbreak_id, area_code, made_at, send_by, sent_at, number, id::text, basis
        FROM records_cooperationrequest WHERE NOT is_incoming AND (withdrawn_at IS NULL OR sent_at IS NOT NULL)""",
        (),
        "cooperation_one",
    ),
    Clocked.COOPERATION_ANSWERED: Source(
        Stage.COOPERATION,
        """SELECT id, outbreak_id, area_code, coalesce(received_at, made_at), due_at,
            coalesce(answered_at, CASE WHEN state = 'refused' THEN decided_at END), number, id::text, basis
        FROM records_cooperationrequest WHERE is_incoming AND withdrawn_at IS NULL""",
        (),
        "cooperation_one",
    ),
    Clocked.ROUND: Source(
        Stage.TESTING,
        """SELECT id, outbreak_id, area_code, begins_at, due_at, closed_at, number, id::text, basis
        FROM records_testinground WHERE opened_at IS NOT NULL""",
        (),
        "testing_one",
    ),
    Clocked.BOX: Source(
        Stage.TESTING,
        """SELECT b.id, r.outbreak_id, b.area_code, b.first_swab_at, b.transport_due_at, b.received_at, b.code,
            b.id::text, b.basis
        FROM records_samplebox b JOIN records_testinground r ON r.id = b.round_id
        WHERE b.first_swab_at IS NOT NULL""",
        ("testing.transport_hours",),
        "testing_box",
    ),
    Clocked.ORDER_SERVED: Source(
        Stage.ISOLATION,
        """SELECT id, outbreak_id, area_code, issued_at, issued_at + %(serve_hours)s * interval '1 hour', served_at,
            'GL' || id, id::text, '[]'::jsonb
        FROM records_isolationorder WHERE issued_at IS NOT NULL
            AND NOT (served_at IS NULL AND ended_at IS NOT NULL
                AND ended_at <= issued_at + %(serve_hours)s * interval '1 hour')""",
        ("laws.serve_hours",),
        "order_one",
    ),
    Clocked.LEFT_SITE: Source(
        Stage.ISOLATION,
        # Observation ends at 24:00 of the last day, and nobody is sent home at night: out by the end of the next day.
        """SELECT o.id, o.outbreak_id, o.area_code, o.issued_at,
            (o.ends_date + 2)::timestamp AT TIME ZONE %(zone)s, upper(s.period), 'GL' || o.id, o.id::text,
            o.basis
        FROM records_isolationorder o JOIN records_stay s ON s.person_id = o.person_id AND s.kind = 'room'
            AND s.period @> ((o.ends_date + 1)::timestamp AT TIME ZONE %(zone)s)
        WHERE o.kind = 'central' AND o.issued_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM records_isolationorder f WHERE f.person_id = o.person_id AND f.id <> o.id
                AND f.kind = 'central' AND f.issued_at IS NOT NULL AND f.ends_date > o.ends_date
        )""",
        ("contacts.close.isolation_days",),
        "order_one",
    ),
    Clocked.CAME_HOME: Source(
        Stage.ISOLATION,
        """SELECT id, outbreak_id, area_code, told_at, due_at, received_at, 'GL' || order_id, order_id::text,
            '[]'::jsonb
        FROM records_communityhandover""",
        (),
        "order_one",
    ),
    Clocked.TRANSFER: Source(
        Stage.TRANSPORT,
        """SELECT r.id, r.outbreak_id, r.area_code, r.asked_at, r.due_at,
            (SELECT min(arrived_at) FROM records_transferleg l WHERE l.request_id = r.id), r.number, r.id::text, r.basis
        FROM records_transferrequest r WHERE r.state NOT IN ('refused', 'cancelled')""",
        ("contacts.close.transfer_hours", "transport.case_transfer_hours"),
        "clocked_transfer",
    ),
    Clocked.ZONE_LIFTED: Source(
        Stage.ZONING,
        """SELECT id, outbreak_id, area_code, published_at,
            (expected_until + %(days_to_lift)s)::timestamp AT TIME ZONE %(zone)s, lifted_at, name, id::text, basis
        FROM records_zone WHERE published_at IS NOT NULL""",
        ("zone.expected_until",),
        "zone",
    ),
    Clocked.ZONE_REQUEST: Source(
        Stage.ZONING,
        """SELECT r.id, z.outbreak_id, r.area_code, r.asked_at, r.due_at, r.done_at, z.name, z.id::text, '[]'::jsonb
        FROM records_zonerequest r JOIN records_zone z ON z.id = r.zone_id""",
        (),
        "zone",
    ),
    Clocked.OBJECTION: Source(
        Stage.OBJECTIONS,
        """SELECT id, outbreak_id, area_code, received_at, due_at, decided_at, number, id::text, basis
        FROM records_objection WHERE state <> 'withdrawn'""",
        ("laws.decide_objection_hours",),
        "objection",
    ),
    Clocked.DIRECTIVE: Source(
        Stage.TASKS,
        """SELECT p.id, d.outbreak_id, p.area_code, p.issued_at, p.due_at, p.closed_at, d.number, p.id::text,
            '[]'::jsonb
        FROM records_directivepart p JOIN records_directive d ON d.id = p.directive_id
        WHERE p.state <> 'withdrawn'""",
        (),
        "directive_part",
    ),
    Clocked.REPORT: Source(
        Stage.REPORTS,
        # The report itself says by when it was owed (`reports.deadlines`).
        # The moment at which its day is over is worked out once a day (OFFSET 0), and not wherever it is named.
        """SELECT r.id, r.outbreak_id, r.area_code, moment.over_at, r.due_at, r.submitted_at,
            coalesce(u.name, '') || ' ' || CASE WHEN r.first_date < r.date THEN r.first_date || '–' ELSE '' END
            || r.date, r.id::text, '[]'::jsonb
        FROM records_dailyreport r LEFT JOIN records_reportingunit u ON u.id = r.unit_id JOIN (
            SELECT date(day) AS date, (day + interval '1 day') AT TIME ZONE %(zone)s AS over_at FROM generate_series(
                (SELECT min(date) FROM records_dailyreport)::timestamp,
                (SELECT max(date) FROM records_dailyreport)::timestamp, interval '1 day'
            ) AS day OFFSET 0
        ) moment ON moment.date = r.date WHERE r.version = 1""",
        ("bulletin.interval_days",),
        "clocked_report",
        # Due three days after its day is over at the latest.
        " AND (r.date >= %(oldest)s::date - 5 OR r.submitted_at IS NULL OR r.submitted_at > %(as_of)s)",
    ),
    Clocked.FINDING: Source(
        Stage.OVERSIGHT,
        """SELECT id, outbreak_id, area_code, notified_at, due_at, mended_at, number, id::text, basis
        FROM records_finding WHERE notified_at IS NOT NULL""",
        ("oversight.minor_mend_hours", "oversight.major_mend_hours", "oversight.critical_mend_hours"),
        "finding",
    ),
    Clocked.COMPLAINT: Source(
        Stage.OVERSIGHT,
        """SELECT id, NULL::bigint, area_code, received_at, due_at, answered_at, number, id::text, basis
        FROM records_complaint""",
        ("oversight.answer_hours",),
        "complaint",
    ),
}

# These tasks ask for what a record above already measures; counting both would count one delay twice.
MEASURED_BY_RECORD: Mapping[TaskKind, Clocked] = {
    TaskKind.VERIFY_ALERT: Clocked.ALERT,
    TaskKind.FETCH_BOX: Clocked.BOX,
    TaskKind.SERVE_ORDER: Clocked.ORDER_SERVED,
    TaskKind.RECEIVE_HOME: Clocked.CAME_HOME,
    TaskKind.SERVE_ZONE_NEED: Clocked.ZONE_REQUEST,
    TaskKind.DECIDE_OBJECTION: Clocked.OBJECTION,
    TaskKind.ANSWER_COOPERATION: Clocked.COOPERATION_ANSWERED,
    TaskKind.RECEIVE_DIRECTIVE: Clocked.DIRECTIVE,
    TaskKind.DO_DIRECTIVE: Clocked.DIRECTIVE,
    TaskKind.ACCEPT_DIRECTIVE: Clocked.DIRECTIVE,
    TaskKind.DAILY_REPORT: Clocked.REPORT,
    TaskKind.MEND_FINDING: Clocked.FINDING,
    TaskKind.ANSWER_COMPLAINT: Clocked.COMPLAINT,
}

_KINDS: Mapping[Stage, tuple[TaskKind, ...]] = {
    Stage.SIGNALS: (TaskKind.VERIFY_SIGNAL,),
    Stage.CASES: (
        TaskKind.FIRST_INFORMATION, TaskKind.CORE_INFORMATION, TaskKind.FULL_REPORT, TaskKind.MATCH_PLACE,
        TaskKind.FILL_CARD,
    ),
    Stage.TESTING: (
        TaskKind.OPEN_ROUND, TaskKind.FIND_MISSED, TaskKind.RELEASE_RUN, TaskKind.DECIDE_HOLD, TaskKind.RECALL_POOL,
    ),
    Stage.ISOLATION: (
        TaskKind.SIGN_ORDER, TaskKind.CHECK_HOME, TaskKind.FIND_ROOM, TaskKind.FIND_CARER, TaskKind.REACH_HOME,
        TaskKind.HELP_WORSE, TaskKind.JUDGE_EXPOSURE, TaskKind.MISSED_ROUND,
    ),
    Stage.COOPERATION: (TaskKind.RECEIVE_PUSH, TaskKind.ANSWER_PUSH, TaskKind.RESOLVE_PUSH),
    Stage.TRANSPORT: (
        TaskKind.TRANSFER_CONTACT, TaskKind.APPROVE_TRANSFER, TaskKind.DISINFECT_VEHICLE, TaskKind.FIND_TRANSFER,
    ),
    Stage.ZONING: (TaskKind.DECIDE_ZONE, TaskKind.DECIDE_LIFT),
}  # fmt: skip
STAGE_OF: Mapping[TaskKind, Stage] = {kind: stage for stage, kinds in _KINDS.items() for kind in kinds}


def measures() -> dict[str, Measure]:
    """Give all measures by their key, in the order of the stages; a kind of task without a stage is the command's."""
    found = [Measure(word, source.stage, source.clocks, source.address) for word, source in RECORDS.items()]
    found += [
        Measure(kind, STAGE_OF.get(kind, Stage.TASKS), (), "task_open")
        for kind in TaskKind
        if kind not in MEASURED_BY_RECORD
    ]
    order = list(Stage)
    return {one.key: one for one in sorted(found, key=lambda one: order.index(one.stage))}


def values() -> dict[str, object]:
    """Give the values that the rows of records name."""
    return {
        "zone": settings.TIME_ZONE,
        "serve_hours": shipped_laws().clocks["serve_hours"].whole,
        "days_to_lift": zoning.DAYS_TO_LIFT,
    }


def record_rows(word: Clocked, narrow: str = "") -> str:
    """Give the rows of a record with a clock, under the names of `COLUMNS`."""
    return f"SELECT * FROM ({RECORDS[word].rows}{narrow}) AS {word} ({', '.join(COLUMNS)})"  # noqa: S608 — our own words


def counted_rows(word: Clocked) -> str:
    """Give the rows of a record that may count from the day `oldest` on, and those that are not done."""
    return record_rows(word, RECORDS[word].narrow)


# A task that was cancelled before its moment was not needed; one cancelled later was late when it was.
_TASK_ROWS = """
SELECT id, outbreak_id, area_code, asked_at AS started_at, due_at, done_at, subject_label AS label, id::text AS opens,
    basis
FROM records_task
WHERE kind = ANY(%(kinds)s) AND NOT coalesce(state = 'cancelled' AND (due_at IS NULL OR done_at <= due_at), false)
"""


def rows_of(measure: Measure) -> str:
    """Give the rows of a measure, under the names of `COLUMNS`."""
    return _TASK_ROWS if isinstance(measure.word, TaskKind) else record_rows(measure.word)
