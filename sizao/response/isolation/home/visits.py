"""
What is done for people at home, and when: planned by rule a day ahead for every issued order, or asked for by hand.

How often stands in the table of home care; swabs fall on the test days of the order, medicines before they run out.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from sizao.errors import SizaoError
from sizao.protocol.home_care import AGES, shipped_home_rules
from sizao.records import access, journal
from sizao.records.models import Account, HomeVisit, IsolationOrder, Outbreak, Person
from sizao.response.isolation.home.checks import home_area
from sizao.terms import NeedKind, OrderKind, OrderState, Right, VisitKind

AT_HOME = (OrderKind.HOME, OrderKind.MONITORING)
UNKNOWN_SUPPLY = "supply:unknown"  # nobody has said how long the medicines last


class VisitInThePast(SizaoError):
    code = "home.visit.past"
    message = "{day} is over. Ask for a day from today on."


class VisitUnclear(SizaoError):
    code = "home.visit.unclear"
    message = "Say what is to be brought or done, in a few words."


_PLAN = """
WITH days AS (
    SELECT unnest(%(days)s::date[]) AS day
), rule AS (
    SELECT * FROM unnest(%(kinds)s::text[], %(visits)s::text[], %(every)s::int[], %(times)s::int[])
        AS r(order_kind, visit, every, times)
), standing AS (
    SELECT o.id, o.person_id, o.kind, o.starts_date, o.ends_date, o.test_dates, p.birth_date,
        CASE WHEN p.area_code LIKE o.area_code || '%%' THEN p.area_code ELSE o.area_code END AS area_code
    FROM records_isolationorder o JOIN records_person p ON p.id = o.person_id
    WHERE o.outbreak_id = %(outbreak)s AND o.state = %(issued)s AND o.kind = ANY(%(at_home)s)
      AND o.issued_at <= %(now)s AND o.starts_date <= %(last)s AND o.ends_date >= %(first)s
), wanted AS (
    SELECT s.id, days.day, rule.visit, n::text AS part, '' AS what
    FROM standing s JOIN rule ON rule.order_kind = s.kind
    JOIN days ON days.day BETWEEN s.starts_date AND s.ends_date AND (days.day - s.starts_date) %% rule.every = 0
    CROSS JOIN LATERAL generate_series(1, rule.times) AS n
    UNION ALL
    SELECT s.id, days.day, %(swab)s, '1', '' FROM standing s JOIN days ON days.day = ANY(s.test_dates)
    UNION ALL
    SELECT s.id, greatest(s.starts_date, %(first)s, coalesce(n.until_date - %(lead)s, %(first)s)), %(medicine)s,
        coalesce(n.until_date::text, 'unknown'),
        CASE WHEN n.until_date IS NULL THEN %(unknown)s ELSE n.detail END
    FROM standing s JOIN records_personneed n ON n.person_id = s.person_id
    WHERE n.kind = %(medicines)s AND n.ended_at IS NULL AND n.recorded_at <= %(now)s
      AND coalesce(n.until_date - %(lead)s, %(first)s) <= %(last)s
), points AS (
    SELECT s.id, greatest(
        (SELECT max(f.points) FROM records_personneed n
         JOIN unnest(%(needs)s::text[], %(need_points)s::int[]) AS f(need, points) ON f.need = n.kind
         WHERE n.person_id = s.person_id AND n.ended_at IS NULL AND n.recorded_at <= %(now)s),
        (SELECT max(f.points) FROM unnest(%(born_from)s::date[], %(born_until)s::date[], %(age_points)s::int[])
            AS f(born_from, born_until, points)
         WHERE (f.born_from IS NULL OR s.birth_date > f.born_from)
           AND (f.born_until IS NULL OR s.birth_date <= f.born_until)),
        0
    ) AS priority FROM standing s
)
INSERT INTO records_homevisit (outbreak_id, person_id, order_id, area_code, kind, priority, what, planned_at,
    planned_by, due_date, done_by, outcome, source_key)
