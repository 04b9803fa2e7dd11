"""
A week of routine at the size of a province, made up: areas, tasks, daily reports, rooms and the people who look on.

Every row says so in its key (`generated:`). Nothing of it is published data.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from bench.province_work import add, people
from sizao.records.models import Account, Area
from sizao.terms import AreaLevel, UnitKind

N_CITIES, N_COUNTIES, N_STREETS = 11, 170, 2000
TASKS_A_DAY, REPORTS_A_DAY, DAYS = 60_000, 2200, 7

_TASKS = """
INSERT INTO records_task (outbreak_id, kind, state, role, area_code, subject_kind, subject_id, subject_label, basis,
    asked_at, due_at, received_by, done_at, done_by, outcome, raised_steps, source_key)
SELECT NULL, (ARRAY['core_information', 'serve_order', 'check_home', 'verify_signal', 'find_missed'])[1 + n %% 5],
    CASE WHEN open THEN 'open' ELSE 'done' END,
    (ARRAY['investigator', 'grid_worker', 'grid_worker', 'duty_officer', 'testing_coordinator'])[1 + n %% 5],
    street, 'case', n, 'generated ' || n, '[]', asked,
    -- What was asked of late is not due while the bench runs, so that its number of late tasks stands still.
    asked + CASE WHEN n < %(per_day)s / 2 THEN interval '30 hours' ELSE interval '6 hours' END, '',
    CASE WHEN open THEN NULL ELSE asked + interval '3 hours' END, CASE WHEN open THEN '' ELSE 'generated' END, '', 0,
    'generated:task:' || n
FROM (
    SELECT n, streets.code AS street, %(now)s - (n / %(per_day)s::float) * interval '1 day' AS asked,
        n < %(per_day)s / 6 OR n %% 200 = 0 AND n BETWEEN %(per_day)s / 2 AND 2 * %(per_day)s AS open
    FROM generate_series(0::bigint, %(per_day)s * %(days)s - 1) AS n
    JOIN (
        SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM records_area WHERE level = 'street'
    ) AS streets ON streets.place = (n * 7919) %% %(streets)s
) AS made
"""
_UNITS = """
INSERT INTO records_reportingunit (area_code, name, kind, every_days, due_hour, first_date, last_date, basis, added_at,
    added_by, source_key)
SELECT code, 'generated unit ' || code || '-' || n, %(kind)s, 1, 12, %(today)s - %(days)s, NULL, 'generated', %(then)s,
    'generated', 'generated:unit:' || code || '-' || n
FROM (SELECT code, 1 AS n FROM records_area WHERE level = 'street' UNION ALL
    SELECT code, 2 FROM (SELECT code FROM records_area WHERE level = 'street' ORDER BY code LIMIT %(more)s) AS first
) AS made
"""
_REPORTS = """
INSERT INTO records_dailyreport (outbreak_id, unit_id, area_code, first_date, date, version, figures, own, is_zero,
    drafted_at, submitted_at, submitted_by_id, signature, approved_by, returned_by, return_reason, correction_reason,
    source_key)
SELECT NULL, unit, code, day, day, 1, '{}', '{}', true, day + interval '1 day', CASE WHEN (id + day_no) %% 20 > 0
    THEN day + interval '1 day' + interval '3 hours' END, CASE WHEN (id + day_no) %% 20 > 0 THEN %(by)s END, '', '', '',
    '', '', 'generated:report:' || code || ':' || coalesce(unit, 0) || ':' || day
FROM (
    SELECT id, id AS unit, area_code AS code FROM records_reportingunit
    UNION ALL SELECT 0, NULL, code FROM records_area WHERE level IN ('county', 'city')
) AS who, LATERAL (SELECT day_no, %(today)s - day_no AS day FROM generate_series(1, %(days)s) AS day_no) AS days
"""
_PLACES = """
INSERT INTO records_place (kind, name, area_code, capacity, single_household, source_key)
SELECT %(kind)s, %(name)s || code || '-' || n, code, %(capacity)s, false, %(key)s || code || '-' || n
FROM records_area, generate_series(1, %(each)s) AS n WHERE level = 'county'
"""
_SITES = """
INSERT INTO records_isolationsite (place_id, area_code, state, phone, in_closed_loop, is_generated, registered_at,
    registered_by, opened_at, note, source, source_key)
