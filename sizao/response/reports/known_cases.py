"""The cases of an outbreak as they were known at a moment, counted in groups that everything else is summed from."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.db.models import Case as Choice
from django.db.models import Count, F, When
from django.db.models.functions import Left, TruncDate

from sizao.records.models import CaseChange, Outbreak
from sizao.terms import AREA_DIGITS, AreaLevel, CaseStatus

COUNTY_DIGITS = AREA_DIGITS[AreaLevel.COUNTY]


@dataclass(frozen=True, slots=True)
class KnownCases:
    """
    Cases of one county that are alike, and how many.

    `status_date` is the civil day on which they took their present status; `onset_date` is None when they
    were not yet investigated, when the report names none, and when there are no symptoms. `county_code` is
    shorter than a county's where only a larger area is known.
    """

    county_code: str
    status: CaseStatus
    status_date: date
    onset_date: date | None
    count: int


def known_cases(outbreak: Outbreak, area_code: str, *, as_of: datetime) -> list[KnownCases]:
    """Count the standing cases of an area as they were known at `as_of`; discarded ones are left out."""
    moves = CaseChange.objects.filter(case__outbreak=outbreak, case__area_code__startswith=area_code, at__lte=as_of)
    latest = moves.order_by("case_id", "-at", "-id").distinct("case_id")
    onset = Choice(When(case__investigated_at__lte=as_of, then=F("case__onset_date")), output_field=models.DateField())
    groups = (
        CaseChange.objects.filter(pk__in=latest.values("pk"))
        .exclude(status=CaseStatus.DISCARDED)
        .values(county_code=Left("case__area_code", COUNTY_DIGITS), now=F("status"), since=TruncDate("at"), onset=onset)
        .annotate(count=Count("id"))
        .order_by()
    )
    return [
        KnownCases(group["county_code"], CaseStatus(group["now"]), group["since"], group["onset"], group["count"])
        for group in groups
    ]