SELECT %(outbreak)s, s.person_id, s.id, s.area_code, w.visit, p.priority, w.what, %(now)s, %(by)s, w.day, '', '',
    'visit:' || s.id || ':' || w.visit || ':' || CASE WHEN w.visit = %(medicine)s THEN '' ELSE w.day::text END
        || ':' || w.part
FROM wanted w JOIN standing s ON s.id = w.id JOIN points p ON p.id = w.id
ON CONFLICT (source_key) DO NOTHING
"""


@transaction.atomic
def advance(*, outbreak: Outbreak, now: datetime, days_ahead: int = 1) -> int:
    """
    Plan what is due today and on the next days for everybody under an issued order at home; return how many are new.

    Planning again adds what is missing and changes nothing else. The old, the pregnant, children and the chronically
    ill come first: the points of the table, the highest that fits.
    """
    today = outbreak.day_of(now)
    days = [today + timedelta(days=ahead) for ahead in range(days_ahead + 1)]
    with connection.cursor() as cursor:
        cursor.execute(_PLAN, _given(outbreak, days, now))
        n_new = cursor.rowcount
    if n_new:
        journal.write("home.planned", outbreak, by=None, at=now, visits=n_new, until=days[-1].isoformat())
    return n_new


def _given(outbreak: Outbreak, days: Sequence[date], now: datetime) -> dict[str, object]:
    rules = shipped_home_rules()
    ages = [(*AGES[name], points) for name, points in rules.first_ages.items()]
    return {
        "outbreak": outbreak.pk,
        "days": list(days),
        "first": days[0],
        "last": days[-1],
        "now": now,
        "by": journal.SYSTEM,
        "issued": str(OrderState.ISSUED),
        "at_home": [str(kind) for kind in AT_HOME],
        "kinds": [str(one.order) for one in rules.visits],
        "visits": [str(one.kind) for one in rules.visits],
        "every": [one.every_days for one in rules.visits],
        "times": [one.times for one in rules.visits],
        "swab": str(VisitKind.SWAB),
        "medicine": str(VisitKind.MEDICINE),
        "medicines": str(NeedKind.MEDICINES),
        "unknown": UNKNOWN_SUPPLY,
        "lead": rules.medicine_lead_days,
        "needs": [str(need) for need in rules.first_needs],
        "need_points": list(rules.first_needs.values()),
        # Somebody is of an age when born by the day so many years ago.
        "born_from": [None if until is None else years_before(days[0], until) for _, until, _ in ages],
        "born_until": [years_before(days[0], since) if since else None for since, _, _ in ages],
        "age_points": [points for *_, points in ages],
    }


def years_before(day: date, years: int) -> date:
    """Give the day so many years before; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


@transaction.atomic
def ask_visit(
    *, order: IsolationOrder, kind: VisitKind, due_date: date, what: str, by: Account, now: datetime
) -> HomeVisit:
    """
    Ask by hand for something to be done for somebody at home.

    Raise VisitInThePast, VisitUnclear where something is brought and nobody says what, or the door's refusal.
    """
    area_code = home_area(order)
    access.require(by, Right.HOME_CARE, area_code=area_code)
    if due_date < order.outbreak.day_of(now):
        raise VisitInThePast(day=due_date)
    if kind in (VisitKind.DELIVERY, VisitKind.MEDICINE) and not what.strip():
        raise VisitUnclear
    asked = HomeVisit.objects.create(
        outbreak=order.outbreak,
        person=order.person,
        order=order,
        area_code=area_code,
        kind=kind,
        priority=_priority_known(order.person),
        what=what.strip()[:200],
        planned_at=now,
        planned_by=by.username,
        due_date=due_date,
        source_key=f"visit:{order.pk}:asked:{kind}:{now.isoformat()}",
    )
    journal.write("visit.asked", asked, by=by, at=now, kind=str(kind))
    return asked


def _priority_known(person: Person) -> int:
    """Take the points that the rule gave this person last; somebody asked for before the first plan has none yet."""
    planned = HomeVisit.objects.filter(person=person, planned_by=journal.SYSTEM).order_by("-pk")
    return planned.values_list("priority", flat=True).first() or 0
