"""
The rows behind the outlook: when cases fell ill, were found and set apart, as it was known at a moment.

A case counts on the civil day on which it was found, that is, entered as a case. Its onset is known once it
is investigated, and an onset after the chosen day is not known yet, whatever a later report says.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Case as Choice
from django.db.models import Count, F, OuterRef, Q, Subquery, When
from django.db.models.functions import TruncDate

from sizao.records.models import CaseChange, Contact, Outbreak, Stay, Test
from sizao.response.reports.line_list import UNDER_CONTROL_AT
from sizao.terms import CaseStatus

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CaseDays:
    """
    Cases that are alike, and how many: found on one day, ill since one day, set apart since one day.

    `onset` is None where it is not known or there are no symptoms; `isolated` is None where no stay in a
    room or bed that lasted to the day of being found, or began later, is on record.
    """

    found: date
    onset: date | None
    isolated: date | None
    count: int


@dataclass(frozen=True, slots=True)
class OutlookRows:
    """
    All that the outlook of one area on one day is computed from; equal rows give an equal outlook.

    `tests` are (day taken, day of the result, how many). `pairs` are the days of onset of linked cases,
    (who infected, who was infected), linked because the second was a named contact of the first; `linked`
    counts the cases so linked whether or not their onsets are known. `sources` are (day found, how many
    they infected) of the cases of the area that infected anybody by these links.
    """

    slug: str
    disease: str
    area_code: str
    day: date
    first_date: date
    cases: tuple[CaseDays, ...]
    tests: tuple[tuple[date, date, int], ...]
    pairs: tuple[tuple[date, date], ...]
    linked: int
    sources: tuple[tuple[date, int], ...] = ()

    @property
    def n_cases(self) -> int:
        return sum(one.count for one in self.cases)

    @property
    def n_onsets(self) -> int:
        """Cases whose onset is known."""
        return sum(one.count for one in self.cases if one.onset is not None)

    def found_by_day(self) -> dict[date, int]:
        """Count the cases found on each day from the first case, or the first day of the outbreak, to the day."""
        first = min([one.found for one in self.cases] + [self.first_date])
        counts = {first + n * A_DAY: 0 for n in range((self.day - first).days + 1)}
        for one in self.cases:
            counts[one.found] += one.count
        return counts


def gather(outbreak: Outbreak, area_code: str, *, day: date, as_of: datetime) -> OutlookRows:
    """Gather the rows of an area on `day`, by what was known at `as_of`; discarded cases are left out."""
    cases = standing(outbreak, area_code, as_of)
    links = _links(outbreak, cases, as_of)
    pairs = [(one.source_onset, one.onset) for one in links if one.source_onset and one.onset]
    return OutlookRows(
        slug=outbreak.slug,
        disease=outbreak.disease,
        area_code=area_code,
        day=day,
        first_date=outbreak.first_date,
        cases=tuple(_case_days(cases, day, as_of)),
        tests=tuple(_tests(outbreak, area_code, as_of)),
        pairs=tuple(sorted(pair for pair in pairs if max(pair) <= day)),
        linked=len(links),
        sources=_sources(links, set(cases.values_list("case", flat=True)) if links else set()),
    )


def standing(outbreak: Outbreak, area_code: str, as_of: datetime) -> models.QuerySet:
    """Give the last move of each case of an area that stood at a moment, by what was known then."""
    moves = CaseChange.objects.filter(case__outbreak=outbreak, case__area_code__startswith=area_code, at__lte=as_of)
    latest = moves.order_by("case_id", "-at", "-id").distinct("case_id").values("pk")
    return CaseChange.objects.filter(pk__in=latest).exclude(status=CaseStatus.DISCARDED)


def _case_days(cases: models.QuerySet, day: date, as_of: datetime) -> list[CaseDays]:
    # Somebody moved from a quarantine room to a bed was set apart since the room: the earliest of the stays that
    # had not ended before the case was found. A stay of an earlier year had.
    stays = Stay.objects.filter(
        Q(period__endswith__isnull=True) | Q(period__endswith__gte=OuterRef("case__opened_at") - A_DAY),
        person=OuterRef("case__person"),
        kind__in=UNDER_CONTROL_AT,
        recorded_at__lte=as_of,
    )
    onset = Choice(
        When(case__investigated_at__lte=as_of, case__onset_date__lte=day, then=F("case__onset_date")),
        output_field=models.DateField(),
    )
    groups = (
        cases.annotate(since=Subquery(stays.order_by("period").values("period__startswith")[:1]))
        .values(found=TruncDate("case__opened_at"), onset=onset, isolated=TruncDate("since"))
        .annotate(n=Count("id"))
        .order_by("found", "onset", "isolated")
    )
    return [CaseDays(one["found"], one["onset"], one["isolated"], one["n"]) for one in groups]


def _tests(outbreak: Outbreak, area_code: str, as_of: datetime) -> list[tuple[date, date, int]]:
    known = Test.objects.filter(outbreak=outbreak, area_code__startswith=area_code, recorded_at__lte=as_of)
    groups = known.filter(resulted_date__isnull=False).values("taken_date", "resulted_date").annotate(n=Count("id"))
    return [
        (one["taken_date"], one["resulted_date"], one["n"]) for one in groups.order_by("taken_date", "resulted_date")
    ]


@dataclass(frozen=True, slots=True)
class _Link:
    """A case and the one who infected it: who that was, when found, and both onsets, None where not known."""

    source: int
    source_found: date
    source_onset: date | None
    onset: date | None


def _links(outbreak: Outbreak, cases: models.QuerySet, as_of: datetime) -> list[_Link]:
    """Link cases of the area to those whose named contacts they were, by what was known at `as_of`."""

    def onset(case: str) -> Choice:
        known = {f"{case}__investigated_at__lte": as_of}
        return Choice(When(**known, then=F(f"{case}__onset_date")), output_field=models.DateField())

    # Asked apart: within the question, a plan made from old statistics looks the list up anew for every contact.
    inside = list(cases.values_list("case", flat=True))
    linked = Contact.objects.filter(
        outbreak=outbreak, found_at__lte=as_of, index_case__isnull=False, person__cases__in=inside
    ).annotate(found=TruncDate("index_case__opened_at"), first=onset("index_case"), second=onset("person__cases"))
    return [_Link(*row) for row in linked.values_list("index_case", "found", "first", "second")]


def _sources(links: list[_Link], inside: set[int]) -> tuple[tuple[date, int], ...]:
    times = Counter((one.source, one.source_found) for one in links if one.source in inside)
    return tuple(sorted((found, n) for (_, found), n in times.items()))
