"""Daily figures of a province counted from rows, and the pages of 2,200 reports a day for a year."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
FIRST = date(2021, 1, 1)
N_DAYS = 31
N_COUNTIES = 170
N_REQUESTS = 20


@click.command("daily_reports")
@click.option("--cases", "n_cases", default=100_000, show_default=True)
@click.option("--contacts", "n_contacts", default=1_000_000, show_default=True)
@click.option("--units", "n_units", default=2_018, show_default=True, help="Reporting units below the counties.")
@click.option("--days", "n_days", default=365, show_default=True, help="Days of reports.")
def command(n_cases: int, n_contacts: int, n_units: int, n_days: int) -> None:
    """Build a made-up province in a database of its own below var/bench-reports; time counting and pages."""
    os.environ["SIZAO_VAR"] = str(ROOT / "var" / "bench-reports")
    os.environ.pop("DATABASE_URL", None)
    from sizao.cli import start

    start.django_ready()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    with transaction.atomic():
        outbreak = _built(n_cases, n_contacts, n_units, n_days)
    print(f"{n_cases:,} cases, {n_contacts:,} contacts, {n_units:,} units, {n_days} days of reports;")
    print(f"built or found in {time.perf_counter() - began:.0f} s; load {os.getloadavg()[0]:.1f}\n")
    _counting(outbreak)
    _pages()


def _built(n_cases: int, n_contacts: int, n_units: int, n_days: int):  # noqa: ANN202
    from django.db import connection

    from sizao.records.models import Account, Area, Outbreak
    from sizao.terms import AreaLevel, Role

    if (there := Outbreak.objects.filter(slug="bench").first()) is not None:
        return there
    cities = [f"13{n:02}" for n in range(1, 12)]
    counties = [f"{cities[n % 11]}{n // 11 + 1:02}" for n in range(N_COUNTIES)]
    levels = [("13", AreaLevel.PROVINCE), *((one, AreaLevel.CITY) for one in cities)]
    Area.objects.bulk_create(
        [Area(code=code, name=code, short_name=code, level=level)
         for code, level in (*levels, *((one, AreaLevel.COUNTY) for one in counties))]
    )  # fmt: skip
    for role in (Role.REPORTER, Role.COMMANDER):
        Account.objects.create(username=f"bench-{role}", display_name="bench", role=role, area_code="13")
    outbreak = Outbreak.objects.create(
        slug="bench", name="bench", name_en="bench", disease="covid-19", kind="replay", area_code="13",
        first_date=FIRST, last_date=FIRST + timedelta(days=n_days), opened_at=datetime(2021, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    with connection.cursor() as cursor:
        # The people themselves are not looked at: only their rows count.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("CREATE TEMP TABLE county AS SELECT unnest(%s::text[]) AS code, generate_series(0, %s) AS n",
                       [counties, N_COUNTIES - 1])  # fmt: skip
        for statement in _ROWS:
            cursor.execute(
                statement.replace("@AT@", _AT).replace("@BLANK@", _BLANK),
                {"outbreak": outbreak.pk, "cases": n_cases, "contacts": n_contacts, "units": n_units, "days": n_days,
                 "account": Account.objects.get(role=Role.REPORTER).pk},
            )  # fmt: skip
        cursor.execute("ANALYZE")
    return outbreak


_AT = "timestamptz '2021-01-01 00:00+08' + ((i::bigint * 7919) %% (31 * 1440)) * interval '1 minute'"
_BLANK = "(SELECT jsonb_object_agg(f, 0) FROM unnest(ARRAY['new_confirmed','new_asymptomatic','contacts_new']) f)"
_ROWS = (
    """INSERT INTO records_case (outbreak_id, person_id, number, status, area_code, opened_at, found_by, unread,
        unread_spans) SELECT %(outbreak)s, i, 'C' || i, 'confirmed', county.code || '001001', @AT@, '', '[]', 0
        FROM generate_series(1, %(cases)s) i JOIN county ON county.n = i %% 170""",
    """INSERT INTO records_casechange (case_id, status, at, by, basis, source_key)
        SELECT id, CASE k WHEN 0 THEN 'positive' WHEN 1 THEN 'asymptomatic' ELSE 'confirmed' END,
        opened_at + k * interval '20 hours', 'bench', '[]', 'bench:' || id || ':' || k
        FROM records_case, generate_series(0, 2) k WHERE k < 1 + id %% 3""",
    """INSERT INTO records_contact (outbreak_id, person_id, kind, state, area_code, found_at, source, source_key)
        SELECT %(outbreak)s, 10000000 + i, 'close', 'placed', county.code || '001001', @AT@, 'bench', 'bench:' || i
        FROM generate_series(1, %(contacts)s) i JOIN county ON county.n = i %% 170""",
    """INSERT INTO records_contactchange (contact_id, state, at, by, source_key)
        SELECT id, CASE k WHEN 0 THEN 'found' WHEN 1 THEN 'placed' ELSE 'released' END,
        found_at + k * interval '30 hours', 'bench', 'bench:' || id || ':' || k
        FROM records_contact, generate_series(0, 2) k WHERE k < 1 + id %% 3""",
    """INSERT INTO records_reportingunit (area_code, name, kind, every_days, due_hour, first_date, basis, added_at,
        added_by, source_key) SELECT county.code, '街道 ' || i, 'street', 1, 10, '2021-01-01', 'bench',
        '2021-01-01', 'bench', 'bench:' || i
        FROM generate_series(1, %(units)s) i JOIN county ON county.n = i %% 170""",
    """INSERT INTO records_dailyreport (outbreak_id, unit_id, area_code, first_date, date, version, figures,
        own, is_zero, drafted_at, submitted_at, submitted_by_id, signature, approved_at, approved_by, returned_by,
        return_reason, correction_reason, source_key)
        SELECT %(outbreak)s, u.id, u.area_code, date '2021-01-01' + d, date '2021-01-01' + d, 1, @BLANK@, '{}',
        u.id %% 3 = 0,
        timestamptz '2021-01-02 00:10+08' + d * interval '1 day',
        CASE WHEN (u.id + d) %% 40 > 0 THEN timestamptz '2021-01-02 08:00+08' + d * interval '1 day' END,
        CASE WHEN (u.id + d) %% 40 > 0 THEN %(account)s END, '',
        CASE WHEN (u.id + d) %% 40 > 1 THEN timestamptz '2021-01-02 09:00+08' + d * interval '1 day' END,
        '', '', '', '', 'bench:' || u.id || ':' || d
        FROM records_reportingunit u, generate_series(0, %(days)s - 1) d""",
    """INSERT INTO records_dailyreport (outbreak_id, area_code, first_date, date, version, figures, own, is_zero,
        drafted_at, submitted_at, submitted_by_id, signature, approved_by, returned_by, return_reason,
        correction_reason, source_key)
        SELECT %(outbreak)s, a.code, date '2021-01-01' + d, date '2021-01-01' + d, 1, @BLANK@, '{}', true,
        timestamptz '2021-01-02 00:10+08' + d * interval '1 day',
        timestamptz '2021-01-02 08:00+08' + d * interval '1 day', %(account)s, '', '', '', '', '',
        'bench:area:' || a.code || ':' || d FROM records_area a, generate_series(0, %(days)s - 1) d""",
)


def _counting(outbreak) -> None:  # noqa: ANN001
    from sizao.response.reports import daily

    last = FIRST + timedelta(days=N_DAYS - 1)
    times = {}
    for name, ask in (
        ("one day, province", lambda: daily.by_day(outbreak, last, last)),
        (f"all {N_DAYS} days, province", lambda: daily.by_day(outbreak, FIRST, last)),
        ("one day, one county", lambda: daily.by_day(outbreak, last, last, within="130101")),
    ):
        began = time.perf_counter()
        ask()
        times[name] = time.perf_counter() - began
    print("counting from rows")
    for name, seconds in times.items():
        print(f"  {name:28}{seconds:8.2f} s{seconds / times['one day, province']:7.2f} times one day")


def _pages() -> None:
    from django.test import Client

    from sizao.records.models import Account

    print(f"\n{'page':44}{'median ms':>10}{'p95 ms':>9}")
    day = "outbreak=bench&day=2021-01-25&date=2021-01-24"
    for path, role in (
        (f"/reports/?{day}", "reporter"), (f"/reports/overview/?{day}", "reporter"),
        (f"/reports/overview/?{day}&area=1301", "reporter"), (f"/reports/units/?{day}", "reporter"),
        (f"/reports/approvals/?{day}", "commander"), (f"/reports/areas/130101/?{day}", "reporter"),
    ):  # fmt: skip
        client = Client()
        client.force_login(Account.objects.get(username=f"bench-{role}"))
        times = []
        for _ in range(N_REQUESTS + 2):
            began = time.perf_counter()
            status = client.get(path).status_code
            times.append((time.perf_counter() - began) * 1000)
            if status != 200:  # noqa: PLR2004
                raise click.ClickException(f"{path} answered {status}")
        told = sorted(times[2:])
        print(f"{path.partition('?')[0]:44}{told[len(told) // 2]:10.0f}{told[round(0.95 * len(told)) - 1]:9.0f}")
