"""When a round must be complete: the edition's hours for a city of that size, with the sum and what it rests on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Sum as Total
from django.utils import timezone

from sizao.protocol import Rules, Value, basis, deadline
from sizao.records.models import Area
from sizao.response.clocks import AWAITS
from sizao.terms import AREA_DIGITS, AreaLevel

THRESHOLD = "testing.region.population_threshold"
SMALL = "testing.region.small_city_complete_hours"
LARGE = "testing.region.large_city_complete_hours"
DUE = "due_at"
UNKNOWN = "population_unknown"
CITY = AREA_DIGITS[AreaLevel.CITY]


def due(rules: Rules, areas: Sequence[str], start: datetime) -> tuple[datetime | None, list[dict[str, Any]]]:
    """
    Say by when a round over areas must be complete that begins at a moment, and by which values.

    None where the edition sets no hours, a value waits for confirmation, or nobody knows how large the city is and
    its size would decide.
    """
    hours, cited = _hours(rules, areas)
    if hours is None:
        return None, cited
    waiting = [one for one in (hours,) if rules.awaits_confirmation(one)]
    if waiting:
        return None, [basis.entry(one, gives=AWAITS) for one in waiting]
    total = deadline(timezone.localtime(start), hours)
    return total.result, [*cited, basis.entry(hours, total, gives=DUE)]


def _hours(rules: Rules, areas: Sequence[str]) -> tuple[Value | None, list[dict[str, Any]]]:
    small, large, threshold = (rules.value(key) for key in (SMALL, LARGE, THRESHOLD))
    if small.value is None or large.value is None:
        return None, []
    if small.value == large.value or threshold.value is None:
        return (small, []) if small.value == large.value else (None, [])
    people = population(areas)
    if people is None:
        return None, [basis.entry(threshold, gives=UNKNOWN)]
    return (small if people <= threshold.whole else large), [basis.entry(threshold, gives=DUE)]


def population(areas: Sequence[str]) -> int | None:
    """
    Say how many people live in the largest city that a round reaches; None where the register does not know.

    The edition's line is drawn between cities, whatever part of one is tested.
    """
    known = [_city(code) for code in sorted({code[:CITY] for code in areas})]
    return max((one for one in known if one is not None), default=None) if None not in known else None


def _city(code: str) -> int | None:
    stated: int | None = Area.objects.filter(code=code).values_list("population", flat=True).first()
    if stated is not None:
        return stated
    counties = Area.objects.within(code).filter(level=AreaLevel.COUNTY)
    if not counties.exists() or counties.filter(population__isnull=True).exists():
        return None
    return int(counties.aggregate(people=Total("population"))["people"])
