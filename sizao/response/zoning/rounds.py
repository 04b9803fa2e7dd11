"""The testing rounds of a zone: how many of its people were expected, explained, resulted and positive."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from sizao.records.models import TestingCount, TestingRound, Zone


@dataclass(frozen=True, slots=True)
class ZoneRound:
    """
    One round over a zone, counted for the area whose code the zone bears.

    A part of a village has no code of its own, so `is_wider` says that the figures are those of the whole village.
    """

    pk: int
    number: str
    begins_at: datetime
    expected: int
    explained: int
    resulted: int
    positive: int
    is_wider: bool

    @property
    def without_result(self) -> int:
        """Count the people of whom no result and no reason is known."""
        return max(0, self.expected - self.explained - self.resulted)

    @property
    def coverage(self) -> float | None:
        """Give the share of those expected who have a result or a reason; None where nobody was expected."""
        return 1 - self.without_result / self.expected if self.expected else None


def rounds_of(zone: Zone, area_code: str, *, as_of: datetime) -> list[ZoneRound]:
    """List the rounds over an area of a zone known at a moment, the latest first."""
    opened = TestingRound.objects.filter(outbreak=zone.outbreak, opened_at__lte=as_of).order_by("-begins_at", "-pk")
    over = [one for one in opened if any(area_code.startswith(code) for code in (one.areas or [one.area_code]))]
    return [_counted(one, zone, area_code, as_of) for one in over[:8]]


def _counted(one: TestingRound, zone: Zone, area_code: str, as_of: datetime) -> ZoneRound:
    counts = TestingCount.objects.filter(round=one, area_code__startswith=area_code, latest_at__lte=as_of)
    summed = counts.aggregate(**{name: Sum(name) for name in ("expected", "explained", "resulted", "positive")})
    figures = {name: value or 0 for name, value in summed.items()}
    is_wider = zone.place_id is not None or zone.boundary is not None
    return ZoneRound(one.pk, one.number, one.begins_at, is_wider=is_wider, **figures)
