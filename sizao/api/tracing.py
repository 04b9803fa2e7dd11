"""Contacts, and the places that link more cases than chance would."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from sizao.api.door import Asked, AskedList, outbreak
from sizao.api.lines import Line, line_page
from sizao.api.shapes import PageOf, answers
from sizao.records.models import SharedExposure
from sizao.terms import ContactKind, ContactState, LineList, Right

router = Router(tags=["tracing"])


class ExposureOut(Schema):
    """A place that links cases before they fell ill: how many were there, how many chance would explain."""

    rank: int
    place: str
    area_code: str
    kind: str
    first_date: date
    last_date: date
    observed: int
    expected: float
    p_value: float
    q_value: float


class ExposuresOut(Schema):
    """The ranking of one day; null and empty before the first was made."""

    ranked_on: date | None
    rows: list[ExposureOut]


@router.get("/outbreaks/{slug}/contacts", response=answers(PageOf[Line]))
def list_contacts(
    request: HttpRequest,
    slug: str,
    asked: Query[AskedList],
    state: ContactState | None = None,
    kind: ContactKind | None = None,
    search: str = "",
) -> Any:
    """List the contacts of the jurisdiction with their state at the moment asked for."""
    return line_page(request, LineList.CONTACTS, slug, asked, status=state or "", kind=kind or "", search=search)


@router.get("/outbreaks/{slug}/exposures", response=answers(ExposuresOut))
def list_exposures(request: HttpRequest, slug: str, asked: Query[Asked]) -> Any:
    """Give the ranking of common exposures that was known at the moment asked for; it names places, not people."""
    within = outbreak(request, slug, to=Right.SITUATION_READ)
    known = SharedExposure.objects.filter(outbreak=within, as_of__lte=within.day_of(asked.moment(request)))
    latest = known.order_by("-as_of").values_list("as_of", flat=True).first()
    rows = known.filter(as_of=latest).select_related("place").order_by("rank") if latest else []
    return {"ranked_on": latest, "rows": [_exposure(row) for row in rows]}


def _exposure(row: SharedExposure) -> ExposureOut:
    return ExposureOut(
        rank=row.rank,
        place=row.place.name,
        area_code=row.place.area_code,
        kind=row.kind,
        first_date=row.first_date,
        last_date=row.last_date,
        observed=row.observed,
        expected=row.expected,
        p_value=row.p_value,
        q_value=row.q_value,
    )
