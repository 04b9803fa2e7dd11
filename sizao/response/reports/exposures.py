"""What cases shared before they fell ill, as it was ranked on a day, and who of them a reader may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from sizao.records import access
from sizao.records.models import Account, Case, CaseChange, Contact, Outbreak, SharedExposure
from sizao.response.reports.lines import area_names, latest
from sizao.terms import CaseStatus, EventKind, ExposureScope, PlaceKind


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """One case in the graph: a number, never a name."""

    person: int
    number: str
    status: CaseStatus | None
    area_code: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """
    One shared place or event: how many cases were there, how many chance would have put there.

    `p_value` is the chance of so many by accident, `q_value` the same corrected for how many places were
    looked at. `elsewhere` counts those of its cases whom this reader may not see.
    """

    rank: int
    place: str
    place_kind: PlaceKind
    area: str
    area_code: str
    scope: ExposureScope
    kind: EventKind
    first_date: date
    last_date: date
    observed: int
    expected: float
    p_value: float
    q_value: float
    cases: tuple[CaseSeen, ...]
    elsewhere: int


def ranked_on(outbreak: Outbreak, day: date) -> date | None:
    """Say the latest day up to `day` on which shared exposures were ranked; None before the first."""
    return SharedExposure.objects.filter(outbreak=outbreak, as_of__lte=day).aggregate(at=Max("as_of"))["at"]


def exposures(
    outbreak: Outbreak, area_code: str, day: date, *, reader: Account, as_of: datetime, most: int
) -> list[Exposure]:
    """Give the highest ranked exposures of an area on a day, at most `most`; as they were ranked then."""
    ranked = ranked_on(outbreak, day)
    rows = SharedExposure.objects.filter(outbreak=outbreak, as_of=ranked, place__area_code__startswith=area_code)
    found = list(rows.select_related("place").order_by("rank")[:most])
    seen = _seen(outbreak, {one for row in found for one in row.people}, reader, as_of)
    names = area_names(row.place.area_code for row in found)
    return [_exposure(row, seen, names) for row in found]


def _seen(outbreak: Outbreak, people: set[int], reader: Account, as_of: datetime) -> dict[int, CaseSeen]:
    mine = access.people(reader).filter(pk__in=people)
    cases = Case.objects.filter(outbreak=outbreak, person__in=mine, opened_at__lte=as_of).select_related("person")
    found = list(cases)
    statuses = latest(CaseChange, "case", "status", CaseStatus, [case.pk for case in found], as_of)
    return {
        case.person_id: CaseSeen(case.person_id, case.person.number, statuses.get(case.pk), case.area_code)
        for case in found
    }


def _exposure(row: SharedExposure, seen: dict[int, CaseSeen], names: dict[str, str]) -> Exposure:
    cases = tuple(sorted((seen[one] for one in row.people if one in seen), key=lambda case: case.number))
    return Exposure(
        rank=row.rank,
        place=row.place.name,
        place_kind=PlaceKind(row.place.kind),
        area=names.get(row.place.area_code, row.place.area_code),
        area_code=row.place.area_code,
        scope=ExposureScope(row.scope),
        kind=EventKind(row.kind),
        first_date=row.first_date,
        last_date=row.last_date,
        observed=row.observed,
        expected=row.expected,
        p_value=row.p_value,
        q_value=row.q_value,
        cases=cases,
        elsewhere=len(row.people) - len(cases),
    )


def infected_by(outbreak: Outbreak, people: Iterable[int], *, as_of: datetime) -> list[tuple[int, int]]:
    """Give pairs of people (index case, contact) of whom the contact became a case, both among `people`."""
    among = list(people)
    known = Contact.objects.filter(
        outbreak=outbreak, person__in=among, index_case__person__in=among, found_at__lte=as_of
    ).filter(person__cases__outbreak=outbreak, person__cases__opened_at__lte=as_of)
    return list(known.values_list("index_case__person_id", "person_id"))
