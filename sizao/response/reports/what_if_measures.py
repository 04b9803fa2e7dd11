"""The measures that stand already where a question starts from: delays as measured, closed areas, rounds held."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Q

from sizao.records.models import OfficialArea, Outbreak, TestingRound, Zone
from sizao.response.reports.outlook import Outlook
from sizao.terms import Delay, ZoneLevel, ZoneUnit

# Rounds of the last two weeks say how often there is one.
RECENT_DAYS = 14
CLOSED = (ZoneLevel.HIGH, ZoneLevel.MEDIUM)
# What a closed area is in a simulated city; all that is smaller than a village is its community.
_LEVEL_OF = {
    str(ZoneUnit.STREET): "town", "township": "town", "town": "town", str(ZoneUnit.COUNTY): "county",
    str(ZoneUnit.CITY): "city", str(ZoneUnit.PROVINCE): "province",
}  # fmt: skip
_WIDTH = ("community", "town", "county", "city", "province")


def measured(known: Outlook) -> dict[str, Any]:
    """Say how fast people are tested and told, as the delays of the outlook have it."""
    delays = {told.kind: told for told in known.delays}
    result, onset = delays[Delay.TAKEN_TO_RESULT].middle, delays[Delay.ONSET_TO_FOUND].middle
    found: dict[str, Any] = {"result_days": 1 if result is None else max(round(result), 0)}
    if onset is not None:
        # Found so many days after onset, of which the result takes some: that is one in so many days to be tested.
        found["testing"] = round(float(np.clip(1 / max(onset - found["result_days"] + 1, 1.0), 0.05, 1.0)), 2)
    return found


def standing(outbreak: Outbreak, counties: Iterable[str], *, day: date, as_of: datetime) -> dict[str, Any]:
    """
    Say which areas of some counties are closed on a day, and how often rounds were held, in the keys of a policy.

    Areas are those that a body published and has not lifted, and those of the official lists of the day. Where any is
    closed, one case in a week is taken to close an area of the commonest size among them. Two rounds or more of the
    last two weeks say after how many days the next begins.
    """
    within = Q()
    for code in counties:
        within |= Q(area_code__startswith=code) | Q(area_code=code[:4])
    found: dict[str, Any] = {}
    units = _closed_units(outbreak, within, day=day, as_of=as_of)
    if units:
        wide = Counter(_LEVEL_OF.get(unit, "community") for unit in units)
        # Of two sizes as common as each other the smaller: less is claimed to be closed.
        found |= {"close_at": 1, "close_level": max(wide, key=lambda one: (wide[one], -_WIDTH.index(one)))}
    rounds = TestingRound.objects.filter(within, outbreak=outbreak, key_group__isnull=True, opened_at__lte=as_of)
    recent = as_of - timedelta(days=RECENT_DAYS)
    begun = list(rounds.filter(opened_at__gt=recent).order_by("opened_at").values_list("opened_at", flat=True))
    if len(begun) > 1:
        found["round_every"] = max(round((begun[-1] - begun[0]).days / (len(begun) - 1)), 1)
    return found


def _closed_units(outbreak: Outbreak, within: Q, *, day: date, as_of: datetime) -> list[str]:
    zones = Zone.objects.filter(within, outbreak=outbreak, level__in=CLOSED, published_at__lte=as_of)
    decided = zones.exclude(lifted_at__lte=as_of).values_list("unit", flat=True)
    listed = OfficialArea.objects.filter(
        within, outbreak=outbreak, level__in=CLOSED, first_date__lte=day, last_date__gte=day
    )
    return [*decided, *listed.values_list("unit", flat=True)]
