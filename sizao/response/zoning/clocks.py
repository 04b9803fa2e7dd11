"""The clock of one zone: its latest case, and the first day on which its days without a case are over."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from sizao.protocol import Rules
from sizao.records.models import Case, Person, Zone
from sizao.response.zoning.inside import residents
from sizao.terms import ZoneLevel

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
