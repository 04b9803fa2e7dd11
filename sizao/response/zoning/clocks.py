"""
The clocks of one zone: the first day on which its days without a case are over, and the moment when lifting it is late.

Lifting is the work of the first day on which a zone may be lifted, and is late when that day is over (应在当日解除).
A clock that ran out before the work may begin could never be kept.
"""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from sizao.protocol import Rules
from sizao.records.models import Case, Person, Zone
from sizao.response.zoning.inside import residents
from sizao.terms import ZoneLevel

# From the stated last day to the end of the day after it, on which the zone is lifted.
DAYS_TO_LIFT = 2
LIFT_KEYS = {ZoneLevel.HIGH: "zones.strict_lift_days", ZoneLevel.MEDIUM: "zones.middle_lift_days"}


def latest_case_day(zone: Zone, now: datetime) -> date | None:
    """Give the day on which the latest case living in a zone was found; None where none is known."""
    people = Person.objects.filter(residents(zone))
    cases = Case.objects.standing().known_at(now).filter(outbreak=zone.outbreak, person__in=people)
    latest = cases.order_by("-opened_at").values_list("opened_at", flat=True).first()
    return timezone.localtime(latest).date() if latest else None


def last_day_without_case(zone: Zone, rules: Rules, now: datetime) -> tuple[date, date] | None:
    """
    Give day 0 of a zone's clock and the first day on which it may be lifted; None where no days are set.

    Day 0 is that of the latest case inside, or of the beginning where it has none (yet).
    """
    key = LIFT_KEYS.get(ZoneLevel(zone.level))
    if key is None or not rules.says(key):
        return None
    found = latest_case_day(zone, now)
    last = max(found, zone.since_date) if found else zone.since_date
    return last, last + timedelta(days=rules.need(key).whole + 1)


def lift_late_at(until: date) -> datetime:
    """Give the moment from which a zone stated to last until a day stands too long without a decision."""
    return timezone.make_aware(datetime.combine(until + timedelta(days=DAYS_TO_LIFT), time()))


def latest_stated_day_late(now: datetime) -> date:
    """Give the latest stated last day of the zones whose lifting is late at a moment."""
    return timezone.localtime(now).date() - timedelta(days=DAYS_TO_LIFT)


def overdue_days(zone: Zone, *, now: datetime) -> int:
    """Count the days, begun ones too, on which lifting a decided zone has been late."""
    until = zone.expected_until
    return max(0, (latest_stated_day_late(now) - until).days + 1) if until is not None else 0
