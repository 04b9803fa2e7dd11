"""What a week leaves beside tasks and reports: the journal, directives, teams, complaints, notices; and who works."""

from datetime import datetime, timedelta

from django.db import connection

from sizao.records.models import Account, Area, Complaint, Directive, Notice, Team
from sizao.response.tasks import directives
from sizao.terms import AreaLevel, ComplaintChannel, ComplaintKind, Role

PASSWORD = "generated-for-the-bench"  # noqa: S105 — of accounts that live as long as the bench
N_DIRECTIVES, TEAMS_A_COUNTY, MEMBERS_A_TEAM, COMPLAINTS_A_DAY = 10, 3, 6, 200
NOTICES_EACH = 40

# Fifty people at one time, as a province in routine has them: most at the doors and in counties, few who command.
PEOPLE = (
    (Role.COMMANDER, AreaLevel.PROVINCE, 1), (Role.GRID_WORKER, AreaLevel.STREET, 18),
    (Role.REPORTER, AreaLevel.COUNTY, 7), (Role.REPORTER, AreaLevel.PROVINCE, 1),
    (Role.DUTY_OFFICER, AreaLevel.COUNTY, 6), (Role.DUTY_OFFICER, AreaLevel.CITY, 2),
    (Role.COMMANDER, AreaLevel.COUNTY, 5), (Role.COMMANDER, AreaLevel.CITY, 3),
    (Role.SUPERVISOR, AreaLevel.CITY, 3), (Role.SUPERVISOR, AreaLevel.PROVINCE, 1),
    (Role.INVESTIGATOR, AreaLevel.COUNTY, 3),
)  # fmt: skip

_JOURNAL = """
INSERT INTO records_event (verb, subject_kind, subject_id, actor, area_code, at, facts, protocol)
SELECT 'task.' || state, 'task', id, 'generated', area_code, coalesce(done_at, asked_at),
    jsonb_build_object('kind', kind), '' FROM records_task WHERE source_key LIKE 'generated:task:%%'
"""
_MEMBERS = """
INSERT INTO records_teammember (team_id, number, skills, joined_at, recorded_by)
SELECT id, 'generated-' || id || '-' || n, '{}', %(then)s, 'generated'
FROM records_team, generate_series(1, %(each)s) AS n WHERE source = 'generated'
"""
_SHIFTS = """
INSERT INTO records_teamshift (team_id, member_id, place, inside, starts_at, ends_at, recorded_at, confirmed_by_id,
    cancelled_by)
SELECT team_id, m.id, '', false, %(then)s + (n + 0.5) * interval '12 hours', %(then)s + (n + 1) * interval '12 hours',
    %(then)s, %(by)s, ''
FROM records_teammember AS m, generate_series(0, 2 * %(days)s) AS n WHERE m.number LIKE 'generated-%%'
"""


def people(n: int) -> tuple[Account, ...]:
    """Give so many people of the shares of `PEOPLE`, the commander of the province first."""
    wanted = [(role, level, number) for role, level, each in PEOPLE for number in range(each)]
    return tuple(_account(*wanted[place % len(wanted)]) for place in range(n))


def _account(role: Role, level: AreaLevel, number: int) -> Account:
    area = Area.objects.filter(level=level).order_by("code")[number].code
    account, is_new = Account.objects.get_or_create(
        username=f"generated-{role}-{area}", defaults={"display_name": "generated", "role": role, "area_code": area}
    )
    if is_new:
        account.set_password(PASSWORD)
        account.save()
    return account


def add(now: datetime, days: int) -> None:
    """Add what is not there yet."""
    then = now - timedelta(days=days)
    by = people(1)[0]
    if not Directive.objects.exists():
        _run(_JOURNAL)
        _directives(by, now)
        _teams(by, then, days)
        _complaints(now, days)
        _notices(now)
        _run("ANALYZE")


def _directives(by: Account, now: datetime) -> None:
    to = directives.Recipients((by.area_code,), (AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.STREET))
    for n in range(N_DIRECTIVES):
        order = directives.Order(
            f"generated {n}", "generated", "generated", now + timedelta(days=n + 1), counts="generated"
        )
        directives.issue(order=order, to=to, outbreak=None, source_key=f"generated:{n}", by=by, now=now)


def _teams(by: Account, then: datetime, days: int) -> None:
    counties = Area.objects.filter(level=AreaLevel.COUNTY).order_by("code").values_list("code", flat=True)
    Team.objects.bulk_create(
        Team(
            name=f"generated {n}", kind="investigation", area_code=code, registered_at=then, registered_by="generated",
            source="generated",
        )
        for code in counties for n in range(TEAMS_A_COUNTY)
    )  # fmt: skip
    _run(_MEMBERS, then=then, each=MEMBERS_A_TEAM)
    _run(_SHIFTS, then=then, days=days, by=by.pk)


def _complaints(now: datetime, days: int) -> None:
    streets = list(Area.objects.filter(level=AreaLevel.STREET).order_by("code").values_list("code", flat=True))
    kinds = list(ComplaintKind)
    Complaint.objects.bulk_create(
        (
            Complaint(
                number=f"G-{n}", area_code=streets[n * 7919 % len(streets)], kind=kinds[n % len(kinds)],
                channel=ComplaintChannel.PHONE, text="generated", received_at=at, received_by="generated",
                due_at=at + timedelta(days=2), source_key=f"generated:complaint:{n}",
            )
            for n in range(COMPLAINTS_A_DAY * days)
            for at in [now - timedelta(days=n / COMPLAINTS_A_DAY)]
        ),
        batch_size=1000,
    )  # fmt: skip


def _notices(now: datetime) -> None:
    Notice.objects.bulk_create(
        Notice(
            account=one, kind="tasks_late", is_urgent=False, area_code=one.area_code, path="/tasks/",
            made_at=now - timedelta(hours=n), source_key=f"generated:notice:{one.pk}:{n}",
            read_at=None if n < NOTICES_EACH // 4 else now,
        )
        for one in people(sum(each for _, _, each in PEOPLE)) for n in range(NOTICES_EACH)
    )  # fmt: skip


def _run(text: str, **facts: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, facts or None)
