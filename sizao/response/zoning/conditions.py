"""
The conditions of lifting a zone, one by one for a day: what is so, what is still missing, what nobody can tell yet.

The edition says which conditions hold: days without a case, a final round that is negative, the last close contact's
days, other areas lifted. Environment samples count where any were taken. The lift itself is a person's decision.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, Sum

from sizao.protocol import Rules, basis
from sizao.records.models import Contact, EnvironmentSample, Person, TestingCount, TestingRound, Zone
from sizao.response import outbreaks
from sizao.response.zoning.clocks import LIFT_KEYS, last_day_without_case
from sizao.response.zoning.inside import residents
from sizao.terms import AREA_DIGITS, AreaLevel, ContactKind, LiftCondition, ZoneLevel, ZoneState

COUNTY = AREA_DIGITS[AreaLevel.COUNTY]
_FINAL_DAY = {ZoneLevel.HIGH: "zones.strict_final_round_day", ZoneLevel.MEDIUM: "zones.middle_final_round_day"}
_WITHIN, _CONTACT_DAYS = "zones.strict_final_round_within_days", "zones.strict_last_contact_days"


@dataclass(frozen=True, slots=True)
class Condition:
    """
    One condition on a day: whether it is met (None: nobody can tell from the records), and what is missing.

    `missing` are facts for a sentence: the day from which it is met, how many people, samples or areas are left.
    """

    kind: LiftCondition
    met: bool | None
    missing: dict[str, Any]
    basis: dict[str, Any] | None


def conditions(zone: Zone, *, now: datetime) -> tuple[Condition, ...]:
    """Evaluate what must be so before a zone is lifted, as known at `now`."""
    rules = outbreaks.rules_at(zone.outbreak, now, area_code=zone.area_code)
    day = zone.outbreak.day_of(now)
    found = [_days(zone, rules, day, now), _final_round(zone, rules, day, now), _last_contact(zone, rules, day, now)]
    found += [_environment(zone, now), _others(zone, now)]
    return tuple(one for one in found if one is not None)


def may_lift(found: tuple[Condition, ...]) -> bool:
    """Tell whether nothing is missing; what nobody can tell is for the person who decides."""
    return all(one.met is not False for one in found)


def _days(zone: Zone, rules: Rules, day: date, now: datetime) -> Condition | None:
    clock = last_day_without_case(zone, rules, now)
    if clock is None:
        return None
    last, first_day = clock
    # The edition's rule may have set a later day, for a part of the area that the records of homes do not show.
    first_day = max(first_day, zone.may_lift_date or first_day)
    value = rules.need(LIFT_KEYS[ZoneLevel(zone.level)])
    missing = {} if day >= first_day else {"from": first_day.isoformat(), "days": (first_day - day).days}
    cited = basis.entry(value, gives="condition") | {"last_date": last.isoformat()}
    return Condition(LiftCondition.DAYS_WITHOUT_CASE, day >= first_day, missing, cited)


def _final_round(zone: Zone, rules: Rules, day: date, now: datetime) -> Condition | None:
    """Look for a round over the area, begun on the day asked for or within the days before lifting."""
    key = _FINAL_DAY.get(ZoneLevel(zone.level))
    clock = last_day_without_case(zone, rules, now)
    if clock is not None and key is not None and rules.says(key):
        since, cited = clock[0] + timedelta(days=rules.need(key).whole), basis.entry(rules.need(key), gives="condition")
    elif zone.level == ZoneLevel.HIGH and rules.says(_WITHIN):
        since = day - timedelta(days=rules.need(_WITHIN).whole)
        cited = basis.entry(rules.need(_WITHIN), gives="condition")
    else:
        return None
    rounds = TestingRound.objects.filter(outbreak=zone.outbreak, opened_at__lte=now, begins_at__date__gte=since)
    over = [one for one in rounds.order_by("-begins_at") if _holds(one, zone.area_code)]
    if not over:
        return Condition(LiftCondition.FINAL_ROUND, met=False, missing={"round_from": since.isoformat()}, basis=cited)
    left = _round_left(over[0], zone.area_code, now)
    return Condition(LiftCondition.FINAL_ROUND, not left, {"round": over[0].number, **left}, cited)


def _holds(one: TestingRound, area_code: str) -> bool:
    return any(area_code.startswith(code) for code in (one.areas or [one.area_code]))


def _round_left(one: TestingRound, area_code: str, now: datetime) -> dict[str, Any]:
    """Say what a round lacks in an area: people without a result, positives."""
    counts = TestingCount.objects.filter(round=one, area_code__startswith=area_code, latest_at__lte=now)
    summed = counts.aggregate(**{name: Sum(name) for name in ("expected", "explained", "resulted", "positive")})
    figures = {key: value or 0 for key, value in summed.items()}
    if not figures["expected"]:
        return {"nobody_expected": True}
    waiting = figures["expected"] - figures["explained"] - figures["resulted"]
    left = {"without_result": waiting} if waiting > 0 else {}
    return left | ({"positive": figures["positive"]} if figures["positive"] else {})


def _last_contact(zone: Zone, rules: Rules, day: date, now: datetime) -> Condition | None:
    if zone.level != ZoneLevel.HIGH or not rules.says(_CONTACT_DAYS):
        return None
    value = rules.need(_CONTACT_DAYS)
    people = Person.objects.filter(residents(zone))
    mine = Contact.objects.filter(outbreak=zone.outbreak, kind=ContactKind.CLOSE, found_at__lte=now, person__in=people)
    recent = mine.filter(last_exposure_date__gt=day - timedelta(days=value.whole)).count()
    unknown = mine.filter(last_exposure_date__isnull=True).count()
    met = False if recent else None if unknown else True
    missing = {"contacts": recent} if recent else {"contacts_unknown": unknown} if unknown else {}
    return Condition(LiftCondition.LAST_CONTACT, met, missing, basis.entry(value, gives="condition"))


def _environment(zone: Zone, now: datetime) -> Condition | None:
    """Count the samples of the zone; none taken is no condition, since no edition asks for them by a number."""
    samples = list(EnvironmentSample.objects.filter(zone=zone, taken_at__lte=now))
    if not samples:
        return None
    known = [one for one in samples if one.result_at is not None and one.result_at <= now]
    latest: dict[tuple[Any, str], EnvironmentSample] = {}
    for one in sorted(known, key=lambda sample: sample.taken_at):
        latest[one.place_id, one.what] = one
    positive = sum(bool(one.is_positive) for one in latest.values())
    waiting = len(samples) - len(known)
    missing = ({"samples_positive": positive} if positive else {}) | ({"samples_waiting": waiting} if waiting else {})
    return Condition(LiftCondition.ENVIRONMENT, not missing, missing, None)


def _others(zone: Zone, now: datetime) -> Condition | None:
    """The open area of a county is lifted when all others in it are."""
    if zone.level != ZoneLevel.LOW:
        return None
    others = Zone.objects.filter(
        outbreak=zone.outbreak, area_code__startswith=zone.area_code[:COUNTY], published_at__lte=now,
        state=ZoneState.PUBLISHED,
    ).exclude(Q(pk=zone.pk) | Q(level=ZoneLevel.LOW))  # fmt: skip
    n = others.count()
    return Condition(LiftCondition.OTHERS_LIFTED, not n, {"areas": n} if n else {}, None)