SELECT id, area_code, 'in_use', '', true, true, %(then)s, 'generated', %(then)s, '', 'generated',
    'generated:site:' || id
FROM records_place WHERE source_key LIKE 'generated:sites:%%'
"""
_ROOMS = """
INSERT INTO records_isolationroom (site_id, place_id, building, floor, number, opposite, beds, is_accessible, is_family,
    has_carer_bed, out_of_service_reason, is_generated, source_key)
SELECT site.id, room.id, '', 1, room.id::text, false, 1, false, false, false, '', true, 'generated:room:' || room.id
FROM records_place room JOIN records_isolationsite site ON site.area_code = room.area_code
WHERE room.source_key LIKE 'generated:rooms:%%'
"""
_PEOPLE = """
INSERT INTO records_person (number, area_code, registered_at, source_key, is_generated)
SELECT 'G-' || id, area_code, %(then)s, 'generated:person:' || id, true
FROM records_place WHERE source_key LIKE 'generated:rooms:%%' AND id %% 5 < 2
"""
_STAYS = """
INSERT INTO records_stay (person_id, kind, place_id, area_code, period, party, single_room, recorded_at, source_key)
SELECT p.id, 'room', room.id, room.area_code, tstzrange(%(then)s + (room.id %% 150) * interval '1 hour', NULL), -p.id,
    false, %(then)s + (room.id %% 150) * interval '1 hour', 'generated:stay:' || p.id
FROM records_person p JOIN records_place room ON p.source_key = 'generated:person:' || room.id
"""


@dataclass(frozen=True)
class Province:
    """The province that was made: its code, and who looks at it."""

    code: str
    accounts: tuple[Account, ...]
    now: datetime


@transaction.atomic
def make(n_accounts: int = 50, tasks_a_day: int = TASKS_A_DAY) -> Province:
    """Make the province once, with so many tasks a day; a database that holds it is used as it is."""
    now = datetime.now(UTC)
    if not Area.objects.filter(code="13").exists():
        _areas()
        _run(_TASKS, now=now, per_day=tasks_a_day, days=DAYS, streets=N_STREETS)
        then = now - timedelta(days=DAYS)
        # Counties and cities report too: 2,200 a day in all.
        more = REPORTS_A_DAY - N_STREETS - N_COUNTIES - N_CITIES
        day = {"today": now.date(), "days": DAYS}
        _run(_UNITS, kind=str(next(iter(UnitKind))), then=then, more=more, **day)
        _run(_REPORTS, by=people(1)[0].pk, **day)
        _run(_PLACES, kind="isolation_site", name="generated site ", capacity=None, key="generated:sites:", each=1)
        _run(_PLACES, kind="room", name="generated room ", capacity=1, key="generated:rooms:", each=50)
        for text in (_SITES, _PEOPLE):
            _run(text, then=then)
        _run(_ROOMS)
        _run(_STAYS, then=then)
        _run("ANALYZE")
    add(now, DAYS)
    return Province("13", people(n_accounts), now)


def _areas() -> None:
    made = [_area("13", AreaLevel.PROVINCE)]
    counties = [0] * N_CITIES
    for n in range(N_COUNTIES):
        counties[n % N_CITIES] += 1
    codes = []
    for city, n in enumerate(counties, start=1):
        made.append(_area(f"13{city:02}", AreaLevel.CITY))
        codes += [f"13{city:02}{county:02}" for county in range(1, n + 1)]
    made += [_area(code, AreaLevel.COUNTY) for code in codes]
    made += [_area(f"{codes[n % N_COUNTIES]}{n // N_COUNTIES + 1:03}", AreaLevel.STREET) for n in range(N_STREETS)]
    Area.objects.bulk_create(made, batch_size=1000)


def _area(code: str, level: AreaLevel) -> Area:
    return Area(code=code, name=f"generated {code}", short_name=code, level=level, population=None)


def _run(text: str, **facts: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, facts or None)
